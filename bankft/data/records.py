"""Turn the objects that people keep conversations in into OpenAI's training examples."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bankft.data import tables

Converter = Callable[[dict[str, Any]], dict[str, Any] | None]

# What old guides put between a prompt and its completion, and at the completion's end.
_SEPARATOR = re.compile(r"\s*(?:###|->|=>|\$\$\$|\n\n)?\s*$")
_STOP = re.compile(r"\s*(?:###|END|<\|endoftext\|>|\$\$\$)?\s*$")
_SPEAKERS = {
    "human": "user", "user": "user", "prompter": "user", "customer": "user", "客户": "user",
    "用户": "user", "gpt": "assistant", "assistant": "assistant", "chatgpt": "assistant",
    "bot": "assistant", "model": "assistant", "客服": "assistant", "助手": "assistant",
    "system": "system", "系统": "system", "developer": "developer", "function_call": "call",
    "tool_call": "call", "observation": "tool", "tool": "tool", "function_response": "tool",
}  # fmt: skip


def question_and_answer(question: str, answer: str, system: str = "") -> dict[str, Any]:
    """Return one question and its answer as an example."""
    first = [{"role": "system", "content": system}] if system else []
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": first + turns}


def convert(
    record: dict[str, Any], *, format: str | None = None, columns: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    r"""Return a record as an example of OpenAI's formats, or None where it is of none known.

    Args:
        record: One object of a JSON file.
        format: One of ``RECORDS``; recognised by the keys if not given.
        columns: Which keys hold ``question`` and ``answer``, where the names say too little.

    >>> convert({"instruction": "翻译", "input": "fund", "output": "基金"})["messages"][0]
    {'role': 'user', 'content': '翻译\nfund'}
    """
    if columns:
        return _columns(record, columns)
    if format is not None:
        return RECORDS[format](record)
    found = (converter(record) for converter in (*RECORDS.values(), _columns))
    return next((example for example in found if example is not None), None)


def _openai(record: dict[str, Any]) -> dict[str, Any] | None:
    known = ("messages", "preferred_output", "preferred_completion")
    return record if any(key in record for key in known) else None


def _preference(record: dict[str, Any]) -> dict[str, Any] | None:
    """Read prompt, chosen and rejected, as libraries for preference training have them."""
    better, worse = record.get("chosen"), record.get("rejected")
    asked = record.get("prompt", record.get("question", record.get("instruction")))
    if isinstance(better, list) and isinstance(worse, list):
        if better[:-1] and better[:-1] == worse[:-1]:
            asked = better[:-1]  # the whole conversation stands in both
        better, worse = better[-1:], worse[-1:]
    elif isinstance(better, str) and isinstance(worse, str):
        better = [{"role": "assistant", "content": better}]
        worse = [{"role": "assistant", "content": worse}]
    else:
        return None
    if isinstance(asked, str):
        system = record.get("system")
        first = [{"role": "system", "content": system}] if isinstance(system, str) else []
        asked = [*first, {"role": "user", "content": asked}]
    if not isinstance(asked, list):
        return None
    return {
        "input": {"messages": asked},
        "preferred_output": better,
        "non_preferred_output": worse,
    }


def _alpaca(record: dict[str, Any]) -> dict[str, Any] | None:
    instruction, output = record.get("instruction"), record.get("output")
    context = record.get("input") or ""
    if not isinstance(instruction, str) or not all(isinstance(x, str) for x in (output, context)):
        return None
    messages = []
    if isinstance(record.get("system"), str) and record["system"]:
        messages.append({"role": "system", "content": record["system"]})
    history = record.get("history")
    for turn in history if isinstance(history, list) else []:
        if not (
            isinstance(turn, list) and len(turn) == 2 and all(isinstance(x, str) for x in turn)
        ):
            return None
        messages += question_and_answer(*turn)["messages"]
    question = f"{instruction}\n{context}" if context else instruction
    return {"messages": messages + question_and_answer(question, str(output))["messages"]}


def _sharegpt(record: dict[str, Any]) -> dict[str, Any] | None:
    turns = record.get("conversations", record.get("conversation"))
    if not isinstance(turns, list) or not turns:
        return None
    messages: list[dict[str, Any]] = []
    if isinstance(record.get("system"), str) and record["system"]:
        messages.append({"role": "system", "content": record["system"]})
    for number, turn in enumerate(turns):
        if not isinstance(turn, dict):
            return None
        speaker = turn.get("from", turn.get("role"))
        text = turn.get("value", turn.get("content"))
        role = _SPEAKERS.get(speaker.lower()) if isinstance(speaker, str) else None
        if role is None or not isinstance(text, str):
            return None
        if role == "call":
            messages.append(_call(text, number))
        elif role == "tool":
            call = messages[-1].get("tool_calls") if messages else None
            messages.append({"role": "tool", "content": text})
            messages[-1]["tool_call_id"] = call[0]["id"] if call else ""
        else:
            messages.append({"role": role, "content": text})
    example: dict[str, Any] = {"messages": messages}
    if tools := _tools(record.get("tools")):
        example["tools"] = tools
    return example


def _call(text: str, number: int) -> dict[str, Any]:
    try:
        call = json.loads(text)
    except (ValueError, RecursionError):
        call = {}
    call = call if isinstance(call, dict) else {}
    arguments = call.get("arguments", {})
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    function = {"name": str(call.get("name", "")), "arguments": arguments}
    one = {"id": f"call_{number}", "type": "function", "function": function}
    return {"role": "assistant", "tool_calls": [one]}


def _tools(tools: Any) -> list[dict[str, Any]]:
    if isinstance(tools, str):
        try:
            tools = json.loads(tools)
        except (ValueError, RecursionError):
            return []
    tools = tools if isinstance(tools, list) else []
    return [
        tool if "function" in tool else {"type": "function", "function": tool}
        for tool in tools
        if isinstance(tool, dict)
    ]


def _completion(record: dict[str, Any]) -> dict[str, Any] | None:
    prompt, completion = record.get("prompt"), record.get("completion")
    if not isinstance(prompt, str) or not isinstance(completion, str):
        return None
    return question_and_answer(_SEPARATOR.sub("", prompt), _STOP.sub("", completion).strip())


def _columns(
    record: dict[str, Any], columns: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """Read one question and one answer by the keys' names, as in a table."""
    keys = list(record)
    parts = {part: record[keys[at]] for part, at in tables.assign(keys, columns).items()}
    if not {"question", "answer"} <= parts.keys():
        return None
    if not all(isinstance(value, str) for value in parts.values()):
        return None
    return question_and_answer(parts["question"], parts["answer"], parts.get("system", ""))


RECORDS: Mapping[str, Converter] = {
    "openai": _openai,
    "preference": _preference,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "completion": _completion,
}
