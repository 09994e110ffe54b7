"""``bankft data split``, run as its users run it."""

import json

import pytest

from bankft import data
from bankft.cases import fundbot


@pytest.fixture
def fund_file(tmp_path):
    examples = fundbot.conversations("train", 100)
    data.write_jsonl(
        [{"intent": "ab"[i % 2], "customer": f"c{i // 2}"} for i in range(100)],
        tmp_path / "fund.compliance.jsonl",
    )
    return data.write_jsonl(examples, tmp_path / "fund.jsonl")


def test_files_sizes_and_places(bankft, fund_file, tmp_path):
    done = bankft("data", "split", "fund.jsonl", "--by", "intent", "--group", "customer")
    assert done.returncode == 0, done.stderr
    assert len(data.read_jsonl(tmp_path / "fund" / "train.jsonl")) == 80
    assert len(data.read_jsonl(tmp_path / "fund" / "test.compliance.jsonl")) == 10
    table = done.stdout.splitlines()
    assert [line.split() for line in table[:4]] == [
        ["train", "valid", "test"],
        ["a", "40", "5", "5"],
        ["b", "40", "5", "5"],
        ["all", "80", "10", "10"],
    ]
    assert done.stderr == "100 examples in 50 groups; the largest has 2.\n"


def test_json(bankft, fund_file):
    done = bankft("data", "split", "fund.jsonl", "--by", "intent", "-o", "out", "--json")
    said = json.loads(done.stdout)
    assert said["examples"] == 100
    assert said["seed"] == 0
    assert said["leaks"] == []
    assert {name: part["examples"] for name, part in said["parts"].items()} == {
        "train": 80,
        "valid": 10,
        "test": 10,
    }
    assert said["parts"]["valid"]["strata"] == {"a": 5, "b": 5}
    assert said["parts"]["valid"]["path"].endswith("valid.jsonl")


def test_from_standard_input(bankft, fund_file, tmp_path):
    text = fund_file.read_text(encoding="utf-8")
    assert bankft("data", "split", "-", stdin=text).returncode == 2
    done = bankft("data", "split", "-", "-o", "out", "--parts", "a=0.5,b=0.5", stdin=text)
    assert done.returncode == 0, done.stderr
    assert len(data.read_jsonl(tmp_path / "out" / "a.jsonl")) == 50


def test_for_reinforcement_no_answer_is_shared(bankft, tmp_path):
    rows = [
        {"messages": [{"role": "user", "content": f"问 {i}"}], "truth": f"0.{i % 15}%"}
        for i in range(60)
    ]
    data.write_jsonl(rows, tmp_path / "rft.jsonl")
    done = bankft("data", "split", "rft.jsonl", "--method", "reinforcement", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["groups"], said["leaks"]) == (15, [])
    truths = [
        {row["truth"] for row in data.read_jsonl(tmp_path / part["path"])}
        for part in said["parts"].values()
    ]
    assert sum(map(len, truths)) == len(set.union(*truths)) == 15


def test_what_may_be_personal_data_is_not_shown(bankft, tmp_path):
    # A mobile number made here, from a prefix that no carrier has.
    number = "1" + "9" * 10
    rows = [
        {"messages": [{"role": "user", "content": f"问 {i}"}], "phone": [number, "x"][i % 2]}
        for i in range(40)
    ]
    data.write_jsonl(rows, tmp_path / "x.jsonl")
    done = bankft("data", "split", "x.jsonl", "--by", "phone", "--json")
    assert done.returncode == 0, done.stderr
    assert number not in done.stdout + done.stderr
    assert sorted(json.loads(done.stdout)["parts"]["train"]["strata"]) == ["x", "…"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--parts", "train=0.8,test=0.3"], 2, "add up to 1"),
        (["--parts", "train=x"], 2, "not of the form"),
        (["--parts", "a=0.5,a=0.5"], 2, "named twice"),
        (["--by", "nothing"], 2, "has a field nothing"),
        (["--answer", "x", "--shared-answers"], 2, "contradict"),
        (["--parts", "fund=0.5,b=0.5", "-o", "."], 2, "made from"),
        (["--parts", "a=0.999,b=0.001"], 1, "'b' empty"),
    ],
)
def test_refusals_are_one_sentence(bankft, fund_file, options, code, said):
    done = bankft("data", "split", "fund.jsonl", *options)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
