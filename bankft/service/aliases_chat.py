"""Answers under an alias: by which arm, guarded, watched and logged."""

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from bankft.compliance import Judgement, digest
from bankft.engine import Piece
from bankft.release import Arm, Outcome, Route, arm_of
from bankft.service.auditing import durable
from bankft.service.auth import caller_of
from bankft.service.context import Service, service_of
from bankft.service.envelope import ApiError
from bankft.service.faults import where
from bankft.service.guarding import Decision, guarded, judge
from bankft.service.routes.chat import Begun, begin, respond
from bankft.service.wire_chat import CreateChat

log = logging.getLogger("bankft.service")
_SHADOWS = 16  # at the same time: what nobody waits for must not keep others waiting
_shadows: set[asyncio.Task[None]] = set()  # a task that nobody holds may vanish


class _Either(threading.Event):
    """Set when it is set itself, or when the client has gone."""

    def __init__(self, gone: threading.Event) -> None:
        super().__init__()
        self._gone = gone

    def is_set(self) -> bool:
        return super().is_set() or self._gone.is_set()


@dataclass
class Talk:
    """One request under an alias, and what became of it."""

    service: Service
    request: Request
    wanted: CreateChat
    route: Route
    user: str
    arm: Arm
    shown: bool = True  # False: in the shadow
    started: float = field(default_factory=time.monotonic)
    begun: Begun | None = None
    text: str = ""  # as the model wrote it
    tokens: int = 0
    reason: str | None = None
    took: float = 0.0  # seconds until the model had written it
    decision: Decision = field(default_factory=Decision)

    @property
    def model(self) -> str:
        """The model of the arm."""
        return str(self.route.canary if self.arm == "canary" else self.route.production)

    @property
    def question(self) -> str | None:
        """What the client asked last."""
        asked = [one.plain() for one in self.wanted.messages if one.role == "user"]
        return asked[-1]["content"] if asked else None


async def answer(request: Request, wanted: CreateChat, route: Route) -> Response:
    """Answer a conversation under an alias.

    Raises:
        ApiError: 503 where the alias is stopped or leads nowhere; else as any chat.

    """
    if route.stopped:
        raise _nobody(route, "is stopped", "alias_stopped")
    if wanted.logprobs and route.guard != "off":
        raise ApiError(
            400,
            "Unsupported parameter: 'logprobs' is not supported by an alias with a guard: what "
            "is shown may differ from what the model wrote.",
            param="logprobs",
            code="unsupported_parameter",
        )
    user = wanted.safety_identifier or wanted.user or ""
    arm = arm_of(route, user)
    if arm == "production" and route.production is None:
        raise _nobody(route, "has no production model", "alias_unreleased")
    service = service_of(request)
    if wanted.seed is None and not service.clock.logical:
        wanted = wanted.model_copy(update={"seed": secrets.randbelow(2**31)})  # to be replayed
    talk = Talk(service, request, wanted, route, user, arm)
    gone = threading.Event()
    end = _Either(gone)
    written = _arms(talk, end)
    # Nothing is sent before the first piece: until then production can still take over.
    leaving = asyncio.create_task(_watch(request, gone))
    try:
        first = await anext(written, None)
    finally:
        leaving.cancel()
    if talk.begun is None:
        raise ClientDisconnect
    pieces = guarded(route.guard, _from(first, written), talk.question, talk.decision, end)
    response = await respond(request, wanted, _finished(talk, pieces), talk.begun, gone)
    response.headers["x-bankft-model"] = talk.model
    return response


def _nobody(route: Route, why: str, code: str) -> ApiError:
    return ApiError(
        503,
        f"The alias {route.alias} {why}, so it answers nobody: try again later, or ask whoever "
        "runs it.",
        type="server_error",
        code=code,
    )


async def _watch(request: Request, gone: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()


async def _arms(talk: Talk, end: threading.Event) -> AsyncIterator[Piece]:
    """Yield what the arm's model writes; production's, where the canary fails unseen.

    A streamed answer is unseen until its first piece, one that is sent whole until its last.
    """
    while True:
        seen, held = False, list[Piece]()
        try:
            talk.begun = await begin(talk.request, talk.wanted, talk.model, end)
            async for piece in talk.begun.pieces:
                talk.text, talk.tokens = talk.text + piece.text, talk.tokens + piece.tokens
                talk.reason = piece.finish_reason or talk.reason
                talk.took = time.monotonic() - talk.started
                if talk.wanted.stream:
                    seen = True
                    yield piece
                else:
                    held.append(piece)
            seen = True
            for piece in held:
                yield piece
            return
        except Exception as problem:
            if _nobodys_fault(problem):
                raise
            failed(talk, problem)
            if seen or talk.arm == "production" or talk.route.production is None:
                raise
            log.warning("the canary of %s failed: %s", talk.route.alias, where(problem))
            talk.arm, talk.text, talk.tokens, talk.reason = "production", "", 0, None


def _nobodys_fault(problem: Exception) -> bool:
    """Say whether a request failed for a reason that is not its model's."""
    return isinstance(problem, ApiError) and (
        problem.status == 429 or problem.error["code"] in ("context_length_exceeded", "stopped")
    )


async def _from(first: Piece | None, rest: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
    if first is not None:
        yield first
    async for piece in rest:
        yield piece


async def _finished(talk: Talk, pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
    """Pass an answer on; before its last piece, have it in the log for good."""
    ended = False
    try:
        async for piece in pieces:
            if piece.finish_reason is not None:
                ended = True
                await durable(follow(talk))
            yield piece
    finally:
        if talk.text and not ended:  # broken off: nobody waits for it any more
            follow(talk)
        if talk.reason and talk.decision.action != "blocked":
            cast_shadow(talk)


def failed(talk: Talk, problem: Exception) -> None:
    """Take in that an answer failed."""
    service, alias, model, arm = talk.service, talk.route.alias, talk.model, talk.arm
    kind = problem.error["code"] if isinstance(problem, ApiError) else type(problem).__name__
    said = {**_whose(talk), "error": kind, "shown": talk.shown}

    def work() -> None:
        if service.auditing is not None:
            service.auditing.note("answer.failed", said)
        service.monitoring.failed((alias, model, arm))
        if arm == "canary":
            service.aliases.feed(alias, model, Outcome(time.monotonic(), failed=True))

    service.aliases.later(work)


def _whose(talk: Talk) -> dict[str, Any]:
    auditing = talk.service.auditing
    return {
        "alias": talk.route.alias,
        "route": talk.route.version,
        "model": talk.model,
        "arm": talk.arm,
        "key": caller_of(talk.request).id,
        "user": auditing.pseudonym(talk.user) if auditing else None,
    }


def follow(talk: Talk, kind: str = "answer", **more: Any) -> "Future[None]":
    """See to what follows an answer: its verdict, the window, the log; in a thread.

    The future is done when it is in the log for good.
    """
    done: Future[None] = Future()
    service, alias, model, arm = talk.service, talk.route.alias, talk.model, talk.arm
    text, question, decision = talk.text, talk.question, talk.decision
    whose, begun = _whose(talk), talk.begun
    assert begun is not None
    messages = [message.plain() for message in talk.wanted.messages]
    numbers = {"tokens": talk.tokens, "finish_reason": talk.reason}
    took = round(1000 * talk.took)
    whole = talk.reason is not None or decision.action == "blocked"

    def work() -> None:
        judgement = judge(text + decision.added, question)
        if whole:  # half an answer would seem to lack its disclaimer
            service.monitoring.answered(
                (alias, model, arm),
                question=question,
                answer=text,
                seconds=took / 1000,
                violating=judgement.verdict == "violation",
                action=decision.action,
            )
        if arm == "canary" and whole:
            bad = judgement.verdict == "violation"
            service.aliases.feed(
                alias, model, Outcome(time.monotonic(), latency_ms=took, violating=bad)
            )
        auditing = service.auditing
        if auditing is None:
            done.set_result(None)
        else:
            said = {
                **whose,
                "digest": begun.model.digest,
                "settings": begun.settings,
                **numbers,
                "latency_ms": took,
                "rules": digest(),
                **_verdict(judgement),
                "guard": {
                    "how": talk.route.guard,
                    "action": decision.action,
                    "rules": decision.rules,
                    "added": decision.added,
                },
                **more,
            }
            auditing.note_later(
                lambda: (
                    kind,
                    {
                        **said,
                        "content": auditing.policy,
                        "messages": auditing.content({"messages": messages}),
                        "answer": auditing.content({"content": text}),
                    },
                ),
                done,
            )

    service.aliases.later(work, done)
    return done


def _verdict(judgement: Judgement) -> dict[str, Any]:
    rules = [one.rule for one in judgement.findings]
    return {"verdict": judgement.verdict, "findings": list(dict.fromkeys(rules))}


def cast_shadow(talk: Talk) -> None:
    """Let a canary in the shadow answer the same, when there is room: nobody sees its answer."""
    route = talk.route
    if not route.shadow or route.canary is None or talk.arm != "production":
        return
    if len(_shadows) >= _SHADOWS or talk.service.closing.is_set():
        return
    task = asyncio.create_task(_shadow(talk))
    _shadows.add(task)
    task.add_done_callback(_shadows.discard)


async def _shadow(talk: Talk) -> None:
    other = Talk(
        talk.service, talk.request, talk.wanted, talk.route, talk.user, "canary", shown=False
    )
    try:
        other.begun = await begin(other.request, other.wanted, other.model, threading.Event())
        async for piece in other.begun.pieces:
            other.text, other.tokens = other.text + piece.text, other.tokens + piece.tokens
            other.reason = piece.finish_reason or other.reason
        other.took = time.monotonic() - other.started
    except Exception as problem:
        if not _nobodys_fault(problem):
            failed(other, problem)
        return
    if other.reason:
        follow(other, "answer.shadow", same=other.text == talk.text, beside=talk.model)
