"""Answering chats in this process: models in memory, generation in a thread."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bankft.engine import Piece, Sampler
from bankft.service.envelope import ApiError

_KEPT = 4  # models in memory
_OPEN = 256  # answers being written at the same time, in turns; more are refused


class Samplers:
    """The models that are in memory, the least recently used dropped first.

    Args:
        threads: how many one answer may compute with.

    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._loaded: OrderedDict[str, Sampler] = OrderedDict()
        self._lock = threading.Lock()
        self._turns: SimpleQueue[Callable[[], bool] | None] = SimpleQueue()
        self._begun = self._ended = 0  # answers, each counted by one thread
        self.closing = threading.Event()
        threading.Thread(target=self._take_turns, name="chat", daemon=True).start()

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
        """Yield an answer piece by piece as it is written, in another thread.

        Args:
            sampler: the model.
            messages: as the engine takes them.
            end: set by the caller when nobody waits for the answer any more.
            settings: of the sampler's ``stream``.

        """
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[Piece | Exception | None]()

        def put(item: Piece | Exception | None) -> None:
            with suppress(RuntimeError):  # the service has ended meanwhile
                loop.call_soon_threadsafe(queue.put_nowait, item)

        stream: Iterator[Piece] | None = None

        def write() -> bool:
            """Write one piece; say whether more may follow."""
            nonlocal stream
            try:
                if self.closing.is_set():
                    raise ApiError(
                        503, "The service is being stopped.", type="server_error", code="stopped"
                    )
                if stream is None:
                    stream = sampler.stream(messages, **settings)
                piece = None if end.is_set() else next(stream, None)
            except Exception as problem:
                put(problem)
                return False
            put(piece)
            return piece is not None

        self._begun += 1
        self._turns.put(write)
        while (item := await queue.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def check_room(self) -> None:
        """Make sure that one more answer may wait to be written.

        Raises:
            ApiError: 429 when too many wait already.

        """
        if self._begun - self._ended >= _OPEN:
            raise ApiError(
                429,
                "Too many chats wait for an answer: try again in a few seconds.",
                type="requests",
                code="rate_limit_exceeded",
            )

    def _take_turns(self) -> None:
        """Write a piece of each answer in turn.

        One thread for all of them: two would wait for each other at every operation of the
        model, of which Python runs one at a time, and together be slower than one.
        """
        while (write := self._turns.get()) is not None:
            if write():
                self._turns.put(write)
            else:
                self._ended += 1

    def close(self) -> None:
        """Stop all answers."""
        self.closing.set()
        self._turns.put(None)
