"""What makes two examples the same for a test: their question, their answer; and who shares it."""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from bankft.data import shapes
from bankft.errors import UsageError
from bankft.text import see_through

Example = Mapping[str, Any]
Alike = Callable[[Sequence[str]], Sequence[Hashable]]

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


def question(example: Example) -> str:
    """Return what is asked in an example of any method, as one compares questions.

    The text of the user's and the tools' turns and of the assistant's before the last user turn,
    without case, width, punctuation, white space and invisible characters. Empty where nothing
    is asked.

    >>> question({"messages": [{"role": "user", "content": "管理费 是多少？"}]})
    '管理费是多少'
    """
    source = example.get("input") if "preferred_output" in example else example
    messages = source.get("messages") if isinstance(source, Mapping) else None
    if not isinstance(messages, list):
        return ""
    turns = [message for message in messages if isinstance(message, Mapping)]
    while turns and turns[-1].get("role") == "assistant":
        turns.pop()
    asked = (
        shapes.text(message)
        for message in turns
        if message.get("role") not in ("system", "developer")
    )
    return plain("\n".join(asked))


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
    parts: Mapping[str, Iterable[Example]],
    *,
    answers: str | bool = False,
    alike: Alike | None = None,
) -> Iterator[Leak]:
    """Yield what the later parts share with the earlier ones, each example's first match.

    Parts are read once, in their order; of each example only short digests are kept.

    Args:
        parts: Name and examples of each part; the one that is trained on comes first.
        answers: Look at answers too: where they stand (``"reference_answer"``), or True for the
            last message. Right for reinforcement; in supervised data two questions may well
            have one answer.
        alike: Gives alike questions the same label; its questions are then kept in memory.

    >>> same = {"messages": [{"role": "user", "content": "费率？"}]}
    >>> [leak.kind for leak in find_leaks({"train": [same], "test": [same]})]
    ['question']
    """
    seen: dict[tuple[str, bytes], tuple[str, int]] = {}
    texts: list[str] = []
    homes: list[tuple[str, int, bool]] = []  # part, line, whether its question leaks anyway
    for part, examples in parts.items():
        for line, example in enumerate(examples, 1):
            asked = question(example)
            field = answers if isinstance(answers, str) else None
            keys: dict[Literal["question", "answer"], str | None] = {"question": asked or None}
            if answers:
                keys["answer"] = answer(example, field)
            found = set()
            for kind, key in keys.items():
                if key is None:
                    continue
                home = seen.setdefault((kind, digest(key)), (part, line))
                if home[0] != part:
                    found.add(kind)
                    yield Leak(kind, *home, part, line)
            if alike is not None and asked:
                texts.append(asked)
                homes.append((part, line, "question" in found))
    if alike is None:
        return
    first: dict[Hashable, tuple[str, int]] = {}
    for label, (part, line, told) in zip(alike(texts), homes, strict=True):
        home = first.setdefault(label, (part, line))
        if home[0] != part and not told:
            yield Leak("near_question", *home, part, line)


def digest(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
