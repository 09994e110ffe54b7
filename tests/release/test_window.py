"""A canary is taken back for a reason, and not without one."""

import random

import pytest

from bankft.errors import UsageError
from bankft.release import Limits, Outcome, Window


def window(outcomes, **limits):
    found = Window(Limits(**limits))
    for outcome in outcomes:
        found.add(outcome)
    return found


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ([Outcome(i) for i in range(100)], None),  # all well
        ([Outcome(i, failed=True) for i in range(49)], None),  # too few to conclude anything
        ([Outcome(i, failed=i < 2) for i in range(100)], None),  # 2 %, as accepted
        ([Outcome(i, failed=i % 10 == 0) for i in range(100)], "errors: 10 of 100"),
        ([Outcome(i, violating=i == 5) for i in range(3000)], None),  # long forgotten
        ([Outcome(i, violating=i % 50 == 0) for i in range(100)], "violations: 2 of 100"),
        ([Outcome(i, latency_ms=100 + 60 * i) for i in range(100)], "latency: "),
    ],
)
def test_reasons(outcomes, reason):
    found = window(outcomes).reason()
    assert found == reason or found.startswith(reason)


def test_a_good_canary_is_rarely_taken_back():
    choose = random.Random(0)
    rolled = 0
    for _ in range(200):
        one = Window(Limits(min_answers=50, error_rate=0.02))
        for second in range(300):
            one.add(Outcome(second, failed=choose.random() < 0.005))
            if one.reason():
                rolled += 1
                break
    assert rolled < 20


def test_what_is_old_is_forgotten():
    found = window([Outcome(i, failed=True) for i in range(60)], seconds=100)
    assert found.reason()
    for second in range(200, 300):
        found.add(Outcome(second))
    assert found.counts()["failed"] == 0
    assert found.reason() is None


@pytest.mark.parametrize(
    "limits", [{"seconds": 0}, {"min_answers": 0}, {"error_rate": 1}, {"violation_rate": -0.1}]
)
def test_limits_that_are_none(limits):
    with pytest.raises(UsageError):
        Limits(**limits)
