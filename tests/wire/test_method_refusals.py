"""What jobs of preference pairs and rewards refuse: at once, or when their files are read."""

import json

import openai
import pytest

from . import examples
from .examples import ALIKE, EXACT, PYTHON, items, ours, pairs, preference, put, reinforcement
from .server import ended, supervised, upload
from .test_refusals import JOBS, refused

pytestmark = pytest.mark.service

GRADER = "method.reinforcement.grader"
HYPER = "method.reinforcement.hyperparameters"


def rft(**hyperparameters):
    return {"method": reinforcement(EXACT, **hyperparameters)}


def dpo(**hyperparameters):
    return {"method": preference(**hyperparameters)}


def graded(grader, **more):
    return {"method": {"type": "reinforcement", "reinforcement": {"grader": grader, **more}}}


FORM = {"type": "json_schema", "json_schema": {"name": "a"}}


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        # Hyperparameters, at the ends of the ranges of OpenAI's description.
        (dpo(beta=0), "method.dpo.hyperparameters.beta", "decimal_below_min_value"),
        (dpo(beta=2.01), "method.dpo.hyperparameters.beta", "above_max_value"),
        (dpo(beta="0.1"), "method.dpo.hyperparameters.beta", "invalid_value"),
        (dpo(n_epochs=51), "method.dpo.hyperparameters.n_epochs", "above_max_value"),
        (rft(compute_multiplier=0.00001), f"{HYPER}.compute_multiplier", "decimal_below_min_value"),
        (rft(compute_multiplier=10.5), f"{HYPER}.compute_multiplier", "above_max_value"),
        (rft(eval_interval=0), f"{HYPER}.eval_interval", "below_min_value"),
        (rft(eval_samples=0), f"{HYPER}.eval_samples", "below_min_value"),
        (rft(eval_samples=1.5), f"{HYPER}.eval_samples", "invalid_type"),
        (rft(reasoning_effort="extreme"), f"{HYPER}.reasoning_effort", "invalid_value"),
        (rft(batch_size=257), f"{HYPER}.batch_size", "above_max_value"),
        (rft(beta=0.1), f"{HYPER}.beta", "unknown_parameter"),
        # One method's settings are no other's.
        ({"method": {"type": "dpo", "supervised": {}}}, "method.supervised", "invalid_value"),
        ({"method": {"type": "reinforcement"}}, GRADER, "missing_required_parameter"),
        (
            {"method": {"type": "reinforcement", "reinforcement": {}}},
            GRADER,
            "missing_required_parameter",
        ),
        ({**dpo(), "hyperparameters": {}}, "hyperparameters", "invalid_value"),
        ({**rft(), "validation_file": None}, "validation_file", "missing_required_parameter"),
        # Graders.
        (graded("exact"), GRADER, "invalid_type"),
        (graded({**EXACT, "operation": "same"}), GRADER, "invalid_grader"),
        (graded({**PYTHON, "source": "def grade("}), GRADER, "invalid_grader"),
        (graded({**ALIKE, "evaluation_metric": "cosine"}), GRADER, "unsupported_value"),
        (graded(examples.scored_by("gpt-9")), GRADER, "model_not_found"),
        (
            graded(
                {
                    "type": "multi",
                    "graders": {"a": EXACT, "b": examples.scored_by("ft:no:such:model")},
                    "calculate_output": "a + b",
                }
            ),
            GRADER,
            "model_not_found",
        ),
        (
            graded(
                {
                    **examples.scored_by("bankft-nano"),
                    "type": "label_model",
                    "labels": ["a", "b"],
                    "passing_labels": ["a"],
                }
            ),
            GRADER,
            "unsupported_value",
        ),
        (
            graded(EXACT, response_format={"type": "text"}),
            "method.reinforcement.response_format.type",
            "invalid_value",
        ),
        (
            graded(EXACT, response_format={**FORM, "json_schema": {"name": "a b"}}),
            "method.reinforcement.response_format.json_schema.name",
            "invalid_value",
        ),
        # Ours.
        ({"bankft": []}, "bankft", "invalid_type"),
        ({"bankft": {"kl": 0.1}}, "bankft.kl", "unknown_parameter"),  # of another method
        ({"bankft": {"lora": {"rank": 8}}}, "bankft.lora.rank", "unknown_parameter"),
        ({"bankft": {"lora": {"r": 0}}}, "bankft.lora.r", "below_min_value"),
        ({"bankft": {"keep": {"general": 0.6}}}, "bankft.keep.general", "above_max_value"),
        ({"bankft": {"early_stop": 0}}, "bankft.early_stop", "below_min_value"),
        ({"bankft": {"early_stop": 1}, "validation_file": None}, "bankft.early_stop", ...),
        ({**dpo(), "bankft": {"objective": "kto"}}, "bankft.objective", "invalid_value"),
        ({**dpo(), "bankft": {"dropout": 0.1}}, "bankft.dropout", "invalid_value"),
        ({**dpo(), "bankft": {"label_smoothing": 0.5}}, "bankft.label_smoothing", ...),
        (
            {**dpo(beta=0.1), "bankft": {"objective": "reward_model"}},
            "method.dpo.hyperparameters.beta",
            "invalid_value",
        ),
        ({**rft(), "bankft": {"algorithm": "reinforce"}}, "bankft.algorithm", "invalid_value"),
        ({**rft(), "bankft": {"kl": -1}}, "bankft.kl", "below_min_value"),
        ({**rft(), "bankft": {"group_size": 1}}, "bankft.group_size", "below_min_value"),
        # what is dropped while learning was not while sampling
        ({**rft(), "bankft": {"lora": {"dropout": 0.1}}}, "bankft.lora.dropout", "invalid_value"),
        ({**rft(), "bankft": {"keep": {}}}, "bankft.keep", "unknown_parameter"),
    ],
    ids=str,
)
def test_at_once(server, file_ids, body, param, code):
    body = {"model": "bankft-nano", **file_ids, **body}
    refused(server.send("POST", JOBS, json.dumps(body).encode()), 400, param, code)


@pytest.fixture(scope="module")
def file_ids(server):
    with server.client() as client:
        ids = upload(client, 10), upload(client, 3, "valid")
    return dict(zip(("training_file", "validation_file"), ids, strict=True))


def failure(client, method, training, validation=None):
    """Create a job that its files end; return its error."""
    named = {"validation_file": put(client, validation)} if validation else {}
    job = client.fine_tuning.jobs.create(
        model="bankft-nano", training_file=put(client, training), method=method, **named
    )
    done = ended(client, job.id)
    assert done.status == "failed"
    return done


@pytest.mark.parametrize(
    ("method", "training", "said"),
    [
        # In OpenAI's words, as far as they are known.
        (
            preference(),
            lambda: items(10),
            "Input file {file} is in the fine-tune-chat format, but the specified fine-tuning job "
            "is not using 'supervised' as the training method (provided method=dpo).",
        ),
        (
            supervised(),
            lambda: pairs(10),
            "Input file {file} is in the fine-tune-preference format, but the specified "
            "fine-tuning job is not using 'dpo' as the training method (provided "
            "method=supervised).",
        ),
        (
            preference(),
            lambda: [*pairs(9), {**pairs(1)[0], "preferred_output": []}],
            "Line 10, preferred_output: ",
        ),
    ],
    ids=["chat for dpo", "pairs for supervised", "a broken pair"],
)
def test_files_of_the_wrong_shape(client, method, training, said):
    done = failure(client, method, training())
    assert (done.error.code, done.error.param) == ("invalid_training_file", "training_file")
    assert done.error.message.startswith(
        "The job failed due to an invalid training file. Invalid file format. "
        + said.format(file=done.training_file)
    )


def test_files_of_reinforcement(client):
    from bankft.cases import fundbot

    talks = fundbot.conversations("train", 10, language="zh")
    done = failure(client, reinforcement(EXACT), talks, items(3))
    assert "fine-tune-chat format" in done.error.message
    done = failure(client, reinforcement(EXACT), items(9), items(3))
    assert done.error.code == "invalid_n_examples"
    assert done.error.message == (
        "Training file has 9 example(s), but must have at least 10 examples"
    )
    done = failure(client, reinforcement(EXACT), items(10), pairs(3))
    assert (done.error.code, done.error.param) == ("invalid_validation_file", "validation_file")


@pytest.mark.parametrize("route", ["run", "validate"])
def test_a_grader_s_model_must_be_there(client, route):
    alpha = client.fine_tuning.alpha.graders
    call = {
        "run": lambda g: alpha.run(grader=g, model_sample="x"),
        "validate": lambda g: alpha.validate(grader=g),
    }
    with pytest.raises(openai.BadRequestError) as problem:
        call[route](examples.scored_by("gpt-9"))
    assert (problem.value.param, problem.value.code) == ("grader", "model_not_found")
    assert "'gpt-9'" in problem.value.message


def test_what_is_neutral_is_accepted(client, file_ids):
    job = client.fine_tuning.jobs.create(model="bankft-nano", **file_ids, extra_body=ours())
    assert "bankft" not in job.to_dict()
    client.fine_tuning.jobs.cancel(job.id)
