"""What surrounds every request: its id, its key, its size, its headers, its line in the log."""

import asyncio
import logging
import time
import unicodedata
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bankft.service.context import Service, recording_of
from bankft.service.envelope import ApiError, answer
from bankft.service.faults import where
from bankft.service.scopes import needed

log = logging.getLogger("bankft.service")

OPEN = ("/healthz",)  # answers without a key
LARGEST_BODY = 16 * 1024 * 1024  # bytes, of a request that is not an upload
_FORM = 1024 * 1024  # bytes that a multipart form may add around its file


def version() -> str:
    """Return bankft's version."""
    from importlib.metadata import version as installed

    return installed("bankft")


def neutral(text: str, longest: int = 200) -> str:
    r"""Return text that cannot forge a line of a log or move a terminal's cursor.

    >>> neutral("a" + chr(10) + "b")
    'a\\nb'
    """
    shown = "".join(
        repr(c)[1:-1] if unicodedata.category(c)[0] in "CZ" and c != " " else c
        for c in text[:longest]
    )
    return shown + ("…" if len(text) > longest else "")


class Frame:
    """ASGI middleware around the whole app; plain ASGI, so that streams stay streams."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._constant = {
            "x-bankft-base-model": f"{service.base.name}@{service.base.digest}",
            "x-bankft-version": version(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, headers = time.perf_counter(), 0, Headers(scope=scope)
        noted = False
        recording = recording_of(headers)
        if self._service.clock.logical:
            await run_in_threadpool(self._service.open_take, recording)
        target = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}"
        request_id = self._service.clock.stamp(recording, f"id {target}").id("req_", 32)
        limited: dict[str, str] = {}

        async def dressed(message: Message) -> None:
            nonlocal status, noted
            if message["type"] == "http.response.start":
                status, noted = message["status"], True
                await self._note(scope, status, request_id)
                out = MutableHeaders(scope=message)
                out.update({**self._constant, **limited, "x-request-id": request_id})
                if not self._service.clock.logical:
                    spent = round(1000 * (time.perf_counter() - started))
                    out["openai-processing-ms"] = str(spent)
            await send(message)

        try:
            if self._service.keys.stale:
                await run_in_threadpool(self._service.keys.refresh)
            if refusal := self._refusal(scope, headers, limited):
                await answer(refusal)(scope, receive, dressed)
            else:
                await self._app(scope, self._measured(scope, receive), dressed)
        except ClientDisconnect:
            status = 499
        except Exception as problem:  # the app has answered 500 already
            log.error("%s failed: %s", request_id, where(problem))
        if not noted:
            await self._note(scope, status, request_id)
        spent = round(1000 * (time.perf_counter() - started))
        log.info(
            "%s %s %d %d ms %s", scope["method"], neutral(scope["path"]), status, spent, request_id
        )

    async def _note(self, scope: Scope, status: int, request_id: str) -> None:
        """Put into the audit log for good who changed what; answers have entries of their own."""
        looks = scope["method"] in ("GET", "HEAD") or scope["path"] == "/v1/chat/completions"
        caller = scope.get("state", {}).get("caller")
        if self._service.auditing is None or caller is None or (looks and status != 403):
            return
        said = {"key": caller.id, "method": scope["method"], "path": neutral(scope["path"])}
        done = self._service.auditing.note(
            "request", {**said, "status": status, "request": request_id}
        )
        with suppress(Exception):  # the change was made; the service's log says what is wrong
            await asyncio.wrap_future(done)

    def _refusal(self, scope: Scope, headers: Headers, limited: dict[str, str]) -> ApiError | None:
        if scope["path"] in OPEN:
            return None
        caller = self._service.keys.caller(headers.get("authorization"))
        if isinstance(caller, ApiError):
            return caller
        scope.setdefault("state", {})["caller"] = caller
        if not self._service.clock.logical:  # what is recorded does not depend on the time
            refusal, told = self._service.limits.take(caller.id)
            limited.update(told)
            if refusal:
                return refusal
        if refusal := caller.check(needed(scope["method"], scope["path"])):
            return refusal
        declared = headers.get("content-length", "0")
        # A client that asks first is answered before it sends anything.
        if headers.get("expect") and declared.isdigit() and int(declared) > self._limit(scope):
            return too_large(self._limit(scope))
        return None

    def _limit(self, scope: Scope) -> int:
        return self._service.largest_file + _FORM if scope["path"] == "/v1/files" else LARGEST_BODY

    def _measured(self, scope: Scope, receive: Receive) -> Receive:
        read, limit = 0, self._limit(scope)

        async def measured() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read <= limit:
                return message
            # Clients read the answer after they have sent everything: let them, within reason.
            while message.get("more_body") and read <= 2 * limit:
                message = await receive()
                read += len(message.get("body", b""))
            raise too_large(limit)

        return measured


def too_large(limit: int) -> ApiError:
    """Return the refusal of a body over its limit."""
    return ApiError(
        413,
        f"The request is too large: {limit // 2**20} MB at most.",
        code="request_too_large",
    )
