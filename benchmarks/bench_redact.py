"""Check and redact training files: bankft against Presidio, in one run on one core, as JSON.

Two files: ``labelled``, the labelled set, in which nearly every line holds personal data in a hard
position, each line as a conversation of a user and an assistant; and ``ordinary``, conversations
of the fund assistant with a system prompt, about thousands of invented funds, of which one in ten
holds a line of the labelled set. bankft reads a file, checks it (format, roles, repeats, personal
data, wording …) and redacts it (find, replace, look again): ``both`` in one pass, and each alone.
Presidio only analyses the texts of the same conversations, with its own recognisers and ours added
for Chinese; it reads no file and replaces nothing. ``pure`` is bankft without the packages of the
extras ``fast`` and ``data``. A ratio above 1 says how many times more lines a second bankft does.

Each program first works on files of the same kind with other lines. No line that is measured was
seen before by that process, so that nothing is remembered of it but what stands in many lines.

Run: ``nox -s bench -- benchmarks/bench_redact.py``
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "personal_data"), str(HERE)]
EXTRAS = ("orjson", "numpy", "ahocorasick_rs", "re2", "splintr", "tokenizers", "polars", "pyarrow")
FILES = ("labelled", "ordinary")
SEEDS = (2, 3, 4)  # of the files measured; the best counts, since others may use the machine
LINES = 4000  # of the ordinary file
SHARE = 0.1  # of its conversations hold personal data
MILLION = 1_000_000
ANSWERS = {
    "zh": "好的，已为您登记。仅供参考，不构成投资建议。",
    "en": "Thank you, noted. For reference only; not investment advice.",
}


def examples(file: str, seed: int) -> list[tuple[str, dict]]:
    """Return a file's conversations, each with its language."""
    import bench_check
    from labelled import build

    if file == "labelled":
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
            for line in build(seed=seed)
        ]
    rng = random.Random(seed)
    personal = build(seed=seed)
    made = []
    for text in bench_check.examples(LINES, seed=seed):
        example = json.loads(text)
        if rng.random() < SHARE:
            question = next(one for one in example["messages"] if one["role"] == "user")
            question["content"] = f"{rng.choice(personal).text} {question['content']}"
        made.append(("zh" if "金" in text else "en", example))
    return made


def ours(*, pure: bool) -> dict[str, dict[str, float]]:
    """Return lines a second of checking, redacting, and both, by file."""
    if pure:
        for name in EXTRAS:
            sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    from bankft import data

    def skip(_line: object) -> None:
        """Do nothing with a redacted line."""

    ways = {
        "check": lambda path: data.check(path),
        "redact": lambda path: sum(1 for _ in data.redact_jsonl(path)),
        "both": lambda path: data.check(path, redacted=skip),
    }
    rates: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:

        def seconds_a_line(file: str, seed: int, way: str) -> float:
            lines = examples(file, seed)
            path = Path(folder, "train.jsonl")
            data.write_jsonl((example for _, example in lines), path)
            began = time.process_time()
            ways[way](path)
            return (time.process_time() - began) / len(lines)

        for file in FILES:
            seconds_a_line(file, 1, "both")  # what is loaded when first needed
            both = min(seconds_a_line(file, seed, "both") for seed in SEEDS)
            check = min(seconds_a_line(file, 10 + seed, "check") for seed in SEEDS)
            redact = min(seconds_a_line(file, 20 + seed, "redact") for seed in SEEDS)
            rates[file] = {"check": 1 / check, "redact": 1 / redact, "both": 1 / both}
    return rates


def theirs() -> dict[str, dict[str, float]]:
    """Return lines a second of Presidio's analysis, by file."""
    import peer

    engine = peer.analyzer(added=True)
    rates = {}
    for file in FILES:
        for language, example in examples(file, 1)[::20]:
            peer.find(engine, example["messages"][0]["content"], language)
        best = 0.0
        for seed in SEEDS:
            lines = examples(file, seed)
            began = time.process_time()
            for language, example in lines:
                for message in example["messages"]:
                    peer.find(engine, message["content"], language)
            best = max(best, len(lines) / (time.process_time() - began))
        rates[file] = {"both": best}
    return rates


def memory() -> dict[str, float]:
    """Check and redact a million lines; return the peak of the process's memory in MiB."""
    import resource

    from bankft import data

    lines = [json.dumps(example, ensure_ascii=False) for _, example in examples("labelled", 1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        with path.open("w", encoding="utf-8") as file:
            for number in range(MILLION):
                file.write(lines[number % len(lines)] + "\n")
        began = time.perf_counter()
        done = data.check(path, redacted=lambda _line: None).examples
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"lines": done, "peak_mib": round(peak, 1), "seconds": round(took, 1)}


def run(part: str) -> dict[str, Any]:
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
    peer = found["presidio"]
    return {
        "what": f"check and redact conversations: lines a second, best of {len(SEEDS)}",
        "peer": f"presidio-analyzer {version('presidio-analyzer')}",
        "lines_a_second": {
            file: {
                f"{part}_{name}": round(rate)
                for part, rates in found.items()
                for name, rate in rates[file].items()
            }
            for file in FILES
        },
        "bankft_over_presidio": {
            file: {
                part: round(found[part][file]["both"] / peer[file]["both"], 1)
                for part in ("fast", "pure")
            }
            for file in FILES
        },
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(PARTS[sys.argv[1]]()))
    else:
        print(json.dumps(measure() | {"million_lines": run("memory")}, indent=2))
