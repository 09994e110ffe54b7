"""Python graders: one sandbox for a batch against one process a sample, in one run, as JSON.

The peer is what reward functions are usually run by: ``subprocess`` with a fresh Python for each
sample, without any sandbox. ``batch`` is ours with the strongest sandbox that works here, all
samples in one start; ``single`` is ours with a start for each. Ratios above 1 say how many times
longer the peer takes. ``fuzzy`` is the pure path of fuzzy matching against rapidfuzz's own.

Run: ``nox -s bench -- benchmarks/bench_graders.py``
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bankft.graders import available, fuzzy, run_python

SAMPLES = 200
ROUNDS = 3
SOURCE = "def grade(sample, item):\n    return float(sample['output_text'] == item['answer'])\n"
PAIRS = [
    ({"output_text": f"该基金的风险等级是 R{n % 5}。" * 10}, {"answer": "R2"})
    for n in range(SAMPLES)
]
PEER = f"import json, sys\n{SOURCE}print(grade(*json.load(sys.stdin)))"


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of a piece of work."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def peer(count: int) -> None:
    """Grade with a fresh Python for each sample."""
    for pair in PAIRS[:count]:
        subprocess.run(
            [sys.executable, "-I", "-c", PEER], input=json.dumps(pair).encode(), check=True,
            capture_output=True,
        )  # fmt: skip


def main() -> None:
    """Measure and print."""
    from rapidfuzz import fuzz

    few = SAMPLES // 10
    fresh = seconds(lambda: peer(few)) / few
    found = {
        "sandbox": available()[0],
        "samples": SAMPLES,
        "peer_ms_a_sample": round(1000 * fresh, 2),
        "ratios": {},
    }
    batch = seconds(lambda: run_python(SOURCE, PAIRS)) / SAMPLES
    single = seconds(lambda: [run_python(SOURCE, [pair]) for pair in PAIRS[:few]]) / few
    found["ratios"] = {"batch": round(fresh / batch, 1), "single": round(fresh / single, 2)}
    texts = [
        (fuzzy._plain(p["output_text"][:60]), fuzzy._plain(p["output_text"])) for p, _ in PAIRS
    ]
    own = seconds(lambda: [fuzzy._weighted(a, b) for a, b in texts])
    theirs = seconds(lambda: [fuzz.WRatio(a, b) for a, b in texts])
    found["ratios"]["fuzzy_without_rapidfuzz"] = round(theirs / own, 4)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
