"""How sure a counted rate is: intervals for k in n, and how many it takes to claim a small rate.

Only exact or closed forms, in the standard library.
"""

import math

from bankft.errors import UsageError

_Z95 = 1.959963984540054  # the standard normal's 97.5% quantile


def wilson(k: int, n: int, *, z: float = _Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a rate of ``k`` in ``n``.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927), 209-212. Unlike
    p ± z·√(p(1-p)/n) it stays within 0…1 and has a width at 0 and at n too.

    Args:
        k: how often it happened, 0 … n.
        n: how often it was tried, at least 1.
        z: the normal quantile; the default gives 95 %.

    Returns:
        The lower and the upper end, 0 … 1.

    Raises:
        UsageError: ``k`` is not between 0 and ``n``, or ``n`` is less than 1.

    >>> [round(end, 4) for end in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    _require_rate(k, n)
    p, zz = k / n, z * z
    centre = (p + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    # At the two ends the formula gives exactly 0 and 1, floating point nearly so.
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


def upper_bound(k: int, n: int, *, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper bound of a rate of ``k`` in ``n``.

    The rate p at which ``k`` or fewer in ``n`` would be seen with probability 1 - confidence:
    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the
    case of the binomial", Biometrika 26 (1934), 404-413. For k = 0 it is 1 - (1-confidence)^(1/n).

    Args:
        k: how often it happened, 0 … n.
        n: how often it was tried, at least 1; the trials must be independent of one another.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: not a rate, or not a confidence.

    >>> round(upper_bound(0, 3000), 6)
    0.000998
    >>> round(upper_bound(1, 3000), 5)
    0.00158
    """
    _require_rate(k, n)
    _require_confidence(confidence)
    if k == n:
        return 1.0
    if k == 0:
        return -math.expm1(math.log1p(-confidence) / n)
    low, high = k / n, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        if _at_most(k, n, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def trials_needed(rate: float, *, confidence: float = 0.95) -> int:
    """Return how many trials without a single hit it takes to claim "at most ``rate``".

    The smallest n with (1 - rate)^n ≤ 1 - confidence, that is with
    ``upper_bound(0, n) <= rate``.

    Args:
        rate: 0 … 1, both ends left out.
        confidence: 0 … 1, both ends left out.

    Raises:
        UsageError: not a rate between 0 and 1, or not a confidence.

    >>> trials_needed(0.001)
    2995
    """
    _require_confidence(confidence)
    if not 0 < rate < 1:
        raise UsageError(f"A rate of {rate!r} cannot be claimed: use one between 0 and 1.")
    return math.ceil(math.log1p(-confidence) / math.log1p(-rate))


def chance(k: int, n: int, rate: float) -> float:
    """Return the probability of ``k`` or more in ``n`` when each happens at a rate.

    The binomial's upper tail. It is below 1 - confidence exactly where the one-sided
    Clopper-Pearson lower bound of ``k`` in ``n`` lies above ``rate``.

    Args:
        k: how often it happened, 0 … n.
        n: how often it was tried, at least 1; the trials must be independent of one another.
        rate: 0 … 1.

    Raises:
        UsageError: not a rate.

    >>> round(chance(2, 50, 0.001), 5)
    0.00119
    """
    _require_rate(k, n)
    if not 0 <= rate <= 1:
        raise UsageError(f"A rate of {rate!r} is not one: it lies between 0 and 1.")
    if k == 0 or rate == 1:
        return 1.0
    return 0.0 if rate == 0 else max(0.0, 1 - _at_most(k - 1, n, rate))


def _at_most(k: int, n: int, p: float) -> float:
    """Return the probability of at most k hits in n trials: the binomial sum, term by term."""
    log_p, log_q = math.log(p), math.log1p(-p) if p < 1 else -math.inf
    whole = math.lgamma(n + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * log_p + (n - i) * log_q)
        for i in range(k + 1)
    )


def _require_rate(k: int, n: int) -> None:
    if n < 1 or not 0 <= k <= n:
        raise UsageError(f"A rate of {k} in {n} is not one: k lies between 0 and n, n from 1 on.")


def _require_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise UsageError(f"A confidence of {confidence!r} is not one: use 0.95, for example.")
