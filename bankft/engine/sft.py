"""Supervised fine-tuning: TRL's SFTTrainer on examples in OpenAI's form.

All weights or LoRA; the loss is on the assistant's tokens alone, a message with ``"weight": 0``
excepted. In fp32 on a CPU the same base, data, settings, seed and thread count give the same
weights on one machine.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from bankft.engine import keep as keeping
from bankft.engine.folder import load, on_gpu
from bankft.engine.keep import Anchor, Keep
from bankft.engine.lora import (
    MERGED,
    LoRA,
    adapters,
    keep_adapter,
    merge,
    quantization,
)
from bankft.engine.recipe import Precision, ours, recipe_for
from bankft.engine.trainer import (
    Auto,
    Calls,
    Looks,
    Stopped,
    arguments,
    check_early_stop,
    last_checkpoint,
    quietly,
    resolve,
    run,
    settle,
    tidy,
)
from bankft.errors import BaseModelUnreadable, DataError, UsageError

LEARNING_RATE = 5e-4  # what multiplier 1.0 means for all weights of bankft-nano
VALID_BATCH = 8  # examples of the small validation batch

Example = dict[str, Any]

__all__ = ["SFTResult", "Step", "Stopped", "last_checkpoint", "resolve", "train_sft"]


@dataclass(frozen=True)
class Step:
    """One training step's metrics; losses in nats a token, accuracies 0–1, None: not measured.

    ``valid_*`` are of one small validation batch (every tenth step), ``full_valid_*`` of the
    whole validation file (at each epoch's end).
    """

    step: int
    total_steps: int
    train_loss: float
    train_mean_token_accuracy: float
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None


@dataclass(frozen=True)
class SFTResult:
    """A finished run; the three settings are resolved, ``trained_tokens`` counts all epochs."""

    folder: Path
    steps: int
    trained_tokens: int
    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float


def training_template(tokenizer: Any) -> str:
    """Return the chat template that marks the assistant's text; TRL knows that of many families.

    Raises:
        BaseModelUnreadable: there is none.

    """
    from trl.chat_template_utils import get_training_chat_template, has_generation_markers

    if has_generation_markers(tokenizer.chat_template):
        return str(tokenizer.chat_template)
    try:
        return str(get_training_chat_template(tokenizer))
    except ValueError:
        raise BaseModelUnreadable(
            "The base model's chat template does not mark the assistant's text: "
            "put {% generation %} and {% endgeneration %} around it in chat_template.jinja."
        ) from None


def encode(tokenizer: Any, example: Example, line: int, template: str) -> dict[str, list[int]]:
    """Token ids and labels (-100 where nothing is learnt) of one example.

    Raises:
        DataError: the example has no assistant token to learn from.

    """
    messages = example["messages"]
    out = tokenizer.apply_chat_template(
        messages,
        tools=example.get("tools"),
        chat_template=template,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    ids, mask = list(out["input_ids"]), list(out["assistant_masks"])
    weights = iter([m.get("weight", 1) for m in messages if m["role"] == "assistant"])
    labels, weight, before = [], 0, 0
    for token, learnt in zip(ids, mask, strict=True):
        if learnt and not before:
            weight = next(weights)
        labels.append(token if learnt and weight else -100)
        before = learnt
    if all(label == -100 for label in labels):
        raise DataError(
            f"Example {line} has no assistant message to learn from: give one, or a weight of 1."
        )
    return {"input_ids": ids, "labels": labels}


@contextmanager
def only(model: Any, learnt: torch.Tensor) -> Iterator[None]:
    """Let a model's output layer see only the positions before learnt tokens.

    Most tokens of a conversation are the question's: their logits are never used, and at a
    vocabulary of thousands they are near half of a small model's work.
    """

    def choose(layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        return (inputs[0][:, :-1][learnt][None],)

    hook = model.get_output_embeddings().register_forward_pre_hook(choose)
    try:
        yield
    finally:
        hook.remove()


def learnt_logits(
    model: Any, ids: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits at the positions before learnt tokens, (learnt, vocabulary), and those tokens.

    Rows are filled up on the right: what fills them comes after all that is learnt, and no mask
    is needed.
    """
    learnt = labels[:, 1:] != -100
    with only(model, learnt):
        logits = model(input_ids=ids, use_cache=False).logits
    return logits[0].float(), labels[:, 1:][learnt]


def padded(some: Sequence[dict[str, list[int]]], device: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and labels of encoded examples as (examples, longest) tensors."""
    width = max(len(one["input_ids"]) for one in some)
    ids = [one["input_ids"] + [0] * (width - len(one["input_ids"])) for one in some]
    labels = [one["labels"] + [-100] * (width - len(one["labels"])) for one in some]
    return torch.tensor(ids, device=device), torch.tensor(labels, device=device)


@torch.no_grad()
def evaluate(model: Any, encoded: Sequence[dict[str, list[int]]]) -> tuple[float, float]:
    """Mean loss (nats) and accuracy over the learnt tokens of encoded examples."""
    was_training = model.training
    model.eval()
    loss, right, count = 0.0, 0, 0
    for start in range(0, len(encoded), 16):
        logits, wanted = learnt_logits(model, *padded(encoded[start : start + 16], model.device))
        loss += float(cross_entropy(logits, wanted, reduction="sum"))
        right += int((logits.argmax(-1) == wanted).sum())
        count += len(wanted)
    model.train(was_training)
    return loss / count, right / count


def train_sft(
    base: str | os.PathLike[str],
    train: Sequence[Example],
    valid: Sequence[Example] | None,
    out: str | os.PathLike[str],
    *,
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    learning_rate_multiplier: float | Auto = "auto",
    lora: LoRA | Auto | None = "auto",
    keep: Keep | None = None,
    early_stop: int | None = None,
    precision: Precision | Auto = "auto",
    seed: int = 0,
    threads: int | None = None,
    on_step: Callable[[Step], None] = lambda step: None,
    on_checkpoint: Callable[[int, Path, Step], None] = lambda step, folder, metrics: None,
    should_stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> SFTResult:
    """Fine-tune a base model on conversations.

    Args:
        base: model folder; its chat template marks the assistant's text with {% generation %},
            or is one that TRL knows.
        train: OpenAI fine-tuning examples, ``{"messages": [...]}``; they were checked before.
        valid: examples of the same form, or None.
        out: folder for the result and, in ``checkpoint-<step>``, the model at each epoch's end.
        n_epochs: passes over the data, or ``auto`` (`resolve` has the rules).
        batch_size: examples a step, or ``auto``.
        learning_rate_multiplier: times the rate that suits the base and LoRA (`recipe_for`):
            5e-4 for all weights of bankft-nano. The rate rises over the first tenth of the
            steps and falls to zero in a line; with real weights as a cosine. ``auto`` is 1.0.
        lora: train adapters, and merge them at the end; the adapter stays in ``out/adapter``.
            None trains all weights; ``auto`` does so for bankft-nano and what was trained from
            it, and takes LoRA for other bases.
        keep: means against forgetting what the base knew.
        early_stop: end after so many epochs without a smaller validation loss, and keep the
            weights with the smallest; None goes to the end and keeps the last.
        precision: ``fp32``, ``bf16``, or ``auto`` (`recipe_for`).
        seed: order of the examples, general examples, adapters' beginning.
        threads: CPU threads for torch (for the whole process); None leaves them.
        on_step: called after each step.
        on_checkpoint: called at each epoch's end with step, folder and the step's metrics.
        should_stop: asked before each step.
        resume: go on from the last checkpoint in ``out``, when there is one.

    Raises:
        BaseModelUnreadable: the base folder cannot be read, or its template cannot be trained.
        DataError: an example has nothing to learn.
        UsageError: a setting is out of its range, contradicts another, or needs hardware that is
            not there.
        Stopped: ``should_stop`` said so.

    """
    check_early_stop(early_stop, bool(valid))
    chosen = lora if isinstance(lora, LoRA) else None
    quantized = quantization(chosen)
    settle(threads)
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    # Frozen weights may stay in the folder's own precision; those that are trained are fp32.
    frozen = quantized is not None or (lora is not None and on_gpu(base))
    model, tokenizer = load(base, dtype="auto" if frozen else None, quantization=quantized)
    own = ours(tokenizer)
    if lora == "auto" and not own:
        chosen = LoRA()
    if chosen and keep and (keep.penalty or keep.layer_decay < 1):
        raise UsageError(
            "LoRA leaves the base's weights as they are: leave out keep's layer_decay, l2_sp "
            "and ewc; general works with it."
        )
    recipe = recipe_for(
        model, tokenizer, lora=chosen is not None, rate=LEARNING_RATE, precision=precision
    )
    template = training_template(tokenizer)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    data = [encode(tokenizer, example, i, template) for i, example in enumerate(train, 1)]
    held = [encode(tokenizer, example, i, template) for i, example in enumerate(valid or [], 1)]
    anchor = None
    if keep:
        n = keeping.how_many(keep.general, len(data))
        wanted = max(n, keeping.FISHER if keep.ewc else 0)
        general = keeping.chosen_general(keep, wanted, own, seed) if wanted else []
        known = [encode(tokenizer, example, i, template) for i, example in enumerate(general, 1)]
        if keep.penalty:
            anchor = _anchor(model, keep, known)
        data += known[:n]
    epochs, batch, multiplier = resolve(len(data), n_epochs, batch_size, learning_rate_multiplier)

    class Trainer(SFTTrainer):  # type: ignore[misc]
        """TRL's, with the loss computed where something is learnt, and the pull of `Anchor`."""

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = 1
        ) -> torch.Tensor:
            logits, wanted = learnt_logits(model, inputs["input_ids"], inputs["labels"])
            right = (logits.detach().argmax(-1) == wanted).float().mean()
            self._metrics["train"]["mean_token_accuracy"].append(float(right))
            loss: torch.Tensor = cross_entropy(logits, wanted, reduction="sum")
            return loss.div(num_items_in_batch)

    options = arguments(folder, recipe, epochs, batch, multiplier, seed)
    with quietly():
        trainer = Trainer(
            model=model,
            args=SFTConfig(**options, packing=False),
            train_dataset=Dataset.from_list(data),
            processing_class=tokenizer,
            peft_config=adapters(model, chosen) if chosen else None,
        )
    if anchor:
        trainer.add_callback(pulling(anchor))
    if keep and keep.layer_decay < 1:
        which, about = trainer.get_optimizer_cls_and_kwargs(trainer.args, model)
        rates = keeping.layer_rates(model, about.pop("lr"), keep.layer_decay)
        trainer.optimizer = which(rates, **about)

    def read(logs: Any) -> dict[str, float | None]:
        return {
            "train_loss": logs["loss"],
            "train_mean_token_accuracy": logs["mean_token_accuracy"],
        }

    def look(prefix: str, some: list[Any]) -> dict[str, float]:
        loss, right = evaluate(trainer.model, some)
        return {f"{prefix}_loss": loss, f"{prefix}_mean_token_accuracy": right}

    def export(saved: Path) -> Path:
        return merge(Path(base), saved, saved / MERGED) if chosen else saved

    steps = run(
        trainer,
        Calls(on_step, on_checkpoint, should_stop),
        Looks(
            Step,
            read,
            small=(lambda: look("valid", held[:VALID_BATCH])) if held else None,
            full=(lambda: look("full_valid", held)) if held else None,
            export=export,
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
    return SFTResult(
        folder=folder,
        steps=steps,
        trained_tokens=round(
            steps / math.ceil(len(data) / batch) * sum(len(one["input_ids"]) for one in data)
        ),
        n_epochs=epochs,
        batch_size=batch,
        learning_rate_multiplier=multiplier,
    )


def _anchor(model: Any, keep: Keep, known: list[dict[str, list[int]]]) -> Anchor:
    """Hold a model where it is, by what the general examples need."""

    def loss(example: dict[str, list[int]]) -> torch.Tensor:
        return cross_entropy(*learnt_logits(model, *padded([example], model.device)))

    important = keeping.importance(model, known[: keeping.FISHER], loss) if keep.ewc else None
    return Anchor(model, keep.l2_sp, keep.ewc, important)


def pulling(anchor: Anchor) -> Any:
    """Return the trainer's callback that adds the pull of an anchor before each step."""
    from transformers import TrainerCallback

    class Pull(TrainerCallback):  # type: ignore[misc]
        """Adds the gradient of the penalty, after that of the data was cut to its length."""

        def on_pre_optimizer_step(
            self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
        ) -> None:
            anchor.add_gradient(model)

    return Pull()
