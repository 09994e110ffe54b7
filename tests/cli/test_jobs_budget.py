"""A budget stops a job before anything is uploaded."""

import pytest

from bankft import data
from bankft.cases import fundbot


@pytest.fixture
def create(bankft, tmp_path):
    data.write_jsonl(fundbot.conversations("train", 60), tmp_path / "train.jsonl")

    def run(*options, file="train.jsonl"):
        return bankft("jobs", "create", "--training-file", file, *options)

    return run


def test_a_job_within_its_budget_is_created(create, server):
    done = create("--model", "gpt-4.1-mini", "--budget", "5", "--epochs", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ftjob-new\n"
    assert "within the budget of $5.00" in done.stderr
    assert [path for path, _ in server.requests] == ["/files", "/fine_tuning/jobs"]


def test_a_job_beyond_it_is_not(create, server):
    done = create("--model", "gpt-4.1", "--budget", "0.2", "--epochs", "3")
    assert done.returncode == 1
    assert "more than the budget of $0.20" in done.stderr
    assert "epoch" in done.stderr
    assert done.stdout == ""
    assert server.requests == []  # nothing left the machine


def test_the_embedded_model_costs_no_money(create):
    assert create("--budget", "0").returncode == 0


def test_a_contract_s_price(create, server):
    done = create("--model", "qwen-32b", "--budget", "1", "--price", "1000")
    assert done.returncode == 1
    assert server.requests == []


@pytest.mark.parametrize(
    ("options", "file", "code", "said"),
    [
        (["--price", "1"], "train.jsonl", 2, "give both"),
        (["--model", "gpt-9", "--budget", "1"], "train.jsonl", 2, "No price is known"),
        (["--budget", "1"], "none.jsonl", 2, "no file 'none.jsonl' here"),
        (["--budget", "1"], "file-none", 1, "HTTP 404"),
        (["--budget", "1"], "file-results", 1, r"file-results.jsonl:1:"),  # it is a CSV
    ],
)
def test_refusals(create, options, file, code, said):
    done = create(*options, file=file)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
