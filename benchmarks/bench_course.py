"""How long does the course take a machine? Every lesson live, in order, in both languages, as JSON.

Starts ``bankft serve`` with an empty data folder, as a reader who has just installed it, and runs
the lessons against it: real training, real answers, no recording. Nothing is kept. The course in
one language should fit into ten minutes of a laptop; let the machine do nothing else meanwhile.

Run: ``nox -s bench -- benchmarks/bench_course.py``. With the extras ``service`` and ``site``
installed, some lessons or one language: ``python benchmarks/bench_course.py why-fine-tune
--lang zh``. A lesson that asks another's model needs that lesson before it: ``first-job evaluate``.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from bankft.site import catalogue, execute, recorder

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 600  # seconds for the course in one language


def main() -> int:
    """Run the lessons; print seconds a page and language, and whether each language fits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="default: the whole course")
    parser.add_argument("--lang", choices=["zh", "en"], help="default: both")
    asked = parser.parse_args()
    languages = [asked.lang] if asked.lang else ["zh", "en"]
    catalogue.write_english(ROOT, ROOT / "_build" / "src" / "en")
    pages = [page for language in languages for page in recorder.executing(ROOT, [language])]
    names = {Path(page.name).name for page in pages}
    if unknown := set(asked.lessons) - names:
        parser.error(f"no lesson is named {', '.join(sorted(unknown))}")
    chosen = set(asked.lessons) or names

    seconds: dict[str, dict[str, float]] = {language: {} for language in languages}
    failed: list[str] = []
    busy = os.getloadavg()[0]
    began = time.perf_counter()
    with recorder.service() as url:
        start = time.perf_counter() - began
        for page in pages:
            name = Path(page.name).name
            if name in chosen:
                seconds[page.language][name] = _run(page, url, failed)
    totals = {language: round(sum(of.values()), 1) for language, of in seconds.items()}
    report = {
        "machine": {"cpus": os.cpu_count(), "load_before": round(busy, 1)},
        "service_starts_in": round(start, 1),
        "seconds": seconds,
        "total": totals,
        "limit": LIMIT,
        "failed": failed,
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 1 if failed or max(totals.values()) > LIMIT else 0


def _run(page: execute.Page, url: str, failed: list[str]) -> float:
    """Run one lesson; return its seconds, and say them at once: a whole run takes minutes."""
    result = execute.run(page, mode="live", settings=recorder.reach(url))
    failed += result.problems
    print(f"{page.language} {page.name}: {result.seconds:.1f} s", file=sys.stderr, flush=True)
    return round(result.seconds, 1)


if __name__ == "__main__":
    sys.exit(main())
