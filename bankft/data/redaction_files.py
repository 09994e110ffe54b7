"""Redact a file line by line, in flat memory."""

import os
from collections.abc import Callable, Collection, Iterator
from typing import Any, BinaryIO, NamedTuple

from bankft.data import formats
from bankft.data.personal import Recogniser, look_through
from bankft.data.redaction import Placed, Tokens, redact, redact_example
from bankft.lang import language as current_language


class RedactedLine(NamedTuple):
    """What became of one line.

    Attributes:
        number: From 1.
        output: The example (of a JSON line) or the text (of a text line, without its newline)
            without personal data; None where the line could not be read: it must not be passed
            on as it is.
        found: What was found, and where on the raw line.
        code: What is wrong with the line, if anything, as ``check`` names it.
        values: Token to value, of the conversation that ends with this line; personal data.
    """

    number: int
    output: Any
    found: tuple[Placed, ...] = ()
    code: str | None = None
    values: dict[str, str] | None = None


def redact_jsonl(
    path: str | os.PathLike[str],
    *,
    language: str | None = None,
    kinds: Collection[str] | None = None,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
) -> Iterator[RedactedLine]:
    """Redact JSON Lines; each line is one conversation. Blank lines are passed over.

    Args:
        path: The file.
        language: What the tokens are written in, ``"zh"`` or ``"en"``; None for the current one.
        kinds: As for ``find_personal``; so are ``public`` and ``ner``.
        public: Names that are public.
        ner: A model that finds more.

    Raises:
        DataError: The file cannot be read.
    """
    language = language or current_language()
    for batch, texts in formats.batches(formats.lines(path)):
        if kinds is None and not public and ner is None:
            look_through(texts)
        for line in batch:
            if line.code != "blank_line":
                yield redact_line(line, language, kinds=kinds, public=public, ner=ner)


def redact_line(
    line: formats.Line,
    language: str,
    *,
    kinds: Collection[str] | None = None,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
) -> RedactedLine:
    """Redact one line, which is one conversation; its arguments are those of `redact_jsonl`."""
    if line.code is not None and line.code not in formats.READABLE:
        return RedactedLine(line.number, None, code=line.code)
    tokens = Tokens(language)
    example, found = redact_example(
        line.example, tokens=tokens, kinds=kinds, public=public, ner=ner
    )
    return RedactedLine(line.number, example, tuple(found), line.code, tokens.values)


def redact_text(
    file: BinaryIO,
    *,
    language: str | None = None,
    kinds: Collection[str] | None = None,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[RedactedLine]:
    """Redact lines of text in UTF-8; lines without an empty one between are one conversation.

    Args:
        file: Open for reading bytes.
        language: As for ``redact_jsonl``; so are the others.
        kinds: Which kinds to look for.
        public: Names that are public.
        ner: A model that finds more.
        progress: Told the number of bytes after each line.
    """
    tokens = Tokens(language or current_language())
    number = 0
    while raw := file.readline(formats.MAX_LINE + 1):
        number += 1
        size = len(raw)
        too_long = size > formats.MAX_LINE and not raw.endswith(b"\n")
        while too_long and raw and not raw.endswith(b"\n"):
            raw = file.readline(formats.MAX_LINE)
            size += len(raw)
        if progress is not None:
            progress(size)
        if too_long:
            yield RedactedLine(number, None, code="line_too_long")
            continue
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            yield RedactedLine(number, None, code="not_utf8")
            continue
        text = text.removesuffix("\n").removesuffix("\r")
        if not text.strip():
            values, tokens = tokens.values, Tokens(tokens.language)
            yield RedactedLine(number, text, values=values)
            continue
        redacted = redact(text, tokens=tokens, kinds=kinds, public=public, ner=ner)
        found = tuple(Placed("", one) for one in redacted.findings)
        yield RedactedLine(number, redacted.text, found, values=tokens.values)
