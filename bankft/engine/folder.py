"""A model on disk: where the shipped one lies, its digest, and reading one with plain errors."""

import hashlib
import os
from pathlib import Path
from typing import Any

from bankft.errors import BaseModelUnreadable

# What training keeps in a checkpoint to go on from; no part of the model.
STATES = ("optimizer.safetensors", "value_head.safetensors")
LARGE = 512 * 2**20  # bytes of weights; smaller models are read and sampled on the CPU
NEEDED = ("config.json", "tokenizer.json", "tokenizer_config.json")


def nano_path() -> Path:
    """Return the folder of ``bankft-nano``, the base model that comes with the package."""
    return Path(__file__).parent / "nano"


def weight_files(folder: Path) -> list[Path]:
    """List the safetensors files of a model folder's weights, by name."""
    return sorted(set(folder.glob("*.safetensors")) - {folder / name for name in STATES})


def on_gpu(folder: str | os.PathLike[str]) -> bool:
    """Whether a model is read into the memory of a GPU: a large one, where there is a GPU."""
    import torch

    size = sum(file.stat().st_size for file in weight_files(Path(folder)))
    return torch.cuda.is_available() and size >= LARGE


def check_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder when it has the files of a model.

    Raises:
        BaseModelUnreadable: it is no folder, or lacks a file; the message names it.

    """
    path = Path(folder)
    if not path.is_dir():
        raise BaseModelUnreadable(
            f"The model folder {path.name} does not exist or is not a folder: "
            "build one with `bankft base build DIR`, or name a local Hugging Face folder."
        )
    for name in NEEDED:
        if not (path / name).is_file():
            raise BaseModelUnreadable(
                f"The model folder {path.name} has no {name}: copy the whole folder again."
            )
    if not weight_files(path):
        raise BaseModelUnreadable(
            f"The model folder {path.name} has no .safetensors file: "
            "weights are read from safetensors only."
        )
    return path


def digest(folder: str | os.PathLike[str]) -> str:
    """``sha256:…`` over the weights and the tokenizer, names included.

    Raises:
        BaseModelUnreadable: the folder is not a model's.

    """
    path = check_folder(folder)
    total = hashlib.sha256()
    for file in [*weight_files(path), path / "tokenizer.json"]:
        total.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"


def always_sampling(model: Any) -> Any:
    """Return a generation config with which a server obeys a request's temperature.

    With ``do_sample`` off, servers that read the file answer greedily whatever temperature a
    request names.
    """
    from transformers import GenerationConfig

    found = model.generation_config
    return GenerationConfig(
        do_sample=True,
        temperature=1.0,
        top_k=0,
        bos_token_id=found.bos_token_id,
        eos_token_id=found.eos_token_id,
        pad_token_id=found.pad_token_id,
    )


def load(
    folder: str | os.PathLike[str], *, dtype: Any = None, quantization: Any = None
) -> tuple[Any, Any]:
    """Read model (evaluation mode) and tokenizer; no network, no code from the folder.

    Args:
        folder: a model folder.
        dtype: of the weights; None is fp32, ``"auto"`` the folder's own.
        quantization: how transformers shall hold the weights, or None.

    Returns:
        The model, whose folder will say ``do_sample`` when it is saved, and the tokenizer.

    Raises:
        BaseModelUnreadable: a file is missing or broken; the message names what.

    """
    path = check_folder(folder)
    import torch
    from safetensors import SafetensorError, safe_open
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    for file in weight_files(path):
        try:
            with safe_open(file, framework="pt") as weights:
                weights.keys()
        except (SafetensorError, OSError):
            raise BaseModelUnreadable(
                f"The weights {path.name}/{file.name} are truncated or no safetensors file: "
                "copy the file again."
            ) from None
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            path,
            local_files_only=True,
            dtype=dtype or torch.float32,
            quantization_config=quantization,
            use_safetensors=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise BaseModelUnreadable(
            f"The model folder {path.name} cannot be read ({type(error).__name__}): "
            "config.json or tokenizer.json does not fit the weights; copy the whole folder again."
        ) from error
    if not tokenizer.chat_template:
        raise BaseModelUnreadable(
            f"The model folder {path.name} has no chat template: use a model made for chat, "
            "or add its chat_template.jinja."
        )
    model.generation_config = always_sampling(model)
    if quantization is None and on_gpu(path):
        model.to("cuda")
    return model.eval(), tokenizer
