"""API keys that are made, listed and revoked while the service runs."""

import hashlib
import secrets
import time
from collections.abc import Sequence

from sqlalchemy import select

from bankft.errors import UsageError
from bankft.service.key_tables import ApiKey
from bankft.service.scopes import SCOPES
from bankft.service.store import Store


def key_digest(key: str) -> str:
    """Return the SHA-256 of a key in hex.

    A plain hash is enough here, unlike for passwords: a key has 256 random bits, so nobody can
    try them out.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def make(store: Store, name: str, scopes: Sequence[str]) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which is stored nowhere.

    Raises:
        UsageError: it has no name, no scope, or one that does not exist.

    """
    if not name.strip() or len(name) > 200:
        raise UsageError("A key needs a name that says whose it is, of 200 characters at most.")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise UsageError(f"A key needs one or more of the scopes {', '.join(SCOPES)}.")
    key = f"bankft-{secrets.token_urlsafe(32)}"
    row = ApiKey(
        id=f"key-{secrets.token_hex(6)}",
        name=name.strip(),
        digest=key_digest(key),
        scopes=[scope for scope in SCOPES if scope in scopes],
        created_at=int(time.time()),
    )
    with store.write() as session:
        session.add(row)
    return row, key


def listing(store: Store) -> list[ApiKey]:
    """Return every key that was made, the revoked ones too, oldest first."""
    with store.read() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.n)))


def revoke(store: Store, key_id: str) -> ApiKey:
    """Let a key open nothing any more, from within a second on.

    Raises:
        UsageError: there is none of this id, or it was revoked before.

    """
    with store.write() as session:
        row = session.scalar(select(ApiKey).where(ApiKey.id == key_id))
        if row is None:
            raise UsageError("There is no key of this id: `bankft serve keys list` lists them.")
        if row.revoked_at is not None:
            raise UsageError(f"The key {row.id} was revoked before.")
        row.revoked_at = int(time.time())
        return row
