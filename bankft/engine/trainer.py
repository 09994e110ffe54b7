"""What every training here shares: settled numerics, the caller's callbacks, checkpoints.

The trainers are TRL's; this turns their events into ours, and their folders into folders that
hold a model and nothing else.
"""

import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from bankft.engine.recipe import Recipe
from bankft.errors import UsageError

Auto = Literal["auto"]
VALID_EVERY = 10  # steps between two looks at the small validation batch
MOST = {"n_epochs": (1, 50), "batch_size": (1, 256)}  # OpenAI's ranges


class Stopped(Exception):
    """The caller's ``should_stop`` said so; what was saved before stays."""


@dataclass(frozen=True)
class Calls:
    """What the caller wants to be told, and asked before each step."""

    on_step: Callable[[Any], None]
    on_checkpoint: Callable[[int, Path, Any], None]
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class Looks:
    """How a step is made of the trainer's numbers, and the two looks at the validation data."""

    step: type
    read: Callable[[Mapping[str, float]], dict[str, float | None]]
    small: Callable[[], dict[str, float]] | None = None
    full: Callable[[], dict[str, float]] | None = None
    export: Callable[[Path], Path] = lambda folder: folder  # checkpoint to the model in it


def settle(threads: int | None) -> None:
    """Make torch give the same numbers each time, without network, on ``threads`` threads.

    By itself torch's deterministic mode fills memory that is about to be written anyway, which
    took a quarter of a step; nothing here reads what it did not write.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what determinism takes on a GPU
    from datasets import disable_progress_bars
    from transformers.utils import logging

    disable_progress_bars()
    logging.disable_progress_bar()
    if threads:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


@contextmanager
def quietly() -> Iterator[None]:
    """Keep back what the training libraries say about each other's deprecated names."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        yield


def resolve(
    examples: int,
    n_epochs: int | Auto,
    batch_size: int | Auto,
    learning_rate_multiplier: float | Auto,
) -> tuple[int, int, float]:
    """Turn ``"auto"`` into numbers by the number of examples.

    Batch size: the largest power of two, at most 16, that leaves twenty steps an epoch. Epochs:
    3, or more (at most 10) until there are 75 steps. Multiplier: 1.0.

    Raises:
        UsageError: no examples, or a number out of its range.

    >>> resolve(400, "auto", "auto", "auto")
    (3, 16, 1.0)
    """
    if examples < 1:
        raise UsageError("There is nothing to train on: give one example or more.")
    for name, value in (("n_epochs", n_epochs), ("batch_size", batch_size)):
        least, most = MOST[name]
        if value != "auto" and not least <= value <= most:
            raise UsageError(f"{name} is {value!r}: use {least} to {most}, or auto.")
    if learning_rate_multiplier != "auto" and not 0 < learning_rate_multiplier < math.inf:
        raise UsageError(
            f"learning_rate_multiplier is {learning_rate_multiplier!r}: use a number above 0, "
            "or auto."
        )
    largest = 2 ** int(math.log2(max(1, examples // 20)))
    batch = min(16, largest) if batch_size == "auto" else batch_size
    enough = math.ceil(75 / math.ceil(examples / batch))
    epochs = min(10, max(3, enough)) if n_epochs == "auto" else n_epochs
    multiplier = 1.0 if learning_rate_multiplier == "auto" else learning_rate_multiplier
    return epochs, batch, multiplier


def check_early_stop(early_stop: int | None, valid: bool) -> None:
    """Refuse a patience without anything to look at.

    Raises:
        UsageError: it is below 1, or there are no validation examples.

    """
    if early_stop is not None and (early_stop < 1 or not valid):
        raise UsageError(
            "early_stop counts validations without a better loss: give 1 or more, "
            "and validation examples."
        )


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest whole checkpoint; one that a crash cut short lacks its last file."""
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    newest = max(whole, key=lambda path: int(path.name.split("-")[1]), default=None)
    return None if newest is None else str(newest)


def arguments(
    folder: Path, recipe: Recipe, epochs: int, batch: int, multiplier: float, seed: int
) -> dict[str, Any]:
    """Return the settings that every trainer of TRL's takes."""
    return {
        "output_dir": str(folder),
        "num_train_epochs": epochs,
        "per_device_train_batch_size": batch,
        "learning_rate": recipe.learning_rate * multiplier,
        "lr_scheduler_type": recipe.schedule,
        "warmup_steps": recipe.warmup,  # below 1: a share of the steps
        "gradient_checkpointing": recipe.checkpointing,
        "seed": seed,
        "data_seed": seed,
        "logging_steps": 1,
        "save_strategy": "epoch",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": not torch.cuda.is_available(),
        "bf16": recipe.precision == "bf16",
        "max_length": None,
        "activation_checkpointing": False,
        "dataloader_pin_memory": False,
    }


def losses(history: list[dict[str, Any]]) -> list[tuple[int, float]]:
    """Return step and loss of each look at the whole validation data, of the trainer's log."""
    return [(one["step"], one["full_valid_loss"]) for one in history if "full_valid_loss" in one]


def run(
    trainer: Any,
    calls: Calls,
    looks: Looks,
    *,
    per_epoch: int,
    resume: bool,
    early_stop: int | None = None,
) -> int:
    """Train to the end, or until the validation loss has stopped falling; return the steps.

    With ``early_stop`` the trainer's model is the one with the least validation loss, and the
    run ends after so many looks without a better one.

    Raises:
        Stopped: the caller said so.

    """
    from transformers import PrinterCallback, TrainerCallback

    folder = Path(trainer.args.output_dir)

    class Report(TrainerCallback):  # type: ignore[misc]
        """Turns the trainer's events into ours."""

        last: Any

        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if calls.should_stop():
                raise Stopped

        def on_log(
            self, args: Any, state: Any, control: Any, logs: dict[str, Any], **kwargs: Any
        ) -> None:
            if "loss" not in logs:  # the closing summary
                return
            now, found = state.global_step, looks.read(logs)
            if looks.small and now % VALID_EVERY == 0:
                found |= looks.small()
            if looks.full and now % per_epoch == 0:
                found |= looks.full()
                # In the trainer's own log, so that a resumed run knows it.
                state.log_history[-1]["full_valid_loss"] = found["full_valid_loss"]
                if early_stop and waited(losses(state.log_history)) >= early_stop:
                    control.should_training_stop = True
            self.last = looks.step(step=now, total_steps=state.max_steps, **found)
            calls.on_step(self.last)

        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            saved = looks.export(folder / f"checkpoint-{state.global_step}")
            calls.on_checkpoint(state.global_step, saved, self.last)

    trainer.add_callback(Report())
    trainer.remove_callback(PrinterCallback)  # it prints every log to stdout
    trainer.create_model_card = lambda *args, **kwargs: None  # TRL's would name a base that is none
    with quietly():
        trainer.train(resume_from_checkpoint=last_checkpoint(folder) if resume else None)
    seen = losses(trainer.state.log_history)
    if early_stop and waited(seen):
        best = min(seen, key=lambda one: one[1])[0]
        trainer._load_from_checkpoint(str(folder / f"checkpoint-{best}"))
    return int(trainer.state.global_step)


def waited(seen: list[tuple[int, float]]) -> int:
    """How many looks there were since the best.

    >>> waited([(5, 1.0), (10, 0.7), (15, 0.8)])
    1
    """
    values = [loss for _, loss in seen]
    return len(values) - 1 - values.index(min(values)) if values else 0


def tidy(folder: Path) -> None:
    """Remove what only resuming needed: optimizer states and the like, pickles all of them."""
    for pattern in ("*.bin", "*.pt", "*.pth"):
        for path in folder.rglob(pattern):
            path.unlink()
