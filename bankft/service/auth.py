"""Who may call: API keys, as a bearer token."""

import hmac
import ipaddress
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from fastapi import Request

from bankft.service.envelope import ApiError
from bankft.service.keys import key_digest, listing
from bankft.service.scopes import SCOPES
from bankft.service.store import Store

_FRESH = 1.0  # seconds until the stored keys are read again


@dataclass(frozen=True)
class Caller:
    """Whose key a request shows: its id, which tells nothing of the key, and what it may do."""

    id: str
    scopes: frozenset[str] = field(default=frozenset(SCOPES))

    def check(self, scope: str | None) -> ApiError | None:
        """Return why the key may not do what needs a scope, or None.

        >>> Caller("key-1", frozenset({"read"})).check("train").status
        403
        """
        if scope is None or scope in self.scopes:
            return None
        return ApiError(
            403,
            f"You have insufficient permissions for this operation. Missing scopes: {scope}. "
            "Ask whoever runs the service for a key that has it.",
            code="missing_scope",
        )


# The service itself, where it asks its own models.
ITSELF = Caller("service")


class Keys:
    """The keys that open: those configured, with all scopes, and those made, with their own.

    Without any, every non-empty key is accepted: for a service on this machine alone. A key
    must stand in the header even then, because a web page in the user's browser can send simple
    requests to this machine, but not that header. Its id is made from it, so that two people
    with keys of their own are told apart.

    Args:
        keys: as configured; blanks are ignored. Kept as digests.
        store: where keys that were made are, if there is one.

    """

    def __init__(self, keys: Iterable[str], store: Store | None = None) -> None:
        self._configured = [key_digest(key.strip()) for key in keys if key.strip()]
        self._store = store
        self._made: Mapping[str, Caller | None] = {}  # None: revoked
        self._read_at = float("-inf")
        self.refresh()

    def __bool__(self) -> bool:
        return bool(self._configured or self._made)

    @property
    def stale(self) -> bool:
        """Whether the stored keys were last read more than a second ago."""
        return self._store is not None and time.monotonic() - self._read_at > _FRESH

    def refresh(self) -> None:
        """Read the stored keys."""
        if self._store is not None:
            self._read_at = time.monotonic()
            self._made = {
                row.digest: Caller(row.id, frozenset(row.scopes)) if not row.revoked_at else None
                for row in listing(self._store)
            }

    def check(self, header: str | None) -> ApiError | None:
        """Return why an ``Authorization`` header does not let its sender in, or None.

        >>> Keys(["a"]).check("Bearer a") is None, Keys(["a"]).check("Bearer b") is None
        (True, False)
        """
        found = self.caller(header)
        return found if isinstance(found, ApiError) else None

    def caller(self, header: str | None) -> Caller | ApiError:
        """Return whose key stands in an ``Authorization`` header, or why it opens nothing."""
        scheme, _, key = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return ApiError(
                401,
                "You didn't provide an API key. Send it in the header "
                "'Authorization: Bearer YOUR_KEY'.",
            )
        given = key_digest(key.strip())
        # Every key is compared, in constant time: timing tells nothing about any of them.
        configured = [hmac.compare_digest(given, digest) for digest in self._configured]
        made = [who for digest, who in self._made.items() if hmac.compare_digest(given, digest)]
        if made and made[0] is not None:
            return made[0]
        if any(configured) or not self:
            return Caller(f"key-{given[:12]}")
        return ApiError(
            401,
            "Incorrect API key provided. The keys of this service are those in its "
            "environment variable BANKFT_API_KEYS, and those that `bankft serve keys` made.",
            code="invalid_api_key",
        )


def caller_of(request: Request) -> Caller:
    """Return whose key a request showed."""
    return cast(Caller, getattr(request.state, "caller", ITSELF))


def is_loopback(host: str) -> bool:
    """Say whether only programs on this machine can reach a host's address.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
