"""`bankft jobs create` for every method: what the request says."""

import json

import pytest

GRADER = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "operation": "eq",
}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "train.jsonl").write_text("{}\n")
    (tmp_path / "valid.jsonl").write_text("{}\n")
    (tmp_path / "grader.json").write_text(json.dumps(GRADER))
    (tmp_path / "form.json").write_text(json.dumps({"type": "json_schema"}))
    (tmp_path / "broken.json").write_text(json.dumps({**GRADER, "operation": "same"}))


TRAIN = ["jobs", "create", "--training-file", "train.jsonl"]
VALID = ["--validation-file", "valid.jsonl"]
RFT = [*TRAIN, *VALID, "--method", "reinforcement", "--grader", "grader.json"]


@pytest.mark.parametrize(
    ("arguments", "method", "ours"),
    [
        (TRAIN, {"type": "supervised", "supervised": {"hyperparameters": {}}}, None),
        # OpenAI's settings go where OpenAI has them, every other under bankft.
        (
            [*TRAIN, "--set", "n_epochs=2", "--set", "lora.r=4", "--set", "lora.alpha=8.5"],
            {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
            {"lora": {"r": 4, "alpha": 8.5}},
        ),
        (
            [*TRAIN, "--method", "dpo", "--set", "beta=auto", "--epochs", "1"],
            {"type": "dpo", "dpo": {"hyperparameters": {"beta": "auto", "n_epochs": 1}}},
            None,
        ),
        (
            [*TRAIN, "--method", "dpo", "--set", "objective=reward_model"],
            {"type": "dpo", "dpo": {"hyperparameters": {}}},
            {"objective": "reward_model"},
        ),
        (
            [*RFT, "--set", "eval_interval=5", "--set", "kl=0.05", "--response-format=form.json"],
            {
                "type": "reinforcement",
                "reinforcement": {
                    "grader": GRADER,
                    "response_format": {"type": "json_schema"},
                    "hyperparameters": {"eval_interval": 5},
                },
            },
            {"kl": 0.05},
        ),
    ],
    ids=["supervised", "lora", "dpo", "reward model", "reinforcement"],
)
def test_request(bankft, server, files, arguments, method, ours):
    done = bankft(*arguments)
    assert done.returncode == 0, done.stderr
    asked = server.requests[-1][1]
    assert asked["method"] == method
    assert asked.get("bankft") == ours


def test_grader_from_stdin(bankft, server, files):
    done = bankft(*RFT[:-1], "-", stdin=json.dumps(GRADER))
    assert done.returncode == 0, done.stderr
    assert server.requests[-1][1]["method"]["reinforcement"]["grader"] == GRADER


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([*TRAIN, "--method", "reinforcement"], 2, "give --grader"),
        ([*TRAIN, "--grader", "grader.json"], 2, "--method reinforcement"),
        ([*TRAIN, "--response-format", "form.json"], 2, "--method reinforcement"),
        ([*TRAIN, "--set", "beta"], 2, "not of the form key=value"),
        ([*TRAIN, "--set", "n_epochs=2", "--epochs", "3"], 2, "n_epochs is given twice"),
        ([*TRAIN, "--set", "kl=1", "--set", "kl=2"], 2, "kl is given twice"),
        ([*TRAIN, "--set", "lora=1", "--set", "lora.r=2"], 2, "set inside lora"),
        ([*TRAIN, "--method", "ppo"], 2, "reinforcement"),
        ([*RFT[:-1], "broken.json"], 1, "'operation' must be one of"),
        ([*RFT[:-1], "missing.json"], 1, "missing.json cannot be read"),
    ],
    ids=lambda value: " ".join(value[4:]) if isinstance(value, list) else None,
)
def test_used_wrongly(bankft, server, files, arguments, code, said):
    done = bankft(*arguments)
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not server.requests  # nothing was uploaded
