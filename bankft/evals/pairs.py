"""Two models on the same questions: is the difference more than chance?"""

import math
import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bankft.errors import UsageError

_RESAMPLES = 2000
_Q = TypeVar("_Q", bound=Hashable)


@dataclass(frozen=True)
class Difference:
    """What a second model's mean has over a first one's, on the same questions.

    Attributes:
        before: the first model's mean.
        after: the second's.
        value: after - before.
        low: lower end of the interval.
        high: its upper end.
        p: the chance of a difference at least as large where there is none, two-sided.
        questions: distinct ones that both answered.
        better: questions on which the second is better.
        worse: on which it is worse.
    """

    before: float
    after: float
    value: float
    low: float
    high: float
    p: float
    questions: int
    better: int
    worse: int


def mcnemar(better: int, worse: int) -> float:
    """Return the exact two-sided p-value of McNemar's test.

    Q. McNemar, Psychometrika 12 (1947), 153-157: of the questions on which two models differ,
    either is as likely to be the better one where nothing is behind it.

    Args:
        better: questions on which the second model is better.
        worse: questions on which it is worse.

    Raises:
        UsageError: a negative count.

    >>> round(mcnemar(10, 2), 4)
    0.0386
    """
    if better < 0 or worse < 0:
        raise UsageError("Counts of questions cannot be negative.")
    n, k = better + worse, min(better, worse)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def paired(
    before: Mapping[_Q, Sequence[float]],
    after: Mapping[_Q, Sequence[float]],
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Difference:
    """Compare two models on the questions that both answered.

    A question is the unit: its answers are averaged, then questions are drawn again with
    replacement (the percentile bootstrap; B. Efron, R. J. Tibshirani, "An Introduction to the
    Bootstrap" (1993), ch. 13). The p-value is exact: McNemar's on the questions where one model is
    better, which asks only who is ahead, not by how much.

    Args:
        before: values of the first model's answers, by question.
        after: the second model's.
        confidence: of the interval.
        seed: the same seed gives the same interval.

    Raises:
        UsageError: no question is common to both.

    >>> found = paired({n: [0.0] for n in range(40)}, {n: [float(n < 30)] for n in range(40)})
    >>> found.value, found.better, found.worse, found.low > 0.5
    (0.75, 30, 0, True)
    """
    common = [q for q in before if q in after and before[q] and after[q]]
    if not common:
        raise UsageError("The two runs share no question: compare runs on the same test set.")
    first = [math.fsum(before[q]) / len(before[q]) for q in common]
    second = [math.fsum(after[q]) / len(after[q]) for q in common]
    apart = [b - a for a, b in zip(first, second, strict=True)]
    n, rng = len(apart), random.Random(seed)
    if any(apart):
        means = sorted(math.fsum(rng.choices(apart, k=n)) / n for _ in range(_RESAMPLES))
        cut = (1 - confidence) / 2 * (_RESAMPLES - 1)
        low, high = means[math.floor(cut)], means[math.ceil(_RESAMPLES - 1 - cut)]
    else:
        low = high = 0.0
    better, worse = sum(d > 1e-12 for d in apart), sum(d < -1e-12 for d in apart)
    return Difference(
        before=math.fsum(first) / n,
        after=math.fsum(second) / n,
        value=math.fsum(apart) / n,
        low=low,
        high=high,
        p=mcnemar(better, worse),
        questions=n,
        better=better,
        worse=worse,
    )


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values adjusted for how many comparisons were made.

    S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70: the chance of any false alarm
    among them stays below the level that they are compared with.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    adjusted, floor, left = dict[str, float](), 0.0, len(p_values)
    for name, p in sorted(p_values.items(), key=lambda pair: pair[1]):
        floor = max(floor, min(1.0, p * left))
        adjusted[name] = floor
        left -= 1
    return {name: adjusted[name] for name in p_values}
