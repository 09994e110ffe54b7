"""What people said, kept beside the log so that it can be erased while the log stays whole.

The name of a content is its keyed digest: without the key nobody can try out whether a given
sentence, or a given person's, is among them.
"""

import hashlib
import hmac
import json
import os
import re
from pathlib import Path
from typing import Any

from bankft.audit.disk import put
from bankft.errors import UsageError

_DIGEST = re.compile("hmac-sha256:([0-9a-f]{64})")


class Contents:
    """Contents by their digest.

    Args:
        folder: Where they lie; made when the first is kept.
        key: Of the digests, 32 bytes: the log's.

    >>> import tempfile
    >>> contents = Contents(tempfile.mkdtemp(), key=b"k" * 32)
    >>> name = contents.keep({"content": "保本吗？"})
    >>> contents.get(name), contents.erase(name), contents.get(name)
    ({'content': '保本吗？'}, True, None)
    """

    def __init__(self, folder: str | Path, *, key: bytes) -> None:
        self.folder, self._key = Path(folder), key

    def digest(self, content: Any) -> str:
        """Return the digest of a content, which is JSON: the same content, the same digest."""
        return self._name(_plain(content))

    def keep(self, content: Any) -> str:
        """Store a content durably; return its digest."""
        plain = _plain(content)
        name = self._name(plain)
        file = self._file(name)
        try:
            os.utime(file)  # kept again: it expires later
        except FileNotFoundError:
            put(file, plain)
        return name

    def get(self, digest: str) -> Any:
        """Return a content, or None when it was erased.

        Raises:
            UsageError: this is no digest, or what lies there is not what was kept.

        """
        try:
            plain = self._file(digest).read_bytes()
        except FileNotFoundError:
            return None
        if not hmac.compare_digest(self._name(plain), digest):
            raise UsageError(f"The content {digest[:24]}… is not what was kept: it was changed.")
        return json.loads(plain)

    def erase(self, digest: str) -> bool:
        """Delete a content; say whether it was there. The log keeps its digest."""
        file = self._file(digest)
        if not file.exists():
            return False
        file.unlink()
        return True

    def expire(self, before: float) -> int:
        """Delete what was last kept before a time (Unix, in seconds); return how many."""
        # What a crash left half written goes, too.
        old = [file for file in self.folder.glob("*/*") if file.stat().st_mtime < before]
        for file in old:
            file.unlink()
        return len(old)

    def _name(self, plain: bytes) -> str:
        return "hmac-sha256:" + hmac.new(self._key, plain, hashlib.sha256).hexdigest()

    def _file(self, digest: str) -> Path:
        found = _DIGEST.fullmatch(digest)
        if found is None:
            raise UsageError("A content's digest is hmac-sha256: and 64 hexadecimal digits.")
        return self.folder / found[1][:2] / f"{found[1]}.json"


def _plain(content: Any) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, ASCII."""
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
