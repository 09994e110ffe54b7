"""A text as a reader sees it, and the way back to the characters that were typed.

People hide words from a checker, or just type them in another form: ０风险, 保<zero-width>本,
① for 1. A rule is searched in the *view* of a text, and what it finds is reported on the raw
text, character by character.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import NamedTuple


class View(NamedTuple):
    """What a reader sees of a text.

    Attributes:
        raw: The text as it was typed.
        text: The text to search in.
        offsets: For each character of ``text``, where the character it comes from stands in
            ``raw``; None where all stand at the same place.
    """

    raw: str
    text: str
    offsets: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the raw text; it must not be empty.

        A raw character that shows as several (㎡ as m2) is taken whole.

        >>> see_through("０ 风险").span(0, 4)
        (0, 4)
        """
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1

    def without(self, pattern: "re.Pattern[str]") -> "View":
        """Return this view with all matches of a pattern left out.

        >>> see_through("保.本").without(re.compile(r"(?<=[一-鿿])[. ](?=[一-鿿])")).text
        '保本'
        """
        kept: list[str] = []
        offsets: list[int] = []
        before = 0
        known = range(len(self.text)) if self.offsets is None else self.offsets
        for match in pattern.finditer(self.text):
            kept.append(self.text[before : match.start()])
            offsets.extend(known[before : match.start()])
            before = match.end()
        if before == 0:
            return self  # nothing found, or nothing in it
        kept.append(self.text[before:])
        offsets.extend(known[before:])
        return View(self.raw, "".join(kept), offsets)


def see_through(raw: str, *, also: Mapping[int, str | int] | None = None) -> View:
    """Return a text as a reader sees it.

    Each character is normalised by itself to NFKC (full-width forms, circled digits, ligatures),
    and what nobody sees is left out: zero-width characters, direction marks, variation selectors,
    combining strokes, control characters other than white space. Case stays as it is.

    Args:
        raw: Any text; half characters (lone surrogates) are kept.
        also: Further single characters to show as others, such as traditional ones as
            simplified, as ``str.maketrans`` makes them: one character for one, and none that is
            shown as another itself. They apply after NFKC. Pass the same mapping each time: its
            table is kept.

    >>> see_through("０风\u200b险").text
    '0风险'
    >>> TRADITIONAL = str.maketrans("穩", "稳")
    >>> see_through("穩赚", also=TRADITIONAL).text
    '稳赚'
    """
    if also is None and raw.isascii() and not _CONTROL.search(raw):
        return View(raw, raw)
    table = _tables.get(id(also)) or _table(also)
    if not table.odd.search(raw):
        return View(raw, _replaced(raw, table))
    seen = raw.translate(table)
    if _SPECIAL not in seen:
        return View(raw, seen)
    text: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(raw):
        shown = table[ord(char)]
        if shown == _SPECIAL:
            shown = _show(char, table.also)
        text.append(shown)
        offsets.extend([offset] * len(shown))
    return View(raw, "".join(text), offsets)


def see_all_through(
    raws: Iterable[str], *, also: Mapping[int, str | int] | None = None
) -> Iterator[View]:
    """Yield many texts as `see_through` returns each: faster, since most are seen at once.

    >>> [view.text for view in see_all_through(["０风险", "保本"])]
    ['0风险', '保本']
    """
    table = _tables.get(id(also)) or _table(also)
    raws = list(raws)
    ordinary = [not table.odd.search(raw) for raw in raws]
    seen = _replaced("".join(compress(raws, ordinary)), table)
    start = 0
    for raw, whole in zip(raws, ordinary, strict=True):
        if whole:
            end = start + len(raw)
            yield View(raw, seen[start:end])
            start = end
        else:
            yield see_through(raw, also=also)


def _replaced(raw: str, table: "_Table") -> str:
    """Replace the few characters that show as one other: much faster than str.translate."""
    try:
        raw.encode("gb2312")  # simplified characters and their punctuation
        changed = table.simple
    except UnicodeEncodeError:
        changed = table.changed
    for char in set(changed.findall(raw)):
        raw = raw.replace(char, table[ord(char)])
    return raw


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_WIDE = "！-～\u3000"  # full-width ASCII and the space: what ordinary Chinese text holds of NFKC
_ORDINARY = "\t\n\r -~一-\u9fff、。〈-】—‘’“”…·" + _WIDE
_SPECIAL = "\U0010ffff"  # stands for a character that shows as none or as several
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # fillers: neither marks nor spaces by their category


def _show(char: str, also: Mapping[int, str | int]) -> str:
    """Return what one character shows as."""
    category = unicodedata.category(char)
    if char in _BLANK or category in ("Cf", "Mn", "Me"):
        return ""
    if category == "Cc" and not char.isspace():
        return ""
    if char == "…":  # three dots to NFKC; ordinary text needs no other length for it
        return char
    return unicodedata.normalize("NFKC", char).translate(also)


def _character(value: str | int) -> str:
    return value if isinstance(value, str) else chr(value)


class _Table(dict[int, str]):
    """What each code point shows as, filled as characters are met.

    Attributes:
        changed: Matches the ordinary characters that show as another.
        simple: Matches those of them that GB 2312 has: few, which makes it ten times faster.
        odd: Matches a character that may need more than being replaced by another.
    """

    def __init__(self, also: Mapping[int, str | int]) -> None:
        super().__init__()
        self.also = also
        if any(ord(shown) in also for shown in "".join(map(_character, also.values()))):
            raise ValueError("A character that others show as must not show as another itself.")
        further = "".join(f"\\U{code:08x}" for code in also)
        self.changed = re.compile(f"[{_WIDE}{further}]")
        simple = "".join(f"\\U{code:08x}" for code in also if _in_gb2312(chr(code)))
        self.simple = re.compile(f"[{_WIDE}{simple}]")
        self.odd = re.compile(f"[^{_ORDINARY}{further}]")

    def __missing__(self, code: int) -> str:
        shown = _show(chr(code), self.also)
        self[code] = shown if len(shown) == 1 else _SPECIAL
        return self[code]


def _in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


_NOTHING: Mapping[int, str | int] = {}
_tables: dict[int, _Table] = {}


def _table(also: Mapping[int, str | int] | None) -> _Table:
    # The table keeps the mapping alive, so that its id is not given again.
    table = _tables[id(also)] = _Table(_NOTHING if also is None else also)
    return table
