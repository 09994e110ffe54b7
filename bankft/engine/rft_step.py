"""What reinforcement fine-tuning reports: settings made definite, and each step's metrics."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from bankft.engine.reward import Asking
from bankft.errors import UsageError

Usage = Mapping[str, float]
USED = ("prompt_tokens", "cached_tokens", "completion_tokens")
Auto = Literal["auto"]
EFFORTS = ("default", "low", "medium", "high")
GROUP = 8  # answers to a prompt where compute_multiplier is 1
STEPS = 150  # that "auto" aims at
NESTED = ("warnings", "scores", "valid_scores", "errors", "valid_errors", "tokens", "valid_tokens")


@dataclass(frozen=True)
class Settings:
    """A run's settings with every ``auto`` resolved; `resolve` has the rules."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    compute_multiplier: float
    group_size: int
    eval_interval: int
    eval_samples: int
    total_steps: int


def resolve(
    examples: int,
    *,
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    learning_rate_multiplier: float | Auto = "auto",
    compute_multiplier: float | Auto = "auto",
    eval_interval: int | Auto = "auto",
    eval_samples: int | Auto = "auto",
    group_size: int | None = None,
    reasoning_effort: str = "default",
) -> Settings:
    """Turn OpenAI's hyperparameters into numbers; ``auto`` goes by the number of examples.

    Args:
        examples: lines of the training file.
        n_epochs: passes over them; ``auto``: as many as make about 150 steps, at most 50.
        batch_size: prompts a step; ``auto``: 32, fewer where there are fewer.
        learning_rate_multiplier: times the algorithm's own rate; ``auto``: 1.
        compute_multiplier: scales the answers to each prompt; ``auto``: 1, eight answers.
        eval_interval: steps between two validations; ``auto``: a tenth of all.
        eval_samples: answers to each validation prompt; ``auto``: 1.
        group_size: answers to each prompt, in place of what ``compute_multiplier`` says.
        reasoning_effort: accepted, and without effect: these models do not reason apart.

    Raises:
        UsageError: no examples, or a value out of OpenAI's range; the message names it.

    >>> resolve(400, compute_multiplier=0.5).group_size
    4
    """
    if not examples:
        raise UsageError("There is nothing to train on: give at least one example.")
    if reasoning_effort not in EFFORTS:
        raise UsageError(f"reasoning_effort is {reasoning_effort!r}: use {', '.join(EFFORTS)}.")
    batch = min(32, examples) if batch_size == "auto" else batch_size
    per_epoch = math.ceil(examples / batch) if batch > 0 else 1
    epochs = min(50, math.ceil(STEPS / per_epoch)) if n_epochs == "auto" else n_epochs
    compute = 1.0 if compute_multiplier == "auto" else compute_multiplier
    group = max(2, round(GROUP * compute)) if group_size is None else group_size
    steps = epochs * per_epoch
    found = Settings(
        n_epochs=epochs,
        batch_size=batch,
        learning_rate_multiplier=(
            1.0 if learning_rate_multiplier == "auto" else learning_rate_multiplier
        ),
        compute_multiplier=compute,
        group_size=group,
        eval_interval=max(1, steps // 10) if eval_interval == "auto" else eval_interval,
        eval_samples=1 if eval_samples == "auto" else eval_samples,
        total_steps=steps,
    )
    _check(found)
    return found


def _check(settings: Settings) -> None:
    ranges: dict[str, tuple[float, float]] = {
        "n_epochs": (1, 50),
        "batch_size": (1, 256),
        "learning_rate_multiplier": (1e-9, math.inf),
        "compute_multiplier": (1e-5, 10),
        "group_size": (1, 256),
        "eval_interval": (1, math.inf),
        "eval_samples": (1, math.inf),
    }
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            upper = "" if high == math.inf else f" to {high:g}"
            raise UsageError(f"{name} is {value!r}: use a number from {low:g}{upper}.")


@dataclass(frozen=True)
class RLStep:
    """One step's metrics; None: not measured at this step.

    OpenAI's names where OpenAI has one. Rewards and lengths are means over the step's answers;
    ``full_valid_*`` are of all validation prompts, at validation steps. ``kl`` (to the
    reference) and ``entropy`` are nats a token, ``loss`` is the algorithm's, shares are 0–1 and
    times seconds. ``value_loss`` and ``explained_variance`` are PPO's. ``scores`` and
    ``valid_scores`` are the means of the grader's parts, ``errors`` and ``valid_errors`` the
    shares of answers with such an error, ``tokens`` and ``valid_tokens`` the means and counts of
    what the models took that graders asked. ``warnings`` begin with their code
    (`control.SENTENCES`).
    """

    step: int
    total_steps: int
    train_mean_reward: float
    completion_tokens_mean: float
    reward_std: float
    flat_share: float
    at_ceiling: float
    kl: float
    entropy: float
    clip_fraction: float
    grad_norm: float
    loss: float
    learning_rate: float
    truncated: float
    repetition: float
    sameness: float
    length_correlation: float | None = None
    mean_unresponsive_rewards: float = 0.0
    reasoning_tokens_mean: float = 0.0
    full_valid_mean_reward: float | None = None
    full_valid_mean_parse_error: float | None = None
    valid_completion_tokens_mean: float | None = None
    valid_reasoning_tokens_mean: float | None = None
    value_loss: float | None = None
    explained_variance: float | None = None
    sampling_seconds: float = 0.0
    training_seconds: float = 0.0
    eval_seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    valid_scores: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    valid_errors: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[Asking, Usage] = field(default_factory=dict)
    valid_tokens: Mapping[Asking, Usage] = field(default_factory=dict)

    def numbers(self) -> dict[str, float | None]:
        """The fields that are numbers or None: what a table of metrics has columns for."""
        names = [one.name for one in fields(self) if one.name not in NESTED]
        return {name: getattr(self, name) for name in names}

    def event(self) -> dict[str, Any]:
        """The ``data`` of OpenAI's metrics event: the numbers, and the nested groups.

        Of validation there is nothing beside the steps that validate.
        """
        valid = self.full_valid_mean_reward is not None
        found: dict[str, Any] = {k: v for k, v in self.numbers().items() if v is not None}
        names = dict.fromkeys([*self.scores, *self.valid_scores])
        parts = [
            {
                "name": name,
                "train_reward_mean": self.scores.get(name),
                **({"valid_reward_mean": self.valid_scores.get(name)} if valid else {}),
            }
            for name in names
        ]
        errors = {f"train_{name}_mean": share for name, share in self.errors.items()}
        errors |= {f"valid_{name}_mean": share for name, share in self.valid_errors.items()}
        found["scores"] = {"train_reward_mean": self.train_mean_reward, "graders": parts}
        if valid:
            found["scores"]["valid_reward_mean"] = self.full_valid_mean_reward
        found["errors"] = {"graders": [errors] if errors else []}
        found["usage"] = {"graders": self._usage(), "samples": {}}
        for part in ("train", "valid")[: 1 + valid]:  # these models do not reason apart
            ours = {f"{part}_reasoning_tokens_{kind}": 0.0 for kind in ("mean", "count")}
            found["usage"]["samples"] |= ours
        if self.tokens or self.valid_tokens:
            found["model_graders_token_usage"] = self._token_usage()
        times = {
            "sampling": self.sampling_seconds,
            "training": self.training_seconds,
            "eval": self.eval_seconds,
        }
        whole = math.fsum(times.values())
        found["timing"] = {"step": {**times, "full_iteration": whole}}
        for name in ("sampling_seconds", "training_seconds", "eval_seconds"):
            del found[name]
        return found

    def _usage(self) -> list[dict[str, Any]]:
        """What each grader that asks a model took: OpenAI's ``usage.graders``."""
        return [
            asking._asdict()
            | {f"train_{name}": n for name, n in self.tokens.get(asking, {}).items()}
            | {f"valid_{name}": n for name, n in self.valid_tokens.get(asking, {}).items()}
            for asking in dict.fromkeys([*self.tokens, *self.valid_tokens])
        ]

    def _token_usage(self) -> dict[str, dict[str, int]]:
        """What each model took; the validation is called ``eval`` there."""
        found: dict[str, dict[str, int]] = {}
        for part, tokens in (("train", self.tokens), ("eval", self.valid_tokens)):
            for asking, used in tokens.items():
                counts = {f"{part}_{name}": int(used[f"{name}_count"]) for name in USED}
                found.setdefault(asking.model, {}).update(counts)
        return found


@dataclass(frozen=True)
class RFTResult:
    """A finished run: its folder, its settings, its best validation and where that was.

    ``trained_tokens`` counts prompts and answers of all steps.
    """

    folder: Path
    steps: int
    trained_tokens: int
    settings: Settings
    best_step: int | None
    best_reward: float | None
