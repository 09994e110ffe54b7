"""Server-sent events, as bytes on the wire and as a compact list in a recording.

In a recording each event is an object: ``ms``, the milliseconds since the answer began; then
``data``, its JSON; or ``change``, those top-level keys of its JSON that differ from the event
before (which has the same keys in the same order); or ``text``, data that is not JSON, such as
``[DONE]``. ``event``, ``id`` and ``retry`` stand where the event has them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import httpx2

from bankft.data import formats
from bankft.recording import lines

NOMINAL_MS = 20  # between events of the embedded service, whose real pace says nothing
Event = dict[str, Any]


def read(event: httpx2.ServerSentEvent, ms: int) -> Event:
    """Turn an event from the wire into an entry, with its JSON whole."""
    entry: Event = {"ms": ms}
    if event.event != "message":
        entry["event"] = event.event
    if event.id:
        entry["id"] = event.id
    if event.retry is not None:
        entry["retry"] = event.retry
    try:
        return entry | {"data": formats.loads(event.data)}
    except formats.JSONProblem:
        return entry | {"text": event.data}


def write(entry: Event) -> bytes:
    """Turn an entry with its JSON whole into bytes for the wire."""
    text = lines.dump(entry["data"]) if "data" in entry else entry["text"]
    head = [f"{name}: {entry[name]}" for name in ("event", "id", "retry") if name in entry]
    return ("\n".join([*head, *(f"data: {line}" for line in text.split("\n"))]) + "\n\n").encode()


def pack(entries: Iterable[Event]) -> Iterator[Event]:
    """Keep only what changed, where nothing is lost by it."""
    before: Any = None
    for entry in entries:
        data: Any = entry.get("data")
        if _alike(before, data):
            change = {name: value for name, value in data.items() if not _same(value, before[name])}
            yield {name: value for name, value in entry.items() if name != "data"} | {
                "change": change
            }
        else:
            yield entry
        before = data


def unpack(entries: Iterable[Event]) -> Iterator[Event]:
    """Undo ``pack``."""
    before: Any = None
    for entry in entries:
        if "change" in entry:
            entry = {name: value for name, value in entry.items() if name != "change"} | {
                "data": before | entry["change"]
            }
        before = entry.get("data")
        yield entry


def _alike(before: Any, data: Any) -> bool:
    return isinstance(before, dict) and isinstance(data, dict) and list(before) == list(data)


def _same(one: Any, other: Any) -> bool:
    """Compare as written: 1, 1.0 and true are equal to Python, and key order counts here."""
    return lines.dump(one) == lines.dump(other)
