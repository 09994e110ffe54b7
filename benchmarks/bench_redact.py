"""Check and redact a training file: bankft against Presidio, in one run on one core, as JSON.

Each line of the labelled set becomes a conversation of a user and an assistant. bankft checks the
file (``data.check``: format, roles, repeats, personal data …) and redacts it
(``data.redact_jsonl``: parse, find, replace, look again). Presidio only analyses the messages'
texts, with its own recognisers and ours added for Chinese, and replaces nothing. ``pure`` is
bankft without the packages of the extras ``fast`` and ``data``. A ratio above 1 says how many
times more lines a second bankft does.

Run: ``nox -s bench -- benchmarks/bench_redact.py``
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "personal_data")]
EXTRAS = ("orjson", "numpy", "ahocorasick_rs", "splintr", "tokenizers", "polars", "pyarrow")
ROUNDS = 3
MILLION = 1_000_000
ANSWERS = {
    "zh": "好的，已为您登记。仅供参考，不构成投资建议。",
    "en": "Thank you, noted. For reference only; not investment advice.",
}


def examples() -> list[tuple[str, dict]]:
    """Return the labelled set as conversations, each with its language."""
    from labelled import build

    return [
        (
            line.language,
            {
                "messages": [
                    {"role": "user", "content": line.text},
                    {"role": "assistant", "content": ANSWERS[line.language]},
                ]
            },
        )
        for line in build()
    ]


def ours(*, pure: bool) -> dict[str, float]:
    """Return lines a second of checking, redacting, and both."""
    if pure:
        for name in EXTRAS:
            sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    from bankft import data

    lines = examples()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        data.write_jsonl((example for _, example in lines), path)
        checked, redacted = [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            data.check(path)
            between = time.process_time()
            done = sum(1 for _ in data.redact_jsonl(path))
            redacted.append(time.process_time() - between)
            checked.append(between - began)
        assert done == len(lines)
    check, redact = min(checked), min(redacted)
    n = len(lines)
    return {"check": n / check, "redact": n / redact, "both": n / (check + redact)}


def theirs() -> dict[str, float]:
    """Return lines a second of Presidio's analysis."""
    import peer

    engine, lines = peer.analyzer(added=True), examples()
    for language, example in lines[:20] + lines[-20:]:
        peer.find(engine, example["messages"][0]["content"], language)
    began = time.process_time()
    for language, example in lines:
        for message in example["messages"]:
            peer.find(engine, message["content"], language)
    return {"both": len(lines) / (time.process_time() - began)}


def memory() -> dict[str, float]:
    """Redact a million lines; return the peak of the process's memory in MiB."""
    import resource

    from bankft import data

    lines = [json.dumps(example, ensure_ascii=False) for _, example in examples()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        with path.open("w", encoding="utf-8") as file:
            for number in range(MILLION):
                file.write(lines[number % len(lines)] + "\n")
        began = time.perf_counter()
        done = sum(1 for _ in data.redact_jsonl(path))
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"lines": done, "peak_mib": round(peak, 1), "seconds": round(took, 1)}


def run(part: str) -> dict[str, float]:
    """Measure a part in a process of its own, on one core."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", RAYON_NUM_THREADS="1")
    done = subprocess.run(
        [sys.executable, __file__, part],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return json.loads(done.stdout.splitlines()[-1])


PARTS = {
    "fast": lambda: ours(pure=False),
    "pure": lambda: ours(pure=True),
    "presidio": theirs,
    "memory": memory,
}


def measure() -> dict[str, object]:
    """Measure all parts in turn."""
    found = {part: run(part) for part in ("fast", "pure", "presidio")}
    theirs = found["presidio"]["both"]
    return {
        "what": "check and redact conversations: lines a second, best of 3",
        "peer": f"presidio-analyzer {version('presidio-analyzer')}",
        "lines_a_second": {
            part: {name: round(rate) for name, rate in rates.items()}
            for part, rates in found.items()
        },
        "bankft_over_presidio": {
            part: round(found[part]["both"] / theirs, 1) for part in ("fast", "pure")
        },
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(PARTS[sys.argv[1]]()))
    else:
        print(json.dumps(measure() | {"million_lines": run("memory")}, indent=2))
