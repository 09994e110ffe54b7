"""Ask a model many things at once, through a plain client, every answer streamed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankft.errors import BankftError, UsageError

if TYPE_CHECKING:
    import openai

Messages = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Reply:
    """What a model said; ``whole`` unless a length limit cut it off."""

    text: str
    whole: bool


def ask_all(
    client: "openai.OpenAI",
    conversations: Sequence[Messages],
    *,
    model: str,
    concurrency: int = 4,
    progress: bool = True,
    **sampling: Any,
) -> list[Reply]:
    """Return a model's reply to each conversation, in their order.

    Args:
        client: Any ``openai.OpenAI``, such as ``bankft.connect`` returns.
        conversations: Messages of each.
        model: The name of the model.
        concurrency: How many are asked at the same time. With 1 they are asked in order, as a
            page's recording needs it.
        progress: Draw a bar on stderr, if tqdm is installed.
        sampling: ``temperature``, ``max_tokens`` and so on, passed on as they are.

    Raises:
        BankftError: A call failed; the message says which and why. Others are not begun then.
        UsageError: ``concurrency`` is less than 1.
    """
    if concurrency < 1:
        raise UsageError(f"concurrency is {concurrency}: use a whole number from 1.")

    def ask(number: int) -> Reply:
        try:
            return _stream(client, conversations[number], model, sampling)
        except BankftError:
            raise
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            n = len(conversations)
            raise BankftError(f"Call {number + 1} of {n} to {model} failed: {sentence}") from error

    with _bar(len(conversations), progress) as advance:
        if concurrency == 1 or len(conversations) < 2:
            replies = []
            for number in range(len(conversations)):
                replies.append(ask(number))
                advance()
            return replies
        return _together(ask, len(conversations), concurrency, advance)


def _together(
    ask: Callable[[int], Reply], n: int, concurrency: int, advance: Callable[[], object]
) -> list[Reply]:
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(concurrency, thread_name_prefix="ask") as pool:
        futures = [pool.submit(ask, number) for number in range(n)]
        try:
            for future in as_completed(futures):
                future.result()
                advance()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _stream(
    client: "openai.OpenAI", messages: Messages, model: str, sampling: dict[str, Any]
) -> Reply:
    told, reason = [], None
    call: Any = client.chat.completions.create
    with call(model=model, messages=list(messages), stream=True, **sampling) as stream:
        for chunk in stream:
            for choice in chunk.choices:
                told.append(choice.delta.content or "")
                reason = choice.finish_reason or reason
    return Reply("".join(told), reason != "length")


def _sentence(error: Exception) -> str | None:
    """Return one sentence for an error on the way to the model, None for a bug."""
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        body = error.body if isinstance(error.body, dict) else {}
        message = str(body.get("message") or "no reason is given").rstrip(". ")
        return f"{message} (HTTP {error.status_code})."
    if isinstance(error, openai.APITimeoutError):
        return "no answer came in time."
    if isinstance(error, openai.OpenAIError):
        return str(error)
    if isinstance(error, httpx2.HTTPError):
        return "the connection broke off."
    return None


@contextmanager
def _bar(total: int, wanted: bool) -> Iterator[Callable[[], object]]:
    if not wanted:
        yield lambda: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield lambda: None
        return
    with tqdm(total=total, unit="call", file=sys.stderr) as bar:
        yield bar.update
