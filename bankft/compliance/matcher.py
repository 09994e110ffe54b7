"""Which patterns may match a text: one pass for the words of all of them.

Every match of a pattern holds one of its anchors. The text is read once for all anchors, by an
Aho-Corasick automaton of the ``fast`` extra or by walking a trie of them;
only the patterns found that way are then searched for. So the cost grows with the text, and a
rule whose words do not occur costs nothing. Both ways find the same patterns.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bankft.compliance.pattern import Pattern

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


# By pattern: where the first of its anchors begins and the last ends.
Candidates = dict[int, list[int]]

# A trie: by character what follows it; "" holds the patterns of the anchor that ends there.
Node = dict[str, Any]


class Matcher:
    """Finds the patterns of which an anchor stands in a text.

    Args:
        patterns: All patterns.
        native: Whether to use the automaton of the ``fast`` extra; None: where it is installed.
    """

    def __init__(self, patterns: Sequence[Pattern], *, native: bool | None = None) -> None:
        owners: dict[str, set[int]] = {}
        for number, pattern in enumerate(patterns):
            for anchor in pattern.anchors:
                owners.setdefault(anchor, set()).add(number)
        self.patterns = patterns
        self._anchors = sorted(owners)
        self._owners = [tuple(sorted(owners[anchor])) for anchor in self._anchors]
        self._native = native

    def candidates(self, text: str) -> Candidates:
        """Return the patterns that may match, by number, each with where its anchors stand."""
        return self._find(text)

    @cached_property
    def _find(self) -> Callable[[str], Candidates]:
        if self._native is not False:
            try:
                import ahocorasick_rs
            except ImportError:
                if self._native:
                    raise
            else:
                return self._automaton(ahocorasick_rs.AhoCorasick(self._anchors))
        return self._trie()

    def _automaton(self, automaton: "AhoCorasick") -> Callable[[str], Candidates]:
        owners = self._owners
        find = automaton.find_matches_as_indexes

        def candidates(text: str) -> Candidates:
            try:
                found = find(text, overlapping=True)
            except UnicodeEncodeError:  # a lone surrogate, which no anchor holds
                found = find(_whole(text), overlapping=True)
            places: Candidates = {}
            for anchor, start, end in found:
                for number in owners[anchor]:
                    if number not in places:
                        places[number] = [start, end]
                        continue
                    place = places[number]
                    place[1] = end
                    if start < place[0]:
                        place[0] = start
            return places

        return candidates

    def _trie(self) -> Callable[[str], Candidates]:
        root: Node = {}
        for anchor, owners in zip(self._anchors, self._owners, strict=True):
            node = root
            for char in anchor:
                node = node.setdefault(char, {})
            node[""] = owners

        def candidates(text: str) -> Candidates:
            places: Candidates = {}
            for start, char in enumerate(text):
                node = root.get(char)
                end = start + 1
                while node is not None:
                    for number in node.get("", ()):
                        if number not in places:
                            places[number] = [start, end]
                        elif end > places[number][1]:
                            places[number][1] = end
                    node = node.get(text[end]) if end < len(text) else None
                    end += 1
            return places

        return candidates


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
