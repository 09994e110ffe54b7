"""What do preference pairs teach? DPO and a reward model, three seeds a language.

The base is a bot fine-tuned on an unchecked log, a tenth of it noise. DPO and the reward model
learn from the same pairs, a twentieth of them labelled the wrong way round; the pairs that judge
have other questions and other phrases, and true labels. The bot's violations are counted on fresh
questions, one answer each at temperature 1, before and after DPO, by all rules of the checker and
by the words of `bankft.engine.measure`; the reward model is trained twice, plainly for many
epochs and regularised with early stop, so that overfitting is seen.

Run: ``python benchmarks/experiments/preferences.py [seeds, such as 1 2 3]``
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from result import write

from bankft import engine
from bankft.cases import fundbot
from bankft.engine.measure import violates
from bankft.rewards import draw_pairs, faults, fundbot_item

SEEDS = (1, 2, 3)
LANGUAGES = ("zh",)
PAIRS = 400
HELD = 400
QUESTIONS = 500
NOISE = 0.05
SOURCES = [
    "benchmarks/experiments/preferences.py",
    "bankft/cases/fundbot/*",
    "bankft/rewards/pairs.py",
    "bankft/rewards/phrases.py",
    "bankft/engine/calibration.py",
    "bankft/engine/dpo.py",
    "bankft/engine/nano/card.json",
    "bankft/engine/preference.py",
    "bankft/engine/recipe.py",
    "bankft/engine/reward_model.py",
    "bankft/engine/sft.py",
    "bankft/engine/trainer.py",
]


def answers(folder: Path, language: str, seed: int) -> dict[str, float]:
    """Ask fresh questions at temperature 1; return the rates of what is counted."""
    asked = fundbot.questions("test", QUESTIONS, seed=7000 + seed, language=language)
    items = [fundbot_item(question) for question in asked]
    given = engine.Sampler(folder).complete(
        [item["messages"] for item in items], temperature=1.0, max_tokens=120, seed=seed
    )
    texts = [one.text for one in given]
    bad = [faults(text, item) for text, item in zip(texts, items, strict=True)]
    pairs = list(zip(asked, texts, strict=True))
    return {
        "violation": sum("violation" in one for one in bad) / QUESTIONS,
        "slip": sum(violates(text, language) for text in texts) / QUESTIONS,
        "any_fault": sum(bool(one) for one in bad) / QUESTIONS,
        "exact": sum(text == question.answer for question, text in pairs) / QUESTIONS,
        "field": sum(question.truth in text for question, text in pairs) / QUESTIONS,
    }


def dpo(base: Path, language: str, seed: int, train: Any, held: Any) -> dict[str, Any]:
    """Train by DPO; return how held-out pairs and fresh questions go before and after."""
    steps: list[Any] = []
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        result = engine.train_dpo(base, train, held, out, seed=seed, on_step=steps.append)
        seconds = time.perf_counter() - began
        after = answers(result.folder, language, seed)
    last = steps[-1]
    return {
        "method": "dpo",
        "steps": result.steps,
        "held_accuracy": last.full_valid_reward_accuracy,
        "held_margin": last.full_valid_reward_margin,
        "before": answers(base, language, seed),
        "after": after,
        "seconds": round(seconds, 1),
    }


def reward(
    base: Path, seed: int, train: Any, valid: Any, drawn: list[Any], **how: Any
) -> dict[str, Any]:
    """Train a reward model; return its accuracy, by flaw too, and its calibration."""
    steps: list[Any] = []
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        engine.train_reward_model(base, train, valid, out, seed=seed, on_step=steps.append, **how)
        seconds = time.perf_counter() - began
        margins = engine.RewardModel(out).margins([one.example() for one in drawn])
    by_flaw: dict[str, list[bool]] = {}
    for one, margin in zip(drawn, margins, strict=True):
        by_flaw.setdefault(one.flaw, []).append(margin > 0)
    curve = [
        {
            "step": step.step,
            "train_loss": round(step.train_loss, 4),
            "valid_loss": round(step.full_valid_loss, 4),
            "valid_accuracy": step.full_valid_reward_accuracy,
        }
        for step in steps
        if step.full_valid_loss is not None
    ]
    return {
        "held_accuracy": sum(margin > 0 for margin in margins) / len(margins),
        "calibration_error": round(engine.calibration_error(margins), 4),
        "reliability": [vars(one) for one in engine.reliability(margins)],
        "accuracy_by_flaw": {flaw: round(sum(v) / len(v), 3) for flaw, v in by_flaw.items()},
        "curve": curve,
        "seconds": round(seconds, 1),
    }


def brief(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return of the runs what two tables show, one of DPO, one of reward models."""
    preferred, rewarded = [], []
    for row in rows:
        about = {name: row[name] for name in ("language", "seed")}
        ends = {name: row[name] for name in ("held_accuracy", "seconds")}
        if row["method"] == "dpo":
            told = {
                f"{when}_{name}": row[when][name]
                for name in ("violation", "field")
                for when in ("before", "after")
            }
            preferred.append({**about, **ends, **told})
        else:
            rewarded.append(
                {
                    **about,
                    "how": row["method"].removeprefix("reward_model_"),
                    **ends,
                    "calibration_error": row["calibration_error"],
                }
            )
    return {"dpo": preferred, "reward_models": rewarded}


def main() -> None:
    """Train, measure, write."""
    seeds = [int(one) for one in sys.argv[1:]] or list(SEEDS)
    rows = []
    for language in LANGUAGES:
        for seed in seeds:
            train = [
                one.example()
                for one in draw_pairs(PAIRS, language=language, seed=seed, noise=NOISE)
            ]
            valid = [
                one.example()
                for one in draw_pairs(160, language=language, part="valid", seed=seed, noise=NOISE)
            ]
            held = draw_pairs(HELD, language=language, part="test", seed=100 + seed, noise=0.0)
            about = {"language": language, "seed": seed}
            with tempfile.TemporaryDirectory() as folder:
                base = Path(folder)
                engine.train_sft(
                    engine.nano_path(),
                    fundbot.conversations("train", 400, noise=0.1, language=language, seed=seed),
                    None,
                    base,
                    n_epochs=3,
                    seed=seed,
                )
                examples = [one.example() for one in held]
                rows.append({**about, **dpo(base, language, seed, train, examples)})
                print(json.dumps(rows[-1]), flush=True)
                plain = {"n_epochs": 8, "dropout": 0.0, "weight_decay": 0.0}
                gentle = {"n_epochs": 8, "label_smoothing": NOISE, "early_stop": 2}
                for name, how in (("unregularised", plain), ("regularised", gentle)):
                    found = reward(base, seed, train, valid, held, **how)
                    rows.append({**about, "method": f"reward_model_{name}", **found})
                    print(json.dumps(rows[-1]), flush=True)
    if not sys.argv[1:]:
        settings = {"pairs": PAIRS, "held": HELD, "questions": QUESTIONS, "noise": NOISE}
        about: dict[str, Any] = {
            "sampling": "temperature 1",
            "settings": settings,
            **brief(rows),
            "runs": rows,
        }
        print(write(__file__, SOURCES, about))


if __name__ == "__main__":
    main()
