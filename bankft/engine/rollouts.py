"""What reinforcement learning learns from: sampled answers, their rewards, their log-probabilities.

GRPO and PPO share this: encode prompts, sample, reward, lay the answers out as a padded batch, and
ask a model for the log-probability of every answer token. Log-probabilities are natural ones, of
the distribution at temperature 1.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from bankft.engine.reward import Graded, Reward, Sample
from bankft.engine.sampler import Sampler
from bankft.errors import DataError

ROWS = 64  # answers in one forward pass: what fits a processor's cache, more is no faster
DECODED = 128  # answers that are written at once


@dataclass(frozen=True)
class Prompt:
    """An item and its conversation as token ids, the opening of the answer included."""

    item: Mapping[str, Any]
    ids: list[int]


@dataclass(frozen=True)
class Answer:
    """A sampled answer and its grade.

    ``logprobs`` are of ``ids`` under the model that wrote it, ``reference`` under the reference
    model (see `refer`); ``group`` numbers the prompts of a step; ``count`` says how many answers
    it stands for (see `merge`).
    """

    prompt: Prompt
    group: int
    ids: list[int]
    logprobs: list[float]
    ended: bool
    text: str
    graded: Graded
    reference: list[float] = field(default_factory=list)
    count: int = 1


@dataclass(frozen=True)
class Batch:
    """Answers as tensors, padded on the right; shapes are (answers, length of the longest).

    ``ids`` are prompt and answer, ``mask`` 1 where there is a token. ``learnt`` and ``old`` are
    one shorter: position t says of token t + 1 whether it is the answer's, and the
    log-probability that it was sampled with; ``reference`` is that under the reference model,
    ``weight`` how many answers the token stands for (0 beside the answers).
    """

    answers: list[Answer]
    ids: torch.Tensor
    mask: torch.Tensor
    learnt: torch.Tensor
    weight: torch.Tensor
    old: torch.Tensor
    reference: torch.Tensor


def encode(tokenizer: Any, items: Sequence[Mapping[str, Any]], room: int) -> list[Prompt]:
    """Encode the conversations of RFT items.

    Args:
        tokenizer: with a chat template.
        items: lines of an RFT file.
        room: the model's context, in tokens.

    Raises:
        DataError: a conversation leaves no room for an answer; the message names the line.

    """
    found = []
    for line, item in enumerate(items, 1):
        text = tokenizer.apply_chat_template(
            list(item["messages"]),
            tools=item.get("tools"),
            tokenize=False,
            add_generation_prompt=True,
        )
        ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
        if len(ids) >= room:
            raise DataError(
                f"Line {line} takes {len(ids)} tokens and the model has room for {room}: "
                "shorten its messages."
            )
        found.append(Prompt(item, ids))
    return found


def sample(
    sampler: Sampler,
    prompts: Sequence[Prompt],
    reward: Reward,
    *,
    each: int,
    max_tokens: int,
    temperature: float,
    top_p: float,
    seed: int,
) -> list[Answer]:
    """Sample ``each`` answers to every prompt and grade them; a prompt's answers stand together.

    Raises:
        DataError: the reward is no finite number.

    """
    asked = [(group, prompt) for group, prompt in enumerate(prompts) for _ in range(each)]
    rolled = sampler.rollout(
        [prompt.ids for _, prompt in asked],
        max_tokens=max_tokens,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
        rows=DECODED,
    )
    texts = sampler.tokenizer.batch_decode([one.ids for one in rolled], skip_special_tokens=True)
    samples = [
        Sample(prompt.item["messages"], prompt.item, text, tuple(one.ids))
        for (_, prompt), one, text in zip(asked, rolled, texts, strict=True)
    ]
    grades = reward(samples)
    for graded in grades:
        if not math.isfinite(graded.reward):
            raise DataError(
                f"The reward gave {graded.reward!r} for an answer: it must be a finite number."
            )
    return [
        Answer(prompt, group, one.ids, one.logprobs, one.ended, text, graded)
        for (group, prompt), one, text, graded in zip(asked, rolled, texts, grades, strict=True)
    ]


def merge(answers: Sequence[Answer]) -> list[Answer]:
    """Return the distinct answers to each prompt, with how many each stands for.

    What they teach is linear in the reward, so equal answers can be learnt from at once; a sure
    model gives many. Their reward is the mean, should the grader not always say the same.
    """
    found: dict[tuple[int, tuple[int, ...]], list[Answer]] = {}
    for one in answers:
        found.setdefault((one.group, tuple(one.ids)), []).append(one)
    return [
        replace(
            some[0],
            count=len(some),
            graded=replace(
                some[0].graded, reward=sum(one.graded.reward for one in some) / len(some)
            ),
        )
        for some in found.values()
    ]


def batches(answers: Sequence[Answer], pad: int) -> Iterator[Batch]:
    """Lay answers out as batches of alike lengths, so that little is padded."""
    kept = [one for one in answers if one.ids]
    order = sorted(kept, key=lambda one: len(one.prompt.ids) + len(one.ids))
    for start in range(0, len(order), ROWS):
        yield lay_out(order[start : start + ROWS], pad)


def lay_out(some: list[Answer], pad: int) -> Batch:
    """Lay some answers out as one batch."""
    width = max(len(one.prompt.ids) + len(one.ids) for one in some)
    ids = torch.full((len(some), width), pad)
    mask = torch.zeros((len(some), width), dtype=torch.long)
    learnt = torch.zeros((len(some), width - 1))
    old, reference = torch.zeros_like(learnt), torch.zeros_like(learnt)
    count = torch.tensor([float(one.count) for one in some])
    for row, one in enumerate(some):
        begin, end = len(one.prompt.ids), len(one.prompt.ids) + len(one.ids)
        ids[row, :end] = torch.tensor(one.prompt.ids + one.ids)
        mask[row, :end] = 1
        learnt[row, begin - 1 : end - 1] = 1
        old[row, begin - 1 : end - 1] = torch.tensor(one.logprobs)
        if one.reference:
            reference[row, begin - 1 : end - 1] = torch.tensor(one.reference)
    return Batch(some, ids, mask, learnt, learnt * count[:, None], old, reference)


def logprobs(
    model: Any, batch: Batch, *, hidden: bool = False
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Log-probability of every answer token, of meaning where ``batch.learnt`` is 1.

    Returns:
        These; then, if asked for, the last layer's states at the same positions, for a value
        head, shape (answers, positions, hidden).

    """
    # What stands before the shortest prompt's end predicts no answer token: no logits there.
    first = min(len(one.prompt.ids) for one in batch.answers) - 1
    out = model(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        use_cache=False,
        logits_to_keep=batch.ids.shape[1] - first,
        output_hidden_states=hidden,
    )
    spread = torch.log_softmax(out.logits[:, :-1].float(), -1)
    chosen = spread.gather(-1, batch.ids[:, first + 1 :, None]).squeeze(-1)
    states = out.hidden_states[-1][:, :-1] if hidden else None
    return torch.nn.functional.pad(chosen, (first, 0)), states


@torch.no_grad()
def refer(reference: Any, answers: Sequence[Answer], pad: int) -> list[Answer]:
    """Return the answers, in their order, with log-probabilities under the reference model."""
    found = {id(one): one for one in answers}
    for batch in batches(answers, pad):
        logp, _ = logprobs(reference, batch)
        for one, row, learnt in zip(batch.answers, logp, batch.learnt, strict=True):
            found[id(one)] = replace(one, reference=row[learnt.bool()].tolist())
    return [found[id(one)] for one in answers]


def k3(logp: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """KL divergence to the reference, estimated token by token; never negative, unbiased.

    Source: J. Schulman, "Approximating KL divergence" (2020), the estimator k3:
    r - 1 - log r with r = reference / policy.
    """
    ahead = reference - logp
    return ahead.exp() - ahead - 1
