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

from bankft.engine import grpo, rollouts
from bankft.engine.rollouts import ROWS, Answer, Batch

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
    ahead = following = torch.zeros(len(values))
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
        earned[row, len(one.prompt.ids) + len(one.ids) - 2] += one.graded.reward
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
    """Several passes over a step's answers, in random minibatches, a gradient step each.

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
    kept = [one for one in answers if one.ids]
    batch = rollouts.lay_out(kept, pad)
    before = _values(model, head, batch)
    better, returns = gae(token_rewards(batch, kl), before, batch.learnt)
    missed = _spread(returns - before, batch.weight)[1] / _spread(returns, batch.weight)[1]
    mean, variance = _spread(better, batch.weight)
    better = (better - mean) / variance.sqrt()
    rng, steps, found = random.Random(seed), 0, dict.fromkeys(_MEASURED, 0.0)
    for _ in range(PASSES):
        order = list(range(len(kept)))
        rng.shuffle(order)
        for start in range(0, len(order), ROWS):
            some = order[start : start + ROWS]
            part = _cut(batch, some)
            width = part.learnt.shape[1]
            logp, states = rollouts.logprobs(model, part, hidden=True)
            tokens = float(part.weight.sum())
            policy, clipped = grpo.loss(
                logp, part, better[some, :width], clip=clip, kl=0.0, tokens=tokens
            )
            wanted, old = returns[some, :width], before[some, :width]
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


def _spread(values: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted mean and variance, the latter kept from 0."""
    mean = (values * weight).sum() / weight.sum()
    return mean, (((values - mean) ** 2) * weight).sum() / weight.sum() + 1e-8


def _cut(batch: Batch, rows: list[int]) -> Batch:
    """Some rows of a batch, without the padding that none of them needs."""
    width = int(batch.mask[rows].sum(1).max())
    return Batch(
        [batch.answers[row] for row in rows],
        batch.ids[rows, :width],
        batch.mask[rows, :width],
        batch.learnt[rows, : width - 1],
        batch.weight[rows, : width - 1],
        batch.old[rows, : width - 1],
        batch.reference[rows, : width - 1],
    )


@torch.no_grad()
def _values(model: Any, head: ValueHead, batch: Batch) -> torch.Tensor:
    found = torch.zeros_like(batch.old)
    for start in range(0, len(batch.answers), ROWS):
        part = _cut(batch, list(range(start, min(start + ROWS, len(batch.answers)))))
        _, states = rollouts.logprobs(model, part, hidden=True)
        found[start : start + ROWS, : part.learnt.shape[1]] = head(states) * part.learnt
    return found
