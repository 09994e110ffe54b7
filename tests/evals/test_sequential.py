"""The sequential test holds its error rate at all looks together, and finds what is there."""

import math

import pytest

from bankft.errors import UsageError
from bankft.evals import ABTest, log_above, log_evidence, log_harm, odds_interval

RUNS, PAIRS = 10_000, 2_000


@pytest.fixture(scope="module")
def numpy():
    return pytest.importorskip("numpy")


def least(evidence, level, pairs):
    """Return, for each number of pairs, the smallest count above half that is evidence enough."""
    found, start = [], 0
    for n in range(pairs + 1):
        k = max(start, (n + 1) // 2)
        while k <= n and evidence(k, n) < level:
            k += 1
        found.append(k)
        start = k - 1
    return found


def crossings(numpy, bounds, a, b, *, two_sided):
    """Return the share of runs that ever cross a bound, looking after every pair."""
    draw = numpy.random.default_rng(11)
    alone_a, alone_b = a * (1 - b), b * (1 - a)
    ends = numpy.array(bounds)
    hit = 0
    for _ in range(10):  # in parts, to spare memory
        u = draw.random((RUNS // 10, PAIRS))
        k_b = numpy.cumsum(u < alone_b, axis=1)
        n = numpy.cumsum(u < alone_a + alone_b, axis=1)
        over = k_b >= ends[n]
        if two_sided:
            over |= (n - k_b) >= ends[n]
        hit += int(over.any(axis=1).sum())
    return hit / RUNS


@pytest.mark.fast
@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
def test_peeking_after_every_customer_costs_nothing(numpy, p):
    bounds = least(log_evidence, -math.log(0.05), PAIRS)
    error = crossings(numpy, bounds, p, p, two_sided=True)
    assert error <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / RUNS)
    # The same looks with a fixed-size test at the same level would be wrong far more often.
    naive = [n // 2 + math.ceil(1.96 * math.sqrt(n) / 2) + 1 for n in range(PAIRS + 1)]
    assert crossings(numpy, naive, p, p, two_sided=True) > 0.15


@pytest.mark.fast
def test_a_difference_that_is_there_is_found(numpy):
    bounds = least(log_evidence, -math.log(0.05), PAIRS)
    assert crossings(numpy, bounds, 0.20, 0.27, two_sided=True) > 0.9


@pytest.mark.fast
def test_the_guard_spares_a_harmless_arm_and_stops_a_harmful_one(numpy):
    bounds = least(log_harm, -math.log(0.01), PAIRS)
    assert crossings(numpy, bounds, 0.02, 0.02, two_sided=False) <= 0.01 + 3 * math.sqrt(
        0.01 / RUNS
    )
    assert crossings(numpy, bounds, 0.02, 0.01, two_sided=False) <= 0.01
    assert crossings(numpy, bounds, 0.01, 0.05, two_sided=False) > 0.95


@pytest.mark.fast
def test_the_limit_holds_at_the_limit(numpy):
    draw = numpy.random.default_rng(13)
    k = numpy.cumsum(draw.random((2000, PAIRS)) < 0.005, axis=1)
    # One step at a time: where the evidence at the last look of each count is below the level,
    # it was below before; only looks at which a count has just risen can cross.
    level, crossed = -math.log(0.01), 0
    for row in k:
        at = numpy.flatnonzero(numpy.diff(row, prepend=0))
        crossed += any(log_above(int(row[i]), int(i) + 1, 0.005) >= level for i in at)
    assert crossed / 2000 <= 0.01 + 3 * math.sqrt(0.01 / 2000)


def test_evidence_is_a_fair_game():
    """Its mean over all ways that n pairs can fall is 1: what makes peeking harmless."""
    for n in (1, 5, 40):
        fair = sum(math.comb(n, k) / 2**n * math.exp(log_evidence(k, n)) for k in range(n + 1))
        assert fair == pytest.approx(1)
        guarded = sum(math.comb(n, k) / 2**n * math.exp(log_harm(k, n)) for k in range(n + 1))
        assert guarded == pytest.approx(1)
        p = 0.03
        at_limit = sum(
            math.comb(n, k) * p**k * (1 - p) ** (n - k) * math.exp(log_above(k, n, p))
            for k in range(n + 1)
        )
        assert at_limit == pytest.approx(1)


def test_the_interval_and_the_test_agree():
    for b, pairs in [(30, 40), (22, 40), (5, 60), (0, 12), (12, 12)]:
        low, high = odds_interval(b, pairs)
        rejects = log_evidence(b, pairs) >= -math.log(0.05)
        assert rejects == (not low < 1 < high)
    assert odds_interval(0, 0) == (0.0, math.inf)


def test_a_decision_stays_and_harm_overrules_it():
    test = ABTest()
    while test.decision == "go_on":
        test = test.add(a=False, b=True)
    assert test.decision == "b_better"
    assert test.p_value <= 0.05
    assert test.odds[0] > 1
    assert test.add(a=True, b=False).decision == "b_better"
    while test.decision != "harm" and test.pairs < 100:
        test = test.add(a=False, b=False, b_harm=True)
    assert test.decision == "harm"
    assert test.add(a=False, b=True).decision == "harm"


def test_the_absolute_limit_stops_an_arm_that_is_no_worse_than_the_other():
    test = ABTest(harm_limit=0.001)
    for _ in range(20):
        test = test.add(a=False, b=False, a_harm=True, b_harm=True)
    assert test.decision == "harm"


@pytest.mark.parametrize(
    "call",
    [
        lambda: log_evidence(3, 2),
        lambda: log_above(0, 5, 0),
        lambda: odds_interval(-1, 2),
        lambda: ABTest(alpha=0),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(UsageError):
        call()
