"""Kinds of task that a model is fine-tuned for, and what their answers must look like.

The shape of a line is the same for all of them (`bankft.data.shapes`); what differs is the
answer: free text, a label of a fixed set, JSON with fixed keys, or an intent with parameters.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bankft.data import formats
from bankft.data.findings import Problem
from bankft.data.shapes import text
from bankft.data.wording import say, severity
from bankft.errors import UsageError
from bankft.lang import language as current_language
from bankft.text import see_through

TYPES = ("string", "number", "integer", "boolean", "date")
UNBALANCED = 10  # times as many examples of one label as of another

Found = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class QuestionAnswering:
    """The answer is text that says something the question did not."""


@dataclass(frozen=True)
class Classification:
    """The answer is one label, and nothing else."""

    labels: tuple[str, ...]


@dataclass(frozen=True)
class Extraction:
    """The answer is a JSON object whose values stand in the customer's text.

    Attributes:
        keys: Name and type of each value, one of ``TYPES``; with a ``?`` at its end it may be
            null, where the text does not say.
    """

    keys: Mapping[str, str]


@dataclass(frozen=True)
class Intents:
    """The answer is ``{"intent": …, "parameters": {…}}``.

    Attributes:
        intents: For each intent its parameters' names and types, as in `Extraction`; one with a
            ``?`` may be missing.
    """

    intents: Mapping[str, Mapping[str, str]]


Task = QuestionAnswering | Classification | Extraction | Intents


def check_task(
    examples: Iterable[dict[str, Any]], task: Task, *, language: str | None = None
) -> tuple[Problem, ...]:
    """Check that the last answer of each example is what the task asks for.

    Args:
        examples: In OpenAI's supervised format; what is wrong with their shape is not said here.
        task: The kind of task, with its labels, keys or intents.
        language: Of the messages; the page's language if not given.

    Raises:
        UsageError: The task names a type that is none of ``TYPES``.

    >>> example = {"messages": [{"role": "user", "content": "登录按钮没反应"},
    ...                         {"role": "assistant", "content": "Bug"}]}
    >>> [p.code for p in check_task([example], Classification(("bug", "question")))]
    ['label_spelling', 'unused_label', 'unused_label']
    """
    language = language or current_language()
    _check_types(task)
    seen: Counter[str] = Counter()
    problems = []

    def add(line: int, field: str, code: str, values: dict[str, Any]) -> None:
        message = say(code, language, **values)
        problems.append(Problem(line, field, code, severity(code), message))

    for number, example in enumerate(examples, 1):
        messages = example.get("messages")
        if not isinstance(messages, list) or len(messages) < 2:
            continue
        answer = text(messages[-1]).strip()
        asked = "\n".join(text(one) for one in messages[:-1] if _role(one) == "user")
        for code, values in _answer(answer, asked, task, seen):
            add(number, f"messages[{len(messages) - 1}].content", code, values)
    for code, values in _whole(task, seen):
        add(0, "", code, values)
    return tuple(problems)


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, dict) else None


def _check_types(task: Task) -> None:
    tables: list[Mapping[str, str]] = []
    if isinstance(task, Extraction):
        tables = [task.keys]
    elif isinstance(task, Intents):
        tables = list(task.intents.values())
    for table in tables:
        for name, kind in table.items():
            if kind.removesuffix("?") not in TYPES:
                raise UsageError(f"{name} has no type {kind!r}: use {', '.join(TYPES)}.")


def _answer(answer: str, asked: str, task: Task, seen: Counter[str]) -> Iterator[Found]:
    if isinstance(task, QuestionAnswering):
        if _plain(answer) == _plain(asked):
            yield "answer_repeats", {}
    elif isinstance(task, Classification):
        seen[answer] += answer in task.labels
        if answer in task.labels:
            return
        near = next((label for label in task.labels if _plain(label) == _plain(answer)), None)
        if near is not None:
            yield "label_spelling", {"label": near}
        else:
            yield "unknown_label", {"labels": ", ".join(task.labels)}
    else:
        try:
            value = formats.loads(answer)
        except formats.JSONProblem:
            value = None
        if not isinstance(value, dict):
            yield "answer_not_json", {}
        elif isinstance(task, Extraction):
            yield from _values(value, task.keys)
            yield from _not_in_source(value, asked, task.keys)
        else:
            yield from _intent(value, task, seen)


def _intent(value: dict[str, Any], task: Intents, seen: Counter[str]) -> Iterator[Found]:
    name, parameters = value.get("intent"), value.get("parameters")
    if not isinstance(name, str) or not isinstance(parameters, dict) or len(value) != 2:
        yield "wrong_intent", {}
    elif name not in task.intents:
        yield "unknown_intent", {"intents": ", ".join(task.intents)}
    else:
        seen[name] += 1
        table = task.intents[name]
        given = {key: None for key, kind in table.items() if kind.endswith("?")} | parameters
        yield from _values(given, table)


def _values(value: dict[str, Any], table: Mapping[str, str]) -> Iterator[Found]:
    for key, kind in table.items():
        if key not in value:
            yield "missing_key", {"key": key}
        elif not _fits(value[key], kind):
            yield "wrong_type", {"key": key, "type": kind.removesuffix("?")}
    if value.keys() - table.keys():
        yield "extra_key", {"keys": ", ".join(table)}


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return kind.endswith("?")
    kind = kind.removesuffix("?")
    if kind == "date":
        return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value))
    if kind in ("string", "boolean"):
        return isinstance(value, str if kind == "string" else bool)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (kind == "number" and isinstance(value, float))


def _not_in_source(value: dict[str, Any], asked: str, table: Mapping[str, str]) -> Iterator[Found]:
    source = _plain(asked)
    for key, kind in table.items():
        found = value.get(key)
        if isinstance(found, str) and kind.removesuffix("?") == "date":
            numbers = [part.lstrip("0") for part in found.split("-")]
            there = all(number in source for number in numbers)
        elif isinstance(found, str) or (_fits(found, "number") and found is not None):
            there = _plain(found if isinstance(found, str) else json.dumps(found)) in source
        else:
            continue
        if not there:
            yield "not_in_source", {"key": key}


def _plain(value: str) -> str:
    """Return a text without what does not count: width, case, spaces, commas in numbers."""
    return re.sub(r"\s|(?<=\d),(?=\d{3})", "", see_through(value).text).casefold()


def _whole(task: Task, seen: Counter[str]) -> Iterator[Found]:
    names: Iterable[str] = ()
    if isinstance(task, Classification):
        names = task.labels
    elif isinstance(task, Intents):
        names = task.intents
    used = {name: seen[name] for name in names if seen[name]}
    for name in names:
        if name not in used:
            yield "unused_label", {"label": name}
    if len(used) > 1:
        most, least = max(used, key=used.__getitem__), min(used, key=used.__getitem__)
        if used[most] > UNBALANCED * used[least]:
            yield "unbalanced", {"most": most, "n": used[most], "least": least, "m": used[least]}
