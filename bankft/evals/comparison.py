"""Two runs beside each other: which figures moved, by how much, and whether by more than chance."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bankft.errors import UsageError
from bankft.evals.folder import Run
from bankft.evals.pairs import Difference, holm, paired
from bankft.evals.statistics import Rate, rate
from bankft.evals.summary import metric_names, values_by_question

_LESS_IS_BETTER = {"violation", "omission", "nll"}


@dataclass(frozen=True)
class Moved:
    """One figure of two runs.

    Attributes:
        name: of the metric or grader; ``violation`` for the violation rate.
        difference: the second run's over the first one's, on the questions that both answered.
        p: adjusted for the number of figures that are compared (Holm).
        direction: ``better``, ``worse`` or ``same``; same also where it may be chance.
    """

    name: str
    difference: Difference
    p: float
    direction: str


@dataclass(frozen=True)
class Comparison:
    """Two runs compared; ``violations`` of each run by itself, first and second."""

    before: Run
    after: Run
    moved: tuple[Moved, ...]
    violations: tuple[Rate, Rate]
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "before": {"run": self.before.name, "model": self.before.model},
            "after": {"run": self.after.name, "model": self.after.model},
            "confidence": self.confidence,
            "violations": {
                "before": asdict(self.violations[0]),
                "after": asdict(self.violations[1]),
            },
            "metrics": {
                one.name: {**asdict(one.difference), "p_holm": one.p, "direction": one.direction}
                for one in self.moved
            },
        }


def compare_runs(
    before: Run, after: Run, *, names: Sequence[str] | None = None, confidence: float = 0.95
) -> Comparison:
    """Compare two runs on the questions that both answered.

    Args:
        before: the run to compare with, as v1's.
        after: the run in question, as v2's.
        names: figures to compare; by default all that both have, and the violation rate. Each is
            a comparison that the p-values are adjusted for.
        confidence: of intervals and bounds; a figure has moved where its adjusted p is below
            1 - confidence.

    Raises:
        UsageError: a figure that a run does not have, or no common question.
    """
    common = [name for name in metric_names(before) if name in metric_names(after)]
    chosen = ["violation", *common] if names is None else list(names)
    found: dict[str, Difference] = {}
    for name in chosen:
        values = values_by_question(before, name), values_by_question(after, name)
        if not (values[0] and values[1]):
            if names is None:
                continue  # grading failed for all answers of a run
            raise UsageError(
                f"One of the runs has no figure {name!r}; both have: {', '.join(common)}."
            )
        found[name] = paired(*values, confidence=confidence)
    adjusted = holm({name: one.p for name, one in found.items()})
    return Comparison(
        before,
        after,
        tuple(
            Moved(name, one, adjusted[name], _direction(name, one, adjusted[name], confidence))
            for name, one in found.items()
        ),
        (
            violation_rate(before, confidence=confidence),
            violation_rate(after, confidence=confidence),
        ),
        confidence,
    )


def violation_rate(run: Run, *, confidence: float = 0.95) -> Rate:
    """Return the share of a run's answers that break a rule, with interval and bound.

    Raises:
        UsageError: the run has no answer.
    """
    values = values_by_question(run, "violation")
    flags = [(value == 1, cluster) for cluster, some in values.items() for value in some]
    return rate([flag for flag, _ in flags], [c for _, c in flags], confidence=confidence)


def less_is_better(name: str) -> bool:
    """Return whether a figure is the better the smaller it is."""
    return name in _LESS_IS_BETTER


def _direction(name: str, one: Difference, p: float, confidence: float) -> str:
    if p >= 1 - confidence or one.value == 0:
        return "same"
    return "better" if (one.value > 0) != less_is_better(name) else "worse"
