"""Proximal policy optimisation with a value head, as RLHF's third stage and ReFT use it.

J. Schulman et al., arXiv 1707.06347 (2017), the clipped objective; L. Ouyang et al.,
"InstructGPT", arXiv 2203.02155 (2022), the KL penalty inside the reward, token by token;
T. Q. Luong et al., "ReFT", arXiv 2401.08967 (2024), the value head on the policy's own states.
The value head reads the last layer's state before a token and says what reward is to come.
"""

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from bankft.engine import grpo, packing
from bankft.engine.packing import Batch
from bankft.engine.rollouts import Answer

PASSES = 2  # over each step's answers
LAMBDA = 0.95  # of the generalised advantage estimate; rewards are not discounted
VALUE = 0.1  # weight of the value loss beside the policy's
VALUE_CLIP = 0.2  # how far a value moves in one step


class ValueHead(nn.Module):
    """A linear map from a state to the reward to come; it begins at 0."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.line = nn.Linear(hidden, 1)
        nn.init.zeros_(self.line.weight)
        nn.init.zeros_(self.line.bias)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """``(…, hidden)`` states to ``(…)`` values."""
        return self.line(states).squeeze(-1)  # type: ignore[no-any-return]


def gae(
    rewards: torch.Tensor, values: torch.Tensor, learnt: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Generalised advantage estimates and returns, undiscounted.

    J. Schulman et al., arXiv 1506.02438 (2015), equation 16 with γ = 1.

    Args:
        rewards: (answers, positions), what each token earned.
        values: of the states before the tokens.
        learnt: 1 at the answer's tokens, which follow one another; 0 elsewhere.

    >>> one = torch.ones(1, 2)
    >>> gae(torch.tensor([[0.0, 1.0]]), torch.zeros(1, 2), one)[0].tolist()[0][1]
    1.0
    """
    found = torch.zeros_like(values)
    ahead = following = torch.zeros_like(values[:, 0])
    for t in range(values.shape[1] - 1, -1, -1):
        here = learnt[:, t]
        surprise = rewards[:, t] + following - values[:, t]
        ahead = (surprise + LAMBDA * ahead) * here
        following = values[:, t] * here
        found[:, t] = ahead
    return found, (found + values) * learnt


def token_rewards(batch: Batch, kl: float) -> torch.Tensor:
    """What each token earns: the KL penalty everywhere, the answer's reward at its end."""
    earned = -kl * (batch.old - batch.reference) * batch.learnt
    for row, one in enumerate(batch.answers):
        earned[row, len(one.ids) - 1] += one.graded.reward
    return earned


def update(
    model: Any,
    head: ValueHead,
    optimizer: torch.optim.Optimizer,
    answers: Sequence[Answer],
    *,
    pad: int,
    clip: float,
    kl: float,
    grad_clip: float,
    seed: int,
) -> dict[str, float]:
    """Several passes over a step's answers, in random minibatches of prompts, a gradient step each.

    Args:
        model: is changed.
        head: is changed.
        optimizer: of model and head.
        answers: distinct answers (`rollouts.merge`) with rewards and the reference's
            log-probabilities.
        pad: id that fills up.
        clip: how far the ratio of probabilities counts, 1 ± clip.
        kl: coefficient of the KL penalty.
        grad_clip: longest gradient; a longer one is cut to it.
        seed: of the minibatches.

    Returns:
        As `grpo.update`, means over the gradient steps; beside them ``value_loss`` and
        ``explained_variance`` of the returns by the values before the update (at most 1).

    """
    rng, steps, found = random.Random(seed), 0, dict.fromkeys(_MEASURED, 0.0)
    parts = list(packing.batches(model, answers, pad, rng))
    before = [_values(model, head, part) for part in parts]
    both = [
        gae(token_rewards(part, kl), values, part.learnt)
        for part, values in zip(parts, before, strict=True)
    ]
    surprise = [returns - values for (_, returns), values in zip(both, before, strict=True)]
    _, variance = _spread([returns for _, returns in both], parts)
    missed = _spread(surprise, parts)[1] / variance
    mean, variance = _spread([better for better, _ in both], parts)
    for _ in range(PASSES):
        for i in rng.sample(range(len(parts)), len(parts)):
            part, old, (better, wanted) = parts[i], before[i], both[i]
            logp, states = packing.logprobs(model, part)
            tokens = float(part.weight.sum())
            policy, clipped = grpo.loss(
                logp, part, (better - mean) / variance.sqrt(), clip=clip, kl=0.0, tokens=tokens
            )
            value = head(states)
            near = old + (value - old).clamp(-VALUE_CLIP, VALUE_CLIP)
            wrong = torch.maximum((value - wanted) ** 2, (near - wanted) ** 2)
            value_loss = (wrong * part.weight).sum() / tokens / 2
            optimizer.zero_grad()
            (policy + VALUE * value_loss).backward()  # type: ignore[no-untyped-call]
            every = [*model.parameters(), *head.parameters()]
            norm = torch.nn.utils.clip_grad_norm_(every, grad_clip)
            optimizer.step()
            steps += 1
            seen = (policy, clipped.sum() / tokens, norm, value_loss)
            for name, one in zip(_MEASURED, seen, strict=True):
                found[name] += float(one.detach())
    means = {name: total / steps for name, total in found.items()}
    return {**means, "explained_variance": float(1 - missed)}


_MEASURED = ("loss", "clip_fraction", "grad_norm", "value_loss")


def _spread(
    values: Sequence[torch.Tensor], parts: Sequence[Batch]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted mean and variance over all parts, the latter kept from 0."""
    flat = torch.cat([one.flatten() for one in values])
    weight = torch.cat([part.weight.flatten() for part in parts])
    mean = (flat * weight).sum() / weight.sum()
    return mean, (((flat - mean) ** 2) * weight).sum() / weight.sum() + 1e-8


@torch.no_grad()
def _values(model: Any, head: ValueHead, part: Batch) -> torch.Tensor:
    _, states = packing.logprobs(model, part)
    found: torch.Tensor = head(states) * part.learnt
    return found
