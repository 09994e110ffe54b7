import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import rates
from bankft.errors import UsageError


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # a width even where nothing happened
        (8, 10, 0.4902, 0.9433),
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I
        (15, 148, 0.0624, 0.1605),  # the same table
        (0, 20, 0.0, 0.1611),  # the same table
        (1, 29, 0.0061, 0.1718),  # the same table
        (10, 10, 0.7225, 1.0),
    ],
)
def test_wilson(k, n, low, high):
    assert rates.wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("k", "n", "bound"),
    [
        (0, 1, 0.95),  # one trial says next to nothing
        (0, 2994, 1 - 0.05 ** (1 / 2994)),
        (0, 10, 0.2589),  # 1 - 0.05^(1/10)
        (1, 10, 0.3942),  # as R: binom.test(1, 10, alternative = "less")
        (2, 20, 0.2826),
        (10, 10, 1.0),
        (5, 3000, 0.003502),
    ],
)
def test_upper_bound(k, n, bound):
    assert rates.upper_bound(k, n) == pytest.approx(bound, rel=2e-3)


@given(st.integers(1, 5000), st.data())
def test_the_bound_is_where_the_binomial_tail_says(n, data):
    k = data.draw(st.integers(0, min(n - 1, 50)))
    bound = rates.upper_bound(k, n)
    assert k / n < bound <= 1
    tail = sum(math.comb(n, i) * bound**i * (1 - bound) ** (n - i) for i in range(k + 1))
    assert tail == pytest.approx(0.05, rel=1e-5)


def test_a_claim_of_one_in_a_thousand_takes_2995():
    assert rates.trials_needed(0.001) == 2995
    assert rates.upper_bound(0, 2995) <= 0.001 < rates.upper_bound(0, 2994)


@pytest.mark.parametrize(
    "call",
    [
        lambda: rates.wilson(1, 0),
        lambda: rates.upper_bound(3, 2),
        lambda: rates.upper_bound(-1, 2),
        lambda: rates.upper_bound(0, 2, confidence=1),
        lambda: rates.trials_needed(0),
        lambda: rates.trials_needed(0.1, confidence=0),
    ],
)
def test_what_is_no_rate(call):
    with pytest.raises(UsageError, match=r"(use|is not one)"):
        call()


@pytest.mark.parametrize(
    ("k", "n", "rate", "chance"),
    [
        (0, 10, 0.3, 1.0),  # none or more is certain
        (1, 10, 0.1, 1 - 0.9**10),
        (10, 10, 0.5, 0.5**10),
        (3, 20, 0.0, 0.0),
        (3, 20, 1.0, 1.0),
        (8, 20, 0.25, 0.1018),  # as R: pbinom(7, 20, 0.25, lower.tail = FALSE)
    ],
)
def test_chance(k, n, rate, chance):
    assert rates.chance(k, n, rate) == pytest.approx(chance, abs=5e-5)


def test_chance_of_what_is_no_rate():
    with pytest.raises(UsageError):
        rates.chance(1, 10, 1.5)
