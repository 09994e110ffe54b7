"""Guards over the answers of an alias: what is done with one that breaks a rule."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, cast

from starlette.concurrency import run_in_threadpool

from bankft.cases import fundbot
from bankft.compliance import Judgement, ProhibitedWording, check, guard
from bankft.engine import Piece

HAND_OVER = {
    "zh": "这个问题将由人工客服为您解答，请稍候。",
    "en": "A member of our staff will take over this question; please wait a moment.",
}
_NOTICES = {"missing-disclaimer": fundbot.DISCLAIMER, "missing-risk-notice": fundbot.RISK_NOTICE}
_CHINESE = re.compile("[一-鿿]")


@dataclass
class Decision:
    """What a guard did with an answer.

    Attributes:
        action: ``none``, ``appended``, ``blocked``, ``handed_over``.
        rules: The rules that it did so for.
        added: The notices that it added.
    """

    action: str = "none"
    rules: tuple[str, ...] = ()
    added: str = ""


def language_of(text: str) -> str:
    """Return ``zh`` where a text has Chinese characters, else ``en``."""
    return "zh" if _CHINESE.search(text) else "en"


def judge(text: str, question: str | None) -> Judgement:
    """Judge a bot's answer by the rules of today."""
    return check(text, question=question)


def notices(text: str, question: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the notices that an answer lacks, ready to be added, and the rules that ask for them.

    >>> notices("The management fee is 1.5%.", None)
    (' For reference only; not investment advice.', ('missing-disclaimer',))
    """
    language = language_of(text)
    gap = "" if language == "zh" or not text else " "
    added, rules = "", []
    for rule, wording in _NOTICES.items():
        if any(one.rule == rule for one in judge(text + added, question).findings):
            added += gap + wording[language]
            rules.append(rule)
    return added, tuple(rules)


def guarded(
    how: str,
    pieces: AsyncIterator[Piece],
    question: str | None,
    decision: Decision,
    end: threading.Event,
) -> AsyncIterator[Piece]:
    """Return an answer as its alias's guard lets it through.

    Args:
        how: ``off``; ``append`` adds the notices that it lacks; ``block`` also stops before a
            prohibited phrase; ``hand_over`` shows nothing before the whole answer is found fine,
            and says otherwise that a person will take over.
        pieces: The answer as it is written.
        question: What the client asked.
        decision: Told what was done.
        end: Set when nothing more need be written.

    """
    if how == "off":
        return pieces
    if how == "hand_over":
        return _handed_over(pieces, question, decision)
    if how == "block":
        pieces = _blocked(pieces, decision, end)
    return _appended(pieces, question, decision)


async def _appended(
    pieces: AsyncIterator[Piece], question: str | None, decision: Decision
) -> AsyncIterator[Piece]:
    text = ""
    async for piece in pieces:
        text += piece.text
        if piece.finish_reason is None or decision.action == "blocked":
            yield piece
            continue
        yield Piece(piece.text, None, piece.tokens)
        added, rules = await run_in_threadpool(notices, text, question)
        if added:
            decision.action, decision.rules, decision.added = "appended", rules, added
        yield Piece(added, piece.finish_reason, 0)


async def _blocked(
    pieces: AsyncIterator[Piece], decision: Decision, end: threading.Event
) -> AsyncIterator[Piece]:
    # Reading takes milliseconds a piece, so it happens in a thread, beside the other chats.
    loop = asyncio.get_running_loop()
    inbox: SimpleQueue[str | None] = SimpleQueue()
    outbox: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def put(item: str | Exception | None) -> None:
        loop.call_soon_threadsafe(outbox.put_nowait, item)

    def read() -> None:
        try:
            for text in guard(iter(inbox.get, None)):
                put(text)
            put(None)
        except Exception as problem:
            put(problem)

    tokens, reason = 0, cast(Any, None)

    async def feed() -> None:
        nonlocal tokens, reason
        try:
            async for piece in pieces:
                tokens += piece.tokens
                reason = piece.finish_reason or reason
                inbox.put(piece.text)
            inbox.put(None)
        except Exception as problem:
            inbox.put(None)
            failed.append(problem)

    failed: list[Exception] = []
    threading.Thread(target=read, name="guard", daemon=True).start()
    feeding = asyncio.create_task(feed())
    try:
        while (item := await outbox.get()) is not None:
            if isinstance(item, ProhibitedWording):
                end.set()
                decision.action, decision.rules = "blocked", (item.finding.rule,)
                yield Piece("", cast(Any, "content_filter"), tokens)
                return
            if isinstance(item, Exception):
                raise item
            given, tokens = tokens, 0
            yield Piece(item, None, given)
        await feeding
        if failed:
            raise failed[0]
        if reason is not None:
            yield Piece("", reason, tokens)
    finally:
        inbox.put(None)
        feeding.cancel()


async def _handed_over(
    pieces: AsyncIterator[Piece], question: str | None, decision: Decision
) -> AsyncIterator[Piece]:
    text, tokens, reason = "", 0, cast(Any, None)
    async for piece in pieces:
        text, tokens = text + piece.text, tokens + piece.tokens
        reason = piece.finish_reason or reason
    if reason is None:
        return  # nobody waits for it any more

    def decide() -> tuple[str, tuple[str, ...], list[str]]:
        added, rules = notices(text, question)
        found = judge(text + added, question).findings
        return added, rules, [one.rule for one in found if one.verdict == "violation"]

    added, rules, broken = await run_in_threadpool(decide)
    if broken:
        decision.action, decision.rules = "handed_over", tuple(dict.fromkeys(broken))
        spoken = language_of(question or text)
        yield Piece(HAND_OVER[spoken], cast(Any, "stop"), tokens)
        return
    if added:
        decision.action, decision.rules, decision.added = "appended", rules, added
    yield Piece(text + added, reason, tokens)
