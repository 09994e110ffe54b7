"""The transports that stand between the openai SDK and the network.

Both serve sync and async clients: ``OpenAI(http_client=httpx2.Client(transport=…))``. Errors of
ours are raised from inside the transport; the SDK wraps and retries only httpx2's own, so a user
sees our sentence at once.

A recording holds every attempt that reached a host. ``bankft.connect`` sets ``max_retries=0``
while recording and replaying, so one call is one interaction; a page that asks for retries with
``with_options`` gets each attempt recorded, and replayed without the wait between them.
"""

import os
import platform
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from bankft.errors import RecordingMissing
from bankft.recording import answer, call, events, miss, plays, secrets, store


class ReplayTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers from a recording, and from nothing else.

    The same request again takes the next answer that was recorded for it; after the last one it
    takes the last again, because a reader may run a cell twice. Nothing waits.

    Args:
        path: The recording.
        base_url: What the client's paths begin with.

    Raises:
        RecordingMissing: There is no such file; and from a request, that it was not recorded.
        RecordingError: The file is not a recording.
    """

    def __init__(self, path: Path, *, base_url: str) -> None:
        self._recording = store.load(path)
        self._base_url = httpx2.URL(base_url)
        self._answers: dict[str, list[store.Interaction]] = {}
        for interaction in self._recording.interactions:
            self._answers.setdefault(interaction.key, []).append(interaction)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request that a sync client makes."""
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request that an async client makes."""
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        asked = call.describe(request, self._base_url)
        key = call.key(asked)
        with self._lock:
            plays.note(key)
            number = self._asked[key]
            self._asked[key] += 1
        answers = self._answers.get(key)
        if not answers:
            raise RecordingMissing(miss.explain(asked, self._recording))
        found = answers[min(number, len(answers) - 1)]
        return answer.rebuild(found.response, self._recording.about)


class RecordTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Asks the live host, and writes down what it answers.

    What the client gets is what a replay will give: only the headers that a recording keeps, and
    a stream event by event. A stream is read to its end even if the page stops early, so that
    the file does not depend on timing.

    The offsets of a stream's events are real, except for those of the embedded service: it says
    ``x-bankft-base-model``, and its recordings must not differ from run to run, so its events
    stand 20 ms apart, nominally.

    Args:
        path: The recording; it starts anew with the first transport that is opened on it, and
            goes on as long as one is open.
        base_url: What the client's paths begin with.
        client: Makes the calls; an ``httpx2.Client`` or ``httpx2.AsyncClient``.
        secrets: Values that must not get into the recording, such as the client's own key.

    Raises:
        SecretFound: From a request: it, or its answer, holds a secret or personal data. A
            request is looked at before it is sent.
    """

    def __init__(
        self,
        path: Path,
        *,
        base_url: str,
        client: httpx2.Client | httpx2.AsyncClient,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self._base_url = httpx2.URL(base_url)
        self._client = client
        self._secrets = secrets
        self._recorder = store.open_recorder(path)
        self._name = path.name.removesuffix(".jsonl")
        self._closed = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Make a sync client's request, and record it."""
        assert isinstance(self._client, httpx2.Client)
        request.read()
        taker = self._begin(request)
        response = self._client.send(request, stream=True)
        if answer.is_stream(response.headers):
            taker.start(response)
            return httpx2.Response(
                response.status_code,
                headers=taker.headers,
                stream=_Tee(response, taker),
            )
        body = response.read()
        return taker.whole(response, body)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Make an async client's request, and record it."""
        assert isinstance(self._client, httpx2.AsyncClient)
        await request.aread()
        taker = self._begin(request)
        response = await self._client.send(request, stream=True)
        if answer.is_stream(response.headers):
            taker.start(response)
            return httpx2.Response(
                response.status_code,
                headers=taker.headers,
                stream=_AsyncTee(response, taker),
            )
        body = await response.aread()
        return taker.whole(response, body)

    def _begin(self, request: httpx2.Request) -> "_Taker":
        request.headers["x-bankft-recording"] = self._name
        asked = call.describe(request, self._base_url)
        place = self._recorder.begin()
        secrets.refuse(
            self._recorder.path.name,
            place,
            {"request": asked},
            uploads=[
                (part.filename, part.content)
                for part in call.read_parts(request)
                if part.filename is not None
            ],
            secrets=self._secrets,
        )
        return _Taker(self._recorder, place, asked, self._secrets)

    def close(self) -> None:
        """Let go of the recording, and close the connections."""
        assert isinstance(self._client, httpx2.Client)
        self._let_go()
        self._client.close()

    async def aclose(self) -> None:
        """Let go of the recording, and close the connections."""
        assert isinstance(self._client, httpx2.AsyncClient)
        self._let_go()
        await self._client.aclose()

    def _let_go(self) -> None:
        if not self._closed:
            self._closed = True
            store.close_recorder(self._recorder)


class _Taker:
    """Takes down one answer."""

    def __init__(
        self,
        recorder: store.Recorder,
        place: int,
        asked: call.Description,
        secrets: tuple[str, ...],
    ) -> None:
        self._recorder = recorder
        self._place = place
        self._asked = asked
        self._secrets = secrets
        self._entries: list[events.Event] = []

    def start(self, response: httpx2.Response) -> None:
        """Begin a stream."""
        self._response = response
        self._nominal = "x-bankft-base-model" in response.headers
        self._began = time.monotonic()
        self.headers = answer.kept(response.headers)

    def event(self, event: httpx2.ServerSentEvent) -> bytes:
        """Take down one event, and return it as the client is to see it."""
        ms = round((time.monotonic() - self._began) * 1000)
        if self._nominal:
            ms = len(self._entries) * events.NOMINAL_MS
        self._entries.append(events.read(event, ms))
        return events.write(self._entries[-1])

    def end(self) -> None:
        """Write down a stream that has come to its end."""
        described = {"status": self._response.status_code, "headers": self.headers}
        self._finish(self._response, described | {"events": list(events.pack(self._entries))})

    def whole(self, response: httpx2.Response, body: bytes) -> httpx2.Response:
        """Write down an answer that came whole, and return it as the client is to see it."""
        described = answer.describe(response.status_code, response.headers, body)
        self._finish(response, described)
        return httpx2.Response(
            response.status_code, headers=described["headers"], content=answer.body(described)
        )

    def _finish(self, response: httpx2.Response, described: Mapping[str, Any]) -> None:
        interaction = {
            "key": call.key(self._asked),
            "request": self._asked,
            "response": described,
        }
        secrets.refuse(self._recorder.path.name, self._place, interaction, secrets=self._secrets)
        self._recorder.finish(self._place, interaction, _about(response))


class _Tee(httpx2.SyncByteStream):
    def __init__(self, response: httpx2.Response, taker: _Taker) -> None:
        self._response = response
        self._events = self._take(taker)

    def _take(self, taker: _Taker) -> Iterator[bytes]:
        for event in httpx2.EventSource(self._response):
            yield taker.event(event)
        taker.end()

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        try:
            for _ in self._events:
                pass
        finally:
            self._response.close()


class _AsyncTee(httpx2.AsyncByteStream):
    def __init__(self, response: httpx2.Response, taker: _Taker) -> None:
        self._response = response
        self._events = self._take(taker)

    async def _take(self, taker: _Taker) -> AsyncIterator[bytes]:
        async for event in httpx2.EventSource(self._response):
            yield taker.event(event)
        taker.end()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._events

    async def aclose(self) -> None:
        try:
            async for _ in self._events:
                pass
        finally:
            await self._response.aclose()


def _about(response: httpx2.Response) -> dict[str, Any]:
    """Return a recording's first line, as far as an answer tells."""
    import openai  # here for its version alone

    about = {
        field: response.headers[name]
        for name, field in answer.ABOUT_SERVICE.items()
        if name in response.headers
    }
    host = response.request.url.host
    if "base_model" in about and host in ("127.0.0.1", "localhost", "::1"):
        # Training differs in its last bits between machines; a service here ran on this one.
        about.setdefault("machine", f"{platform.machine()}, {os.cpu_count()} processors")
    return {"openai": openai.__version__, **(about or {"host": host})}
