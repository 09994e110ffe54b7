"""How much personal data is found, and how much of what is found is personal?

On the labelled set of ``benchmarks/personal_data``, kind by kind, by language: bankft, Presidio
as it comes, and Presidio with patterns of ours for the Chinese kinds. The rules were made on one
half of the templates (dev); the other half (held out) was only measured.
"""

# ruff: noqa: E402  (the labelled set is a neighbour of the benchmarks, not a package)

import sys
from importlib.metadata import version
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "personal_data"), str(Path(__file__).parents[1])]

import bench_redact
import peer
from labelled import SEED, Labelled, build
from result import write
from score import rates, score

from bankft.data import find_personal

SOURCES = [
    "benchmarks/experiments/redaction.py",
    "benchmarks/bench_redact.py",
    "benchmarks/personal_data/*",
    "bankft/data/addresses.py",
    "bankft/data/checksums.py",
    "bankft/data/digits.py",
    "bankft/data/english_names.py",
    "bankft/data/handles.py",
    "bankft/data/lexicon.py",
    "bankft/data/names.py",
    "bankft/data/personal.*",
    "bankft/data/redaction.py",
    "bankft/data/signs.py",
    "bankft/text.py",
]


def ours(line: Labelled) -> list[tuple[str, int, int]]:
    """Return what bankft finds."""
    return [(one.kind, one.start, one.end) for one in find_personal(line.text)]


def main() -> None:
    """Find, count, write."""
    lines = build()
    plain, added = peer.analyzer(added=False), peer.analyzer(added=True)
    tables = {}
    for half in ("held_out", "dev"):
        part = [line for line in lines if line.half == half]
        mine = score(part, ours)
        as_it_comes = score(part, lambda line: peer.find(plain, line.text, line.language))
        with_ours = score(part, lambda line: peer.find(added, line.text, line.language))
        rows = []
        for language in ("zh", "en"):
            for kind in sorted({kind for spoken, kind in mine if spoken == language}):
                key = (language, kind)
                if not mine[key]["labelled"]:
                    continue
                figures = rates(mine[key])
                theirs, others = rates(with_ours.get(key, NONE)), rates(as_it_comes.get(key, NONE))
                rows.append(
                    {"language": language, "data_kind": kind, "labelled": mine[key]["labelled"]}
                    | {"recall": figures["recall"], "precision": figures["precision"]}
                    | {"same_ends": figures["exact"]}
                    | {
                        "presidio_recall": others["recall"],
                        "presidio_added_recall": theirs["recall"],
                        "presidio_added_precision": theirs["precision"],
                    }
                )
        tables[half] = rows
    speed = bench_redact.measure()
    result = {
        "lines": len(lines),
        "look_alikes": sum(line.look_alikes for line in lines),
        "seed": SEED,
        "peer": f"presidio-analyzer {version('presidio-analyzer')}",
        "lines_a_second": speed["lines_a_second"]["labelled"],
        "times_presidio": speed["bankft_over_presidio"]["labelled"],
        "lines_a_second_ordinary": speed["lines_a_second"]["ordinary"],
        "times_presidio_ordinary": speed["bankft_over_presidio"]["ordinary"],
        **tables,
    }
    print(write(__file__, SOURCES, result))


NONE = {"labelled": 0, "hit": 0, "exact": 0, "found": 0, "right": 0}

if __name__ == "__main__":
    main()
