"""Tokens a second of our sampler beside Hugging Face's ``generate``, same model, same run.

Two kinds of work: ``rows_64``, one answer to each of 64 questions, as an evaluation asks them; and
``rollouts_64``, eight answers to each of 8 questions, as a step of RFT does, where our sampler
reads a question once and the library eight times (as with its ``num_return_sequences``).

Run: ``python benchmarks/bench_sampler.py [FOLDER] [--out FILE]``. Greedy, so both decode the
same tokens; the rounds alternate, and the ratio of the medians is what counts: seconds depend on
the machine and on what else it does. ``gemm_share`` is the arithmetic that the tokens need (two
operations a weight, attention left out) over what one large matrix product reaches beside it.
``--cpu-time`` counts the process's own seconds, for a machine that does other work, too.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import torch

from bankft.cases import fundbot
from bankft.engine import Sampler, nano_path

NEW_TOKENS = 32
GROUP = 8  # answers to one question in a step of RFT


def main() -> None:
    """Measure 1, 16, 64 and 256 answers at once, and rollouts; print and write the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=nano_path())
    parser.add_argument("--out", type=Path, default=Path("_build/bench/sampler.json"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 16, 64, 256])
    parser.add_argument("--cpu-time", action="store_true")
    options = parser.parse_args()
    clock = time.process_time if options.cpu_time else time.perf_counter

    def seconds(work) -> float:
        start = clock()
        work()
        return clock() - start

    sampler = Sampler(options.folder, threads=options.threads)
    model, tokenizer = sampler.model, sampler.tokenizer
    tokenizer.padding_side = "left"
    sampler._ends.clear()  # nobody stops early: both decode exactly NEW_TOKENS
    asked = fundbot.questions("test", max(options.rows), language="en")
    talks = [[{"role": "user", "content": question.text}] for question in asked]
    square = torch.randn(2048, 2048)
    weights = sum(p.numel() for n, p in model.named_parameters() if p.ndim == 2)
    results = {
        "threads": options.threads,
        "new_tokens": NEW_TOKENS,
        "rounds": options.rounds,
        "clock": "cpu" if options.cpu_time else "wall",
        "load_before": os.getloadavg()[0],
    }
    works = [(f"rows_{rows}", talks[:rows]) for rows in options.rows]
    works += [
        (f"rollouts_{rows}", [talk for talk in talks[: rows // GROUP] for _ in range(GROUP)])
        for rows in options.rows
        if rows > GROUP
    ]
    for name, asking in works:
        rows = len(asking)
        encoded = tokenizer.apply_chat_template(
            asking,
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        )
        prompts = [sampler._encode(talk) for talk in asking]

        def theirs(encoded=encoded):
            with torch.inference_mode():
                return model.generate(
                    **encoded, min_new_tokens=NEW_TOKENS, max_new_tokens=NEW_TOKENS, do_sample=False
                )

        def ours(prompts=prompts):
            # A fresh start each time: no beginning of a prompt is remembered.
            if sampler._decoder is not None:
                sampler._decoder._beginnings.clear()
            return sampler.rollout(prompts, max_tokens=NEW_TOKENS, temperature=0, rows=len(prompts))

        def gemm():
            torch.mm(square, square)

        # Warm up; the tokens are compared, but for the end token, which the library forbids here.
        mine, peer = ours(), theirs()[:, encoded["input_ids"].shape[1] :].tolist()
        end = tokenizer.eos_token_id
        same = sum(
            a.ids[: a.ids.index(end)] == b[: a.ids.index(end)] if end in a.ids else a.ids == b
            for a, b in zip(mine, peer, strict=True)
        )
        gemm()
        took = [(seconds(ours), seconds(theirs), seconds(gemm)) for _ in range(options.rounds)]
        mine, peer, peak = (statistics.median(side) for side in zip(*took, strict=True))
        read = sum(map(len, set(map(tuple, prompts)))) + rows * (NEW_TOKENS - 1)
        results[name] = {
            "bankft_tokens_per_second": round(rows * NEW_TOKENS / mine),
            "generate_tokens_per_second": round(rows * NEW_TOKENS / peer),
            "ratio": round(peer / mine, 3),
            "gemm_share": round(2 * weights * read / mine / (2 * 2048**3 / peak), 3),
            "same_tokens": f"{same}/{rows}",
        }
        print(f"{name}: {results[name]}")
    results["load_after"] = os.getloadavg()[0]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
