"""Which patterns may match a text: one pass for the words of all of them.

Every match of a pattern holds one of its anchors, and one of its partners where it has any. The
text is read once for all these words, by an Aho-Corasick automaton of the ``fast`` extra or by
walking a trie of them; only the patterns of which both stand there are then searched for. So the
cost grows with the text, and a rule whose words do not occur costs nothing. Both ways find the
same patterns.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bankft.compliance.pattern import Pattern

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


# By pattern: where the first of its anchors begins and the last ends.
Candidates = dict[int, list[int]]

# A trie: by character what follows it; "" holds the number of the word that ends there.
Node = dict[str, Any]


class Matcher:
    """Finds the patterns of which the words stand in a text.

    Args:
        patterns: All patterns.
        native: Whether to use the automaton of the ``fast`` extra; None: where it is installed.
    """

    def __init__(self, patterns: Sequence[Pattern], *, native: bool | None = None) -> None:
        words = {word for pattern in patterns for word in pattern.anchors | pattern.partners}
        self.patterns = patterns
        self.native = native
        self._words = sorted(words)
        known = {word: number for number, word in enumerate(self._words)}
        # By word the patterns that it anchors, each with its partners.
        self._anchored: list[tuple[tuple[int, frozenset[int]], ...]] = [() for _ in self._words]
        for number, pattern in enumerate(patterns):
            partners = frozenset(known[word] for word in pattern.partners)
            for anchor in pattern.anchors:
                self._anchored[known[anchor]] += ((number, partners),)

    def candidates(self, text: str) -> Candidates:
        """Return the patterns that may match, by number, each with where its anchors stand."""
        found = self._find(text)
        present = {word for word, _, _ in found}
        places: Candidates = {}
        anchored = self._anchored
        for word, start, end in found:
            for number, partners in anchored[word]:
                if number in places:
                    place = places[number]
                    if end > place[1]:
                        place[1] = end
                    if start < place[0]:
                        place[0] = start
                elif not (partners and partners.isdisjoint(present)):
                    places[number] = [start, end]
        return places

    @cached_property
    def _find(self) -> Callable[[str], Sequence[tuple[int, int, int]]]:
        """Finds every word in a text: its number, where it begins and where it ends."""
        if self.native is not False:
            try:
                import ahocorasick_rs
            except ImportError:
                if self.native:
                    raise
            else:
                return self._automaton(ahocorasick_rs.AhoCorasick(self._words))
        return self._trie()

    def _automaton(self, automaton: "AhoCorasick") -> Callable[[str], list[tuple[int, int, int]]]:
        find = automaton.find_matches_as_indexes

        def words(text: str) -> list[tuple[int, int, int]]:
            try:
                return find(text, overlapping=True)
            except UnicodeEncodeError:  # a lone surrogate, which no word holds
                return find(_whole(text), overlapping=True)

        return words

    def _trie(self) -> Callable[[str], list[tuple[int, int, int]]]:
        root: Node = {}
        for number, word in enumerate(self._words):
            node = root
            for char in word:
                node = node.setdefault(char, {})
            node[""] = number

        def words(text: str) -> list[tuple[int, int, int]]:
            found: list[tuple[int, int, int]] = []
            length = len(text)
            for start, char in enumerate(text):
                node = root.get(char)
                end = start + 1
                while node is not None:
                    if "" in node:
                        found.append((node[""], start, end))
                    node = node.get(text[end]) if end < length else None
                    end += 1
            return found

        return words


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
