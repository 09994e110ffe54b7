"""Real training and sampling on torch: the base model, supervised fine-tuning, the sampler.

Names are imported on first use, so that asking for a path or a digest does not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankft.engine.base_model import build
    from bankft.engine.calibration import Bin, calibration_error, reliability
    from bankft.engine.dpo import DPOResult, DPOStep, train_dpo
    from bankft.engine.folder import digest, nano_path
    from bankft.engine.keep import Keep
    from bankft.engine.lora import LoRA
    from bankft.engine.pretrain import Progress, Settings
    from bankft.engine.reward import Graded, Reward, Sample, as_reward, by_model
    from bankft.engine.reward_model import (
        RewardModel,
        RewardResult,
        RewardStep,
        train_reward_model,
    )
    from bankft.engine.rft import train_rft
    from bankft.engine.rft_step import RFTResult, RLStep
    from bankft.engine.sampler import Rollout, Sampler
    from bankft.engine.sft import SFTResult, Step, Stopped, train_sft
    from bankft.engine.writing import Piece

_HOMES = {
    "Bin": "calibration",
    "DPOResult": "dpo",
    "DPOStep": "dpo",
    "Graded": "reward",
    "Keep": "keep",
    "LoRA": "lora",
    "Piece": "writing",
    "Progress": "pretrain",
    "RFTResult": "rft_step",
    "RLStep": "rft_step",
    "Reward": "reward",
    "RewardModel": "reward_model",
    "RewardResult": "reward_model",
    "RewardStep": "reward_model",
    "Rollout": "sampler",
    "SFTResult": "sft",
    "Sample": "reward",
    "Sampler": "sampler",
    "Settings": "pretrain",
    "Step": "sft",
    "Stopped": "sft",
    "as_reward": "reward",
    "build": "base_model",
    "by_model": "reward",
    "calibration_error": "calibration",
    "digest": "folder",
    "nano_path": "folder",
    "reliability": "calibration",
    "train_dpo": "dpo",
    "train_reward_model": "reward_model",
    "train_rft": "rft",
    "train_sft": "sft",
}

__all__ = [
    "Bin",
    "DPOResult",
    "DPOStep",
    "Graded",
    "Keep",
    "LoRA",
    "Piece",
    "Progress",
    "RFTResult",
    "RLStep",
    "Reward",
    "RewardModel",
    "RewardResult",
    "RewardStep",
    "Rollout",
    "SFTResult",
    "Sample",
    "Sampler",
    "Settings",
    "Step",
    "Stopped",
    "as_reward",
    "build",
    "by_model",
    "calibration_error",
    "digest",
    "nano_path",
    "reliability",
    "train_dpo",
    "train_reward_model",
    "train_rft",
    "train_sft",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bankft.engine' has no attribute {name!r}")
    return getattr(import_module(f"bankft.engine.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
