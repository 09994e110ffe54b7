"""Read training examples from whatever people keep their conversations in."""

import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from bankft.data import chat_logs, encodings, formats, records, tables
from bankft.data.mojibake import repair as repair_text
from bankft.data.wording import say
from bankft.errors import DataError, UsageError
from bankft.lang import language

FORMATS = (*records.RECORDS, "csv", "excel", "chat")
_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".xlsx": "excel", ".xlsm": "excel",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
}  # fmt: skip

Item = tuple[str, dict[str, Any] | None, str]  # where it stands, the example, or what is wrong
Skip = Callable[[str], object]


def read_examples(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    system: str | None = None,
    encoding: str | None = None,
    repair: bool = False,
    normalize: bool = False,
    skip: Skip | None = None,
    clean: "Cleaner | None" = None,
) -> Iterator[dict[str, Any]]:
    """Yield a file's conversations as examples in OpenAI's format, one by one.

    Read are OpenAI's own lines (all three methods), prompt/completion pairs of old, preference
    pairs (prompt, chosen, rejected), Alpaca, ShareGPT, CSV and Excel with a question and an
    answer column, and chat logs. JSON may be an object a line, an array, or objects over several
    lines. The encoding is found out (UTF-8, GB 18030, UTF-16, Big5). A file is read as a stream,
    except for Excel.

    Args:
        path: The file.
        format: One of ``FORMATS``; recognised by the name's ending and the content if not given.
        columns: ``{"question": header, "answer": header}`` for tables, ``{"user": name,
            "assistant": name}`` for chat logs, where the names say too little.
        system: A system message for examples that have none.
        encoding: Of the text, where it cannot be found out; ``"auto"`` is the same as None.
        repair: Put right text that was read in the wrong encoding (see `bankft.data.mojibake`).
        normalize: Write full-width letters and digits as ordinary ones, drop invisible characters.
        skip: Called with a sentence for each line or row that is left out; without it, the first
            one ends the reading.
        clean: A `Cleaner` in place of ``repair`` and ``normalize``, to see its counts afterwards.

    Raises:
        DataError: The file cannot be read; without ``skip``, also for a line or row that is no
            example. The message names file and line, or sheet and row.
        UsageError: There is no such format or encoding.
        MissingExtra: An Excel file, and openpyxl is not installed.

    >>> from bankft.data import write_jsonl
    >>> path = write_jsonl([{"问题": "起购金额？", "答案": "1 元。"}], "/tmp/qa.jsonl")
    >>> next(read_examples(path))["messages"][0]
    {'role': 'user', 'content': '起购金额？'}
    """
    if format is not None and format not in FORMATS:
        raise UsageError(f"There is no format {format!r}: use {', '.join(FORMATS)}.")
    if encoding is not None:
        encoding = None if encoding == "auto" else encodings.encoding(encoding)
    clean = clean or (Cleaner(repair, normalize) if repair or normalize else None)
    for place, example, problem in _items(Path(path), format, columns, encoding, clean):
        if example is None:
            sentence = f"{path}{place}: {problem}"
            if skip is None or not place:
                raise DataError(sentence)
            skip(sentence)
            continue
        if system and "messages" in example and not _has_system(example["messages"]):
            first = {"role": "system", "content": system}
            example = example | {"messages": [first, *example["messages"]]}
        yield example


def _items(
    path: Path,
    format: str | None,
    columns: Mapping[str, str] | None,
    encoding: str | None,
    clean: "Cleaner | None",
) -> Iterator[Item]:
    kind = format or _ENDINGS.get(path.suffix.lower())
    if kind == "excel":
        for row in tables.excel_rows(path, columns):
            place, example, problem = _row(row)
            yield place, _cleaned(example, clean), problem
        return
    try:
        with path.open("rb") as file:
            _refuse(path, file)
            name = encoding or encodings.detect(file) or ("utf-8" if kind == "json" else None)
            if name is None:
                raise DataError(
                    f"{path} is in no encoding that can be told: save it as UTF-8, or name the "
                    "encoding."
                )
            kind = kind or _guess(file, name)
            if kind == "csv":
                delimiter = "\t" if path.suffix.lower() == ".tsv" else None
                text = _lines(file, name, clean)
                yield from map(_row, tables.csv_rows(text, columns, delimiter))
                return
            if kind == "chat":
                for number, messages, problem in chat_logs.talks(
                    _lines(file, name, clean), columns
                ):
                    example = None if messages is None else {"messages": messages}
                    yield f":{number}", example, problem
                return
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    encoding = encoding or (name if name == "big5" else None)
    for place, example, problem in _json(path, format, columns, encoding):
        yield place, _cleaned(example, clean), problem


def _json(
    path: Path, format: str | None, columns: Mapping[str, str] | None, encoding: str | None
) -> Iterator[Item]:
    for line in formats.lines(path, encoding=encoding):
        place = f":{line.number}"
        if line.code == "blank_line":
            continue
        if line.code is not None and line.code not in formats.READABLE:
            yield place, None, say(line.code, language())
            continue
        example = records.convert(line.example, format=format, columns=columns)
        if example is None and format:
            yield place, None, say("not_this_format", language(), format=format)
        elif example is None:
            yield place, None, say("unknown_format", language())
        else:
            yield place, example, ""


def _row(row: tables.Row) -> Item:
    place, cells, problem = row
    if cells is None:
        return place, None, problem
    question = "\n".join(part for part in (cells["question"], cells.get("context")) if part)
    return (
        place,
        records.question_and_answer(question, cells["answer"], cells.get("system", "")),
        "",
    )


def _refuse(path: Path, file: BinaryIO) -> None:
    """Refuse what is no text, with a word on what to do."""
    start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError(f"{path} is an old Excel file (.xls): open it and save it as .xlsx.")
    if start.startswith(b"PK\x03\x04"):
        raise DataError(f"{path} is a zip archive or an Office file: unpack it, or name it .xlsx.")
    if start.startswith(b"%PDF"):
        raise DataError(f"{path} is a PDF: take the text out of it first.")


def _guess(file: BinaryIO, encoding: str) -> str:
    """Tell by its first lines what a text without a telling name is."""
    text = [line for _, line in zip(range(200), _lines(file, encoding, None), strict=False)]
    first = next((line.strip() for line in text if line.strip()), "")
    if re.match(r"\{|\[\s*(?:[\[{]|$)", first):  # but not [10:22], a time in a chat log
        return "json"
    named = tables.assign(next(iter(_split(first)), []))
    if {"question", "answer"} <= named.keys():
        return "csv"
    return "chat"


def _split(line: str) -> list[list[str]]:
    return [line.replace(";", ",").replace("\t", ",").replace("|", ",").split(",")]


def _lines(file: BinaryIO, encoding: str, clean: Callable[[str], str] | None) -> Iterator[str]:
    """Yield lines with any line end; one beyond the limit comes in pieces."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)
    try:
        while line := text.readline(formats.MAX_LINE):
            line = line.removeprefix("\ufeff")
            yield line if clean is None else clean(line)
    finally:
        text.detach()


class Cleaner:
    """Puts texts right, and counts: characters restored, and places that stay unreadable."""

    def __init__(self, repair: bool = True, normalize: bool = False) -> None:
        self.repair = repair
        self.normalize = normalize
        self.restored = 0
        self.lost = 0

    def __call__(self, text: str) -> str:
        """Return the text, repaired and normalised as far as asked for."""
        found = encodings.flaws(text)
        if self.repair and "mojibake" in found:
            repaired = repair_text(text)
            self.restored += repaired.restored
            self.lost += repaired.lost
            text = repaired.text
        return encodings.normalize(text) if self.normalize and found else text


def _cleaned(value: Any, clean: Cleaner | None) -> Any:
    if clean is None:
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item, clean) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item, clean) for key, item in value.items()}
    return value


def _has_system(messages: Any) -> bool:
    first = messages[0] if isinstance(messages, list) and messages else None
    return isinstance(first, dict) and first.get("role") in ("system", "developer")
