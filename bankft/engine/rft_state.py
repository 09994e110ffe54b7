"""A reinforcement run on disk: a model folder, and what it takes to go on. No pickle."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from bankft.engine.folder import always_sampling

OPTIMIZER, HEAD, STATE = "optimizer.safetensors", "value_head.safetensors", "trainer_state.json"


def save_model(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights (safetensors), tokenizer, template and a generation config that samples."""
    model.generation_config = always_sampling(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_state(
    folder: Path, state: dict[str, Any], head: nn.Module | None, optimizer: torch.optim.Optimizer
) -> None:
    """Write what `read_state` reads; the JSON last, so that a crash leaves no whole checkpoint.

    Optimizer states of earlier checkpoints go: only the newest is resumed, and they are twice
    the size of the model.
    """
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


def read_state(
    folder: Path, model: Any, head: nn.Module | None, optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Put a checkpoint's weights and moments in place; return its JSON state."""
    from bankft.engine.folder import load

    saved, _ = load(folder)
    model.load_state_dict(saved.state_dict())
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
