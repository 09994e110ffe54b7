"""Are a reward model's probabilities true? Of pairs it is 80 % sure of, four in five should hold.

C. Guo et al., "On Calibration of Modern Neural Networks", arXiv 1706.04599 (2017), on pairs: the
score difference of two answers says how sure the model is, and its sign which one it prefers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bin:
    """Pairs of which the model is alike sure: how many, how sure on average, how often right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def reliability(margins: Sequence[float], bins: int = 5) -> list[Bin]:
    """Group pairs by how sure the model is, from 0.5 (it cannot tell) to 1.

    Args:
        margins: score of the better answer minus score of the worse one, for each pair.
        bins: how many groups of equal width; empty ones are left out.

    >>> [(b.n, round(b.confidence, 2), b.accuracy) for b in reliability([0.1, -0.1, 3.0, 3.0])]
    [(2, 0.52, 0.5), (2, 0.95, 1.0)]
    """
    groups: dict[int, list[tuple[float, bool]]] = {}
    for margin in margins:
        sure = 1 / (1 + math.exp(-min(abs(margin), 700)))
        place = min(bins - 1, int((sure - 0.5) * 2 * bins))
        groups.setdefault(place, []).append((sure, margin > 0))
    return [
        Bin(
            low=0.5 + place / bins / 2,
            high=0.5 + (place + 1) / bins / 2,
            n=len(some),
            confidence=sum(sure for sure, _ in some) / len(some),
            accuracy=sum(right for _, right in some) / len(some),
        )
        for place, some in sorted(groups.items())
    ]


def calibration_error(margins: Sequence[float], bins: int = 5) -> float:
    """Expected calibration error (0–1): how far sureness and accuracy are apart, over all pairs.

    >>> round(calibration_error([3.0] * 19 + [-3.0]), 3)  # 95 % sure, right in 95 %
    0.003
    """
    parts = reliability(margins, bins)
    return sum(one.n * abs(one.confidence - one.accuracy) for one in parts) / len(margins)
