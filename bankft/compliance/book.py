"""All rules of some packs, made ready to search with."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from bankft.compliance import disguise
from bankft.compliance.matcher import Candidates, Matcher
from bankft.compliance.pattern import Pattern
from bankft.compliance.rule import Pack, Rule, check_scope, load_pack, shipped, words
from bankft.errors import DataError

PackLike = Pack | Path | str


@dataclass(frozen=True, eq=False)
class Book:
    """The rules of some packs.

    Attributes:
        rules: In the packs' order.
        patterns: Each pattern once, although many rules may share it.
        users: For each pattern the rules (by index) that look for it.
        keepers: For each pattern the rules (by index) that require it.
        matcher: Finds the patterns that may match a text.
        notices: Usual sentences that break no rule, each with the rules (by index) that require
            them.
        reaches: For each pattern what searches for it, how far before and behind its anchors, and
            what tells quickly that it is not there, if anything does; None until it is needed.
        missing: The rules of kind ``missing``.
        graded: The rules of kind ``suitability``.
    """

    rules: tuple[Rule, ...]
    patterns: tuple[Pattern, ...]
    users: tuple[tuple[int, ...], ...]
    keepers: tuple[frozenset[int], ...]
    matcher: Matcher
    notices: tuple[tuple[str, frozenset[int]], ...]
    reaches: list["_Reach | None"]
    missing: tuple[int, ...]
    graded: tuple[int, ...]

    def matches(
        self, text: str, candidates: Candidates, rules: frozenset[int]
    ) -> list[tuple[int, int, int]]:
        """Return (rule's index, start, end) of what the rules of phrases find in a text.

        In order of the start; of matches of one rule that lie within each other, the longest.

        Args:
            text: A reading's text.
            candidates: The patterns that may match it, and where.
            rules: The rules that apply.
        """
        spans: dict[int, list[tuple[int, int]]] = {}
        users = _users(self, rules)
        for number, places in candidates.items():
            if users[number] and (found := self._search(number, places, text)):
                for index in users[number]:
                    spans.setdefault(index, []).extend(found)
        if not spans:
            return []
        kept: list[tuple[int, int, int]] = []
        for index, found in spans.items():
            taken = 0
            for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
                if end > taken:
                    kept.append((index, start, end))
                    taken = end
        kept.sort(key=lambda one: (one[1], one[2], one[0]))
        return kept

    def spans(self, text: str, candidates: Candidates, index: int) -> list[tuple[int, int]]:
        """Return where the patterns of one rule match."""
        return [
            span
            for number, places in candidates.items()
            if index in self.users[number]
            for span in self._search(number, places, text)
        ]

    def without_notices(self, text: str) -> tuple[str, frozenset[int]]:
        """Blank the usual notices out of a text, and tell which rules require them.

        They stand in nearly every answer and hold the very words that rules look for (风险, 投资,
        建议); without them most answers need no further look.
        """
        kept: frozenset[int] = frozenset()
        for notice, rules in self.notices:
            if notice in text:
                text = text.replace(notice, "\x00" * (len(notice) - 1) + notice[-1])
                kept |= rules
        return text, kept

    def kept(
        self, text: str, candidates: Candidates, known: frozenset[int] = frozenset()
    ) -> frozenset[int]:
        """Return the rules (by index) of which something that they require stands in the text.

        Those that are known to need no look are among them.
        """
        kept = set(known)
        for number, places in candidates.items():
            keepers = self.keepers[number]
            if keepers and not keepers <= kept and self._search(number, places, text):
                kept |= keepers
        return frozenset(kept)

    def _search(self, number: int, places: list[int], text: str) -> list[tuple[int, int]]:
        """Search for one pattern around its anchors."""
        reach = self.reaches[number]
        if reach is None:  # compiled now: most patterns are never needed
            pattern = self.patterns[number]
            before, behind = pattern.lead, pattern.width + _AHEAD
            sieve = None if self.matcher.native is False else pattern.sieve
            reach = self.reaches[number] = (pattern.regex.finditer, before, behind, sieve)
        find, before, behind, sieve = reach
        if sieve is not None and not _passes(sieve, text):
            return []
        begin = places[0] - before
        return [match.span() for match in find(text, begin if begin > 0 else 0, places[1] + behind)]


# What searches for a pattern, how far before and behind its anchors, and its sieve.
_Reach = tuple[
    Callable[..., Iterator[re.Match[str]]], int, int, Callable[[str], Sequence[int] | None] | None
]


def _passes(sieve: Callable[[str], Sequence[int] | None], text: str) -> bool:
    try:
        return bool(sieve(text))
    except UnicodeEncodeError:  # a lone surrogate: let the pattern itself look
        return True


_AHEAD = 16  # what a pattern looks at behind its end, (?!…), is shorter


def packs_of(packs: Sequence[PackLike]) -> tuple[Pack, ...]:
    """Return the shipped packs, and a bank's own; paths are read, and again when they change."""
    own: list[Pack] = []
    for pack in packs:
        if isinstance(pack, Pack):
            own.append(pack)
        else:
            path = Path(pack)
            own.append(_loaded(str(path), path.stat().st_mtime_ns if path.exists() else 0))
    return (*shipped(), *own)


@lru_cache(maxsize=32)
def _loaded(path: str, _modified: int) -> Pack:
    return load_pack(path)


_books: dict[tuple[tuple[str, ...], bool | None], Book] = {}


def book_of(packs: Sequence[PackLike], *, native: bool | None = None) -> Book:
    """Return the rules of the shipped packs and of these.

    Raises:
        DataError: A pack is not fine, or two have a rule of the same id.
    """
    if not packs:
        return _shipped(native)
    every_pack = packs_of(packs)
    key = (tuple(pack.digest for pack in every_pack), native)
    if key not in _books:
        if len(_books) >= 16:  # packs that change while a service runs must not pile up
            _books.clear()
        _books[key] = _bound(every_pack, native)
    return _books[key]


@lru_cache(maxsize=3)
def _shipped(native: bool | None) -> Book:
    return _bound(shipped(), native)


def _bound(packs: Sequence[Pack], native: bool | None) -> Book:
    rules = tuple(rule for pack in packs for rule in pack.rules)
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise DataError(f"Two packs have a rule {rule.id}: rename the one in your own pack.")
        seen.add(rule.id)
    # Groups of words may differ between packs, so it is the compiled pattern that tells.
    known: dict[str, Pattern] = {}
    users: dict[str, list[int]] = {}
    keepers: dict[str, list[int]] = {}
    for index, rule in enumerate(rules):
        for role, some in ((users, rule.patterns), (keepers, rule.required)):
            for pattern in some:
                known.setdefault(pattern.expression, pattern)
                role.setdefault(pattern.expression, []).append(index)
    patterns = tuple(known.values())
    book = Book(
        rules=rules,
        patterns=patterns,
        users=tuple(tuple(users.get(source, ())) for source in known),
        keepers=tuple(frozenset(keepers.get(source, ())) for source in known),
        matcher=Matcher(patterns, native=native),
        notices=(),
        reaches=[None] * len(patterns),
        missing=tuple(index for index, rule in enumerate(rules) if rule.kind == "missing"),
        graded=tuple(index for index, rule in enumerate(rules) if rule.kind == "suitability"),
    )
    notices = [disguise.read(notice).text for notice in words()["notices"]]
    known_to = [(n, book.kept(n, book.matcher.candidates(n))) for n in notices]
    return replace(book, notices=tuple(known_to))


@lru_cache(maxsize=256)
def _users(book: Book, rules: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    """Return for each pattern those of the rules that look for it as a phrase."""
    phrases = frozenset(index for index in rules if book.rules[index].kind == "phrase")
    return tuple(tuple(index for index in users if index in phrases) for users in book.users)


@lru_cache(maxsize=256)
def in_force(
    book: Book, on: date, product: str, audience: str, medium: str, speaker: str
) -> frozenset[int]:
    """Return the rules (by index) that are in force on a day and apply there.

    Raises:
        UsageError: There is no such product, audience, medium or speaker.
    """
    check_scope(product=product, audience=audience, medium=medium, speaker=speaker)
    return frozenset(
        index
        for index, rule in enumerate(book.rules)
        if rule.applies(on, product=product, audience=audience, medium=medium, speaker=speaker)
    )
