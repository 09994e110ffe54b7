"""Sampling from a model in memory: one answer streamed, or many answers at once.

The decoding loop is ours because the service streams; the forward pass and its KV cache are
transformers'. At temperature 0 it gives the tokens that ``model.generate`` gives.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from tokenizers.decoders import DecodeStream

from bankft.engine.folder import load
from bankft.errors import UsageError

Messages = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Piece:
    """What one step of a stream adds: whole characters, how many tokens they took.

    ``finish_reason`` is None before the last piece; then ``stop`` (the model ended, or a stop
    string came) or ``length`` (``max_tokens`` or the model's context is used up).
    """

    text: str
    finish_reason: Literal["stop", "length"] | None
    tokens: int


@dataclass(frozen=True)
class Rollout:
    """A sampled answer as tokens.

    ``ids`` are the answer's, its end token included when it came (``ended``); ``logprobs`` the
    natural logarithms of their probabilities at temperature 1, before ``top_p``.
    """

    ids: list[int]
    logprobs: list[float]
    ended: bool


def next_tokens(
    logits: torch.Tensor, temperature: float, top_p: float, generator: torch.Generator | None
) -> torch.Tensor:
    """Choose one token a row from ``(rows, vocabulary)`` logits; temperature 0 is greedy."""
    if temperature == 0:
        return logits.argmax(-1)
    chances = torch.softmax(logits.float() / temperature, -1)
    if top_p < 1:
        ordered, order = chances.sort(-1, descending=True)
        # A token stays while those before it hold less than top_p; so the first always stays.
        ordered[ordered.cumsum(-1) - ordered >= top_p] = 0
        chances = torch.zeros_like(chances).scatter(-1, order, ordered)
    return torch.multinomial(chances, 1, generator=generator).squeeze(-1)


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
        self._use(*load(folder))

    @classmethod
    def of(cls, model: Any, tokenizer: Any) -> "Sampler":
        """Sample from a model in memory, one that is being trained; see `refresh`."""
        made = cls.__new__(cls)
        made._use(model, tokenizer)
        return made

    def refresh(self) -> None:
        """Take over the model's weights after they changed."""

    def _use(self, model: Any, tokenizer: Any) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.context = int(self.model.config.max_position_embeddings)
        ends = self.model.generation_config.eos_token_id
        ends = [ends] if isinstance(ends, int) else list(ends or [])
        self._ends = {*ends, self.tokenizer.eos_token_id}

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

    def tokens(
        self,
        messages: Messages,
        *,
        max_tokens: int = 256,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
    ) -> Iterator[int]:
        """Yield the answer's token ids one by one, the end token included when it comes."""
        prompt = self._encode(messages)
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        ids, cache = torch.tensor([prompt]), None
        for _ in range(self._room(len(prompt), max_tokens)):
            # Not around the yield: a generator must not leave inference mode switched on.
            with torch.inference_mode():
                out = self.model(
                    input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1
                )
                ids = next_tokens(out.logits[:, -1], temperature, top_p, generator)[:, None]
            cache, token = out.past_key_values, int(ids)
            yield token
            if token in self._ends:
                return

    def stream(
        self,
        messages: Messages,
        *,
        max_tokens: int = 256,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int | None = None,
        stop: Sequence[str] = (),
    ) -> Iterator[Piece]:
        """Yield the answer piece by piece; the last piece alone has a ``finish_reason``.

        Args:
            messages: OpenAI chat messages (system, developer, user, assistant, tool).
            max_tokens: at most so many tokens, the end token not counted.
            temperature: 0 is greedy; 1 is the model's own distribution.
            top_p: sample from the likeliest tokens that hold this share (0–1].
            seed: the same seed gives the same answer on one machine.
            stop: strings that end the answer and are not part of it.

        Raises:
            UsageError: the messages leave no room in the model's context.

        """
        decoder = DecodeStream(skip_special_tokens=True)
        text, tokens = "", 0
        finish: Literal["stop", "length"] = "length"
        for token in self.tokens(
            messages, max_tokens=max_tokens, temperature=temperature, top_p=top_p, seed=seed
        ):
            if token in self._ends:
                finish = "stop"
                break
            text += decoder.step(self.tokenizer.backend_tokenizer, token) or ""
            tokens += 1
            found = [at for at in (text.find(s) for s in stop) if at >= 0]
            if found:
                yield Piece(text[: min(found)], "stop", tokens)
                return
            # Keep back what may turn out to be the beginning of a stop string.
            held = max(
                (n for s in stop for n in range(1, len(s)) if text.endswith(s[:n])), default=0
            )
            ready = text[: len(text) - held]
            if ready:
                yield Piece(ready, None, tokens)
                text, tokens = text[len(ready) :], 0
        yield Piece(text, finish, tokens)

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
            seed: the same seed, conversations and rows give the same answers on one machine.
            rows: how many are decoded together.

        Returns:
            One piece a conversation, in order: whole text, finish reason, tokens.

        """
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        prompts = [self._encode(messages) for messages in conversations]
        # Alike lengths together, so that little is padded.
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        answers: dict[int, Piece] = {}
        for start in range(0, len(order), rows):
            some = order[start : start + rows]
            room = self._room(len(prompts[some[-1]]), max_tokens)
            decoded = self._decode([prompts[i] for i in some], room, temperature, top_p, generator)
            for i, one in zip(some, decoded, strict=True):
                ids = one.ids[: len(one.ids) - one.ended]
                text = self.tokenizer.decode(ids, skip_special_tokens=True)
                answers[i] = Piece(text, "stop" if one.ended else "length", len(ids))
        return [answers[i] for i in range(len(prompts))]

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
            rows: how many are decoded together.

        Returns:
            One rollout a prompt, in order.

        Raises:
            UsageError: a prompt leaves no room in the model's context.

        """
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        found: dict[int, Rollout] = {}
        for start in range(0, len(order), rows):
            some = order[start : start + rows]
            room = self._room(len(prompts[some[-1]]), max_tokens)
            decoded = self._decode([prompts[i] for i in some], room, temperature, top_p, generator)
            found.update(zip(some, decoded, strict=True))
        return [found[i] for i in range(len(prompts))]

    @torch.inference_mode()
    def _decode(
        self,
        prompts: list[list[int]],
        room: int,
        temperature: float,
        top_p: float,
        generator: torch.Generator | None,
    ) -> list[Rollout]:
        """Decode left-padded prompts together; finished rows leave the batch."""
        width = max(map(len, prompts))
        ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        found: list[list[int]] = [[] for _ in prompts]
        sure: list[list[float]] = [[] for _ in prompts]
        ended = [False] * len(prompts)
        alive, cache = list(range(len(prompts))), None
        for _ in range(room):
            out = self.model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            cache = out.past_key_values
            chosen = next_tokens(out.logits[:, -1], temperature, top_p, generator)
            chances = torch.log_softmax(out.logits[:, -1].float(), -1)
            chances = chances.gather(-1, chosen[:, None]).squeeze(-1)
            keep = []
            for row, (token, chance) in enumerate(
                zip(chosen.tolist(), chances.tolist(), strict=True)
            ):
                found[alive[row]].append(token)
                sure[alive[row]].append(chance)
                if token in self._ends:
                    ended[alive[row]] = True
                else:
                    keep.append(row)
            if not keep:
                break
            if len(keep) < len(alive):
                rows = torch.tensor(keep)
                alive = [alive[row] for row in keep]
                cache.batch_select_indices(rows)
                chosen, mask, positions = chosen[rows], mask[rows], positions[rows]
            ids = chosen[:, None]
            mask = torch.cat([mask, torch.ones_like(ids)], 1)
            positions = positions[:, -1:] + 1
        return [Rollout(*one) for one in zip(found, sure, ended, strict=True)]
