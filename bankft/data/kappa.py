"""How far annotators agree beyond chance: Cohen's and Fleiss' kappa, with intervals."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from bankft.errors import UsageError

_Z95 = 1.959963984540054  # the standard normal's 97.5% quantile


@dataclass(frozen=True)
class Kappa:
    """Agreement between annotators.

    Attributes:
        value: 1 all agree, 0 as by chance, below 0 less than by chance.
        interval: 95 %, from the large-sample standard error; rough below some 30 items.
        observed: The share of agreement seen.
        expected: The share that chance alone would give.
        items: How many were annotated.
        raters: How many annotated each.
    """

    value: float
    interval: tuple[float, float]
    observed: float
    expected: float
    items: int
    raters: int


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> Kappa:
    """Return Cohen's kappa of two annotators who labelled the same items.

    J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20 (1960), 37-46; standard error by J. L. Fleiss, J. Cohen, B. S. Everitt,
    "Large sample standard errors of kappa and weighted kappa", Psychological Bulletin 72 (1969),
    323-327.

    Args:
        one: Labels of one annotator, an item each.
        other: Labels of the other, in the same order.

    Raises:
        UsageError: The lists differ in length or are empty, or both annotators gave one and the
            same label to everything: then chance explains all, and kappa has no value.

    >>> one = ["yes"] * 25 + ["no"] * 25
    >>> other = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    >>> round(cohen_kappa(one, other).value, 2)
    0.4
    """
    n = len(one)
    if n != len(other) or n == 0:
        raise UsageError(f"Two annotators label the same items: {n} and {len(other)} do not match.")
    labels = sorted({*one, *other}, key=repr)
    pairs = Counter(zip(one, other, strict=True))
    first, second = Counter(one), Counter(other)
    p = {pair: count / n for pair, count in pairs.items()}
    row = {label: first[label] / n for label in labels}
    column = {label: second[label] / n for label in labels}
    observed = math.fsum(p.get((label, label), 0.0) for label in labels)
    expected = math.fsum(row[label] * column[label] for label in labels)
    value = _value(observed, expected)
    agree = math.fsum(
        p.get((label, label), 0.0) * (1 - (row[label] + column[label]) * (1 - value)) ** 2
        for label in labels
    )
    differ = (1 - value) ** 2 * math.fsum(
        share * (column[a] + row[b]) ** 2 for (a, b), share in p.items() if a != b
    )
    rest = (value - expected * (1 - value)) ** 2
    variance = (agree + differ - rest) / (n * (1 - expected) ** 2)
    return Kappa(value, _interval(value, variance), observed, expected, n, 2)


def fleiss_kappa(ratings: Sequence[Sequence[Hashable]]) -> Kappa:
    """Return Fleiss' kappa of several annotators, each item labelled by equally many.

    J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76
    (1971), 378-382; standard error by K. L. Gwet, "Computing inter-rater reliability and its
    variance in the presence of high agreement", British Journal of Mathematical and Statistical
    Psychology 61 (2008), 29-48, which unlike Fleiss' own holds where there is agreement, too.

    Args:
        ratings: The labels of each item; who gave which does not matter.

    Raises:
        UsageError: There are fewer than two items or annotators, items have different numbers of
            labels, or there is one label only.

    >>> round(fleiss_kappa([["a", "a", "b"], ["b", "b", "b"], ["a", "a", "a"]]).value, 2)
    0.55
    """
    n, m = len(ratings), len(ratings[0]) if ratings else 0
    if n < 2 or m < 2 or any(len(item) != m for item in ratings):
        raise UsageError("Give two items or more, each with the same number of labels, from 2.")
    counts = [Counter(item) for item in ratings]
    share: Counter[Hashable] = Counter()
    for item in counts:
        share.update(item)
    overall = {label: count / (n * m) for label, count in share.items()}
    agreement = [sum(k * (k - 1) for k in item.values()) / (m * (m - 1)) for item in counts]
    observed = math.fsum(agreement) / n
    expected = math.fsum(p * p for p in overall.values())
    value = _value(observed, expected)
    # Gwet's linearisation: an item's own kappa, less what it adds to chance agreement.
    by_item = [
        (agreed - expected) / (1 - expected)
        - 2
        * (1 - value)
        * (math.fsum(overall[a] * k / m for a, k in item.items()) - expected)
        / (1 - expected)
        for agreed, item in zip(agreement, counts, strict=True)
    ]
    variance = math.fsum((one - value) ** 2 for one in by_item) / (n * (n - 1))
    return Kappa(value, _interval(value, variance), observed, expected, n, m)


def _value(observed: float, expected: float) -> float:
    if expected >= 1 - 1e-12:
        raise UsageError("All labels are one and the same: there is no agreement to measure.")
    return (observed - expected) / (1 - expected)


def _interval(value: float, variance: float) -> tuple[float, float]:
    half = _Z95 * math.sqrt(max(0.0, variance))
    return max(-1.0, value - half), min(1.0, value + half)
