"""``bankft eval`` as its users run it."""

import json
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest
from evals import host  # the neighbouring folder of tests


@pytest.fixture
def bankft(environment, tmp_path):
    """As the neighbours', with more time: judging answers reads all rules first."""

    def run(*arguments, stdin=None, **more):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "bankft", *arguments],
            env=environment | more,
            cwd=tmp_path,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            timeout=200,
        )

    return run


@pytest.fixture
def model_host():
    with host.running() as it:
        yield it


@pytest.fixture
def ask(bankft, model_host, tmp_path):
    """Run ``bankft eval run`` against a host that answers by the question's last word."""

    def run(name, lines, *more):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8")
        return bankft(
            "eval", "run", "--model", "m", "--data", path.name, "-o", f"runs/{name}", *more,
            OPENAI_BASE_URL=model_host.url,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("given", "upper"),
    [
        (["0", "2995"], 0.0009997),
        (["0", "2994"], 0.0010001),
        (["1", "3000"], 0.0015803),
        (["3000", "3000"], 1.0),
        (["0", "3000", "--questions", "300"], 0.0099361),
        (["0", "2995", "--confidence", "0.99"], 0.0015365),
    ],
)
def test_bound(bankft, given, upper):
    done = bankft("eval", "bound", "--violations", given[0], "--answers", *given[1:], "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["upper"] == pytest.approx(upper, abs=1e-7)


def test_bound_is_never_rounded_down(bankft):
    done = bankft("eval", "bound", "--violations", "0", "--answers", "2994")
    assert done.stdout == "<= 0.1001%\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bound", "--violations", "5", "--answers", "3"], "cannot be 5 violations in 3"),
        (["bound", "--violations", "0", "--answers", "3", "--questions", "4"], "cannot belong"),
        (["bound", "--violations", "0", "--answers", "3", "--confidence", "1"], "'--confidence'"),
        (["size", "--rate", "0"], "'--rate'"),
        (["run", "--model", "m", "--data", "none.jsonl", "-o", "r"], "does not exist"),
        (["compare", "a", "b"], "does not exist"),
        (["report", "-o", "r.html"], "Missing argument"),
    ],
)
def test_used_wrongly(bankft, arguments, said):
    done = bankft("eval", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_size(bankft):
    assert bankft("eval", "size", "--rate", "0.001").stdout == "2995\n"
    done = bankft("eval", "size", "--rate", "0.01", "--violations", "2", "--json")
    assert json.loads(done.stdout)["answers"] == 628


def test_run_compare_report_review(ask, bankft, tmp_path, model_host):
    grader = {
        "type": "string_check",
        "name": "exact",
        "input": "{{ sample.output_text }}",
        "reference": "{{ item.reference_answer }}",
        "operation": "eq",
    }
    (tmp_path / "exact.json").write_text(json.dumps(grader), "utf-8")
    lines = host.rows(*["good"] * 12, *["first"] * 12)
    model_host.answers["first"] = host.ANSWERS["bad"]
    done = ask("v1", lines, "--grader", "exact.json", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["violations"]["hits"] == 12
    assert summary["metrics"]["exact"]["hits"] == 12
    assert "24/24" in done.stderr  # the bar, on stderr
    asked = sum(model_host.asked.values())
    again = ask("v1", lines, "--grader", "exact.json")
    assert again.returncode == 0
    assert "violation rate" in again.stdout
    assert sum(model_host.asked.values()) == asked  # nothing again
    model_host.answers["first"] = host.ANSWERS["good"]
    (tmp_path / "v2.jsonl").write_bytes((tmp_path / "v1.jsonl").read_bytes())
    assert ask("v2", lines, "--grader", "exact.json").returncode == 0

    (tmp_path / "gate.toml").write_text(
        "[violations]\nbound_may_rise = 0\n[quality.exact_match]\nmax_fall = 0.02\n", "utf-8"
    )
    gate = ["--gate", "gate.toml", "--junit", "gate.xml"]
    better = bankft("eval", "compare", "runs/v1", "runs/v2", *gate)
    assert better.returncode == 0, better.stderr
    assert "pass  violations.bound_may_rise" in better.stderr
    worse = bankft("eval", "compare", "runs/v2", "runs/v1", *gate, "--json")
    assert worse.returncode == 1
    told = json.loads(worse.stdout)
    assert told["gate"]["passed"] is False
    assert told["metrics"]["violation"]["direction"] == "worse"
    assert ElementTree.parse(tmp_path / "gate.xml").getroot().get("failures") == "2"
    assert bankft("eval", "compare", "runs/v2", "runs/v1").returncode == 0  # no gate, no verdict

    for language, word in (("zh", "评测报告"), ("en", "Evaluation report")):
        page = f"{language}.html"
        done = bankft(
            "eval", "report", "runs/v1", "runs/v2", "-o", page, "--language", language
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert word in (tmp_path / page).read_text("utf-8")

    done = bankft("eval", "review", "sample", "runs/v1", "--count", "10", "-o", "review")
    assert done.returncode == 0, done.stderr
    waiting = bankft("eval", "review", "read", "review")
    assert waiting.returncode == 1
    assert "no verdict yet" in waiting.stderr
    for name, slip in (("review-1.csv", None), ("review-2.csv", 3)):
        path = tmp_path / "review" / name
        head, *rows = path.read_text("utf-8-sig").splitlines()
        said = ["违规" if ("稳赚" in row) != (n == slip) else "合规" for n, row in enumerate(rows)]
        filled = [f"{row[:-1]}{word}," for row, word in zip(rows, said, strict=True)]
        path.write_text("\n".join([head, *filled]), "utf-8")
    done = bankft("eval", "review", "read", "review", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["disputed"]) == 1
    assert found["automatic"] == 0.5
    assert (tmp_path / "review" / "settled.csv").exists()
    assert bankft("eval", "review", "read", "review").returncode == 0  # not settled yet
    refused = bankft("eval", "review", "sample", "runs/v1", "--count", "10", "-o", "review")
    assert refused.returncode == 1
    assert "already" in refused.stderr


def test_a_test_set_from_stdin_and_another_run_in_the_way(ask, bankft, model_host):
    lines = host.rows("good", "good")
    text = "".join(json.dumps(line) + "\n" for line in lines)
    given = ["eval", "run", "--model", "m", "--data", "-", "-o", "runs/stdin"]
    done = bankft(*given, stdin=text, OPENAI_BASE_URL=model_host.url)
    assert done.returncode == 0, done.stderr
    other = bankft(*given, "--temperature", "0", stdin=text, OPENAI_BASE_URL=model_host.url)
    assert other.returncode == 2
    assert "another run" in other.stderr
    unfinished = bankft("eval", "report", ".", "-o", "r.html")
    assert unfinished.returncode == 1
    assert "holds no run" in unfinished.stderr


GOOD = '{"question": "管理费？", "answer": "0.15%"}'


@pytest.mark.parametrize(
    ("data", "grader", "code", "said"),
    [
        ("", None, 1, "holds no question"),
        ("{}", None, 1, "example 1: no question"),
        ("{", None, 1, "t.jsonl:1"),
        ('{"messages": [{"role": "assistant", "content": "a"}]}', None, 1, "nobody asks"),
        (GOOD, "[]", 1, "grader"),
        (GOOD, "{", 1, "is not a JSON file"),
        (GOOD, '{"type": "spell_check", "name": "x"}', 1, "'type'"),
        (GOOD, '{"type": "string_check", "name": "x"}', 1, "lacks the field 'input'"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_is_asked(
    bankft, model_host, tmp_path, data, grader, code, said
):
    (tmp_path / "t.jsonl").write_text(data and data + "\n", "utf-8")
    more = []
    if grader is not None:
        (tmp_path / "g.json").write_text(grader, "utf-8")
        more = ["--grader", "g.json"]
    done = bankft(
        "eval", "run", "--model", "m", "--data", "t.jsonl", "-o", "r", "--json", *more,
        OPENAI_BASE_URL=model_host.url,
    )  # fmt: skip
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not model_host.asked
    assert not (tmp_path / "r").exists()


def test_a_host_that_refuses_or_is_gone(ask, bankft, model_host, tmp_path):
    lines = host.rows("good", "good")
    model_host.refuses = (401, "invalid_api_key")
    refused = ask("r", lines)
    assert refused.returncode == 1
    assert "HTTP 401, invalid_api_key" in refused.stderr
    assert "Traceback" not in refused.stderr
    # A name that was wrong leaves no run in the way of the right one.
    model_host.refuses = (404, "model_not_found")
    assert ask("r", lines, "--temperature", "0").returncode == 1
    model_host.refuses = None
    assert ask("r", lines).returncode == 0
    gone = bankft(
        "eval", "run", "--model", "m", "--data", "r.jsonl", "-o", "s", "--retries", "0",
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
    )  # fmt: skip
    assert gone.returncode == 1
    assert "127.0.0.1:9" in gone.stderr
    assert "Traceback" not in gone.stderr


def test_what_was_answered_before_a_host_went_away_is_told(ask, model_host):
    lines = host.rows(*["good"] * 6)
    model_host.failing["问题 4 good"] = 99
    done = ask("r", lines, "--limit", "1", "--retries", "0", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "4 answers are kept in runs/r" in done.stderr


def test_not_one_answer_is_no_figure(ask):
    done = ask("r", host.rows("long"), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["answers"], told["errors"]) == (0, 1)


def test_without_statsmodels_planning_names_the_extra():
    code = (
        "import sys; sys.modules['statsmodels'] = None\n"
        "from bankft.evals import answers_to_compare\n"
        "answers_to_compare(0.2, 0.3)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 'pip install "bankft[evals]"' in done.stderr


def test_a_killed_run_goes_on(bankft, environment, model_host, tmp_path):
    lines = host.rows(*["good"] * 40)
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(x) + "\n" for x in lines), "utf-8")
    arguments = ["eval", "run", "--model", "m", "--data", "t.jsonl", "-o", "r", "--limit", "2"]
    model_host.limit = 15  # from here on it waits
    there = {**environment, "OPENAI_BASE_URL": model_host.url}
    with subprocess.Popen(
        [sys.executable, "-m", "bankft", *arguments],
        env=there,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        answers = tmp_path / "r" / "answers.jsonl"
        while not answers.exists() or answers.read_bytes().count(b"\n") < 15:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = answers.read_bytes()
    model_host.limit = None
    model_host.gate.set()
    done = bankft(*arguments, OPENAI_BASE_URL=model_host.url)
    assert done.returncode == 0, done.stderr
    assert answers.read_bytes().startswith(kept)
    known = {json.loads(line)["question"] for line in kept.splitlines()}
    asked = {f"问题 {n - 1} good": model_host.asked[f"问题 {n - 1} good"] for n in known}
    assert set(asked.values()) == {1}
    assert len(answers.read_text("utf-8").splitlines()) == 40
