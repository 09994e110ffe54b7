"""Learn what speaks for and against a violation from the labelled sentences.

A linear support vector machine with squared hinge loss, by dual coordinate descent (Hsieh et al.,
"A Dual Coordinate Descent Method for Large-scale Linear SVM", 2008, algorithm 1): the same data
give the same weights on every machine. Writes ``bankft/compliance/words/tenor.json``.

How well weights do on sentences that they were not learned on is measured by
``compliance_accuracy.py``, which leaves out one part after the other (`without`).
"""

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from result import ROOT

from bankft.cases import fundbot
from bankft.compliance import disguise, tenor
from bankft.compliance.book import book_of

sys.path.insert(0, str(ROOT))
from tests.compliance import sentences, sentences_context, sentences_en, sentences_zh

LABELLED = ROOT / "tests/compliance/labelled"
OUT = ROOT / "bankft/compliance/words/tenor.json"
PENALTY = {"zh": 0.05, "en": 0.005}
RARE = {"zh": False, "en": True}
PASSES = 40
LEAST = 2  # sentences that a part must stand in
LARGE = 8  # the same for the weights that tell the kinds apart
SMALL = 2  # weights below so many hundredths are left out

LANGUAGES = ("zh", "en")
# What the third part calls a kind, in the words of the first two.
KINDS = {
    "certainty": "certain_judgement",
    "guarantee_principal": "loss_bearing",
    "guarantee_return": "guaranteed_return",
    "predict_return": "prediction",
    "urgency": "urging",
    "suitability": "above_capacity",
    "hype": "guaranteed_return",
    "order": "transaction_claim",
    "disparage": "disparaging",
    "misleading_deposit": "no_risk",
    "loss_limit": "loss_bearing",
}


@dataclass(frozen=True)
class Row:
    """A labelled sentence; kinds are those of the list in the labelled sentences' README."""

    text: str
    violating: bool
    kinds: tuple[str, ...]
    source: str

    @property
    def language(self) -> str:
        """Return the language whose weights weigh it."""
        return tenor.language(disguise.read(self.text).text)


Example = tuple[frozenset[str], bool]
Learned = dict[str, dict[str, object]]


def learn(
    examples: Sequence[Example], penalty: float, *, rare: bool = False, passes: int = PASSES
) -> dict[str, float]:
    """Return a weight for each part, and the bias as that of the part "".

    Args:
        examples: The parts of each sentence, and whether it violates.
        penalty: How much an error costs beside large weights (C).
        rare: Whether a part counts the more the fewer sentences it stands in.
        passes: How often, at most, all sentences are looked at.
    """
    stands = Counter(part for parts, _ in examples for part in parts)
    kept = {
        part: math.log(len(examples) / n) if rare else 1.0
        for part, n in stands.items()
        if n >= LEAST
    }
    order = random.Random(1)
    # The square of what a part counts: half for learning, half folded into its weight.
    square = {part: count * count for part, count in kept.items()} | {"": 1.0}
    weights: dict[str, float] = {}
    rows = [
        (sorted(square.keys() & (parts | {""})), 1.0 if positive else -1.0)
        for parts, positive in examples
    ]
    alphas = [0.0] * len(rows)
    diagonal = 0.5 / penalty
    norms = [sum(square[part] for part in parts) + diagonal for parts, _ in rows]
    numbers = list(range(len(rows)))
    get = weights.get
    for _ in range(passes):
        order.shuffle(numbers)
        moved = 0.0
        for number in numbers:
            parts, sign = rows[number]
            alpha = alphas[number]
            gradient = sign * sum(get(part, 0.0) for part in parts) - 1 + diagonal * alpha
            if alpha == 0.0 and gradient >= 0:
                continue
            fresh = max(alpha - gradient / norms[number], 0.0)
            step = (fresh - alpha) * sign
            moved = max(moved, abs(fresh - alpha) * norms[number])
            alphas[number] = fresh
            for part in parts:
                weights[part] = get(part, 0.0) + step * square[part]
        if moved < 0.01:
            break
    return weights


def told_apart() -> Iterator[tuple[str, bool]]:
    """Yield the sentences that the tests tell apart."""
    for table, violating in (
        (sentences.VIOLATING, True),
        (sentences.COMPLIANT, False),
        (sentences_zh.VIOLATING, True),
        (sentences_zh.COMPLIANT, False),
        (sentences_en.VIOLATING, True),
        (sentences_en.COMPLIANT, False),
        (sentences_context.ASSERTED, True),
        (sentences_context.ASSERTED_EN, True),
        (sentences_context.NOT_ASSERTED, False),
        (sentences_context.NOT_ASSERTED_EN, False),
    ):
        text = "\n".join(table.values()) if isinstance(table, dict) else table
        for line in text.split("\n"):
            if line.strip() and not line.startswith("# "):
                yield line, violating


def rows() -> list[Row]:
    """Return all labelled sentences of the seller's side, each once."""
    found: dict[str, Row] = {}
    for half in ("dev", "held_out", "exam"):
        lines = (LABELLED / f"{half}.jsonl").read_text(encoding="utf-8").split("\n")
        for row in map(json.loads, filter(None, lines)):
            if row["violating"] is not None and row["speaker"] != "customer":
                kinds = tuple(KINDS.get(kind, kind) for kind in row["kinds"])
                found[row["text"]] = Row(row["text"], row["violating"], kinds, half)
    for language in LANGUAGES:
        kind = ""
        lines = (LABELLED / f"drill.{language}.txt").read_text(encoding="utf-8").split("\n")
        for line in filter(None, lines):
            if line.startswith("# "):
                kind = line[2:]
            else:
                found.setdefault(line, Row(line, kind != "-", (kind,), "drill"))
        for kind, many in (
            ("fact", 200),
            ("copy", 100),
            ("leading", 60),
            ("refusal", 30),
            ("intent", 60),
            ("arithmetic", 40),
        ):
            for question in fundbot.questions("train", many, kind=kind, language=language):
                found.setdefault(question.answer, Row(question.answer, False, (), "case"))
    for text, violating in told_apart():
        found.setdefault(text, Row(text, violating, (), "told_apart"))
    return list(found.values())


def read(row: Row) -> str:
    """Return a sentence as it is weighed: as it is meant, without the usual notices."""
    return book_of(()).without_notices(disguise.read(row.text).text)[0]


def parts(row: Row) -> frozenset[str]:
    """Return what a sentence is weighed by."""
    return frozenset(tenor.features(read(row)))


def whole(weights: dict[str, float]) -> dict[str, int]:
    """Return weights in whole hundredths, without the small ones."""
    hundredths = {part: round(100 * weight) for part, weight in weights.items()}
    return {
        part: hundredths[part]
        for part in sorted(hundredths)
        if abs(hundredths[part]) >= SMALL or not part
    }


def learned(rows: Sequence[Row], kinds: Iterable[str] = tenor.RULES) -> Learned:
    """Return the weights of both languages: for any violation, and for each kind of one."""
    wanted = tuple(kinds)
    result: Learned = {}
    for language in LANGUAGES:
        mine = [(row, parts(row)) for row in rows if row.language == language]
        penalty, rare = PENALTY[language], RARE[language]
        told = [(row, some) for row, some in mine if set(row.kinds) & tenor.RULES.keys()]
        of_kinds: dict[str, dict[str, int]] = {kind: {"": 0} for kind in tenor.RULES}
        for kind in wanted:
            weights = learn([(some, kind in row.kinds) for row, some in told], penalty, rare=rare)
            of_kinds[kind] = {p: w for p, w in whole(weights).items() if abs(w) >= LARGE or not p}
        weights = learn([(some, row.violating) for row, some in mine], penalty, rare=rare)
        result[language] = {
            "weights": whole(weights),
            "kinds": of_kinds,
        }
    return result


def without(part: str, rows: Sequence[Row]) -> Learned:
    """Return what is learned from all sentences but those of one part (``dev``, …)."""
    return learned([row for row in rows if row.source != part], kinds=())


def main() -> None:
    """Learn and write the weights."""
    text = json.dumps(learned(rows()), ensure_ascii=False, indent=0, separators=(",", ":"))
    OUT.write_text(text + "\n", encoding="utf-8")
    print(f"{OUT.name}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
