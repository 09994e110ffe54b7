"""Prohibited wording in answers, by the rules of `bankft.compliance`.

Training data say the same sentences over and over, so what a sentence holds is remembered.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from bankft.data.talks import without_set_phrases

if TYPE_CHECKING:
    from bankft.compliance.book import Book
    from bankft.compliance.disguise import Reading

_BREAK = re.compile(r"[。！？!?；;\n]+|\.\s")
_REMEMBERED = 50_000  # sentences


def broken_rules(answer: str) -> list[str]:
    """Return the ids of the rules that an answer about a public fund violates.

    What is missing (disclaimer, risk notice) is not looked at here.

    >>> bool(broken_rules("这只基金稳赚不赔。")), broken_rules("这只基金不保本。")
    (True, [])
    """
    if all(map(_is_fine, _BREAK.split(without_set_phrases(answer)))):
        return []
    return _violated(answer)  # what stands beside a sentence may excuse it


@lru_cache(_REMEMBERED)
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
    rules, read, grave, patterns = _grave(date.today())
    text, _ = rules.without_notices(read(sentence).text)
    candidates = rules.matcher.candidates(text)
    return patterns.isdisjoint(candidates) or not rules.matches(text, candidates, grave)


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
