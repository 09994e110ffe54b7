"""How sure a measured rate or mean is, also where several answers share a question.

Exact or closed forms in the standard library; what plans an experiment needs the extra ``evals``
(statsmodels).
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from bankft.errors import MissingExtra, UsageError
from bankft.rates import trials_needed, upper_bound, wilson


@dataclass(frozen=True)
class Rate:
    """A share of answers, with how sure it is.

    Attributes:
        hits: answers that have what is counted.
        answers: that were looked at.
        questions: distinct ones; answers to the same question are not independent.
        questions_hit: questions with a hit in any of their answers.
        value: hits / answers.
        low: lower end of a two-sided interval: Wilson's, with the effective number of answers.
        high: its upper end.
        upper: one-sided bound that holds exactly, counting questions (see `clustered_bound`).
        design_effect: by how much sharing questions inflates the variance; 1 where none do.
        confidence: of interval and bound.
    """

    hits: int
    answers: int
    questions: int
    questions_hit: int
    value: float
    low: float
    high: float
    upper: float
    design_effect: float
    confidence: float


@dataclass(frozen=True)
class Mean:
    """A mean with its interval; ``questions`` distinct ones, as in `Rate`."""

    value: float
    low: float
    high: float
    answers: int
    questions: int
    confidence: float


def clopper_pearson(k: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a rate of ``k`` in ``n``.

    C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404-413: it never covers less than it
    claims, and therefore is wider than Wilson's.

    Args:
        k: how often it happened, 0 … n.
        n: how often it was tried, independently, at least 1.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: not a rate, or not a confidence.

    >>> [round(end, 4) for end in clopper_pearson(8, 10)]
    [0.4439, 0.9748]
    """
    _require_confidence(confidence)
    each = (1 + confidence) / 2
    return 1 - upper_bound(n - k, n, confidence=each), upper_bound(k, n, confidence=each)


def clustered_bound(
    hits: Sequence[int], sizes: Sequence[int], *, confidence: float = 0.95
) -> float:
    """Return the one-sided upper bound of a rate when several answers share a question.

    Counts questions, not answers: one with a hit in any of its answers is a hit. The share of
    answers with a hit cannot exceed the share of questions with one, so Clopper-Pearson's bound of
    the latter holds for the former, exactly and however alike the answers to a question are. A
    question weighs the same whatever the number of its answers. It gives away precision where
    many questions have a hit in a few of many answers.

    Args:
        hits: of each question, in how many answers.
        sizes: of each question, how many answers, at least 1.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: no question, lists of different lengths, or more hits than answers.

    >>> round(clustered_bound([0] * 300, [10] * 300), 4)  # 3,000 answers, 300 questions
    0.0099
    """
    if not sizes or len(hits) != len(sizes):
        raise UsageError("Give hits and answers of each question, at least one question.")
    if any(n < 1 or not 0 <= k <= n for k, n in zip(hits, sizes, strict=True)):
        raise UsageError("A question has 1 answer or more, and no more hits than answers.")
    return upper_bound(sum(k > 0 for k in hits), len(sizes), confidence=confidence)


def design_effect(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Return how much larger a mean's variance is than that of as many independent values.

    L. Kish, "Survey Sampling" (1965), §5.4: the variance of the mean from the clusters' totals
    (linearised), over the variance from single values. Not below 1; 1 where nothing varies.

    Args:
        values: of the answers.
        clusters: the question of each.

    Raises:
        UsageError: lists of different lengths, or none.

    >>> design_effect([1, 1, 0, 0], ["a", "a", "b", "b"])
    3.0
    """
    n, mean = len(values), _mean(values)
    spread = math.fsum((v - mean) ** 2 for v in values)
    groups = len(set(clusters))
    if spread == 0 or groups == n or groups < 2:
        return 1.0 if spread == 0 or groups == n else float(n)
    alone = spread / (n - 1) / n
    return max(1.0, _cluster_variance(values, clusters) / alone)


def rate(
    flags: Sequence[bool], clusters: Sequence[Hashable] | None = None, *, confidence: float = 0.95
) -> Rate:
    """Return the share of answers that have something, with interval and bound.

    Args:
        flags: of each answer.
        clusters: the question of each; without it every answer is a question of its own.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: no answers, lists of different lengths, or not a confidence.

    >>> found = rate([False] * 3000, [n // 10 for n in range(3000)])
    >>> found.hits, found.questions, round(found.upper, 4)
    (0, 300, 0.0099)
    """
    _require_confidence(confidence)
    named = _clusters(flags, clusters)
    counted: dict[Hashable, list[int]] = {}
    for flag, cluster in zip(flags, named, strict=True):
        both = counted.setdefault(cluster, [0, 0])
        both[0] += bool(flag)
        both[1] += 1
    k, n, questions = sum(map(bool, flags)), len(flags), len(counted)
    effect = design_effect([float(f) for f in flags], named)
    if k in (0, n):  # nothing varies, so nothing is known but how many questions were asked
        effect = n / questions
    effective = max(1.0, n / effect)
    low, high = _wilson(k / n, effective, confidence)
    return Rate(
        hits=k,
        answers=n,
        questions=questions,
        questions_hit=sum(both[0] > 0 for both in counted.values()),
        value=k / n,
        low=low,
        high=high,
        upper=clustered_bound(
            [both[0] for both in counted.values()],
            [both[1] for both in counted.values()],
            confidence=confidence,
        ),
        design_effect=effect,
        confidence=confidence,
    )


def mean(
    values: Sequence[float], clusters: Sequence[Hashable] | None = None, *, confidence: float = 0.95
) -> Mean:
    """Return a mean with its interval from the questions' totals.

    The linearised (cluster-robust) standard error and the normal quantile: K.-Y. Liang,
    S. L. Zeger, Biometrika 73 (1986), 13-22. Rough below some 30 questions.

    Args:
        values: of the answers.
        clusters: the question of each; without it every answer is a question of its own.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: no values, lists of different lengths, or not a confidence.

    >>> found = mean([1.0, 0.0, 1.0, 0.0] * 25)
    >>> found.value, round(found.low, 3)
    (0.5, 0.402)
    """
    _require_confidence(confidence)
    named = _clusters(values, clusters)
    value, questions = _mean(values), len(set(named))
    half = math.inf
    if questions > 1:
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        half = z * math.sqrt(_cluster_variance(values, named))
    return Mean(value, value - half, value + half, len(values), questions, confidence)


def answers_needed(limit: float, *, violations: int = 0, confidence: float = 0.95) -> int:
    """Return how many answers it takes to claim "at most ``limit``" despite some violations.

    The smallest n with ``upper_bound(violations, n) <= limit``; each to a question of its own.

    Args:
        limit: 0 … 1, both ends left out.
        violations: that may happen among them.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: not a rate, not a confidence, or fewer violations than none.

    >>> answers_needed(0.001), answers_needed(0.001, violations=1)
    (2995, 4742)
    """
    if violations < 0:
        raise UsageError(f"There cannot be {violations} violations.")
    n = high = trials_needed(limit, confidence=confidence)
    if violations == 0:
        return n
    while upper_bound(violations, high, confidence=confidence) > limit:
        n, high = high, 2 * high
    while high - n > 1:
        middle = (n + high) // 2
        if upper_bound(violations, middle, confidence=confidence) > limit:
            n = middle
        else:
            high = middle
    return high


def answers_to_compare(
    before: float, after: float, *, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Return how many answers an arm it takes to see that a rate moved from one value to another.

    Two-sided, by the arcsine difference (J. Cohen, "Statistical Power Analysis" (1988), ch. 6) in
    statsmodels. For questions that both arms share, fewer do.

    Args:
        before: the rate of one arm, 0 … 1.
        after: the other's.
        power: the chance to see it.
        alpha: the chance to see it where there is nothing.

    Raises:
        UsageError: the rates are the same or none.
        MissingExtra: statsmodels is not installed.

    >>> answers_to_compare(0.20, 0.23)  # doctest: +SKIP
    2941
    """
    effect = _effect(before, after)
    found = _power().solve_power(effect_size=effect, power=power, alpha=alpha)
    return math.ceil(float(found))


def power_of(before: float, after: float, answers: int, *, alpha: float = 0.05) -> float:
    """Return the chance to see that a rate moved, with so many answers an arm.

    Raises:
        UsageError: the rates are the same or none.
        MissingExtra: statsmodels is not installed.

    >>> round(power_of(0.20, 0.23, 2941), 2)  # doctest: +SKIP
    0.8
    """
    return float(_power().power(_effect(before, after), nobs1=answers, alpha=alpha))


def _power() -> Any:
    try:
        from statsmodels.stats.power import NormalIndPower
    except ImportError:
        raise MissingExtra("Planning a comparison", package="statsmodels", extra="evals") from None
    return NormalIndPower()


def _effect(before: float, after: float) -> float:
    if not (0 <= before <= 1 and 0 <= after <= 1) or before == after:
        raise UsageError("Give two different rates between 0 and 1.")
    return abs(2 * math.asin(math.sqrt(after)) - 2 * math.asin(math.sqrt(before)))


def _clusters(values: Sequence[Any], clusters: Sequence[Hashable] | None) -> Sequence[Hashable]:
    if not values:
        raise UsageError("There is nothing to measure: no answers.")
    if clusters is not None and len(clusters) != len(values):
        raise UsageError(f"There are {len(values)} answers, but {len(clusters)} questions.")
    return range(len(values)) if clusters is None else clusters


def _mean(values: Sequence[float]) -> float:
    if not values:
        raise UsageError("There is nothing to measure: no answers.")
    return math.fsum(values) / len(values)


def _cluster_variance(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Return the variance of the mean from the clusters' totals of differences from it."""
    centre, totals = _mean(values), dict[Hashable, float]()
    for value, cluster in zip(values, clusters, strict=True):
        totals[cluster] = totals.get(cluster, 0.0) + value - centre
    groups = len(totals)
    return groups / (groups - 1) * math.fsum(t * t for t in totals.values()) / len(values) ** 2


def _wilson(p: float, n: float, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval for an effective number of trials, which need not be whole."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    if n == int(n) and abs(p * n - round(p * n)) < 1e-9:
        return wilson(round(p * n), int(n), z=z)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (0.0 if p == 0 else max(0.0, centre - half)), (
        1.0 if p == 1 else min(1.0, centre + half)
    )


def _require_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise UsageError(f"A confidence of {confidence!r} is not one: use 0.95, for example.")
