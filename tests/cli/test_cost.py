"""``bankft cost``, run as its users run it."""

import json

import pytest

from bankft import data
from bankft.cases import fundbot


@pytest.fixture
def train(tmp_path):
    return data.write_jsonl(fundbot.conversations("train", 60), tmp_path / "train.jsonl")


def test_json(bankft, train):
    done = bankft("cost", "estimate", "train.jsonl", "--model", "gpt-4.1-mini", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["examples"] == 60
    assert said["n_epochs"] == 3
    assert said["trained_tokens"] == 3 * said["tokens"]
    assert said["usd"] == pytest.approx(said["trained_tokens"] * 5 / 1e6)
    assert said["fits"] is None
    assert said["price"]["shut"] == "2027-01-14"
    assert done.stderr == ""


def test_over_budget_is_exit_code_1_with_what_would_fit(bankft, train):
    ask = ["cost", "estimate", "train.jsonl", "--model", "gpt-4.1", "--epochs", "3"]
    free = json.loads(bankft(*ask, "--json").stdout)
    budget = str(free["usd_range"][1] * 0.7)
    done = bankft(*ask, "--budget", budget, "--json")
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["fits"] is False
    assert said["would_fit"]["n_epochs"] == 2
    assert 10 <= said["would_fit"]["examples"] < 60
    told = bankft(*ask, "--budget", budget, BANKFT_LANG="en")
    assert told.returncode == 1
    assert "2 epochs over all examples or the first" in told.stderr.splitlines()[-1]
    assert bankft(*ask, "--budget", "100", "--json").returncode == 0


def test_a_table_for_people(bankft, train):
    done = bankft("cost", "estimate", "train.jsonl", "--model", "bankft-nano")
    assert done.returncode == 0, done.stderr
    rows = dict(line.split("  ", 1) for line in done.stdout.splitlines() if "  " in line.strip())
    assert rows["examples"].strip() == "60"
    assert rows["cost"].strip() == "$0.00"
    assert "seconds" in rows


def test_from_standard_input(bankft, train):
    text = train.read_text(encoding="utf-8")
    done = bankft("cost", "estimate", "-", "--model", "gpt-4o", "--json", stdin=text)
    assert json.loads(done.stdout)["examples"] == 60


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--model", "gpt-9"], 2, "No price is known for gpt-9"),
        ([], 2, "'--model'"),
        (["--model", "gpt-4.1", "--budget", "-1"], 2, "'--budget'"),
        (["--model", "gpt-4.1", "--grader-tokens", "x"], 2, "400,150"),
        (["--model", "o4-mini", "--method", "reinforcement", "--budget", "9"], 2, "how many hours"),
        (["--model", "bankft-nano", "--like", "ftjob-bad"], 1, "tells no speed"),
    ],
)
def test_refusals_are_one_sentence(bankft, train, options, code, said):
    done = bankft("cost", "estimate", "train.jsonl", *options)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_line_is_named(bankft, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"messages": []}\n{\n', encoding="utf-8")
    done = bankft("cost", "estimate", "bad.jsonl", "--model", "gpt-4.1")
    assert done.returncode == 1
    assert "bad.jsonl:2:" in done.stderr
