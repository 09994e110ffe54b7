"""What reinforcement learning learns from: prompts, sampled answers and their rewards."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from bankft.engine.reward import Graded, Reward, Sample
from bankft.engine.sampler import Sampler
from bankft.errors import DataError

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
    model (see `packing.refer`): natural logarithms, at temperature 1. ``group`` numbers the prompts
    of a step; ``count`` says how many answers it stands for (see `merge`).
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


def k3(logp: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """KL divergence to the reference, estimated token by token; never negative, unbiased.

    Source: J. Schulman, "Approximating KL divergence" (2020), the estimator k3:
    r - 1 - log r with r = reference / policy.
    """
    ahead = reference - logp
    return ahead.exp() - ahead - 1
