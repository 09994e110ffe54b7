"""Read and write JSON Lines: one JSON object a line, UTF-8, LF."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bankft.data.wording import say
from bankft.errors import DataError
from bankft.lang import language

MAX_LINE = 16 * 2**20  # bytes; a longer line is no conversation, and must not fill the memory
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Line:
    """One line of a file: its number from 1, and its object or the code of what is wrong."""

    number: int
    example: dict[str, Any]
    code: str | None = None


class JSONProblem(ValueError):
    """A text is not the strict JSON that we accept; the message is the problem's code."""


def read_jsonl(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Read a JSON Lines file; blank lines and a byte order mark are passed over.

    Raises:
        DataError: The file cannot be read, or a line is not a JSON object in UTF-8; the message
            names the file and the line.

    >>> read_jsonl(write_jsonl([{"a": 1}, {"b": "基金"}], "/tmp/two.jsonl"))
    [{'a': 1}, {'b': '基金'}]
    """
    examples = []
    for line in lines(path):
        if line.code is None:
            examples.append(line.example)
        elif line.code != "blank_line":
            raise DataError(f"{path}:{line.number}: {say(line.code, language())}")
    return examples


def write_jsonl(examples: Iterable[Mapping[str, Any]], path: str | os.PathLike[str]) -> Path:
    r"""Write examples as JSON Lines: UTF-8, LF, Chinese as Chinese; return the path.

    Raises:
        DataError: An example cannot be JSON (the message tells which one), or the file cannot be
            written. The file is replaced whole or not at all.

    >>> write_jsonl([{"基金": "稳健一号"}], "/tmp/one.jsonl").read_text(encoding="utf-8")
    '{"基金": "稳健一号"}\n'
    """
    path = Path(path)
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            for number, example in enumerate(examples, 1):
                try:
                    file.write(json.dumps(example, ensure_ascii=False, allow_nan=False) + "\n")
                except (TypeError, ValueError, RecursionError) as error:
                    raise DataError(
                        f"Example {number} cannot be written as JSON ({type(error).__name__}): "
                        "it may hold text, finite numbers, lists and dicts only."
                    ) from None
        draft.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
    return path


def lines(path: str | os.PathLike[str]) -> Iterator[Line]:
    """Yield a file's lines one by one, holding no more than one in memory.

    A line that is not UTF-8 is the last one: what follows it is not text either.

    Raises:
        DataError: The file cannot be opened or read.
    """
    try:
        with open(path, "rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE + 1):
                number += 1
                if len(raw) > MAX_LINE:
                    while raw and not raw.endswith(b"\n"):
                        raw = file.readline(MAX_LINE)
                    yield Line(number, {}, "line_too_long")
                    continue
                line = _line(number, raw.removeprefix(BOM) if number == 1 else raw)
                yield line
                if line.code == "not_utf8":
                    return
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


def _line(number: int, raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Line(number, {}, "not_utf8")
    if not text.strip():
        return Line(number, {}, "blank_line")
    try:
        example = loads(text)
    except JSONProblem as problem:
        return Line(number, {}, str(problem))
    return Line(number, example) if isinstance(example, dict) else Line(number, {}, "not_object")


def loads(text: str) -> Any:
    """Parse JSON strictly: no NaN or infinity, no key twice, no broken character.

    Raises:
        JSONProblem: Its message is a code: ``not_json``, ``too_deep``, ``not_finite``,
            ``duplicate_key`` or ``broken_character``.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_not_finite,
            parse_float=_finite,
        )
        if "\\ud" in text or "\\uD" in text:  # half of a surrogate pair is no character
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except JSONProblem:
        raise
    except RecursionError:
        raise JSONProblem("too_deep") from None
    except UnicodeEncodeError:
        raise JSONProblem("broken_character") from None
    except ValueError:
        raise JSONProblem("not_json") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise JSONProblem("duplicate_key")
    return value


def _not_finite(_: str) -> float:
    raise JSONProblem("not_finite")


def _finite(text: str) -> float:
    value = float(text)
    return value if abs(value) != float("inf") else _not_finite(text)
