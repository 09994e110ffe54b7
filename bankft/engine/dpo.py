"""Direct preference optimisation: TRL's DPOTrainer on pairs of a better and a worse answer.

R. Rafailov et al., "Direct Preference Optimization", arXiv 2305.18290 (2023): no reward model is
trained; the log-probabilities of the model, measured against those that it began with, are one.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import logsigmoid

from bankft.engine.folder import load, on_gpu
from bankft.engine.lora import MERGED, LoRA, adapters, keep_adapter, merge, quantization
from bankft.engine.preference import Encoded, Pair, encode_pairs
from bankft.engine.recipe import Precision, ours, recipe_for
from bankft.engine.sft import learnt_logits, padded
from bankft.engine.trainer import (
    Auto,
    Calls,
    Looks,
    arguments,
    check_early_stop,
    quietly,
    resolve,
    run,
    settle,
    tidy,
)
from bankft.errors import UsageError

LEARNING_RATE = 5e-5  # what multiplier 1.0 means for all weights of bankft-nano
BETA = 0.1  # what "auto" means
VALID_BATCH = 8  # pairs of the small validation batch


@dataclass(frozen=True)
class DPOStep:
    """One training step's metrics; losses in nats a pair, accuracies 0–1, None: not measured.

    The reward of an answer is beta times the logarithm of how much likelier it is now than it
    was at the beginning; accuracy is the share of pairs whose better answer has the greater one,
    margin the mean difference. ``valid_*`` and ``full_valid_*`` as in `Step`.
    """

    step: int
    total_steps: int
    train_loss: float
    train_reward_accuracy: float
    train_reward_margin: float
    train_preferred_reward: float
    train_non_preferred_reward: float
    valid_loss: float | None = None
    valid_reward_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_reward_accuracy: float | None = None
    full_valid_reward_margin: float | None = None


@dataclass(frozen=True)
class DPOResult:
    """A finished run; the settings are resolved, ``trained_tokens`` counts all epochs."""

    folder: Path
    steps: int
    trained_tokens: int
    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    beta: float


@torch.no_grad()
def answer_logprobs(model: Any, pairs: Sequence[Encoded]) -> torch.Tensor:
    """Log-probability (nats) of each pair's better and worse answer, as (pairs, 2)."""
    found = []
    for start in range(0, len(pairs), 16):
        some = pairs[start : start + 16]
        rows = [
            {"input_ids": one.prompt + ids, "labels": [-100] * len(one.prompt) + ids}
            for one in some
            for ids in (one.better, one.worse)
        ]
        ids, labels = padded(rows, model.device)
        logits, wanted = learnt_logits(model, ids, labels)
        each = torch.log_softmax(logits, -1).gather(-1, wanted[:, None])[:, 0]
        whole = torch.zeros(labels[:, 1:].shape, device=each.device)
        whole[labels[:, 1:] != -100] = each
        found.append(whole.sum(1).view(-1, 2).cpu())
    return torch.cat(found)


def train_dpo(
    base: str | os.PathLike[str],
    train: Sequence[Pair],
    valid: Sequence[Pair] | None,
    out: str | os.PathLike[str],
    *,
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    learning_rate_multiplier: float | Auto = "auto",
    beta: float | Auto = "auto",
    lora: LoRA | Auto | None = "auto",
    label_smoothing: float = 0.0,
    weight_decay: float = 0.0,
    early_stop: int | None = None,
    precision: Precision | Auto = "auto",
    seed: int = 0,
    threads: int | None = None,
    on_step: Callable[[DPOStep], None] = lambda step: None,
    on_checkpoint: Callable[[int, Path, DPOStep], None] = lambda step, folder, metrics: None,
    should_stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> DPOResult:
    """Train a model to prefer the better answer of each pair.

    Args:
        base: model folder, as a rule of an earlier supervised run; it is the reference too.
        train: pairs in OpenAI's form: ``{"input": {"messages": [...]}, "preferred_output":
            [...], "non_preferred_output": [...]}``.
        valid: pairs of the same form, or None.
        out: folder for the result and, in ``checkpoint-<step>``, the model at each epoch's end.
        n_epochs: as in `train_sft`, as are the next two; the rate of multiplier 1.0 is 5e-5.
        batch_size: pairs a step.
        learning_rate_multiplier: see above.
        beta: how strongly the model is held to the reference, above 0, at most 2; ``auto`` is 0.1.
        lora: as in `train_sft`.
        label_smoothing: share (0 to below 0.5) of pairs that are thought to be labelled the wrong
            way round; above 0 the loss is that of robust DPO (S. Chowdhury et al., arXiv
            2403.00409, 2024).
        weight_decay: of the optimiser.
        early_stop: as in `train_sft`, as is everything below.
        precision: see above.
        seed: see above.
        threads: see above.
        on_step: see above.
        on_checkpoint: see above.
        should_stop: see above.
        resume: see above.

    Raises:
        BaseModelUnreadable: the base folder cannot be read.
        DataError: a pair lacks something; the message names it.
        UsageError: a setting is out of its range, or needs hardware that is not there.
        Stopped: ``should_stop`` said so.

    """
    check_early_stop(early_stop, bool(valid))
    held_to = BETA if beta == "auto" else beta
    if not 0 < held_to <= 2:
        raise UsageError(f"beta is {beta!r}: use a number above 0, at most 2, or auto.")
    if not 0 <= label_smoothing < 0.5 or weight_decay < 0:
        raise UsageError(
            f"label_smoothing is {label_smoothing!r} and weight_decay {weight_decay!r}: use a "
            "share from 0 to below 0.5, and 0 or more."
        )
    chosen = lora if isinstance(lora, LoRA) else None
    quantized = quantization(chosen)
    settle(threads)
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    # Frozen weights may stay in the folder's own precision; those that are trained are fp32.
    frozen = quantized is not None or (lora is not None and on_gpu(base))
    model, tokenizer = load(base, dtype="auto" if frozen else None, quantization=quantized)
    if lora == "auto" and not ours(tokenizer):
        chosen = LoRA()
    recipe = recipe_for(
        model, tokenizer, lora=chosen is not None, rate=LEARNING_RATE, precision=precision
    )
    room = int(model.config.get_text_config().max_position_embeddings)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    data = encode_pairs(tokenizer, train, room)
    held = encode_pairs(tokenizer, valid or [], room)
    epochs, batch, multiplier = resolve(len(data), n_epochs, batch_size, learning_rate_multiplier)
    reference = answer_logprobs(model, data).tolist()
    began = answer_logprobs(model, held) if held else None

    class Trainer(DPOTrainer):  # type: ignore[misc]
        """TRL's, on pairs that are encoded and have the reference's log-probabilities already."""

        def _prepare_dataset(self, dataset: Any, *args: Any) -> Any:
            return dataset

        _precompute_ref_logps = _prepare_dataset

    config = DPOConfig(
        **arguments(folder, recipe, epochs, batch, multiplier, seed),
        beta=held_to,
        loss_type=["robust"] if label_smoothing else ["sigmoid"],
        label_smoothing=label_smoothing,
        weight_decay=weight_decay,
        precompute_ref_log_probs=True,
    )
    with quietly():
        trainer = Trainer(
            model=model,
            args=config,
            train_dataset=Dataset.from_list(
                [
                    {
                        "prompt_ids": one.prompt,
                        "chosen_ids": one.better,
                        "rejected_ids": one.worse,
                        "ref_chosen_logps": better,
                        "ref_rejected_logps": worse,
                    }
                    for one, (better, worse) in zip(data, reference, strict=True)
                ]
            ),
            processing_class=tokenizer,
            peft_config=adapters(model, chosen) if chosen else None,
        )

    def read(logs: Mapping[str, float]) -> dict[str, float | None]:
        return {
            "train_loss": logs["loss"],
            "train_reward_accuracy": logs["rewards/accuracies"],
            "train_reward_margin": logs["rewards/margins"],
            "train_preferred_reward": logs["rewards/chosen"],
            "train_non_preferred_reward": logs["rewards/rejected"],
        }

    def look(some: slice) -> dict[str, float]:
        assert began is not None
        trainer.model.eval()
        rewards = held_to * (answer_logprobs(trainer.model, held[some]) - began[some])
        trainer.model.train()
        margin = rewards[:, 0] - rewards[:, 1]
        return {
            "loss": float(-logsigmoid(margin).mean()),
            "reward_accuracy": float((margin > 0).float().mean()),
            "reward_margin": float(margin.mean()),
        }

    def small() -> dict[str, float]:
        found = look(slice(VALID_BATCH))
        return {f"valid_{name}": found[name] for name in ("loss", "reward_accuracy")}

    steps = run(
        trainer,
        Calls(on_step, on_checkpoint, should_stop),
        Looks(
            DPOStep,
            read,
            small=small if held else None,
            full=(lambda: {f"full_valid_{k}": v for k, v in look(slice(None)).items()})
            if held
            else None,
            export=lambda saved: merge(Path(base), saved, saved / MERGED) if chosen else saved,
        ),
        per_epoch=math.ceil(len(data) / batch),
        resume=resume,
        early_stop=early_stop,
    )
    if chosen:
        merge(Path(base), keep_adapter(trainer, Path(base), folder), folder)
    else:
        trainer.save_model(str(folder))
    tidy(folder)
    tokens = sum(2 * len(one.prompt) + len(one.better) + len(one.worse) for one in data)
    return DPOResult(
        folder=folder,
        steps=steps,
        trained_tokens=round(steps / math.ceil(len(data) / batch) * tokens),
        n_epochs=epochs,
        batch_size=batch,
        learning_rate_multiplier=multiplier,
        beta=held_to,
    )
