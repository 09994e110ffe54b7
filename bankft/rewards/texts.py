"""How the rewards read a text: what counts as a token, a figure, a fact that is said."""

import re
from collections.abc import Iterator

from bankft.text import see_through


def plain(text: str) -> str:
    """Return a text in the form in which texts are compared: as seen, lower case, 1,000 as 1000."""
    seen = see_through(text).text.casefold()
    return " ".join(_THOUSANDS.sub("", seen).split())


def tokens(text: str) -> list[str]:
    """Split a plain text: each Chinese character, each word, each number with its sign."""
    return _TOKEN.findall(text)


def figures(text: str) -> list[str]:
    """Return the figures of a plain text: numbers with their per cent sign, codes, R1–R5, T+1."""
    return _FIGURE.findall(text)


def sentences(text: str) -> list[str]:
    """Split a plain text where a sentence ends; a point inside a number ends none."""
    return [part.strip() for part in _STOP.split(text) if part.strip()]


def clauses(text: str) -> list[str]:
    """Split a plain text where a clause ends: at commas and colons too."""
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()]


def mentions(text: str, value: str) -> bool:
    """Whether a plain text holds a value, and not as a part of a longer number or word.

    >>> mentions(plain("起购金额为1,000元。"), "1000元"), mentions(plain("起购100元。"), "0元")
    (True, False)
    """
    return any(True for _ in _places(text, value))


def states(text: str, fact: str) -> bool:
    """Whether a plain text mentions a fact without a *not* in its clause.

    >>> states(plain("风险等级不是R1，是R2。"), "R1"), states(plain("不是R1，是R2。"), "R2")
    (False, True)
    """
    return any(not DENIES.search(_clause(text, *place)) for place in _places(text, fact))


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    wanted = plain(value).rstrip("。.")
    start = text.find(wanted)
    while wanted and start >= 0:
        end = start + len(wanted)
        if not (_joins(text[start - 1 : start], wanted[0]) or _joins_on(text, end)):
            yield start, end
        start = text.find(wanted, start + 1)


def _clause(text: str, start: int, end: int) -> str:
    """Return what stands around ``text[start:end]`` in its clause, without it."""
    before = _CLAUSE.split(text[:start])[-1]
    after = _CLAUSE.split(text[end:], maxsplit=1)[0]
    return f"{before} {after}"


def _joins(before: str, first: str) -> bool:
    """Whether the character before belongs to the same number or Latin word."""
    return (
        bool(before)
        and (before.isascii() and (before.isalnum() or before == "."))
        and (first.isascii() and first.isalnum())
    )


def _joins_on(text: str, end: int) -> bool:
    """Whether a number or Latin word goes on behind ``end``."""
    last, rest = text[end - 1], text[end : end + 2]
    if not (last.isascii() and last.isalnum() and rest):
        return False
    return (rest[0].isascii() and rest[0].isalnum()) or (
        rest[0] == "." and len(rest) == 2 and rest[1].isdigit()
    )


_TOKEN = re.compile(r"[一-鿿]|[a-z]+|[0-9]+(?:\.[0-9]+)?%?|[+×=]")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_FIGURE = re.compile(r"[a-z]{1,3}\+?[0-9]+(?![0-9a-z])|[0-9]+(?:\.[0-9]+)?%?")
_STOP = re.compile(r"[。!?\n;]|\.(?![0-9])")
_CLAUSE = re.compile(r"[。!?\n;,、:]|\.(?![0-9])")

DENIES = re.compile(
    r"[不没無无勿莫错誤误假]|非(?!常)|未(?!来)|(?<!是)否|(?<![级类分特区个性差])别|相反|作废|撤回|忽略"
    r"|\b(?:not?|never|none|neither|nor|without|hardly|wrong|false|untrue|ignore|disregard|cannot"
    r"|anything but|far from|opposite|contrary)\b"
    r"|n't\b"
)
"""Words that turn a statement round or take it back. Chinese has few, and they are one character
each; a compound that merely holds one (无论, 不错) counts as well: this errs on the strict side."""
