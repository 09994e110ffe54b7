"""What a sentence says as a whole, where no single phrase of it is prohibited.

Sellers promise in ever new words: 天塌下来它也是正收益, "the only direction it knows is up". The
rules' phrases cannot list them. So each sentence is also weighed: the parts that it is made of (up
to four Chinese characters, up to three English words, pairs of words close together) each speak
for or against a violation, by a weight learned from the labelled sentences of
``tests/compliance/labelled`` (``benchmarks/experiments/compliance_tenor.py`` learns them). Weights
are whole numbers in ``words/tenor.json``, so that the sum is the same everywhere; what decided is
read off with `reasons`.

A sentence far on the side of the violations is a finding of the rule that such sentences fall
under; a phrase of a rule in a sentence far on the other side is let pass.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankft.compliance.sums import Sums

_CHINESE = re.compile("[一-鿿]")
_BLANKED = re.compile("\x00+[^\x00]")  # a usual notice, which book.py has blanked out
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|0|%|[^\sa-z0-9]")
_ENDING = re.compile(r"(?:ies|es|s|ed|ing|ly|'s)\Z")
# A sentence with what closes it; a full stop inside a number or a word ends none.
_SENTENCE = re.compile(
    r"(?=[^。!?\n.\x00])[^。!?\n.\x00]*(?:\.(?=[0-9a-z])[^。!?\n.\x00]*)*"
    r"(?:[。!?\n.]+[”\"’」』)]*|(?=\x00)|\Z)"
)
# Where a sentence turns from what has to be said to what the speaker means.
_TURN = re.compile(
    r"[,;:] *(?:但是?|不过|可是?|只是|然而|其实|实际上?|私下)"
    r"|[,;:] *(?:but|yet|still|though|however|nevertheless|even so|that said|then again"
    r"|in (?:practice|truth|reality|fact)|off the record|between (?:you and me|ourselves))\b"
    r"|^(?:although|though|while|whilst) [^,]*,"
)
# What a turn needs: most texts have none of it.
_MAY_TURN = re.compile(
    "[,;:] *(?:[但不可只然其实私]|but|yet|still|th(?:ough|at|en)|how|nev|even|in |off|bet)"
)
_PASSAGE = {"zh": 60, "en": 150}  # sentences are weighed together up to so many characters
_SHORTEST = {"zh": 7, "en": 5}  # characters, or words and marks; a shorter one is left to phrases
_FLOOR = {"zh": -120, "en": -20}  # 998 of 1000 sentences that were found lie above it
# How far on the side of the violations a passage must be, and a sentence of a longer one; and how
# far on the other side, so that a prohibited phrase is let pass. In hundredths of a margin.
SAID = {"zh": 30, "en": 30}
SAID_ALONE = {"zh": 80, "en": 80}
NOT_SAID = {"zh": -40, "en": -40}
# Of each kind of violation the rules that it falls under; the first in force is meant.
RULES = {
    "guaranteed_return": ("fund-return-promise", "wealth-guarantee", "private-named-phrases"),
    "loss_bearing": ("fund-principal", "wealth-guarantee", "private-named-phrases"),
    "no_risk": ("fund-no-risk", "wealth-guarantee", "private-named-phrases"),
    "prediction": ("fund-prediction", "wealth-expected-return", "private-named-phrases"),
    "certain_judgement": ("fund-certainty", "wealth-expected-return", "private-named-phrases"),
    "superlative": ("ad-superlative",),
    "urging": ("fund-urgency", "bot-urge"),
    "scarcity": ("fund-quota", "fund-urgency", "bot-urge"),
    "disparaging": ("fund-disparage",),
    "endorsement": ("fund-endorsement", "ad-endorsement"),
    "above_capacity": ("suitability-evasion", "wealth-sales-conduct"),
    "transaction_claim": ("bot-executed",),
}
NEAR = 6  # English words closer than this are looked at as a pair


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that says what it must not.

    Attributes:
        start: Where it begins in the reading's text.
        end: Where it ends.
        rules: The rules' ids that such sentences fall under; the first in force is meant.
    """

    start: int
    end: int
    rules: tuple[str, ...]


def features(text: str) -> set[str]:
    """Return the parts that a sentence is weighed by.

    Args:
        text: A reading's text (NFKC, lower case).

    >>> sorted(features("保本"))[:4]
    ['$', '^', '^保', '^保本']
    >>> "sure ~ profit" in features("a sure 5% profit")
    True
    """
    text = _NUMBER.sub("0", _BLANKED.sub("", text).strip())
    if _CHINESE.search(text):
        text = f"^{text}$"
        b, c, d = text[1:], text[2:], text[3:]
        pairs, threes, fours = (
            zip(text, b, strict=False),
            zip(text, b, c, strict=False),
            zip(text, b, c, d, strict=False),
        )
        join = "".join
        return {*text, *map(join, pairs), *map(join, threes), *map(join, fours)}
    stems = ["^", *map(_stem, words(text)), "$"]
    found = {
        *stems,
        *map(" ".join, pairwise(stems)),
        *map(" ".join, zip(stems, stems[1:], stems[2:], strict=False)),
    }
    for apart in range(1, NEAR):
        found.update(map(" ~ ".join, zip(stems, stems[apart:], strict=False)))
    return found


def words(text: str) -> list[str]:
    """Return the words and marks of an English text."""
    return _WORD.findall(text)


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    stem = _ENDING.sub("", word) if len(word) > 4 else word
    return stem if len(stem) > 2 else word


_instead: list[Mapping[str, Any]] = []


def _learned() -> Mapping[str, Any]:
    return _instead[-1] if _instead else _shipped()


@cache
def _shipped() -> Mapping[str, Any]:
    text = files(__package__).joinpath("words/tenor.json").read_text(encoding="utf-8")
    learned: Mapping[str, Any] = json.loads(text)
    return learned


@contextmanager
def using(learned: Mapping[str, Any]) -> Iterator[None]:
    """Weigh by other weights for a while: to measure those learned from a part of the sentences.

    Args:
        learned: As ``words/tenor.json`` holds it.
    """
    _instead.append(learned)
    _forget()
    try:
        yield
    finally:
        _instead.pop()
        _forget()


def _forget() -> None:
    weigh.cache_clear()


def language(text: str) -> str:
    """Return ``zh`` or ``en``: the language whose weights weigh a sentence."""
    return "zh" if _CHINESE.search(text) else "en"


@lru_cache(maxsize=1024)  # a passage may be weighed for several phrases
def weigh(text: str) -> int:
    """Return how far a sentence is on the side of the violations, in hundredths of a margin.

    100 is the margin that the learning asked for, below zero is the other side.

    >>> weigh("天塌下来它也是正收益。") > 0 > weigh("没有人能保证收益。")
    True
    """
    weights = _learned()[language(text)]["weights"]
    found: int = sum(map(weights.get, features(text), repeat(0)), start=weights[""])
    return found


def reasons(text: str, most: int = 5) -> list[tuple[str, int]]:
    """Return the parts of a sentence that decided most, with their weights.

    >>> len(reasons("天塌下来它也是正收益。"))
    5
    """
    weights = _learned()[language(text)]["weights"]
    parts = ((part, weights[part]) for part in features(text) if part in weights)
    return sorted(parts, key=lambda one: (-abs(one[1]), one[0]))[:most]


def passages(text: str) -> Iterator[tuple[int, int]]:
    """Yield where passages begin and end: sentences that are weighed together."""
    most = _PASSAGE[language(text)]
    begin = end = 0
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() - begin > most and end > begin:
            yield begin, end
            begin = end
        end = sentence.end()
    if end > begin:
        yield begin, end


def said(text: str, *, native: bool | None = None) -> list[Said]:
    """Return the sentences of a reading's text that say what they must not.

    Args:
        text: A reading's text.
        native: False: without what the ``fast`` extra compiles. It finds the same.

    >>> [one.rules[0] for one in said("天塌下来它也是正收益。")]
    ['fund-return-promise']
    """
    sums = None if native is False else _sums()
    if sums is not None and not (sums.above(text) or _turns_above(text, sums)):
        return []  # as of most answers
    found: list[Said] = []
    for begin, end in passages(text):
        passage = _BLANKED.sub("", text[begin:end])
        if _telling(passage) and weigh(passage) > SAID[language(passage)]:
            found.append(Said(begin, end, RULES[_kind(passage)]))
            continue
        for one, two in _pieces(text, begin, end):
            piece = text[one:two]
            if _telling(piece) and weigh(piece) > SAID_ALONE[language(piece)]:
                found.append(Said(one, two, RULES[_kind(piece)]))
    return found


_MANY = 500  # texts, until it pays to load what is compiled: as long as some thousand take
_seen = 0


def _sums() -> "Sums | None":
    """Return the compiled sums, once many texts were judged and where numba is installed."""
    global _seen
    if _instead:
        return None
    _seen += 1
    return _compiled() if _seen > _MANY else None


@cache
def _compiled() -> "Sums | None":
    try:
        from bankft.compliance.sums import Sums
    except ImportError:
        return None
    return Sums(_shipped(), SAID, SAID_ALONE, _PASSAGE)


def _turns_above(text: str, sums: "Sums") -> bool:
    """Tell whether what follows where a sentence turns weighs so much as a violation does."""
    if not ("though " in text or "whil" in text or _MAY_TURN.search(text)):
        return False
    return any(
        sums.weigh(piece) > SAID_ALONE[language(piece)]
        for sentence in _SENTENCE.findall(text)
        for turn in _TURN.finditer(sentence.lstrip())
        if (piece := sentence.lstrip()[turn.end() :])
    )


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a passage of several, and what follows where a sentence turns."""
    sentences = list(_SENTENCE.finditer(text, begin, end))
    for sentence in sentences:
        if len(sentences) > 1:
            yield sentence.span()
        for turn in _TURN.finditer(sentence[0].lstrip()):
            yield sentence.end() - len(sentence[0].lstrip()) + turn.end(), sentence.end()


def denies(text: str) -> bool:
    """Tell whether a sentence is so far on the other side that no phrase of it is meant.

    >>> denies("基金不保证本金不受损失。")
    True
    """
    return weigh(text) < NOT_SAID[language(text)]


def _telling(text: str) -> bool:
    """Tell whether a text is worth weighing.

    It is long enough, and its single words alone do not speak too much against a violation: those
    of most sentences of fact do.
    """
    if _CHINESE.search(text):
        single, enough, spoken = "zh", len(text), set(text)
    else:
        single, enough = "en", len(said_words := words(text))
        spoken = set(map(_stem, said_words))
    if enough < _SHORTEST[single]:
        return False
    get = _learned()[single]["weights"].get
    alone: int = sum(map(get, spoken, repeat(0)))
    return alone >= _FLOOR[single]


def _kind(text: str) -> str:
    """Return the kind of violation that a sentence most likely is."""
    learned = _learned()[language(text)]["kinds"]
    parts = features(text)
    return max(
        RULES, key=lambda kind: learned[kind][""] + sum(learned[kind].get(p, 0) for p in parts)
    )
