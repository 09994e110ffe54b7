"""Templates of grader inputs: ``{{ item.reference_answer }}``, ``{{sample.output_json.name}}``.

A placeholder names one of two namespaces and a variable in it; nested values are reached by
``.key``, ``[0]`` and ``["key"]`` (OpenAI's graders guide: "JSON-path-like"). A text stands as it
is, any other value as its JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bankft.errors import DataError

NAMESPACES = ("item", "sample")
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
LONGEST = 2**24  # characters of a filled template
_START = re.compile(r"(item|sample)(?=[.\[])")
# A key ends where the next step begins; a key with other characters stands in ["…"].
_STEP = re.compile(r"""\.([^\s.\[\]{}()|"']+)|\[(-?\d{1,9})\]|\["([^"]*)"\]|\['([^']*)'\]""")


class Unknown(Exception):
    """A variable is not there; the argument is its path."""


class NotJson(Exception):
    """The template reads ``sample.output_json``, but the answer is not JSON."""


def problems(text: str) -> Iterator[str]:
    """Yield what is wrong with a template, whatever it will be filled with.

    >>> list(problems("{{ item.answer }} {{ output.text }}"))
    ['placeholder 2 names no variable: write {{ item.… }} or {{ sample.… }}']
    """
    for number, found in enumerate(_PLACEHOLDER.finditer(text), 1):
        if _path(found[1]) is None:
            yield (
                f"placeholder {number} names no variable: write {{{{ item.… }}}} or "
                "{{ sample.… }}"
            )


def render(text: str, values: Mapping[str, Any]) -> str:
    """Return a template with its placeholders filled.

    Args:
        text: the template.
        values: ``item`` and ``sample``, each a mapping.

    Raises:
        Unknown: a variable is not there.
        NotJson: ``sample.output_json`` is read, and the answer is not JSON.
        DataError: a placeholder cannot be read, or the text would be too long.

    >>> render("{{item.n}} of {{ sample.output_text }}", {"item": {"n": 1}, "sample": {
    ...     "output_text": "two"}})
    '1 of two'
    """
    for problem in problems(text):
        raise DataError(f"A template cannot be filled: {problem}.")
    length = 0

    def fill(found: re.Match[str]) -> str:
        nonlocal length
        path = _path(found[1])
        assert path is not None
        value = look_up(path, values)
        filled = value if isinstance(value, str) else _as_json(value)
        length += len(filled)
        if length > LONGEST:
            raise DataError("A template cannot be filled: it would become too long.")
        return filled

    return _PLACEHOLDER.sub(fill, text)


def look_up(path: list[str | int], values: Mapping[str, Any]) -> Any:
    """Return the value at a path; see ``render`` for what is raised."""
    if path[:2] == ["sample", "output_json"] and "output_json" not in values["sample"]:
        raise NotJson
    value: Any = values
    for step in path:
        try:
            if isinstance(value, Mapping):
                value = value[str(step)]
            elif isinstance(value, list | tuple) and isinstance(step, int):
                value = value[step]
            else:
                raise KeyError
        except (KeyError, IndexError):
            raise Unknown(".".join(map(str, path))) from None
    return value


def _path(inside: str) -> list[str | int] | None:
    inside = inside.strip()
    start = _START.match(inside)
    if start is None:
        return None
    path: list[str | int] = [start[1]]
    at = start.end()
    while at < len(inside):
        step = _STEP.match(inside, at)
        if step is None:
            return None
        key, index, *quoted = step.groups()
        path.append(int(index) if index else key or next(q for q in quoted if q is not None))
        at = step.end()
    return path


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise DataError("A value that a template names is not JSON.") from None
