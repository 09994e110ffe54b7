"""Does one supervised job teach the bank's wording? Three seeds, 200 held-out questions a language.

The same job as the lesson "the first fine-tuning job", repeated with other seeds; base and tuned
model answer the same questions, greedily, and an answer counts when it equals the gold answer to
the letter. The questions are paraphrases that stand in no training file.
"""

import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from result import loaded, write

from bankft import engine
from bankft.cases import fundbot

SEEDS = (1, 2, 3)
QUESTIONS = 200
SOURCES = [
    "benchmarks/experiments/sft_gain.py",
    "bankft/cases/fundbot/*",
    "bankft/engine/nano/card.json",
]  # and the modules of the engine that are used


def exact(folder: Path, language: str) -> int:
    """Count the held-out questions that the model in the folder answers to the letter."""
    sampler, system, right = engine.Sampler(folder), fundbot.system_prompt(language), 0
    for question in fundbot.questions("test", QUESTIONS, seed=1, language=language):
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": question.text},
        ]
        answer = "".join(piece.text for piece in sampler.stream(messages, temperature=0))
        right += answer == question.answer
    return right


def main() -> None:
    """Train, ask, count, write."""
    rows = []
    for language in ("zh", "en"):
        base = exact(engine.nano_path(), language)
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as out:
                result = engine.train_sft(
                    engine.nano_path(),
                    fundbot.conversations("train", 400, language=language),
                    fundbot.conversations("valid", 40, language=language),
                    Path(out),
                    n_epochs=3,
                    seed=seed,
                    on_step=lambda step: None,
                    on_checkpoint=lambda *checkpoint: None,
                    should_stop=lambda: False,
                )
                rows.append(
                    {
                        "language": language,
                        "seed": seed,
                        "questions": QUESTIONS,
                        "base_exact": base,
                        "tuned_exact": exact(result.folder, language),
                    }
                )
            print(json.dumps(rows[-1]), flush=True)
    sources = SOURCES + loaded("bankft.engine")
    print(write(__file__, sources, {"sampling": "greedy", "rows": rows}))


if __name__ == "__main__":
    main()
