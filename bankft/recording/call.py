"""What is asked: a request, reduced to what makes it the same request again.

The **key** of a call is ``sha256:`` and the SHA-256 of the canonical JSON of its description::

    {"method": "POST", "path": "/files", "query": [["limit", "20"]], "json": {…}}

- ``path`` is relative to the base URL, so that a recording fits any host.
- ``query`` is the sorted list of its pairs; absent where there is none.
- The body is ``json``; or ``parts``, one entry a multipart part, without the random boundary: a
  field's text as it is, a file's name, size and SHA-256; or ``body``, the SHA-256 of other bytes.
  A part's media type is left out, because it is guessed from what the machine has installed.
- Headers, and so keys and the SDK's version, are no part of it.

Canonical JSON: sorted keys, no spaces, ASCII escapes, and a whole number written as an integer
(``1.0`` as ``1``, as RFC 8785 does).
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from bankft.data import formats

Description = dict[str, Any]

_NAMES = re.compile(r'; (name|filename)="([^"]*)"')  # httpx2 percent-encodes quotes inside


@dataclass(frozen=True)
class Part:
    """One part of a multipart body; ``filename`` is None for a plain field."""

    name: str
    filename: str | None
    content: bytes


def canonical(value: Any) -> str:
    r"""Return the canonical JSON of a value.

    >>> canonical({"b": 1.0, "a": "基"})
    '{"a":"\\u57fa","b":1}'
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def key(description: Mapping[str, Any]) -> str:
    """Return a call's key: the tagged hash of its canonical description."""
    return _sha256(canonical(description).encode())


def describe(request: httpx2.Request, base_url: httpx2.URL) -> Description:
    """Describe a request whose content has been read."""
    base, path = base_url.path.rstrip("/"), request.url.path
    description: Description = {
        "method": request.method,
        "path": path.removeprefix(base) if path.startswith(base + "/") else path,
    }
    if query := sorted([name, value] for name, value in request.url.params.multi_items()):
        description["query"] = query
    if parts := read_parts(request):
        description["parts"] = [_describe_part(part) for part in parts]
    elif request.content:
        try:
            description["json"] = _plain(formats.loads(request.content.decode()))
        except ValueError:
            description["body"] = _sha256(request.content)
    return description


def read_parts(request: httpx2.Request) -> list[Part]:
    """Return the parts of a multipart request; none if it is not one."""
    media_type, _, rest = request.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "multipart/form-data":
        return []
    boundary = rest.partition("boundary=")[2].split(";")[0].strip().strip('"')
    return list(_split_parts(request.content, b"\r\n--" + boundary.encode()))


def _split_parts(body: bytes, delimiter: bytes) -> Iterator[Part]:
    for piece in (b"\r\n" + body).split(delimiter)[1:]:
        if piece.startswith(b"--"):  # the closing delimiter
            return
        head, _, content = piece.partition(b"\r\n\r\n")
        names = dict(_NAMES.findall(head.decode(errors="replace")))
        yield Part(names.get("name", ""), names.get("filename"), content)


def _describe_part(part: Part) -> Description:
    described: Description = {"name": part.name}
    if part.filename is None:
        try:
            return described | {"value": part.content.decode()}
        except UnicodeDecodeError:
            pass
    else:
        described["filename"] = part.filename
    return described | {"bytes": len(part.content), "sha256": _sha256(part.content)}


def _plain(value: Any) -> Any:
    """Write whole floats as integers, all the way down."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
