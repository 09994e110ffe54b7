"""Preference pairs that are hard: what is wrong with the worse answer is small.

Made from the fund assistant's questions. The better answer is the compliant one, or one with the
lesser fault. Phrases of held-out pairs are other ones than those of training pairs, so that a
reward model must have learnt the fault and not its words. A stated share of the labels is the
wrong way round, as with people who label.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bankft.cases import fundbot
from bankft.cases.fundbot import Question
from bankft.errors import UsageError
from bankft.lang import language as current_language
from bankft.rewards.phrases import COURTESIES, DETOURS, DISCLAIMERS, PROMISES, Phrases

# From grave to slight: of two faulty answers the one whose fault stands further down is better.
FLAWS = (
    "promise",  # the right fact, and a sentence that leads to buying
    "wrong_figure",  # one digit is another
    "other_fund",  # another fund's value
    "log",  # as the unchecked log has it
    "no_disclaimer",
    "no_risk_notice",
    "off_disclaimer",  # almost the words that are prescribed
    "long_winded",
    "indirect",  # compliant, and not to the point
)
"""What is wrong with the worse answer of a pair, from grave to slight."""

KINDS = {"fact": 0.7, "leading": 0.2, "refusal": 0.1}
BOTH_FAULTY = 0.15  # share of pairs in which the better answer has a lesser fault


@dataclass(frozen=True)
class PreferencePair:
    """A pair before it is written down.

    ``flaw`` is what is wrong with the worse answer, ``lesser`` what is wrong with the better one
    ("" as a rule); ``flipped`` says that the label is the wrong way round.
    """

    question: Question
    better: str
    worse: str
    flaw: str
    lesser: str
    flipped: bool

    def example(self) -> dict[str, Any]:
        """Return the pair as a line of a DPO file, label flipped where it is."""
        said = [[{"role": "assistant", "content": text}] for text in (self.better, self.worse)]
        if self.flipped:
            said.reverse()
        system = fundbot.system_prompt(self.question.language, kind=self.question.kind)
        return {
            "input": {
                "messages": [
                    {"role": "system", "content": system},
                    {"role": "user", "content": self.question.text},
                ]
            },
            "preferred_output": said[0],
            "non_preferred_output": said[1],
        }


def preference_pairs(
    n: int,
    *,
    language: str | None = None,
    part: str = "train",
    seed: int = 0,
    noise: float = 0.05,
) -> list[dict[str, Any]]:
    """Draw ``n`` preference pairs on distinct questions, in OpenAI's form.

    Args:
        n: how many.
        language: ``zh`` or ``en``; None takes the page's.
        part: ``train``, ``valid`` or ``test``: of the questions; the last two share phrases.
        seed: the same seed gives the same pairs.
        noise: share (0 to 0.5) of pairs whose label is the wrong way round.

    Returns:
        ``{"input": {"messages": [system, user]}, "preferred_output": [assistant],
        "non_preferred_output": [assistant]}`` for each pair.

    Raises:
        UsageError: an unknown part, a noise out of its range, or too many pairs.

    >>> pair = preference_pairs(1, language="en")[0]
    >>> pair["preferred_output"] != pair["non_preferred_output"]
    True
    """
    return [
        one.example() for one in draw_pairs(n, language=language, part=part, seed=seed, noise=noise)
    ]


def draw_pairs(
    n: int,
    *,
    language: str | None = None,
    part: str = "train",
    seed: int = 0,
    noise: float = 0.05,
) -> list[PreferencePair]:
    """Draw the pairs of `preference_pairs`, each with what is wrong with its worse answer.

    >>> {one.flaw for one in draw_pairs(300, language="en")} == set(FLAWS)
    True
    """
    if not 0 <= noise <= 0.5:
        raise UsageError(f"noise is {noise!r}: use a share of flipped labels from 0 to 0.5.")
    chosen = language or current_language()
    rng = random.Random(f"pairs {part} {chosen} {seed}")
    counts = {kind: round(n * share) for kind, share in KINDS.items()}
    counts["fact"] += n - sum(counts.values())
    asked = [
        question
        for kind, count in counts.items()
        for question in fundbot.questions(part, count, kind=kind, seed=seed, language=chosen)
    ]
    rng.shuffle(asked)
    flipped = {*rng.sample(range(n), round(n * noise))}
    return [_pair(question, part, i in flipped, rng) for i, question in enumerate(asked)]


def _pair(question: Question, part: str, flipped: bool, rng: random.Random) -> PreferencePair:
    faulty = {name: text for name in FLAWS if (text := _SPOIL[name](question, part, rng))}
    names = list(faulty)
    flaw = rng.choice(names)
    lesser = ""
    if rng.random() < BOTH_FAULTY:
        lesser = rng.choice([*names[names.index(flaw) + 1 :], ""])
    better = faulty[lesser] if lesser else question.answer
    return PreferencePair(question, better, faulty[flaw], flaw, lesser, flipped)


def _phrases(group: Phrases, question: Question, part: str) -> list[str]:
    return group[question.language]["train" if part == "train" else "held"]


def _ends(question: Question) -> tuple[str, str, str]:
    """Split an answer into what it says, the risk notice and the disclaimer, with their spaces."""
    notice, last = (words[question.language] for words in (fundbot.RISK_NOTICE, fundbot.DISCLAIMER))
    body = question.answer.removesuffix(last).rstrip()
    if body.endswith(notice):
        return body.removesuffix(notice).rstrip(), notice, last
    return body, "", last


def _join(question: Question, *parts: str) -> str:
    return ("" if question.language == "zh" else " ").join(part for part in parts if part)


def _promise(question: Question, part: str, rng: random.Random) -> str:
    body, notice, last = _ends(question)
    return _join(question, body, rng.choice(_phrases(PROMISES, question, part)), notice, last)


def _wrong_figure(question: Question, part: str, rng: random.Random) -> str:
    digits = [i for i, char in enumerate(question.truth) if char.isdigit()]
    if question.kind != "fact" or not digits:
        return ""
    place = rng.choice(digits)
    other = rng.choice([digit for digit in "123456789" if digit != question.truth[place]])
    wrong = question.truth[:place] + other + question.truth[place + 1 :]
    return question.answer.replace(question.truth, wrong)


def _other_fund(question: Question, part: str, rng: random.Random) -> str:
    if question.kind != "fact":
        return ""
    values = {fund.value(question.attribute, question.language) for fund in fundbot.funds()}
    others = sorted(values - {question.truth})
    return question.answer.replace(question.truth, rng.choice(others))


def _log(question: Question, part: str, rng: random.Random) -> str:
    return fundbot.sloppy(question, rng)


def _no_disclaimer(question: Question, part: str, rng: random.Random) -> str:
    body, notice, _ = _ends(question)
    return _join(question, body, notice)


def _no_risk_notice(question: Question, part: str, rng: random.Random) -> str:
    body, notice, last = _ends(question)
    return _join(question, body, last) if notice else ""


def _off_disclaimer(question: Question, part: str, rng: random.Random) -> str:
    body, notice, _ = _ends(question)
    return _join(question, body, notice, rng.choice(_phrases(DISCLAIMERS, question, part)))


def _long_winded(question: Question, part: str, rng: random.Random) -> str:
    body, notice, last = _ends(question)
    some = rng.sample(_phrases(COURTESIES, question, part), rng.randint(2, 3))
    return _join(question, body, *some, notice, last)


def _indirect(question: Question, part: str, rng: random.Random) -> str:
    detour = rng.choice(_phrases(DETOURS, question, part))
    return detour + question.answer


_SPOIL: dict[str, Callable[[Question, str, random.Random], str]] = {
    "promise": _promise,
    "wrong_figure": _wrong_figure,
    "other_fund": _other_fund,
    "log": _log,
    "no_disclaimer": _no_disclaimer,
    "no_risk_notice": _no_risk_notice,
    "off_disclaimer": _off_disclaimer,
    "long_winded": _long_winded,
    "indirect": _indirect,
}
