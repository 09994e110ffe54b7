"""What does fine-tuning on one task cost the others, and what keeps them? Three seeds.

bankft-nano is fine-tuned on the fund assistant's facts in Chinese, by each means against
forgetting. Measured are the task itself and the base's general probes: intents as JSON, sums and
figures from a text, in both languages, on held-out questions, greedily. ``general`` is the mean
share of right facts over the probes.

Run: ``python benchmarks/experiments/forgetting.py [seeds, such as 1 2 3]``
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from result import write

from bankft import engine
from bankft.cases import fundbot
from bankft.engine import Keep
from bankft.engine.measure import measure

SEEDS = (1, 2, 3)
PROBES = ("intent", "arithmetic", "copy")
QUESTIONS = 60  # a probe and language
MEANS: dict[str, Any] = {
    "nothing": None,
    "general 10 %": Keep(general=0.1),
    "general 20 %": Keep(general=0.2),
    "layer_decay 0.7": Keep(layer_decay=0.7),
    "l2_sp 0.01": Keep(l2_sp=0.01),
    "ewc 0.01": Keep(ewc=0.01),
    "lora": None,
}
SOURCES = [
    "benchmarks/experiments/forgetting.py",
    "bankft/cases/fundbot/*",
    "bankft/engine/keep.py",
    "bankft/engine/lora.py",
    "bankft/engine/measure.py",
    "bankft/engine/nano/card.json",
    "bankft/engine/recipe.py",
    "bankft/engine/sft.py",
    "bankft/engine/trainer.py",
]


def rates(folder: Path) -> dict[str, float]:
    """Measure the task and the probes."""
    sampler = engine.Sampler(folder)
    task = measure(sampler, "fact", 200, language="zh")[0]
    found = {"task_exact": task.exact}
    for kind in PROBES:
        for language in ("zh", "en"):
            rows = measure(sampler, kind, QUESTIONS, language=language)
            right = sum(row.field * row.n for row in rows) / sum(row.n for row in rows)
            found[f"{kind}_{language}"] = round(right, 4)
    probes = [value for name, value in found.items() if name != "task_exact"]
    return {**found, "general": round(fmean(probes), 4)}


def brief(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a line for each means: means over the seeds, and the seeds' range of ``general``."""
    lines = []
    for means in dict.fromkeys(run["means"] for run in runs):
        some = [run for run in runs if run["means"] == means]
        general = [run["general"] for run in some]
        lines.append(
            {
                "means": means,
                "task_exact": fmean(run["task_exact"] for run in some),
                "general": fmean(general),
                "general_low": min(general),
                "general_high": max(general),
                **{
                    f"{kind}_both": fmean(
                        run[f"{kind}_{language}"] for run in some for language in ("zh", "en")
                    )
                    for kind in PROBES
                },
            }
        )
    return lines


def main() -> None:
    """Train, measure, write."""
    seeds = [int(one) for one in sys.argv[1:]] or list(SEEDS)
    runs: list[dict[str, Any]] = [{"means": "base", **rates(engine.nano_path())}]
    print(json.dumps(runs[0]), flush=True)
    for seed in seeds:
        for means, keep in MEANS.items():
            with tempfile.TemporaryDirectory() as out:
                began = time.perf_counter()
                result = engine.train_sft(
                    engine.nano_path(),
                    fundbot.conversations("train", 400, seed=seed, language="zh"),
                    None,
                    out,
                    n_epochs=3,
                    seed=seed,
                    keep=keep,
                    lora=engine.LoRA(r=16, alpha=32) if means == "lora" else None,
                )
                seconds = round(time.perf_counter() - began, 1)
                runs.append({"means": means, "seed": seed, **rates(result.folder)})
            runs[-1]["seconds"] = seconds
            print(json.dumps(runs[-1]), flush=True)
    if not sys.argv[1:]:
        about = {"sampling": "greedy", "seeds": len(seeds), "by_means": brief(runs), "runs": runs}
        print(write(__file__, SOURCES, about))


if __name__ == "__main__":
    main()
