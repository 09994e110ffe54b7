"""What every request can reach: the running service and the request's stamp."""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from typing import Any, cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from bankft.service.aliases import Aliases, registry_of
from bankft.service.auditing import Auditing
from bankft.service.auth import Keys
from bankft.service.clock import Clock, Stamp
from bankft.service.inference import Samplers
from bankft.service.judges import Judges
from bankft.service.known import BaseModel, Known, find
from bankft.service.limits import RateLimits
from bankft.service.prometheus import Monitoring
from bankft.service.release_cards import profile_of
from bankft.service.store import Store
from bankft.service.supervisor import Supervisor

_RECORDING = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\.(zh|en)")
UNNAMED = "unnamed.zh"  # the recording of calls that name none


@dataclass
class Service:
    """The parts of a running service."""

    store: Store
    clock: Clock
    keys: Keys
    base: BaseModel
    samplers: Samplers
    worker: Supervisor
    more_bases: tuple[BaseModel, ...] = ()
    largest_file: int = 512 * 1024 * 1024  # bytes; OpenAI's limit
    limits: RateLimits = field(default_factory=RateLimits)
    auditing: Auditing | None = None  # none while recording
    closing: threading.Event = field(default_factory=threading.Event)
    judges: Judges = field(init=False)
    aliases: Aliases = field(init=False)
    monitoring: Monitoring = field(init=False)
    _takes: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        def look(name: str) -> Known | None:
            with self.store.read() as session:
                return find(self.store, session, self.bases, name)

        self.judges = Judges(look)
        self.aliases = Aliases(registry_of(self.store))
        self.monitoring = Monitoring(lambda model: profile_of(self.store, model))

    @property
    def bases(self) -> tuple[BaseModel, ...]:
        """The models that are there before any training, the main one first."""
        return (self.base, *self.more_bases)

    def open_take(self, recording: str) -> None:
        """On the first call of a recording, drop what an earlier take of it left."""
        with self._lock:
            if recording not in self._takes:
                self.store.forget(recording)
                self._takes.add(recording)


def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast(Service, request.app.state.service)


def recording_of(headers: Any) -> str:
    """Return the recording that a request belongs to."""
    name = headers.get("x-bankft-recording", "")
    return name if _RECORDING.fullmatch(name) else UNNAMED


async def stamp_of(request: Request, content: bytes | None = None) -> Stamp:
    """Return the ids, time and seed of a request.

    Args:
        request: of HTTP.
        content: what makes the request this one, where its body is not that: the boundary
            in a multipart body is random.

    """
    service = service_of(request)
    body = await request.body() if content is None else content
    target = f"{request.method} {request.url.path}?{request.url.query} "
    key = hashlib.sha256(target.encode() + body).hexdigest()
    return await run_in_threadpool(service.clock.stamp, recording_of(request.headers), key)
