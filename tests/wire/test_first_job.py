"""The road of the first lesson: upload, train, watch, look at the numbers, chat."""

import csv
import io
import re
import time

import pytest

from .server import ended, messages, supervised, upload

pytestmark = pytest.mark.service


def test_job_runs_to_its_end_as_asked(trained):
    assert trained.status == "succeeded"
    assert trained.error is None
    assert re.fullmatch(r"ft:bankft-nano:bankft:fundbot-v1:\w{8}", trained.fine_tuned_model)
    # What was asked stays; what was left to the service is a number now.
    assert trained.hyperparameters.n_epochs == 2
    assert trained.hyperparameters.batch_size == 2
    assert isinstance(trained.hyperparameters.learning_rate_multiplier, float)
    assert trained.method.supervised.hyperparameters.n_epochs == 2
    assert trained.seed == 7
    assert trained.metadata == {"case": "fundbot", "version": "v1"}
    assert trained.trained_tokens > 0
    assert trained.estimated_finish is None
    assert trained.created_at <= trained.finished_at <= time.time() + 1


def test_events_come_in_openai_s_order_and_words(client, trained):
    told = messages(client, trained.id)
    assert told[:4] == [
        f"Created fine-tuning job: {trained.id}",
        f"Validating training file: {trained.training_file}"
        f" and validation file: {trained.validation_file}",
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
    ]
    assert told[-2:] == ["New fine-tuned model created", "The job has successfully completed"]
    steps = [line for line in told if line.startswith("Step")]
    assert len(steps) == 12  # 12 examples, 2 a step, twice
    assert re.fullmatch(r"Step 1/12: training loss=\d+\.\d\d", steps[0])
    # The tenth step measures a part of the validation file, an epoch's end all of it.
    assert re.fullmatch(r"Step 10/12: training loss=\d+\.\d\d, validation loss=\d+\.\d\d", steps[9])
    assert "full validation loss=" in steps[11]


def test_metrics_events_carry_openai_s_keys(client, trained):
    events = list(client.fine_tuning.jobs.list_events(trained.id, limit=100))
    metrics = [event.data for event in events if event.type == "metrics"][::-1]
    assert [step["step"] for step in metrics] == list(range(1, 13))
    assert set(metrics[0]) == {"step", "total_steps", "train_loss", "train_mean_token_accuracy"}
    assert {"valid_loss", "valid_mean_token_accuracy"} <= set(metrics[9])
    assert {"full_valid_loss", "full_valid_mean_token_accuracy"} <= set(metrics[11])
    assert metrics[0]["train_loss"] > metrics[-1]["train_loss"]  # it learns
    for event in events:
        assert event.id.startswith("ftevent-")
        assert event.level == "info"


def test_a_checkpoint_an_epoch(client, trained):
    found = list(client.fine_tuning.jobs.checkpoints.list(trained.id))
    assert [checkpoint.step_number for checkpoint in found] == [12, 6]  # newest first
    for checkpoint in found:
        name = f"{trained.fine_tuned_model}:ckpt-step-{checkpoint.step_number}"
        assert checkpoint.fine_tuned_model_checkpoint == name
        assert checkpoint.metrics.full_valid_loss > 0
        assert client.models.retrieve(name).id == name


def test_result_file_is_openai_s_table(client, trained):
    (file_id,) = trained.result_files
    assert client.files.retrieve(file_id).purpose == "fine-tune-results"
    text = client.files.content(file_id).text
    assert text.startswith(
        "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy,"
        "full_valid_loss,full_valid_mean_token_accuracy\n1,"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 12
    assert rows[0]["valid_loss"] == ""
    assert float(rows[9]["valid_loss"]) > 0
    assert float(rows[11]["full_valid_loss"]) > 0


def test_models_start_with_the_base_model(client, trained):
    names = [model.id for model in client.models.list()]
    assert names[0] == "bankft-nano"
    assert trained.fine_tuned_model in names


@pytest.mark.parametrize("which", ["base", "fine-tuned", "checkpoint"])
def test_chat_with_each_kind_of_model(client, trained, which):
    model = {
        "base": "bankft-nano",
        "fine-tuned": trained.fine_tuned_model,
        "checkpoint": f"{trained.fine_tuned_model}:ckpt-step-6",
    }[which]
    ask = {
        "model": model,
        "messages": [{"role": "user", "content": "管理费是多少？"}],
        "max_completion_tokens": 12,
        "seed": 3,
    }
    first, again = (client.chat.completions.create(**ask) for _ in range(2))
    assert first.choices[0].message.content == again.choices[0].message.content  # same seed
    assert first.model == model
    assert re.fullmatch(r"fp_[0-9a-f]{10}", first.system_fingerprint)
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens
    assert 0 < first.usage.completion_tokens <= 12
    assert first.id != again.id


def test_training_goes_on_from_a_fine_tuned_model(client, trained):
    job = client.fine_tuning.jobs.create(
        model=trained.fine_tuned_model,
        training_file=upload(client, 10),
        hyperparameters={"n_epochs": 1, "batch_size": 10},  # the older place for them
    )
    assert job.method.supervised.hyperparameters.n_epochs == 1
    assert supervised(n_epochs=1)["type"] == job.method.type
    done = ended(client, job.id)
    assert re.fullmatch(r"ft:bankft-nano:bankft::\w{8}", done.fine_tuned_model)
    assert client.models.delete(done.fine_tuned_model).deleted
    # The checkpoint is a model of its own and outlives it.
    (checkpoint,) = client.fine_tuning.jobs.checkpoints.list(job.id)
    answer = client.chat.completions.create(
        model=checkpoint.fine_tuned_model_checkpoint,
        messages=[{"role": "user", "content": "你好"}],
        max_tokens=2,
    )
    assert answer.usage.completion_tokens > 0
