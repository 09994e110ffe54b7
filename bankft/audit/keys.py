"""The key of a log: 32 random bytes in a file of its own, never in the log."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from bankft.errors import DataError

NAME = "audit.key"
VARIABLE = "BANKFT_AUDIT_KEY_FILE"


def make_key(path: str | Path) -> bytes:
    """Return the key in a file, which is made if it is not there (mode 600).

    Raises:
        DataError: the file holds no key.

    """
    file = Path(path).expanduser()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_key(file)
    with os.fdopen(opened, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return read_key(file)


def read_key(path: str | Path) -> bytes:
    """Return the key in a file: 64 hexadecimal digits.

    Raises:
        DataError: there is no such file, or it holds no key.

    """
    file = Path(path).expanduser()
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError:
        raise DataError(f"The key file {file.name} cannot be read.") from None
    except ValueError:
        key = b""
    if len(key) != 32:
        raise DataError(f"The key file {file.name} does not hold 64 hexadecimal digits.")
    return key


def key_id(key: bytes) -> str:
    """Return what tells keys apart and tells nothing of the key.

    >>> key_id(b"k" * 32)
    '5076bd520ac7c854'
    """
    return hashlib.sha256(b"bankft audit key " + key).hexdigest()[:16]


def find_key(log: str | Path, wanted: str | None = None) -> bytes | None:
    """Look for a log's key where the service keeps it.

    That is the file which BANKFT_AUDIT_KEY_FILE names; else ``audit.key`` beside the log, in the
    folder above, or in the service's data folder.

    Args:
        log: Its folder, or one of its files.
        wanted: The key's id, as the log's first entry has it; None takes the first key found.

    Returns:
        The key, or None where there is none.

    """
    for file in _places(Path(log)):
        if file.is_file():
            key = read_key(file)
            if wanted is None or key_id(key) == wanted:
                return key
    return None


def _places(log: Path) -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        yield Path(named).expanduser()
        return
    folder = log.resolve() if log.is_dir() else log.resolve().parent
    yield folder / NAME
    yield folder.parent / NAME
    yield Path(os.environ.get("BANKFT_DATA_DIR") or "~/.bankft").expanduser() / NAME
