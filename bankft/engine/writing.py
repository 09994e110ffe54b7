"""From tokens to text while they come: whole characters, stop strings, bytes of a token."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tokenizers.decoders import ByteLevel, DecodeStream

from bankft.engine.batch import Request


@dataclass(frozen=True)
class TokenLogprob:
    r"""A token, what text it is, and the natural logarithm of its probability at temperature 1.

    ``token`` shows bytes that are no whole characters as ``\xe4``; ``bytes`` has them, none for a
    special token. ``top`` are the likeliest tokens at its place, without a ``top`` of their own.
    """

    token: str
    bytes: bytes
    logprob: float
    top: tuple["TokenLogprob", ...] = ()


@dataclass(frozen=True)
class Piece:
    """What one step of a stream adds: whole characters, how many tokens they took.

    ``finish_reason`` is None before the last piece; then ``stop`` (the model ended, or a stop
    string came) or ``length`` (``max_tokens`` or the model's context is used up). ``logprobs``
    are the tokens', where they were asked for.
    """

    text: str
    finish_reason: Literal["stop", "length"] | None
    tokens: int
    logprobs: tuple[TokenLogprob, ...] = ()


@cache
def _byte_of() -> dict[str, int]:
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return {char: byte for byte, char in bytes_to_unicode().items()}


def token_bytes(tokenizer: Any, token: int) -> bytes:
    """Return the bytes of a token; those of an answer's tokens make its text.

    A special token, such as the end of a message, is no text and has none.
    """
    if token in tokenizer.all_special_ids:
        return b""
    name = str(tokenizer.convert_ids_to_tokens(token))
    if isinstance(tokenizer.backend_tokenizer.decoder, ByteLevel):
        of = _byte_of()
        if all(char in of for char in name):
            return bytes(of[char] for char in name)
        return name.encode()  # a word added to the vocabulary
    if len(name) == 6 and name.startswith("<0x") and name.endswith(">"):
        return bytes.fromhex(name[3:5])
    return name.replace("\u2581", " ").encode()


def token_logprob(
    tokenizer: Any, token: int, logprob: float, top: Sequence[tuple[int, float]] = ()
) -> TokenLogprob:
    """Return a token with its text and bytes."""
    found = token_bytes(tokenizer, token)
    try:
        text = found.decode()
    except UnicodeDecodeError:
        text = "".join(f"\\x{byte:02x}" for byte in found)
    if not found:
        text = str(tokenizer.convert_ids_to_tokens(token))
    # JSON knows no infinity; OpenAI writes this for what is next to impossible.
    sure = max(logprob, -9999.0)
    return TokenLogprob(text, found, sure, tuple(token_logprob(tokenizer, *one) for one in top))


class Text:
    """The text of an answer whose tokens come one by one; nothing behind a stop string.

    Args:
        tokenizer: of the model.
        ends: tokens that end an answer.
        stop: strings that end it and are not part of it.

    """

    def __init__(self, tokenizer: Any, ends: set[int], stop: Sequence[str] = ()) -> None:
        self._tokenizer, self._ends, self._stop = tokenizer, ends, stop
        self._decoder = DecodeStream(skip_special_tokens=True)
        self._text, self._tokens = "", 0
        self._shown = self._bytes = 0  # bytes: of the text given out, of the tokens that came
        self._logprobs: list[tuple[int, TokenLogprob]] = []  # those not given out, by first byte

    def add(self, request: Request) -> Piece | None:
        """Return what the newest token of an answer adds that can be shown, if anything."""
        token = request.ids[-1]
        if token not in self._ends:
            if request.sure:
                top = request.tops[-1] if request.top else ()
                sure = token_logprob(self._tokenizer, token, request.logprobs[-1], top)
                self._logprobs.append((self._bytes, sure))
                self._bytes += (
                    len(sure.bytes) if token not in self._tokenizer.all_special_ids else 0
                )
            self._text += self._decoder.step(self._tokenizer.backend_tokenizer, token) or ""
            self._tokens += 1
        text = self._text
        found = [at for at in (text.find(s) for s in self._stop) if at >= 0]
        if found:
            return self._piece(text[: min(found)], "stop")
        if request.finish_reason:
            return self._piece(text, request.finish_reason, whole=True)
        # Keep back what may turn out to be the beginning of a stop string.
        held = max(
            (n for s in self._stop for n in range(1, len(s)) if text.endswith(s[:n])), default=0
        )
        ready = text[: len(text) - held]
        return self._piece(ready, None) if ready else None

    def _piece(
        self, text: str, reason: Literal["stop", "length"] | None, whole: bool = False
    ) -> Piece:
        self._shown += len(text.encode())
        given = [one for at, one in self._logprobs if whole or at < self._shown]
        del self._logprobs[: len(given)]
        piece = Piece(text, reason, self._tokens, tuple(given))
        self._text, self._tokens = self._text[len(text) :], 0
        return piece
