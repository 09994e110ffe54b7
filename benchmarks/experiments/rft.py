"""Does reinforcement fine-tuning bring the fund bot's violations to one in a thousand? Three seeds.

v1 is supervised on 400 conversations, a tenth of them from the unchecked log; v2 is v1 after RFT
with default settings and the grader of ``bankft.rewards.to_grader()``. Both answer the same
10,000 distinct questions a seed, one answer each, in phrasings and numbers that no training and
no choice of settings has seen; once as the bot is served (temperature 0.7, top_p 0.95), once at
temperature 1. An answer violates when the generator knows it to (no disclaimer, a promise or slip
of the corpus) or when a rule of ``bankft.compliance`` says so, the rules held out from the reward
included. v1 on clean labels stands beside them.

Settings were chosen on ``valid`` questions with seeds 77 and 600-699, which nothing here uses;
``TRIED`` holds every configuration that was tried.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from result import write
from scipy.stats import beta

from bankft import compliance, engine, rates
from bankft.cases import fundbot
from bankft.engine.measure import violates
from bankft.rewards import fundbot_item, to_grader

SEEDS = (1, 2, 3)
LANGUAGES = ("zh", "en")
NOISE = 0.1  # share of v1's training answers that come from the unchecked log
TEACHING = {"fact": 100, "leading": 60, "refusal": 40}  # examples a language
LEARNING = {"fact": 400, "leading": 240, "refusal": 160}  # RFT prompts a language
VALID = {"fact": 16, "leading": 10, "refusal": 6}
ASKED = {"fact": 3500, "leading": 1200, "refusal": 300}  # questions a language and seed
SAMPLINGS = {"served": (0.7, 0.95), "T1": (1.0, 1.0)}
MAX_TOKENS = 120
TRIED: list[dict[str, Any]] = []
SOURCES = [
    "benchmarks/experiments/rft.py",
    "bankft/cases/fundbot/*",
    "bankft/engine/nano/card.json",
    *(
        f"bankft/engine/{name}.py"
        for name in ("rft", "rft_step", "grpo", "rollouts", "reward", "measure")
    ),
    "bankft/rewards/terms.py",
    "bankft/rewards/weighing.py",
]


def questions(part: str, counts: dict[str, int], seed: int) -> list[fundbot.Question]:
    """Draw questions of several kinds in both languages, mixed."""
    found = [
        question
        for language in LANGUAGES
        for kind, n in counts.items()
        for question in fundbot.questions(part, n, kind=kind, seed=seed, language=language)
    ]
    random.Random(seed).shuffle(found)
    return found


def teaching(seed: int, noise: float) -> list[dict[str, Any]]:
    """The supervised file of v1."""
    found = [
        one
        for language in LANGUAGES
        for kind, n in TEACHING.items()
        for one in fundbot.conversations(
            "train", n, kind=kind, noise=noise, seed=1000 + seed, language=language
        )
    ]
    random.Random(seed).shuffle(found)
    return found


def clustered_upper(k: Sequence[int], n: Sequence[int]) -> tuple[float, float]:
    """One-sided 95 % upper bound of a rate counted in clusters, and the design effect.

    Clopper-Pearson with the counts divided by the design effect: how much more the rate varies
    between clusters (templates) than independent answers would make it; at least 1.
    """
    hits, trials = sum(k), sum(n)
    p, m = hits / trials, len(n)
    effect = 1.0
    if hits:
        between = sum((a - p * b) ** 2 for a, b in zip(k, n, strict=True)) * m / (m - 1)
        effect = max(1.0, between / (trials * p * (1 - p)))
    return float(beta.ppf(0.95, hits / effect + 1, (trials - hits) / effect)), effect


def ask(folder: Path, asked: list[fundbot.Question], seed: int) -> dict[str, Any]:
    """Ask all questions at both samplings; count violations and right fields."""
    sampler = engine.Sampler(folder)
    prompts = [
        [
            {"role": "system", "content": fundbot.system_prompt(one.language, kind=one.kind)},
            {"role": "user", "content": one.text},
        ]
        for one in asked
    ]
    found: dict[str, Any] = {}
    for name, (temperature, top_p) in SAMPLINGS.items():
        begun = time.perf_counter()
        answers = sampler.complete(
            prompts,
            temperature=temperature,
            top_p=top_p,
            max_tokens=MAX_TOKENS,
            seed=seed,
            rows=256,
        )
        texts = [one.text for one in answers]
        pairs = list(zip(asked, texts, strict=True))
        known = [violates(text, q.language) for q, text in pairs]
        ruled = [
            any(
                one.verdict == "violation"
                for one in compliance.check(text, language=q.language).findings
            )
            for q, text in pairs
        ]
        both = [a or b for a, b in zip(known, ruled, strict=True)]
        right = [q.truth in text for q, text in pairs]
        templates = [f"{q.language} {q.template}" for q in asked]
        trials = Counter(templates)
        hits = Counter(t for t, bad in zip(templates, both, strict=True) if bad)
        upper, effect = clustered_upper([hits[t] for t in trials], list(trials.values()))
        low, high = rates.wilson(sum(right), len(right))
        found[name] = {
            "n": len(asked),
            "templates": len(trials),
            "violations": sum(both),
            "by_generator": sum(known),
            "by_rules": sum(ruled),
            "violation_rate": sum(both) / len(asked),
            "upper95": rates.upper_bound(sum(both), len(asked)),
            "upper95_clustered": upper,
            "design_effect": effect,
            "field": sum(right) / len(right),
            "field_interval": [low, high],
            "groups": {
                f"{kind} {language}": {
                    "n": sum(q.kind == kind and q.language == language for q in asked),
                    "violations": _in(asked, both, kind, language),
                    "field": _in(asked, right, kind, language),
                }
                for kind in ASKED
                for language in LANGUAGES
            },
            "examples": [text for text, bad in zip(texts, both, strict=True) if bad][:5],
            "seconds": round(time.perf_counter() - begun, 1),
        }
    return found


def _in(asked: list[fundbot.Question], flags: list[bool], kind: str, language: str) -> int:
    return sum(
        f and (q.kind, q.language) == (kind, language) for q, f in zip(asked, flags, strict=True)
    )


def run(seed: int, threads: int, scale: float = 1.0) -> dict[str, Any]:
    """Train v1 (noisy and clean) and v2; ask them."""
    asked = questions("test", {k: int(n * scale) for k, n in ASKED.items()}, 40_000 + seed)
    row: dict[str, Any] = {"seed": seed, "threads": threads}
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        for name, noise in (("v1", NOISE), ("v1_clean", 0.0)):
            begun = time.perf_counter()
            engine.train_sft(
                engine.nano_path(), teaching(seed, noise), None, out / name,
                seed=seed, threads=threads,
            )  # fmt: skip
            row[name] = {"seconds": round(time.perf_counter() - begun, 1)}
        steps: list[engine.RLStep] = []
        begun = time.perf_counter()
        engine.train_rft(
            out / "v1",
            [fundbot_item(one) for one in questions("train", LEARNING, 2000 + seed)],
            [fundbot_item(one) for one in questions("valid", VALID, 3000 + seed)],
            out / "v2",
            reward=to_grader(),
            seed=seed,
            threads=threads,
            on_step=steps.append,
        )
        row["v2"] = {"seconds": round(time.perf_counter() - begun, 1)}
        row["v2"]["kl"] = sum(one.kl for one in steps[-5:]) / 5
        row["v2"]["highest_kl"] = max(one.kl for one in steps)
        row["v2"]["warnings"] = [one for step in steps for one in step.warnings]
        row["v2"]["steps"] = [
            {
                name: round(getattr(one, name), 5)
                for name in ("step", "train_mean_reward", "kl", "entropy", "flat_share",
                             "grad_norm", "completion_tokens_mean")
            }
            | ({"valid": one.full_valid_mean_reward} if one.full_valid_mean_reward else {})
            for one in steps
        ]  # fmt: skip
        for name in ("v1", "v2"):
            row[name] |= ask(out / name, asked, seed)
        row["v1_clean"] |= ask(out / "v1_clean", asked[::5], seed)
    return row


def main() -> None:
    """Run the seeds, write the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the questions")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rows = []
    for seed in args.seeds:
        rows.append(run(seed, args.threads, args.scale))
        shown = {k: {n: v for n, v in one.items() if n != "steps"} if isinstance(one, dict) else one
                 for k, one in rows[-1].items()}  # fmt: skip
        print(json.dumps(shown, ensure_ascii=False), flush=True)
        about = {
            "noise": NOISE,
            "teaching": TEACHING,
            "learning": LEARNING,
            "samplings": SAMPLINGS,
            "settings": "defaults of train_rft",
            "tried": TRIED,
            "rows": rows,
        }
        path = write(__file__, SOURCES, about)
    print(path)


if __name__ == "__main__":
    main()
