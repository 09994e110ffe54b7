"""Rewards of this package as graders: no sandbox for them, one for what others wrote."""

import pytest

from bankft import graders, rewards

pytest.importorskip("torch")

from bankft.service.judges import Judges

pytestmark = pytest.mark.service

FINE = "管理费率为每年1.20%。仅供参考，不构成投资建议。"
BAD = "保本的，放心买。仅供参考，不构成投资建议。"
ITEM = {"language": "zh"}


def test_a_reward_needs_no_sandbox(monkeypatch):
    monkeypatch.setattr(graders, "run_python", None)  # calling it would fail
    spec = rewards.to_grader()["graders"]["compliance"] | {"pass_threshold": 0.5}
    found = Judges(lambda name: None).batch(graders.from_spec(spec), [FINE, BAD], [ITEM, ITEM])
    assert [(one.reward, one.passed) for one in found] == [(1.0, True), (0.0, False)]


def test_what_it_cannot_score_is_the_sandbox_s_to_tell(monkeypatch):
    asked = []

    def sandbox(source, pairs):
        asked.append(source)
        return [graders.Run(None, "python_grader_runtime_error", "no", 0.0, "x") for _ in pairs]

    monkeypatch.setattr(graders, "run_python", sandbox)
    spec = rewards.to_grader()["graders"]["right_facts"]  # the item names no facts
    (one,) = Judges(lambda name: None).batch(graders.from_spec(spec), [FINE], [ITEM])
    other = {"type": "python", "name": "one", "source": "def grade(sample, item): return 1"}
    Judges(lambda name: None).batch(graders.from_spec(other), [FINE], [ITEM])
    assert one.errors
    assert asked == [spec["source"], other["source"]]
