import random

import pytest

from bankft.errors import UsageError
from bankft.evals import holm, mcnemar, paired


@pytest.mark.parametrize(
    ("better", "worse", "p"),
    [
        (0, 0, 1.0),  # nothing differs
        (5, 5, 1.0),
        (10, 2, 0.03857421875),  # 2 · 79 / 4096
        (6, 0, 0.03125),
        (0, 5, 0.0625),  # five against none are not enough
    ],
)
def test_mcnemar(better, worse, p):
    assert mcnemar(better, worse) == pytest.approx(p)


def test_against_scipy_and_statsmodels():
    stats = pytest.importorskip("scipy.stats")
    multi = pytest.importorskip("statsmodels.stats.multitest")
    for better, worse in [(3, 9), (20, 41), (1, 1)]:
        theirs = stats.binomtest(better, better + worse).pvalue
        assert mcnemar(better, worse) == pytest.approx(theirs)
    given = {"a": 0.001, "b": 0.04, "c": 0.03, "d": 0.2}
    theirs = multi.multipletests(list(given.values()), method="holm")[1]
    assert list(holm(given).values()) == pytest.approx(list(theirs))


def test_copies_of_a_question_are_one_question():
    before = {n: [0.0] * 10 for n in range(5)}
    after = {n: [1.0] * 10 for n in range(5)}
    found = paired(before, after)
    assert (found.questions, found.better, found.worse) == (5, 5, 0)
    assert found.p == pytest.approx(0.0625)  # of 50 answers it would be 2e-15


def test_only_common_questions_count():
    found = paired({1: [0.0], 2: [1.0], 3: [1.0]}, {2: [1.0], 3: [0.0], 4: [0.0]})
    assert (found.questions, found.before, found.after) == (2, 1.0, 0.5)
    with pytest.raises(UsageError, match="share no question"):
        paired({1: [0.0]}, {2: [0.0]})


def test_the_interval_covers_and_repeats():
    covered = 0
    for seed in range(80):
        draw = random.Random(seed)
        before = {n: [float(draw.random() < 0.5)] for n in range(100)}
        after = {n: [float(draw.random() < 0.6)] for n in range(100)}
        found = paired(before, after)
        covered += found.low <= 0.1 <= found.high
    assert 0.88 <= covered / 80 <= 1
    assert paired(before, after) == found
