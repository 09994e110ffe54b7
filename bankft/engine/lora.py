"""LoRA: small matrices are trained beside frozen weights, and merged into them at the end.

E. Hu et al., "LoRA", arXiv 2106.09685 (2021); T. Dettmers et al., "QLoRA", arXiv 2305.14314
(2023). PEFT does the work; a merged folder is one that every server can load.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from bankft.engine.folder import load
from bankft.engine.trainer import quietly
from bankft.errors import UsageError

ADAPTER = "adapter"  # folder of the adapter beside the merged model
MERGED = "model"  # folder of the merged model in a checkpoint


@dataclass(frozen=True)
class LoRA:
    """Settings of the adapters.

    ``r`` is their rank; they are scaled by ``alpha`` / ``r``. ``dropout`` (0–1) is applied to
    their input. ``targets`` names the linear layers that get one, or all of them but the output.
    ``bits`` 4 is QLoRA: the frozen weights are held in 4 bits, on a CUDA GPU.

    >>> LoRA(r=8, alpha=32, dropout=0.05, targets=["q_proj", "v_proj"]).alpha
    32
    """

    r: int = 8
    alpha: float = 16
    dropout: float = 0.0
    targets: Literal["all-linear"] | list[str] = "all-linear"
    bits: Literal[4] | None = None

    def __post_init__(self) -> None:
        """Refuse what PEFT would not, or not plainly."""
        if self.r < 1 or self.alpha <= 0 or not 0 <= self.dropout < 1:
            raise UsageError(
                f"LoRA has r {self.r!r}, alpha {self.alpha!r} and dropout {self.dropout!r}: "
                "use r from 1, alpha above 0, dropout from 0 and below 1."
            )
        if self.bits not in (None, 4):
            raise UsageError(f"LoRA has bits {self.bits!r}: use 4 (QLoRA), or leave it out.")
        if not self.targets:
            raise UsageError("LoRA has no targets: name linear layers, or use all-linear.")


def quantization(lora: LoRA | None) -> Any:
    """Return how the frozen weights are held in 4 bits; None where they are not.

    Raises:
        UsageError: 4 bits are asked for, and there is no CUDA GPU or no bitsandbytes.

    """
    if lora is None or lora.bits is None:
        return None
    if not torch.cuda.is_available() or importlib.util.find_spec("bitsandbytes") is None:
        raise UsageError(
            "QLoRA needs a CUDA GPU and the package bitsandbytes, and this machine lacks one: "
            "leave out bits=4 to train LoRA on unquantised weights."
        )
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def adapters(model: Any, lora: LoRA, task: str = "CAUSAL_LM") -> Any:
    """Return PEFT's settings for a model.

    Raises:
        UsageError: a target is no linear layer of the model; the message names it.

    """
    from peft import LoraConfig

    if lora.targets != "all-linear":
        linear = {
            name.rsplit(".", 1)[-1]
            for name, module in model.named_modules()
            if isinstance(module, torch.nn.Linear) and module is not model.get_output_embeddings()
        }
        for target in lora.targets:
            if target not in linear:
                raise UsageError(
                    f"LoRA's target {target!r} is no linear layer of this model: "
                    f"use some of {', '.join(sorted(linear))}."
                )
    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets,
        task_type=task,
    )


def keep_adapter(trainer: Any, base: Path, folder: Path) -> Path:
    """Save a trainer's adapter as ``adapter`` in a folder, without a path of this machine."""
    for config in trainer.model.peft_config.values():
        config.base_model_name_or_path = base.name
    kept = folder / ADAPTER
    trainer.model.save_pretrained(kept, save_embedding_layers=False)
    (kept / "README.md").unlink(missing_ok=True)  # an empty form
    return kept


def in_its_precision(folder: Path) -> tuple[Any, Any]:
    """Read a chat model in the precision of its file."""
    return load(folder, dtype="auto")


def merge(
    base: Path,
    adapter: Path,
    out: Path,
    read: Callable[[Path], tuple[Any, Any]] = in_its_precision,
) -> Path:
    """Write the base with an adapter merged into it; the adapter's folder stays as it is.

    The base is read again, so that weights held in 4 bits are merged in full precision and the
    model being trained is not touched.
    """
    from peft import PeftModel

    # Fresh adapters are drawn before the trained ones replace them: not from the training's luck.
    with torch.random.fork_rng(), quietly():
        model, tokenizer = read(base)
        merged = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    merged.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return out
