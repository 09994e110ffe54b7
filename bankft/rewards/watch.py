"""Watch a reward while a model trains on it: saturation, variance, length, drift.

Plain functions over lists of numbers; no model and no service is needed.
"""

import math
import statistics
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from bankft.errors import UsageError
from bankft.rewards.wording import say

_SATURATED = 0.9  # share at the ceiling, or of groups without advantage, that is too much
_FLAT = 1e-3  # a standard deviation below which all answers are worth the same
_TIED_TO_LENGTH = 0.5  # rank correlation, either way: Cohen's "large" (Statistical Power, 1988)
_DRIFTED = 3.0  # standard errors
_FEWEST = 10  # values below which a correlation or a drift says nothing


@dataclass(frozen=True)
class Alert:
    """Something to look at before going on.

    Attributes:
        code: ``saturated``, ``flat_groups``, ``flat``, ``follows_length``, ``drifted``,
            ``not_a_number``.
        zh: The sentence in Chinese.
        en: The sentence in English.
    """

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Watched:
    """What rewards look like; what cannot be computed is None.

    Attributes:
        n: How many rewards there are.
        mean: Of the rewards.
        std: Their standard deviation, of the population (dividing by n).
        at_ceiling: Share (0–1) of rewards at the ceiling.
        at_floor: Share (0–1) of rewards at the floor.
        flat_groups: Share (0–1) of prompts whose answers all got the same reward: their
            advantage is zero, and nothing is learned from them.
        length_correlation: Spearman's, of reward with length, -1 … 1.
        drift: How far the mean moved from an earlier batch, in standard errors.
        alerts: What to look at.
    """

    n: int
    mean: float
    std: float
    at_ceiling: float
    at_floor: float
    flat_groups: float | None
    length_correlation: float | None
    drift: float | None
    alerts: tuple[Alert, ...]


def watch_rewards(
    rewards: Sequence[float],
    *,
    groups: Sequence[Hashable] | None = None,
    lengths: Sequence[float] | None = None,
    before: Sequence[float] | None = None,
    floor: float = 0.0,
    ceiling: float = 1.0,
) -> Watched:
    """Look at a batch of rewards.

    Args:
        rewards: one for each answer, at least one.
        groups: the prompt that each answer belongs to, as GRPO groups them.
        lengths: the length of each answer, in characters or tokens.
        before: an earlier batch, for the drift of the mean.
        floor: the least that the reward gives.
        ceiling: the most that it gives.

    Raises:
        UsageError: no rewards, or lists of different lengths.

    >>> found = watch_rewards([1.0, 1.0, 1.0, 0.2], groups=["a", "a", "b", "b"])
    >>> found.at_ceiling, found.flat_groups
    (0.75, 0.5)
    """
    for name, values in (("groups", groups), ("lengths", lengths)):
        if values is not None and len(values) != len(rewards):
            raise UsageError(
                f"There are {len(rewards)} rewards and {len(values)} {name}: give one for each."
            )
    if not rewards:
        raise UsageError("There are no rewards to look at.")
    numbers = [value for value in rewards if math.isfinite(value)]
    odd = len(rewards) - len(numbers)
    flat = None if groups is None else flat_share(rewards, groups)
    tied = None if lengths is None else length_correlation(rewards, lengths)
    moved = None if before is None else drift(before, rewards)
    found = Watched(
        n=len(rewards),
        mean=statistics.fmean(numbers) if numbers else math.nan,
        std=statistics.pstdev(numbers) if numbers else math.nan,
        at_ceiling=sum(value >= ceiling - 1e-9 for value in numbers) / len(rewards),
        at_floor=sum(value <= floor + 1e-9 for value in numbers) / len(rewards),
        flat_groups=flat,
        length_correlation=tied,
        drift=moved,
        alerts=(),
    )
    return _with_alerts(found, odd)


def saturation(rewards: Sequence[float], *, ceiling: float = 1.0) -> float:
    """Return the share of rewards at the ceiling, 0 … 1: what has no room to grow.

    Raises:
        UsageError: there are no rewards.

    >>> saturation([1.0, 1.0, 0.5, 0.0])
    0.5
    """
    if not rewards:
        raise UsageError("There are no rewards to look at.")
    return sum(value >= ceiling - 1e-9 for value in rewards) / len(rewards)


def flat_share(rewards: Sequence[float], groups: Sequence[Hashable]) -> float:
    """Return the share of groups (of two and more) whose rewards are all the same, 0 … 1.

    GRPO's advantage of an answer is (reward - mean of its group) / standard deviation of its
    group: Z. Shao et al., "DeepSeekMath", arXiv 2402.03300 (2024), section 4.1. Where all
    rewards of a group are equal it is zero, and the group teaches nothing.

    Raises:
        UsageError: no group has two rewards, or the lists differ in length.

    >>> flat_share([1, 1, 0, 1], ["a", "a", "b", "b"])
    0.5
    """
    if len(rewards) != len(groups):
        raise UsageError(
            f"There are {len(rewards)} rewards and {len(groups)} groups: give one for each."
        )
    by_group: dict[Hashable, list[float]] = {}
    for reward, group in zip(rewards, groups, strict=True):
        by_group.setdefault(group, []).append(reward)
    sizes = [values for values in by_group.values() if len(values) > 1]
    if not sizes:
        raise UsageError("No group has two rewards: sample at least two answers a prompt.")
    return sum(max(values) - min(values) < 1e-9 for values in sizes) / len(sizes)


def length_correlation(rewards: Sequence[float], lengths: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation of reward with length, -1 … 1.

    Pearson's correlation of the ranks, equal values sharing their mean rank: C. Spearman, "The
    proof and measurement of association between two things", American Journal of Psychology 15
    (1904), 72-101. None where either does not vary or a value is no number.

    Raises:
        UsageError: the lists differ in length.

    >>> length_correlation([0.1, 0.2, 0.9], [10, 20, 30])
    1.0
    """
    if len(rewards) != len(lengths):
        raise UsageError(
            f"There are {len(rewards)} rewards and {len(lengths)} lengths: give one for each."
        )
    if not all(map(math.isfinite, rewards)) or min(len(set(rewards)), len(set(lengths))) < 2:
        return None
    return round(statistics.correlation(_ranks(rewards), _ranks(lengths)), 12)


def drift(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Return how far the mean moved, in standard errors of the difference.

    Welch's t: B. L. Welch, "The generalization of 'Student's' problem when several different
    population variances are involved", Biometrika 34 (1947), 28-35. None where a batch has fewer
    than two values or neither varies.

    >>> round(drift([0.0, 1.0] * 50, [1.0] * 100), 2)
    9.95
    """
    if min(len(before), len(after)) < 2 or not all(map(math.isfinite, [*before, *after])):
        return None
    error = statistics.variance(before) / len(before) + statistics.variance(after) / len(after)
    if error == 0:
        return None
    return (statistics.fmean(after) - statistics.fmean(before)) / math.sqrt(error)


def _ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank from 1, equal values sharing their mean rank."""
    places: dict[float, list[int]] = {}
    for rank, value in enumerate(sorted(values), 1):
        places.setdefault(value, []).append(rank)
    mean = {value: statistics.fmean(ranks) for value, ranks in places.items()}
    return [mean[value] for value in values]


def _with_alerts(found: Watched, odd: int) -> Watched:
    codes: list[tuple[str, Mapping[str, object]]] = []
    if odd:
        codes.append(("not_a_number", {"n": odd, "of": found.n}))
    if found.at_ceiling >= _SATURATED:
        codes.append(("saturated", {"share": f"{found.at_ceiling:.0%}"}))
    if found.flat_groups is not None and found.flat_groups >= _SATURATED:
        codes.append(("flat_groups", {"share": f"{found.flat_groups:.0%}"}))
    if found.n > 1 and found.std < _FLAT:
        codes.append(("flat", {"std": f"{found.std:.2g}"}))
    tied = found.length_correlation
    if tied is not None and found.n >= _FEWEST and abs(tied) >= _TIED_TO_LENGTH:
        codes.append(("follows_length", {"rho": f"{tied:+.2f}"}))
    if found.drift is not None and found.n >= _FEWEST and abs(found.drift) >= _DRIFTED:
        codes.append(("drifted", {"z": f"{found.drift:+.1f}"}))
    alerts = tuple(
        Alert(code, say(code, "zh", **values), say(code, "en", **values)) for code, values in codes
    )
    return Watched(**{**vars(found), "alerts": alerts})
