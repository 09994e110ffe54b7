"""Answering chats in this process: models in memory, generation in threads."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bankft.engine import Piece, Sampler
from bankft.service.envelope import ApiError

_KEPT = 4  # models in memory
_AT_ONCE = 2  # answers being written at the same time; others wait
_WAITING = 256  # answers waiting; more are refused


class Samplers:
    """The models that are in memory, the least recently used dropped first.

    Args:
        threads: how many one answer may compute with.

    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._loaded: OrderedDict[str, Sampler] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chat")
        self._open = 0
        self.closing = threading.Event()

    def get(self, name: str, folder: Path) -> Sampler:
        """Return a model, loading it if needed.

        Raises:
            BaseModelUnreadable: its folder cannot be read.

        """
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = Sampler(folder, threads=self._threads)
                while len(self._loaded) > _KEPT:
                    self._loaded.popitem(last=False)
            self._loaded.move_to_end(name)
            return self._loaded[name]

    def drop(self, name: str) -> None:
        """Forget a model that was deleted."""
        with self._lock:
            self._loaded.pop(name, None)

    async def pieces(
        self,
        sampler: Sampler,
        messages: list[dict[str, str]],
        end: threading.Event,
        **settings: Any,
    ) -> AsyncIterator[Piece]:
        """Yield an answer piece by piece as it is written, in a thread.

        Args:
            sampler: the model.
            messages: as the engine takes them.
            end: set by the caller when nobody waits for the answer any more.
            settings: of the sampler's ``stream``.

        """
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[Piece | Exception | None]()

        def put(item: Piece | Exception | None) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, item)

        def write() -> None:
            try:
                stream = sampler.stream(messages, **settings)
                # Asked before each piece is computed: the first one may have waited in line.
                while not end.is_set() and (piece := next(stream, None)) is not None:
                    if self.closing.is_set():
                        raise ApiError(
                            503,
                            "The service is being stopped.",
                            type="server_error",
                            code="stopped",
                        )
                    put(piece)
                put(None)
            except Exception as problem:
                put(problem)

        with self._lock:
            self._open += 1
        self._pool.submit(write).add_done_callback(self._written)
        while (item := await queue.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def check_room(self) -> None:
        """Make sure that one more answer may wait to be written.

        Raises:
            ApiError: 429 when too many wait already.

        """
        if self._open >= _WAITING:
            raise ApiError(
                429,
                "Too many chats wait for an answer: try again in a few seconds.",
                type="requests",
                code="rate_limit_exceeded",
            )

    def _written(self, _: Future[None]) -> None:
        with self._lock:
            self._open -= 1

    def close(self) -> None:
        """Stop all answers."""
        self.closing.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
