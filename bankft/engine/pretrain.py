"""Pre-training: the loop that makes bankft-nano out of a corpus, meant to be read.

What is simplified: one process; every document is seen once, so there is no epoch; Muon and
AdamW share one learning rate; the length of the run is a number of steps, never a number of
seconds, so that the same seed, machine and thread count give the same weights.
"""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import Qwen3Config, Qwen3ForCausalLM

from bankft.cases.fundbot.corpus import documents
from bankft.engine.tokenizer import END, TEXT, encode_document, train_tokenizer


@dataclass(frozen=True)
class Settings:
    """Everything that decides the result, beside the machine and its thread count."""

    seed: int = 0
    vocab_size: int = 2048
    hidden: int = 256
    feed_forward: int = 768
    layers: int = 4
    heads: int = 4
    steps: int = 950
    batch_tokens: int = 4096  # tokens a step, padding included
    pool: int = 2000  # documents from which batches of alike lengths are made
    learning_rate: float = 3e-3
    warmup: int = 50
    tokenizer_documents: int = 20_000


@dataclass(frozen=True)
class Progress:
    """One line of progress: tokens a second and the mean loss (nats a token) since the last."""

    step: int
    steps: int
    loss: float
    tokens_per_second: float
    seconds_left: float


def new_model(settings: Settings, tokenizer: Any) -> Qwen3ForCausalLM:
    """Make a Qwen3 of a few million parameters with random weights."""
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=settings.vocab_size,
            hidden_size=settings.hidden,
            intermediate_size=settings.feed_forward,
            num_hidden_layers=settings.layers,
            num_attention_heads=settings.heads,
            num_key_value_heads=settings.heads // 2,
            head_dim=settings.hidden // settings.heads,
            max_position_embeddings=1024,
            rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
            tie_word_embeddings=True,
            bos_token_id=tokenizer.convert_tokens_to_ids(TEXT),
            eos_token_id=tokenizer.convert_tokens_to_ids(END),
            pad_token_id=tokenizer.convert_tokens_to_ids(TEXT),
        )
    )


def plain(document: Any) -> str:
    """Return a document's text without its roles, for training the tokenizer."""
    if isinstance(document, str):
        return document
    return "\n".join(message["content"] for message in document)


def batches(settings: Settings, tokenizer: Any, counts: dict[str, int]) -> Iterator[torch.Tensor]:
    """Whole documents of alike lengths, ``(documents, longest)`` int64, -1 behind the shorter ones.

    A batch holds about ``batch_tokens`` tokens. Alike lengths waste little on padding, and a
    document that stands alone in its row needs no mask: nothing is before it.
    """
    stream, rng = documents(settings.seed), random.Random(settings.seed)
    while True:
        pool = [encode_document(tokenizer, one) for one in islice(stream, settings.pool)]
        pool.sort(key=len)
        groups: list[list[list[int]]] = [[]]
        for ids in pool:
            if (len(groups[-1]) + 1) * len(ids) > settings.batch_tokens:
                groups.append([])
            groups[-1].append(ids)
        rng.shuffle(groups)
        for group in groups:
            counts["documents"] += len(group)
            counts["tokens"] += sum(map(len, group))
            longest = max(map(len, group))
            yield torch.tensor([ids + [-1] * (longest - len(ids)) for ids in group])


def learning_rate_at(step: int, settings: Settings) -> float:
    """Linear warm-up, then a cosine down to a twentieth."""
    if step < settings.warmup:
        return settings.learning_rate * (step + 1) / settings.warmup
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return settings.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))


def new_optimizers(model: Qwen3ForCausalLM, settings: Settings) -> list[torch.optim.Optimizer]:
    """Muon for the matrices, AdamW for the embeddings and norms.

    Muon (Jordan 2024) reaches the same loss in about a quarter fewer steps here, and costs about
    a fifth more time a step.
    """
    inner = [p for p in model.parameters() if p.ndim == 2 and p is not model.lm_head.weight]
    rest = [p for p in model.parameters() if p.ndim != 2 or p is model.lm_head.weight]
    muon = torch.optim.Muon(
        inner,
        lr=settings.learning_rate,
        weight_decay=0.1,
        adjust_lr_fn="match_rms_adamw",  # so that one learning rate fits both
    )
    adamw = torch.optim.AdamW(rest, lr=settings.learning_rate, betas=(0.9, 0.95), weight_decay=0.0)
    return [muon, adamw]


def pretrain(
    settings: Settings, on_progress: Callable[[Progress], None]
) -> tuple[Qwen3ForCausalLM, Any, dict[str, Any]]:
    """Train tokenizer and model from nothing.

    Args:
        settings: see `Settings`.
        on_progress: called about every 2 % of the way.

    Returns:
        model (fp32), tokenizer, and what was measured: documents, tokens, parameters, loss
        (mean of the last 2 %, nats a token).

    """
    torch.manual_seed(settings.seed)
    torch.use_deterministic_algorithms(True)
    some = islice(documents(settings.seed + 1), settings.tokenizer_documents)
    tokenizer = train_tokenizer((plain(one) for one in some), settings.vocab_size)
    model = new_model(settings, tokenizer).train()
    optimizers = new_optimizers(model, settings)
    counts = {"documents": 0, "tokens": 0}
    every = max(1, settings.steps // 50)
    started = since = time.perf_counter()
    losses: list[float] = []
    tokens = 0
    loss_now = math.nan
    # bf16 pays only where the CPU multiplies it in hardware tiles (AMX).
    fast_bf16 = torch.cpu._is_amx_tile_supported()
    for step, rows in enumerate(islice(batches(settings, tokenizer, counts), settings.steps), 1):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate_at(step - 1, settings)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bf16):
            logits = model(input_ids=rows[:, :-1].clamp(min=0), use_cache=False).logits
            loss = cross_entropy(
                logits.float().flatten(0, 1), rows[:, 1:].flatten(), ignore_index=-1
            )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        tokens += int((rows >= 0).sum())
        if step % every == 0 or step == settings.steps:
            now = time.perf_counter()
            loss_now = sum(losses) / len(losses)
            speed = tokens / (now - since)
            left = (settings.steps - step) * (now - started) / step
            on_progress(Progress(step, settings.steps, loss_now, speed, left))
            since, losses, tokens = now, [], 0
    measured = {
        **counts,
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": round(loss_now, 4),
        "bf16": fast_bf16,
        "threads": torch.get_num_threads(),
    }
    return model.eval(), tokenizer, measured
