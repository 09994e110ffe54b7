"""Texts in the form in which they are compared: what sounds alike when read aloud is alike.

Case, width, marks and invisible characters make no difference. With NumPy (extra ``fast``) many
texts are put into that form at once, character by character from a table; without it the form is
the same one.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from bankft.text import see_through

# Spaces and most marks; what makes 0.30% and -3.0% two answers stays.
_DRESS = re.compile(r"[^\w.%+/:-]+")
_SOUNDLESS = re.compile(r"[\W_]+")
# In a text of these alone nothing shows as another character, but for marks that are dropped.
_PLAIN = re.compile("[\t\n\r -~一-\u9fff、。〈-】—‘’“”…·，；？！（）]*")

_KNOWN, _WORD, _KEPT, _SEVERAL, _UNSEEN = (1 << bit for bit in range(21, 26))
_SHOWN = _KNOWN - 1  # the bits of the character that it shows as


class Form(NamedTuple):
    """What is compared of a text.

    Attributes:
        words: Its words, blanks between.
        letters: The same without the blanks.
        bare: Its letters, digits, and the marks that belong to a number.
    """

    words: str
    letters: str
    bare: str


def form(text: str) -> Form:
    """Return what is compared of a text.

    >>> form("费率：０．３０％")
    Form(words='费率 0 30 ', letters='费率030', bare='费率:0.30%')
    """
    plain = _PLAIN.fullmatch(text)
    seen = (text if plain else see_through(text).text).casefold()
    words = _SOUNDLESS.sub(" ", seen)
    return Form(words, words.replace(" ", ""), _DRESS.sub("", seen).strip("."))


class Comparing:
    """Puts many texts into the form in which they are compared.

    Args:
        np: The NumPy module, or None where it is not installed.
    """

    def __init__(self, np: Any) -> None:
        self._np = np
        # What each character is, once it has been met: the bits above, and what it shows as.
        self._table: Any = None if np is None else np.zeros(0x110000, dtype=np.uint32)

    def forms(self, texts: Sequence[str]) -> list[Form]:
        """Return what is compared of each text, as `form` does."""
        np = self._np
        if np is None or not any(texts):
            return [form(text) for text in texts]
        joined = "\0".join(texts).encode("utf-32-le", "surrogatepass")
        codes = np.frombuffer(joined, dtype="<u4")
        kinds = self._table[codes]
        if not kinds.all():
            for code in np.unique(codes[kinds == 0]).tolist():
                self._table[code] = _kind(chr(code))
            kinds = self._table[codes]
        ends = codes == 0
        if np.count_nonzero(ends) != len(texts) - 1 or (kinds & _SEVERAL).any():
            return [form(text) for text in texts]  # a character shows as several: rare
        shown = kinds & np.uint32(_SHOWN)
        words = np.where((kinds & _WORD) != 0, shown, np.uint32(32))
        words[ends] = 0
        words = words[ends | ((kinds & _UNSEEN) == 0)]
        blank = words == 32
        again = np.zeros_like(blank)
        again[1:] = blank[1:] & blank[:-1]
        letters = _texts(words[~blank])
        spoken = _texts(words[~again])
        bare = _texts(np.where(ends, np.uint32(0), shown)[ends | ((kinds & _KEPT) != 0)])
        return [
            Form(one, other, kept.strip("."))
            for one, other, kept in zip(spoken, letters, bare, strict=True)
        ]


def _kind(char: str) -> int:
    seen = see_through(char).text.casefold()
    if len(seen) != 1:
        return _KNOWN | (_SEVERAL if seen else _UNSEEN)
    word = 0 if _SOUNDLESS.match(seen) else _WORD
    kept = 0 if _DRESS.match(seen) else _KEPT
    return _KNOWN | word | kept | ord(seen)


def _texts(codes: Any) -> list[str]:
    text: str = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    return text.split("\0")
