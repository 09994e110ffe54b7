"""``/v1/chat/completions``: answers, whole or as a stream of server-sent events."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bankft.engine import Piece, Sampler
from bankft.engine.writing import TokenLogprob
from bankft.service.body import query, read
from bankft.service.context import service_of, stamp_of
from bankft.service.envelope import ApiError
from bankft.service.faults import where
from bankft.service.frame import log
from bankft.service.known import Known
from bankft.service.routes.models import model_of
from bankft.service.wire_chat import CreateChat

router = APIRouter(prefix="/v1/chat/completions")


@dataclass
class Begun:
    """An answer that is being written, by which model and with which settings."""

    pieces: AsyncIterator[Piece]
    prompt: int  # tokens
    head: dict[str, Any]
    settings: dict[str, Any]
    model: Known


@router.post("")
async def create(request: Request) -> Response:
    """Answer a conversation."""
    service = service_of(request)
    query(request)
    wanted = await read(request, CreateChat)
    if route := await service.aliases.find(wanted.model):
        from bankft.service import aliases_chat  # it begins answers as this module does

        return await aliases_chat.answer(request, wanted, route)
    end = threading.Event()
    begun = await begin(request, wanted, wanted.model, end)
    return await respond(request, wanted, begun.pieces, begun, end)


async def begin(request: Request, wanted: CreateChat, name: str, end: threading.Event) -> Begun:
    """Have a model begin to answer.

    Raises:
        ApiError: there is no such model, no room for its answer, or too many wait already.

    """
    service = service_of(request)
    found = await model_of(service, name)
    stamp = await stamp_of(request)
    sampler = await run_in_threadpool(service.samplers.get, name, found.folder)
    service.samplers.check_room()
    messages = [message.plain() for message in wanted.messages]
    prompt = await run_in_threadpool(sampler.prompt_tokens, messages)
    room = _room(sampler, prompt)
    settings: dict[str, Any] = {
        "max_tokens": min(wanted.limit() or room, room),
        "temperature": 1.0 if wanted.temperature is None else wanted.temperature,
        "top_p": 1.0 if wanted.top_p is None else max(wanted.top_p, 1e-6),
        "seed": stamp.sampling_seed() if wanted.seed is None else wanted.seed,
        "stop": wanted.stops(),
    }
    pieces = service.samplers.pieces(
        sampler,
        messages,
        end,
        **settings,
        logprobs=bool(wanted.logprobs),
        top_logprobs=wanted.top_logprobs or 0,
    )
    head = {
        "id": stamp.id("chatcmpl-", 29),
        "created": service.clock.now(stamp.recording),
        "model": name,
        "system_fingerprint": f"fp_{found.digest.rpartition(':')[2][:10]}",
        "service_tier": "default",
    }
    return Begun(pieces, prompt, head, settings, found)


async def respond(
    request: Request,
    wanted: CreateChat,
    pieces: AsyncIterator[Piece],
    begun: Begun,
    end: threading.Event,
) -> Response:
    """Send an answer as it was asked for: whole, or as a stream."""
    if wanted.stream:
        usage = bool(wanted.stream_options and wanted.stream_options.include_usage)
        return EventStream(_events(pieces, begun.head, begun.prompt, usage), end)
    return await _whole(request, pieces, begun.head, begun.prompt, end, bool(wanted.logprobs))


def _room(sampler: Sampler, prompt: int) -> int:
    room = sampler.context - prompt
    if room < 1:
        raise ApiError(
            400,
            f"This model's maximum context length is {sampler.context} tokens. However, your "
            f"messages resulted in {prompt} tokens. Please reduce the length of the messages.",
            param="messages",
            code="context_length_exceeded",
        )
    return room


def _shown(one: TokenLogprob) -> dict[str, Any]:
    return {"token": one.token, "logprob": one.logprob, "bytes": list(one.bytes) or None}


def _logprobs(given: Sequence[TokenLogprob]) -> dict[str, Any]:
    content = [{**_shown(one), "top_logprobs": [_shown(top) for top in one.top]} for one in given]
    return {"content": content, "refusal": None}


def _usage(prompt: int, written: int) -> CompletionUsage:
    return CompletionUsage(
        prompt_tokens=prompt, completion_tokens=written, total_tokens=prompt + written
    )


async def _whole(
    request: Request,
    pieces: AsyncIterator[Piece],
    head: dict[str, Any],
    prompt: int,
    end: threading.Event,
    sure: bool,
) -> JSONResponse:
    text, written, reason = "", 0, "stop"
    logprobs: list[TokenLogprob] = []

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        end.set()

    watching = asyncio.create_task(watch())
    try:
        async for piece in pieces:
            text += piece.text
            written += piece.tokens
            reason = piece.finish_reason or reason
            logprobs += piece.logprobs
    finally:
        left = end.is_set()
        end.set()
        watching.cancel()
    if left:
        raise ClientDisconnect
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text,
        "refusal": None,
        "annotations": [],
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(logprobs) if sure else None,
        "finish_reason": reason,
    }
    whole = ChatCompletion.model_validate(
        {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(prompt, written)}
    )
    return JSONResponse(whole.model_dump(mode="json", exclude_unset=True))


async def _events(
    pieces: AsyncIterator[Piece],
    head: dict[str, Any],
    prompt: int,
    with_usage: bool,
) -> AsyncIterator[dict[str, Any]]:
    def chunk(
        delta: dict[str, Any],
        reason: str | None = None,
        given: Sequence[TokenLogprob] = (),
    ) -> dict[str, Any]:
        logprobs = _logprobs(given) if given else None
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        return shown([choice], None)

    def shown(choices: list[Any], usage: CompletionUsage | None) -> dict[str, Any]:
        fields = {**head, "object": "chat.completion.chunk", "choices": choices}
        if with_usage:
            fields["usage"] = usage
        made = ChatCompletionChunk.model_validate(fields)
        return made.model_dump(mode="json", exclude_unset=True)

    written, reason = 0, "stop"
    yield chunk({"role": "assistant", "content": "", "refusal": None})
    async for piece in pieces:
        written += piece.tokens
        reason = piece.finish_reason or reason
        if piece.text or piece.logprobs:
            yield chunk({"content": piece.text}, given=piece.logprobs)
    yield chunk({}, reason)
    if with_usage:
        yield shown([], _usage(prompt, written))


class EventStream(Response):
    """Server-sent events, each sent when it happens; a client that leaves ends the work.

    Args:
        events: as JSON objects.
        end: set when the client has gone: nothing more need be written.

    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[dict[str, Any]], end: threading.Event) -> None:
        self.status_code, self.background = 200, None
        self._events, self._end = events, end
        self.init_headers({"cache-control": "no-cache"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            self._end.set()

        async def line(text: str) -> None:
            body = f"data: {text}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})

        watching = asyncio.create_task(watch())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            try:
                async for event in self._events:
                    await line(_json(event))
            except ApiError as problem:
                await line(_json({"error": problem.error}))
            except OSError:
                raise
            except Exception as problem:
                log.error("a stream broke off: %s", where(problem))
                refusal = ApiError(500, "The answer broke off: try again.", type="server_error")
                await line(_json({"error": refusal.error}))
            if self._end.is_set():  # nothing is raised when sending to a client that has gone
                raise ClientDisconnect
            await line("[DONE]")
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            raise ClientDisconnect from None
        finally:
            self._end.set()
            watching.cancel()


def _json(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
