import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import rewards
from bankft.errors import UsageError


@pytest.mark.parametrize(
    ("values", "share"),
    [([1.0, 1.0, 0.5, 0.0], 0.5), ([0.2], 0.0), ([1.0 - 1e-12], 1.0)],
)
def test_saturation(values, share):
    assert rewards.saturation(values) == share


def test_saturation_against_another_ceiling():
    assert rewards.saturation([5.0, 4.0], ceiling=5.0) == 0.5


@pytest.mark.parametrize(
    ("values", "groups", "share"),
    [
        ([1, 1, 0, 1], "aabb", 0.5),
        ([1, 1, 0, 0], "aabb", 1.0),  # each group agrees with itself: nothing to learn
        ([1, 0, 0, 1, 0.5], "aabbc", 0.0),  # a group of one is none
    ],
)
def test_groups_without_advantage(values, groups, share):
    assert rewards.flat_share(values, list(groups)) == share


@pytest.mark.parametrize(
    ("values", "lengths", "rho"),
    [
        ([0.1, 0.2, 0.9], [10, 20, 30], 1.0),
        ([0.9, 0.2, 0.1], [10, 20, 30], -1.0),
        # Ties share their mean rank: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        ([1, 2, 2, 3], [1, 2, 3, 4], 0.948683298051),
        # Spearman's own kind of example: R, cor(method = "spearman").
        ([106, 86, 100, 101, 99, 103, 97, 113, 112, 110],
         [7, 0, 27, 50, 28, 29, 20, 12, 6, 17], -0.175757575758),
        ([1, 1, 1], [1, 2, 3], None),  # no correlation without variation
        ([1, math.nan, 2], [1, 2, 3], None),
    ],
)  # fmt: skip
def test_rank_correlation(values, lengths, rho):
    assert rewards.length_correlation(values, lengths) == rho


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 200)), min_size=3, max_size=40, unique=True)
)
def test_the_correlation_of_ranks_knows_no_scale(pairs):
    values, lengths = [a for a, _ in pairs], [b for _, b in pairs]
    rho = rewards.length_correlation(values, lengths)
    assert rho is None or -1 <= rho <= 1
    assert rewards.length_correlation([v * 8 for v in values], lengths) == rho
    assert rewards.length_correlation(values, [b * 3 + 7 for b in lengths]) == rho


def test_drift():
    before, after = [0.0, 1.0] * 50, [1.0] * 100
    assert rewards.drift(before, after) == pytest.approx(9.9498743710662)
    assert rewards.drift(before, before) == 0.0
    assert rewards.drift([1.0, 1.0], [1.0, 1.0]) is None  # nothing varies
    assert rewards.drift([1.0], after) is None


def codes(**given):
    return {alert.code for alert in rewards.watch_rewards(**given).alerts}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rewards": [0.1, 0.9, 0.4, 0.7] * 5}, set()),
        ({"rewards": [1.0] * 19 + [0.4]}, {"saturated"}),
        ({"rewards": [1.0] * 20}, {"saturated", "flat"}),
        ({"rewards": [0.4] * 20}, {"flat"}),
        ({"rewards": [0.4, 0.4, 0.9, 0.9] * 5, "groups": [i // 2 for i in range(20)]},
         {"flat_groups"}),
        ({"rewards": [i / 40 for i in range(20)], "lengths": range(20)}, {"follows_length"}),
        ({"rewards": [0.4, 0.6] * 10, "lengths": [1, 2] * 10}, {"follows_length"}),
        ({"rewards": [0.8, 0.9] * 10, "before": [0.1, 0.2] * 10}, {"drifted"}),
        ({"rewards": [0.1, math.nan, 0.8, 0.3] * 5}, {"not_a_number"}),
        ({"rewards": [0.1, 0.2, 0.3], "lengths": [1, 2, 3]}, set()),  # three values say nothing
    ],
)  # fmt: skip
def test_alerts(given, expected):
    assert codes(**given) == expected


def test_alerts_speak_both_languages():
    alert = rewards.watch_rewards([1.0] * 20).alerts[0]
    assert "100%" in alert.zh
    assert "100%" in alert.en
    assert any("一" <= c <= "鿿" for c in alert.zh)
    assert alert.en.isascii()


def test_the_numbers():
    seen = rewards.watch_rewards([0.0, 0.5, 1.0, 1.0])
    assert (seen.n, seen.mean, seen.at_ceiling, seen.at_floor) == (4, 0.625, 0.5, 0.25)
    assert seen.std == pytest.approx(statistics.pstdev([0.0, 0.5, 1.0, 1.0]))
    assert seen.flat_groups is seen.length_correlation is seen.drift is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: rewards.watch_rewards([]),
        lambda: rewards.saturation([]),
        lambda: rewards.watch_rewards([1.0], groups=["a", "b"]),
        lambda: rewards.watch_rewards([1.0], lengths=[]),
        lambda: rewards.flat_share([1.0, 0.0], ["a", "b"]),
        lambda: rewards.length_correlation([1.0], [1, 2]),
    ],
)
def test_what_cannot_be_watched(call):
    with pytest.raises(UsageError, match=r"There are|No group"):
        call()
