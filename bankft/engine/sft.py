"""Supervised fine-tuning: TRL's SFTTrainer on examples in OpenAI's form, all weights trained.

The loss is on the assistant's tokens alone, a message with ``"weight": 0`` excepted. In fp32 on
a CPU; the same base, data, settings, seed and thread count give the same weights on one machine.
"""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch.nn.functional import cross_entropy

from bankft.engine.folder import load
from bankft.errors import BaseModelUnreadable, DataError

LEARNING_RATE = 5e-4  # what multiplier 1.0 means
VALID_BATCH = 8  # examples of the small validation batch
VALID_EVERY = 10  # steps between two looks at it

Auto = Literal["auto"]
Example = dict[str, Any]


class Stopped(Exception):
    """The caller's ``should_stop`` said so; what was saved before stays."""


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
    """A finished run; the three settings are resolved, ``trained_tokens`` counts every epoch."""

    folder: Path
    steps: int
    trained_tokens: int
    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float


def resolve(
    examples: int,
    n_epochs: int | Auto,
    batch_size: int | Auto,
    learning_rate_multiplier: float | Auto,
) -> tuple[int, int, float]:
    """Turn ``"auto"`` into numbers by the number of examples.

    Batch size: the largest power of two, at most 16, that leaves twenty steps an epoch. Epochs:
    3, or more (at most 10) until there are 75 steps. Multiplier: 1.0, a learning rate of 5e-4.

    >>> resolve(400, "auto", "auto", "auto")
    (3, 16, 1.0)
    """
    largest = 2 ** int(math.log2(max(1, examples // 20)))
    batch = min(16, largest) if batch_size == "auto" else batch_size
    enough = math.ceil(75 / math.ceil(examples / batch))
    epochs = min(10, max(3, enough)) if n_epochs == "auto" else n_epochs
    multiplier = 1.0 if learning_rate_multiplier == "auto" else learning_rate_multiplier
    return epochs, batch, multiplier


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


@torch.no_grad()
def evaluate(model: Any, encoded: Sequence[dict[str, list[int]]]) -> tuple[float, float]:
    """Mean loss (nats) and accuracy over the learnt tokens of encoded examples."""
    was_training = model.training
    model.eval()
    loss, right, count = 0.0, 0, 0
    for start in range(0, len(encoded), 16):
        some = encoded[start : start + 16]
        width = max(len(one["input_ids"]) for one in some)
        ids = torch.tensor([o["input_ids"] + [0] * (width - len(o["input_ids"])) for o in some])
        labels = torch.tensor([o["labels"] + [-100] * (width - len(o["labels"])) for o in some])
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1].flatten(0, 1)
        wanted = labels[:, 1:].flatten()
        loss += float(cross_entropy(logits, wanted, reduction="sum"))
        right += int((logits.argmax(-1) == wanted).sum())
        count += int((wanted != -100).sum())
    model.train(was_training)
    return loss / count, right / count


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest whole checkpoint; one that a crash cut short lacks its last file."""
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    newest = max(whole, key=lambda path: int(path.name.split("-")[1]), default=None)
    return None if newest is None else str(newest)


def train_sft(
    base: str | os.PathLike[str],
    train: Sequence[Example],
    valid: Sequence[Example] | None,
    out: str | os.PathLike[str],
    *,
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    learning_rate_multiplier: float | Auto = "auto",
    seed: int = 0,
    threads: int | None = None,
    on_step: Callable[[Step], None] = lambda step: None,
    on_checkpoint: Callable[[int, Path, Step], None] = lambda step, folder, metrics: None,
    should_stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> SFTResult:
    """Fine-tune all weights of a base model on conversations.

    Args:
        base: model folder; its chat template marks the assistant's text with {% generation %},
            or is one that TRL knows.
        train: OpenAI fine-tuning examples, ``{"messages": [...]}``; they were checked before.
        valid: examples of the same form, or None.
        out: folder for the result and, in ``checkpoint-<step>``, the model at each epoch's end.
        n_epochs: passes over the data, or ``auto`` (`resolve` has the rules).
        batch_size: examples a step, or ``auto``.
        learning_rate_multiplier: times 5e-4, the rate that suits bankft-nano; or ``auto``.
            The rate rises over the first tenth of the steps and falls to zero in a line.
        seed: order of the examples.
        threads: CPU threads for torch (for the whole process); None leaves them.
        on_step: called after each step.
        on_checkpoint: called at each epoch's end with step, folder and the step's metrics.
        should_stop: asked before each step.
        resume: go on from the last checkpoint in ``out``, when there is one.

    Raises:
        BaseModelUnreadable: the base folder cannot be read, or its template cannot be trained.
        DataError: an example has nothing to learn.
        Stopped: ``should_stop`` said so.

    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from datasets import Dataset, disable_progress_bars
    from transformers import PrinterCallback, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    disable_progress_bars()
    if threads:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    model, tokenizer = load(base)
    template = training_template(tokenizer)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    data = [encode(tokenizer, example, i, template) for i, example in enumerate(train, 1)]
    held = [encode(tokenizer, example, i, template) for i, example in enumerate(valid or [], 1)]
    epochs, batch, multiplier = resolve(len(data), n_epochs, batch_size, learning_rate_multiplier)
    per_epoch = math.ceil(len(data) / batch)

    class Report(TrainerCallback):  # type: ignore[misc]
        """Turns the trainer's events into ours."""

        last: Step

        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if should_stop():
                raise Stopped

        def on_log(
            self, args: Any, state: Any, control: Any, logs: dict[str, Any], **kwargs: Any
        ) -> None:
            if "loss" not in logs:  # the closing summary
                return
            now = state.global_step
            small: tuple[float | None, float | None] = (None, None)
            full: tuple[float | None, float | None] = (None, None)
            if held and now % VALID_EVERY == 0:
                small = evaluate(model, held[:VALID_BATCH])
            if held and now % per_epoch == 0:
                full = evaluate(model, held)
            self.last = Step(
                now, state.max_steps, logs["loss"], logs["mean_token_accuracy"], *small, *full
            )
            on_step(self.last)

        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            saved = folder / f"checkpoint-{state.global_step}"
            on_checkpoint(state.global_step, saved, self.last)

    config = SFTConfig(
        output_dir=str(folder),
        num_train_epochs=epochs,
        per_device_train_batch_size=batch,
        learning_rate=LEARNING_RATE * multiplier,
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        seed=seed,
        data_seed=seed,
        logging_steps=1,
        save_strategy="epoch",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        bf16=False,
        max_length=None,
        packing=False,
        activation_checkpointing=False,  # memory is no problem here, time is
        dataloader_pin_memory=False,
    )
    trainer = SFTTrainer(
        model=model,
        args=config,
        train_dataset=Dataset.from_list(data),
        processing_class=tokenizer,
        callbacks=[Report()],
    )
    trainer.remove_callback(PrinterCallback)  # it prints every log to stdout
    trainer.create_model_card = lambda *args, **kwargs: None  # TRL's would name a base that is none
    trainer.train(resume_from_checkpoint=last_checkpoint(folder) if resume else None)
    trainer.save_model(str(folder))
    (folder / "training_args.bin").unlink(
        missing_ok=True
    )  # a pickle, which nobody should have to load
    return SFTResult(
        folder=folder,
        steps=trainer.state.global_step,
        trained_tokens=epochs * sum(len(one["input_ids"]) for one in data),
        n_epochs=epochs,
        batch_size=batch,
        learning_rate_multiplier=multiplier,
    )
