"""The tools of a training example: offered, called with JSON arguments, and answered."""

import re
from collections.abc import Iterator
from typing import Any

from bankft.data import formats

Found = tuple[str, str, dict[str, Any]]

_NAME = re.compile("[A-Za-z0-9_-]{1,64}")  # FunctionObject.name of the API's reference


def offered(example: dict[str, Any], prefix: str = "") -> Iterator[Found]:
    """Yield what is wrong with ``tools``, ``functions`` and ``parallel_tool_calls``."""
    for key in ("tools", "functions"):
        if example.get(key) is None:
            continue
        tools = example[key]
        if key == "functions":
            yield f"{prefix}{key}", "legacy_functions", {}
        if not isinstance(tools, list) or not tools:
            yield f"{prefix}{key}", "wrong_tools", {}
            continue
        known: set[str] = set()
        for index, tool in enumerate(tools):
            place = f"{prefix}{key}[{index}]"
            function = tool
            if key == "tools":
                typed = isinstance(tool, dict) and tool.get("type") == "function"
                function, place = tool.get("function") if typed else None, f"{place}.function"
            yield from _function(function, place, known)
    if "parallel_tool_calls" in example and type(example["parallel_tool_calls"]) is not bool:
        yield f"{prefix}parallel_tool_calls", "wrong_parallel_tool_calls", {}


def _function(function: Any, place: str, known: set[str]) -> Iterator[Found]:
    if not isinstance(function, dict):
        yield place, "wrong_tool", {}
        return
    name = function.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield f"{place}.name", "wrong_tool_name", {}
    elif name in known:
        yield f"{place}.name", "duplicate_tool", {}
    else:
        known.add(name)
    schema = function.get("parameters", {})
    if not isinstance(schema, dict) or schema.get("type", "object") != "object":
        yield f"{place}.parameters", "wrong_parameters", {}


def made(message: dict[str, Any], place: str) -> Iterator[Found]:
    """Yield what is wrong with the calls in one message, each taken by itself."""
    calls = message.get("tool_calls")
    if calls is not None:
        if message.get("role") != "assistant" or not isinstance(calls, list) or not calls:
            yield f"{place}.tool_calls", "wrong_tool_calls", {}
            return
        for index, call in enumerate(calls):
            here = f"{place}.tool_calls[{index}]"
            if not isinstance(call, dict) or call.get("type") != "function":
                yield here, "wrong_tool_call", {}
                continue
            if not isinstance(call.get("id"), str) or not call["id"]:
                yield f"{here}.id", "wrong_tool_call", {}
            yield from _call(call.get("function"), f"{here}.function")
    if message.get("function_call") is not None:
        if message.get("role") != "assistant":
            yield f"{place}.function_call", "wrong_tool_calls", {}
        else:
            yield from _call(message["function_call"], f"{place}.function_call")


def _call(function: Any, place: str) -> Iterator[Found]:
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        yield place, "wrong_tool_call", {}
        return
    arguments = function.get("arguments")
    try:
        fine = isinstance(arguments, str) and isinstance(formats.loads(arguments), dict)
    except formats.JSONProblem:
        fine = False
    if not fine:
        yield f"{place}.arguments", "arguments_not_json", {}


def matched(
    example: dict[str, Any], messages: list[dict[str, Any]], prefix: str = ""
) -> Iterator[Found]:
    """Yield calls of tools that are not offered, and calls and results that do not match.

    A conversation may end with a call: it is then what the model learns.
    """
    names = {_name(tool.get("function")) for tool in _objects(example.get("tools"))}
    names |= {_name(function) for function in _objects(example.get("functions"))}
    unsaid = True
    waiting: dict[Any, str] = {}  # id of a call: where it stands
    for index, message in enumerate(messages):
        here = f"{prefix}messages[{index}]"
        if message["role"] == "tool":
            answered = message.get("tool_call_id")
            if not isinstance(answered, str) or waiting.pop(answered, None) is None:
                yield f"{here}.tool_call_id", "wrong_tool_call_id", {}
        elif message["role"] != "function":
            yield from ((at, "unanswered_call", {}) for at in waiting.values())
            waiting.clear()
        if message["role"] != "assistant":
            continue
        called = [("function_call", "", message.get("function_call"))]
        for n, call in enumerate(_objects(message.get("tool_calls"))):
            called.append((f"tool_calls[{n}].function", call.get("id", ""), call.get("function")))
        for field, call_id, function in called:
            if (name := _name(function)) is None:
                continue
            if not names and unsaid:
                unsaid = False
                yield f"{prefix}tools", "missing_tools", {}
            elif names and name not in names:
                yield f"{here}.{field}.name", "unknown_tool", {}
            if field != "function_call" and isinstance(call_id, str):
                if call_id in waiting:
                    yield f"{here}.tool_calls", "duplicate_call_id", {}
                waiting[call_id] = f"{here}.tool_calls"


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _name(function: Any) -> str | None:
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else None
