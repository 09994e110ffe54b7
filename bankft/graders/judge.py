"""Asking a model for a score or a label: the request, and what its answer means."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from bankft.graders.results import Errors
from bankft.graders.specs import LabelModelGrader, ScoreModelGrader
from bankft.graders.template import render

_STEPS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"description": {"type": "string"}, "conclusion": {"type": "string"}},
        "required": ["description", "conclusion"],
        "additionalProperties": False,
    },
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FENCE = re.compile(r"\A```\w*\s*(.*?)\s*```\Z", re.DOTALL)


def request(
    grader: ScoreModelGrader | LabelModelGrader,
    values: Mapping[str, Any],
    models: Mapping[str, str],
) -> dict[str, Any]:
    """Return what to ask, as arguments of ``client.chat.completions.create``.

    Args:
        grader: with the messages, which are templates.
        values: ``item`` and ``sample``.
        models: served models by the names that graders use; others are asked as they are named.

    Raises:
        Unknown: of ``template``; and NotJson.

    """
    sampling = dict(grader.sampling_params or {})
    # OpenAI's grader objects spell it so; a chat's parameter is the second word.
    limit = sampling.pop("max_completions_tokens", None) or sampling.pop("max_tokens", None)
    sampling.pop("max_tokens", None)
    asked = {
        "model": models.get(grader.model, grader.model),
        "messages": [_message(message, values) for message in grader.input],
        "response_format": _format(grader),
        "max_completion_tokens": limit,
        **sampling,
    }
    return {name: value for name, value in asked.items() if value is not None}


def read_score(text: str, grader: ScoreModelGrader) -> tuple[float, Errors]:
    """Return the score that an answer holds, cut to the grader's range; 0 where it holds none."""
    found = _result(text)
    if isinstance(found, str) and _NUMBER.fullmatch(found.strip()):
        found = float(found)
    try:
        number = float(found) if isinstance(found, int | float) else math.nan
    except OverflowError:
        number = math.nan
    if isinstance(found, bool) or not math.isfinite(number):
        return 0.0, Errors(model_grader_parse_error=True)
    low, high = grader.range or (0.0, 1.0)
    return min(max(number, float(low)), float(high)), Errors()


def read_label(text: str, grader: LabelModelGrader) -> tuple[str | None, Errors]:
    """Return the label that an answer holds; None where it holds none of the grader's."""
    found = _result(text)
    if isinstance(found, str) and found.strip() in grader.labels:
        return found.strip(), Errors()
    return None, Errors(model_grader_parse_error=True)


def _result(text: str) -> Any:
    """Return the field ``result`` of an answer in JSON, else the answer itself."""
    text = text.strip()
    if fenced := _FENCE.match(text):
        text = fenced[1]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        return value.get("result")
    return value if isinstance(value, int | float | str) else text


def _format(grader: ScoreModelGrader | LabelModelGrader) -> dict[str, Any]:
    """Return the answer's form as OpenAI's guide shows it: a result, after steps of reasoning."""
    result: dict[str, Any] = {"type": "number"}
    if isinstance(grader, LabelModelGrader):
        result = {"type": "string", "enum": grader.labels}
    schema = {
        "type": "object",
        "properties": {"steps": _STEPS, "result": result},
        "required": ["steps", "result"],
        "additionalProperties": False,
    }
    named = {"name": grader.type, "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def _message(message: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    content = message["content"]
    parts = [_part(p, values) for p in (content if isinstance(content, list) else [content])]
    if all(part["type"] == "text" for part in parts):
        return {"role": message["role"], "content": "\n".join(part["text"] for part in parts)}
    return {"role": message["role"], "content": parts}


def _part(part: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": render(part, values)}
    if part["type"] == "input_image":
        image = {"url": render(part["image_url"], values)}
        if part.get("detail"):
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image}
    if part["type"] == "input_audio":
        sound = part["input_audio"]
        return {
            "type": "input_audio",
            "input_audio": {**sound, "data": render(sound["data"], values)},
        }
    return {"type": "text", "text": render(part["text"], values)}
