"""The anchor: how long a log was, and the hash of its last entry, kept outside of it."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path

from bankft.audit.disk import put
from bankft.errors import DataError


@dataclass(frozen=True)
class Anchor:
    """What an anchor file says.

    Attributes:
        log: The log's id.
        entries: How many it had.
        head: The hash of the last one.
        fits: Whether its keyed checksum fits; None without a key.
    """

    log: str
    entries: int
    head: str
    fits: bool | None


def write_anchor(path: Path, log: str, entries: int, head: str, at: str, key: bytes) -> None:
    """Write an anchor file whole, or leave it as it was."""
    said = {"log": log, "entries": entries, "head": head, "at": at}
    put(path, json.dumps({**said, "mac": _mac(said, key)}).encode() + b"\n")


def read_anchor(path: Path, key: bytes | None) -> Anchor:
    """Read an anchor file.

    Raises:
        DataError: there is none, or it is not written as anchors are.

    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        given = said.pop("mac")
        found = Anchor(str(said["log"]), int(said["entries"]), str(said["head"]), None)
    except OSError:
        raise DataError(f"The anchor file {path.name} cannot be read.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"The file {path.name} is no anchor of an audit log.") from None
    if key is None:
        return found
    fits = hmac.compare_digest(_mac(said, key), str(given))
    return Anchor(found.log, found.entries, found.head, fits)


def _mac(said: object, key: bytes) -> str:
    plain = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, b"anchor " + plain, hashlib.sha256).hexdigest()
