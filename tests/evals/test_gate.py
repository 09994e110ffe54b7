import subprocess
import sys
from xml.etree import ElementTree

import pytest

from bankft.errors import DataError, UsageError
from bankft.evals import check_gate, compare_runs, gate_of, read_gate, to_junit


@pytest.fixture(scope="module")
def compared(finished):
    return compare_runs(*finished)


def test_a_comparison_is_by_question_and_corrected(compared):
    moved = {one.name: one for one in compared.moved}
    violation = moved["violation"]
    assert (violation.difference.before, violation.difference.after) == (10 / 32, 0)
    assert (violation.difference.better, violation.difference.worse) == (0, 10)
    assert violation.direction == "better"  # fewer are better
    assert violation.p >= violation.difference.p  # adjusted
    recall = moved["fact_recall"].difference
    assert (recall.better, recall.worse) == (10, 2)
    before, after = compared.violations
    assert before.upper > 0.31 > after.upper > 0.05


@pytest.mark.parametrize(
    ("gate", "failed"),
    [
        ({"violations": {"max_bound": 0.1}}, []),
        ({"violations": {"max_bound": 0.001}}, ["violations.max_bound"]),
        ({"violations": {"bound_may_rise": 0}}, []),
        ({"quality": {"exact_match": {"min": 0.9}}}, []),
        ({"quality": {"exact_match": {"min": 0.99}}}, ["quality.exact_match.min"]),
        ({"quality": {"exact_match": {"max_fall": 0.0}}}, []),
        ({"quality": {"exact_match": {}}}, []),  # may not fall at all
        ({"quality": {"omission": {"max": 0.01}}}, ["quality.omission.max"]),
        ({"latency": {"max_p90": 60}}, []),
    ],
)
def test_the_gate_from_v1_to_v2(compared, gate, failed):
    checks = check_gate(compared, gate_of(gate))
    assert [one.name for one in checks if not one.passed] == failed
    assert checks


@pytest.mark.parametrize(
    ("gate", "failed"),
    [
        ({"violations": {"bound_may_rise": 0}}, ["violations.bound_may_rise"]),
        ({"quality": {"exact_match": {}}}, ["quality.exact_match.max_fall"]),
        ({"quality": {"exact_match": {"max_fall": 0.5}}}, []),
        # less is better: there a rise is the fall
        ({"quality": {"omission": {"max_fall": 0.1}}}, ["quality.omission.max_fall"]),
        # 10 questions worse and 2 better are no chance, even among several figures?
        ({"quality": {"exact_match": {"beyond_chance": True}}}, []),
        ({"quality": {"violation": {"beyond_chance": True}}}, ["quality.violation.max_fall"]),
    ],
)
def test_the_gate_the_other_way_round(finished, gate, failed):
    checks = check_gate(compare_runs(*finished[::-1]), gate_of(gate))
    assert [one.name for one in checks if not one.passed] == failed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[violations]\nmax_bond = 0.1", "violations.max_bond is unknown"),
        ('[violations]\nmax_bound = "low"', "max_bound must be a number"),
        ("[quality.exact_match]\nmin = true", "min must be a number"),
        ("quality = 1", "quality must be a table"),
        ("confidence = 0.9", "asks for nothing"),
        ("confidence = 1.5\n[violations]\nmax_bound=1", "between 0 and 1"),
        ("[violations", "not TOML"),
    ],
)
def test_gates_that_are_refused(tmp_path, text, said):
    path = tmp_path / "gate.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        read_gate(path)


def test_figures_that_are_not_there(compared, finished):
    with pytest.raises(DataError, match="gate asks for warmth"):
        check_gate(compared, gate_of({"quality": {"warmth": {"min": 1}}}))
    with pytest.raises(UsageError, match="'warmth'"):
        compare_runs(*finished, names=["warmth"])


def test_junit(compared):
    gate = gate_of({"violations": {"max_bound": 0.001}, "quality": {"exact_match": {}}})
    root = ElementTree.fromstring(to_junit(check_gate(compared, gate)))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    names = {case.get("name"): case.find("failure") is not None for case in root.iter("testcase")}
    assert names == {"violations.max_bound": True, "quality.exact_match.max_fall": False}


def test_the_gate_is_a_test_file(finished, tmp_path):
    before, after = (run.folder.as_posix() for run in finished)
    runs = f'[runs]\nbefore = "{before}"\nafter = "{after}"\n'
    (tmp_path / "gate.toml").write_text(
        runs + "[violations]\nmax_bound = 0.001\n[quality.exact_match]\n"
    )

    def pytest_there(*more):
        command = [sys.executable, "-m", "pytest", "-p", "bankft.evals.pytest_plugin", "-q"]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path), *more],
            capture_output=True, text=True, timeout=120, cwd=tmp_path,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    code, said = pytest_there()
    assert code == 1
    assert "1 failed, 1 passed" in said
    assert "bound of the violation rate" in said
    assert "Traceback" not in said
    (tmp_path / "gate.toml").write_text(runs + "[quality.exact_match]\n")
    assert pytest_there()[0] == 0
    (tmp_path / "gate.toml").write_text(
        '[runs]\nbefore = "x"\nafter = "y"\n[violations]\nmax_bound=1'
    )
    code, said = pytest_there()
    assert code == 2
    assert "holds no run" in said
