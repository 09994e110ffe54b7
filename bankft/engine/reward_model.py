"""A reward model: learns from preference pairs which answer is better, and scores any answer.

Bradley and Terry (1952): the better of two answers is preferred with probability
sigmoid(score - score). TRL's RewardTrainer does the work. A model this size learns a few hundred
pairs by heart; dropout, label smoothing, weight decay and early stop are there against it.
"""

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import dropout as drop
from torch.nn.functional import logsigmoid

from bankft.engine.calibration import calibration_error
from bankft.engine.folder import check_folder, load
from bankft.engine.lora import MERGED, LoRA, adapters, keep_adapter, merge
from bankft.engine.preference import Encoded, Pair, encode_pairs
from bankft.engine.recipe import Precision, ours, recipe_for
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
from bankft.errors import BaseModelUnreadable, DataError, UsageError

LEARNING_RATE = 2e-4  # what multiplier 1.0 means for all weights of bankft-nano
VALID_BATCH = 8  # pairs of the small validation batch
ROWS = 64  # conversations scored together

Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class RewardStep:
    """One training step's metrics; losses in nats a pair, accuracies 0–1, None: not measured.

    Accuracy is the share of pairs whose better answer has the higher score; a training loss that
    falls while ``full_valid_loss`` rises is overfitting. ``full_valid_calibration_error`` is that
    of `calibration_error`, of the probability that the better answer is preferred.
    """

    step: int
    total_steps: int
    train_loss: float
    train_reward_accuracy: float
    train_reward_margin: float
    valid_loss: float | None = None
    valid_reward_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_reward_accuracy: float | None = None
    full_valid_reward_margin: float | None = None
    full_valid_calibration_error: float | None = None


@dataclass(frozen=True)
class RewardResult:
    """A finished run; the settings are resolved, ``trained_tokens`` counts all epochs."""

    folder: Path
    steps: int
    trained_tokens: int
    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float


def fresh_scorer(folder: str | os.PathLike[str]) -> tuple[Any, Any]:
    """Put a head for one number on a chat model; return it and the tokenizer.

    The head is zero: it begins by finding all answers alike.

    Raises:
        BaseModelUnreadable: the folder cannot be read.

    """
    from transformers import AutoModelForSequenceClassification

    chat, tokenizer = load(folder)
    config = chat.config
    config.num_labels = 1
    pad = tokenizer.pad_token_id
    # What fills texts up; the head reads the last token that is another.
    config.pad_token_id = tokenizer.eos_token_id if pad is None else pad
    model = AutoModelForSequenceClassification.from_config(config, dtype=torch.float32)
    model.base_model.load_state_dict(chat.base_model.state_dict())
    torch.nn.init.zeros_(model.score.weight)
    return model.eval(), tokenizer


def load_scorer(folder: str | os.PathLike[str]) -> tuple[Any, Any]:
    """Read a reward model and its tokenizer.

    Raises:
        BaseModelUnreadable: the folder cannot be read, or holds a model of another kind.

    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging

    path = check_folder(folder)
    logging.disable_progress_bar()
    try:
        about = json.loads((path / "config.json").read_text(encoding="utf-8"))
        if "ForSequenceClassification" not in str(about.get("architectures")):
            raise BaseModelUnreadable(
                f"The folder {path.name} holds no reward model: train one on preference pairs."
            )
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = AutoModelForSequenceClassification.from_pretrained(
            path, local_files_only=True, dtype=torch.float32, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise BaseModelUnreadable(
            f"The reward model {path.name} cannot be read ({type(error).__name__}): "
            "copy the whole folder again."
        ) from error
    return model.eval(), tokenizer


@torch.no_grad()
def scores(model: Any, texts: Sequence[list[int]]) -> list[float]:
    """Score token ids, alike lengths together."""
    was_training = model.training
    model.eval()
    pad = model.config.get_text_config().pad_token_id
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = [0.0] * len(texts)
    for start in range(0, len(order), ROWS):
        some = order[start : start + ROWS]
        width = max(len(texts[i]) for i in some)
        ids = torch.full((len(some), width), pad)
        mask = torch.zeros((len(some), width), dtype=torch.long)
        for row, i in enumerate(some):
            ids[row, : len(texts[i])] = torch.tensor(texts[i])
            mask[row, : len(texts[i])] = 1
        device = model.device
        logits = model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits
        for i, score in zip(some, logits[:, 0].tolist(), strict=True):
            found[i] = score
    model.train(was_training)
    return found


def margins(model: Any, pairs: Sequence[Encoded]) -> list[float]:
    """Score of the better answer minus that of the worse one, for each pair."""
    found = scores(model, [one.prompt + ids for one in pairs for ids in (one.better, one.worse)])
    return [better - worse for better, worse in zip(found[::2], found[1::2], strict=True)]


class RewardModel:
    """A reward model in memory.

    Args:
        folder: the result of `train_reward_model`.
        threads: CPU threads for torch (for the whole process); None leaves them.

    Raises:
        BaseModelUnreadable: the folder cannot be read, or holds a model of another kind.

    """

    def __init__(self, folder: str | os.PathLike[str], *, threads: int | None = None) -> None:
        if threads:
            torch.set_num_threads(threads)
        self.model, self.tokenizer = load_scorer(folder)
        self.room = int(self.model.config.get_text_config().max_position_embeddings)

    def score(self, conversations: Sequence[Messages]) -> list[float]:
        """Score conversations whose last message is the assistant's; higher is better.

        Only differences mean something: sigmoid(a - b) is the probability that a is preferred.

        Raises:
            DataError: the last message is not the assistant's, or a conversation is too long.

        """
        texts = []
        for line, messages in enumerate(conversations, 1):
            if not messages or messages[-1].get("role") != "assistant":
                raise DataError(
                    f"Conversation {line} does not end with an assistant's message: "
                    "that is what is scored."
                )
            out = self.tokenizer.apply_chat_template(list(messages), return_dict=True)
            ids = list(out["input_ids"])
            if len(ids) > self.room:
                raise DataError(
                    f"Conversation {line} takes {len(ids)} tokens and the model has room for "
                    f"{self.room}: shorten it."
                )
            texts.append(ids)
        return scores(self.model, texts)

    def margins(self, pairs: Sequence[Pair]) -> list[float]:
        """Score of the better answer minus that of the worse one, for each preference pair.

        What `reliability` and `calibration_error` read.

        Raises:
            DataError: a pair lacks something, or is too long.

        """
        return margins(self.model, encode_pairs(self.tokenizer, pairs, self.room))


def train_reward_model(
    base: str | os.PathLike[str],
    train: Sequence[Pair],
    valid: Sequence[Pair] | None,
    out: str | os.PathLike[str],
    *,
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    learning_rate_multiplier: float | Auto = "auto",
    dropout: float = 0.1,
    label_smoothing: float = 0.0,
    weight_decay: float = 0.01,
    early_stop: int | None = None,
    lora: LoRA | Auto | None = "auto",
    precision: Precision | Auto = "auto",
    seed: int = 0,
    threads: int | None = None,
    on_step: Callable[[RewardStep], None] = lambda step: None,
    on_checkpoint: Callable[[int, Path, RewardStep], None] = lambda step, folder, metrics: None,
    should_stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> RewardResult:
    """Train a model to give the better answer of each pair the higher score.

    Args:
        base: folder of a chat model; its weights are where the reward model begins.
        train: preference pairs, as `train_dpo` has them.
        valid: pairs of the same form, or None; overfitting cannot be seen without.
        out: folder for the result and, in ``checkpoint-<step>``, the model at each epoch's end.
        n_epochs: as in `train_sft`, as are the next two; the rate of multiplier 1.0 is 2e-4.
        batch_size: pairs a step.
        learning_rate_multiplier: see above.
        dropout: share (0 to below 1) of the embeddings' and the head's inputs that are left out.
        label_smoothing: share (0 to below 0.5) of pairs that are thought to be labelled the wrong
            way round: it keeps the scores from growing apart without end.
        weight_decay: of the optimiser.
        early_stop: as in `train_sft`, as is everything below.
        lora: see above; in ``auto`` all weights for bankft-nano.
        precision: see above.
        seed: see above; also of dropout.
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
    if not 0 <= dropout < 1 or not 0 <= label_smoothing < 0.5 or weight_decay < 0:
        raise UsageError(
            f"dropout is {dropout!r}, label_smoothing {label_smoothing!r} and weight_decay "
            f"{weight_decay!r}: use 0 to below 1, 0 to below 0.5, and 0 or more."
        )
    chosen = lora if isinstance(lora, LoRA) else None
    if chosen and chosen.bits:
        raise UsageError("A reward model is trained on unquantised weights: leave out bits.")
    settle(threads)
    from datasets import Dataset
    from trl import RewardConfig, RewardTrainer

    model, tokenizer = fresh_scorer(base)
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
    if dropout:
        leave_out(model, dropout)

    class Trainer(RewardTrainer):  # type: ignore[misc]
        """TRL's, with smoothed labels."""

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, **kwargs: Any
        ) -> torch.Tensor:
            if not label_smoothing:
                plain: torch.Tensor = super().compute_loss(model, inputs)
                return plain
            _, out = super().compute_loss(model, inputs, return_outputs=True)
            better, worse = out.logits.squeeze(-1).chunk(2)
            margin = better - worse
            return -(
                (1 - label_smoothing) * logsigmoid(margin) + label_smoothing * logsigmoid(-margin)
            ).mean()

    with quietly():
        trainer = Trainer(
            model=model,
            args=RewardConfig(
                **arguments(folder, recipe, epochs, batch, multiplier, seed),
                weight_decay=weight_decay,
                disable_dropout=False,
            ),
            train_dataset=Dataset.from_list(
                [
                    {"chosen_ids": one.prompt + one.better, "rejected_ids": one.prompt + one.worse}
                    for one in data
                ]
            ),
            processing_class=tokenizer,
            peft_config=adapters(model, chosen, task="SEQ_CLS") if chosen else None,
        )

    def read(logs: Mapping[str, float]) -> dict[str, float | None]:
        return {
            "train_loss": logs["loss"],
            "train_reward_accuracy": logs["accuracy"],
            "train_reward_margin": logs["margin"],
        }

    def look(prefix: str, some: Sequence[Encoded]) -> dict[str, float]:
        apart = margins(trainer.model, some)
        found = {
            "loss": float(-logsigmoid(torch.tensor(apart)).mean()),
            "reward_accuracy": sum(one > 0 for one in apart) / len(apart),
        }
        if prefix == "full_valid":
            found["reward_margin"] = sum(apart) / len(apart)
            found["calibration_error"] = calibration_error(apart)
        return {f"{prefix}_{name}": value for name, value in found.items()}

    def export(adapter: Path, to: Path) -> Path:
        return merge(Path(base), adapter, to, read=fresh_scorer)

    steps = run(
        trainer,
        Calls(on_step, on_checkpoint, should_stop),
        Looks(
            RewardStep,
            read,
            small=(lambda: look("valid", held[:VALID_BATCH])) if held else None,
            full=(lambda: look("full_valid", held)) if held else None,
            export=lambda saved: export(saved, saved / MERGED) if chosen else saved,
        ),
        per_epoch=math.ceil(len(data) / batch),
        resume=resume,
        early_stop=early_stop,
    )
    if chosen:
        export(keep_adapter(trainer, Path(base), folder), folder)
    else:
        trainer.save_model(str(folder))
    tidy(folder)
    tokens = sum(2 * len(one.prompt) + len(one.better) + len(one.worse) for one in data)
    return RewardResult(
        folder=folder,
        steps=steps,
        trained_tokens=round(steps / math.ceil(len(data) / batch) * tokens),
        n_epochs=epochs,
        batch_size=batch,
        learning_rate_multiplier=multiplier,
    )


def leave_out(model: Any, share: float) -> None:
    """Add dropout behind the embeddings and before the head; the saved weights are as without."""

    def behind(layer: Any, inputs: Any, out: torch.Tensor) -> torch.Tensor:
        return drop(out, share, training=model.training)

    def before(layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
        return (drop(inputs[0], share, training=model.training),)

    model.get_input_embeddings().register_forward_hook(behind)
    model.score.register_forward_pre_hook(before)
