"""What a canary's last answers show, and whether that is reason enough to take it back."""

from collections import deque
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from bankft.errors import UsageError
from bankft.rates import chance


@dataclass(frozen=True)
class Limits:
    """What a canary may do, over the last ``seconds``.

    Attributes:
        seconds: How far back the window reaches.
        min_answers: With fewer, nothing is concluded.
        error_rate: The share of failed answers that is still accepted, 0–1.
        latency_p95_ms: What 95 of 100 answers must not exceed, in milliseconds; None: no limit.
        violation_rate: The share of answers with a violation that is still accepted, 0–1.
        confidence: How sure it must be that a rate lies above its limit, 0–1.
    """

    seconds: float = 300.0
    min_answers: int = 50
    error_rate: float = 0.02
    latency_p95_ms: float | None = 5000.0
    violation_rate: float = 0.001
    confidence: float = 0.95

    def __post_init__(self) -> None:
        rates = (self.error_rate, self.violation_rate, self.confidence)
        if self.seconds <= 0 or self.min_answers < 1 or not all(0 <= rate < 1 for rate in rates):
            raise UsageError(
                "Limits need seconds above 0, min_answers from 1 on, and rates from 0 to below 1."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return them for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """What became of one answer.

    Attributes:
        at: When it was finished, in seconds of any clock that does not go back.
        failed: Whether it ended in an error of the server.
        latency_ms: How long the client waited for the whole of it.
        violating: Whether the rules found a violation in it.
    """

    at: float
    failed: bool = False
    latency_ms: float = 0.0
    violating: bool = False


class Window:
    """The outcomes of the last minutes; what is older is forgotten.

    Args:
        limits: What is accepted.

    >>> window = Window(Limits(min_answers=20, violation_rate=0.001))
    >>> for second in range(20):
    ...     window.add(Outcome(at=second, violating=second in (3, 9)))
    >>> window.reason()
    'violations: 2 of 20 answers, with 95% confidence more than the 0.1% that is accepted'
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._outcomes: deque[Outcome] = deque()

    def add(self, outcome: Outcome) -> None:
        """Take an outcome in, and forget what has become too old."""
        self._outcomes.append(outcome)
        self.forget(outcome.at)

    def forget(self, now: float) -> None:
        """Forget what is older than the window."""
        while self._outcomes and self._outcomes[0].at < now - self.limits.seconds:
            self._outcomes.popleft()

    def __len__(self) -> int:
        return len(self._outcomes)

    def counts(self) -> dict[str, float]:
        """Return answers, failures, violations, and the 95th percentile of the latency (ms)."""
        known = self._outcomes
        return {
            "answers": len(known),
            "failed": sum(one.failed for one in known),
            "violating": sum(one.violating for one in known),
            "latency_p95_ms": self._p95(),
        }

    def reason(self) -> str | None:
        """Return why the canary must be taken back, None while there is no reason.

        A rate counts when its exact one-sided lower bound (Clopper–Pearson) lies above what is
        accepted: one error among a few answers is no reason, the same share of many is. The
        window is looked at again after every answer, so a false alarm is likelier than
        1 - confidence: taking a good model back costs little.
        """
        n = len(self._outcomes)
        if n < self.limits.min_answers:
            return None
        counts = self.counts()
        for name, key, accepted in (
            ("errors", "failed", self.limits.error_rate),
            ("violations", "violating", self.limits.violation_rate),
        ):
            k = int(counts[key])
            if k > accepted * n and chance(k, n, accepted) < 1 - self.limits.confidence:
                return (
                    f"{name}: {k} of {n} answers, with {self.limits.confidence:.0%} confidence "
                    f"more than the {100 * accepted:.3g}% that is accepted"
                )
        most, took = self.limits.latency_p95_ms, counts["latency_p95_ms"]
        if most is not None and took > most:
            return (
                f"latency: 5 of 100 answers took {took:.0f} ms or more, and {most:.0f} is accepted"
            )
        return None

    def _p95(self) -> float:
        took = sorted(one.latency_ms for one in self._outcomes if not one.failed)
        return took[ceil(0.95 * len(took)) - 1] if took else 0.0
