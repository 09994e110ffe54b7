"""The words that the rules for names and addresses know, read from ``personal.toml``."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("personal.toml").read_text("utf-8"))


def characters(part: str, name: str) -> frozenset[str]:
    """Return a set of single characters."""
    return frozenset(_TABLE[part][name]) - {"\n", " "}


def words(part: str, name: str, *, by: str | None = None) -> tuple[str, ...]:
    """Return words, each once, longest first, so that a pattern of them takes the longest."""
    split = (word.strip() for word in _TABLE[part][name].strip().split(by))
    return tuple(sorted(dict.fromkeys(filter(None, split)), key=lambda word: -len(word)))


def any_of(choices: Iterable[str]) -> str:
    """Return a pattern of literal words, the longest first, by their first characters.

    Branches that begin with different characters are told apart at once.
    """
    by_first: dict[str, list[str]] = {}
    for word in sorted(dict.fromkeys(choices), key=lambda word: -len(word)):
        by_first.setdefault(word[0], []).append(word[1:])
    branches = []
    for first, rests in by_first.items():
        tails = "|".join(map(re.escape, rests))
        branches.append(re.escape(first) + (tails if len(rests) == 1 else f"(?:{tails})"))
    return "(?:" + "|".join(branches) + ")"


def all_but(first: str, last: str, chars: Iterable[str]) -> str:
    """Return a pattern of one character of a range that is none of some."""
    ranges, begin = [], ord(first)
    for code in [*sorted(map(ord, chars)), ord(last) + 1]:
        if begin < code <= ord(last) + 1:
            ranges.append(f"{chr(begin)}-{chr(code - 1)}")
        begin = max(begin, code + 1)
    return f"[{''.join(ranges)}]"


def one_of(chars: Iterable[str]) -> str:
    """Return a pattern of one character out of some."""
    return "[" + "".join(sorted(map(re.escape, chars))) + "]"
