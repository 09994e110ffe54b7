"""What a check found: collected with a limit of each kind, then told in a language."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bankft.cases.fundbot import DISCLAIMER
from bankft.data.wording import Severity, say, say_kind, severity

MAX_LISTED = 1_000  # problems of one kind; a hostile file must not fill the memory with them

Found = tuple[int, str, str, dict[str, Any]]  # line, field, code, values of its sentence


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a training file.

    Attributes:
        line: Line number from 1; 0 where it is about the whole file.
        field: Where in the line, such as ``messages[2].content``; empty if it is all of it.
        code: A short name for programs, such as ``empty_content``.
        severity: ``"error"`` keeps the file from being trained on; ``"warning"`` does not.
        message: A sentence for people. It never holds a value that may be personal data.
    """

    line: int
    field: str
    code: str
    severity: Severity
    message: str


@dataclass(frozen=True)
class Report:
    """What checking a training file found.

    Attributes:
        examples: How many there are, broken ones too.
        problems: What is wrong with single lines, or keeps the file from training, in order.
        notices: What is worth a look in the set as a whole, and may be meant: near-duplicates,
            edge cases without an example, terms, balance, no compliance side file. Never errors.
        statistics: Numbers and histograms: ``tokens``, ``roles``, ``languages``, ``classes``,
            ``repetition``, ``edge_cases`` and more; all of it can be written as JSON.
    """

    examples: int
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...] = ()
    statistics: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the file can be trained on: it may have warnings, but no error."""
        return all(problem.severity != "error" for problem in self.problems)


class Findings:
    """What has been found so far, the first 1,000 of each kind, and how many of each there are."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self._found: list[Found] = []

    def add(self, line: int, place: str, code: str, values: dict[str, Any]) -> None:
        """Take one, in the order of lines."""
        self.count[code] += 1
        if self.count[code] <= MAX_LISTED:
            self._found.append((line, place, code, values))

    def add_unordered(self, found: Iterable[Found]) -> None:
        """Take many in any order; those on the first lines are kept."""
        heaps: dict[str, list[tuple[int, int, Found]]] = {}
        for one in found:
            line, _, code, _ = one
            self.count[code] += 1
            heap = heaps.setdefault(code, [])
            entry = (-line, -self.count[code], one)
            if len(heap) < MAX_LISTED:
                heapq.heappush(heap, entry)
            else:
                heapq.heappushpop(heap, entry)
        for heap in heaps.values():
            self._found += [entry[2] for entry in sorted(heap, reverse=True)]

    def told(self, language: str) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """Return the problems and the notices, by line; what is about the whole file comes last."""
        made: dict[bool, list[Problem]] = {False: [], True: []}
        for line, place, code, values in sorted(self._found, key=lambda one: one[0] or _LAST):
            made[code in _NOTICES].append(_problem(line, place, code, values, language))
        for code, n in self.count.items():
            if n > MAX_LISTED:
                values = {"kind": code, "n": f"{n - MAX_LISTED:,}"}
                made[code in _NOTICES].append(_problem(0, "", "and_more", values, language))
        return tuple(made[False]), tuple(made[True])


_LAST = float("inf")
_NOTICES = {
    "near_duplicate",
    "mixed_languages",
    "unbalanced_labels",
    "same_answer",
    "same_opening",
    "mixed_terms",
    "not_covered",
    "side_missing",
}


def _problem(line: int, place: str, code: str, values: dict[str, Any], language: str) -> Problem:
    if code == "personal_data":
        sentence = _says_personal(values["kind"], language)
    elif code == "missing_disclaimer":
        sentence = _says_missing(values["spoken"] or language, language)
    else:
        sentence = say(code, language, **values)
    return Problem(line, place, code, severity(code), sentence)


@cache  # one a kind of personal data
def _says_personal(kind: str, language: str) -> str:
    return say("personal_data", language, kind=say_kind(kind, language))


@cache
def _says_missing(spoken: str, language: str) -> str:
    return say("missing_disclaimer", language, disclaimer=DISCLAIMER[spoken])
