"""Check a training file for supervised fine-tuning, line by line.

These are the checks that the service makes before it trains: whoever runs them first saves an
upload and a wait. They read one line at a time, so that memory stays flat for a file of any
size, apart from two short hashes a line with which duplicates and contradictions are found.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bankft.cases.fundbot import DISCLAIMER
from bankft.data.formats import Line, lines
from bankft.data.personal import find_personal
from bankft.data.wording import Severity, say, say_kind, severity
from bankft.errors import UsageError
from bankft.lang import LANGUAGES
from bankft.lang import language as current_language

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
LEAST_EXAMPLES = 10
MAX_TOKENS = 65_536  # of one example, as OpenAI's guide gives it for gpt-4o
MAX_LISTED = 1_000  # problems of one kind; a hostile file must not fill the memory with them


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a training file.

    Attributes:
        line: Line number from 1; 0 where it is about the whole file.
        field: Where in the line, such as ``messages[2].content``; empty if it is all of it.
        code: A short name for programs, such as ``empty_content``.
        severity: ``"error"`` keeps the file from being trained on; ``"warning"`` does not.
        message: A sentence for people. It never holds a value that may be personal data.
    """

    line: int
    field: str
    code: str
    severity: Severity
    message: str


@dataclass(frozen=True)
class Report:
    """What checking a training file found: the number of examples, and the problems in order."""

    examples: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the file can be trained on: it may have warnings, but no error."""
        return all(problem.severity != "error" for problem in self.problems)


def check(
    source: str | os.PathLike[str] | Iterable[dict[str, Any]], *, language: str | None = None
) -> Report:
    """Check training data in OpenAI's supervised chat format.

    Errors: a line that is no strict JSON object; ``messages`` missing; an unknown role; missing
    or empty content; roles out of order; a last message that is not the assistant's; a weight
    other than 0 or 1; fewer than 10 examples. Warnings: exact duplicates, the same question with
    different answers, an answer without the disclaimer, personal data, an example beyond 65,536
    tokens (estimated, as no tokenizer is needed here), blank lines.

    At most 1,000 problems of one kind are listed, the others are counted in a last one.

    Args:
        source: A JSON Lines file, or the examples themselves (their "lines" count from 1).
        language: Of the messages, ``"zh"`` or ``"en"``; the page's language if not given.

    Raises:
        DataError: The file cannot be opened.
        UsageError: There is no such language.

    >>> example = {"messages": [{"role": "user", "content": "管理费是多少？"}]}
    >>> check([example] * 10, language="en").problems[0].message
    "The last message must be the assistant's answer: that is what the model learns."
    """
    language = language or current_language()
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh or en.")
    return _Check(language).run(
        lines(source) if isinstance(source, (str, os.PathLike)) else _given(source)
    )


def _given(examples: Iterable[Any]) -> Iterator[Line]:
    for number, example in enumerate(examples, 1):
        if isinstance(example, dict):
            yield Line(number, example)
        else:
            yield Line(number, {}, "not_object")


class _Check:
    """One run over one file: what it has found, and what it has seen."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.problems: list[Problem] = []
        self.count: Counter[str] = Counter()
        self.line = 0
        self.examples: dict[bytes, int] = {}  # hash of an example: the line it first stood on
        self.answers: dict[bytes, tuple[int, bytes]] = {}  # of a question: line, answer's hash

    def run(self, source: Iterable[Line]) -> Report:
        n = 0
        for line in source:
            self.line = line.number
            n += line.code != "blank_line"
            if line.code:
                self.add(line.code)
                continue
            try:
                self.example(line.example)
            except RecursionError:
                self.add("too_deep")
        self.line = 0
        if n < LEAST_EXAMPLES and not self.count["not_utf8"]:
            self.add("invalid_n_examples", n=n, least=LEAST_EXAMPLES)
        for code, number in list(self.count.items()):
            if number > MAX_LISTED:
                self.add("and_more", kind=code, n=f"{number - MAX_LISTED:,}")
        return Report(n, tuple(self.problems))

    def add(self, code: str, field: str = "", **values: Any) -> None:
        self.count[code] += 1
        if self.count[code] <= MAX_LISTED:
            message = say(code, self.language, **values)
            self.problems.append(Problem(self.line, field, code, severity(code), message))

    def example(self, example: dict[str, Any]) -> None:
        """Check one example: its messages, their order, and what stood on earlier lines."""
        messages = example.get("messages")
        if not isinstance(messages, list) or not messages:
            self.add("missing_messages", "messages")
            return
        for index, message in enumerate(messages):
            if isinstance(message, dict):
                self.message(message, f"messages[{index}]")
            else:
                self.add("message_not_object", f"messages[{index}]")
        if not all(
            isinstance(message, dict) and message.get("role") in ROLES for message in messages
        ):
            return  # said already, and without roles there is no order to check
        misplaced = _out_of_order(messages)
        if misplaced is not None:
            self.add("role_order", f"messages[{misplaced}].role")
        elif messages[-1]["role"] != "assistant":
            self.add("last_not_assistant", f"messages[{len(messages) - 1}].role")
        else:
            self.repetition(example, messages)
        tokens = _estimate_tokens("".join(_text(message) for message in messages))
        if tokens > MAX_TOKENS:
            self.add("too_long", "messages", tokens=f"{tokens:,}", limit=f"{MAX_TOKENS:,}")

    def message(self, message: dict[str, Any], place: str) -> None:
        role = message.get("role")
        if role not in ROLES:
            # A short ASCII word is a typing mistake worth showing; anything else is not shown.
            shown = isinstance(role, str) and role.isascii() and role.isalpha() and len(role) < 16
            self.add("unknown_role", f"{place}.role", role=f' "{role}"' if shown else "")
        weight = message.get("weight", 1)
        if type(weight) is not int or weight not in (0, 1):
            self.add("wrong_weight", f"{place}.weight")
        calls = message.get("tool_calls") or message.get("function_call") or message.get("refusal")
        if not (role == "assistant" and calls and message.get("content") is None):
            self.content(message, f"{place}.content")

    def content(self, message: dict[str, Any], place: str) -> None:
        content = message.get("content")
        if content is None:
            self.add("missing_content", place)
            return
        if not isinstance(content, str) and not _is_parts(content):
            self.add("wrong_content", place)
            return
        text = _text(message)
        if not text.strip():
            self.add("empty_content", place)
            return
        for kind in sorted({finding.kind for finding in find_personal(text)}):
            self.add("personal_data", place, kind=say_kind(kind, self.language))
        if (
            message.get("role") == "assistant"
            and message.get("weight", 1) != 0
            and not any(words.rstrip("。.") in text for words in DISCLAIMER.values())
        ):
            self.add("missing_disclaimer", place, disclaimer=DISCLAIMER[self.language])

    def repetition(self, example: dict[str, Any], messages: list[dict[str, Any]]) -> None:
        first = self.examples.setdefault(_hash(example), self.line)
        if first != self.line:
            self.add("duplicate_example", first=first)
            return
        # The instructions of system messages are not part of what the customer asks.
        asked = [m for m in messages[:-1] if m["role"] not in ("system", "developer")]
        answer = _hash(messages[-1])
        line, known = self.answers.setdefault(_hash(asked), (self.line, answer))
        if known != answer:
            place = f"messages[{len(messages) - 1}].content"
            self.add("contradicting_answers", place, first=line)


def _out_of_order(messages: list[dict[str, Any]]) -> int | None:
    """Return the index of the first message that may not follow the one before it."""
    before = "start"
    for index, message in enumerate(messages):
        role = message["role"]
        if role == "developer":
            role = "system"
        if role == "function":
            role = "tool"
        if role not in _MAY_FOLLOW[before]:
            return index
        calls = message.get("tool_calls") or message.get("function_call")
        before = "call" if role == "assistant" and calls else role
    return None


_MAY_FOLLOW = {
    "start": {"system", "user"},
    "system": {"system", "user"},
    "user": {"assistant"},
    "assistant": {"user"},
    "call": {"tool"},
    "tool": {"tool", "assistant"},
}


def _is_parts(content: Any) -> bool:
    return isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("text"), str) for part in content
    )


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content) if _is_parts(content) else ""  # type: ignore[union-attr]


def _estimate_tokens(text: str) -> int:
    """Estimate tokens without a tokenizer: one for a non-ASCII character, one for four others."""
    ascii_characters = len(text.encode("ascii", "ignore"))
    return len(text) - ascii_characters + ascii_characters // 4


def _hash(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, default=repr)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
