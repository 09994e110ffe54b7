"""``bankft grade``: run and validate, as other programs use them."""

import json

import pytest

from bankft import graders

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "operation": "like",
}
JUDGE = {
    "type": "score_model",
    "name": "judge",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": "{{ sample.output_text }}"}],
}
MULTI = {
    "type": "multi",
    "graders": {"exact": EXACT, "length": {**EXACT, "name": "length", "operation": "eq"}},
    "calculate_output": "(exact + length) / 2",
}
python = pytest.mark.skipif(not graders.available(), reason="no sandbox works here")


@pytest.fixture
def write(tmp_path):
    def write(name, value):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


def test_run_prints_the_reward(bankft, write):
    grader, item = write("grader.json", EXACT), write("item.json", {"answer": "R2"})
    done = bankft("grade", "run", grader, "--item", item, "--sample", "中低风险（R2）。")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_run_as_json_is_the_api_s_answer(bankft, write):
    grader, item = write("grader.json", MULTI), write("item.json", {"answer": "R2"})
    done = bankft("grade", "run", grader, "--item", item, "--sample", "R2 级", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert answer["reward"] == 0.5
    assert answer["sub_rewards"] == {"exact": 1.0, "length": 0.0}
    assert answer["model_grader_token_usage_per_model"] == {}
    metadata = answer["metadata"]
    assert (metadata["name"], metadata["type"]) == ("multi", "multi")
    assert metadata["scores"] == answer["sub_rewards"]
    assert not any(metadata["errors"].values())
    assert metadata["execution_time"] >= 0


@python
def test_run_python(bankft, write):
    source = "def grade(sample, item):\n    return len(sample['output_text']) / 4"
    grader = write("grader.json", {"type": "python", "source": source})
    answer = json.loads(bankft("grade", "run", grader, "--sample", "R2", "--json").stdout)
    assert answer["reward"] == 0.5
    assert answer["metadata"]["bankft"]["sandbox"] == graders.available()[0]
    done = bankft("grade", "run", grader, "--sample", "R2", "--unsafe", "--json")
    assert json.loads(done.stdout)["metadata"]["bankft"]["sandbox"] == "none"


def test_run_with_a_served_model(bankft, write):
    grader = write("grader.json", JUDGE)
    done = bankft(
        "grade", "run", grader, "--sample", "x", "--model", "gpt-4o=bankft-nano", "--json"
    )
    answer = json.loads(done.stdout)
    assert (answer["reward"], answer["metadata"]["token_usage"]) == (0.75, 13)
    assert answer["metadata"]["sampled_model_name"] == "bankft-nano"
    done = bankft("grade", "run", grader, "--sample", "x", "--json")
    assert json.loads(done.stdout)["metadata"]["errors"]["model_grader_server_error"]
    assert "model_grader_server_error" in done.stderr


def test_what_goes_wrong_with_a_sample_is_told_and_scores_nothing(bankft, write):
    done = bankft("grade", "run", write("grader.json", EXACT), "--sample", "R2", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert (answer["reward"], answer["metadata"]["errors"]["invalid_variable_error"]) == (0, True)
    assert done.stderr.startswith("invalid_variable_error: ")


def test_from_stdin(bankft, write):
    text = json.dumps(EXACT)
    item = write("item.json", {"answer": "R2"})
    done = bankft("grade", "run", "-", "--item", item, "--sample", "R2", stdin=text)
    assert done.stdout == "1\n"
    assert bankft("grade", "validate", "-", stdin=text).returncode == 0
    done = bankft("grade", "run", "-", "--item", "-", "--sample", "R2", stdin=text)
    assert done.returncode == 2


def test_validate(bankft, write):
    done = bankft("grade", "validate", write("grader.json", MULTI))
    assert (done.returncode, done.stdout) == (0, "")
    assert "grader.json is a multi grader." in done.stderr
    done = bankft("grade", "validate", "grader.json", "--json")
    assert json.loads(done.stdout) == {"valid": True, "problems": []}


def test_validate_names_every_problem(bankft, write):
    wrong = {**EXACT, "operation": "same", "threshold": 1}
    done = bankft("grade", "validate", write("grader.json", wrong))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "grader.json: The grader has an unknown field 'threshold'" in done.stderr
    assert "The grader's field 'operation' must be one of eq, ne, like, ilike." in done.stderr
    done = bankft("grade", "validate", "grader.json", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["valid"] is False
    assert len(answer["problems"]) == 2


@pytest.mark.parametrize(
    ("grader", "item", "code", "said"),
    [
        (None, None, 1, "grader.json cannot be read: No such file or directory."),
        ("{", None, 1, "grader.json is not JSON: look at line 1, column 2."),
        ("[" * 100_000, None, 1, "grader.json is not JSON"),
        ('{"type": NaN}', None, 1, "grader.json is not JSON"),
        ("[]", None, 1, "grader.json must hold one JSON object."),
        ({"type": "regex"}, None, 1, "grader.json: The grader's field 'type' must be one of"),
        (EXACT, "[1]", 1, "item.json must hold one JSON object."),
        (EXACT, "{'a': 1}", 1, "item.json is not JSON: look at line 1"),
    ],
)
def test_bad_files_are_told_in_a_sentence(bankft, write, grader, item, code, said):
    if grader is not None:
        write("grader.json", grader)
    arguments = ["--item", write("item.json", item)] if item else []
    done = bankft("grade", "run", "grader.json", *arguments, "--sample", "R2")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_not_utf_8(bankft, tmp_path):
    (tmp_path / "grader.json").write_bytes(b"\xff\xfe{")
    assert "grader.json is not UTF-8." in bankft("grade", "validate", "grader.json").stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade"], "Usage: bankft grade"),
        (["grade", "run"], "GRADER.json"),
        (["grade", "run", "grader.json"], "'--sample'"),
        (["grade", "run", "grader.json", "--sample", "x", "--model", "gpt-4o"], "NAME=SERVED"),
        (["grade", "validate"], "GRADER.json"),
    ],
)
def test_used_wrongly(bankft, arguments, said):
    done = bankft(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
