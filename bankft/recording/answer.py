"""What was answered: a response, kept so that the SDK cannot tell it from the real one.

``{"status": 200, "headers": {…}, …}`` with the body as ``json``; ``events`` (see ``events``);
``text``, if it is other UTF-8; or else ``base64``. Only headers on a list are kept, so that no
cookie, organisation or request id gets in. What the embedded service says of itself on every
answer stands once, in the recording's first line.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx2

from bankft.data import formats
from bankft.recording import events, lines, pace

KEPT_HEADERS = (
    "content-type",
    "openai-poll-after-ms",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
)
# Header of the embedded service: name in a recording's first line.
ABOUT_SERVICE = {
    "x-bankft-base-model": "base_model",
    "x-bankft-version": "version",
    "x-bankft-machine": "machine",
}


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a recording keeps."""
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def is_stream(headers: Mapping[str, str]) -> bool:
    """Whether an answer is a stream of server-sent events."""
    return headers.get("content-type", "").startswith("text/event-stream")


def describe(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Describe a whole answer."""
    described: dict[str, Any] = {"status": status, "headers": kept(headers)}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return described | {"base64": base64.b64encode(body).decode()}
    if "json" in headers.get("content-type", ""):
        try:
            return described | {"json": formats.loads(text)}
        except formats.JSONProblem:
            pass
    return described | {"text": text}


class Chunks(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that is given out chunk by chunk, to sync and async clients alike."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


def rebuild(described: Mapping[str, Any], about: Mapping[str, Any]) -> httpx2.Response:
    """Make the response again, an event a chunk, without waiting anywhere.

    A stream's response says in its extensions when its events came (``pace``).
    ``openai-poll-after-ms: 0`` tells a poller not to sleep; on an error, ``retry-after-ms: 1``
    keeps the SDK's own retries, if the page asked for them, from sleeping.
    """
    status = described["status"]
    headers = described["headers"] | {"openai-poll-after-ms": "0"}
    if status >= 400:
        headers["retry-after-ms"] = "1"
    headers |= {name: about[field] for name, field in ABOUT_SERVICE.items() if field in about}
    if "events" in described:
        chunks = map(events.write, events.unpack(described["events"]))
        extensions = {pace.EXTENSION: tuple(entry["ms"] for entry in described["events"])}
        return httpx2.Response(
            status, headers=headers, stream=Chunks(chunks), extensions=extensions
        )
    return httpx2.Response(status, headers=headers, content=body(described))


def body(described: Mapping[str, Any]) -> bytes:
    """Return the bytes of an answer that is not a stream.

    Raises:
        ValueError: It was kept as base64 that cannot be decoded.
    """
    if "json" in described:
        return lines.dump(described["json"]).encode()
    if "text" in described:
        return str(described["text"]).encode()
    try:
        return base64.b64decode(described["base64"], validate=True)
    except binascii.Error:
        raise ValueError("its base64 cannot be decoded") from None
