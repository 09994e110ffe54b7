"""Reinforcement fine-tuning: sample, grade, learn; GRPO or PPO, with any grader as the reward.

Randomness is a function of seed and step alone: so a resumed run has no generator's state to
restore, and the same base, items, settings, seed and thread count give the same weights on one
machine.
"""

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch

from bankft import graders
from bankft.engine import grpo, packing, ppo, rollouts
from bankft.engine.control import Monitor
from bankft.engine.lora import LoRA
from bankft.engine.policy import read_policy, restore, save_checkpoint, save_model, take_weights
from bankft.engine.reward import Reward, as_reward
from bankft.engine.rft_report import report, validated
from bankft.engine.rft_step import Auto, RFTResult, RLStep, Settings, resolve
from bankft.engine.rollouts import Answer, Prompt
from bankft.engine.sampler import Sampler
from bankft.engine.trainer import Stopped, last_checkpoint, settle
from bankft.errors import UsageError

LEARNING_RATE = {"grpo": 3e-4, "ppo": 1e-4}  # what multiplier 1.0 means, for bankft-nano
REAL = 0.01  # times that, for models that are not bankft-nano's: 3e-6 and 1e-6
ADAPTERS = 10  # times that, for LoRA: J. Schulman et al., "LoRA Without Regret", 2025

Item = Mapping[str, Any]


def train_rft(
    base: str | os.PathLike[str],
    train: Sequence[Item],
    valid: Sequence[Item] | None,
    out: str | os.PathLike[str],
    *,
    reward: Reward | graders.Grader | Mapping[str, Any],
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    learning_rate_multiplier: float | Auto = "auto",
    compute_multiplier: float | Auto = "auto",
    eval_interval: int | Auto = "auto",
    eval_samples: int | Auto = "auto",
    reasoning_effort: str = "default",
    algorithm: Literal["grpo", "ppo"] = "grpo",
    lora: LoRA | Auto | None = "auto",
    kl: float = 0.02,
    clip: float = 0.2,
    grad_clip: float = 1.0,
    temperature: float = 1.0,
    top_p: float = 1.0,
    group_size: int | None = None,
    max_tokens: int = 256,
    early_stop: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    on_step: Callable[[RLStep], None] = lambda step: None,
    on_checkpoint: Callable[[int, Path, RLStep], None] = lambda step, folder, metrics: None,
    should_stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> RFTResult:
    """Fine-tune a model on a reward for its own answers.

    Args:
        base: model folder, as a rule of an earlier supervised run; it is the reference too.
        train: lines of an RFT file: ``messages`` that end with the user's, and what the grader
            reads as ``item``.
        valid: lines of the same form, or None: then checkpoints are made unvalidated.
        out: folder for the result and, in ``checkpoint-<step>``, the model at each validation.
        reward: a grader object, as `bankft.graders` has them; or a function from samples to
            grades: `bankft.engine.as_reward` makes one of a grader that asks a model,
            `bankft.engine.by_model` of a reward model's score.
        n_epochs: this and the next seven are OpenAI's hyperparameters; `resolve` says what they
            do and what ``auto`` is.
        batch_size: prompts a step.
        learning_rate_multiplier: times 3e-4 (GRPO) or 1e-4 (PPO), the rates that suit
            bankft-nano; a hundredth of it for other models, and ten times that for adapters. It
            falls to zero in a line.
        compute_multiplier: scales the answers to each prompt.
        eval_interval: steps between two validations; the last step is validated too.
        eval_samples: answers to each validation prompt.
        reasoning_effort: accepted, without effect.
        algorithm: ``grpo``, or ``ppo`` with a value head.
        lora: train adapters, and merge them at the end; the adapter stays in ``out/adapter``. None
            trains all weights; ``auto`` does so for bankft-nano and what was trained from it, and
            takes LoRA for other bases.
        kl: coefficient of the divergence from the base: in GRPO's loss, in PPO's reward.
        clip: how far a token's ratio of probabilities counts, 1 ± clip.
        grad_clip: longest gradient; a longer one is cut to it.
        temperature: of the sampled answers, validation included.
        top_p: likewise.
        group_size: answers to each prompt, in place of ``compute_multiplier``'s.
        max_tokens: longest answer.
        early_stop: end after so many validations without a better one, and keep the best; None
            goes to the end and keeps the last.
        seed: of the order of the prompts and of sampling.
        threads: CPU threads for torch (for the whole process); None leaves them.
        on_step: called after each step.
        on_checkpoint: called at each validation with step, folder and the step's metrics.
        should_stop: asked before each step.
        resume: go on from the last checkpoint in ``out``, when there is one.

    Raises:
        BaseModelUnreadable: the base folder cannot be read.
        DataError: a line is too long; the reward is no grader or gives no finite number.
        UsageError: a setting is out of its range, or needs hardware that is not there.
        Stopped: ``should_stop`` said so.

    """
    settings = resolve(
        len(train),
        n_epochs=n_epochs,
        batch_size=batch_size,
        learning_rate_multiplier=learning_rate_multiplier,
        compute_multiplier=compute_multiplier,
        eval_interval=eval_interval,
        eval_samples=eval_samples,
        group_size=group_size,
        reasoning_effort=reasoning_effort,
    )
    _check(algorithm, settings, kl, clip, early_stop)
    graded = as_reward(reward)
    settle(threads)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    policy = read_policy(base, lora, seed)
    model, tokenizer = policy.model, policy.tokenizer
    sampler = Sampler.of(model, tokenizer)
    pad = tokenizer.pad_token_id or 0
    asked = rollouts.encode(tokenizer, train, sampler.context)
    held = rollouts.encode(tokenizer, valid or [], sampler.context)
    head = None
    if algorithm == "ppo":
        head = ppo.ValueHead(model.config.get_text_config().hidden_size).to(model.device)
    rate = LEARNING_RATE[algorithm] * settings.learning_rate_multiplier
    rate *= (1 if policy.own else REAL) * (ADAPTERS if policy.lora else 1)
    learnt = [*policy.learnt, *(head.parameters() if head else [])]
    optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=0.0)
    monitor, done, best, tokens, stale = Monitor(), 0, None, 0, 0
    checkpoint = last_checkpoint(folder) if resume else None
    if checkpoint:
        kept = restore(policy, head, optimizer, Path(checkpoint))
        monitor, done, best = Monitor(**kept["monitor"]), kept["step"], kept["best"]
        tokens, stale = kept["tokens"], kept["stale"]
        sampler.refresh()

    def ask(prompts: Sequence[Prompt], each: int, at: str) -> list[Answer]:
        return rollouts.sample(
            sampler,
            prompts,
            graded,
            each=each,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            seed=random.Random(f"{seed} {at}").getrandbits(31),
        )

    while done < settings.total_steps and (early_stop is None or stale < early_stop):
        if should_stop():
            raise Stopped
        begun = time.perf_counter()
        answers = ask(_prompts(asked, settings, seed, done), settings.group_size, f"step {done}")
        sampled = time.perf_counter()
        with policy.reference() as reference:
            distinct = packing.refer(reference, rollouts.merge(answers), pad)
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - done / settings.total_steps)
        how: dict[str, Any] = {"pad": pad, "clip": clip, "kl": kl, "grad_clip": grad_clip}
        with policy.learning():
            if head:
                how["seed"] = random.Random(f"{seed} minibatches {done}").getrandbits(31)
                found: dict[str, Any] = ppo.update(model, head, optimizer, distinct, **how)
            else:
                found = grpo.update(model, optimizer, distinct, **how)
        sampler.refresh()
        done += 1
        tokens += sum(len(one.prompt.ids) + len(one.ids) for one in answers)
        trained = time.perf_counter()
        step = report(distinct, found, monitor, done, settings.total_steps, group["lr"])
        last = done == settings.total_steps
        evaluated = done % settings.eval_interval == 0 or last
        if evaluated and held:
            step = validated(step, ask(held, settings.eval_samples, f"validation {done}"))
        step = replace(
            step,
            sampling_seconds=sampled - begun,
            training_seconds=trained - sampled,
            eval_seconds=time.perf_counter() - trained,
        )
        on_step(step)
        if evaluated:
            score = step.full_valid_mean_reward
            better = score is not None and (best is None or score > best[1])
            best, stale = ((done, score), 0) if better else (best, stale + 1)
            state = {"step": done, "best": best, "tokens": tokens, "stale": stale}
            state["monitor"] = monitor.state()
            saved = folder / f"checkpoint-{done}"
            on_checkpoint(done, save_checkpoint(policy, head, optimizer, state, saved), step)
    if early_stop is not None and best is not None and best[0] != done:
        take_weights(policy, folder / f"checkpoint-{best[0]}")
    save_model(policy, folder)
    return RFTResult(
        folder=folder,
        steps=done,
        trained_tokens=tokens,
        settings=settings,
        best_step=best[0] if best else None,
        best_reward=best[1] if best else None,
    )


def _check(
    algorithm: str, settings: Settings, kl: float, clip: float, early_stop: int | None
) -> None:
    if algorithm not in LEARNING_RATE:
        raise UsageError(f"algorithm is {algorithm!r}: use grpo or ppo.")
    if algorithm == "grpo" and settings.group_size < 2:
        raise UsageError("GRPO compares answers to one prompt: use a group_size of 2 or more.")
    if not (kl >= 0 and 0 < clip < 1):
        raise UsageError(f"kl is {kl!r} and clip {clip!r}: use kl from 0, clip between 0 and 1.")
    if early_stop is not None and early_stop < 1:
        raise UsageError(f"early_stop is {early_stop!r}: use 1 validation or more, or leave it.")


def _prompts(asked: list[Prompt], settings: Settings, seed: int, done: int) -> list[Prompt]:
    """The prompts of the step after ``done`` ones: each epoch in an order of its own."""
    per_epoch = settings.total_steps // settings.n_epochs
    epoch, place = divmod(done, per_epoch)
    order = list(range(len(asked)))
    random.Random(f"{seed} epoch {epoch}").shuffle(order)
    start = place * settings.batch_size
    return [asked[i] for i in order[start : start + settings.batch_size]]
