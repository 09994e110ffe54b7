"""What token probabilities, confidences and times tell: perplexity, calibration, latency."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bankft.errors import UsageError


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence: mean confidence and share that was right."""

    low: float
    high: float
    answers: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Calibration:
    """Whether confidence means what it says.

    Attributes:
        ece: expected calibration error, 0 to 1: how far confidence is from the share of right
            answers, on average.
        brier: mean squared distance of confidence from right (1) or wrong (0).
        bins: what the error is computed from.
    """

    ece: float
    brier: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Latency:
    """How long answers took, in seconds, by nearest-rank percentiles."""

    p50: float
    p90: float
    p99: float
    longest: float
    mean: float
    answers: int


def perplexity(logprobs: Sequence[Sequence[float]]) -> float:
    """Return the perplexity of answers from the logprobs of their tokens.

    e to the mean negative log-probability of a token (F. Jelinek et al., 1977), over all tokens
    of all answers. It says how expected the text was to the model that gave the logprobs; of
    models with different tokens it cannot be compared.

    Args:
        logprobs: natural logarithms, a list an answer.

    Raises:
        UsageError: there is no token, or a logarithm above 0.

    >>> round(perplexity([[math.log(0.5), math.log(0.5)], [math.log(0.25)]]), 3)
    2.52
    """
    every = [value for one in logprobs for value in one]
    if not every or any(value > 1e-6 for value in every):
        raise UsageError("Perplexity needs the log-probabilities of tokens, none of them above 0.")
    return math.exp(-math.fsum(every) / len(every))


def calibration(
    confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10
) -> Calibration:
    """Return how far confidences are from how often they were right.

    Expected calibration error with bins of equal width (M. P. Naeini, G. Cooper, M. Hauskrecht,
    AAAI 2015), and the score of G. W. Brier, Monthly Weather Review 78 (1950), 1-3.

    Args:
        confidences: 0 to 1, of each answer; the mean probability of its tokens, for example.
        right: whether it was.
        bins: how many.

    Raises:
        UsageError: no answers, lists of different lengths, or a confidence outside 0 to 1.

    >>> found = calibration([0.9, 0.9, 0.9, 0.9], [True, True, True, False])
    >>> round(found.ece, 2), round(found.brier, 2)
    (0.15, 0.21)
    """
    if not confidences or len(confidences) != len(right) or bins < 1:
        raise UsageError("Give a confidence and a verdict of each answer, at least one.")
    if any(not 0 <= c <= 1 for c in confidences):
        raise UsageError("A confidence lies between 0 and 1.")
    kept: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, good in zip(confidences, right, strict=True):
        kept[min(bins - 1, int(confidence * bins))].append((confidence, bool(good)))
    found = tuple(
        Bin(
            low=n / bins,
            high=(n + 1) / bins,
            answers=len(some),
            confidence=math.fsum(c for c, _ in some) / len(some),
            right=sum(good for _, good in some) / len(some),
        )
        for n, some in enumerate(kept)
        if some
    )
    total = len(confidences)
    return Calibration(
        ece=math.fsum(abs(b.confidence - b.right) * b.answers / total for b in found),
        brier=math.fsum((c - g) ** 2 for c, g in zip(confidences, right, strict=True)) / total,
        bins=found,
    )


def latency(seconds: Sequence[float]) -> Latency:
    """Return the percentiles of how long answers took.

    Raises:
        UsageError: there is no answer.

    >>> latency([0.1] * 98 + [1.0, 2.0]).p99
    1.0
    """
    if not seconds:
        raise UsageError("There is no answer whose time could be told.")
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    mean = math.fsum(ordered) / len(ordered)
    return Latency(at(0.5), at(0.9), at(0.99), ordered[-1], mean, len(ordered))


def token_use(useful: Sequence[int], spent: Sequence[int]) -> float:
    """Return token utilisation: tokens that were of use over tokens that were paid for.

    Args:
        useful: of each answer, as its tokens where it is right and compliant, else 0.
        spent: of each answer, tokens read and written, retries included.

    Raises:
        UsageError: lists of different lengths, or nothing was spent.

    >>> token_use([20, 0], [100, 100])
    0.1
    """
    if len(useful) != len(spent) or sum(spent) <= 0:
        raise UsageError("Give useful and spent tokens of each answer, some of them spent.")
    return sum(useful) / sum(spent)
