"""Where ids, times and seeds come from.

Normally from the wall clock and the operating system's randomness. While lessons are recorded
(``bankft serve --deterministic SEED``) from the seed, the recording's name and the request
itself, so that recording a page twice gives the same bytes, whatever other pages do meanwhile.
"""

import hashlib
import secrets
import threading
import time
from collections import Counter, defaultdict

EPOCH = 1_767_225_600  # 2026-01-01T00:00:00Z: where every recording's logical clock starts
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def stable(prefix: str, *parts: object, length: int = 24) -> str:
    """Return an id that the parts alone decide: ``prefix`` and ``length`` letters and digits.

    It cannot be guessed where one of the parts cannot, as a job's own id.

    >>> stable("ftevent-", "ftjob-x", 1) == stable("ftevent-", "ftjob-x", 1)
    True
    """
    number = int.from_bytes(hashlib.sha512("\0".join(map(str, parts)).encode()).digest())
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return prefix + "".join(letters)


class Stamp:
    """What one request is given: its ids, its time, its seed, and the recording it belongs to."""

    recording: str | None = None

    def id(self, prefix: str, length: int = 24) -> str:
        """Return a new id."""
        return stable(prefix, secrets.token_hex(32), length=length)

    def now(self) -> int:
        """Return the Unix time in seconds."""
        return int(time.time())

    def tick(self) -> int:
        """Return the time at which something is created."""
        return self.now()

    def seed(self) -> int:
        """Return a seed in OpenAI's range, 0 to 2147483647."""
        return secrets.randbelow(2**31)

    def sampling_seed(self) -> int | None:
        """Return the seed of a chat whose request names none; None leaves it to chance."""
        return None


class Clock:
    """The wall clock and real randomness."""

    logical = False

    def stamp(self, recording: str, request: str) -> Stamp:
        """Return the stamp of one request; both arguments matter to the logical clock alone."""
        return Stamp()

    def now(self, recording: str | None) -> int:
        """Return the Unix time in seconds."""
        return int(time.time())

    def reach(self, recording: str | None, moment: int) -> int:
        """Note that something visible happened at a moment; return the time."""
        return moment


class LogicalStamp(Stamp):
    """The stamp of one request of one recording: hashes, and ticks of its logical clock."""

    def __init__(self, clock: "LogicalClock", recording: str, request: str, take: int) -> None:
        self._clock, self._parts, self._given = clock, (clock.seed, recording, request, take), 0
        self.recording = recording

    def id(self, prefix: str, length: int = 24) -> str:
        """Return the next id of this request."""
        self._given += 1
        return stable(prefix, *self._parts, prefix, self._given, length=length)

    def now(self) -> int:
        """Return the recording's time."""
        return self._clock.now(self.recording)

    def tick(self) -> int:
        """Move the recording's clock on by a second, and return it."""
        return self._clock.reach(self.recording, self.now() + 1)

    def seed(self) -> int:
        """Return the seed of this request."""
        digest = hashlib.sha256("\0".join(map(str, (*self._parts, "seed"))).encode()).digest()
        return int.from_bytes(digest[:4]) % 2**31

    def sampling_seed(self) -> int | None:
        """Return the seed of this request: no answer is left to chance."""
        return self.seed()


class LogicalClock(Clock):
    """A clock a recording: it moves when something is created or shown, never by itself."""

    logical = True

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._lock = threading.Lock()
        self._times: dict[str | None, int] = defaultdict(lambda: EPOCH)
        self._takes: Counter[tuple[str, str]] = Counter()

    def stamp(self, recording: str, request: str) -> Stamp:
        """Return the stamp of one request; the same request again gets another."""
        with self._lock:
            take = self._takes[recording, request]
            self._takes[recording, request] += 1
        return LogicalStamp(self, recording, request, take)

    def now(self, recording: str | None) -> int:
        """Return a recording's time."""
        with self._lock:
            return self._times[recording]

    def reach(self, recording: str | None, moment: int) -> int:
        """Move a recording's clock on to a moment, never back; return its time."""
        with self._lock:
            self._times[recording] = max(self._times[recording], moment)
            return self._times[recording]
