"""How often is the compliance checker right, beside a plain list of keywords?

Both judge the labelled sentences of tests/compliance/labelled, which were written without sight
of the rules. The checker also weighs sentences by what it learned from them, so each part is
judged with weights learned from the others alone (compliance_tenor.py). A sentence counts as
judged violating when any rule says "violation", except the rules for what is missing (ids
"missing-…"): a sentence is no whole answer. What asks for evidence or a person's judgement is no
violation, and sentences labelled so are not counted.
"""

import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import compliance_tenor
from result import ROOT, write

from bankft import compliance
from bankft.compliance import tenor
from bankft.rates import wilson

LABELLED = ROOT / "tests/compliance/labelled"
HALVES = ("dev", "held_out")
PARTS = (*HALVES, "exam")
ON = date(2026, 11, 21)  # the law of one day, so that the same code measures the same
SOURCES = [
    "benchmarks/experiments/compliance_accuracy.py",
    "benchmarks/experiments/keywords.txt",
    "bankft/text.py",
    "bankft/compliance/**/*.py",
    "bankft/compliance/**/*.toml",
    "bankft/compliance/words/tenor.json",
    "benchmarks/experiments/compliance_tenor.py",
    "tests/compliance/labelled/drill.*.txt",
    "tests/compliance/labelled/*.jsonl",
]

# What a compliance officer would write down: the words that the clauses name, and those that
# everybody knows from complaints. Case does not matter.
KEYWORDS = Path(__file__).with_name("keywords.txt").read_text(encoding="utf-8").splitlines()

Row = dict[str, Any]
Judged = tuple[Row, set[str], bool]  # a sentence, the rules that stop it, whether the list does


def rows(part: str) -> list[Row]:
    """Read a part of the labelled sentences, without those that have no verdict."""
    lines = (LABELLED / f"{part}.jsonl").read_text(encoding="utf-8").split("\n")
    found = [{"product": "public_fund"} | json.loads(line) for line in filter(None, lines)]
    for row in found:  # the third part has names of its own for the kinds
        row["kinds"] = [compliance_tenor.KINDS.get(kind, kind) for kind in row["kinds"]]
    return [row for row in found if row["violating"] is not None]


def violated(row: Row) -> set[str]:
    """Return the rules that say that a sentence violates them."""
    judgement = compliance.check(row["text"], on=ON, product=row["product"], speaker=row["speaker"])
    return {
        finding.rule
        for finding in judgement.findings
        if finding.verdict == "violation" and not finding.rule.startswith("missing-")
    }


def listed(row: Row) -> bool:
    """Tell whether the list of keywords stops a sentence; a customer's own words it lets pass."""
    text = row["text"].lower()
    return row["speaker"] != "customer" and any(word in text for word in KEYWORDS)


def score(said: Iterable[tuple[Row, bool]]) -> dict[str, Any]:
    """Count recall and precision, each with its 95 % Wilson interval; None where there is none."""
    counted = Counter((row["violating"], judged) for row, judged in said)
    hits, missed, false = counted[True, True], counted[True, False], counted[False, True]
    result: dict[str, Any] = {"sentences": counted.total(), "violating": hits + missed}
    for name, n in (("recall", hits + missed), ("precision", hits + false)):
        low, high = wilson(hits, n) if n else (None, None)
        result |= {name: hits / n if n else None, f"{name}_low": low, f"{name}_high": high}
    return result


def by_language(judged: list[Judged]) -> list[dict[str, Any]]:
    """Score each language: the checker's row, then the list's."""
    return [
        {"language": language} | one
        for language in sorted({row["language"] for row, _, _ in judged})
        for one in both([mine for mine in judged if mine[0]["language"] == language])
    ]


def by_hard(judged: list[Judged]) -> list[dict[str, Any]]:
    """For each difficulty, what is found of the violations, and how many others are stopped.

    Some difficulties hold no violation, so precision says nothing there.
    """
    table = []
    for hard in sorted({row["hard"] for row, _, _ in judged}):
        mine = [one for one in judged if one[0]["hard"] == hard]
        for judge, said in (("checker", 1), ("keywords", 2)):
            row: dict[str, Any] = {"hard": hard, "judge": judge}
            for name, violating in (("recall", True), ("alarms", False)):
                stopped = [bool(one[said]) for one in mine if one[0]["violating"] is violating]
                k, n = sum(stopped), len(stopped)
                low, high = wilson(k, n) if n else (None, None)
                row["violating" if violating else "compliant"] = n
                row |= {name: k / n if n else None, f"{name}_low": low, f"{name}_high": high}
            table.append(row)
    return table


def both(judged: list[Judged]) -> list[dict[str, Any]]:
    """Score the checker and the list of keywords."""
    return [
        {"judge": "checker"} | score((row, bool(found)) for row, found, _ in judged),
        {"judge": "keywords"} | score((row, stopped) for row, _, stopped in judged),
    ]


def found_of(judged: list[Judged]) -> list[dict[str, Any]]:
    """For each kind of violation, how much of it is found, by the checker and by the list."""
    table = []
    for kind in sorted({kind for row, _, _ in judged for kind in row["kinds"]}):
        mine = [one for one in judged if kind in one[0]["kinds"] and one[0]["violating"]]
        checker, keywords = both(mine)
        table.append(
            {"kind": kind, "violating": len(mine)}
            | {name: checker[name] for name in ("recall", "recall_low", "recall_high")}
            | {"recall_keywords": keywords["recall"]}
        )
    return table


def right_of(judged: list[Judged]) -> list[dict[str, Any]]:
    """For each rule, how many of the sentences that it stops do violate."""
    table = []
    for rule in sorted({rule for _, found, _ in judged for rule in found}):
        mine = [row["violating"] for row, found, _ in judged if rule in found]
        low, high = wilson(sum(mine), len(mine))
        table.append(
            {"rule": rule, "stopped": len(mine), "precision": sum(mine) / len(mine)}
            | {"precision_low": low, "precision_high": high}
        )
    return table


def judged_unseen(part: str) -> list[Judged]:
    """Judge a part by the phrases, and by weights learned from the other parts."""
    with tenor.using(compliance_tenor.without(part, compliance_tenor.rows())):
        return [(row, violated(row), listed(row)) for row in rows(part)]


def main() -> None:
    """Judge all parts, write what came out."""
    with ProcessPoolExecutor(len(PARTS)) as pool:
        judged = dict(zip(PARTS, pool.map(judged_unseen, PARTS), strict=True))
    # The phrases were not written for these two, though written by the same hand as dev in part.
    unseen = judged["held_out"] + judged["exam"]
    overall = [
        {"half": half, "counted": counted} | one
        for half in PARTS
        for counted, mine in (
            ("every_sentence", judged[half]),
            # what the rules can be held to: they look for words, and these sentences use none
            ("no_paraphrases", [one for one in judged[half] if one[0]["hard"] != "paraphrase"]),
        )
        for one in both(mine)
    ]
    for one in overall:
        print(json.dumps(one))
    print(
        write(
            __file__,
            SOURCES,
            {
                "on": ON.isoformat(),
                "rules": len(compliance.rules(on=ON)),
                "packs": compliance.digest(),
                "keywords": len(KEYWORDS),
                "overall": overall,
                "by_language": by_language(unseen),
                "by_hard": by_hard(unseen),
                "by_kind": found_of(unseen),
                "by_rule": right_of(unseen),
            },
        )
    )


if __name__ == "__main__":
    main()
