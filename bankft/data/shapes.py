"""What one line of a training file must look like, as OpenAI's fine-tuning API defines it.

Three methods, three shapes: a conversation that ends with the answer to learn (``supervised``),
a question with a better and a worse answer (``dpo``), a conversation that ends with the question,
and whatever a grader compares the answer with (``reinforcement``). The rules are those of the
API's reference (``ChatCompletionRequest…Message``) and of its fine-tuning guides; what they
leave open and a training run would stumble over is a warning.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

from bankft.data import tool_calls

Method = Literal["supervised", "dpo", "reinforcement"]
Found = tuple[str, str, dict[str, Any]]  # field, code (of bankft.data.wording), its values

METHODS = ("supervised", "dpo", "reinforcement")
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_SYSTEM = ("system", "developer")
_KEYS = {"role", "content", "name", "weight", "tool_calls", "function_call", "tool_call_id"} | {
    "refusal",
    "audio",
}
_TOP = {"messages", "tools", "parallel_tool_calls", "functions", "function_call"}
_PAIR = ("preferred_output", "non_preferred_output")
_OLD_PAIR = ("preferred_completion", "non_preferred_completion")  # the API's first names for them
_NAME = re.compile(r"[^\s<|\\/>]+")  # what the chat API takes as a participant's name


def problems(example: dict[str, Any], method: Method = "supervised") -> Iterator[Found]:
    """Yield what is wrong with the shape of one example: field, code, and the code's values.

    The sentence and the severity of a code stand in ``bankft.data.wording``. No value of the
    example is in what is yielded, since it may be personal data.

    Args:
        example: One line of a training file.
        method: Which of the three shapes it should have.

    Raises:
        RecursionError: The example is nested too deeply to be compared.

    >>> example = {"messages": [{"role": "user", "content": "管理费是多少？"}]}
    >>> list(problems(example))
    [('messages[0].role', 'last_not_assistant', {})]
    >>> [code for _, code, _ in problems(example, "reinforcement")]
    ['no_reference']
    """
    if other := _other_shape(example, method):
        yield "", *other
        return
    if method == "dpo":
        yield from _preference(example)
        return
    yield from _conversation(example, method)
    if method == "reinforcement":
        references = {key: value for key, value in example.items() if key not in _TOP}
        if not references:
            yield "", "no_reference", {}
        for key, value in references.items():
            if value is None or value in ("", [], {}):
                yield safe_key(key), "empty_reference", {}
    else:
        yield from _unknown_keys(example, _TOP, "")


def text(message: Any) -> str:
    """Return the text of a message, its text parts joined; empty where there is none.

    >>> text({"role": "user", "content": [{"type": "text", "text": "费率？"}]})
    '费率？'
    """
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    found = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(part for part in found if isinstance(part, str))


def safe_key(key: str) -> str:
    """Return a key if it is a plain word of a program, else ``…``: a key may be a name.

    >>> safe_key("reference_answer"), safe_key("zhang@bank.cn")
    ('reference_answer', '…')
    """
    return key if re.fullmatch("[A-Za-z_]{1,40}", key) else "…"


def _other_shape(example: dict[str, Any], method: Method) -> tuple[str, dict[str, Any]] | None:
    """Return what a line is that has another shape altogether: one sentence says it best."""
    if "messages" in example:
        if method == "dpo" and "input" not in example:
            return "wrong_method", {"shape": "messages", "method": method}
    elif any(key in example for key in (*_PAIR, *_OLD_PAIR)):
        if method != "dpo":
            return "wrong_method", {"shape": "preferred_output", "method": method}
    elif "prompt" in example and "completion" in example:
        return "other_format", {"format": "prompt/completion"}
    elif "instruction" in example and "output" in example:
        return "other_format", {"format": "Alpaca (instruction/output)"}
    elif isinstance(example.get("conversations"), list):
        return "other_format", {"format": "ShareGPT (conversations)"}
    return None


def _unknown_keys(value: dict[str, Any], known: set[str], place: str) -> Iterator[Found]:
    if not value.keys() <= known:
        for key in value:
            if key not in known:
                yield place, "unknown_key", {"key": safe_key(key)}


def _conversation(example: dict[str, Any], method: Method, prefix: str = "") -> Iterator[Found]:
    place = f"{prefix}messages"
    messages = example.get("messages")
    if not isinstance(messages, list) or not messages:
        yield place, "missing_messages", {}
        return
    for index, message in enumerate(messages):
        yield from _message(message, f"{place}[{index}]")
    yield from tool_calls.offered(example, prefix)
    if not all(isinstance(one, dict) and one.get("role") in ROLES for one in messages):
        return  # said already, and without roles there is no order to check
    first = next((one["role"] for one in messages if one["role"] not in _SYSTEM), None)
    if first == "assistant" and messages[0]["role"] in _SYSTEM:
        yield place, "no_question", {}
    misplaced = _out_of_order(messages)
    last = len(messages) - 1
    yield from tool_calls.matched(example, messages[:misplaced], prefix)
    if misplaced is not None:
        yield f"{place}[{misplaced}].role", "role_order", {}
    elif method != "supervised":
        if messages[last]["role"] != "user":
            yield f"{place}[{last}].role", "last_not_user", {}
    elif messages[last]["role"] != "assistant":
        yield f"{place}[{last}].role", "last_not_assistant", {}
    elif all(one.get("weight", 1) == 0 for one in messages if one["role"] == "assistant"):
        yield place, "nothing_learnt", {}


def _message(message: Any, place: str) -> Iterator[Found]:
    if not isinstance(message, dict):
        yield place, "message_not_object", {}
        return
    role = message.get("role")
    if role not in ROLES:
        # A short ASCII word is a typing mistake worth showing; anything else is not shown.
        shown = isinstance(role, str) and role.isascii() and role.isalpha() and len(role) < 16
        yield f"{place}.role", "unknown_role", {"role": f' "{role}"' if shown else ""}
    if "weight" in message:
        weight = message["weight"]
        if type(weight) is not int or weight not in (0, 1):
            yield f"{place}.weight", "wrong_weight", {}
        elif role != "assistant":
            yield f"{place}.weight", "weight_ignored", {}
    if message.get("name") is None:
        if role == "function":
            yield f"{place}.name", "missing_name", {}
    elif not isinstance(message["name"], str) or not _NAME.fullmatch(message["name"]):
        yield f"{place}.name", "wrong_name", {}
    yield from tool_calls.made(message, place)
    yield from _content(message, f"{place}.content")
    yield from _unknown_keys(message, _KEYS, place)


def _content(message: dict[str, Any], place: str) -> Iterator[Found]:
    content = message.get("content")
    instead = message.get("tool_calls") or message.get("function_call") or message.get("refusal")
    if instead and message.get("role") == "assistant" and content in (None, ""):
        return
    if content is None:
        yield place, "missing_content", {}
    elif isinstance(content, str):
        if not content.strip():
            yield place, "empty_content", {}
    elif not isinstance(content, list):
        yield place, "wrong_content", {}
    else:
        wrong = list(_parts(content, place))
        yield from wrong
        if not wrong and not any(part[part.get("type", "text")].strip() for part in content):
            yield place, "empty_content", {}


def _parts(content: list[Any], place: str) -> Iterator[Found]:
    for index, part in enumerate(content):
        kind = part.get("type", "text") if isinstance(part, dict) else None
        if kind in ("image_url", "input_image", "input_audio", "file", "video_url"):
            yield f"{place}[{index}]", "not_text", {"kind": kind}
        elif kind not in ("text", "refusal") or not isinstance(part.get(kind), str):
            yield place, "wrong_content", {}
            return


def _preference(example: dict[str, Any]) -> Iterator[Found]:
    asked = example.get("input")
    if isinstance(asked, dict):
        yield from _conversation(asked, "dpo", "input.")
        yield from _unknown_keys(asked, _TOP, "input")
    else:
        yield "input", "missing_input", {}
    old = [key for key in _OLD_PAIR if key in example]
    if old:
        yield old[0], "old_key", {}
    answers = []
    for key, old_key in zip(_PAIR, _OLD_PAIR, strict=True):
        place = old_key if old_key in example and key not in example else key
        output = example.get(place)
        if not isinstance(output, list) or len(output) != 1:
            yield place, "wrong_output", {}
            continue
        yield from _message(output[0], f"{place}[0]")
        if isinstance(output[0], dict):
            answers.append(output[0])
            if output[0].get("role") in ROLES and output[0]["role"] != "assistant":
                yield f"{place}[0].role", "output_not_assistant", {}
    if len(answers) == 2 and _said(answers[0]) == _said(answers[1]):
        yield _PAIR[1], "identical_outputs", {}
    yield from _unknown_keys(example, {"input", *_PAIR, *_OLD_PAIR}, "")


def _said(message: dict[str, Any]) -> tuple[Any, ...]:
    return text(message).strip(), message.get("tool_calls"), message.get("function_call")


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
    "system": {"system", "user", "assistant"},  # who speaks first, with a warning
    "user": {"assistant"},
    "assistant": {"user"},
    "call": {"tool"},
    "tool": {"tool", "assistant"},
}
