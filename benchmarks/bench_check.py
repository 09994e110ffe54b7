"""Check a large training file: lines a second and peak memory, with and without the ``fast`` extra.

The file is made here: questions and answers of the fund assistant, each about one of thousands of
invented funds, with other figures; one line in a hundred is a copy, one in a hundred a paraphrase.
Each run is a process of its own on one core, so that its peak memory is its own. ``parts`` says
how long the same lines take to be only parsed, which is the least that any checker must do.

Run: ``nox -s bench -- benchmarks/bench_check.py [LINES]``; 1,000,000 lines if not given.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bankft import data
from bankft.cases import fundbot

LINES = 1_000_000
PURE = 20_000  # lines for the pure path, which is slower


def examples(n: int, seed: int = 7) -> Iterator[str]:
    """Yield ``n`` conversations."""
    rng = random.Random(seed)
    known = [fund.name["zh"] for fund in fundbot.funds()]
    made = [
        (text, next((name for name in known if name in text), ""))
        for text in (
            json.dumps(one, ensure_ascii=False) for one in fundbot.conversations("train", 4000)
        )
    ]
    first = "云山海月松竹梅兰春夏秋冬金玉明远清和瑞祥长安"
    before = made[0][0]
    for _ in range(n):
        text, name = rng.choice(made)
        if name:
            text = text.replace(name, "".join(rng.choices(first, k=3)) + name[-2:])
        text = text.replace("0.", f"{rng.randrange(10)}.")
        chance = rng.random()
        if chance < 0.01:
            text = before
        elif chance < 0.02:
            text = before.replace('"user", "content": "', '"user", "content": "请问一下，')
        before = text
        yield text


def measure(path: str, what: str) -> None:
    """Check a file in this process and print what it took."""
    if what == "pure":
        for module in ("orjson", "numpy", "ahocorasick_rs", "re2", "splintr", "tokenizers"):
            sys.modules[module] = None  # type: ignore[assignment]  # as if it were not installed
    began, cpu = time.perf_counter(), time.process_time()
    if what == "parse":
        with open(path, "rb") as file:
            n = sum(1 for line in file if json.loads(line))
        found = {}
    else:
        report = data.check(path)
        n, found = report.examples, dict(report.statistics["problems"])
    took = {
        "lines": n,
        "lines_per_second": round(n / (time.process_time() - cpu)),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "found": found,
    }
    print(json.dumps(took))


def run(path: Path, what: str) -> dict:
    """Measure in a process of its own."""
    one_core = {**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--measure", str(path), what]
    done = subprocess.run(command, capture_output=True, text=True, env=one_core, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Make the files, measure, print JSON."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large.jsonl"), Path(folder, "small.jsonl")
        with large.open("w", encoding="utf-8") as file, small.open("w", encoding="utf-8") as some:
            for number, text in enumerate(examples(lines)):
                file.write(text + "\n")
                if number < PURE:
                    some.write(text + "\n")
        megabytes = round(large.stat().st_size / 1e6)
        results = {
            "large": run(large, "fast"),
            "parts": {"parse": run(large, "parse")},
            "small": {what: run(small, what) for what in ("fast", "pure")},
        }
    same = results["small"]["fast"]["found"] == results["small"]["pure"]["found"]
    print(json.dumps({"megabytes": megabytes, **results, "same_findings": same}, indent=2))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(*sys.argv[2:])
    else:
        main()
