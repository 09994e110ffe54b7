"""Continuous batching: answers that begin and end at any step, decoded together."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

import torch
from torch.nn.functional import pad

if TYPE_CHECKING:
    from bankft.engine.decoder import Rows
    from bankft.engine.forward import ModelRows

TRIES = 4  # draws for one token with top_p below 1, before its row is sorted
_BLOCK = 64  # probabilities summed at once


@dataclass(eq=False)
class Request:
    """An answer to be written, and what of it is written.

    Args:
        prompt: token ids, the opening of the answer included.
        max_tokens: at most so many, the end token included.
        temperature: 0 is greedy.
        top_p: sample from the likeliest tokens that hold this share (0–1].
        draws: from `draw`; what decides the tokens when the temperature is not 0.
        sure: whether the tokens' log-probabilities are wanted.
        top: the log-probabilities of how many of the likeliest tokens are wanted, too.

    """

    prompt: tuple[int, ...]
    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    draws: Sequence[float] = ()
    sure: bool = False
    top: int = 0
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    tops: list[list[tuple[int, float]]] = field(default_factory=list)
    finish_reason: Literal["stop", "length"] | None = None


def draws_a_token(top_p: float) -> int:
    """How many random numbers one token takes."""
    return 1 if top_p >= 1 else TRIES + 1


def draw(
    answers: int, max_tokens: int, temperature: float, top_p: float, seed: int | None
) -> list[list[float]]:
    """Random numbers in [0, 1) for answers; with one seed, the same ones always."""
    if temperature == 0:
        return [[] for _ in range(answers)]
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    found = torch.rand(answers, max_tokens * draws_a_token(top_p), generator=generator)
    return list(found.tolist())


class Batch:
    """Answers that are decoded together; one thread at a time may use it.

    An answer depends on its own request alone, not on those beside it, where `rows` treats each
    row alike; all that this module adds does.

    Args:
        rows: the model's.
        slots: at most so many at once; more wait in order.
        ends: tokens that end an answer.

    """

    def __init__(self, rows: "Rows | ModelRows", slots: int, ends: set[int]) -> None:
        self._rows, self._slots, self._ends = rows, slots, ends
        self._active: list[Request | None] = []
        self._waiting: deque[Request] = deque()

    def __len__(self) -> int:
        """Return how many answers are being written or wait."""
        return len(self._waiting) + sum(one is not None for one in self._active)

    def add(self, request: Request) -> None:
        """Let an answer be written from the next step on, or as soon as there is room."""
        self._waiting.append(request)

    def drop(self, request: Request) -> None:
        """Stop writing an answer; one that has ended already is no error."""
        if request in self._active:
            self._active[self._active.index(request)] = None
        elif request in self._waiting:
            self._waiting.remove(request)

    def step(self) -> list[Request]:
        """Write one token of each answer; return the answers that got one."""
        self._admit()
        self._close_gaps()
        now = [one for one in self._active if one is not None]
        if not now:
            return []
        logits = self._rows.step([one.ids[-1] if one.ids else one.prompt[-1] for one in now])
        choose(logits, now, self._ends)
        self._active = [None if one.finish_reason else one for one in now]
        return now

    def _admit(self) -> None:
        free = [i for i, one in enumerate(self._active) if one is None]
        free += range(len(self._active), self._slots)
        free.reverse()
        while free and self._waiting:
            if self._waiting[0].prompt not in self._rows.prepared:
                soon = islice(self._waiting, 8 * self._rows.ahead)
                several = list(dict.fromkeys(one.prompt for one in soon))[: self._rows.ahead]
                self._rows.prepare(several)
            placed = []
            while free and self._waiting and self._waiting[0].prompt in self._rows.prepared:
                row, one = free.pop(), self._waiting.popleft()
                self._rows.reserve(len(one.prompt) + one.max_tokens)
                if row == len(self._active):
                    self._active.append(None)
                self._active[row] = one
                placed.append((row, one.prompt))
            self._rows.place(placed)

    def _close_gaps(self) -> None:
        for row in range(len(self._active)):
            while self._active and self._active[-1] is None:
                self._active.pop()
            if row >= len(self._active):
                return
            if self._active[row] is None:
                self._rows.move(len(self._active) - 1, row)
                self._active[row] = self._active.pop()


@torch.inference_mode()
def choose(logits: torch.Tensor, requests: Sequence[Request], ends: set[int]) -> list[int]:
    """Add a token to each request by its row of ``(rows, vocabulary)`` logits; return them."""
    tokens, logprobs = _choose(logits, requests)
    for i, (one, token) in enumerate(zip(requests, tokens, strict=True)):
        one.ids.append(token)
        if one.sure:
            one.logprobs.append(logprobs[i])
        if token in ends:
            one.finish_reason = "stop"
        elif len(one.ids) >= one.max_tokens:
            one.finish_reason = "length"
    return tokens


def _choose(logits: torch.Tensor, asked: Sequence[Request]) -> tuple[list[int], list[float]]:
    """Choose a token for each row of ``(rows, vocabulary)`` logits.

    Returns:
        The tokens, and their log-probabilities where any are wanted.

    """
    logits = pad(logits.float(), (0, -logits.shape[1] % _BLOCK), value=-math.inf)
    largest = logits.amax(-1, keepdim=True)
    plain = None  # weights at temperature 1
    if any(one.sure or one.temperature == 1 for one in asked):
        plain = (logits - largest).exp_()
    # `argmax` takes longer than these two together; like it, they take the first of equals.
    places = torch.arange(logits.shape[1], dtype=torch.int32)
    tokens = None
    if any(one.temperature == 0 for one in asked):
        tokens = torch.where(logits == largest, places, logits.shape[1]).amin(-1).long()
    if any(one.temperature for one in asked):
        sampled = _sample(logits, largest, plain, asked)
        greedy = torch.tensor([one.temperature == 0 for one in asked])
        tokens = sampled if tokens is None else torch.where(greedy, tokens, sampled)
    assert tokens is not None
    if plain is None or not any(one.sure for one in asked):
        return list(tokens.tolist()), []
    total = (largest + _sums(plain)[:, -1:].log()).squeeze(-1)
    logprobs = logits.gather(-1, tokens[:, None]).squeeze(-1) - total
    for row, one in enumerate(asked):
        if one.top:
            best = (logits[row] - total[row]).topk(one.top)
            one.tops.append(list(zip(best.indices.tolist(), best.values.tolist(), strict=True)))
    return list(tokens.tolist()), list(logprobs.tolist())


def _sums(weights: torch.Tensor) -> torch.Tensor:
    """Running sums of blocks, ``(rows, blocks)``: adding up one by one takes long."""
    return weights.view(len(weights), -1, _BLOCK).sum(-1).cumsum_(-1)


def _pick(weights: torch.Tensor, sums: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    """Where the running sum of weights reaches a share of the whole; ``draws`` (rows, 1)."""
    # (0, 1] of the whole, so that what is found has a weight above zero.
    aim = sums[:, -1:] * (1 - draws)
    block = torch.searchsorted(sums, aim)
    before = torch.where(block > 0, sums.gather(1, (block - 1).clamp_(min=0)), 0)
    blocks = weights.view(len(weights), -1, _BLOCK)
    inside = blocks.gather(1, block[:, :, None].expand(-1, 1, _BLOCK)).squeeze(1).cumsum_(-1)
    found = torch.searchsorted(inside, torch.minimum(aim - before, inside[:, -1:]))
    return (block * _BLOCK + found).squeeze(1)


def _sample(
    logits: torch.Tensor,
    largest: torch.Tensor,
    plain: torch.Tensor | None,
    asked: Sequence[Request],
) -> torch.Tensor:
    weights = plain
    if weights is None or any(one.temperature not in (0, 1) for one in asked):
        heat = torch.tensor([[one.temperature or 1.0] for one in asked])
        weights = ((logits - largest) / heat).exp_()
    sums = _sums(weights)

    def draws(number: int) -> torch.Tensor:
        found = []
        for one in asked:
            each = draws_a_token(one.top_p)
            at = len(one.ids) * each + min(number, each - 1)
            found.append([one.draws[at] if one.temperature else 0.0])
        return torch.tensor(found)

    tokens = _pick(weights, sums, draws(0))
    if all(one.top_p >= 1 for one in asked):
        return tokens
    # A token is kept when those likelier than it hold less than top_p; else another is drawn.
    # That gives each kept token its share of what is kept, without sorting the vocabulary.
    kept = torch.tensor([[one.top_p] for one in asked]) * sums[:, -1:]
    kept[[i for i, one in enumerate(asked) if one.top_p >= 1 or not one.temperature]] = math.inf
    for number in range(1, TRIES + 1):
        chosen = weights.gather(1, tokens[:, None])
        likelier = _sums(torch.where(weights > chosen, weights, 0))[:, -1:]
        again = (likelier >= kept).squeeze(1)
        if not bool(again.any()):
            return tokens
        if number < TRIES:
            tokens = torch.where(again, _pick(weights, sums, draws(number)), tokens)
    for row in again.nonzero().flatten().tolist():
        ordered = weights[row].sort(descending=True).values
        least = ordered[ordered.cumsum(0) - ordered < kept[row]][-1]
        left = torch.where(weights[row : row + 1] >= least, weights[row : row + 1], 0)
        tokens[row] = _pick(left, _sums(left), draws(TRIES)[row : row + 1])[0]
    return tokens
