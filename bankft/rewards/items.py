"""Items of the running case: what the rewards must know about a question."""

from typing import Any

from bankft.cases import fundbot
from bankft.errors import UsageError
from bankft.rewards.texts import mentions, plain

_HAVE_AN_ANSWER_TO_CARRY_NOTICES = ("fact", "leading", "refusal", "arithmetic", "copy")


def fundbot_item(question: fundbot.Question) -> dict[str, Any]:
    """Return a line of an RFT training file for one question of the fund assistant.

    Args:
        question: of any kind but ``intent``, whose answer is JSON for a program.

    Returns:
        ``messages`` (instructions and question), ``reference_answer``, ``facts``, ``wrong``,
        ``notices``, ``language``: see `bankft.rewards.terms`. ``wrong`` holds the other values
        of the attribute on the shelf and the names of all other funds.

    Raises:
        UsageError: a question of kind ``intent``.

    >>> item = fundbot_item(fundbot.questions("train", 1, language="en")[0])
    >>> item["messages"][-1]["role"], len(item["facts"]), item["notices"][-1]
    ('user', 1, 'For reference only; not investment advice.')
    """
    if question.kind not in _HAVE_AN_ANSWER_TO_CARRY_NOTICES:
        raise UsageError(f"The rewards judge answers to customers, not kind {question.kind!r}.")
    language = question.language
    ends = (fundbot.RISK_NOTICE[language], fundbot.DISCLAIMER[language])
    return {
        "messages": [
            {"role": "system", "content": fundbot.system_prompt(language, kind=question.kind)},
            {"role": "user", "content": question.text},
        ],
        "reference_answer": question.answer,
        "facts": [question.truth],
        "wrong": _wrong(question),
        "notices": [notice for notice in ends if notice in question.answer],
        "language": language,
    }


def _wrong(question: fundbot.Question) -> list[str]:
    """Return what a right answer cannot say: other funds, other values of what is asked."""
    others = {fund.name[question.language] for fund in fundbot.funds()}
    if question.attribute in fundbot.ATTRIBUTES:
        others |= {fund.value(question.attribute, question.language) for fund in fundbot.funds()}
    # What the question or its answer says itself is not wrong, whatever else it may name.
    given = plain(f"{question.text} {question.answer}")
    return sorted(other for other in others if not mentions(given, other))
