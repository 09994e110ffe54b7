"""Reading what a client sent: JSON bodies and query parameters, refused in clear sentences."""

import json
import math
import re
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from bankft.service.envelope import ApiError
from bankft.service.wire import Body

T = TypeVar("T", bound=Body)

_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_LIMITS = {  # pydantic's kind of error: OpenAI's code, and how the sentence goes on
    "greater_than": ("decimal_below_min_value", "must be greater than {gt:g}"),
    "greater_than_equal": ("below_min_value", "must be at least {ge:g}"),
    "less_than_equal": ("above_max_value", "must be at most {le:g}"),
    "string_too_short": ("string_below_min_length", "needs {min_length} character(s) or more"),
    "string_too_long": ("string_above_max_length", "may have {max_length} characters at most"),
    "too_short": ("array_below_min_length", "needs {min_length} item(s) or more"),
    "too_long": ("array_above_max_length", "may have {max_length} items at most"),
    "literal_error": ("invalid_value", "must be {expected}"),
    "none_required": ("unsupported_parameter", "is not supported by this service"),
    "string_pattern_mismatch": (
        "invalid_value",
        "may hold letters, digits, '.', '_' and '-' alone",
    ),
}
_TYPES = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


async def read(request: Request, kind: type[T]) -> T:
    """Return a request's body, checked.

    Raises:
        ApiError: 400 with the field's name; what the client sent is never repeated.

    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise _unreadable("say so in its header: 'Content-Type: application/json'")
    return check(parse(await request.body()), kind)


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that bytes hold, refusing what JSON has no word for."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_not_json, parse_float=_finite)
        # A half of a surrogate pair passes the parser and fails only when stored or sent.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise _unreadable("nest it less deeply") from None
    except ValueError:
        raise _unreadable("check its syntax, and that it is UTF-8") from None
    if not isinstance(value, dict):
        raise _unreadable("send an object: {…}")
    return value


def check(value: dict[str, Any], kind: type[T], place: str = "") -> T:
    """Return a parsed body, or the part of it at a place, as the request it should be."""
    try:
        return kind.model_validate(value)
    except ValidationError as problem:
        raise _explain(problem, place) from None


def query(request: Request, *names: str) -> dict[str, str]:
    """Return the query parameters; those that the route does not know are refused."""
    for name in request.query_params:
        if name not in names:
            raise _unknown(name)
    return dict(request.query_params)


def _unreadable(advice: str) -> ApiError:
    return ApiError(
        400, f"We could not parse the JSON body of your request: {advice}.", code="invalid_json"
    )


def _not_json(word: str) -> Any:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large")
    return number


def _unknown(name: str) -> ApiError:
    safe = (
        name if all(_NAME.fullmatch(part) for part in re.split(r"[\[\].]+", name) if part) else ""
    )
    return ApiError(
        400,
        f"Unknown parameter: '{safe}'." if safe else "Unknown parameter with an unusual name.",
        param=safe or None,
        code="unknown_parameter",
    )


def _explain(problem: ValidationError, place: str = "") -> ApiError:
    error = problem.errors(include_input=False, include_url=False)[0]
    kind, context = error["type"], error.get("ctx", {})
    if kind == "bankft":
        return ApiError(400, context["message"], param=context["param"], code=context["code"])
    param = place
    for part in error["loc"]:
        if isinstance(part, int):
            param += f"[{part}]"
        elif not part.startswith(("<", "[")):  # a union's tag, or "[key]" of a mapping
            param += f".{part}" if param else part
    if kind == "extra_forbidden":
        return _unknown(param)
    if not all(_NAME.fullmatch(part) for part in re.split(r"[\[\].]+", param) if part):
        param = param.partition(".")[0]  # the client's own key of a mapping: not repeated
    if kind == "missing":
        message, code = f"Missing required parameter: '{param}'.", "missing_required_parameter"
    elif kind in _LIMITS:
        code, rest = _LIMITS[kind]
        message = f"Invalid '{param}': it {rest.format_map(context)}."
    else:
        message = f"Invalid type for '{param}': it must be {_TYPES.get(kind, 'of another type')}."
        code = "invalid_type"
    return ApiError(400, message, param=param, code=code)
