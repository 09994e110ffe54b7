"""Decoding any causal language model of transformers by its own forward pass.

What `bankft.engine.decoder` cannot lay out goes this way. `ModelRows` decodes row after row, so
that an answer never depends on another; `together` pads rows to one batch, which is several times
faster, and there rounding can differ with what is in the batch.
"""

from collections.abc import Sequence
from typing import Any

import torch

from bankft.engine.batch import Request, choose


class ModelRows:
    """Rows of a model, each with a cache of its own; see `bankft.engine.decoder.Rows`."""

    ahead = 1

    def __init__(self, model: Any) -> None:
        self._model = model
        self._begun: dict[int, tuple[Any, tuple[int, ...]]] = {}  # cache, tokens to come first
        self.prepared: dict[tuple[int, ...], int] = {}

    def reserve(self, room: int) -> None:
        """Do nothing: the library's caches grow."""

    def prepare(self, prompts: Sequence[tuple[int, ...]]) -> None:
        """Take prompts that will be placed."""
        self.prepared = dict.fromkeys(prompts, 0)

    def place(self, placed: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        """Begin rows; their prompts are computed at their first step."""
        for row, prompt in placed:
            self._begun[row] = (None, prompt[:-1])

    def move(self, source: int, target: int) -> None:
        """Put a row into the place of another."""
        self._begun[target] = self._begun.pop(source)

    @torch.inference_mode()
    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        """Decode one token of each row; logits, ``(rows, vocabulary)``."""
        found = []
        for row, token in enumerate(tokens):
            cache, before = self._begun[row]
            out = self._model(
                input_ids=torch.tensor([[*before, token]], device=self._model.device),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            self._begun[row] = (out.past_key_values, ())
            found.append(out.logits[0, -1])
        return torch.stack(found).float().cpu()


@torch.inference_mode()
def together(model: Any, requests: Sequence[Request], ends: set[int]) -> None:
    """Write answers in one left-padded batch; rows that end leave it.

    Args:
        model: of transformers.
        requests: get their tokens.
        ends: tokens that end an answer.

    """
    device = model.device
    width = max(len(one.prompt) for one in requests)
    ids = torch.tensor([[0] * (width - len(one.prompt)) + list(one.prompt) for one in requests])
    mask = torch.tensor(
        [[0] * (width - len(one.prompt)) + [1] * len(one.prompt) for one in requests]
    )
    ids, mask = ids.to(device), mask.to(device)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    active, cache = list(requests), None
    while True:
        out = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache = out.past_key_values
        tokens = choose(out.logits[:, -1].cpu(), active, ends)
        kept = [row for row, one in enumerate(active) if not one.finish_reason]
        if not kept:
            return
        if len(kept) < len(active):
            rows = torch.tensor(kept, device=device)
            active = [active[row] for row in kept]
            cache.batch_select_indices(rows)
            mask, places = mask[rows], places[rows]
        ids = torch.tensor([[tokens[row]] for row in kept], device=device)
        mask = torch.cat([mask, torch.ones_like(ids)], 1)
        places = places[:, -1:] + 1
