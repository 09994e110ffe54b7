"""Tokens a second of our sampler beside Hugging Face's ``generate``, same model, same run.

Three kinds of work. ``evaluation_64`` is what the sampler is for: 512 questions to the bot, 64
answers at a time, each with the bot's system prompt and as long as the model makes it; where one
has ended the next begins, while the library's batch waits for its longest. ``rollouts_64``: eight
answers to each of 8 questions, as a step of RFT writes them, where our sampler reads a question
once and the library eight times (as with its ``num_return_sequences``). ``rows_64``: 64 different
questions without a system prompt, all answers of one length, so that nothing of this helps.

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
QUESTIONS = 512  # of an evaluation
LONGEST = 128  # tokens of an answer that ends by itself


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
    ends, end = set(sampler._ends), tokenizer.eos_token_id
    asked = fundbot.questions("test", max(max(options.rows), QUESTIONS), language="en")
    talks = [[{"role": "user", "content": question.text}] for question in asked]
    system = {"role": "system", "content": fundbot.system_prompt(language="en")}
    square = torch.randn(2048, 2048)
    weights = sum(p.numel() for n, p in model.named_parameters() if p.ndim == 2)
    results = {
        "threads": options.threads,
        "new_tokens": NEW_TOKENS,
        "rounds": options.rounds,
        "clock": "cpu" if options.cpu_time else "wall",
        "load_before": os.getloadavg()[0],
    }
    works = [(f"rows_{rows}", talks[:rows], rows) for rows in options.rows]
    works += [
        (f"rollouts_{rows}", [talk for talk in talks[: rows // GROUP] for _ in range(GROUP)], rows)
        for rows in options.rows
        if rows > GROUP
    ]
    works += [
        (f"evaluation_{rows}", [[system, *talk] for talk in talks[:QUESTIONS]], rows)
        for rows in options.rows
        if rows > 1
    ]
    for name, asking, rows in works:
        whole = name.startswith("evaluation")  # an answer ends where the model ends it
        most = LONGEST if whole else NEW_TOKENS
        sampler._ends.clear()
        sampler._ends.update(ends if whole else ())
        parts = [
            tokenizer.apply_chat_template(
                asking[start : start + rows],
                add_generation_prompt=True,
                padding=True,
                return_tensors="pt",
                return_dict=True,
            )
            for start in range(0, len(asking), rows)
        ]
        prompts = [sampler._encode(talk) for talk in asking]
        least = 0 if whole else most

        def theirs(parts=parts, most=most, least=least):
            answers = []
            with torch.inference_mode():
                for part in parts:
                    made = model.generate(
                        **part, min_new_tokens=least, max_new_tokens=most, do_sample=False
                    )
                    answers += made[:, part["input_ids"].shape[1] :].tolist()
            return answers

        def ours(prompts=prompts, most=most, rows=rows):
            # A fresh start each time: no beginning of a prompt is remembered.
            if sampler._decoder is not None:
                sampler._decoder._beginnings.clear()
            return sampler.rollout(prompts, max_tokens=most, temperature=0, rows=rows)

        def gemm():
            torch.mm(square, square)

        # Warm up; the tokens are compared up to the end token (which the library forbids itself
        # where all answers are to have one length).
        mine, peer = ours(), theirs()
        said = [until(one.ids, end) for one in mine]
        same = sum(a == b[: len(a)] for a, b in zip(said, peer, strict=True))
        tokens = sum(len(one.ids) for one in mine)
        gemm()
        took = [(seconds(ours), seconds(theirs), seconds(gemm)) for _ in range(options.rounds)]
        mine, peer, peak = (statistics.median(side) for side in zip(*took, strict=True))
        read = sum(map(len, set(map(tuple, prompts)))) + tokens - len(asking)
        results[name] = {
            "bankft_tokens_per_second": round(tokens / mine),
            "generate_tokens_per_second": round(tokens / peer),
            "ratio": round(peer / mine, 3),
            "gemm_share": round(2 * weights * read / mine / (2 * 2048**3 / peak), 3),
            "same_tokens": f"{same}/{len(asking)}",
        }
        print(f"{name}: {results[name]}")
    results["load_after"] = os.getloadavg()[0]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n")


def until(ids: list[int], end: int) -> list[int]:
    """Return the tokens before the end token."""
    return ids[: ids.index(end)] if end in ids else ids


if __name__ == "__main__":
    main()
