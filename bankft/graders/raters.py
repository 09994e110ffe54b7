"""How far a grader agrees with people: kappa, with its interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bankft.errors import UsageError
from bankft.graders.results import Result

_Z95 = 1.959963984540054  # the standard normal's 97.5% quantile


@dataclass(frozen=True)
class Agreement:
    """How far a grader agrees with people.

    Attributes:
        kappa: 1 all agree, 0 as by chance, below 0 less than by chance.
        interval: 95 %, from the large-sample standard error; rough below some 30 items.
        weighted: whether a near miss counts for more than a far one (scores, not labels).
        same: the share of items on which both say the very same.
        items: that were compared.
        failed: that were not, since grading them went wrong.

    """

    kappa: float
    interval: tuple[float, float]
    weighted: bool
    same: float
    items: int
    failed: int


def agreement(results: Sequence[Result], human: Sequence[str | bool | float]) -> Agreement:
    """Return how far a grader's results agree with what people said of the same samples.

    What people gave decides what is compared: texts with the label that a ``label_model`` grader's
    model chose, bools with whether the sample passed, numbers with its reward. Labels and bools
    are measured by Cohen's kappa (see ``bankft.data.cohen_kappa``). Numbers by kappa with squared
    weights (J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968), 213-220), which for
    scores on a scale is the concordance correlation (L. I-K. Lin, "A concordance correlation
    coefficient to evaluate reproducibility", Biometrics 45 (1989), 255-268); its standard error is
    by linearisation, as in Fleiss, Cohen and Everitt (1969).

    Labels that a model made are not human ones: this measures against people or says nothing.

    Args:
        results: of ``grade`` or ``batch``.
        human: what people said, in the same order and on the grader's own scale.

    Raises:
        UsageError: the lists differ in length, kinds are mixed, the grader gives no such thing, or
            everything was given one and the same value.

    >>> rows = [Result(reward=r, name="judge", type="score_model") for r in (0, 0.5, 1, 1)]
    >>> found = agreement(rows, [0, 0.5, 0.5, 1])
    >>> round(found.kappa, 2), found.same
    (0.8, 0.75)
    """
    if len(results) != len(human):
        raise UsageError(f"There are {len(results)} results, but {len(human)} human labels.")
    kept = [(one, label) for one, label in zip(results, human, strict=True) if not one.errors]
    if not kept:
        raise UsageError("There is no result to compare: none was given, or grading failed.")
    failed = len(results) - len(kept)
    kinds = {_kind(label) for _, label in kept}
    if len(kinds) > 1 or None in kinds:
        raise UsageError("Human labels must be all texts, all bools, or all finite numbers.")
    if kinds == {"number"}:
        rewards, scores = [one.reward for one, _ in kept], [float(label) for _, label in kept]
        kappa, interval = _weighted(rewards, scores)
        same = sum(a == b for a, b in zip(rewards, scores, strict=True)) / len(kept)
        return Agreement(kappa, interval, True, same, len(kept), failed)
    given = [one.label if kinds == {"text"} else one.passed for one, _ in kept]
    if None in given:
        raise UsageError(
            "The grader gives no label: compare its rewards with numbers."
            if kinds == {"text"}
            else "The grader does not say what passes: give it a pass_threshold, or compare its "
            "rewards with numbers."
        )
    from bankft.data import cohen_kappa  # late: a reward in the sandbox needs no data room

    found = cohen_kappa(given, [label for _, label in kept])
    return Agreement(found.value, found.interval, False, found.observed, len(kept), failed)


def _kind(label: object) -> str | None:
    if isinstance(label, bool):
        return "bool"
    if isinstance(label, str):
        return "text"
    return "number" if isinstance(label, int | float) and math.isfinite(label) else None


def _weighted(one: list[float], other: list[float]) -> tuple[float, tuple[float, float]]:
    n = len(one)
    mean = math.fsum(one) / n, math.fsum(other) / n
    apart = [(a - b) ** 2 for a, b in zip(one, other, strict=True)]
    observed = math.fsum(apart) / n
    # The squared distance of the one's value for an item and the other's for any item.
    by_item = [
        (a - mean[1]) ** 2 + (b - mean[0]) ** 2 - (mean[0] - mean[1]) ** 2
        for a, b in zip(one, other, strict=True)
    ]
    expected = math.fsum(by_item) / n
    if expected <= 0:
        raise UsageError("Every value is one and the same: there is no agreement to measure.")
    kappa = 1 - observed / expected
    pull = [(observed * e / expected - d) / expected for d, e in zip(apart, by_item, strict=True)]
    half = _Z95 * math.sqrt(math.fsum(p * p for p in pull)) / n
    return kappa, (max(-1.0, kappa - half), min(1.0, kappa + half))
