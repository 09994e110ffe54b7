"""What is said in an example, whatever its method: who says what, the question, the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bankft.cases.fundbot import DISCLAIMER, RISK_NOTICE
from bankft.data import shapes

_IDEOGRAPHS = re.compile("[\u3400-\u9fff]+")
_CHINESE = re.compile("[\u3400-\u9fff]{8}")
_LETTERS = re.compile("[A-Za-z]+")
_SET_PHRASES = [words.rstrip("。.") for words in (*DISCLAIMER.values(), *RISK_NOTICE.values())]
_LABEL = re.compile("[A-Za-z][A-Za-z0-9_./-]{0,40}")
_NOT_REFERENCE = {"messages", "tools", "parallel_tool_calls", "functions", "function_call"}


class Turn(NamedTuple):
    """One message.

    Attributes:
        place: Where its text stands, such as ``messages[1].content``.
        role: Its role, ``"?"`` if it has none that is known.
        text: Its text, perhaps empty.
        learnt: Whether the model learns to say it.
    """

    place: str
    role: str
    text: str
    learnt: bool


@dataclass(slots=True)
class Talk:
    """An example as one reads it; broken parts of it are left out.

    Attributes:
        turns: Its messages.
        question: What is asked last, without what was said before.
        asked: What the customer, the tools and the assistant said up to that, instructions
            left out.
        answer: The answer to learn, or to prefer; for reinforcement none.
        said: The answer without the disclaimers and risk notices that every answer carries.
        rejected: The other answer of a preference pair.
        reference: For reinforcement: what a grader compares with.
        plain: Whether the messages are all that the example holds (see `read_plain`).
    """

    turns: list[Turn] = field(default_factory=list)
    question: str = ""
    asked: str = ""
    answer: str = ""
    said: str = ""
    rejected: str = ""
    reference: Any = None
    plain: bool = field(default=False, compare=False)


def read(example: Mapping[str, Any], method: str) -> Talk:
    """Return what is said in an example; whatever it is, this raises nothing.

    >>> example = {"messages": [{"role": "user", "content": "费率？"}, {"role": "assistant",
    ...            "content": "0.30%"}]}
    >>> read(example, "supervised").answer
    '0.30%'
    """
    talk = Talk()
    if method == "dpo":
        asked = example.get("input")
        _add(talk, asked.get("messages") if isinstance(asked, Mapping) else None, "input.messages")
        context = talk.turns[:]
        for name in ("preferred_output", "non_preferred_output"):
            before = len(talk.turns)
            _add(talk, example.get(name), name, learns=name == "preferred_output")
            said = talk.turns[-1].text if len(talk.turns) > before else ""
            if name == "preferred_output":
                talk.answer = said
            else:
                talk.rejected = said
    else:
        _add(talk, example.get("messages"), "messages", learns=method == "supervised")
        if method == "reinforcement":
            talk.reference = {key: one for key, one in example.items() if key not in _NOT_REFERENCE}
        elif talk.turns and talk.turns[-1].role == "assistant":
            talk.answer = talk.turns[-1].text
    if method != "dpo":
        context = talk.turns[:]
    while context and context[-1].role == "assistant":
        context.pop()
    talk.asked = "\n".join(turn.text for turn in context if turn.role not in _INSTRUCTIONS)
    for turn in reversed(talk.turns):
        if turn.role == "user":
            talk.question = turn.text
            break
    talk.said = without_set_phrases(talk.answer)
    return talk


def read_plain(example: Mapping[str, Any]) -> Talk | None:
    """Return what is said in an example that is plainly well-formed, else None.

    Plainly: ``messages`` and no other key; instructions first if at all, then customer and
    assistant in turn, the assistant last; each with a role, some text, and nothing else. Most
    lines are of this kind. `bankft.data.shapes` finds no problem in them, and need not look.
    """
    messages = example.get("messages")
    if len(example) != 1 or type(messages) is not list or len(messages) > len(_PLACES):
        return None
    talk = Talk(plain=True)
    turns = talk.turns
    asked = []
    expected = "user"
    for place, message in zip(_PLACES, messages, strict=False):
        if type(message) is not dict or len(message) != 2:
            return None
        role = message.get("role")
        text = message.get("content")
        if type(text) is not str or not text or text.isspace():
            return None
        if role == expected:
            learnt = role == "assistant"
            expected = "user" if learnt else "assistant"
            asked.append(text)
        elif (role == "system" or role == "developer") and not asked:
            learnt = False
        else:
            return None
        turns.append(Turn(place, role, text, learnt))
    if expected != "user" or not asked:
        return None
    talk.question = asked[-2]
    talk.asked = asked[0] if len(asked) == 2 else "\n".join(asked[:-1])
    talk.answer = asked[-1]
    talk.said = without_set_phrases(talk.answer)
    return talk


_PLACES = [f"messages[{index}].content" for index in range(64)]
_INSTRUCTIONS = ("system", "developer")


def _add(talk: Talk, messages: Any, place: str, *, learns: bool = False) -> None:
    if not isinstance(messages, list):
        return
    turns = talk.turns
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        role = message.get("role")
        content = message.get("content")
        text = content if isinstance(content, str) else shapes.text(message)
        known = role if isinstance(role, str) and role in shapes.ROLES else "?"
        learnt = learns and role == "assistant" and message.get("weight", 1) != 0
        turns.append(Turn(f"{place}[{index}].content", known, text, learnt))


def spoken(text: str) -> str:
    """Return the language of a text: ``"zh"``, ``"en"``, or ``""`` where there is too little.

    An ideograph counts as much as two letters, since product codes and units are often Latin.

    >>> spoken("ETF 的管理费是多少？"), spoken("What is the fee?"), spoken("0.30%")
    ('zh', 'en', '')
    """
    if text.isascii():
        return "en" if sum(map(len, _LETTERS.findall(text))) > 3 else ""
    if len(text) < 40 and _CHINESE.search(text):  # whatever else so short a text holds
        return "zh"
    letters = sum(map(len, _LETTERS.findall(text)))
    ideographs = sum(map(len, _IDEOGRAPHS.findall(text)))
    if ideographs + letters < 4:
        return "zh" if ideographs > 1 else ""
    return "zh" if 2 * ideographs >= letters / 2 else "en"


def without_set_phrases(text: str) -> str:
    """Return a text without the disclaimers and risk notices that every answer carries.

    >>> without_set_phrases("0.30%。仅供参考，不构成投资建议。")
    '0.30%。。'
    """
    for words in _SET_PHRASES:
        text = text.replace(words, "")
    return text


def is_value(answer: str) -> bool:
    """Return whether an answer is for a program, not a person: JSON, or a single plain label.

    >>> is_value('{"intent": "fee"}'), is_value("bug"), is_value("可以买。")
    (True, True, False)
    """
    answer = answer.strip()
    return (answer[:1] in ("{", "[") and answer[-1:] in ("}", "]")) or bool(
        _LABEL.fullmatch(answer)
    )
