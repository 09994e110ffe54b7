"""An A/B test that may be looked at after every customer, and stops a harmful arm.

The usual test holds its error rate for one look at a size fixed before. This one holds it for all
looks together: customers come in pairs, one an arm; of the pairs in which one arm alone has a
success, B's share is 1/2 where the arms are alike. A mixture of likelihood ratios against that is
a martingale, so the chance that it ever reaches 1/alpha is at most alpha (J. Ville, 1939).
Sources: A. Wald, "Sequential Analysis" (1947), §6 (pairs); H. Robbins, Annals of Mathematical
Statistics 41 (1970), 1397-1409 (mixtures); R. Johari, P. Koomen, L. Pekelis, D. Walsh, "Always
valid inference", Operations Research 70 (2022), 1806-1821. Exact for any rates, in the standard
library; the kept library for this, confseq, has to be compiled on each machine.
"""

import math
from dataclasses import dataclass, replace
from functools import cache

from bankft.errors import UsageError

_HARM_ODDS = tuple(1.1 * 1.35**i for i in range(12))  # how much likelier harm is in B: 1.1 to 30


def log_evidence(b: int, pairs: int) -> float:
    """Return the log of the evidence against "both arms are alike".

    The likelihood of ``b`` under all odds, mixed by Jeffreys' Beta(1/2, 1/2), over that under 1/2.

    Args:
        b: pairs in which B alone has a success.
        pairs: pairs in which one arm alone has one.

    Raises:
        UsageError: ``b`` is not between 0 and ``pairs``.

    >>> log_evidence(0, 0), round(math.exp(log_evidence(18, 20)), 1)
    (0.0, 273.3)
    """
    _require(b, pairs)
    return _log_beta(b + 0.5, pairs - b + 0.5) - _log_beta(0.5, 0.5) + pairs * math.log(2)


def log_harm(b: int, pairs: int) -> float:
    """Return the log of the evidence that harm is likelier in arm B than in arm A.

    An even mixture over odds above 1, so that a B with less harm never adds to it.

    Args:
        b: pairs in which B alone did harm.
        pairs: pairs in which one arm alone did.

    Raises:
        UsageError: ``b`` is not between 0 and ``pairs``.

    >>> log_harm(0, 10) < 0 < log_harm(10, 10)
    True
    """
    _require(b, pairs)
    return _log_mean(
        [
            b * math.log(2 * odds / (1 + odds)) + (pairs - b) * math.log(2 / (1 + odds))
            for odds in _HARM_ODDS
        ]
    )


def log_above(k: int, n: int, limit: float) -> float:
    """Return the log of the evidence that a rate is above a limit, after ``k`` in ``n``.

    An even mixture over rates from 1.1 to 30 times the limit (below 1).

    Args:
        k: how often it happened.
        n: how often it was tried.
        limit: 0 … 1, both ends left out.

    Raises:
        UsageError: not a rate, or not a limit.

    >>> log_above(0, 1000, 0.001) < 0 < log_above(10, 1000, 0.001)
    True
    """
    _require(k, n)
    if not 0 < limit < 1:
        raise UsageError(f"A limit of {limit!r} is no rate between 0 and 1.")
    rates = [limit * odds for odds in _HARM_ODDS if limit * odds < 1] or [(1 + limit) / 2]
    return _log_mean(
        [k * math.log(p / limit) + (n - k) * (math.log1p(-p) - math.log1p(-limit)) for p in rates]
    )


def odds_interval(b: int, pairs: int, *, alpha: float = 0.05) -> tuple[float, float]:
    """Return a confidence interval of B's odds of success over A's that holds at every look.

    All odds that the evidence of `log_evidence`, taken against them, has not yet reached 1/alpha.

    Args:
        b: pairs in which B alone has a success.
        pairs: pairs in which one arm alone has one.
        alpha: how often it may ever miss the truth.

    Returns:
        Lower and upper end, 0 to infinity; 1 is no difference.

    Raises:
        UsageError: ``b`` is not between 0 and ``pairs``.

    >>> low, high = odds_interval(70, 100)
    >>> 1 < low < 70 / 30 < high
    True
    """
    _require(b, pairs)
    mixed = _log_beta(b + 0.5, pairs - b + 0.5) - _log_beta(0.5, 0.5)

    def excess(share: float) -> float:
        likelihood = b * math.log(share) + (pairs - b) * math.log1p(-share)
        return mixed - likelihood + math.log(alpha)

    best = b / pairs if pairs else 0.5
    low = 0.0 if b == 0 or excess(1e-12) < 0 else _cross(excess, 1e-12, best)
    high = 1.0 if b == pairs or excess(1 - 1e-12) < 0 else _cross(excess, 1 - 1e-12, best)
    return low / (1 - low), high / (1 - high) if high < 1 else math.inf


@dataclass(frozen=True)
class ABTest:
    """An A/B test as it stands; `add` gives it as it stands after one more pair of customers.

    Attributes:
        alpha: the chance, over all looks, to name a winner where the arms are alike.
        guard_alpha: the chance, over all looks, to stop a harmless B for each of the two guards.
        harm_limit: the share of B's answers that may do harm, as 0.001; None sets no such limit.
        pairs: customers an arm so far.
        successes: in A and in B, as clicks.
        harms: in A and in B, as violations.
        alone: pairs in which A alone, in which B alone has a success.
        harm_alone: pairs in which A alone, in which B alone did harm.
        decision: ``go_on``; ``a_better`` or ``b_better``; ``harm`` once B must stop. Once made,
            it stays.

    >>> test = ABTest()
    >>> for customer in range(60):
    ...     test = test.add(a=customer % 5 == 0, b=customer % 5 > 0)
    >>> test.decision
    'b_better'
    """

    alpha: float = 0.05
    guard_alpha: float = 0.01
    harm_limit: float | None = None
    pairs: int = 0
    successes: tuple[int, int] = (0, 0)
    harms: tuple[int, int] = (0, 0)
    alone: tuple[int, int] = (0, 0)
    harm_alone: tuple[int, int] = (0, 0)
    decision: str = "go_on"

    def __post_init__(self) -> None:
        if not (0 < self.alpha < 1 and 0 < self.guard_alpha < 1):
            raise UsageError("Both levels lie between 0 and 1: use 0.05 and 0.01, for example.")

    def add(self, *, a: bool, b: bool, a_harm: bool = False, b_harm: bool = False) -> "ABTest":
        """Return the test after one more customer in each arm.

        Args:
            a: whether A's had a success.
            b: whether B's had one.
            a_harm: whether A's answer did harm.
            b_harm: whether B's did.
        """
        grown = replace(
            self,
            pairs=self.pairs + 1,
            successes=(self.successes[0] + a, self.successes[1] + b),
            harms=(self.harms[0] + a_harm, self.harms[1] + b_harm),
            alone=(self.alone[0] + (a and not b), self.alone[1] + (b and not a)),
            harm_alone=(
                self.harm_alone[0] + (a_harm and not b_harm),
                self.harm_alone[1] + (b_harm and not a_harm),
            ),
        )
        return grown if self.decision == "harm" else replace(grown, decision=grown._decide())

    def _decide(self) -> str:
        guard = -math.log(self.guard_alpha)
        if log_harm(self.harm_alone[1], sum(self.harm_alone)) >= guard:
            return "harm"
        if self.harm_limit is not None and (
            log_above(self.harms[1], self.pairs, self.harm_limit) >= guard
        ):
            return "harm"
        if self.decision != "go_on":
            return self.decision
        a, b = self.alone
        if log_evidence(b, a + b) >= -math.log(self.alpha):
            return "b_better" if b > a else "a_better"
        return "go_on"

    @property
    def p_value(self) -> float:
        """An always-valid p-value of "both arms are alike", from the evidence of this look."""
        return min(1.0, math.exp(-log_evidence(self.alone[1], sum(self.alone))))

    @property
    def odds(self) -> tuple[float, float]:
        """The interval of B's odds over A's, at ``alpha``."""
        return odds_interval(self.alone[1], sum(self.alone), alpha=self.alpha)


@cache
def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_mean(logs: list[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(x - top) for x in logs) / len(logs))


def _cross(excess: object, outside: float, inside: float) -> float:
    """Return where a function changes its sign: at or above 0 outside, below it inside."""
    assert callable(excess)
    for _ in range(100):
        middle = (outside + inside) / 2
        if excess(middle) >= 0:
            outside = middle
        else:
            inside = middle
    return inside


def _require(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise UsageError(f"{k} in {n} is no count: it lies between 0 and the number of pairs.")
