"""From terms to one number: the weighted total, and the triple bottom line.

Both are rewards a model can be trained on. The total trades terms against one another at stated
weights: enough business value can buy back a lapse. The triple bottom line never does:
compliance comes before accuracy, accuracy before fluency, whatever the amounts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bankft.errors import UsageError
from bankft.rewards import terms
from bankft.rewards.terms import Item

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "compliance": 0.35,
        "right_facts": 0.25,
        "answers_question": 0.1,
        "notices": 0.05,
        "sane_length": 0.05,
        "no_repetition": 0.2,
    }
)
"""The weights of the total. ``compliance`` is one part, the others together are the business
value. They add up to 1, so that the total lies between 0 and 1. They were set by the red team:
with less for repetition, or facts without the sentences that nobody asked for, it found bad
answers that earned nine tenths of a good one's total. Where the disclaimer is missing,
``compliance`` is 0 already; ``notices`` says which one is."""

TIERS = ("compliance", "accuracy", "fluency")
"""The triple bottom line, gravest first."""

LEVELS = 10
"""In how many steps a tier is told apart; below a step, the next tier decides."""


@dataclass(frozen=True)
class Score:
    """A reward and what it is made of.

    Attributes:
        total: The weighted sum of the terms, 0 … 1 where the weights add up to 1.
        terms: Each term by name, 0 … 1.
        weights: The weight of each term.
    """

    total: float
    terms: Mapping[str, float]
    weights: Mapping[str, float]

    @property
    def compliance(self) -> float:
        """What compliance adds to the total."""
        return self.weights.get("compliance", 0.0) * self.terms.get("compliance", 0.0)

    @property
    def business_value(self) -> float:
        """What everything else adds to the total."""
        return self.total - self.compliance


def score(sample: str, item: Item, *, weights: Mapping[str, float] = WEIGHTS) -> Score:
    """Score an answer: compliance + business value = total, each term visible.

    Args:
        sample: the answer.
        item: what is known about the question (see `bankft.rewards.terms`).
        weights: term → weight, 0 or more; a term that is left out is not computed. The names
            are those of the functions in `bankft.rewards.terms`.

    Raises:
        UsageError: an unknown term, a negative weight, or an item that lacks what a term needs.

    >>> item = {"reference_answer": "管理费率为每年0.15%。", "facts": ["0.15%"]}
    >>> score("管理费率为每年1.2%。", item, weights={"right_facts": 1}).total
    0.0
    """
    for name, weight in weights.items():
        if name not in _TERMS:
            raise UsageError(f"{name!r} is no term of the reward: use {', '.join(_TERMS)}.")
        if not (weight >= 0 and math.isfinite(weight)):
            raise UsageError(f"The weight of {name} is {weight!r}: use a number from 0 on.")
    values = {name: _TERMS[name](sample, item) for name in weights}
    total = math.fsum(weights[name] * values[name] for name in weights)
    return Score(total, MappingProxyType(values), MappingProxyType(dict(weights)))


@dataclass(frozen=True, order=True)
class Tiers:
    """The triple bottom line of one answer, each tier in whole steps of 1 / `LEVELS`.

    Tiers compare like tuples: compliance first, then accuracy, then fluency.

    >>> Tiers(compliance=9, accuracy=10, fluency=10) < Tiers(compliance=10, accuracy=0, fluency=0)
    True
    """

    compliance: int
    accuracy: int
    fluency: int

    @property
    def reward(self) -> float:
        """One number from 0 to 1 in the same order.

        The tiers are the digits of a number to the base ``LEVELS + 1``, so that one step of a
        tier is worth more than all of the tiers below it.
        """
        base = LEVELS + 1
        number = (self.compliance * base + self.accuracy) * base + self.fluency
        return number / (base**3 - 1)


def tiers(sample: str, item: Item) -> Tiers:
    """Judge an answer by compliance > accuracy > fluency.

    Accuracy is `right_facts`. A tier is rounded down, so that only what is fully compliant
    reaches the top step.

    Raises:
        UsageError: the item names no facts.
    """
    values = (
        terms.compliance(sample, item),
        terms.right_facts(sample, item),
        terms.fluency(sample, item),
    )
    # 0.3 is a little less than 3/10 in binary.
    return Tiers(*(math.floor(value * LEVELS + 1e-9) for value in values))


def total(sample: str, item: Item) -> float:
    """Return the weighted total alone: the reward function to train with.

    Raises:
        UsageError: as `score`.
    """
    return score(sample, item).total


def triple_bottom_line(sample: str, item: Item) -> float:
    """Return the triple bottom line as one number: the other reward function to train with.

    Raises:
        UsageError: as `tiers`.
    """
    return tiers(sample, item).reward


_TERMS = {
    "compliance": terms.compliance,
    "right_facts": terms.right_facts,
    "answers_question": terms.answers_question,
    "notices": terms.notices,
    "sane_length": terms.sane_length,
    "no_repetition": terms.no_repetition,
    "fluency": terms.fluency,
}
