"""Prohibited wording in answers, by the rules of `bankft.compliance`.

Training data say the same sentences over and over, so what a sentence holds is remembered. New
ones are read many at once with the extra ``fast``: most hold no word that a rule looks for.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from bankft.data.talks import without_set_phrases

if TYPE_CHECKING:
    from bankft.compliance.book import Book
    from bankft.compliance.reading import Reading

_BREAK = re.compile(r"[。！？!?；;\n]+|\.\s")
_REMEMBERED = 50_000  # sentences
# Sentences read at once: one that is written in disguise has all of them rewritten.
_TOGETHER = 16
# Stands between sentences that are read at once: in no rule, and wider than rules look around.
_APART = "\r\r\r"


def broken_rules(answers: Sequence[str]) -> list[list[str]]:
    """Return the ids of the rules that each answer about a public fund violates.

    What is missing (disclaimer, risk notice) is not looked at here.

    >>> [bool(rules) for rules in broken_rules(["这只基金稳赚不赔。", "这只基金不保本。"])]
    [True, False]
    """
    read = [_BREAK.split(without_set_phrases(answer)) for answer in answers]
    new = dict.fromkeys(sentence for sentences in read for sentence in sentences)
    if len(_fine) > _REMEMBERED:
        _fine.clear()
    unknown = [one for one in new if one not in _fine]
    foreign = [one for one in unknown if len(one) > 1 and not one.isascii()]
    suspects = {
        suspect
        for start in range(0, len(foreign), _TOGETHER)
        for suspect in _suspects(foreign[start : start + _TOGETHER])
    }
    for one in unknown:
        _fine[one] = (one not in suspects and not one.isascii()) or _is_fine(one)
    # What stands beside a sentence may excuse it.
    return [
        [] if all(_fine[one] for one in sentences) else _violated(answer)
        for answer, sentences in zip(answers, read, strict=True)
    ]


_fine: dict[str, bool] = {}  # by sentence: whether no rule is violated


def _suspects(sentences: Sequence[str]) -> Iterator[str]:
    """Yield the sentences, none of them ASCII, that may hold what a rule on violations looks for.

    They are read as one text. Where something in it is written in disguise, halves of it are.
    """
    if not sentences or (automaton := _automaton(date.today())) is None:
        yield from sentences
        return
    rules, read, _, _ = _grave(date.today())
    joined = _APART.join(sentences)
    reading = read(joined)
    text, _ = rules.without_notices(reading.text)
    parts = text.split(_APART)
    if reading.starts is None and len(joined.lower()) == len(joined):
        if len(parts) == len(sentences):
            found = automaton.find_matches_as_indexes(text)
            for sentence, part in _holding(sentences, parts, found):
                if _holds_grave(part):
                    yield sentence
            return
    elif len(sentences) > 1:
        half = len(sentences) // 2
        yield from _suspects(sentences[:half])
        yield from _suspects(sentences[half:])
        return
    yield from sentences


def _holding(
    sentences: Sequence[str], parts: list[str], found: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[str, str]]:
    """Yield the sentences, and their parts of the text, in which something was found."""
    places = iter(found)
    place = next(places, None)
    ends = accumulate(len(part) + len(_APART) for part in parts)
    for sentence, part, end in zip(sentences, parts, ends, strict=True):
        if place is not None and place[1] < end:
            yield sentence, part
            while place is not None and place[1] < end:
                place = next(places, None)


@lru_cache(1)
def _automaton(day: date) -> Any:
    """Return what finds the words of the rules on violations; None without the extra."""
    try:
        from ahocorasick_rs import AhoCorasick
    except ImportError:
        return None
    rules, _, _, patterns = _grave(day)
    known = rules.matcher.patterns
    return AhoCorasick(sorted({word for number in patterns for word in known[number].anchors}))


def _is_fine(sentence: str) -> bool:
    if len(sentence) < 2 or _holds_nothing_grave(sentence):
        return True
    from bankft import compliance

    # As a customer's words they are held against the same rules and then excused, and what an
    # answer must have beside is not looked for: half the time.
    judged = compliance.check(sentence, product="public_fund", speaker="customer")
    return all(one.exemption != "customer" for one in judged.exempted)


def _holds_nothing_grave(sentence: str) -> bool:
    """Whether no rule on violations finds anything in it, excused or not."""
    rules, read, _, _ = _grave(date.today())
    text, _ = rules.without_notices(read(sentence).text)
    return not _holds_grave(text)


def _holds_grave(text: str) -> bool:
    """Whether a rule on violations finds something in what was read, excused or not."""
    rules, _, grave, patterns = _grave(date.today())
    candidates = rules.matcher.candidates(text)
    likely = {number: where for number, where in candidates.items() if number in patterns}
    return bool(likely) and bool(rules.matches(text, likely, grave))


@lru_cache(1)
def _grave(
    day: date,
) -> tuple["Book", Callable[[str], "Reading"], frozenset[int], frozenset[int]]:
    """Return the rules, what reads a text for them, those on violations, and their patterns."""
    from bankft.compliance import book, disguise  # not before there is an answer: it takes long

    rules = book.book_of(())
    in_force = book.in_force(rules, day, "public_fund", "public", "online", "bot")
    grave = frozenset(index for index in in_force if rules.rules[index].verdict == "violation")
    patterns = frozenset(
        number for number, users in enumerate(rules.users) if not grave.isdisjoint(users)
    )
    return rules, disguise.read, grave, patterns


def _violated(text: str) -> list[str]:
    from bankft import compliance

    found = compliance.check(text, product="public_fund").findings
    return sorted(
        {
            one.rule
            for one in found
            if one.verdict == "violation" and not one.rule.startswith("missing-")
        }
    )
