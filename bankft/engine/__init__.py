"""Real training and sampling on torch: the base model, supervised fine-tuning, the sampler.

Names are imported on first use, so that asking for a path or a digest does not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankft.engine.base_model import build
    from bankft.engine.folder import digest, nano_path
    from bankft.engine.keep import Keep
    from bankft.engine.lora import LoRA
    from bankft.engine.pretrain import Progress, Settings
    from bankft.engine.sampler import Piece, Rollout, Sampler
    from bankft.engine.sft import SFTResult, Step, Stopped, train_sft

_HOMES = {
    "Keep": "keep",
    "LoRA": "lora",
    "Piece": "sampler",
    "Progress": "pretrain",
    "Rollout": "sampler",
    "SFTResult": "sft",
    "Sampler": "sampler",
    "Settings": "pretrain",
    "Step": "sft",
    "Stopped": "sft",
    "build": "base_model",
    "digest": "folder",
    "nano_path": "folder",
    "train_sft": "sft",
}

__all__ = [
    "Keep",
    "LoRA",
    "Piece",
    "Progress",
    "Rollout",
    "SFTResult",
    "Sampler",
    "Settings",
    "Step",
    "Stopped",
    "build",
    "digest",
    "nano_path",
    "train_sft",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bankft.engine' has no attribute {name!r}")
    return getattr(import_module(f"bankft.engine.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
