"""Read and write JSON Lines: one JSON object a line, UTF-8, LF."""

import codecs
import io
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from bankft.data.broken_json import Pieces, Text, diagnose
from bankft.data.wording import say
from bankft.errors import DataError
from bankft.lang import language

MAX_LINE = 16 * 2**20  # bytes; a longer line is no conversation, and must not fill the memory
MAX_BROKEN = 100  # lines at the start of a file without an object among them
BOM = b"\xef\xbb\xbf"


# What is wrong with a line whose object could be read all the same.
READABLE = frozenset(
    {"bom_inside", "cr_line_ends", "gb18030", "utf_16"}
    | {"json_array", "several_objects", "spread_over_lines"}
)


class Line(NamedTuple):
    """One object of a file.

    Attributes:
        number: The line it begins on, from 1.
        example: The object; empty if it could not be read.
        code: What is wrong with the line, if anything. With a code of ``READABLE`` the example
            is there nevertheless, so that its content can be checked, too.
    """

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


def lines(path: str | os.PathLike[str], *, encoding: str | None = None) -> Iterator[Line]:
    """Yield a file's objects one by one, holding no more than one line in memory.

    Every line that is no strict JSON object in UTF-8 has a code, and the lines after it are read
    all the same. Objects that can be made out although the file is no JSON Lines (an array, one
    object over several lines, several on a line, UTF-16, GB 18030, lines that end with CR) come
    with a code and with what they hold. Reading ends early only where the first 100 lines hold
    zero bytes and no object: that is no text.

    Args:
        path: Any file.
        encoding: Its encoding where the bytes cannot tell, such as ``"big5"``; no line is then
            wrong for not being UTF-8.

    Raises:
        DataError: The file cannot be opened or read.
    """
    try:
        with open(path, "rb") as file, closing(_texts(file, encoding)) as texts:
            yield from _objects(Pieces(texts))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


def batches(lines: Iterable[Line]) -> Iterator[tuple[list[Line], set[str]]]:
    """Yield lines many at a time, with what their messages say, as far as that is text.

    What is done to many texts at once takes less time for each.

    >>> example = {"messages": [{"role": "user", "content": "费率？"}, {"role": "assistant"}]}
    >>> [(len(batch), texts) for batch, texts in batches([Line(1, example), Line(2, example)])]
    [(2, {'费率？'})]
    """
    batch: list[Line] = []
    texts: set[str] = set()
    characters = 0
    for line in lines:
        batch.append(line)
        messages = line.example.get("messages")
        for message in messages if isinstance(messages, list) else ():
            text = message.get("content") if isinstance(message, dict) else None
            if isinstance(text, str):
                texts.add(text)
                characters += len(text)
        if len(batch) == _AT_ONCE or characters > _CHARACTERS:
            yield batch, texts
            batch, texts, characters = [], set(), 0
    if batch:
        yield batch, texts


_AT_ONCE = 256  # lines read at once, or fewer of so many characters
_CHARACTERS = 2**18


def _texts(file: BinaryIO, known: str | None) -> Generator[Text, None, None]:
    if known is not None:
        yield from _recoded(file, known, "\n", None)
        return
    head = file.read(2**16)
    file.seek(0)
    if b"\0" in head or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        from bankft.data.encodings import detect

        if (encoding := detect(file)) is not None:
            yield from _recoded(file, encoding, "\n", "utf_16")
            return
    elif b"\r" in head and b"\n" not in head:
        yield from _recoded(file, "latin-1", "\r", "cr_line_ends")
        return
    yield from _numbered(file.readline, b"\n", None)


def _recoded(file: BinaryIO, encoding: str, newline: str, special: str | None) -> Iterator[Text]:
    """Read lines that end otherwise; Latin-1 stands for bytes that are looked at later."""
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline)
    back = "latin-1" if encoding == "latin-1" else "utf-8"
    try:
        read = lambda size: text.readline(size).encode(back, "replace")  # noqa: E731
        yield from _numbered(read, newline.encode(), special)
    finally:
        text.detach()  # the file is closed by whoever opened it


def _numbered(read: Callable[[int], bytes], end: bytes, special: str | None) -> Iterator[Text]:
    number = 0
    quick = _quick()
    while raw := read(MAX_LINE + 1):
        number += 1
        if quick is not None and special is None and (example := quick(raw)) is not None:
            yield Text(number, raw.decode("utf-8"), None, 0, example)
            continue
        if len(raw) > MAX_LINE:
            while raw and not raw.endswith(end):
                raw = read(MAX_LINE)
            yield Text(number, "", "line_too_long")
            continue
        yield _text(number, raw.removeprefix(BOM) if number == 1 else raw, special)
        special = None  # said once


def _text(number: int, raw: bytes, special: str | None) -> Text:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        from bankft.data.encodings import detect

        if detect(io.BytesIO(raw)) != "gb18030":
            return Text(number, "", "not_utf8")
        return Text(number, raw.decode("gb18030", "replace"), "gb18030")
    if text.startswith("\ufeff"):
        return Text(number, text.lstrip("\ufeff"), "bom_inside")
    if not text.strip():
        return Text(number, "", "blank_line")
    return Text(number, text, special)


def _objects(pieces: Pieces) -> Iterator[Line]:
    seen = broken = zeros = 0
    for piece in pieces:
        if piece.code is not None and piece.code not in READABLE:
            line = Line(piece.number, {}, piece.code)
        elif piece.example is not None:
            line = Line(piece.number, piece.example)
        elif piece.start:  # the rest of a line whose first object was read
            line = _line(pieces.whole(piece) or Text(piece.number, piece.text[piece.start :]))
        elif not seen and piece.text.lstrip().startswith("["):
            seen = 1
            yield from _array(piece, pieces)
            continue
        else:
            line = _line(piece)
            if (
                line.code in ("cut_off", "not_json")
                and piece.text.lstrip().startswith("{")
                and (whole := pieces.whole(piece)) is not None
            ):
                line = _line(whole)
        seen += line.code != "blank_line"
        zeros += line.code == "nul"
        broken += bool(line.code) and line.code not in READABLE
        yield line
        if broken == seen == MAX_BROKEN and zeros:
            yield Line(line.number, {}, "not_text_file")
            return


def _array(piece: Text, pieces: Pieces) -> Iterator[Line]:
    """Read a file that begins with a bracket: an array on this line, or over several."""
    try:
        items = loads(piece.text)
    except JSONProblem as problem:
        if str(problem) in ("cut_off", "not_json"):
            pieces.open_array(piece)
        else:
            yield Line(piece.number, {}, str(problem))
        return
    code: str | None = "json_array"
    for item in items or [None]:
        if isinstance(item, dict):
            yield Line(piece.number, item, code)
            code = None
        else:
            yield Line(piece.number, {}, "not_object")


def _line(piece: Text) -> Line:
    try:
        example = loads(piece.text)
    except JSONProblem as problem:
        return Line(piece.number, {}, str(problem))
    if isinstance(example, dict):
        return Line(piece.number, example, piece.code)
    return Line(piece.number, {}, "not_object")


def loads(text: str) -> Any:
    """Parse JSON strictly: no NaN or infinity, no key twice, no broken character.

    Raises:
        JSONProblem: Its message is a code, such as ``cut_off`` or ``duplicate_key``.
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
    except json.JSONDecodeError as error:
        raise JSONProblem(diagnose(text, error)) from None
    except ValueError:  # more digits than Python converts
        raise JSONProblem("huge_number") from None
    return value


def _quick() -> Callable[[bytes], dict[str, Any] | None] | None:
    """Return the native reader of ordinary lines, None where it is not installed."""
    try:
        from orjson import loads as parse
    except ImportError:
        return None

    def quick(raw: bytes) -> dict[str, Any] | None:
        """Return an example if it is sure that `loads` gives the same: messages of texts only.

        Of two equal keys the native reader takes the last, so the quotes are counted.
        """
        if b"\\\\" in raw or len(raw) > MAX_LINE:
            return None
        try:
            value = parse(raw)
        except ValueError:
            return None
        if type(value) is not dict or len(value) != 1:
            return None
        messages = value.get("messages")
        if type(messages) is not list:
            return None
        quotes = 2
        for message in messages:
            if type(message) is not dict:
                return None
            for text in message.values():
                if type(text) is not str:
                    return None
            quotes += 4 * len(message)
        found = raw.count(b'"') - (raw.count(b'\\"') if b"\\" in raw else 0)
        return value if found == quotes else None

    return quick


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
