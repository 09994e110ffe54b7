"""RLHF's third stage: PPO against a reward model that was trained on preference pairs. Three seeds.

The fund bot v1 of ``rft.py``; a reward model trained from it on hard preference pairs, a twentieth
of them labelled the wrong way round; PPO with default settings against that model's score. The
reward model's accuracy is on held-out pairs with other phrases. Before and after, the bot answers
2,000 fresh questions a seed as it is served and at temperature 1, judged as in ``rft.py``: by what
the generator knows and by the rules, neither of which the reward model has seen.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from result import write
from rft import ASKED, SAMPLINGS, VALID, ask, questions, teaching

from bankft import engine
from bankft.engine import by_model
from bankft.rewards import fundbot_item, preference_pairs, total

SEEDS = (1, 2, 3)
LANGUAGE = "zh"
PAIRS, HELD_OUT = 600, 300
PROMPTS = {"fact": 480, "leading": 288, "refusal": 192}  # of PPO: 150 steps
SCALE = 0.2  # of the questions of rft.py
TRIED: list[dict[str, Any]] = []
SOURCES = [
    "benchmarks/experiments/ppo.py",
    "benchmarks/experiments/rft.py",
    "bankft/cases/fundbot/*",
    "bankft/engine/nano/card.json",
    *(
        f"bankft/engine/{name}.py"
        for name in ("rft", "rft_step", "ppo", "grpo", "rollouts", "packing", "policy", "reward")
    ),
    "bankft/engine/reward_model.py",
    "bankft/rewards/pairs.py",
    "bankft/rewards/phrases.py",
]


def true_reward(folder: Path, asked: list[Any], seed: int) -> float:
    """Mean of the rewards' total, which PPO does not see, at temperature 1."""
    items = [fundbot_item(one) for one in asked]
    answers = engine.Sampler(folder).complete(
        [item["messages"] for item in items], max_tokens=120, seed=seed, rows=256
    )
    return statistics.fmean(total(a.text, i) for a, i in zip(answers, items, strict=True))


def run(seed: int, threads: int) -> dict[str, Any]:
    """Train v1, the reward model and PPO; ask."""
    asked = questions(
        "test", {k: int(n * SCALE) for k, n in ASKED.items()}, 50_000 + seed, LANGUAGE
    )
    row: dict[str, Any] = {"seed": seed, "threads": threads}
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        begun = time.perf_counter()
        taught = teaching(seed, LANGUAGE)
        engine.train_sft(engine.nano_path(), taught, None, out / "v1", seed=seed, threads=threads)
        row["v1"] = {"seconds": round(time.perf_counter() - begun, 1)}
        pairs, held = (
            preference_pairs(n, language=LANGUAGE, part=part, seed=6000 + seed)
            for n, part in ((PAIRS, "train"), (HELD_OUT, "valid"))
        )
        looks: list[Any] = []
        begun = time.perf_counter()
        engine.train_reward_model(
            out / "v1", pairs, held, out / "rm", seed=seed, threads=threads, on_step=looks.append
        )
        row["reward_model"] = {
            "seconds": round(time.perf_counter() - begun, 1),
            "pairs": len(pairs),
            "held_out": [
                [one.step, one.full_valid_reward_accuracy]
                for one in looks
                if one.full_valid_reward_accuracy is not None
            ],
        }
        steps: list[engine.RLStep] = []
        begun = time.perf_counter()
        engine.train_rft(
            out / "v1",
            [fundbot_item(one) for one in questions("train", PROMPTS, 7000 + seed, LANGUAGE)],
            [fundbot_item(one) for one in questions("valid", VALID, 8000 + seed, LANGUAGE)],
            out / "ppo",
            reward=by_model(engine.RewardModel(out / "rm").score),
            algorithm="ppo",
            seed=seed,
            threads=threads,
            on_step=steps.append,
        )
        row["ppo"] = {"seconds": round(time.perf_counter() - begun, 1)}
        print(seed, row["reward_model"], row["ppo"], flush=True)
        row["ppo"]["kl"] = sum(one.kl for one in steps[-5:]) / 5
        row["ppo"]["warnings"] = [one for step in steps for one in step.warnings]
        row["ppo"]["curve"] = [
            [one.step, round(one.train_mean_reward, 4), round(one.kl, 4)] for one in steps
        ]
        for name in ("v1", "ppo"):
            row[name] |= ask(out / name, asked, seed)
            row[name]["true_reward_T1"] = true_reward(out / name, asked[::2], seed)
    return row


def brief(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return of a seed's run what a table shows, a line a model."""
    return [
        {
            "seed": row["seed"],
            "model": name,
            "seconds": row[name]["seconds"],
            "rm_accuracy": row["reward_model"]["held_out"][-1][1],
            "violations": row[name]["served"]["violation_rate"],
            "field": row[name]["served"]["field"],
            "violations_T1": row[name]["T1"]["violation_rate"],
            "field_T1": row[name]["T1"]["field"],
            "true_reward_T1": row[name]["true_reward_T1"],
            "kl": row[name].get("kl"),
            "warnings": len(row[name].get("warnings", [])),
        }
        for name in ("v1", "ppo")
    ]


def main() -> None:
    """Run the seeds, write the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rows: list[dict[str, Any]] = []
    for seed in args.seeds:
        rows.append(run(seed, args.threads))
        settings = {"language": LANGUAGE, "pairs": PAIRS, "held_out": HELD_OUT}
        flat = [line for row in rows for line in brief(row)]
        about = {"settings": settings, "samplings": SAMPLINGS, "tried": TRIED, "runs": rows}
        path = write(__file__, SOURCES, {"rows": flat, **about})
    print(path)


if __name__ == "__main__":
    main()
