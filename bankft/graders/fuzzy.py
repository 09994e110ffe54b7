"""Fuzzy matching as rapidfuzz's ``WRatio`` does it, which OpenAI's graders guide shows.

rapidfuzz is compiled. Where it is installed (the extra ``fast``) it does the work; else the few
lines below do, to the same value: Hyyrö's bit-parallel longest common subsequence ("Bit-parallel
LCS-length computation revisited", 2004), and rapidfuzz's weights, which come from FuzzyWuzzy.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain

_NO_WORD = re.compile(r"[\W_]")


def fuzzy(text: str, reference: str) -> float:
    """Return the likeness of two texts, 0 to 1; upper case and punctuation do not matter.

    >>> fuzzy("fuzzy wuzzy was a bear", "Fuzzy Wuzzy was a bear!")
    1.0
    """
    try:
        from rapidfuzz import fuzz  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return _weighted(_plain(text), _plain(reference))
    return float(fuzz.WRatio(_plain(text), _plain(reference))) / 100


def _plain(text: str) -> str:
    """Return what is compared: rapidfuzz's ``default_process``, as Python's ``re`` sees words."""
    return _NO_WORD.sub(" ", text).strip().lower()


def _weighted(a: str, b: str) -> float:
    if not a or not b:
        return 0.0
    longer = max(len(a), len(b)) / min(len(a), len(b))
    whole = _ratio(a, b)
    if longer < 1.5:
        return max(whole, 0.95 * max(_sorted(a, b), _as_sets(a, b)))
    weight = 0.9 if longer <= 8 else 0.6
    return max(whole, weight * _part(a, b), 0.95 * weight * _parts_of_words(a, b))


def common(a: Sequence[str], where: Mapping[str, int]) -> int:
    """Return the length of the longest common subsequence of a and what was indexed.

    >>> common("abcd", index("xbyd"))
    2
    """
    row = 0
    for element in a:
        both = row | where.get(element, 0)
        row = both & ~(both - ((row << 1) | 1))
    return row.bit_count()


def index(elements: Sequence[str]) -> dict[str, int]:
    """Return where each character of a text, or each word of a list, stands: a bit a place."""
    where: dict[str, int] = {}
    for i, element in enumerate(elements):
        where[element] = where.get(element, 0) | 1 << i
    return where


def _ratio(a: str, b: str) -> float:
    return 2 * common(a, index(b)) / (len(a) + len(b)) if a or b else 1.0


def _sorted(a: str, b: str) -> float:
    return _ratio(" ".join(sorted(a.split())), " ".join(sorted(b.split())))


def _as_sets(a: str, b: str) -> float:
    in_a, in_b = set(a.split()), set(b.split())
    if not in_a or not in_b:
        return 0.0
    both = in_a & in_b
    if both and (in_a <= in_b or in_b <= in_a):
        return 1.0
    only_a, only_b = " ".join(sorted(in_a - in_b)), " ".join(sorted(in_b - in_a))
    shared = len(" ".join(both))
    gap = 1 if both else 0
    with_a, with_b = shared + gap + len(only_a), shared + gap + len(only_b)
    missing = len(only_a) + len(only_b) - 2 * common(only_a, index(only_b))
    best = 1 - missing / (with_a + with_b)
    if both:
        best = max(
            best,
            1 - (gap + len(only_a)) / (shared + with_a),
            1 - (gap + len(only_b)) / (shared + with_b),
        )
    return best


def _part(a: str, b: str) -> float:
    """Return the best ratio of the shorter text with a part of the longer one of its length."""
    if len(a) == len(b):
        return max(_windows(a, b), _windows(b, a))
    return _windows(a, b) if len(a) < len(b) else _windows(b, a)


def _windows(short: str, long: str) -> float:
    if not short or not long:
        return float(not short and not long)
    where, n = index(short), len(short)
    parts = chain(
        (long[:i] for i in range(1, n)),
        (long[i : i + n] for i in range(len(long) - n)),
        (long[i:] for i in range(len(long) - n, len(long))),
    )
    best = 0.0
    for part in parts:
        if 2 * len(part) / (n + len(part)) > best:
            best = max(best, 2 * common(part, where) / (n + len(part)))
    return best


def _parts_of_words(a: str, b: str) -> float:
    words_a, words_b = a.split(), b.split()
    in_a, in_b = set(words_a), set(words_b)
    if in_a & in_b:
        return 1.0
    best = _part(" ".join(sorted(words_a)), " ".join(sorted(words_b)))
    if len(words_a) == len(in_a) and len(words_b) == len(in_b):
        return best
    return max(best, _part(" ".join(sorted(in_a)), " ".join(sorted(in_b))))
