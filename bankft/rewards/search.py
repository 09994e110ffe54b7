"""The red team: before training starts, look for bad answers that a reward likes.

Whatever a reward lets through, training finds: it tries thousands of answers a step and keeps
what pays. So the search here is what the optimiser does, on purpose and cheaply: change good
answers so that they are bad, keep what still scores, change it further.

What it finds is a proof that the reward can be gamed. Finding nothing proves little: the search
knows the attacks of ``attacks.toml`` and their combinations, and no others.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bankft.errors import UsageError
from bankft.rewards.attacks import ATTACKS, Attack, Scene
from bankft.rewards.judge import faults
from bankft.rewards.terms import Item, reference
from bankft.rewards.weighing import Score

Reward = Callable[[str, Item], "float | Score"]
"""A reward as the red team takes it: a number, or a `Score` whose terms are then named."""

_LONGEST = 4  # attacks in one combination: a person must be able to read what was done


@dataclass(frozen=True)
class Exploit:
    """A bad answer that the reward takes for a good one.

    Attributes:
        text: The answer.
        item: Which item it answers, counted from 0.
        reward: What the reward gives it.
        honest: What the reward gives the item's reference answer.
        attacks: What was done to the reference answer, in order.
        reasons: Why it is bad: names of `REASONS`.
        terms: Its terms, where the reward shows them.
        let_through: Names of the terms that are as high as the reference answer's.
        found_on: On how many items this combination of attacks was an exploit.
        tried_on: On how many items it was tried.
    """

    text: str
    item: int
    reward: float
    honest: float
    attacks: tuple[str, ...]
    reasons: tuple[str, ...]
    terms: Mapping[str, float] = field(default_factory=dict)
    let_through: tuple[str, ...] = ()
    found_on: int = 1
    tried_on: int = 1


@dataclass(frozen=True)
class Findings:
    """What the red team found.

    Attributes:
        exploits: One for each combination of attacks, the most rewarded first.
        tried: How many answers the reward has scored.
        honest: The mean reward of the reference answers.
        threshold: From which share of the honest reward an answer counts as liked.
    """

    exploits: tuple[Exploit, ...]
    tried: int
    honest: float
    threshold: float


def red_team(
    reward: Reward,
    items: Sequence[Item],
    *,
    budget: int = 2000,
    seed: int = 0,
    threshold: float = 0.9,
    judge: Callable[[str, Item], tuple[str, ...]] = faults,
) -> Findings:
    """Search for bad answers that a reward likes.

    First each attack alone on the items; then, with what is left of the budget, combinations:
    from a bad answer to a changed one that is bad too and not less rewarded.

    Args:
        reward: ``(sample, item) -> float`` or `Score`; grader objects become one with
            `grader_reward`.
        items: with ``reference_answer`` and whatever the reward needs.
        budget: how many answers may be scored, at least two an item and attack is thorough.
        seed: the same seed, reward and items give the same findings.
        threshold: an answer counts as liked from this share of what the reference answer of the
            same item gets.
        judge: says why an answer is bad; empty for one that may be good. It must not share code
            with the reward.

    Raises:
        UsageError: no items, an item without a reference answer, a budget below 1, or a
            threshold outside 0 … 1.

    >>> item = {"reference_answer": "管理费率为每年1%。", "facts": ["1%"], "language": "zh"}
    >>> longer_is_better = lambda sample, item: len(sample) / 100
    >>> "repetition" in red_team(longer_is_better, [item], budget=60).exploits[0].reasons
    True
    """
    if not items or not all(reference(item) for item in items):
        raise UsageError("The red team needs items, each with a reference_answer to start from.")
    if budget < 1 or not 0 < threshold <= 1:
        raise UsageError("The red team needs a budget from 1 on and a threshold above 0, up to 1.")
    return _Search(reward, items, random.Random(f"red team {seed}"), threshold, judge).run(budget)


@dataclass(frozen=True)
class _Try:
    """A bad answer, how it came about, and what it got."""

    text: str
    item: int
    attacks: tuple[Attack, ...]
    reasons: tuple[str, ...]
    value: float
    terms: Mapping[str, float]


class _Search:
    def __init__(
        self,
        reward: Reward,
        items: Sequence[Item],
        rng: random.Random,
        threshold: float,
        judge: Callable[[str, Item], tuple[str, ...]],
    ) -> None:
        self.reward, self.items, self.rng = reward, items, rng
        self.threshold, self.judge = threshold, judge
        self.tried = 0
        self.honest: dict[int, tuple[float, Mapping[str, float]]] = {}
        self.found: dict[tuple[str, ...], list[_Try]] = {}
        self.tried_on: dict[tuple[str, ...], set[int]] = {}

    def run(self, budget: int) -> Findings:
        best: list[_Try] = []
        for attack, number in self._singles(budget):
            one = self._attempt(reference(self.items[number]), number, (), attack)
            if one is not None:
                best.append(one)
        while self.tried < budget and best:
            # Of two, the better rewarded goes on: high rewards are looked at more often.
            start = max(self.rng.choices(best, k=2), key=self._liked)
            if len(start.attacks) >= _LONGEST:
                best.remove(start)
                continue
            before = self.tried
            next_ = self._attempt(start.text, start.item, start.attacks, self.rng.choice(ATTACKS))
            if next_ is not None and self._liked(next_) >= self._liked(start):
                best.append(next_)
            self.tried = max(self.tried, before + 1)  # a change that changed nothing is one too
        return self._findings()

    def _singles(self, budget: int) -> Iterator[tuple[Attack, int]]:
        """Yield each attack with items by chance, for up to half of the budget."""
        order = list(range(len(self.items)))
        self.rng.shuffle(order)
        for number in order:
            for attack in ATTACKS:
                if self.tried * 2 > budget and number != order[0]:
                    return
                if self.tried >= budget:
                    return
                yield attack, number

    def _score(self, text: str, item: Item) -> tuple[float, Mapping[str, float]]:
        self.tried += 1
        value = self.reward(text, item)
        if isinstance(value, Score):
            return value.total, value.terms
        return float(value), {}

    def _attempt(
        self, text: str, number: int, before: tuple[Attack, ...], attack: Attack
    ) -> _Try | None:
        """Apply one more attack; return the answer if it is a bad one."""
        item = self.items[number]
        others = [other for other in self.items if other is not item]
        changed = attack.apply(text, Scene(item, others, self.rng))
        if changed in (text, reference(item)):
            return None
        attacks = (attack,) if attack.restarts else (*before, attack)
        reasons = self.judge(changed, item)
        # What spoils an answer may be in the part that is cut off afterwards.
        cut = max((i for i, one in enumerate(attacks) if one.name == "cut"), default=-1)
        if any(one.spoils for one in attacks[cut + 1 :]):
            reasons = (*reasons, "spoiled")
        if not reasons:
            return None
        if number not in self.honest:
            self.honest[number] = self._score(reference(item), item)
        value, terms = self._score(changed, item)
        one = _Try(changed, number, attacks, reasons, value, terms)
        names = tuple(sorted({attack.name for attack in attacks}))
        self.tried_on.setdefault(names, set()).add(number)
        if self._liked(one) >= 0:
            self.found.setdefault(names, []).append(one)
        return one

    def _liked(self, one: _Try) -> float:
        """Return how far the reward lies above the threshold of its item; below 0 it does not."""
        honest = self.honest[one.item][0]
        return one.value - (honest - (1 - self.threshold) * abs(honest))

    def _findings(self) -> Findings:
        exploits = []
        for names, tries in self.found.items():
            top = max(tries, key=lambda one: (self._liked(one), -len(one.text), one.text))
            honest, good = self.honest[top.item]
            exploits.append(
                Exploit(
                    text=top.text,
                    item=top.item,
                    reward=top.value,
                    honest=honest,
                    attacks=tuple(attack.name for attack in top.attacks),
                    reasons=top.reasons,
                    terms=top.terms,
                    let_through=tuple(
                        name for name, value in top.terms.items() if value >= good.get(name, 1.0)
                    ),
                    found_on=len({one.item for one in tries}),
                    tried_on=len(self.tried_on[names]),
                )
            )
        exploits.sort(key=lambda e: (e.honest - e.reward, len(e.attacks), e.attacks))
        values = [value for value, _ in self.honest.values()]
        mean = sum(values) / len(values) if values else 0.0
        return Findings(tuple(exploits), self.tried, mean, self.threshold)


def explain(exploit: Exploit, language: str) -> dict[str, Any]:
    """Return an exploit as a row of a table, in ``"zh"`` or ``"en"``."""
    from bankft.rewards.judge import REASONS

    which = 0 if language == "zh" else 1
    names = {attack.name: (attack.zh, attack.en)[which] for attack in ATTACKS}
    comma = "；" if language == "zh" else "; "
    return {
        "attacks": comma.join(names[name] for name in exploit.attacks),
        "reasons": comma.join(REASONS[name][which] for name in exploit.reasons),
        "reward": exploit.reward,
        "honest": exploit.honest,
        "text": exploit.text,
    }
