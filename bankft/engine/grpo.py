"""Group relative policy optimisation: answers to one prompt are each other's baseline.

Z. Shao et al., "DeepSeekMath", arXiv 2402.03300 (2024), section 4.1. The loss is averaged over
all answer tokens of the step, so that a long answer counts as much as its tokens: Q. Yu et al.,
"DAPO", arXiv 2503.14476 (2025), section 3.3; TRL's ``loss_type="dapo"`` gives the same numbers.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Any

import torch

from bankft.engine import packing, rollouts
from bankft.engine.packing import Batch
from bankft.engine.rollouts import Answer

EVEN = 1e-6  # a spread of rewards below which a group's answers are worth the same


def advantages(rewards: Sequence[float], groups: Sequence[int]) -> list[float]:
    """How much better than its group each answer is, beside what else there is to tell apart.

    The reward less its group's mean, divided by the deviation (over n - 1, plus 1e-4) of these
    differences in all groups that tell answers apart. Each group's own deviation would make as
    much of a comma as of a violation: Z. Liu et al., "Understanding R1-Zero-Like Training",
    arXiv 2503.20783 (2025), section 3.1, leaves it out; one for the whole step keeps the scale,
    whatever the rewards' range (as ``scale_rewards="batch"`` of TRL does with the rewards).

    0 throughout a group whose answers are all worth the same.

    >>> [round(one, 2) for one in advantages([1.0, 0.0, 0.5, 0.5, 0.9, 1.0], [0, 0, 1, 1, 2, 2])]
    [1.2, -1.2, 0.0, 0.0, -0.12, 0.12]
    """
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    found = [0.0] * len(rewards)
    told: list[int] = []
    for some in members.values():
        values = [rewards[i] for i in some]
        if max(values) - min(values) < EVEN:
            continue
        mean = math.fsum(values) / len(values)
        for i, value in zip(some, values, strict=True):
            found[i] = value - mean
        told += some
    if not told:
        return found
    scale = statistics.stdev(found[i] for i in told) + 1e-4
    return [one / scale for one in found]


def loss(
    logp: torch.Tensor,
    batch: Batch,
    advantage: torch.Tensor,
    *,
    clip: float,
    kl: float,
    tokens: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The clipped surrogate and the KL penalty, summed over a batch and divided by ``tokens``.

    Args:
        logp: log-probabilities under the model being trained, (answers, positions).
        batch: the answers, with the log-probabilities that they were sampled with, and those
            under the reference model.
        advantage: one for each answer, or for each position.
        clip: how far the ratio of probabilities counts, 1 ± clip.
        kl: coefficient of the divergence from the reference.
        tokens: answer tokens of the whole step.

    Returns:
        The loss, and at each position whether the ratio was clipped there.

    """
    better = advantage if advantage.dim() == 2 else advantage[:, None]
    ratio = (logp - batch.old).exp()
    near = ratio.clamp(1 - clip, 1 + clip)
    each = -torch.minimum(ratio * better, near * better)
    if kl:
        # Times the ratio, or the gradient would not be that of the divergence (DeepSeek-V3.2,
        # arXiv 2512.02556, section 3.1; TRL's default).
        each = each + kl * ratio * rollouts.k3(logp, batch.reference)
    clipped = ((ratio < 1 - clip) & (better < 0)) | ((ratio > 1 + clip) & (better > 0))
    return (each * batch.weight).sum() / tokens, clipped * batch.weight


def update(
    model: Any,
    optimizer: torch.optim.Optimizer,
    answers: Sequence[Answer],
    *,
    pad: int,
    clip: float,
    kl: float,
    grad_clip: float,
) -> dict[str, float]:
    """One gradient step on a step's answers.

    Groups whose answers are all worth the same are left out: they could only pull back to the
    reference, and late in a run they are nearly all there is. The mean is over the others' tokens,
    so that a rare lapse is learnt from no less than a frequent one (DAPO, section 3.2).

    Args:
        model: is changed.
        optimizer: of the model.
        answers: distinct answers (`rollouts.merge`) with rewards and the reference's
            log-probabilities.
        pad: id that fills up.
        clip: as in `loss`.
        kl: as in `loss`.
        grad_clip: longest gradient; a longer one is cut to it.

    Returns:
        ``loss``, ``clip_fraction`` (0–1, of tokens) and ``grad_norm`` (before it is cut).

    """
    every = [one for one in answers for _ in range(one.count)]
    better = advantages([one.graded.reward for one in every], [one.group for one in every])
    of = {id(one): value for one, value in zip(every, better, strict=True)}
    told = [one for one in answers if of[id(one)]]
    tokens = max(1, sum(len(one.ids) * one.count for one in told))
    sums = dict.fromkeys(("loss", "clip_fraction"), 0.0)
    optimizer.zero_grad()
    for batch in packing.batches(model, told, pad):
        logp, _ = packing.logprobs(model, batch)
        advantage = torch.tensor([of[id(one)] for one in batch.answers], device=logp.device)
        part, clipped = loss(logp, batch, advantage, clip=clip, kl=kl, tokens=tokens)
        part.backward()  # type: ignore[no-untyped-call]
        sums["loss"] += float(part.detach())
        sums["clip_fraction"] += float(clipped.sum()) / tokens
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
    optimizer.step()
    return {**sums, "grad_norm": float(norm)}
