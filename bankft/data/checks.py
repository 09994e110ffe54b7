"""Check a training file, line by line and as a whole.

These are the checks that the service makes before it trains, and what a bank wants to know of
its data besides. They read one line at a time, so that memory stays flat for a file of any size,
apart from some hashes a line (see `bankft.data.repeats`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from bankft import tokens
from bankft.cases.fundbot import DISCLAIMER
from bankft.data import shapes, talks
from bankft.data.balance import Balance
from bankft.data.coverage import Coverage
from bankft.data.encodings import flaws
from bankft.data.findings import Findings, Found, Report
from bankft.data.formats import Line, batches, lines
from bankft.data.limits import Limits, limits_of
from bankft.data.personal import find_personal, look_through
from bankft.data.prohibited import broken_rules
from bankft.data.redaction_files import RedactedLine, redact_line
from bankft.data.repeats import Repeats
from bankft.data.side import Side
from bankft.data.spread import Spread
from bankft.data.terms import Terms
from bankft.data.wording import severity
from bankft.errors import UsageError
from bankft.lang import LANGUAGES
from bankft.lang import language as current_language

Source = str | os.PathLike[str] | Iterable[dict[str, Any]]

LEAST_EXAMPLES = 10
_REMEMBERED = 4_096  # texts, since prompts, greetings and set answers come again and again
_SHORT = 1_000  # characters; longer ones are not remembered
_AT_ONCE = 256  # answers held against the rules, or fewer of so many characters
_CHARACTERS = 2**18


def check(
    source: Source,
    *,
    method: shapes.Method = "supervised",
    language: str | None = None,
    against: Mapping[str, Source] | None = None,
    side: str | os.PathLike[str] | None = None,
    model: str = "gpt-4o",
    encoding: str | None = None,
    progress: Callable[[int], object] | None = None,
    redacted: Callable[[RedactedLine], object] | None = None,
) -> Report:
    """Check training data in one of OpenAI's three formats.

    Errors keep the file from being trained on: a line that is no strict JSON object, or not in
    the method's shape (see `bankft.data.shapes`); fewer than 10 examples; a question that stands
    in a part to measure on, too. Warnings: copies, the same question with different answers, an
    answer without the disclaimer or with prohibited wording, an answer in another language than
    its question, personal data, mojibake, full-width and invisible characters, too many tokens,
    and what is wrong with the compliance side file.

    At most 1,000 problems of one kind are listed, the others are counted in a last one.

    Args:
        source: A JSON Lines file, or the examples themselves (their "lines" count from 1).
        method: ``"supervised"``, ``"dpo"`` or ``"reinforcement"``.
        language: Of the messages: ``"zh"``, ``"en"``, or ``"auto"`` for that of most examples;
            the page's language if not given.
        against: Other parts by name (``"validation"``, ``"test"``), which must share no question
            with this one.
        side: The compliance side file (see `bankft.data.side`); if not given, that of the same
            name as a file ``source``, where there is one.
        model: What will be trained; it says how many tokens an example may have.
        encoding: What tokens are counted in (see `bankft.tokens`); the model's if not given,
            estimated where that is not installed.
        progress: Called with the number of each line when it has been read.
        redacted: Called with each line without its personal data, as `redact_jsonl` yields them:
            both are done in one pass, each text looked through once.

    Raises:
        DataError: A file cannot be opened.
        MissingExtra: The encoding that was named is not installed.
        UsageError: There is no such method, language or encoding.

    >>> example = {"messages": [{"role": "user", "content": "管理费是多少？"}]}
    >>> check([example] * 10, language="en").problems[0].message
    "The last message must be the assistant's answer: that is what the model learns."
    """
    language = language or current_language()
    if language not in (*LANGUAGES, "auto"):
        raise UsageError(f"There is no language {language!r}: use zh or en.")
    if method not in shapes.METHODS:
        raise UsageError(f"There is no method {method!r}: use {', '.join(shapes.METHODS)}.")
    records, absent = _side_of(source, side)
    written_in = current_language()
    with closing(Repeats(method)) as repeats:
        run = _Check(method, limits_of(model), encoding, records, repeats, progress)
        for batch, texts in batches(_lines(source)):
            look_through(texts)
            for line in batch:
                run.see(line)
                if redacted is not None and line.code != "blank_line":
                    redacted(redact_line(line, written_in))
        for name, part in (against or {}).items():
            repeats.next_part(name)
            for line in _lines(part):
                run.see_elsewhere(line)
        run.end(absent)
    return run.report(language)


def _lines(source: Source) -> Iterator[Line]:
    return lines(source) if isinstance(source, (str, os.PathLike)) else _given(source)


def _given(examples: Iterable[Any]) -> Iterator[Line]:
    for number, example in enumerate(examples, 1):
        if isinstance(example, dict):
            yield Line(number, example)
        else:
            yield Line(number, {}, "not_object")


def _side_of(source: Source, side: str | os.PathLike[str] | None) -> tuple[Side | None, str | None]:
    """Return the side file, or the name that it should have."""
    if side is not None:
        return Side(side), None
    if not isinstance(source, (str, os.PathLike)):
        return None, None
    beside = Path(source).with_suffix(".compliance.jsonl")
    if beside.is_file() and beside != Path(source):
        return Side(beside), None
    return None, beside.name


class _Check:
    """One run over one file: what it has found, and what it has counted."""

    def __init__(
        self,
        method: shapes.Method,
        limits: Limits,
        encoding: str | None,
        side: Side | None,
        repeats: Repeats,
        progress: Callable[[int], object] | None,
    ) -> None:
        self.method = method
        self.limits = limits
        self.side = side
        self.progress = progress
        self.examples = 0
        self.findings = Findings()
        self.add = self.findings.add
        self.repeats = repeats
        self.balance = Balance()
        self.coverage = Coverage()
        self.terms = Terms()
        if encoding is None:
            known = tokens.available(limits.encoding)
            encoding = limits.encoding if known else tokens.ESTIMATE
        self.encoding = encoding
        self.tokens_in = tokens.counter(encoding)
        self.roles: dict[str, list[int]] = {}  # messages, characters, tokens
        self.spreads = {name: Spread() for name in ("tokens", "messages", "question", "answer")}
        self.known = lru_cache(_REMEMBERED)(self.text)
        self.answers: list[tuple[int, str, str]] = []  # line, field, text: not yet judged
        self.characters = 0  # of these

    def see(self, line: Line) -> None:
        """Check one line."""
        number = line.number
        if self.progress is not None:
            self.progress(number)
        if line.code == "blank_line":
            self.add(number, "", line.code, {})
            return
        self.examples += 1
        if line.code:
            self.add(number, "", line.code, {})
        try:
            if line.example or not line.code:
                self.example(number, line.example)
            if self.side is not None:
                for found in self.side.see(number, line.example or None):
                    self.add(*found)
        except RecursionError:
            self.add(number, "", "too_deep", {})

    def example(self, number: int, example: dict[str, Any]) -> None:
        sound = True
        talk = talks.read_plain(example) if self.method == "supervised" else None
        if talk is None:
            for field, code, values in shapes.problems(example, self.method):
                self.add(number, field, code, values)
                sound = sound and severity(code) != "error"
            talk = talks.read(example, self.method)
        total = 0
        for turn in talk.turns:
            if turn.text:
                total += self.turn(number, turn)
        self.spreads["tokens"].add(total)
        self.spreads["messages"].add(len(talk.turns))
        if total > self.limits.tokens:
            values = {"tokens": f"{total:,}", "limit": f"{self.limits.tokens:,}"}
            self.add(number, "messages", "too_long", values | {"model": self.limits.model})
        if sound:
            self.spreads["question"].add(len(talk.question))
            if talk.answer:
                self.spreads["answer"].add(len(talk.answer))
            self.repeats.see(number, example, talk)
            self.coverage.see(talk)
            for found in self.balance.see(number, talk):
                self.add(*found)

    def turn(self, number: int, turn: talks.Turn) -> int:
        """Check what one message says; return its tokens."""
        place, role, text, learnt = turn
        n, found = self.known(text) if len(text) <= _SHORT else self.text(text)
        for code, values in found:
            self.add(number, place, code, values)
        if learnt:
            self.answer(number, place, text)
        counts = self.roles.get(role)
        if counts is None:
            counts = self.roles[role] = [0, 0, 0]
        counts[0] += 1
        counts[1] += len(text)
        counts[2] += n
        return n

    def text(self, text: str) -> tuple[int, list[tuple[str, dict[str, Any]]]]:
        """Return a text's tokens, and what is wrong with it whoever says it: code, values."""
        found: list[tuple[str, dict[str, Any]]] = [(code, {}) for code in flaws(text)]
        if personal := find_personal(text):
            kinds = sorted({finding.kind for finding in personal})
            found += [("personal_data", {"kind": kind}) for kind in kinds]
        return self.tokens_in(text), found

    def answer(self, number: int, place: str, text: str) -> None:
        for words in _DISCLAIMERS:
            if words in text:
                break
        else:
            if not talks.is_value(text) and text.strip():
                self.add(number, place, "missing_disclaimer", {"spoken": talks.spoken(text)})
        self.answers.append((number, place, text))
        self.characters += len(text)
        if len(self.answers) == _AT_ONCE or self.characters > _CHARACTERS:
            self.judge()

    def judge(self) -> None:
        """Hold the answers since the last time against the rules on wording."""
        self.terms.see([(number, text) for number, _, text in self.answers])
        judged = broken_rules([text for _, _, text in self.answers])
        for (number, place, _), rules in zip(self.answers, judged, strict=True):
            if rules:
                self.add(number, place, "prohibited_wording", {"rule": ", ".join(rules)})
        self.answers.clear()
        self.characters = 0

    def see_elsewhere(self, line: Line) -> None:
        """Take a line of another part, whose own problems are not ours."""
        try:
            if line.code or any(
                severity(code) == "error"
                for _, code, _ in shapes.problems(line.example, self.method)
            ):
                return
            talk = talks.read(line.example, self.method)
            self.repeats.see(line.number, line.example, talk)
        except RecursionError:
            return

    def end(self, absent_side: str | None) -> None:
        """Look at the whole."""
        self.judge()
        if self.examples < LEAST_EXAMPLES and not self.findings.count["not_text_file"]:
            self.add(0, "", "invalid_n_examples", {"n": self.examples, "least": LEAST_EXAMPLES})
        if self.limits.examples(self.method) < self.examples:
            values = {"n": f"{self.examples:,}", "limit": f"{self.limits.examples(self.method):,}"}
            self.add(0, "", "too_many_examples", values | {"method": self.method})
        self.findings.add_unordered(self._late(absent_side))

    def _late(self, absent_side: str | None) -> Iterator[Found]:
        yield from self.repeats.found()
        yield from self.balance.found()
        yield from self.terms.found()
        yield from self.coverage.found()
        if self.side is not None:
            yield from self.side.found()
        elif absent_side is not None and self.examples:
            yield 0, "", "side_missing", {"file": absent_side}

    def report(self, language: str) -> Report:
        if language == "auto":
            spoken = self.balance.languages
            language = "en" if spoken["en"] > spoken["zh"] else "zh"
        problems, notices = self.findings.told(language)
        return Report(self.examples, problems, notices, self.statistics(language))

    def statistics(self, language: str) -> dict[str, Any]:
        spreads = {name: spread.numbers() for name, spread in self.spreads.items()}
        exact = self.encoding != tokens.ESTIMATE
        return {
            "method": self.method,
            "language": language,
            "model": self.limits.model,
            "problems": dict(self.findings.count.most_common()),
            "tokens": {"encoding": self.encoding, "exact": exact, **spreads["tokens"]},
            "roles": {
                role: dict(zip(("messages", "characters", "tokens"), counts, strict=True))
                for role, counts in sorted(self.roles.items())
            },
            "messages": spreads["messages"],
            "question_characters": spreads["question"],
            "answer_characters": spreads["answer"],
            **self.balance.numbers(),
            "repetition": {
                name: self.findings.count[code]
                for name, code in (
                    ("copies", "duplicate_example"),
                    ("near_copies", "near_duplicate"),
                    ("contradictions", "contradicting_answers"),
                )
            },
            "edge_cases": self.coverage.numbers(),
            "mixed_terms": self.terms.mixed(),
            "side_records": None if self.side is None else self.side.complete,
        }


_DISCLAIMERS = [words.rstrip("。.") for words in DISCLAIMER.values()]
