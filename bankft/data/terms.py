"""Synonyms of a term used side by side: 管理费, 管理费率, 管理费用."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

MANY = 10  # groups told in one notice


@cache
def _groups() -> dict[str, int]:
    """Return the group of each name, from ``terms.toml``."""
    text = files(__package__).joinpath("terms.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    groups = [entry["names"] for language in ("zh", "en") for entry in tables[language]]
    return {name: number for number, names in enumerate(groups) for name in names}


@cache
def _pattern() -> "re.Pattern[str]":
    # The longest first: 管理费率 is not 管理费. A plural is the same name. What a name begins
    # with is tried first, since few characters of a text do.
    names = sorted(_groups(), key=len, reverse=True)
    latin = [name for name in names if name.isascii()]
    other = [name for name in names if not name.isascii()]
    return re.compile(
        rf"(?=[{''.join({name[0] for name in other})}])(?:{'|'.join(other)})"
        rf"|(?<![a-z])(?=[{''.join({name[0] for name in latin})}])"
        rf"(?:{'|'.join(map(re.escape, latin))})(?=s?(?![a-z]))"
    )


class Terms:
    """Which names of the same thing the answers use, and where each stood first."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lines: dict[str, int] = {}

    def see(self, answers: Sequence[tuple[int, str]]) -> None:
        """Count the names in answers, each with its line."""
        # No name holds a new line, so none reaches from one answer into the next.
        found = _pattern().findall("\n".join(answer for _, answer in answers).lower())
        self._counts.update(found)
        new = set(found).difference(self._lines)
        for line, answer in answers if new else ():
            for name in _pattern().findall(answer.lower()):
                self._lines.setdefault(name, line)

    def mixed(self) -> list[list[dict[str, Any]]]:
        """Return the groups of which more than one name is used, each the most used first."""
        groups: dict[int, list[dict[str, Any]]] = {}
        for name, uses in self._counts.most_common():
            entry = {"name": name, "uses": uses, "line": self._lines[name]}
            groups.setdefault(_groups()[name], []).append(entry)
        return [names for names in groups.values() if len(names) > 1]

    def found(self) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
        """Yield one notice a group."""
        for names in self.mixed()[:MANY]:
            yield 0, "", "mixed_terms", {"terms": names}
