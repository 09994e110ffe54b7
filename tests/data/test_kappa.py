import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import data
from bankft.errors import UsageError


def labels(table):
    """Turn a table of counts into the two annotators' lists."""
    one, other = [], []
    for row, counts in enumerate(table):
        for column, count in enumerate(counts):
            one += [row] * count
            other += [column] * count
    return one, other


@pytest.mark.parametrize(
    ("table", "value", "interval"),
    [
        # The worked example of the article "Cohen's kappa" in Wikipedia: 0.4. Intervals here and
        # below as statsmodels 0.15 gives them (cohens_kappa: kappa_low, kappa_upp).
        ([[20, 5], [10, 15]], 0.4, (0.151092290, 0.648907710)),
        ([[53, 5, 2], [11, 14, 5], [1, 6, 3]], 0.428571429, (0.279694854, 0.577448003)),
        ([[10, 0], [0, 10]], 1.0, (1.0, 1.0)),  # never apart
    ],
)
def test_cohen(table, value, interval):
    kappa = data.cohen_kappa(*labels(table))
    assert kappa.value == pytest.approx(value)
    assert kappa.interval == pytest.approx(interval, abs=1e-8)
    assert (kappa.items, kappa.raters) == (sum(map(sum, table)), 2)


# The worked example of the article "Fleiss' kappa" in Wikipedia: fourteen raters, ten subjects,
# five categories; the counts of each category by subject.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def ratings(counts):
    return [[k for k, n in enumerate(row) for _ in range(n)] for row in counts]


def test_fleiss():
    kappa = data.fleiss_kappa(ratings(FLEISS))
    assert kappa.observed == pytest.approx(0.378, abs=5e-4)
    assert kappa.expected == pytest.approx(0.213, abs=5e-4)
    assert kappa.value == pytest.approx(0.210, abs=5e-4)
    assert (kappa.items, kappa.raters) == (10, 14)


def test_fleiss_interval_is_near_the_jackknife_s():
    rows = ratings(FLEISS * 12)  # many items: both are large-sample formulas
    kappa = data.fleiss_kappa(rows)
    left_out = [data.fleiss_kappa(rows[:i] + rows[i + 1 :]).value for i in range(len(rows))]
    mean, n = sum(left_out) / len(rows), len(rows)
    error = math.sqrt((n - 1) / n * sum((one - mean) ** 2 for one in left_out))
    half = (kappa.interval[1] - kappa.interval[0]) / 2
    assert half == pytest.approx(1.959964 * error, rel=0.02)


@given(st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=2, max_size=50))
def test_two_raters_stay_between_the_ends(pairs):
    one, other = zip(*pairs, strict=True)
    try:
        kappas = [data.cohen_kappa(one, other), data.fleiss_kappa(pairs)]
    except UsageError:
        assert len({*one, *other}) == 1 or len(set(one)) == len(set(other)) == 1
        return
    for kappa in kappas:
        assert -1 <= kappa.interval[0] <= kappa.value <= kappa.interval[1] <= 1
        assert (kappa.value == pytest.approx(1)) == (one == other)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: data.cohen_kappa([1], [1, 2]), "do not match"),
        (lambda: data.cohen_kappa([], []), "do not match"),
        (lambda: data.cohen_kappa(["a"] * 5, ["a"] * 5), "one and the same"),
        (lambda: data.fleiss_kappa([["a", "b"]]), "two items"),
        (lambda: data.fleiss_kappa([["a"], ["b"]]), "from 2"),
        (lambda: data.fleiss_kappa([["a", "b"], ["a"]]), "same number"),
        (lambda: data.fleiss_kappa([["a", "a"], ["a", "a"]]), "one and the same"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(UsageError, match=said):
        call()


def test_statsmodels_gives_the_same():
    """Held against the library, where a developer has it."""
    rater = pytest.importorskip("statsmodels.stats.inter_rater")
    import numpy

    theirs = rater.cohens_kappa(numpy.array([[53, 5, 2], [11, 14, 5], [1, 6, 3]]))
    ours = data.cohen_kappa(*labels([[53, 5, 2], [11, 14, 5], [1, 6, 3]]))
    assert ours.value == pytest.approx(theirs.kappa)
    assert ours.interval == pytest.approx((theirs.kappa_low, theirs.kappa_upp))
    assert data.fleiss_kappa(ratings(FLEISS)).value == pytest.approx(
        rater.fleiss_kappa(numpy.array(FLEISS))
    )
