"""Answering chats in this process: models in memory, one thread that decodes for all chats."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bankft.engine import Piece, Sampler
from bankft.engine.batch import Batch, Request
from bankft.engine.writing import Text
from bankft.service.envelope import ApiError

_KEPT = 4  # models in memory
_OPEN = 256  # answers being written or waiting; more are refused
_SLOTS = 32  # answers of one model that are written at the same time; more wait in order
_AHEAD = 8  # prompts computed together

Item = Piece | Exception | None


@dataclass(eq=False)
class _Answer:
    """An answer that somebody waits for."""

    sampler: Sampler
    messages: list[dict[str, str]]
    settings: dict[str, Any]
    stop: tuple[str, ...]
    end: threading.Event
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Item]
    request: Request | None = None
    text: Text | None = None


class Samplers:
    """The models that are in memory, the least recently used dropped first.

    Args:
        threads: how many the decoding may compute with.

    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._loaded: OrderedDict[str, Sampler] = OrderedDict()
        self._lock = threading.Lock()
        self._asked: SimpleQueue[_Answer | None] = SimpleQueue()
        self._begun = self._ended = 0  # answers, each counted by one thread
        # Of the decoding thread alone.
        self._batches: dict[Sampler, Batch] = {}
        self._answers: dict[Request, _Answer] = {}
        self.closing = threading.Event()
        threading.Thread(target=self._decode, name="chat", daemon=True).start()

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
        """Forget a model that was deleted; answers that it is writing are written to their end."""
        with self._lock:
            self._loaded.pop(name, None)

    async def pieces(
        self,
        sampler: Sampler,
        messages: list[dict[str, str]],
        end: threading.Event,
        *,
        stop: tuple[str, ...] = (),
        **settings: Any,
    ) -> AsyncIterator[Piece]:
        """Yield an answer piece by piece as it is written, in another thread.

        Args:
            sampler: the model.
            messages: as the engine takes them.
            end: set by the caller when nobody waits for the answer any more.
            stop: strings that end the answer.
            settings: of the sampler's ``request``.

        """
        loop = asyncio.get_running_loop()
        answer = _Answer(sampler, messages, settings, stop, end, loop, asyncio.Queue())
        self._begun += 1
        self._asked.put(answer)
        while (item := await answer.queue.get()) is not None:
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

    def _decode(self) -> None:
        """Write a token of every answer in turn, of all models.

        One thread for all of them: two would wait for each other at every operation of the
        model, of which Python runs one at a time, and together be slower than one.
        """
        while self._take_in():
            if self.closing.is_set():
                problem = ApiError(
                    503, "The service is being stopped.", type="server_error", code="stopped"
                )
                for answer in list(self._answers.values()):
                    self._finish(answer, problem)
                continue
            for answer in list(self._answers.values()):
                if answer.end.is_set():
                    self._finish(answer, None)
            for sampler, batch in list(self._batches.items()):
                self._step(sampler, batch)

    def _take_in(self) -> bool:
        """Begin the answers that were asked for, waiting when there is nothing else to do."""
        while True:
            try:
                answer = self._asked.get(block=not self._answers)
            except Empty:
                return True
            if answer is None:
                return False
            try:
                request = answer.sampler.request(answer.messages, **answer.settings)
            except Exception as problem:
                self._deliver([(answer, [problem])])
                self._ended += 1
                continue
            answer.request, answer.text = request, answer.sampler.text(answer.stop)
            self._answers[request] = answer
            if answer.sampler not in self._batches:
                self._batches[answer.sampler] = answer.sampler.batch(_SLOTS, _AHEAD)
            self._batches[answer.sampler].add(request)

    def _step(self, sampler: Sampler, batch: Batch) -> None:
        try:
            written = batch.step()
        except Exception as problem:
            del self._batches[sampler]
            for answer in list(self._answers.values()):
                if answer.sampler is sampler:
                    self._finish(answer, problem)
            return
        news: list[tuple[_Answer, list[Item]]] = []
        for request in written:
            answer = self._answers[request]
            assert answer.text is not None
            piece = answer.text.add(request)
            if piece is None:
                continue
            if piece.finish_reason:
                self._forget(answer)
            news.append((answer, [piece, None] if piece.finish_reason else [piece]))
        self._deliver(news)

    def _finish(self, answer: _Answer, last: Exception | None) -> None:
        self._forget(answer)
        self._deliver([(answer, [last])])

    def _forget(self, answer: _Answer) -> None:
        """Free an answer's place."""
        assert answer.request is not None
        self._ended += 1
        del self._answers[answer.request]
        batch = self._batches.get(answer.sampler)
        if batch is not None:
            batch.drop(answer.request)
            with self._lock:
                loaded = answer.sampler in self._loaded.values()
            if not loaded and not len(batch):
                del self._batches[answer.sampler]

    @staticmethod
    def _deliver(news: list[tuple[_Answer, list[Item]]]) -> None:
        """Hand what was written to those who wait, all at once: waking a loop takes long."""

        def put() -> None:
            for answer, items in news:
                for item in items:
                    answer.queue.put_nowait(item)

        if news:
            with suppress(RuntimeError):  # the service has ended meanwhile
                news[0][0].loop.call_soon_threadsafe(put)

    def close(self) -> None:
        """Stop all answers."""
        self.closing.set()
        self._asked.put(None)
