"""Who may call: API keys, as a bearer token."""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable

from bankft.service.envelope import ApiError


class Keys:
    """The configured keys, kept as digests.

    Without any, every non-empty key is accepted: for a service on this machine alone. A key
    must stand in the header even then, because a web page in the user's browser can send simple
    requests to this machine, but not that header.

    Args:
        keys: as configured; blanks are ignored.

    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [_digest(key.strip()) for key in keys if key.strip()]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def check(self, header: str | None) -> ApiError | None:
        """Return why an ``Authorization`` header does not let its sender in, or None.

        >>> Keys(["a"]).check("Bearer a") is None, Keys(["a"]).check("Bearer b") is None
        (True, False)
        """
        scheme, _, key = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return ApiError(
                401,
                "You didn't provide an API key. Send it in the header "
                "'Authorization: Bearer YOUR_KEY'.",
            )
        given = _digest(key.strip())
        # Every key is compared, in constant time: timing tells nothing about any of them.
        matches = [hmac.compare_digest(given, digest) for digest in self._digests]
        if self._digests and not any(matches):
            return ApiError(
                401,
                "Incorrect API key provided. The keys of this service are those in its "
                "environment variable BANKFT_API_KEYS.",
                code="invalid_api_key",
            )
        return None


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


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
