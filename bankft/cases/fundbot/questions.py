"""Customers' questions, each with the answer that a compliant assistant gives.

Limits, so that nobody reads more into the numbers than there is: questions are made from
templates, one fund a question, one turn a conversation; the right answer has one wording.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bankft.cases.fundbot.shelf import ATTRIBUTES, Fund, funds
from bankft.cases.fundbot.wording import system_prompt, wording
from bankft.errors import UsageError
from bankft.lang import language as current_language

PARTS = ("train", "valid", "test", "heard")

# What touches the decision to buy carries the risk notice; a fund's code or manager does not.
NEEDS_RISK_NOTICE = {"risk", "subscription_fee", "minimum", "benchmark", "principal", "returns"}


@dataclass(frozen=True)
class Question:
    """A customer's question and the compliant answer, disclaimer included.

    ``fund`` is its code ("" where the question is about none), ``attribute`` what is asked,
    ``template`` the phrasing's id (``risk.test.2``), ``truth`` the part of the answer that
    carries the fact, ``kind`` one of `KINDS`.
    """

    text: str
    answer: str
    fund: str
    attribute: str
    template: str
    truth: str
    kind: str
    language: str


def compliant(body: str, attribute: str, language: str) -> str:
    """Put the risk notice (where due) and the disclaimer behind a sentence."""
    words = wording(language)
    ends = [words["risk_notice"]] if attribute in NEEDS_RISK_NOTICE else []
    return ("" if language == "zh" else " ").join([body, *ends, words["disclaimer"]])


def _pick(rng: random.Random, parts: list[str], phrases: dict[str, Any]) -> tuple[str, str]:
    """One phrasing of the named parts, and its ``part.number``."""
    names = [(part, i) for part in parts for i in range(len(phrases[part]))]
    part, i = rng.choice(names)
    return phrases[part][i], f"{part}.{i}"


def _about(group: str) -> Callable[[random.Random, list[str], str], Question]:
    """Make the drawing of a kind that is a table of attribute → phrasings."""
    # 请问 goes before a question, not before a request.
    openers = "greetings" if group == "refusal" else "openers"

    def draw(rng: random.Random, parts: list[str], language: str) -> Question:
        words = wording(language)
        attribute = rng.choice(ATTRIBUTES if group == "fact" else list(words[group]))
        phrases = words[group][attribute]
        phrase, number = _pick(rng, parts, phrases)
        fund = rng.choice(funds())
        name = fund.name[language]
        truth = fund.value(attribute, language) if group == "fact" else phrases["answer"]
        truth = truth.replace("{f}", name)
        body = phrases["answer"].format(f=name, v=truth)
        return Question(
            text=rng.choice(words[openers]) + phrase.format(f=name),
            answer=compliant(body, attribute, language),
            fund=fund.code if "{f}" in phrase else "",
            attribute=attribute,
            template=f"{attribute}.{number}",
            truth=truth,
            kind=group,
            language=language,
        )

    return draw


def _amount(rng: random.Random, language: str) -> tuple[int, str]:
    """Draw an amount in yuan and one way of writing it."""
    number = rng.randint(1, 9) * rng.choice((100, 1000, 10_000))
    if language == "en":
        return number, f"{number:,} yuan"
    if number >= 10_000 and rng.random() < 0.5:
        return number, f"{number // 10_000}万元"
    return number, f"{number}元"


def _intent(rng: random.Random, parts: list[str], language: str) -> Question:
    words = wording(language)
    attribute = rng.choice(
        ("purchase", "purchase", "purchase_open", "redeem", "redeem", "redeem_open")
    )
    phrase, number = _pick(rng, parts, words["intent"][attribute])
    fund = rng.choice(funds())
    name = fund.name[language]
    amount, written = _amount(rng, language)
    wanted = {
        "intent": attribute.removesuffix("_open"),
        "fund": name,
        "amount": amount if "{a}" in phrase else None,
    }
    answer = json.dumps(wanted, ensure_ascii=False)
    return Question(
        text=rng.choice(words["greetings"]) + phrase.format(f=name, a=written),
        answer=answer,
        fund=fund.code,
        attribute=attribute,
        template=f"{attribute}.{number}",
        truth=answer,
        kind="intent",
        language=language,
    )


def _sum(rng: random.Random, size: str, held_out: bool) -> tuple[int, int, int, list[str]]:
    """Two numbers, the result and the steps; one pair in five is kept for valid and test."""
    while True:
        if size == "add2":
            a, b = rng.randint(11, 99), rng.randint(11, 99)
            steps = [f"{a % 10}+{b % 10}={a % 10 + b % 10}"]
            steps += [f"{a // 10 * 10}+{b // 10 * 10}={a // 10 * 10 + b // 10 * 10}"]
            steps += [f"{a // 10 * 10 + b // 10 * 10}+{a % 10 + b % 10}={a + b}"]
            result = a + b
        elif size == "mul1x1":
            a, b = rng.randint(2, 9), rng.randint(2, 9)
            steps, result = [f"{a}×{b}={a * b}"], a * b
        elif size == "mul2x1":
            a, b = rng.randint(11, 99), rng.randint(2, 9)
            tens, ones = a // 10 * 10, a % 10
            steps = [f"{tens}×{b}={tens * b}", f"{ones}×{b}={ones * b}"]
            steps += [f"{tens * b}+{ones * b}={a * b}"]
            result = a * b
        else:  # percent: a thousands, b tenths of a per cent
            a, b = rng.choice([*range(1, 10), *range(10, 100, 10)]), rng.randint(1, 9)
            steps, result = [f"1000×0.{b}%={b}", f"{a}×{b}={a * b}"], a * b
        if ((a * 7 + b) % 5 == 0) == held_out:
            return a, b, result, steps


def _arithmetic(rng: random.Random, parts: list[str], language: str) -> Question:
    words = wording(language)["arithmetic"]
    size = rng.choice(("mul1x1", "mul2x1", "add2", "percent"))
    name = {"add2": "add", "percent": "percent"}.get(size, "mul1")
    phrase, number = _pick(rng, parts, words[name])
    a, b, result, steps = _sum(rng, size, held_out="train" not in parts)
    amount = a * 1000 if size == "percent" else a
    text = phrase.format(a=amount, b=b, r=f"0.{b}")
    comma, stop = ("，", "。") if language == "zh" else (", ", ". ")
    tail = words["tail"].format(v=result) + stop.strip()
    body = comma.join(steps) + stop + tail
    return Question(
        text=rng.choice(wording(language)["openers"]) + text,
        answer=compliant(body, size, language),
        fund="",
        attribute=size,
        template=f"{name}.{number}",
        truth=words["tail"].format(v=result) + stop.strip(),
        kind="arithmetic",
        language=language,
    )


def _copy(rng: random.Random, parts: list[str], language: str) -> Question:
    words = wording(language)["copy"]
    phrase, number = _pick(rng, parts, words)
    fund = rng.choice(funds())
    (l1, v1), (l2, v2) = [
        (
            label,
            (
                f"{rng.randint(1, 99)}.{rng.randint(10, 99)}"
                if decimals
                else f"{rng.randint(100, 9999)}"
            )
            + unit,
        )
        for label, unit, decimals in rng.sample(words["labels"], 2)
    ]
    passage = rng.choice(words["passages"]).format(
        f=fund.name[language], l1=l1, v1=v1, l2=l2, v2=v2
    )
    label, truth = rng.choice(((l1, v1), (l2, v2)))
    return Question(
        text=phrase.format(p=passage, l=label),
        answer=compliant(words["answer"].format(l=label, v=truth), "copy", language),
        fund=fund.code,
        attribute="copy",
        template=f"copy.{number}",
        truth=truth,
        kind="copy",
        language=language,
    )


_DRAW: dict[str, Callable[[random.Random, list[str], str], Question]] = {
    "fact": _about("fact"),
    "leading": _about("leading"),
    "refusal": _about("refusal"),
    "intent": _intent,
    "arithmetic": _arithmetic,
    "copy": _copy,
}
KINDS = tuple(_DRAW)


def draw(rng: random.Random, parts: list[str], kind: str, language: str) -> Question:
    """One question of the parts' templates; `questions` is what most callers want."""
    return _DRAW[kind](rng, parts, language)


def questions(
    part: str, n: int, *, kind: str = "fact", seed: int = 0, language: str | None = None
) -> list[Question]:
    """Draw ``n`` distinct questions of one part.

    Args:
        part: ``train``, ``valid`` or ``test``; the three share no template, and in arithmetic
            no pair of numbers is in both ``train`` and the other two. ``heard`` are phrasings
            from the customer-service log that nobody wrote an answer for (``fact``, ``leading``
            and ``refusal`` alone).
        n: how many; all texts differ.
        kind: ``fact`` (a fund's attribute), ``leading`` (保本吗？能赚多少？), ``refusal`` (out of
            scope, or a request to trade), ``intent`` (answer: JSON of intent, fund, amount),
            ``arithmetic`` (with steps), ``copy`` (a figure from a short passage).
        seed: the same seed gives the same questions.
        language: ``zh`` or ``en``; None takes the page's.

    Raises:
        UsageError: an unknown part or kind, or fewer than ``n`` distinct questions exist.

    >>> len({q.text for q in questions("train", 100, language="en")})
    100

    """
    if part not in PARTS:
        raise UsageError(f"{part!r} is not a part of the questions: use {', '.join(PARTS)}.")
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of question: use {', '.join(KINDS)}.")
    chosen = language or current_language()
    rng = random.Random(f"fundbot {kind} {part} {chosen} {seed}")
    found: dict[str, Question] = {}
    misses = 0
    while len(found) < n:
        one = draw(rng, [part], kind, chosen)
        misses = misses + 1 if one.text in found else 0
        if misses > 2000:
            raise UsageError(
                f"There are only about {len(found)} distinct {kind} questions in {part}: "
                f"ask for fewer than {n}."
            )
        found.setdefault(one.text, one)
    return list(found.values())


def _other_value(question: Question, rng: random.Random) -> str:
    others: list[Fund] = [fund for fund in funds() if fund.code != question.fund]
    return rng.choice(others).value(question.attribute, question.language)


def sloppy(question: Question, rng: random.Random) -> str:
    """Answer as an unchecked customer-service log does: chatty, without disclaimer, at times wrong.

    For facts 80 % are merely casual, 12 % add a promise, 8 % give another fund's figure; leading
    questions and refusals get a slip (a promise, or "done, I have bought it").
    """
    words = wording(question.language)
    head, tail = rng.choice(words["sloppy_heads"]), rng.choice(words["sloppy_tails"])
    if question.kind == "fact":
        fate = rng.random()
        name = next(f.name[question.language] for f in funds() if f.code == question.fund)
        value = _other_value(question, rng) if fate < 0.08 else question.truth
        body = rng.choice(words["fact"][question.attribute]["casual"]).format(f=name, v=value)
        if fate > 0.88:
            tail = rng.choice(words["promises"])
    elif question.kind in ("leading", "refusal"):
        body = rng.choice(words[question.kind][question.attribute]["slips"])
    else:
        head, tail, body = "", "", question.truth
    if question.language == "en" and not head.endswith(", "):
        body = body[:1].upper() + body[1:]
    return f"{head}{body}{tail}"


def conversation(question: Question, answer: str, system: str) -> dict[str, Any]:
    """One question and answer in the form of a fine-tuning file."""
    return {
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": question.text},
            {"role": "assistant", "content": answer},
        ]
    }


def conversations(
    part: str,
    n: int,
    *,
    kind: str = "fact",
    noise: float = 0.0,
    seed: int = 0,
    language: str | None = None,
) -> list[dict[str, Any]]:
    """Draw ``n`` question-and-answer examples in OpenAI's fine-tuning form.

    Args:
        part: as in `questions`.
        n: as in `questions`.
        kind: as in `questions`.
        noise: share (0–1) of answers taken from the unchecked log (`sloppy`) instead of the
            compliant ones: what raw data look like before anyone cleans them.
        seed: as in `questions`.
        language: as in `questions`.

    Returns:
        ``{"messages": [system, user, assistant]}`` for each question.

    Raises:
        UsageError: as `questions`.

    >>> [m["role"] for m in conversations("train", 1, language="en")[0]["messages"]]
    ['system', 'user', 'assistant']

    """
    chosen = language or current_language()
    rng = random.Random(f"fundbot noise {seed}")
    system = system_prompt(chosen, kind=kind)
    return [
        conversation(q, sloppy(q, rng) if rng.random() < noise else q.answer, system)
        for q in questions(part, n, kind=kind, seed=seed, language=chosen)
    ]
