"""Preference pairs and rewards, driven by the plain SDK over a real port."""

import csv
import io
import json
import re

import openai
import pytest

from bankft import graders

from . import examples
from .examples import MULTI, PYTHON, SHORT, items, ours, pairs, preference, put, reinforcement
from .server import ended, messages, supervised, upload

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]
WAIT = 800  # seconds: the tests run on machines that are busy with others
sandboxed = pytest.mark.skipif(not graders.available(), reason="no sandbox works here")


def raw(server, path):
    status, body = server.get(f"/v1{path}")
    assert status == 200, body
    return json.loads(body)


def rows(client, job):
    return list(csv.DictReader(io.StringIO(client.files.content(job.result_files[0]).text)))


def metrics(client, job):
    events = client.fine_tuning.jobs.list_events(job.id, limit=100)
    return [event.data for event in events if event.type == "metrics"][::-1]


@pytest.fixture(scope="module")
def files(server):
    """Train and validation files of items and of pairs."""
    with server.client() as client:
        return {
            "items": put(client, items(10)),
            "held items": put(client, items(3, "valid")),
            "pairs": put(client, pairs(10)),
            "held pairs": put(client, pairs(3, "valid")),
        }


def reward_job(client, files, method, **options):
    return client.fine_tuning.jobs.create(
        model="bankft-nano",
        training_file=files["items"],
        validation_file=files["held items"],
        seed=3,
        method=method,
        extra_body=ours(**{**SHORT, **options}),
    )


def pair_job(client, files, method, **options):
    return client.fine_tuning.jobs.create(
        model="bankft-nano",
        training_file=files["pairs"],
        validation_file=files["held pairs"],
        seed=3,
        method=method,
        extra_body=ours(**options) if options else None,
    )


@pytest.fixture(scope="module")
def by_multi(server, files):
    """A job that learns from a multi grader: a source and a measure."""
    with server.client() as client:
        job = reward_job(client, files, reinforcement(MULTI, reasoning_effort="high"), kl=0.05)
        yield ended(client, job.id, WAIT)


@pytest.fixture(scope="module")
def reward_model(server, files):
    with server.client() as client:
        job = pair_job(client, files, preference(), objective="reward_model", dropout=0.1)
        yield ended(client, job.id, WAIT)


# -- Reinforcement ---------------------------------------------------------------------------------


@sandboxed
def test_reinforcement_runs_to_its_end(client, server, by_multi):
    assert (by_multi.status, by_multi.error) == ("succeeded", None)
    shown = raw(server, f"/fine_tuning/jobs/{by_multi.id}")
    settings = shown["method"]["reinforcement"]
    assert settings["grader"] == MULTI  # as it was sent, its graders by name
    assert settings["hyperparameters"] == {
        "n_epochs": 1,
        "batch_size": 5,
        "compute_multiplier": 0.25,
        "eval_interval": 1,
        "learning_rate_multiplier": 1.0,
        "eval_samples": 1,
        "reasoning_effort": "high",
    }
    assert shown["hyperparameters"] == {}  # OpenAI shows them here for supervised jobs alone
    assert shown["bankft"] == {"max_tokens": 16, "kl": 0.05}
    assert by_multi.trained_tokens > 0
    assert by_multi.estimated_finish is None
    answer = client.chat.completions.create(
        model=by_multi.fine_tuned_model,
        messages=[{"role": "user", "content": "管理费是多少？"}],
        max_tokens=4,
    )
    assert answer.usage.completion_tokens > 0


@sandboxed
def test_reinforcement_brings_an_eval_with_its_grader(client, by_multi):
    made = client.evals.retrieve(by_multi.eval_id)
    assert {one.name for one in made.testing_criteria} == set(MULTI["graders"])


def test_reinforcement_is_told_in_openai_s_words(client, by_multi):
    told = messages(client, by_multi.id)
    assert told[2:5] == [
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
        "reasoning_effort has no effect here: "
        "the model answers at once, it does not reason before.",
    ]
    assert re.fullmatch(
        r"Step 1/2 , train mean reward=\d\.\d\d, full validation mean reward=\d\.\d\d, "
        r"full validation mean parse error=0\.00, KL=0\.0000",
        told[5],
    )
    assert told[6] == "Checkpoint created at step 1"
    assert told[-2:] == ["New fine-tuned model created", "The job has successfully completed"]


@sandboxed
def test_reinforcement_events_carry_openai_s_keys(client, by_multi):
    first, second = metrics(client, by_multi)
    assert (first["step"], second["step"], first["total_steps"]) == (1, 2, 2)
    assert {
        "train_mean_reward",
        "full_valid_mean_reward",
        "full_valid_mean_parse_error",
        "reasoning_tokens_mean",
        "completion_tokens_mean",
        "valid_reasoning_tokens_mean",
        "mean_unresponsive_rewards",
    } <= set(second)
    assert {"kl", "entropy", "clip_fraction", "grad_norm", "reward_std"} <= set(second)  # ours
    scores = second["scores"]
    assert scores["train_reward_mean"] == second["train_mean_reward"]
    assert scores["valid_reward_mean"] == second["full_valid_mean_reward"]
    kinds = [(part["name"], part["type"]) for part in scores["graders"]]
    assert kinds == [("short", "python"), ("alike", "text_similarity")]
    for kind in ("train_reward_mean", "valid_reward_mean"):
        half = [0.5 * part[kind] for part in scores["graders"]]
        assert sum(half) == pytest.approx(scores[kind], abs=2e-5)
    assert set(second["timing"]["step"]) == {"sampling", "training", "eval", "full_iteration"}


@sandboxed
def test_reinforcement_s_result_file(client, by_multi):
    found = rows(client, by_multi)
    assert list(found[0])[:10] == [
        "step",
        "train_mean_reward",
        "full_valid_mean_reward",
        "completion_tokens_mean",
        "reasoning_tokens_mean",
        "mean_unresponsive_rewards",
        "sampling_duration",
        "training_duration",
        "eval_duration",
        "total_duration",
    ]
    for column in (
        "kl",
        "scores/graders/python/short/train_reward_mean",
        "scores/graders/text_similarity/alike/valid_reward_mean",
    ):
        assert float(found[1][column]) >= 0
    assert [row["step"] for row in found] == ["1", "2"]
    data = metrics(client, by_multi)
    assert [float(row["train_mean_reward"]) for row in found] == [
        one["train_mean_reward"] for one in data
    ]


@sandboxed
def test_reinforcement_s_checkpoints_are_ranked(client, by_multi):
    found = list(client.fine_tuning.jobs.checkpoints.list(by_multi.id))
    assert [one.step_number for one in found] == [2, 1]
    assert all("scores" not in one.metrics.to_dict() for one in found)
    best = min(found, key=lambda one: one.metrics.to_dict()["valid_rank"])
    rewards = [one.metrics.to_dict()["full_valid_mean_reward"] for one in found]
    assert best.metrics.to_dict()["full_valid_mean_reward"] == max(rewards)
    assert client.models.retrieve(best.fine_tuned_model_checkpoint)


@sandboxed
def test_python_grader_that_fails_earns_nothing_and_is_counted(client, files):
    broken = {**PYTHON, "source": "def grade(sample, item):\n    return item['nowhere']"}
    method = reinforcement(broken, n_epochs=3, eval_interval=6)
    done = ended(client, reward_job(client, files, method, algorithm="ppo").id, WAIT)
    assert done.status == "succeeded"
    first, *_, last = metrics(client, done)
    assert first["train_mean_reward"] == 0
    assert "full_valid_mean_reward" not in first  # validated at the sixth step alone
    assert "value_loss" in last
    (told,) = last["errors"]["graders"]
    assert told["name"] == "short"
    assert told["train_python_grader_runtime_error_mean"] == 1
    assert told["valid_python_grader_runtime_error_mean"] == 1
    column = "errors/graders/python/short/errors/train_python_grader_runtime_error_mean"
    assert float(rows(client, done)[-1][column]) == 1
    events = client.fine_tuning.jobs.list_events(done.id, limit=100)
    warned = [event.message for event in events if event.level == "warn"]
    # Three steps say what the beginning was like; the fourth warns.
    assert any(line.startswith("Step 4: flat_groups: in 100% of the groups") for line in warned)


def test_answers_of_another_form_than_asked_earn_nothing(client, files):
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
    job = reward_job(client, files, reinforcement(examples.ALIKE, form, batch_size=10))
    done = ended(client, job.id, WAIT)
    (only,) = metrics(client, done)
    assert only["train_mean_reward"] == only["full_valid_mean_reward"] == 0
    assert only["full_valid_mean_parse_error"] == 1  # no answer of this model is JSON
    shown = done.method.reinforcement.to_dict()
    assert shown["response_format"] == form


def test_a_served_model_grades(client, files):
    """The small model is no judge: its words are no score, and that is counted."""
    judge = examples.scored_by("bankft-nano", sampling_params={"max_completions_tokens": 4})
    job = reward_job(client, files, reinforcement(judge, batch_size=10))
    done = ended(client, job.id, WAIT)
    assert done.status == "succeeded", done.error
    (told,) = metrics(client, done)[0]["errors"]["graders"]
    assert told["train_model_grader_parse_error_mean"] > 0.5


# -- Preference pairs ------------------------------------------------------------------------------


def test_dpo(client, server, files):
    done = ended(client, pair_job(client, files, preference(beta=0.2)).id, WAIT)
    assert (done.status, done.error) == ("succeeded", None)
    shown = raw(server, f"/fine_tuning/jobs/{done.id}")
    assert shown["method"]["dpo"]["hyperparameters"] == {
        "n_epochs": 1,
        "batch_size": 5,
        "learning_rate_multiplier": 1.0,
        "beta": 0.2,
    }
    assert "bankft" not in shown
    first, second = metrics(client, done)
    assert {"train_loss", "train_reward_accuracy", "train_reward_margin"} <= set(first)
    assert {"full_valid_loss", "full_valid_reward_accuracy"} <= set(second)
    assert re.match(
        r"Step 2/2: training loss=\d\.\d\d, full validation loss=\d\.\d\d, reward accuracy=",
        next(line for line in messages(client, done.id) if line.startswith("Step 2")),
    )
    assert list(rows(client, done)[0])[:4] == [
        "step",
        "train_loss",
        "valid_loss",
        "full_valid_loss",
    ]
    assert client.chat.completions.create(
        model=done.fine_tuned_model, messages=[{"role": "user", "content": "x"}], max_tokens=2
    ).choices


def test_reward_model_scores_and_answers_nothing(client, reward_model):
    assert (reward_model.status, reward_model.error) == ("succeeded", None)
    assert reward_model.to_dict()["bankft"] == {"objective": "reward_model", "dropout": 0.1}
    name = reward_model.fine_tuned_model
    with pytest.raises(openai.BadRequestError, match="is a reward model") as problem:
        client.chat.completions.create(model=name, messages=[{"role": "user", "content": "x"}])
    assert problem.value.param == "model"
    with pytest.raises(openai.BadRequestError, match="is a reward model"):
        client.fine_tuning.jobs.create(model=name, training_file=reward_model.training_file)
    assert client.models.retrieve(name).id == name

    def score(answer, **more):
        return client.fine_tuning.alpha.graders.run(
            grader=examples.scored_by(name, **more), model_sample=answer, item={"question": "？"}
        )

    answers = [score(text) for text in ("管理费为每年1.20%。", "保本，一定赚钱！")]
    assert not any(answers[0].metadata.errors.to_dict().values())
    assert answers[0].reward != answers[1].reward
    assert answers[0].metadata.sampled_model_name == name
    # Without a range a score stays as it is; a range cuts it.
    cut = [score(text, range=[100, 101]).reward for text in ("管理费", "保本")]
    assert cut == [100, 100]


def test_reward_model_is_a_job_s_grader(client, files, reward_model):
    grader = examples.scored_by(reward_model.fine_tuned_model)
    job = reward_job(client, files, reinforcement(grader, batch_size=10), algorithm="ppo")
    done = ended(client, job.id, WAIT)
    assert done.status == "succeeded", done.error
    (only,) = metrics(client, done)
    assert only["train_mean_reward"] != 0
    assert only["errors"]["graders"] == []


def test_old_names_of_a_pair_s_answers(client, files):
    old = {
        "preferred_output": "preferred_completion",
        "non_preferred_output": "non_preferred_completion",
    }
    written = [{old.get(k, k): v for k, v in pair.items()} for pair in pairs(10)]
    job = client.fine_tuning.jobs.create(
        model="bankft-nano", training_file=put(client, written), method=preference(batch_size=10)
    )
    assert ended(client, job.id, WAIT).status == "succeeded"


# -- Supervised, with what OpenAI has no word for --------------------------------------------------


def test_lora_and_what_keeps_from_forgetting(client):
    job = client.fine_tuning.jobs.create(
        model="bankft-nano",
        training_file=upload(client, 10),
        validation_file=upload(client, 3, "valid"),
        method=supervised(n_epochs=2, batch_size=5),
        extra_body=ours(
            lora={"r": 4, "targets": ["q_proj", "v_proj"]}, keep={"general": 0.2}, early_stop=2
        ),
    )
    done = ended(client, job.id, WAIT)
    assert (done.status, done.error) == ("succeeded", None)
    assert done.to_dict()["bankft"] == {
        "lora": {"r": 4, "alpha": 16, "dropout": 0.0, "targets": ["q_proj", "v_proj"]},
        "keep": {"general": 0.2},
        "early_stop": 2,
    }
    answer = client.chat.completions.create(
        model=done.fine_tuned_model, messages=[{"role": "user", "content": "x"}], max_tokens=2
    )
    assert answer.choices
    # The adapter is merged: a checkpoint is a whole model too.
    checkpoint = client.fine_tuning.jobs.checkpoints.list(done.id).data[0]
    assert client.chat.completions.create(
        model=checkpoint.fine_tuned_model_checkpoint,
        messages=[{"role": "user", "content": "x"}],
        max_tokens=2,
    ).choices


def test_a_setting_that_the_model_cannot_have_ends_the_job_in_a_sentence(client):
    job = client.fine_tuning.jobs.create(
        model="bankft-nano",
        training_file=upload(client, 10),
        extra_body=ours(lora={"targets": ["no_proj"]}),
    )
    done = ended(client, job.id, WAIT)
    assert (done.status, done.error.code) == ("failed", "training_failed")
    assert "no_proj" in done.error.message
    assert "q_proj" in done.error.message
