"""The words behind a disguise: 保 本, 保*本, 保夲, 穩賺, 稳zuan, baoben, l00%, r1sk, r-i-s-k.

What `bankft.text.see_through` leaves (NFKC, nothing invisible) is put into lower case, and
traditional and look-alike characters into ordinary ones. Only where a text has something of a
disguise is it also rewritten, so ordinary answers cost one translation and one search.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from bankft.compliance.suspect import (
    CHINESE,
    EMOJI,
    HARD,
    LATIN,
    REWRITTEN,
    SOFT,
    suspicious,
    tables,
)
from bankft.text import see_through


class Reading(NamedTuple):
    """A text as it is meant, and where each character of it was written.

    Attributes:
        raw: The text as it was written.
        text: The text to search in.
        starts: For each character of ``text`` where what it comes from begins in ``raw``; None
            where all stand at the same place.
        ends: The same for where it ends.
    """

    raw: str
    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]``, which is not empty, stands in the raw text."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def read(raw: str, *, native: bool | None = None) -> Reading:
    """Return a text as it is meant.

    Args:
        raw: Any text.
        native: False: without the help of the ``fast`` extra. The reading is the same.

    >>> read("稳 Zuan 不赔").text
    '稳赚不赔'
    """
    # Α and В are A and B to the eye, but α and в are not a and b.
    if not raw.isascii() and _CAPITAL.search(raw):
        lower = raw.translate(_CAPITALS).lower()
    else:
        lower = raw.lower()
    if "🈚" in lower:  # a picture of 无: between characters of a word it is only a mark
        lower = _PICTURED.sub("🚫", lower)
    if len(lower) != len(raw):  # İ becomes two characters; its capital will do
        lower = raw
    if lower.isascii() and lower.isprintable():
        text, offsets = lower, None
    else:
        view = see_through(lower, also=_characters())
        text, offsets = view.text, view.offsets
    if suspicious(text, native=native):
        starts = list(range(len(text)) if offsets is None else offsets)
        reading = Reading(raw, text, starts, [offset + 1 for offset in starts])
        for pattern, rewrite in _REWRITES:
            reading = _rewritten(reading, pattern, rewrite)
        joined = _JOINED.sub(" ", reading.text)
        return Reading(raw, joined, reading.starts, reading.ends)
    if "-" in text or "\n" in text or "—" in text:
        text = _JOINED.sub(" ", text)
    if offsets is None:
        return Reading(raw, text)
    return Reading(raw, text, offsets, [offset + 1 for offset in offsets])


# A hyphen or the end of a line between two words is a blank to the rules.
_JOINED = re.compile("(?<=[a-z,;])[-—\n](?=[a-z])")


@cache
def _characters() -> dict[int, str]:
    """Return the characters that show as another: capitals, traditional ones, look-alikes."""
    table: dict[int, str] = {}
    for name in ("traditional", "characters"):
        pairs = tables()[name]
        table |= dict(zip(map(ord, pairs["shown"]), pairs["meant"], strict=True))
    table |= {ord(char): char.lower() for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:  # ǎ, é: the letter under the mark
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if base.isascii() and base.isalpha():
            table[code] = base
    for code in (*range(0x180, 0x2B0), *range(0x1D00, 0x1DC0), *_OTHER_LATIN):  # ʀ, ꜰ, 🅖, ʋ, ł
        named = _LATIN_NAME.match(unicodedata.name(chr(code), ""))
        if named:
            table.setdefault(code, named[1].lower())
    look = (
        dict(zip(_SMALL, _SMALL_AS, strict=True))
        | {"’": "'", "‘": "'", "ı": "i", "ɡ": "g"}
        | dict.fromkeys("‐‑‒–−", "-")
    )
    return table | {ord(char): shown for char, shown in look.items()}


_PICTURED = re.compile("(?<=[零无無0没毫风風])🈚")
_LATIN_NAME = re.compile(
    "(?:LATIN (?:SMALL|CAPITAL) LETTER|LATIN LETTER SMALL CAPITAL"
    "|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER) (?:SCRIPT )?([A-Z])(?: WITH .*)?$"
)
_OTHER_LATIN = (*range(0xA720, 0xA800), *range(0x1F150, 0x1F16A), *range(0x1F170, 0x1F18A))
# Cyrillic, Greek and Armenian letters by what they look like, in small letters and in capitals.
_SMALL = "μʋаеорсхуіѕԁԛԝһјкмтвнгпαονρτικεβγηυχωσօոսհցզ"
_SMALL_AS = "uuaeopcxyisdqwhjkmtbhrnaovptikebynuxwoonuhgq"
_CAPITALS = str.maketrans("АВЕКМНОРСТХУІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abekmhopctxyisjabezhikmnoptyx")
_CAPITAL = re.compile("[Α-ΩА-ЯІЅЈ]")

_SYLLABLES = "|".join(sorted(tables()["pinyin"], key=len, reverse=True))

Pieces = list[tuple[str, int, int]]


def _rewritten(
    reading: Reading, pattern: re.Pattern[str], rewrite: Callable[[re.Match[str]], Pieces | None]
) -> Reading:
    """Replace the matches by the pieces (text, from, to) that the function gives."""
    if reading.starts is None or reading.ends is None or not pattern.search(reading.text):
        return reading
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in pattern.finditer(reading.text):
        pieces = rewrite(match)
        if pieces is None:
            continue
        text.append(reading.text[done : match.start()])
        starts.extend(reading.starts[done : match.start()])
        ends.extend(reading.ends[done : match.start()])
        for meant, begin, end in pieces:
            text.append(meant)
            starts.extend([reading.starts[begin]] * len(meant))
            ends.extend([reading.ends[end - 1]] * len(meant))
        done = match.end()
    text.append(reading.text[done:])
    starts.extend(reading.starts[done:])
    ends.extend(reading.ends[done:])
    return Reading(reading.raw, "".join(text), starts, ends)


def _nothing(_match: re.Match[str]) -> Pieces:
    return []


def _inside(match: re.Match[str]) -> Pieces:
    return [(match[1], match.start(1), match.end(1))]


def _characters_only(match: re.Match[str]) -> Pieces:
    """Keep the Chinese characters of 保、本、保、息, which stand one by one."""
    return [
        (char, at, at + 1)
        for at, char in enumerate(match[0], match.start())
        if "一" <= char <= "鿿"
    ]


def _letters_only(match: re.Match[str]) -> Pieces:
    return [(char, at, at + 1) for at, char in enumerate(match[0], match.start()) if char.isalnum()]


def _words_of(letters: str) -> list[str] | None:
    """Part letters into words of the vocabulary, the longest first; None where it cannot be."""
    if not letters:
        return []
    for size in range(min(len(letters), 14), 1, -1):
        if letters[:size] in _VOCABULARY and (rest := _words_of(letters[size:])) is not None:
            return [letters[:size], *rest]
    return None


def _spaced(pieces: Pieces) -> Pieces | None:
    """Set blanks between the words that letters, written one by one, make: n-o r-i-s-k."""
    parts = _words_of("".join(char for char, _, _ in pieces))
    if parts is None:
        return None
    spaced: Pieces = []
    for part in parts:
        if spaced:
            spaced.append((" ", pieces[0][1], pieces[0][2]))
        spaced += pieces[: len(part)]
        pieces = pieces[len(part) :]
    return spaced


def _one_by_one(match: re.Match[str]) -> Pieces | None:
    pieces = _letters_only(match)
    return _spaced(pieces) or (pieces if len(pieces) > 3 and match[0][0].isalnum() else None)


def _bracketed(match: re.Match[str]) -> Pieces | None:
    return _spaced(_letters_only(match))


def _parted(match: re.Match[str]) -> Pieces | None:
    """Read risk🔥free, never_lose, guar*anteed: words with marks between, or inside a word."""
    parts = list(re.finditer("[a-z0-9]+", match[0]))
    known = all(part[0] in _VOCABULARY for part in parts)
    only_marks = not re.search(r"[^a-z0-9*_~·•]", match[0])
    if "".join(part[0] for part in parts) in _VOCABULARY or (only_marks and not known):
        return _letters_only(match)
    if not known and not (len(parts) > 1 and re.fullmatch(rf"[a-z0-9_•·{EMOJI}]+", match[0])):
        return None
    if not (known or any(part[0] in _VOCABULARY and len(part[0]) > 3 for part in parts)):
        return None
    begin = match.start()
    pieces: Pieces = []
    for part in parts:
        if pieces:
            pieces.append((" ", begin + part.start() - 1, begin + part.start()))
        pieces += [
            (char, begin + part.start() + at, begin + part.start() + at + 1)
            for at, char in enumerate(part[0])
        ]
    return pieces


def _blotted(match: re.Match[str]) -> Pieces | None:
    """Read r*sk and guar_nteed: one letter of a word, or two, blotted out."""
    blot = re.compile(re.sub("[*_#!]", "[a-z]", match[0]))
    if len(match[0]) < 4 or len(re.sub("[^a-z]", "", match[0])) * 2 < len(match[0]):
        return None
    word = next((word for word in _BLOTTED if blot.fullmatch(word)), None)
    return word and [(char, at, at + 1) for at, char in enumerate(word, match.start())]  # type: ignore[return-value]


def _put_together(match: re.Match[str]) -> Pieces | None:
    return _letters_only(match) if " " in match[0] else None


def _listed(match: re.Match[str]) -> Pieces:
    return [(tables()["rewrites"][match[0]], match.start(), match.end())]


@cache
def _syllable() -> re.Pattern[str]:
    return re.compile("|".join(sorted(tables()["pinyin"], key=len, reverse=True)))


def _spelt(match: re.Match[str]) -> Pieces | None:
    """Turn pinyin into characters, if all of it is."""
    syllable = _syllable()
    pieces: Pieces = []
    at = match.start()
    while at < match.end():
        found = syllable.match(match.string, at, match.end())
        if not found:
            return None
        pieces.append((tables()["pinyin"][found[0]], at, found.end()))
        at = found.end()
        while at < match.end() and match.string[at] == " ":
            at += 1
    before = match.string[max(0, match.start() - 6) : match.start()]
    beside = _BESIDE_LEFT.search(before) or _BESIDE_RIGHT.match(match.string, match.end())
    return pieces if len(pieces) > 1 or beside else None


_BESIDE_LEFT = re.compile(f"[{CHINESE}][{SOFT}]*$")
_BESIDE_RIGHT = re.compile(f"[{SOFT}]*[{CHINESE}]")


@cache
def unfinished_spelling() -> re.Pattern[str]:
    """Return what finds pinyin at the end of a text that is not yet whole: bao ben ba…."""
    syllables = "|".join(tables()["pinyin"])
    return re.compile(f"(?<![a-z])(?:(?:{syllables}){{1,3}} ){{1,5}}[a-z]{{0,12}}\\Z")


@cache
def beginnings() -> frozenset[str]:
    """Return what a listed rewriting may begin with, for a text that is not yet whole."""
    return frozenset(
        written[:size] for written in tables()["rewrites"] for size in range(1, len(written))
    )


_LEET = tuple(str.maketrans("013457@$!|€£¢8", f"o{one}eastas{one}{one}elcb") for one in "il")


def _unleet(match: re.Match[str]) -> Pieces | None:
    if not any(char.isalpha() for char in match[0]) or (len(match[0]) < 3 and match[0] != "n0"):
        return None
    for table in _LEET:
        word = match[0].translate(table)
        if word != match[0] and word in _VOCABULARY:
            return [(char, at, at + 1) for at, char in enumerate(word, match.start())]
    return None


def _one_blank(match: re.Match[str]) -> Pieces:
    return [(" ", match.start(), match.end())]


def _whole_word(match: re.Match[str]) -> Pieces | None:
    return _letters_only(match) if match[0].replace("-", "") in _VOCABULARY else None


def _hundred(match: re.Match[str]) -> Pieces:
    return [("100", match.start(), match.end())]


_VOCABULARY = frozenset(
    [
        "guarantee",
        "guaranteed",
        "guarantees",
        "guaranteeing",
        "risk",
        "riskless",
        "riskfree",
        "free",
        "profit",
        "profits",
        "return",
        "returns",
        "safe",
        "safest",
        "capital",
        "principal",
        "loss",
        "losses",
        "lose",
        "loses",
        "losing",
        "never",
        "zero",
        "sure",
        "certain",
        "certainly",
        "promise",
        "promised",
        "promises",
        "protected",
        "secure",
        "best",
        "top",
        "fund",
        "buy",
        "now",
        "always",
        "win",
        "wins",
        "winning",
        "assured",
        "no",
        "without",
        "money",
        "double",
        "not",
        "cannot",
        "cant",
        "can",
        "will",
        "fail",
        "any",
        "all",
        "at",
        "gain",
        "gains",
        "income",
        "yield",
        "yields",
        "secured",
        "worry",
        "bonds",
        "today",
        "hurry",
        "last",
        "chance",
        "definitely",
        "absolutely",
        "fixed",
        "high",
        "interest",
        "invest",
        "investment",
        "investing",
        "product",
        "for",
        "of",
        "is",
        "is",
        "your",
        "our",
        "you",
        "the",
        "this",
        "and",
        "to",
        "in",
        "on",
        "it",
        "worlds",
        "only",
        "ever",
        "rich",
        "quick",
        "cash",
        "back",
        "expected",
        "projected",
        "assure",
        "ensure",
        "ensured",
        "number",
        "one",
        "first",
        "insured",
        "covered",
        "fully",
        "completely",
        "totally",
        "hundred",
        "percent",
        "per",
        "cent",
        "market",
        "rise",
        "rises",
        "up",
        "down",
        "never",
        "dont",
        "miss",
        "act",
        "fast",
        "expert",
        "experts",
        "recommend",
        "recommended",
        "suitable",
        "everyone",
        "everybody",
        "thing",
        "growth",
        "annual",
        "yearly",
        "year",
        "expect",
        "bonus",
        "assurance",
        "double",
        "doubled",
        "maturity",
        "insurance",
        "deposit",
        "wealth",
        "client",
        "clients",
        "bank",
        "we",
        "make",
        "pays",
        "pay",
        "cover",
    ]
)
# Words that are known by most of their letters; and those that are put together from parts.
_BLOTTED = sorted(word for word in _VOCABULARY if len(word) > 3)
_WHOLE = [
    "guaranteed",
    "guarantees",
    "guarantee",
    "guaranteeing",
    "risk",
    "riskfree",
    "profit",
    "profits",
    "principal",
    "capital",
    "protected",
    "assured",
    "promised",
    "promises",
    "returns",
    "cannot",
    "losses",
    "lose",
]


# In this order: each sees what the ones before have made.
_REWRITES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Pieces | None]]] = [
    (re.compile("百分之💯|💯%"), _listed),
    (re.compile(rf"(?<=[0-9])[{EMOJI}]{{1,2}}(?=[0%])"), _nothing),  # 1✨0✨0✨%
    # 【保】【本】: each character in brackets of its own.
    (
        re.compile(f"(?:[\\[【(「『“\"'<《{{][{CHINESE}][\\]】)」』”\"'>》}}]){{2,}}"),
        _characters_only,
    ),
    # 保(本): one character in brackets inside a word.
    (
        re.compile(
            f"(?<=[{CHINESE}])[\\[【(「『“\"'<《{{]([{CHINESE}])[\\]】)」』”\"'>》}}](?!的)"
        ),
        _inside,
    ),
    # 保、本、保、息: characters that stand one by one.
    (
        re.compile(
            f"(?<![{CHINESE}])[{CHINESE}](?:[{HARD}{SOFT}]{{1,3}}[{CHINESE}])+(?![{CHINESE}])"
        ),
        _characters_only,
    ),
    # 保 本, 0 风险
    (
        re.compile(
            f"(?:(?<=[{CHINESE}])[{SOFT}]+|(?<=%) +)(?=[{CHINESE}])|(?<=0)[{SOFT}]+(?=[风亏损])"
        ),
        _nothing,
    ),
    # 稳zuan, baoben, bao ben
    (re.compile(f"(?<![a-z])(?:(?:{_SYLLABLES})+ ){{0,5}}(?:{_SYLLABLES})+(?![a-z])"), _spelt),
    (re.compile(f"(?<=[{CHINESE}])[{SOFT}]+(?=[{CHINESE}])"), _nothing),
    (re.compile(REWRITTEN), _listed),
    # l00%, 1oo%
    (re.compile(r"(?<![a-z0-9])[l1i|][o0]{2}(?=\s?(?:%|per|保|稳|安|赚))"), _hundred),
    # g u a r a n t e e d, r.i.s.k, guar*anteed
    (re.compile(rf"(?<![a-z0-9])[a-z](?:[{SOFT}]{{1,3}}[a-z])+(?![a-z0-9'])"), _one_by_one),
    (
        re.compile(r"(?:[\[({<【][a-z][\])}>】][-_. ]{0,2}){2,40}[\[({<【][a-z][\])}>】]"),
        _bracketed,
    ),
    (re.compile(rf"(?<![{LATIN}])[{LATIN}]{{2,14}}(?![{LATIN}])"), _unleet),
    (re.compile(r"(?<![a-z0-9])[a-z]+(?:[*_#!]{1,2}[a-z]+){1,2}(?![a-z0-9])"), _blotted),
    (
        re.compile(rf"(?<![a-z0-9])[a-z]+(?:[*_~·•/|.=+{EMOJI}]{{1,3}}[a-z]+)+(?![a-z0-9])"),
        _parted,
    ),
    (
        re.compile(
            "(?<![a-z'])(?:"
            + "|".join(" {0,3}".join(word) for word in sorted(_WHOLE, key=len, reverse=True))
            + ")(?![a-z'])"
        ),
        _put_together,
    ),
    (re.compile(r"(?<![a-z])[a-z]{2,9}-[a-z]{2,9}(?![a-z])"), _whole_word),
    (re.compile(r"(?<=[a-z]) (?: +|-|\n)(?=[a-z])"), _one_blank),
    (re.compile(r"(?<=[a-z])(?:\n|-) +(?=[a-z])"), _one_blank),
]
