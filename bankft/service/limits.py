"""How many requests a key may send: a bucket that refills steadily."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bankft.errors import ServiceError
from bankft.service.envelope import ApiError

VARIABLE = "BANKFT_REQUESTS_PER_MINUTE"
_MOST = 10_000  # a minute, where nothing is configured
_KEPT = 10_000  # keys that are remembered; where every key is accepted, they have no end


@dataclass
class _Bucket:
    left: float
    at: float


class RateLimits:
    """The requests that each key has left.

    Args:
        per_minute: requests of a key in a minute; so many at once, too. 0: no limit.

    >>> limits = RateLimits(60)
    >>> limits.take("key-1", now=0.0)
    (None, {'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '59', \
'x-ratelimit-reset-requests': '1s'})
    """

    def __init__(self, per_minute: int = _MOST) -> None:
        self._per_minute = per_minute
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, key: str, *, now: float | None = None) -> tuple[ApiError | None, dict[str, str]]:
        """Count a request of a key; return its refusal, if any, and the headers that tell it."""
        most = self._per_minute
        if not most:
            return None, {}
        moment = time.monotonic() if now is None else now
        with self._lock:
            if len(self._buckets) >= _KEPT and key not in self._buckets:
                # A full bucket is as good as none.
                self._buckets = {
                    name: kept
                    for name, kept in self._buckets.items()
                    if kept.left + (moment - kept.at) * most / 60 < most
                }
            bucket = self._buckets.setdefault(key, _Bucket(float(most), moment))
            bucket.left = min(most, bucket.left + (moment - bucket.at) * most / 60)
            bucket.at = moment
            taken = bucket.left >= 1
            bucket.left -= taken
            left = bucket.left
        headers = {
            "x-ratelimit-limit-requests": str(most),
            "x-ratelimit-remaining-requests": str(int(left)),
            "x-ratelimit-reset-requests": _duration((most - left) * 60 / most),
        }
        if taken:
            return None, headers
        wait = (1 - left) * 60 / most
        headers |= {
            "retry-after": str(math.ceil(wait)),
            "retry-after-ms": str(math.ceil(1e3 * wait)),
        }
        refusal = ApiError(
            429,
            f"Rate limit reached for requests per minute (RPM): limit {most}. "
            f"Please try again in {_duration(wait)}.",
            type="requests",
            code="rate_limit_exceeded",
        )
        return refusal, headers


def configured(environment: Mapping[str, str]) -> int:
    """Return the limit that the environment names.

    Raises:
        ServiceError: it is no number.

    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return _MOST
    if not text.isascii() or not text.isdigit():
        raise ServiceError(f"{VARIABLE} is no number of requests: use 600, or 0 for no limit.")
    return int(text)


def _duration(seconds: float) -> str:
    """Return a duration as OpenAI writes it: ``120ms``, ``6s``, ``1m30s``."""
    if seconds < 1:
        return f"{math.ceil(1000 * seconds)}ms"
    whole = math.ceil(seconds)
    return f"{whole // 60}m{whole % 60}s" if whole >= 60 else f"{whole}s"
