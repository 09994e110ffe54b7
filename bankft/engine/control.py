"""Watching a policy while it learns: what a step looks like, and when to look closer.

A reward that can be gamed is gamed: by length, by repetition, by one answer to everything. The
monitors compare each step with the run's own beginning, so they need no notion of the task.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bankft.engine.rollouts import Answer
from bankft.rewards.watch import watch_rewards

FIRST = 3  # steps that say what the beginning was like
LOW_ENTROPY = 0.1  # share of the beginning's entropy below which choice is gone
MORE_REPETITION = 0.15  # share of repeated four-token runs, above the beginning's
MORE_SAMENESS = 0.25  # share of the most frequent answer, above the beginning's
LONGER, SHORTER = 1.5, 0.5  # times the beginning's mean length
HIGH_KL = 0.3  # nats a token

SENTENCES = {
    "entropy_collapse": "entropy is {entropy:.4f} nats a token, {share:.0%} of what it was: the "
    "model has stopped trying anything else.",
    "repetition": "{repetition:.0%} of the four-token runs repeat, {was:.0%} at the beginning: the "
    "answers go in circles.",
    "mode_collapse": "{same:.0%} of the answers are one and the same text, {was:.0%} at the "
    "beginning: the model answers everything alike.",
    "length_hacking": "answers have {length:.0f} tokens on average, {was:.0f} at the beginning: "
    "see whether the reward merely pays for length.",
    "kl_runaway": "the model is {kl:.2f} nats a token from its reference: raise kl, or lower the "
    "learning rate.",
    "saturated": "{share:.0%} of the answers have the highest reward: little is left to learn.",
    "flat_groups": "in {share:.0%} of the groups all answers have the same reward: they teach "
    "nothing.",
}


@dataclass(frozen=True)
class Looks:
    """What a step's answers look like; shares are 0–1, ``length`` is tokens.

    ``entropy`` and ``kl`` (to the reference) are nats a token, estimated from the sampled tokens.

    ``repetition`` is the share of four-token runs that an answer has said before, ``sameness``
    the share of the most frequent text among all answers, ``truncated`` that of answers which
    ran into the limit of tokens.
    """

    reward: float
    reward_std: float
    flat_share: float
    at_ceiling: float
    length: float
    truncated: float
    repetition: float
    sameness: float
    kl: float
    entropy: float
    length_correlation: float | None


def look(answers: Sequence[Answer]) -> Looks:
    """Describe a step's answers; a reward that goes above 1 is thought to have no ceiling."""
    answers = [one for one in answers for _ in range(one.count)]
    rewards = [one.graded.reward for one in answers]
    lengths = [float(len(one.ids)) for one in answers]
    groups = [one.group for one in answers]
    ceiling = 1.0 if max(rewards) <= 1 else math.inf
    several = len(set(groups)) < len(groups)
    found = watch_rewards(
        rewards, groups=groups if several else None, lengths=lengths, ceiling=ceiling
    )
    pairs = [pair for one in answers for pair in zip(one.logprobs, one.reference, strict=False)]
    return Looks(
        reward=found.mean,
        reward_std=found.std,
        flat_share=found.flat_groups or 0.0,
        at_ceiling=found.at_ceiling,
        length=sum(lengths) / len(answers),
        truncated=sum(not one.ended for one in answers) / len(answers),
        repetition=sum(repetition(one.ids) for one in answers) / len(answers),
        sameness=Counter(one.text for one in answers).most_common(1)[0][1] / len(answers),
        kl=sum(_k3(*pair) for pair in pairs) / max(1, len(pairs)),
        entropy=-sum(logp for logp, _ in pairs) / max(1, len(pairs)),
        length_correlation=found.length_correlation,
    )


def repetition(ids: Sequence[int]) -> float:
    """Return the share of four-token runs that have occurred before in the same answer.

    >>> repetition([1, 2, 3, 4, 5]), repetition([7] * 8)
    (0.0, 0.8)
    """
    runs = [tuple(ids[i : i + 4]) for i in range(len(ids) - 3)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def _k3(logp: float, reference: float) -> float:
    # A token that the reference holds for impossible must not make the mean infinite.
    ahead = min(reference - logp, 50.0)
    return math.exp(ahead) - ahead - 1


@dataclass
class Monitor:
    """Compares steps with the beginning; warns of each thing once a run, not at each step.

    ``beginning`` and ``shown`` are the whole state, so that a resumed run goes on watching.
    """

    beginning: list[dict[str, float]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """The state as JSON."""
        return asdict(self)

    def warnings(self, looks: Looks) -> tuple[str, ...]:
        """Return what is new at this step, each ``code: sentence``."""
        now = {n: getattr(looks, n) for n in ("length", "repetition", "sameness", "entropy")}
        if len(self.beginning) < FIRST:
            self.beginning.append(now)
            return ()
        was = {name: sum(one[name] for one in self.beginning) / FIRST for name in now}
        found = dict(_found(looks, was))
        new = [code for code in found if code not in self.shown]
        self.shown += new
        return tuple(f"{code}: {SENTENCES[code].format(**found[code])}" for code in new)


def _found(looks: Looks, was: Mapping[str, float]) -> list[tuple[str, dict[str, float]]]:
    found: list[tuple[str, dict[str, float]]] = []
    if looks.entropy < LOW_ENTROPY * was["entropy"]:
        about = {"entropy": looks.entropy, "share": looks.entropy / was["entropy"]}
        found.append(("entropy_collapse", about))
    if looks.repetition > was["repetition"] + MORE_REPETITION:
        about = {"repetition": looks.repetition, "was": was["repetition"]}
        found.append(("repetition", about))
    if looks.sameness > was["sameness"] + MORE_SAMENESS:
        found.append(("mode_collapse", {"same": looks.sameness, "was": was["sameness"]}))
    if not SHORTER * was["length"] <= looks.length <= LONGER * was["length"]:
        found.append(("length_hacking", {"length": looks.length, "was": was["length"]}))
    if looks.kl > HIGH_KL:
        found.append(("kl_runaway", {"kl": looks.kl}))
    if looks.at_ceiling >= 0.95:
        found.append(("saturated", {"share": looks.at_ceiling}))
    if looks.flat_share >= 0.95:
        found.append(("flat_groups", {"share": looks.flat_share}))
    return found
