"""What makes two examples the same for a test: their question, their answer; and who shares it."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from bankft.data import near, shapes
from bankft.errors import UsageError
from bankft.text import see_through

Example = Mapping[str, Any]

# What a line for reinforcement usually calls the answer that graders compare with.
ANSWER_FIELDS = ("reference_answer", "answer", "reference", "truth")
_RESERVED = {"messages", "tools", "parallel_tool_calls", "input", "metadata"}
_SOUNDLESS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")  # the point in 3.0 tells it from 30


@dataclass(frozen=True)
class Leak:
    """Two examples in different parts that share what they must not.

    Attributes:
        kind: ``"question"``: the same but for case, width, punctuation and spaces;
            ``"near_question"``: alike; ``"answer"``: the same reference answer.
        part: Name of the part that comes first, such as ``train``.
        line: The example's number in it, from 1.
        other_part: The part that comes later.
        other_line: The example's number in that one.
    """

    kind: Literal["question", "near_question", "answer"]
    part: str
    line: int
    other_part: str
    other_line: int


def asked(example: Example) -> str:
    """Return what is asked in an example of any method.

    The text of the user's and the tools' turns and of the assistant's before the last user turn.
    Empty where nothing is asked.

    >>> asked({"messages": [{"role": "user", "content": "管理费 是多少？"}]})
    '管理费 是多少？'
    """
    source = example.get("input") if "preferred_output" in example else example
    messages = source.get("messages") if isinstance(source, Mapping) else None
    if not isinstance(messages, list):
        return ""
    turns = [message for message in messages if isinstance(message, Mapping)]
    while turns and turns[-1].get("role") == "assistant":
        turns.pop()
    return "\n".join(
        shapes.text(message)
        for message in turns
        if message.get("role") not in ("system", "developer")
    )


def question(example: Example) -> str:
    """Return what is asked in an example, as one compares questions (see `plain`).

    >>> question({"messages": [{"role": "user", "content": "管理费 是多少？"}]})
    '管理费是多少'
    """
    return plain(asked(example))


def plain(text: str) -> str:
    """Return a text as one compares it: no case, width, punctuation, space, invisible character.

    A text of nothing but signs is compared as it is seen.

    >>> plain("费率：０．３０％ ")
    '费率0.30'
    """
    seen = see_through(text).text.casefold()
    return _SOUNDLESS.sub("", seen) or seen.strip()


def answer_field(example: Example) -> str:
    """Return which field of a line for reinforcement is the answer that graders compare with.

    ``reference_answer``, ``answer``, ``reference`` or ``truth``; else the only field that a
    line has beside its messages.

    Raises:
        UsageError: That is not plain; the message says so.

    >>> answer_field({"messages": [], "expected": "0.30%"})
    'expected'
    """
    for name in ANSWER_FIELDS:
        if name in example:
            return name
    others = [key for key in example if key not in _RESERVED]
    if len(others) == 1:
        return others[0]
    known = ", ".join(map(shapes.safe_key, others)) or "none beside its messages"
    raise UsageError(
        f"Say which field holds the answer that must not be shared (the first line has {known})."
    )


def answer(example: Example, field: str | None = None) -> str | None:
    """Return an example's answer as one compares it: numbers exactly, words without their dress.

    Args:
        example: Of any method.
        field: Where the answer stands (see `pick`); else the last assistant message, or the
            preferred one of a pair.

    Returns:
        None where there is none.

    >>> answer({"messages": [], "reference_answer": "０．３０％"}, "reference_answer")
    '0.30%'
    """
    if field is not None:
        value = pick(example, field)
    else:
        turns = example.get("preferred_output", example.get("messages"))
        last = turns[-1] if isinstance(turns, list) and turns else None
        told = isinstance(last, Mapping) and last.get("role") == "assistant"
        value = shapes.text(last) if told else None
    if value is None or value == "":
        return None
    if isinstance(value, str):
        # Signs stay: 0.30% and 3.0% are two answers.
        return " ".join(see_through(value).text.casefold().split())
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def pick(example: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path such as ``metadata.customer`` or ``messages[0].content``.

    None where there is none.

    >>> pick({"messages": [{"role": "user"}]}, "messages[-1].role")
    'user'
    """
    value: Any = example
    if path in example:  # a key may hold a dot
        return example[path]
    for step in re.findall(r"\[(-?\d+)\]|([^.\[\]]+)", path):
        index, key = step
        if key and isinstance(value, Mapping):
            value = value.get(key)
        elif index and isinstance(value, list) and -len(value) <= int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return value


def find_leaks(
    parts: Mapping[str, Iterable[Example]], *, answers: str | bool = False
) -> Iterator[Leak]:
    """Yield what the later parts share with the earlier ones.

    Parts are read once, in their order; of each example only short digests are kept in memory.
    First come the questions and answers that are the same, then the questions that are alike:
    four fifths of their runs of three characters or two words in common, and no other number.

    Args:
        parts: Name and examples of each part; the one that is trained on comes first.
        answers: Look at answers too: where they stand (``"reference_answer"``), or True for the
            last message. Right for reinforcement; in supervised data two questions may well
            have one answer.

    >>> same = {"messages": [{"role": "user", "content": "费率？"}]}
    >>> [leak.kind for leak in find_leaks({"train": [same], "test": [same]})]
    ['question']
    """
    with closing(near.Index()) as index:
        yield from _find(parts, answers, index)


def _find(
    parts: Mapping[str, Iterable[Example]], answers: str | bool, index: near.Index
) -> Iterator[Leak]:
    seen: dict[str, dict[bytes, int]] = {"question": {}, "answer": {}}  # digest: first number
    starts: list[tuple[int, str]] = []  # number of each part's first example, and its name
    told: set[int] = set()  # whose question leaks anyway

    def place(number: int) -> tuple[str, int]:
        start, part = starts[bisect_right(starts, number, key=lambda one: one[0]) - 1]
        return part, number - start + 1

    for part, examples in parts.items():
        start = len(index)
        starts.append((start, part))
        for example in examples:
            number = len(index)
            text = asked(example)
            field = answers if isinstance(answers, str) else None
            keys: dict[Literal["question", "answer"], str | None] = {"question": plain(text)}
            if answers:
                keys["answer"] = answer(example, field)
            for kind, key in keys.items():
                if not key:
                    continue
                first = seen[kind].setdefault(digest(key), number)
                if first < start:
                    yield Leak(kind, *place(first), *place(number))
                    if kind == "question":
                        told.add(number)
            index.add(text)
    for earlier, later in index.pairs():
        one, other = place(earlier), place(later)
        if one[0] != other[0] and later not in told:
            yield Leak("near_question", *one, *other)


def digest(text: str) -> bytes:
    """Return 12 bytes that stand for a text: of a billion texts, no two share theirs."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
