import json

import pytest

from bankft import rewards
from bankft.cases import fundbot
from bankft.data import write_jsonl

DISCLAIMER = {
    "type": "string_check",
    "name": "disclaimer",
    "input": "{{sample.output_text}}",
    "reference": "不构成投资建议",
    "operation": "like",
}
CONSTANT = dict(DISCLAIMER, input="不构成投资建议")


@pytest.fixture
def items(tmp_path):
    questions = fundbot.questions("valid", 4, language="zh")
    return write_jsonl(map(rewards.fundbot_item, questions), tmp_path / "items.jsonl")


def write(folder, grader):
    path = folder / "grader.json"
    path.write_text(json.dumps(grader), encoding="utf-8")
    return path


def test_json_is_a_list_of_problems(bankft, tmp_path, items):
    done = bankft("grade", "lint", str(write(tmp_path, CONSTANT)), "--items", str(items), "--json")
    assert done.returncode == 1
    problems = json.loads(done.stdout)
    assert [set(problem) for problem in problems] == [{"code", "severity", "message"}]
    assert (problems[0]["code"], problems[0]["severity"]) == ("constant", "error")


def test_warnings_alone_are_fine(bankft, tmp_path, items):
    done = bankft("grade", "lint", str(write(tmp_path, DISCLAIMER)), "--items", str(items))
    assert done.returncode == 0
    assert "ignores_item" in done.stdout


def test_nothing_is_found_in_our_own(bankft, tmp_path, items):
    grader = write(tmp_path, rewards.to_grader())
    done = bankft("grade", "lint", str(grader), "--items", str(items), "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    spoken = bankft("grade", "lint", str(grader), "--items", str(items), "--language", "en")
    assert spoken.stdout == ""
    assert spoken.stderr == "No problem was found.\n"


def test_the_language_of_the_sentences(bankft, tmp_path, items):
    arguments = ("grade", "lint", str(write(tmp_path, CONSTANT)), "--items", str(items))
    assert "不管答什么" in bankft(*arguments).stdout
    assert "Every answer" in bankft(*arguments, "--language", "en").stdout
    assert "Every answer" in bankft(*arguments, BANKFT_LANG="en").stdout


def test_the_grader_may_come_from_stdin(bankft, items):
    done = bankft("grade", "lint", "-", "--items", str(items), stdin=json.dumps(CONSTANT))
    assert done.returncode == 1
    assert "constant" in done.stdout


@pytest.mark.parametrize(
    ("grader", "says"),
    [("no json", "not JSON"), ("[]", "object"), ('{"type": "string_check"}', "name")],
)
def test_what_is_no_grader(bankft, items, grader, says):
    done = bankft("grade", "lint", "-", "--items", str(items), stdin=grader)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_items_without_answers(bankft, tmp_path):
    items = write_jsonl([{"facts": ["1%"]}, {"facts": ["2%"]}], tmp_path / "items.jsonl")
    done = bankft("grade", "lint", str(write(tmp_path, DISCLAIMER)), "--items", str(items))
    assert done.returncode == 2
    assert "reference_answer" in done.stderr
