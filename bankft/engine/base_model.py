"""Build bankft-nano from nothing: corpus, tokenizer, weights, measured limits, model card."""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from bankft.cases import fundbot
from bankft.engine.folder import digest
from bankft.engine.measure import measure, measure_all
from bankft.engine.pretrain import Progress, Settings, pretrain
from bankft.engine.sampler import Sampler
from bankft.engine.sft import train_sft
from bankft.lang import LANGUAGES


def build(
    folder: Path,
    *,
    settings: Settings | None = None,
    threads: int = 2,
    questions: int = 500,
    teaching: int = 400,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Write the whole model folder and return what ``card.json`` holds.

    The same data, settings, thread count and machine give the same weights, byte for byte.

    Args:
        folder: is created; files of the same name are replaced.
        settings: see `Settings`; None takes the shipped model's.
        threads: CPU threads.
        questions: how many each row of facts asks; the other rows ask a part of it.
        teaching: examples of the fine-tuning that the card shows beside the base.
        on_progress: called about fifty times during pre-training.

    """
    chosen = settings or Settings()
    torch.set_num_threads(threads)
    started, data = time.perf_counter(), data_digest()
    model, tokenizer, trained = pretrain(chosen, on_progress)
    seconds = {"pretraining": round(time.perf_counter() - started)}
    folder.mkdir(parents=True, exist_ok=True)
    save(model, tokenizer, folder)
    limits = measure_all(Sampler(folder), questions)
    fine_tuned = fine_tune_rows(folder, teaching, questions, threads)
    seconds["all"] = round(time.perf_counter() - started)
    card = {
        "name": "bankft-nano",
        "digest": digest(folder),
        "data": data,
        "settings": asdict(chosen),
        "trained": trained,
        "seconds": seconds,
        "versions": {name: version(name) for name in ("torch", "transformers", "tokenizers")},
        "limits": limits,
        "teaching": teaching,
        "fine_tuned": fine_tuned,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(write_card(card), encoding="utf-8")
    return card


def data_digest() -> str:
    """``sha256:…`` of the shelf and the wording: what the corpus is made from, beside the code."""
    total = hashlib.sha256()
    for name in ("funds.toml", "wording.en.toml", "wording.zh.toml"):
        total.update(files("bankft.cases.fundbot").joinpath(name).read_bytes())
    return f"sha256:{total.hexdigest()}"


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights (bf16 safetensors), tokenizer, template and a generation config that samples.

    With ``do_sample`` off, servers that read the file answer greedily whatever temperature a
    request names; so it is on.
    """
    from transformers import GenerationConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    ids = {
        f"{name}_token_id": getattr(model.config, f"{name}_token_id")
        for name in ("bos", "eos", "pad")
    }
    model.generation_config = GenerationConfig(do_sample=True, temperature=1.0, top_k=0, **ids)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # written for its owner alone
    tokenizer.save_pretrained(folder)


def fine_tune_rows(base: Path, teaching: int, questions: int, threads: int) -> list[dict[str, Any]]:
    """Fine-tune on the compliant answers, one language at a time, and measure the facts again."""
    rows = []
    for language in LANGUAGES:
        train = fundbot.conversations("train", teaching, language=language)
        with tempfile.TemporaryDirectory() as out:
            train_sft(base, train, None, out, threads=threads)
            sampler = Sampler(out)
            for temperature in (0.0, 1.0):
                rows += measure(
                    sampler, "fact", questions, language=language, temperature=temperature
                )
    return [asdict(row) for row in rows]


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"


def _table(rows: list[dict[str, Any]], head: str) -> str:
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        cells = [row["task"], row["part"], row["language"], f"{row['temperature']:g}", row["n"]]
        cells += [_percent(row[key]) for key in ("exact", "field", "violations", "valid_json")]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def write_card(card: dict[str, Any]) -> str:
    """Write the model card (README.md), English and Chinese, from the numbers of ``card.json``."""
    template = files(__package__).joinpath("card_template.md").read_text(encoding="utf-8")
    english = "| task | part | language | T | n | exact | field | violations | valid JSON |"
    chinese = "| 任务 | 部分 | 语言 | T | n | 全对 | 要点对 | 违规率 | JSON 有效 |"
    trained, settings = card["trained"], card["settings"]
    shown = ("layers", "hidden", "vocab_size", "steps", "batch_tokens", "seed")
    return template.format(
        digest=card["digest"],
        data=card["data"],
        million=f"{trained['parameters'] / 1e6:.2f}",
        documents=f"{trained['documents']:,}",
        tokens=f"{trained['tokens'] / 1e6:.2f}",
        loss=trained["loss"],
        threads=trained["threads"],
        minutes=f"{card['seconds']['pretraining'] / 60:.0f}",
        teaching=card["teaching"],
        **{key: settings[key] for key in shown},
        limits_en=_table(card["limits"], english),
        limits_zh=_table(card["limits"], chinese),
        tuned_en=_table(card["fine_tuned"], english),
        tuned_zh=_table(card["fine_tuned"], chinese),
    )
