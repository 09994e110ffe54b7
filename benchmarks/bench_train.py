"""Train bankft-nano: bankft against TRL's stock trainer, in one run, as JSON.

Both train all weights on the same 400 conversations, batch and rate in fp32, and turns are taken,
so that a busy moment meets both. ``stock`` is TRL's SFTTrainer with its own defaults for the loss;
``bankft`` is `bankft.engine.train_sft`, determinism included. Tokens are those of the
conversations, padding not counted. ``share_of_peak`` is 6 · parameters · tokens (forward and
backward of a model that computes everything) over what the machine's own matrix product makes
in the same time: above what is really multiplied, since logits that are not needed are left out.

Run: ``nox -s bench -- benchmarks/bench_train.py``
"""

import json
import os
import statistics
import tempfile
import time
from importlib.metadata import version

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from bankft import engine
from bankft.cases import fundbot
from bankft.engine.folder import load
from bankft.engine.sft import encode, training_template

EXAMPLES = 400
BATCH = 16
ROUNDS = 3
WARM = 3  # steps that are not counted


def data(language: str = "zh") -> list[dict]:
    """Return the conversations of the first lesson."""
    return fundbot.conversations("train", EXAMPLES, language=language)


def ours(threads: int) -> float:
    """Train one epoch with bankft; return seconds a step."""
    stamps: list[float] = []
    with tempfile.TemporaryDirectory() as out:
        engine.train_sft(
            engine.nano_path(),
            data(),
            None,
            out,
            n_epochs=1,
            batch_size=BATCH,
            threads=threads,
            on_step=lambda step: stamps.append(time.perf_counter()),
        )
    return statistics.median(b - a for a, b in zip(stamps[WARM:], stamps[WARM + 1 :], strict=False))


def stock(threads: int) -> float:
    """Train one epoch with TRL's trainer as it comes; return seconds a step."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)
    model, tokenizer = load(engine.nano_path())
    template = training_template(tokenizer)
    rows = [encode(tokenizer, one, i, template) for i, one in enumerate(data(), 1)]
    stamps: list[float] = []

    class Stamp(TrainerCallback):
        """Notes when a step ends."""

        def on_step_end(self, args: object, state: object, control: object, **_: object) -> None:
            stamps.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as out:
        config = SFTConfig(
            output_dir=out,
            num_train_epochs=1,
            per_device_train_batch_size=BATCH,
            learning_rate=5e-4,
            save_strategy="no",
            logging_steps=1,
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            bf16=False,
            max_length=None,
            activation_checkpointing=False,
            dataloader_pin_memory=False,
        )
        trainer = SFTTrainer(
            model=model,
            args=config,
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            callbacks=[Stamp()],
        )
        trainer.train()
    return statistics.median(b - a for a, b in zip(stamps[WARM:], stamps[WARM + 1 :], strict=False))


def gemm_peak(threads: int) -> float:
    """Return the best of some large fp32 matrix products, in multiply-adds · 2 a second."""
    torch.set_num_threads(threads)
    n = 1536
    a, b = torch.randn(n, n), torch.randn(n, n)
    best = float("inf")
    for _ in range(12):
        began = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - began)
    return 2 * n**3 / best


def main() -> None:
    """Measure both in turn and print JSON."""
    threads = len(os.sched_getaffinity(0))
    model, tokenizer = load(engine.nano_path())
    template = training_template(tokenizer)
    tokens = sum(
        len(encode(tokenizer, one, i, template)["input_ids"]) for i, one in enumerate(data(), 1)
    )
    each = tokens / EXAMPLES * BATCH
    parameters = sum(p.numel() for p in model.parameters())
    seconds: dict[str, list[float]] = {"bankft": [], "stock": []}
    peaks = []
    for _ in range(ROUNDS):
        peaks.append(gemm_peak(threads))
        seconds["bankft"].append(ours(threads))
        seconds["stock"].append(stock(threads))
    median = {name: statistics.median(taken) for name, taken in seconds.items()}
    peak = max(peaks)
    print(
        json.dumps(
            {
                "what": f"full fine-tuning of bankft-nano, fp32, {BATCH} examples a step, "
                f"median of {ROUNDS} epochs",
                "peer": f"trl {version('trl')} SFTTrainer",
                "threads": threads,
                "load": [round(one, 1) for one in os.getloadavg()],
                "tokens_per_second": {name: round(each / s) for name, s in median.items()},
                "gemm_peak_gflops": round(peak / 1e9),
                "share_of_peak": {
                    name: round(6 * parameters * each / s / peak, 2) for name, s in median.items()
                },
                "bankft_over_stock": round(median["stock"] / median["bankft"], 2),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
