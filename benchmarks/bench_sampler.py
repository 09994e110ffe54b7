"""Tokens a second of our sampler beside Hugging Face's ``generate``, same model, same run.

Run: ``python benchmarks/bench_sampler.py [FOLDER] [--out FILE]``. Greedy, so both decode the
same tokens; the rounds alternate, and the ratio of the medians is what counts: seconds depend on
the machine and on what else it does.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch

from bankft.cases import fundbot
from bankft.engine import Sampler, nano_path

NEW_TOKENS = 32
ROUNDS = 5


def seconds(work) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure one answer at a time and 64 together; print and write the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=nano_path())
    parser.add_argument("--out", type=Path, default=Path("_build/bench/sampler.json"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    sampler = Sampler(options.folder, threads=options.threads)
    model, tokenizer = sampler.model, sampler.tokenizer
    tokenizer.padding_side = "left"
    sampler._ends = set()  # nobody stops early: both decode exactly NEW_TOKENS
    asked = fundbot.questions("test", 64, language="en")
    talks = [[{"role": "user", "content": question.text}] for question in asked]
    results = {"threads": options.threads, "new_tokens": NEW_TOKENS, "rounds": ROUNDS}
    for rows in (1, 64):
        some = talks[:rows]
        encoded = tokenizer.apply_chat_template(
            some, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
        )

        def theirs(encoded=encoded):
            with torch.inference_mode():
                model.generate(
                    **encoded, min_new_tokens=NEW_TOKENS, max_new_tokens=NEW_TOKENS, do_sample=False
                )

        def ours(some=some):
            if len(some) == 1:
                list(sampler.stream(some[0], max_tokens=NEW_TOKENS, temperature=0))
            else:
                sampler.complete(some, max_tokens=NEW_TOKENS, temperature=0)

        ours(), theirs()  # warm up
        pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
        mine, peer = (
            rows * NEW_TOKENS / statistics.median(side) for side in zip(*pairs, strict=True)
        )
        results[f"rows_{rows}"] = {
            "bankft_tokens_per_second": round(mine),
            "generate_tokens_per_second": round(peer),
            "ratio": round(mine / peer, 3),
        }
        print(
            f"{rows:3} at once: bankft {mine:,.0f}, generate {peer:,.0f} tokens/s, "
            f"ratio {mine / peer:.2f}"
        )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
