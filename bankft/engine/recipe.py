"""How strongly to train: learning rate and its course, precision, memory; by what the base is.

bankft-nano and what was trained from it are small: all weights, fp32, a rate that suits them.
Other folders hold real weights, for which rates are smaller and memory counts.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from bankft.errors import UsageError

Precision = Literal["fp32", "bf16"]
LARGE = 300_000_000  # parameters, from which on activations are computed again to save memory


@dataclass(frozen=True)
class Recipe:
    """Settings of the optimiser and of the arithmetic.

    ``learning_rate`` is what multiplier 1.0 means; it rises over the share ``warmup`` of the
    steps and falls to zero, in a line or as a cosine. ``checkpointing`` computes activations
    twice instead of keeping them. ``precision`` is that of the multiplications.
    """

    learning_rate: float = 5e-4
    schedule: Literal["linear", "cosine"] = "linear"
    warmup: float = 0.1
    checkpointing: bool = False
    precision: Precision = "fp32"


def fast_bf16() -> bool:
    """Whether bf16 is faster here: a GPU that has it, or a CPU that multiplies tiles (AMX).

    Without either, bf16 is slower than fp32, whatever the CPU's flags promise.
    """
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_amx_tile_supported())


def ours(tokenizer: Any) -> bool:
    """Whether a model is bankft-nano or was trained from it, told by its special tokens."""
    from bankft.engine.tokenizer import SPECIAL

    return set(SPECIAL) <= set(tokenizer.get_vocab())


def recipe_for(
    model: Any, tokenizer: Any, *, lora: bool, rate: float, precision: Precision | Literal["auto"]
) -> Recipe:
    """Choose the settings for a base.

    LoRA's rate is ten times that of all weights (J. Schulman et al., "LoRA Without Regret",
    2025); the rate of all real weights, 2e-5, and cosine with a warm-up of 5 % are usual.

    Args:
        model: the base.
        tokenizer: the base's.
        lora: whether adapters are trained.
        rate: learning rate for all weights of bankft-nano.
        precision: ``fp32``, the same each time on one machine; ``bf16``; ``auto`` takes fp32 for
            bankft-nano, and bf16 for real weights where it is faster.

    Raises:
        UsageError: bf16 on a machine where it is no faster.

    """
    own = ours(tokenizer)
    if precision == "bf16" and not fast_bf16():
        raise UsageError(
            "bf16 is no faster on this machine, which has neither a GPU nor AMX: use fp32."
        )
    if precision == "auto":
        precision = "bf16" if not own and fast_bf16() else "fp32"
    recipe = Recipe(learning_rate=rate, precision=precision)
    if not own:
        large = sum(p.numel() for p in model.parameters()) >= LARGE
        recipe = replace(
            recipe,
            learning_rate=rate * 0.04,  # 2e-5 where bankft-nano takes 5e-4
            schedule="cosine",
            warmup=0.05,
            checkpointing=large,
        )
    return replace(recipe, learning_rate=recipe.learning_rate * 10) if lora else recipe
