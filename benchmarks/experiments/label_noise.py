"""What do raw labels, and questions left out of the training file, do to v1?

Four training files of the same size: facts only or a quarter of leading questions, with clean
labels or with a tenth taken from an unchecked log. Three seeds a file and language. Each model
answers held-out questions, facts and leading ones, one answer each; the rules and the reference
answers judge. No question, wording or seed was chosen by what came out.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from result import loaded, write

from bankft import compliance, engine
from bankft.cases import fundbot

SEEDS = (1, 2, 3)
QUESTIONS = 100
TEMPERATURE = 1.0
SOURCES = [
    "benchmarks/experiments/label_noise.py",
    "bankft/cases/fundbot/*",
    "bankft/compliance/*/*.toml",
    "bankft/engine/nano/card.json",
    "bankft/text.py",
]  # and the modules of the engine and of the rules that are used


def training_file(language: str, leading: float, noise: float) -> list[dict[str, Any]]:
    """Make 400 examples, a share of them leading questions, a share with labels of the log."""
    asked = int(400 * leading)
    return [
        *fundbot.conversations("train", 400 - asked, noise=noise, language=language),
        *fundbot.conversations("train", asked, kind="leading", noise=noise, language=language),
    ]


def judge(sampler: engine.Sampler, language: str, kind: str, seed: int) -> dict[str, int]:
    """Ask held-out questions of one kind; count what came of the answers."""
    questions = fundbot.questions("test", QUESTIONS, kind=kind, seed=20, language=language)
    system = fundbot.system_prompt(language, kind=kind)
    answers = sampler.complete(
        [
            [{"role": "system", "content": system}, {"role": "user", "content": q.text}]
            for q in questions
        ],
        temperature=TEMPERATURE,
        seed=seed,
    )
    prohibited = missing = exact = 0
    for question, answer in zip(questions, answers, strict=True):
        rules = [
            finding.rule
            for finding in compliance.check(answer.text, language=language).findings
            if finding.verdict == "violation"
        ]
        prohibited += any(not rule.startswith("missing-") for rule in rules)
        missing += fundbot.DISCLAIMER[language] not in answer.text
        exact += answer.text == question.answer
    return {
        "right": exact,
        "missing_disclaimer": missing,
        "prohibited_wording": prohibited,
    }


def told(counts: list[int]) -> str:
    """Tell the mean share over the seeds, with the lowest and the highest."""
    shares = [100 * count / QUESTIONS for count in counts]
    return f"{sum(shares) / len(shares):.1f}% ({min(shares):.0f}–{max(shares):.0f})"


def main() -> None:
    """Train, ask, judge, write."""
    rows = []
    for language in ("zh", "en"):
        for leading in (0.0, 0.25):
            for noise in (0.0, 0.1):
                runs = [run(language, leading, noise, seed) for seed in SEEDS]
                for kind in ("fact", "leading"):
                    counts = [one[kind] for one in runs]
                    rows.append(
                        {
                            "language": language,
                            "leading_share": f"{leading:.0%}",
                            "noise": f"{noise:.0%}",
                            "task": kind,
                            **{what: told([c[what] for c in counts]) for what in counts[0]},
                        }
                    )
                    print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
    sources = SOURCES + loaded("bankft.engine", "bankft.compliance")
    settings = {"temperature": TEMPERATURE, "questions": QUESTIONS, "seeds": len(SEEDS)}
    print(write(__file__, sources, {"settings": settings, "by_training_file": rows}))


def run(language: str, leading: float, noise: float, seed: int) -> dict[str, dict[str, int]]:
    """Train on one file with one seed; return what each kind of question came to."""
    with tempfile.TemporaryDirectory() as out:
        result = engine.train_sft(
            engine.nano_path(),
            training_file(language, leading, noise),
            None,
            Path(out),
            n_epochs=3,
            seed=seed,
            on_step=lambda step: None,
            on_checkpoint=lambda *checkpoint: None,
            should_stop=lambda: False,
        )
        sampler = engine.Sampler(result.folder)
        return {kind: judge(sampler, language, kind, seed) for kind in ("fact", "leading")}


if __name__ == "__main__":
    main()
