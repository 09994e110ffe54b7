"""What intervals and bounds claim, held against simulation; small cases against scipy."""

import math

import pytest

from bankft.errors import UsageError
from bankft.evals import (
    answers_needed,
    answers_to_compare,
    clopper_pearson,
    clustered_bound,
    design_effect,
    mean,
    power_of,
    rate,
)
from bankft.rates import upper_bound, wilson

RUNS = 10_000


def counts(numpy, n, p):
    return numpy.random.default_rng(7).binomial(n, p, RUNS)


@pytest.mark.fast
@pytest.mark.parametrize(
    ("n", "p"), [(100, 0.01), (300, 0.003), (1000, 0.001), (2995, 0.001), (500, 0.05), (40, 0.5)]
)
def test_exact_bounds_never_cover_less_than_they_claim(n, p):
    numpy = pytest.importorskip("numpy")
    seen = counts(numpy, n, p)
    one, two = {}, {}
    for k in numpy.unique(seen).tolist():
        one[k] = upper_bound(k, n) >= p
        low, high = clopper_pearson(k, n)
        two[k] = low <= p <= high
    # Sampling error of 10,000 runs: three standard errors.
    slack = 3 * math.sqrt(0.05 * 0.95 / RUNS)
    assert sum(one[k] for k in seen.tolist()) / RUNS >= 0.95 - slack
    assert sum(two[k] for k in seen.tolist()) / RUNS >= 0.95 - slack


def exact_coverage(n, p, covers):
    """Return coverage without simulation: the binomial probabilities of the counts that cover."""
    total = 0.0
    for k in range(n + 1):
        if covers(k):
            logs = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            total += math.exp(logs + k * math.log(p) + (n - k) * math.log1p(-p))
    return total


@pytest.mark.parametrize(("n", "p"), [(50, 0.02), (120, 0.01), (100, 0.001), (60, 0.3)])
def test_exact_bounds_cover_exactly(n, p):
    """Without sampling error there is no slack to hide in."""
    assert exact_coverage(n, p, lambda k: upper_bound(k, n) >= p) >= 0.95
    two = {k: clopper_pearson(k, n) for k in range(n + 1)}
    assert exact_coverage(n, p, lambda k: two[k][0] <= p <= two[k][1]) >= 0.95


@pytest.mark.parametrize(("n", "p"), [(200, 0.1), (1000, 0.02), (2000, 0.05), (400, 0.5)])
def test_wilson_covers_within_a_point_where_there_are_enough_hits(n, p):
    """n·p of 20 and more."""
    ends = {k: wilson(k, n) for k in range(n + 1)}
    assert abs(exact_coverage(n, p, lambda k: ends[k][0] <= p <= ends[k][1]) - 0.95) <= 0.01


def test_three_hundred_questions_copied_ten_times_prove_no_rate_of_a_thousandth():
    copied = rate([False] * 3000, [n % 300 for n in range(3000)])
    assert copied.answers == 3000
    assert copied.questions == 300
    assert copied.upper == pytest.approx(upper_bound(0, 300))
    assert copied.upper > 0.0099
    assert copied.high > 0.01  # the two-sided interval does not believe the copies, either
    distinct = rate([False] * 3000)
    assert distinct.upper <= 0.001 < rate([False] * 2994).upper


@pytest.mark.fast
def test_the_clustered_bound_covers_where_answers_to_a_question_are_alike():
    """Ten answers to each of 300 questions; a question's own rate is 0 or 1, or in between."""
    numpy = pytest.importorskip("numpy")
    draw = numpy.random.default_rng(3)
    for share, inside in ((0.01, 1.0), (0.02, 0.5)):  # alike throughout; alike by half
        truth = share * inside
        bad = draw.random((2000, 300)) < share
        hits = draw.binomial(10, inside, (2000, 300)) * bad
        found = (hits > 0).sum(1)
        bounds = {
            k: clustered_bound([1] * k + [0] * (300 - k), [10] * 300) for k in set(found.tolist())
        }
        covered = numpy.mean([bounds[k] >= truth for k in found.tolist()])
        assert covered >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 2000)
        naive = hits.sum(1)
        believed = {k: upper_bound(k, 3000) for k in set(naive.tolist())}
        # What the test would miss: answers taken for independent cover far less than claimed.
        if inside == 1.0:
            assert numpy.mean([believed[k] >= truth for k in naive.tolist()]) < 0.9


@pytest.mark.fast
def test_clustered_intervals_cover_means_and_rates():
    numpy = pytest.importorskip("numpy")
    draw = numpy.random.default_rng(5)
    covered = covered_rate = 0
    runs = 400
    for _ in range(runs):
        own = draw.beta(2, 6, 120)  # each question's own rate; a mean of 0.25
        flags = (draw.random((120, 5)) < own[:, None]).reshape(-1)
        clusters = [n // 5 for n in range(600)]
        found = rate(flags.tolist(), clusters)
        covered_rate += found.low <= 0.25 <= found.high
        numbers = mean(flags.astype(float).tolist(), clusters)
        covered += numbers.low <= 0.25 <= numbers.high
    assert 0.91 <= covered / runs <= 0.985
    assert 0.91 <= covered_rate / runs <= 0.985


@pytest.mark.parametrize(
    ("limit", "violations", "confidence", "wanted"),
    [
        (0.001, 0, 0.95, 2995),  # the claim of the course
        (0.001, 1, 0.95, 4742),
        (0.01, 0, 0.95, 299),  # the rule of three, less one
        (0.01, 0, 0.99, 459),
        (0.01, 2, 0.95, 628),
    ],
)
def test_how_many_answers_a_claim_needs(limit, violations, confidence, wanted):
    n = answers_needed(limit, violations=violations, confidence=confidence)
    assert n == wanted
    assert upper_bound(violations, n, confidence=confidence) <= limit
    assert upper_bound(violations, n - 1, confidence=confidence) > limit


@pytest.mark.parametrize(
    ("values", "clusters", "effect"),
    [
        ([1, 0, 1, 0], "abcd", 1.0),  # nothing is shared
        ([1, 1, 0, 0], "aabb", 3.0),  # two questions, each answered alike
        ([1, 1, 1, 1], "aabb", 1.0),  # nothing varies, so nothing is inflated
    ],
)
def test_design_effect(values, clusters, effect):
    assert design_effect(values, list(clusters)) == pytest.approx(effect)


def test_against_scipy_and_statsmodels():
    stats = pytest.importorskip("scipy.stats")
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for k, n in [(0, 50), (3, 50), (50, 50), (7, 400)]:
        theirs = stats.binomtest(k, n).proportion_ci(method="exact")
        assert clopper_pearson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
        assert wilson(k, n) == pytest.approx(proportion.proportion_confint(k, n, method="wilson"))
    n = answers_to_compare(0.20, 0.23)
    assert power_of(0.20, 0.23, n) >= 0.8 > power_of(0.20, 0.23, n - 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: rate([]),
        lambda: rate([True], ["a", "b"]),
        lambda: rate([True], confidence=1.0),
        lambda: clustered_bound([2], [1]),
        lambda: clustered_bound([], []),
        lambda: answers_needed(0.1, violations=-1),
        lambda: answers_needed(1.5),
        lambda: mean([]),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(UsageError):
        call()
