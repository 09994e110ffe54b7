"""Sampling from a model in memory: one answer streamed, or many answers at once.

A model of bankft-nano's architecture is decoded by `bankft.engine.decoder`, any other by its own
forward pass. At temperature 0 both give the tokens that ``model.generate`` gives.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bankft.engine.batch import Batch, Request, draw
from bankft.engine.decoder import Decoder, Rows
from bankft.engine.folder import load, on_gpu
from bankft.engine.forward import ModelRows, together
from bankft.engine.writing import Piece, Text
from bankft.errors import UsageError

Messages = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Rollout:
    """A sampled answer as tokens.

    ``ids`` are the answer's, its end token included when it came (``ended``); ``logprobs`` the
    natural logarithms of their probabilities at temperature 1, before ``top_p``.
    """

    ids: list[int]
    logprobs: list[float]
    ended: bool


class Sampler:
    """One model in memory.

    Args:
        folder: a model folder: bankft-nano, a fine-tuned result, or any local Hugging Face one.
        threads: CPU threads for torch (for the whole process); None leaves them.

    Raises:
        BaseModelUnreadable: the folder cannot be read; the message says why.

    >>> from bankft.engine import Sampler, nano_path
    >>> sampler = Sampler(nano_path(), threads=1)
    >>> pieces = list(sampler.stream([{"role": "user", "content": "Hi"}], temperature=0))
    >>> pieces[-1].finish_reason in ("stop", "length")
    True

    """

    def __init__(self, folder: str | os.PathLike[str], *, threads: int | None = None) -> None:
        if threads:
            torch.set_num_threads(threads)
        self._use(*load(folder, dtype="auto" if on_gpu(folder) else None))

    @classmethod
    def of(cls, model: Any, tokenizer: Any) -> "Sampler":
        """Sample from a model in memory, one that is being trained; see `refresh`."""
        made = cls.__new__(cls)
        made._use(model, tokenizer)
        return made

    def refresh(self) -> None:
        """Take over the model's weights after they changed."""
        if self._decoder:
            self._decoder.refresh()

    def _use(self, model: Any, tokenizer: Any) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.context = int(model.config.max_position_embeddings)
        ends = model.generation_config.eos_token_id
        ends = [ends] if isinstance(ends, int) else list(ends or [])
        self._ends = {*ends, tokenizer.eos_token_id}
        self._decoder = Decoder(model) if Decoder.fits(model) else None

    def batch(self, slots: int, ahead: int | None = None) -> Batch:
        """Return an empty batch for answers of this model.

        Args:
            slots: at most so many answers at once.
            ahead: so many prompts are computed together; None: as many as slots.

        """
        if self._decoder is None:
            return Batch(ModelRows(self.model), slots, self._ends)
        return Batch(Rows(self._decoder, slots, ahead or slots), slots, self._ends)

    def request(
        self,
        messages: Messages,
        *,
        max_tokens: int = 256,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
        logprobs: bool = False,
        top_logprobs: int = 0,
    ) -> Request:
        """Return what a `Batch` writes the answer to messages by; see `stream`."""
        prompt = self._encode(messages)
        room = self._room(len(prompt), max_tokens)
        (draws,) = draw(1, room, temperature, top_p, seed)
        return Request(tuple(prompt), room, temperature, top_p, draws, logprobs, top_logprobs)

    def text(self, stop: Sequence[str] = ()) -> Text:
        """Return what makes text of an answer's tokens."""
        return Text(self.tokenizer, self._ends, stop)

    def _encode(self, messages: Messages) -> list[int]:
        text = self.tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=True
        )
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def prompt_tokens(self, messages: Messages) -> int:
        """How many tokens the messages take, the opening of the answer included."""
        return len(self._encode(messages))

    def _room(self, prompt: int, max_tokens: int) -> int:
        if prompt >= self.context:
            raise UsageError(
                f"The messages take {prompt} tokens and the model has room for {self.context}: "
                "shorten them."
            )
        return min(max_tokens, self.context - prompt)

    def tokens(self, messages: Messages, **settings: Any) -> Iterator[int]:
        """Yield the answer's token ids one by one, the end token included when it comes.

        Args:
            messages: as in `stream`.
            settings: as in `stream`, but for ``stop``.

        """
        batch, request = self.batch(1), self.request(messages, **settings)
        batch.add(request)
        while request.finish_reason is None:
            batch.step()
            yield request.ids[-1]

    def stream(
        self,
        messages: Messages,
        *,
        max_tokens: int = 256,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
        stop: Sequence[str] = (),
        logprobs: bool = False,
        top_logprobs: int = 0,
    ) -> Iterator[Piece]:
        """Yield the answer piece by piece; the last piece alone has a ``finish_reason``.

        Args:
            messages: OpenAI chat messages (system, developer, user, assistant, tool).
            max_tokens: at most so many tokens, the end token not counted.
            temperature: 0 is greedy; 1 is the model's own distribution.
            top_p: sample from the likeliest tokens that hold this share (0–1].
            seed: the same seed gives the same answer on one machine.
            stop: strings that end the answer and are not part of it.
            logprobs: whether the pieces carry the log-probabilities of their tokens.
            top_logprobs: how many of the likeliest tokens they carry beside each.

        Raises:
            UsageError: the messages leave no room in the model's context.

        """
        batch, text = self.batch(1), self.text(stop)
        request = self.request(
            messages,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
        )
        batch.add(request)
        while True:
            batch.step()
            piece = text.add(request)
            if piece:
                yield piece
                if piece.finish_reason:
                    return

    def complete(
        self,
        conversations: Sequence[Messages],
        *,
        max_tokens: int = 256,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
        rows: int = 64,
    ) -> list[Piece]:
        """Answer many conversations, ``rows`` at a time: several times faster than one by one.

        Args:
            conversations: each a list of messages.
            max_tokens: as in `stream`.
            temperature: as in `stream`.
            top_p: as in `stream`.
            seed: the same seed and conversations give the same answers on one machine.
            rows: how many are decoded together, at most; without effect on the answers.

        Returns:
            One piece a conversation, in order: whole text, finish reason, tokens.

        """
        prompts = [self._encode(messages) for messages in conversations]
        made = self._write(prompts, max_tokens, temperature, top_p, seed, rows, sure=False)
        answers = []
        for one in made:
            ended = one.finish_reason == "stop"
            ids = one.ids[: len(one.ids) - ended]
            text = self.tokenizer.decode(ids, skip_special_tokens=True)
            answers.append(Piece(text, "stop" if ended else "length", len(ids)))
        return answers

    def rollout(
        self,
        prompts: Sequence[list[int]],
        *,
        max_tokens: int,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
        rows: int = 64,
    ) -> list[Rollout]:
        """Answer many prompts given as token ids, with the log-probabilities of the answers.

        Args:
            prompts: token ids each, the opening of the answer included.
            max_tokens: at most so many tokens.
            temperature: as in `stream`.
            top_p: as in `stream`.
            seed: as in `stream`.
            rows: how many are decoded together, at most.

        Returns:
            One rollout a prompt, in order.

        Raises:
            UsageError: a prompt leaves no room in the model's context.

        """
        made = self._write(prompts, max_tokens, temperature, top_p, seed, rows, sure=True)
        return [Rollout(one.ids, one.logprobs, one.finish_reason == "stop") for one in made]

    def _write(
        self,
        prompts: Sequence[Sequence[int]],
        max_tokens: int,
        temperature: float,
        top_p: float,
        seed: int | None,
        rows: int,
        *,
        sure: bool,
    ) -> list[Request]:
        draws = draw(len(prompts), max_tokens, temperature, top_p, seed)
        requests = [
            Request(
                tuple(prompt),
                self._room(len(prompt), max_tokens),
                temperature,
                top_p,
                numbers,
                sure,
            )
            for prompt, numbers in zip(prompts, draws, strict=True)
        ]
        # Alike lengths together: the longest of a batch decides what attention looks at.
        ordered = sorted(requests, key=lambda one: len(one.prompt))
        if self._decoder is None:
            for start in range(0, len(ordered), rows):
                together(self.model, ordered[start : start + rows], self._ends)
            return requests
        batch = self.batch(min(rows, max(1, len(ordered))))
        for one in ordered:
            batch.add(one)
        while batch.step():
            pass
        return requests
