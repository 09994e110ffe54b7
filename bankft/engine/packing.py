"""Answers laid out for a forward pass, and their log-probabilities, natural and at temperature 1.

Reinforcement learns from several answers to each prompt. Here they stand behind it one after
another, and each looks at the prompt and at itself alone: a prompt is computed once, as in Prefix
Grouper (Z. Liu et al., arXiv 2506.05433, 2025), which shows that the gradients are the same.
Several prompts with their answers fill a row, so that one long answer does not make all rows long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from bankft.engine.rollouts import Answer

ROWS = 64  # answers in one forward pass: what fits a processor's cache, more is no faster
WIDTH = 256  # tokens a row, unless one takes more: what attention costs grows as the square


@dataclass(frozen=True)
class Batch:
    """Answers as tensors.

    The forward pass takes ``ids``, (rows, width): prompts, each with answers to it behind, which
    lack their last token; ``seen``, (rows, 1, width, width), which tokens each may look at, and
    ``places``, their positions. Both are None where every row holds one answer.
    ``sources`` says, answer by answer, at which of all the rows' tokens each answer token is
    predicted.

    The others are of the answers' tokens, (answers, longest answer): ``targets``, the tokens;
    ``learnt``, 1 where there is one; ``weight``, how many answers it stands for; ``old``, the
    log-probability that it was sampled with; ``reference``, that under the reference model.
    """

    answers: list[Answer]
    ids: torch.Tensor
    seen: torch.Tensor | None
    places: torch.Tensor | None
    sources: torch.Tensor
    targets: torch.Tensor
    learnt: torch.Tensor
    weight: torch.Tensor
    old: torch.Tensor
    reference: torch.Tensor


def shares(model: Any) -> bool:
    """Whether answers may share a row: all that the model's layers do goes by the mask.

    Layers with a window or a state of their own would let one answer see another.
    """
    config = model.config.get_text_config()
    layers = set(getattr(config, "layer_types", None) or ())
    return layers == {"full_attention"} and config._attn_implementation == "sdpa"


def batches(
    model: Any, answers: Sequence[Answer], pad: int, rng: Random | None = None
) -> Iterator[Batch]:
    """Lay answers out as batches of about `ROWS`; those to one prompt stay together.

    Args:
        model: that they are for.
        answers: empty ones are left out.
        pad: id that fills up.
        rng: puts the prompts in a random order; without, they go by length, so that little is
            filled up.

    """
    groups: dict[int, list[Answer]] = {}
    for one in answers:
        if one.ids:
            groups.setdefault(one.group, []).append(one)
    order = list(groups.values())
    if rng:
        rng.shuffle(order)
    else:
        order.sort(key=lambda some: len(some[0].prompt.ids) + sum(len(one.ids) for one in some))
    batch: list[Answer] = []
    for some in order:
        if batch and len(batch) + len(some) > ROWS:
            yield lay_out(model, batch, pad)
            batch = []
        batch = batch + some
    if batch:
        yield lay_out(model, batch, pad)


def lay_out(model: Any, some: list[Answer], pad: int) -> Batch:
    """Lay some answers out as one batch, on the model's device."""
    rows = _rows(some, shares(model))
    width = max(sum(map(_length, row)) for row in rows)
    shape = (len(some), max(len(one.ids) for one in some))
    ids = torch.full((len(rows), width), pad)
    part, home = (torch.full((len(rows), width), -1) for _ in range(2))
    places = torch.zeros(len(rows), width, dtype=torch.long)
    targets = torch.zeros(shape, dtype=torch.long)
    learnt, old, reference = (torch.zeros(shape) for _ in range(3))
    of: dict[int, list[int]] = {}
    for r, row in enumerate(rows):
        end = number = 0
        for group in row:
            prompt = group[0].prompt.ids
            begin, end = end, end + len(prompt)
            last, own = end - 1, number
            ids[r, begin:end], part[r, begin:end] = torch.tensor(prompt), own
            places[r, begin:end] = torch.arange(len(prompt))
            home[r, begin : begin + _length(group)] = own
            for one in group:
                number += 1
                begin, end = end, end + len(one.ids) - 1
                ids[r, begin:end] = torch.tensor(one.ids[:-1], dtype=torch.long)
                part[r, begin:end] = number
                places[r, begin:end] = torch.arange(len(prompt), len(prompt) + end - begin)
                of[id(one)] = [r * width + at for at in (last, *range(begin, end))]
            number += 1
    for a, one in enumerate(some):
        n = len(one.ids)
        targets[a, :n], learnt[a, :n] = torch.tensor(one.ids), 1
        old[a, :n] = torch.tensor(one.logprobs)
        if one.reference:
            reference[a, :n] = torch.tensor(one.reference)
    seen = None
    if any(len(row) > 1 or len(row[0]) > 1 for row in rows):
        # What fills up looks at its like, since looking at nothing gives no number.
        mine = part[:, None, :]
        seen = ((mine == part[:, :, None]) | (mine == home[:, :, None])).tril_()[:, None]
    batch = Batch(
        some,
        ids,
        seen,
        None if seen is None else places,
        torch.tensor([source for one in some for source in of[id(one)]]),
        targets,
        learnt,
        learnt * torch.tensor([[float(one.count)] for one in some]),
        old,
        reference,
    )
    tensors = {k: v.to(model.device) for k, v in vars(batch).items() if torch.is_tensor(v)}
    return replace(batch, **tensors)  # type: ignore[arg-type]  # of tensors alone


def _rows(some: list[Answer], share: bool) -> list[list[list[Answer]]]:
    """Rows of groups of answers to one prompt: the longest first, each into the first with room."""
    if not share:
        return [[[one]] for one in some]
    groups: list[list[Answer]] = []
    for one in sorted(some, key=lambda one: (one.group, len(one.ids))):
        last = groups[-1] if groups else []
        room = max(WIDTH, 2 * len(one.prompt.ids))
        if last and last[0].group == one.group and _length([*last, one]) <= room:
            last.append(one)
        else:
            groups.append([one])
    groups.sort(key=_length, reverse=True)
    width = max(WIDTH, _length(groups[0]))
    rows: list[list[list[Answer]]] = []
    free: list[int] = []
    for group in groups:
        found = next((r for r, room in enumerate(free) if room >= _length(group)), None)
        if found is None:
            found = len(rows)
            rows.append([])
            free.append(width)
        rows[found].append(group)
        free[found] -= _length(group)
    return rows


def _length(group: list[Answer]) -> int:
    """Tokens that a prompt and answers to it take in a row."""
    return len(group[0].prompt.ids) + sum(len(one.ids) - 1 for one in group)


def logprobs(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the log-probabilities of the answers' tokens, and the states that they come from.

    Returns:
        (answers, longest answer), 0 where no answer is; and the last layer's states before each
        answer token, (answers, longest answer, hidden), for a value head.

    """
    kept: list[torch.Tensor] = []

    def choose(layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        kept.append(inputs[0].flatten(0, 1)[batch.sources])
        return (kept[0][None],)

    # Of the other tokens nobody wants to know what follows.
    hook = model.get_output_embeddings().register_forward_pre_hook(choose)
    try:
        out = model(
            input_ids=batch.ids,
            attention_mask=batch.seen,
            position_ids=batch.places,
            use_cache=False,
        )
    finally:
        hook.remove()
    there = batch.learnt.bool()
    found = -cross_entropy(out.logits[0].float(), batch.targets[there], reduction="none")
    states = kept[0].float()
    return (
        torch.zeros_like(batch.learnt).index_put((there,), found),
        states.new_zeros(*there.shape, states.shape[-1]).index_put((there,), states),
    )


@torch.no_grad()
def refer(reference: Any, answers: Sequence[Answer], pad: int) -> list[Answer]:
    """Return the answers, in their order, with log-probabilities under the reference model."""
    found = {id(one): one for one in answers}
    for batch in batches(reference, answers, pad):
        logp, _ = logprobs(reference, batch)
        for one, row in zip(batch.answers, logp.tolist(), strict=True):
            found[id(one)] = replace(one, reference=row[: len(one.ids)])
    return [found[id(one)] for one in answers]
