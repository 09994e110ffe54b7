"""A recording on disk: JSON Lines, UTF-8, LF, readable in a review.

The first line says what the rest is::

    {"bankft_recording": 1, "openai": "3.52.0", "base_model": "bankft-nano@sha256:…",
     "version": "0.1.0", "machine": "x86-64, 2 threads", "recorded": "2026-11-21"}

``base_model``, ``version`` and ``machine`` are what the embedded service says of itself; for any
other host, ``host`` stands in their place. ``recorded`` changes only when something else does, so
that recording twice gives the same bytes. Each further line is one interaction::

    {"key": "sha256:…", "request": {…}, "response": {…}}
"""

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bankft.data import formats
from bankft.errors import RecordingError, RecordingMissing
from bankft.recording import lines

FORMAT = 1


@dataclass(frozen=True)
class Interaction:
    """One call and its answer, and the line of the file that holds them."""

    line: int
    key: str
    request: dict[str, Any]
    response: dict[str, Any]


@dataclass(frozen=True)
class Recording:
    """A recording that has been read."""

    path: Path
    about: dict[str, Any]
    interactions: tuple[Interaction, ...]


def folder() -> Path:
    """Return where recordings are: ``BANKFT_RECORDINGS``, the checkout's, or the wheel's."""
    if named := os.environ.get("BANKFT_RECORDINGS"):
        return Path(named)
    package = Path(__file__).parents[1]
    checkout = package.parent / "tutorials" / "recordings"
    return checkout if checkout.is_dir() else package / "recording" / "shipped"


def load(path: Path) -> Recording:
    """Read a recording.

    Raises:
        RecordingMissing: There is no such file; the message says how to record it.
        RecordingError: It is not a recording, or of another format version.
    """
    if not path.is_file():
        raise RecordingMissing(
            f"There is no recording {path.name} in {path.parent}: {how_to_record(path)}."
        )
    entries = []
    for line in formats.lines(path):
        if line.code:
            raise RecordingError(f"{path.name}:{line.number}: {_broken(path)}")
        entries.append(line.example)
    version = entries[0].get("bankft_recording") if entries else None
    if version != FORMAT:
        raise RecordingError(
            f"{path.name}:1: this is no recording of format {FORMAT}, the one that this bankft "
            f"reads: {how_to_record(path)}."
        )
    interactions = []
    for number, entry in enumerate(entries[1:], 2):
        try:
            interactions.append(_interaction(number, entry))
        except (KeyError, TypeError):
            raise RecordingError(f"{path.name}:{number}: {_broken(path)}") from None
    return Recording(path, entries[0], tuple(interactions))


def _interaction(line: int, entry: Mapping[str, Any]) -> Interaction:
    """Take a line apart; KeyError or TypeError if it lacks what every interaction has."""
    request, response = entry["request"], entry["response"]
    int(response["status"]), dict(response["headers"])
    str(request["method"]), str(request["path"])
    if not response.keys() & {"json", "events", "text", "base64"}:
        raise KeyError("body")
    return Interaction(line, entry["key"], request, response)


def how_to_record(path: Path) -> str:
    """Return what to do when a recording lacks something, as the end of a sentence."""
    page = path.name.split(".")[0]
    return (
        f"record the page with `nox -s record -- {page}`, or let a service answer instead "
        "(`bankft serve`, then BANKFT_MODE=live)"
    )


def _broken(path: Path) -> str:
    return f"this line is no interaction of a recording: {how_to_record(path)}."


class Recorder:
    """Writes one recording, anew, and after each interaction whole: a crash loses nothing.

    Interactions stand in the order in which they were asked, however their answers overlap.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self._old = path.read_text(encoding="utf-8") if path.is_file() else ""
        self._about: dict[str, Any] = {}
        self._calls: list[str | None] = []  # None: asked, not yet answered
        self._lock = threading.Lock()

    def begin(self) -> int:
        """Take a call's place in the order."""
        with self._lock:
            self._calls.append(None)
            return len(self._calls) - 1

    def finish(self, place: int, interaction: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """Write down an answered call."""
        with self._lock:
            self._about = self._about or dict(about)
            self._calls[place] = lines.dump(interaction)
            text = self._text(_date(self._old))
            if text != self._old:  # something changed, or the end is not reached yet
                text = self._text(datetime.now(UTC).date().isoformat())
            _replace(self.path, text)

    def _text(self, date: str) -> str:
        about = {"bankft_recording": FORMAT, **self._about, "recorded": date}
        return "".join(f"{line}\n" for line in [lines.dump(about), *filter(None, self._calls)])


def _date(text: str) -> str:
    try:
        return str(formats.loads(text.split("\n")[0])["recorded"])
    except (ValueError, KeyError, TypeError):
        return ""


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        if sys.platform != "win32":
            os.chmod(draft, 0o644)  # a temporary file is private at first
        os.replace(draft, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)


_open: dict[Path, Recorder] = {}


def open_recorder(path: Path) -> Recorder:
    """Start a recording anew, or go on with it while another client has it open."""
    recorder = _open.setdefault(path.resolve(), Recorder(path))
    recorder.users += 1
    return recorder


def close_recorder(recorder: Recorder) -> None:
    """Let go of a recording."""
    recorder.users -= 1
    if not recorder.users:
        _open.pop(recorder.path.resolve(), None)
