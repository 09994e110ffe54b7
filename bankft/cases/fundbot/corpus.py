"""The raw text that the base model is pre-trained on: an invented bank's unchecked archive.

Facts about the funds in many phrasings, and customer-service logs as logs are: mostly chatty
answers without a disclaimer, some promises, some errors, a few compliant ones. So the base
model knows the products and the forms, and follows no rule. No phrasing of ``valid`` or
``test`` occurs here, nor any pair of numbers kept for them.
"""

import random
from collections.abc import Iterator

from bankft.cases.fundbot.questions import Question, conversation, draw, sloppy
from bankft.cases.fundbot.shelf import ATTRIBUTES, Fund, funds
from bankft.cases.fundbot.wording import system_prompt, wording
from bankft.lang import LANGUAGES

# Documents by share; what each is made of is in the function of that name below.
MIX = {
    "statements": 0.12,
    "comparison": 0.03,
    "prose": 0.03,
    "fact": 0.44,
    "leading": 0.08,
    "refusal": 0.04,
    "intent": 0.07,
    "arithmetic": 0.13,
    "copy": 0.06,
}

# How many of the log's answers are compliant. Few, or the base would be good before it is taught;
# not none, or it would not know the words.
COMPLIANT = {
    "fact": 0.06,
    "leading": 0.15,
    "refusal": 0.4,
    "intent": 0.5,
    "arithmetic": 0.15,
    "copy": 0.15,
}

Messages = list[dict[str, str]]


def _statements(rng: random.Random, language: str) -> str:
    """Say some things about one fund."""
    words, fund = wording(language)["fact"], rng.choice(funds())
    asked = rng.sample(ATTRIBUTES, rng.randint(3, 7))
    lines = [
        rng.choice(words[a]["statement"]).format(f=fund.name[language], v=fund.value(a, language))
        for a in asked
    ]
    return ("" if language == "zh" else " ").join(lines)


def _comparison(rng: random.Random, language: str) -> str:
    """One attribute of several funds."""
    attribute = rng.choice(ATTRIBUTES)
    words = wording(language)["fact"][attribute]["statement"]
    some = rng.sample(funds(), rng.randint(3, 5))
    return "\n".join(
        rng.choice(words).format(f=fund.name[language], v=fund.value(attribute, language))
        for fund in some
    )


def _prose(rng: random.Random, language: str) -> str:
    """General remarks, of the kind that fund reports and notices are full of."""
    fund: Fund = rng.choice(funds())
    lines = rng.sample(wording(language)["prose"]["lines"], rng.randint(2, 3))
    values = {key: fund.value(key, language) for key in ("risk", "type", "manager")}
    return "\n".join(line.format(f=fund.name[language], **values) for line in lines)


def _working(question: Question, rng: random.Random) -> str:
    """Answer a sum as the log does: the steps alone, or the result alone."""
    body = question.answer.removesuffix(wording(question.language)["disclaimer"]).rstrip()
    return body if rng.random() < 0.8 else question.truth


def _log(rng: random.Random, kind: str, language: str) -> Messages:
    """One or two turns of the customer-service log."""
    messages: Messages = []
    for _ in range(2 if kind == "fact" and rng.random() < 0.25 else 1):
        question = draw(
            rng,
            ["train", "heard"] if kind in ("fact", "leading", "refusal") else ["train"],
            kind,
            language,
        )
        if rng.random() < COMPLIANT[kind]:
            answer = question.answer
        elif kind == "arithmetic":
            answer = _working(question, rng)
        else:
            answer = sloppy(question, rng)
        turn = conversation(question, answer, system_prompt(language, kind=kind))["messages"]
        messages += turn[1:]
        system = turn[:1]
    return (system if rng.random() < 0.25 else []) + messages


def documents(seed: int) -> Iterator[str | Messages]:
    """Yield documents without end: plain text, or the messages of one conversation.

    Half are Chinese, half English; the same seed gives the same documents.

    >>> from itertools import islice
    >>> docs = list(islice(documents(0), 100))
    >>> docs == list(islice(documents(0), 100))
    True
    """
    rng = random.Random(f"fundbot corpus {seed}")
    names, shares = list(MIX), list(MIX.values())
    while True:
        name, language = rng.choices(names, shares)[0], rng.choice(LANGUAGES)
        if name == "statements":
            yield _statements(rng, language)
        elif name == "comparison":
            yield _comparison(rng, language)
        elif name == "prose":
            yield _prose(rng, language)
        else:
            yield _log(rng, name, language)
