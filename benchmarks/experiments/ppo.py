"""RLHF's third stage: PPO against a reward model that was trained on preference pairs. Three seeds.

The fund bot v1 of ``rft.py``; a reward model trained from it on hard preference pairs, a twentieth
of them labelled the wrong way round; PPO with default settings against that model's score. The
reward model's accuracy is on held-out pairs with other phrases. Before and after, the bot answers
2,000 fresh questions a seed as it is served and at temperature 1, judged as in ``rft.py``: by what
the generator knows and by the rules, neither of which the reward model has seen.

Beside it, one seed without the KL penalty and at five times the rate: what the reward model
likes and what is right may part.
"""

import argparse
import json
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
PROMPTS = {"fact": 320, "leading": 192, "refusal": 128}  # of PPO
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


def run(seed: int, threads: int, without_kl: bool) -> dict[str, Any]:
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
        arms: dict[str, dict[str, Any]] = {"ppo": {}}
        if without_kl:
            # Short: its answers grow to whatever is allowed.
            arms["ppo_without_kl"] = {"kl": 0.0, "learning_rate_multiplier": 5.0, "max_tokens": 80}
        for name, options in arms.items():
            steps: list[engine.RLStep] = []
            drawn = {kind: n // (4 if options else 1) for kind, n in PROMPTS.items()}
            begun = time.perf_counter()
            engine.train_rft(
                out / "v1",
                [fundbot_item(one) for one in questions("train", drawn, 7000 + seed, LANGUAGE)],
                [fundbot_item(one) for one in questions("valid", VALID, 8000 + seed, LANGUAGE)],
                out / name,
                reward=by_model(engine.RewardModel(out / "rm").score),
                algorithm="ppo",
                seed=seed,
                threads=threads,
                on_step=steps.append,
                **options,
            )
            row[name] = {"seconds": round(time.perf_counter() - begun, 1), **options}
            row[name]["kl"] = sum(one.kl for one in steps[-5:]) / 5
            row[name]["warnings"] = [one for step in steps for one in step.warnings]
            row[name]["curve"] = [
                [one.step, round(one.train_mean_reward, 4), round(one.kl, 4)] for one in steps
            ]
        for name in ("v1", *arms):
            row[name] |= ask(out / name, asked, seed)
            row[name]["true_reward_T1"] = true_reward(out / name, asked[::2], seed)
    return row


def brief(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return of a seed's run what a table shows, a line a model."""
    lines = []
    for name in ("v1", "ppo", "ppo_without_kl"):
        if name in row:
            one = row[name]
            lines.append(
                {
                    "seed": row["seed"],
                    "model": name,
                    "seconds": one["seconds"],
                    "rm_accuracy": row["reward_model"]["held_out"][-1][1],
                    "violations": one["served"]["violation_rate"],
                    "field": one["served"]["field"],
                    "violations_T1": one["T1"]["violation_rate"],
                    "field_T1": one["T1"]["field"],
                    "true_reward_T1": one["true_reward_T1"],
                    "kl": one.get("kl"),
                    "warnings": len(one.get("warnings", [])),
                }
            )
    return lines


def main() -> None:
    """Run the seeds, write the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rows: list[dict[str, Any]] = []
    for seed in args.seeds:
        rows.append(run(seed, args.threads, without_kl=seed == args.seeds[0]))
        shown = {
            name: {k: v for k, v in one.items() if k != "curve"} if isinstance(one, dict) else one
            for name, one in rows[-1].items()
        }
        print(json.dumps(shown, ensure_ascii=False), flush=True)
        settings = {"language": LANGUAGE, "pairs": PAIRS, "held_out": HELD_OUT}
        flat = [line for row in rows for line in brief(row)]
        about = {"settings": settings, "samplings": SAMPLINGS, "tried": TRIED, "runs": rows}
        path = write(__file__, SOURCES, {"rows": flat, **about})
    print(path)


if __name__ == "__main__":
    main()
