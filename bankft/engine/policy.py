"""The model that reinforcement trains, by all its weights or by adapters; and a run on disk."""

import copy
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from bankft.engine.folder import always_sampling, load, on_gpu
from bankft.engine.lora import ADAPTER, MERGED, LoRA, adapters, keep_adapter, merge, quantization
from bankft.engine.recipe import LARGE, ours
from bankft.engine.trainer import quietly
from bankft.errors import UsageError

OPTIMIZER, HEAD, STATE = "optimizer.safetensors", "value_head.safetensors", "trainer_state.json"


@dataclass(frozen=True)
class Policy:
    """A model in training.

    ``model`` is PEFT's where ``lora`` is set; ``own`` says whether it is bankft-nano or was trained
    from it, ``checkpointing`` whether activations are computed twice instead of kept.
    """

    base: Path
    model: Any
    tokenizer: Any
    lora: LoRA | None
    own: bool
    checkpointing: bool
    _before: Any  # the model as it was; None with LoRA, whose frozen weights are that

    @property
    def learnt(self) -> list[nn.Parameter]:
        """What the optimiser changes."""
        return [one for one in self.model.parameters() if one.requires_grad]

    @contextmanager
    def reference(self) -> Iterator[Any]:
        """Give the model as it was before the training."""
        if self.lora is None:
            yield self._before
        else:
            with self.model.disable_adapter():
                yield self.model

    @contextmanager
    def learning(self) -> Iterator[Any]:
        """Give the model for forward passes that are followed by backward ones."""
        self.model.train(self.checkpointing)  # without effect but on that: nothing is dropped
        yield self.model
        self.model.eval()


def read_policy(
    base: str | os.PathLike[str], lora: LoRA | Literal["auto"] | None, seed: int
) -> Policy:
    """Read a base; give it adapters where they are asked for, or where its weights are real.

    Raises:
        BaseModelUnreadable: the folder cannot be read.
        UsageError: LoRA shall drop something, or needs hardware that is not there.

    """
    chosen = lora if isinstance(lora, LoRA) else None
    if chosen and chosen.dropout:
        raise UsageError(
            f"LoRA has dropout {chosen.dropout!r}: leave it out, since an answer must be as likely "
            "when it is learnt from as when it was sampled."
        )
    quantized = quantization(chosen)
    # Frozen weights may stay in the folder's own precision; those that are trained are fp32.
    frozen = quantized is not None or (lora is not None and on_gpu(base))
    model, tokenizer = load(base, dtype="auto" if frozen else None, quantization=quantized)
    own = ours(tokenizer)
    if lora == "auto" and not own:
        chosen = LoRA()
    large = not own and sum(one.numel() for one in model.parameters()) >= LARGE
    if large:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    before = None if chosen else copy.deepcopy(model)
    if chosen:
        from peft import get_peft_model

        with torch.random.fork_rng(), quietly():
            torch.manual_seed(seed)
            model = get_peft_model(model, adapters(model, chosen)).eval()
    return Policy(Path(base), model, tokenizer, chosen, own, large, before)


def save_model(policy: Policy, folder: Path) -> None:
    """Write weights (safetensors), tokenizer, template and a generation config that samples.

    Of adapters: them in ``adapter``, and the model that they are merged into.
    """
    if policy.lora:
        merge(policy.base, keep_adapter(policy, policy.base, folder), folder)
        return
    policy.model.generation_config = always_sampling(policy.model)
    policy.model.save_pretrained(folder)
    policy.tokenizer.save_pretrained(folder)


def save_checkpoint(
    policy: Policy,
    head: nn.Module | None,
    optimizer: torch.optim.Optimizer,
    state: dict[str, Any],
    folder: Path,
) -> Path:
    """Write what `restore` reads, and return the folder of the model in it.

    The JSON is written last, so that a crash leaves no whole checkpoint. Optimizer states of
    earlier checkpoints go: only the newest is resumed, and they are twice the size of what is
    trained.
    """
    model = folder / MERGED if policy.lora else folder
    if policy.lora:
        merge(policy.base, keep_adapter(policy, policy.base, folder), model)
    else:
        save_model(policy, folder)
    moments = {
        f"{i}.{name}": value.contiguous()
        for i, one in optimizer.state_dict()["state"].items()
        for name, value in one.items()
    }
    save_file(moments, folder / OPTIMIZER)
    if head is not None:
        save_file(head.state_dict(), folder / HEAD)
    (folder / STATE).write_text(json.dumps(state), encoding="utf-8")
    for other in folder.parent.glob(f"checkpoint-*/{OPTIMIZER}"):
        if other.parent != folder:
            other.unlink()
    return model


def take_weights(policy: Policy, folder: Path) -> None:
    """Give the model the weights of a checkpoint."""
    if policy.lora is None:
        policy.model.load_state_dict(load(folder)[0].state_dict())
        return
    from peft import load_peft_weights, set_peft_model_state_dict

    weights = load_peft_weights(str(folder / ADAPTER), device=str(policy.model.device))
    set_peft_model_state_dict(policy.model, weights)


def restore(
    policy: Policy, head: nn.Module | None, optimizer: torch.optim.Optimizer, folder: Path
) -> dict[str, Any]:
    """Put a checkpoint's weights and moments in place; return its JSON state."""
    take_weights(policy, folder)
    if head is not None:
        head.load_state_dict(load_file(folder / HEAD))
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in load_file(folder / OPTIMIZER).items():
        i, name = key.split(".", 1)
        state.setdefault(int(i), {})[name] = value
    whole = optimizer.state_dict()
    optimizer.load_state_dict({**whole, "state": state})
    found: dict[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
    return found
