"""One entry of the log, and how it stands in its file.

A line is a JSON object with the keys ``n``, ``at``, ``kind``, ``data``, ``prev`` and at its end
``mac``. ``prev`` is the SHA-256 of the line before, its newline included; ``mac`` is the
HMAC-SHA256 of this line's bytes before it. Checksums are of bytes, so nothing depends on how a
program would write the same JSON again.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bankft.errors import DataError, UsageError

START = "0" * 64  # ``prev`` of the first entry
LONGEST = 16 * 2**20  # bytes of a line

_LINE = re.compile(rb'(\{.*),"mac":"([0-9a-f]{64})"\}\n', re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """An entry as it was read.

    Attributes:
        n: Its number, from 1.
        at: When it was written: UTC, ISO 8601, to the millisecond.
        kind: What it is about: ``approval``, ``route``, ``answer``, ….
        data: What it says, a JSON object.
        prev: The hash of the line before.
        line: Its own line, as it stands in the file.
    """

    n: int
    at: str
    kind: str
    data: Mapping[str, Any]
    prev: str
    line: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the line, in hex: the next entry's ``prev``, and an anchor's ``head``."""
        return hashlib.sha256(self.line).hexdigest()


def write_line(n: int, at: str, kind: str, data: Mapping[str, Any], prev: str, key: bytes) -> bytes:
    """Return the line of an entry.

    Raises:
        UsageError: the data cannot be written as JSON, or are too long.

    """
    body = {"n": n, "at": at, "kind": kind, "data": data, "prev": prev}
    try:
        plain = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as problem:
        raise UsageError(
            f"What is to be logged as {kind!r} is not JSON ({type(problem).__name__}): "
            "give strings, finite numbers, lists and objects."
        ) from None
    try:
        begun = plain[:-1].encode()
    except UnicodeEncodeError:  # half a character: written as an escape
        begun = json.dumps(body, separators=(",", ":"))[:-1].encode()
    line = begun + b',"mac":"' + _mac(key, begun).encode() + b'"}\n'
    if len(line) > LONGEST:
        raise UsageError(
            f"What is to be logged as {kind!r} takes {len(line):,} bytes and an entry has room "
            f"for {LONGEST:,}: put it among the contents, and log its digest."
        )
    return line


def read_line(line: bytes, key: bytes | None) -> Entry | str:
    """Return the entry of a line, or in a few words why it is none.

    Args:
        line: With its newline.
        key: Checks the keyed checksum; None leaves that out.

    """
    if not line.endswith(b"\n"):
        return "its line is not whole"
    found = _LINE.fullmatch(line)
    if found is None:
        return "its line is not written as entries are"
    if key is not None and not hmac.compare_digest(_mac(key, found[1]).encode(), found[2]):
        return "its keyed checksum does not fit"
    try:
        body = json.loads(line)
        entry = Entry(
            **{name: body[name] for name in ("n", "at", "kind", "data", "prev")}, line=line
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return "its line is not written as entries are"
    fits = type(entry.n) is int and isinstance(entry.data, dict)
    words = (entry.at, entry.kind, entry.prev)
    if not fits or not all(isinstance(word, str) for word in words):
        return "its line is not written as entries are"
    return entry


def _mac(key: bytes, begun: bytes) -> str:
    return hmac.new(key, begun, hashlib.sha256).hexdigest()


def segments(log: Path) -> list[Path]:
    """Return the files of a log, in order: of a folder its segments, else the file itself.

    Raises:
        DataError: there is no such log.

    """
    if log.is_dir():
        found = sorted(log.glob("audit-*.jsonl"))
        if not found:
            raise DataError(f"The folder {log.name} holds no audit log (audit-*.jsonl).")
        return found
    if not log.is_file():
        raise DataError(f"There is no audit log {log.name}: name its folder or one of its files.")
    return [log]


def lines(log: Path) -> Iterator[bytes]:
    """Yield the lines of a log; one that is too long is yielded cut, and so is no entry."""
    for file in segments(log):
        with file.open("rb") as opened:
            while line := opened.readline(LONGEST + 1):
                yield line


def read_entries(log: str | Path) -> Iterator[Entry]:
    """Yield the entries of a log that can be read, without checking that it is whole.

    Args:
        log: Its folder, or one of its files.

    Raises:
        DataError: there is no log, or a line cannot be read; `verify` says more.

    """
    for number, line in enumerate(lines(Path(log)), 1):
        entry = read_line(line, None)
        if isinstance(entry, str):
            raise DataError(f"Line {number} of the audit log cannot be read: {entry}.")
        yield entry
