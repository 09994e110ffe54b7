"""Write training examples in the formats of other tools."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bankft.data.shapes import text
from bankft.data.wording import say
from bankft.errors import UsageError
from bankft.lang import language

TARGETS = ("openai", "csv", "alpaca", "sharegpt")
_FROM = {"user": "human", "assistant": "gpt", "tool": "observation"}
# A spreadsheet runs a cell that begins with one of these; a quote before it makes it text.
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def written(
    examples: Iterable[dict[str, Any]],
    target: str,
    *,
    skip: Callable[[int, str], object],
) -> Iterator[str]:
    r"""Yield examples as the text of a file: JSON Lines, or CSV for spreadsheets.

    Alpaca holds conversations (earlier turns as ``history``), ShareGPT tools as well, a CSV row
    one question and one answer. What a format cannot hold is skipped and said.

    Args:
        examples: In OpenAI's supervised format; ``"openai"`` takes those of the others, too.
        target: One of ``TARGETS``.
        skip: Called with the number (from 1) of an example that is left out, and why.

    Raises:
        UsageError: There is no such target.

    >>> example = {"messages": [{"role": "user", "content": "=1+1"},
    ...                         {"role": "assistant", "content": "二"}]}
    >>> "".join(written([example], "csv", skip=print))
    "\ufeffsystem,question,answer\r\n,'=1+1,二\r\n"
    """
    if target not in TARGETS:
        raise UsageError(
            f"Nothing can be converted to {target!r}: use {', '.join(TARGETS)}."
            + (" Preference pairs need a worse answer to each." if target == "dpo" else "")
        )
    if target == "csv":
        yield "\ufeff" + _csv(["system", "question", "answer"])  # Excel needs the mark
    make = {"csv": _row, "alpaca": _alpaca, "sharegpt": _sharegpt, "openai": _same}[target]
    for number, example in enumerate(examples, 1):
        made, problem = make(example)
        if problem:
            skip(number, problem)
        elif target == "csv":
            yield _csv(made)
        else:
            yield json.dumps(made, ensure_ascii=False) + "\n"


def _same(example: dict[str, Any]) -> tuple[Any, str]:
    return example, ""


def _csv(cells: list[str]) -> str:
    text = io.StringIO()
    safe = ["'" + cell if cell.startswith(_RUNS) else cell for cell in cells]
    csv.writer(text).writerow(safe)
    return text.getvalue()


def _turns(example: dict[str, Any]) -> tuple[str, list[tuple[str, str]], str]:
    """Return system text, pairs of question and answer, and why it is not just these."""
    messages = example.get("messages")
    if not isinstance(messages, list):
        return "", [], say("no_conversation", language())
    system = "\n".join(text(one) for one in messages if one["role"] in ("system", "developer"))
    rest = [one for one in messages if one["role"] not in ("system", "developer")]
    roles = [one["role"] for one in rest]
    if any(one.get("tool_calls") or one.get("function_call") for one in rest):
        return "", [], say("calls_tools", language())
    if not rest or roles != ["user", "assistant"] * (len(rest) // 2):
        return "", [], say("not_in_turn", language())
    pairs = [(text(q), text(a)) for q, a in zip(rest[::2], rest[1::2], strict=True)]
    return system, pairs, ""


def _row(example: dict[str, Any]) -> tuple[Any, str]:
    system, pairs, problem = _turns(example)
    if not problem and len(pairs) > 1:
        problem = say("several_questions", language())
    return ([] if problem else [system, *pairs[0]]), problem


def _alpaca(example: dict[str, Any]) -> tuple[Any, str]:
    system, pairs, problem = _turns(example)
    if problem:
        return {}, problem
    record: dict[str, Any] = {"instruction": pairs[-1][0], "input": "", "output": pairs[-1][1]}
    if system:
        record["system"] = system
    if pairs[:-1]:
        record["history"] = [list(pair) for pair in pairs[:-1]]
    return record, ""


def _sharegpt(example: dict[str, Any]) -> tuple[Any, str]:
    messages = example.get("messages")
    if not isinstance(messages, list):
        return {}, say("no_conversation", language())
    turns = []
    for message in messages:
        calls = message.get("tool_calls") or []
        if len(calls) > 1 or message.get("function_call"):
            return {}, say("calls_tools", language())
        for call in calls:
            function = call["function"] | {"arguments": json.loads(call["function"]["arguments"])}
            value = json.dumps(function, ensure_ascii=False)
            turns.append({"from": "function_call", "value": value})
        if not calls:
            role = message["role"]
            turns.append({"from": _FROM.get(role, role), "value": text(message)})
    record: dict[str, Any] = {"conversations": turns}
    if example.get("tools"):
        functions = [tool["function"] for tool in example["tools"]]
        record["tools"] = json.dumps(functions, ensure_ascii=False)
    return record, ""
