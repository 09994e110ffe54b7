"""Which fields a grader object may have, and what each may hold.

OpenAI's description of the API, its graders guide where that says more (``pass_threshold``,
``max_tokens``, names that may be left out, the size of a source), and what its evals add (``id``).
"""

import ast
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bankft.graders import template
from bankft.graders.sandbox import LONGEST_SOURCE
from bankft.graders.similarity import MEASURES

OPERATIONS = ("eq", "ne", "like", "ilike")
METRICS = (*MEASURES, "cosine")

ROLES = ("system", "developer", "user", "assistant")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_LONGEST_NAME = 64

# What a field may hold: yields how its sentence goes on, after "The grader's field 'x' ".
Check = Callable[[Any], Iterator[str]]


def problems(spec: Any, whose: str, *, inside: bool = False) -> Iterator[str]:
    """Yield what is wrong with a grader object, one sentence each.

    Args:
        spec: as JSON holds it.
        whose: how the sentences begin, as ``"The grader"``.
        inside: whether it stands in a ``multi`` grader.

    """
    if not isinstance(spec, Mapping):
        yield f"{whose} must be an object with a field 'type'."
        return
    kind = spec.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        yield f"{whose}'s field 'type' must be one of {', '.join(TYPES)}."
        return
    if inside and kind == "multi":
        yield f"{whose} is a multi grader, and a multi grader may not stand inside another."
        return
    required, optional = TYPES[kind]
    known = {**required, **optional}
    for name in spec:
        if name != "type" and name not in known:
            yield (
                f"{whose} has an unknown field {shown(name)}: a {kind} grader has "
                f"{', '.join(['type', *known])}."
            )
    for name in required:
        if name not in spec:
            yield f"{whose} lacks the field '{name}'."
    for name, check in known.items():
        if name in spec and not (name in optional and spec[name] is None):
            for wrong in check(spec[name]):
                yield f"{whose}'s field '{name}' {wrong}."
    labels: Any = spec.get("labels")
    passing: Any = spec.get("passing_labels")
    if _texts(labels) and _texts(passing) and not set(passing) <= set(labels):
        yield f"{whose}'s field 'passing_labels' must hold labels of 'labels' only."


def shown(name: Any) -> str:
    """Return a field's name for a sentence; a long or unprintable one is not repeated."""
    plain = isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME
    return f"'{name}'" if plain else "with an unusual name"


def _text(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield "must be a text"


def _filled(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield "must be a text, not empty"


def _template(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield "must be a text; it may hold variables such as {{ item.answer }}"
    else:
        yield from (f"cannot be read: {wrong}" for wrong in template.problems(value))


def _one_of(*allowed: str) -> Check:
    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, str) or value not in allowed:
            yield (
                f"must be one of {', '.join(allowed)}"
                if len(allowed) > 1
                else (f"must be {allowed[0]}")
            )

    return check


def _number(value: Any) -> Iterator[str]:
    if not _is_number(value):
        yield "must be a number"


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)
    except OverflowError:
        return False


def _whole(value: Any) -> Iterator[str]:
    if type(value) is not int:
        yield "must be a whole number"


def _positive(value: Any) -> Iterator[str]:
    if type(value) is not int or value < 1:
        yield "must be a whole number, 1 or more"


def _range(value: Any) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        yield "must hold two numbers, the least and the greatest score"
    elif not value[0] < value[1]:
        yield "must begin with the lesser of its two numbers"


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _labels(value: Any) -> Iterator[str]:
    if not _texts(value):
        yield "must be a list of texts, not empty"
    elif len(set(value)) < len(value):
        yield "names a label twice"


SAMPLING: Mapping[str, Check] = {
    "seed": _whole,
    "top_p": _number,
    "temperature": _number,
    "max_completions_tokens": _positive,
    "max_tokens": _positive,  # the older name, in examples of the guide
    "reasoning_effort": _one_of(*EFFORTS),
}


def _sampling(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield "must be an object"
        return
    for name in value:
        if name not in SAMPLING:
            yield f"has an unknown field {shown(name)}: it may hold {', '.join(SAMPLING)}"
    for name, check in SAMPLING.items():
        if value.get(name) is not None:
            yield from (f"is not fine: '{name}' {wrong}" for wrong in check(value[name]))


def _messages(value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield "must be a list of messages, not empty"
        return
    for number, message in enumerate(value, 1):
        for wrong in _message(message):
            yield f"is not fine: message {number} {wrong}"


def _message(message: Any) -> Iterator[str]:
    if not isinstance(message, Mapping):
        yield "must be an object with 'role' and 'content'"
        return
    for name in message:
        if name not in ("role", "content", "type"):
            yield f"has an unknown field {shown(name)}: it has role, content, type"
    if message.get("type", "message") != "message":
        yield "must have the type message"
    if message.get("role") not in ROLES:
        yield f"needs a role, one of {', '.join(ROLES)}"
    content = message.get("content")
    for part in content if isinstance(content, list) else [content]:
        yield from _part(part)
    if content == []:
        yield "has no content"


PARTS: Mapping[str, tuple[str, ...]] = {
    "input_text": ("text",),
    "output_text": ("text",),
    "input_image": ("image_url", "file_id", "detail"),
    "input_audio": ("input_audio",),
}


def _part(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield from (f"cannot be read: {wrong}" for wrong in template.problems(part))
        return
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(kind, str) or kind not in PARTS:
        yield f"has a content that is neither a text nor one of {', '.join(PARTS)}"
        return
    for name in part:
        if name not in ("type", *PARTS[kind]):
            yield f"has an unknown field {shown(name)} in its {kind}"
    first = part.get(PARTS[kind][0])
    if kind == "input_audio":
        if not isinstance(first, Mapping) or not all(
            isinstance(first.get(key), str) for key in ("data", "format")
        ):
            yield "needs 'data' and 'format' in its input_audio"
        else:
            yield from (f"cannot be read: {w}" for w in template.problems(first["data"]))
    elif not isinstance(first, str):
        yield f"needs the text '{PARTS[kind][0]}' in its {kind}"
    else:
        yield from (f"cannot be read: {wrong}" for wrong in template.problems(first))


def _source(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield "must be a text"
        return
    try:
        size = len(value.encode())
        if size >= LONGEST_SOURCE:
            yield f"is too long: less than {LONGEST_SOURCE // 1024} kB"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(value)
    except SyntaxError as error:
        yield f"is not Python: line {error.lineno or 1}"
        return
    except (ValueError, RecursionError, MemoryError):
        yield "is not Python that can be read"
        return
    defined = [node for node in ast.walk(tree) if _defines_grade(node)]
    if not defined:
        yield "must define a function grade(sample, item)"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "grade" and not _takes_two(node.args):
            yield "must define grade with exactly two arguments, sample and item"
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "grade":
            yield "must define grade as a plain function, not an async one"


def _defines_grade(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == "grade"
    if isinstance(node, ast.Name):
        return node.id == "grade" and isinstance(node.ctx, ast.Store)
    return isinstance(node, ast.alias) and (node.asname or node.name) == "grade"


def _takes_two(arguments: ast.arguments) -> bool:
    positional = len(arguments.posonlyargs) + len(arguments.args)
    least = positional - len(arguments.defaults)
    keyword_only = [d for d in arguments.kw_defaults if d is None]
    return least <= 2 and (positional >= 2 or arguments.vararg is not None) and not keyword_only


def _graders(value: Any) -> Iterator[str]:
    several = isinstance(value, list | Mapping) and len(value) > 0
    if not several:
        yield "must be an object of graders by name, not empty"
    elif isinstance(value, list):
        if not all(isinstance(one, Mapping) for one in value):
            yield "must hold grader objects only"
    elif not isinstance(value.get("type"), str):
        for name in value:
            if not isinstance(name, str) or not name.isidentifier():
                yield (
                    f"has a grader {shown(name)}, which no formula can name: use letters, digits "
                    "and _"
                )


_NAME: Mapping[str, Check] = {"name": _filled}
_ID: Mapping[str, Check] = {"id": _text}
_PASS: Mapping[str, Check] = {"pass_threshold": _number}
_COMPARED: Mapping[str, Check] = {"input": _template, "reference": _template}
_ASKED: Mapping[str, Check] = {"input": _messages, "model": _filled}

# type: what it must have, and what it may have besides
TYPES: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]] = {
    "string_check": ({**_NAME, **_COMPARED, "operation": _one_of(*OPERATIONS)}, _ID),
    "text_similarity": (
        {**_NAME, **_COMPARED, "evaluation_metric": _one_of(*METRICS)},
        {**_PASS, **_ID},
    ),
    "score_model": (
        {**_NAME, **_ASKED},
        {"range": _range, "sampling_params": _sampling, **_PASS, **_ID},
    ),
    "label_model": (
        {**_NAME, **_ASKED, "labels": _labels, "passing_labels": _labels},
        {"sampling_params": _sampling, **_ID},
    ),
    "python": ({"source": _source}, {**_NAME, "image_tag": _filled, **_PASS, **_ID}),
    "multi": ({"graders": _graders, "calculate_output": _filled}, {**_NAME, **_ID}),
}
