"""How a file is balanced: its languages, its classes, and how alike its answers are."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bankft.data.personal import find_personal
from bankft.data.shapes import safe_key
from bankft.data.talks import Talk, is_value, spoken

LEAST = 50  # examples from which sameness says something
MAX_CLASSES = 50
RATIO = 10  # of the largest class to the smallest, from which it is said
SAME_SHARE = 0.5  # of the answers that are one and the same
OPENING_SHARE = 0.8  # of the answers that begin alike
_OPENING = 12  # characters
_SHORT = 40  # characters: longer answers are no labels
_MOST = 5_000  # different answers remembered
_INTENT_KEYS = ("intent", "label", "category", "class", "意图", "类别", "分类", "标签")

Found = tuple[int, str, str, dict[str, Any]]


class Balance:
    """What is counted of each example, and what that says."""

    def __init__(self) -> None:
        self.languages: Counter[str] = Counter()
        self._n = 0
        self._unlabelled = 0
        self._classes = _Places()
        self._answers = _Places()
        self._openings = _Places()

    def see(self, line: int, talk: Talk) -> Iterator[Found]:
        """Count one example; say so at once if its answer is in another language."""
        asked = spoken(talk.question)
        answered = spoken(talk.answer)
        self.languages[answered or asked or "other"] += 1
        if not talk.answer:
            return
        value = is_value(talk.answer)
        if asked and answered and asked != answered and not value:
            learnt = [turn.place for turn in talk.turns if turn.learnt]
            yield line, learnt[-1] if learnt else "", "answer_language", {}
        self._n += 1
        label = _label(talk.answer)
        if label is None:
            self._unlabelled += 1
        else:
            self._classes.add(label, line)
        answer = talk.said.strip()
        self._answers.add(answer, line)
        if not value:
            self._openings.add(answer[:_OPENING], line)

    def found(self) -> Iterator[Found]:
        """Yield what the file as a whole lacks."""
        chinese, english = self.languages["zh"], self.languages["en"]
        if chinese and english:
            yield 0, "", "mixed_languages", {"zh": f"{chinese:,}", "en": f"{english:,}"}
        classes = self.classes()
        if classes:
            (often, most), (rarely, least) = classes[0], classes[-1]
            if most >= RATIO * least:
                values = {"labels": len(classes), "most": f"{most:,}", "least": f"{least:,}"}
                lines = {"often": self._classes.line(often), "rarely": self._classes.line(rarely)}
                yield 0, "", "unbalanced_labels", values | lines
            return
        if self._n < LEAST:
            return
        for code, places, share in (
            ("same_answer", self._answers, SAME_SHARE),
            ("same_opening", self._openings, OPENING_SHARE),
        ):
            key, count = places.most()
            if count >= share * self._n:
                yield 0, "", code, {"share": f"{count / self._n:.0%}", "line": places.line(key)}
                return

    def classes(self) -> list[tuple[str, int]]:
        """Return classes and their sizes, largest first, if the answers are labels at all.

        They are if 95 of 100 are short, with at most 50 different ones, each five times on
        average.
        """
        known = self._classes.counts
        n = known.total()
        if n < 20 or self._unlabelled > n / 19 or not 2 <= len(known) <= MAX_CLASSES:
            return []
        return known.most_common() if n >= 5 * len(known) else []

    def numbers(self) -> dict[str, Any]:
        """Return ``languages`` and ``classes``; a label that might be a person's is not shown."""
        return {
            "languages": dict(self.languages.most_common()),
            "classes": [
                {"label": _shown(label, n), "line": self._classes.line(label), "examples": n}
                for label, n in self.classes()
            ],
        }


class _Places:
    """Counts of texts and the line each stood on first, as many as fit."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lines: dict[str, int] = {}
        self._spoilt = False

    def add(self, text: str, line: int) -> None:
        if self._spoilt:
            return
        key = text if len(text) <= _SHORT else f"#{hash(text)}"
        self.counts[key] += 1
        self._lines.setdefault(key, line)
        if len(self.counts) > _MOST:  # keep what comes again
            self.counts = Counter({one: n for one, n in self.counts.items() if n > 1})
            if len(self.counts) > _MOST // 2:
                self.spoil()
            self._lines = {one: self._lines[one] for one in self.counts}

    def spoil(self) -> None:
        self._spoilt = True
        self.counts.clear()
        self._lines.clear()

    def most(self) -> tuple[str, int]:
        return self.counts.most_common(1)[0] if self.counts else ("", 0)

    def line(self, text: str) -> int:
        return self._lines.get(text, 0)


def _label(answer: str) -> str | None:
    """Return the class that an answer names: the answer itself, or the intent in its JSON."""
    answer = answer.strip()
    if answer[:1] == "{":
        try:
            value = json.loads(answer)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        found = next((value[key] for key in _INTENT_KEYS if isinstance(value.get(key), str)), None)
        return found if found is not None and len(found) <= _SHORT else None
    return answer if len(answer) <= _SHORT and not _SENTENCE.search(answer) else None


def _shown(label: str, examples: int) -> str:
    """Return a label as it may be printed: never what may be somebody's name or number."""
    if safe_key(label) == label or (examples >= 5 and not find_personal(label)):
        return label
    return "…"


_SENTENCE = re.compile("[。！？!?，,；;]")
