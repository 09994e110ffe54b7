"""Is an answer bad? Checks of their own, for judging what a reward lets through.

They use all rules, the held-out ones too, and beside the rules' checker they share no code with
the terms of the reward: a check that the reward makes as well would overlook what the reward
overlooks.
"""

import re
import unicodedata
from datetime import date

from bankft import compliance as rules
from bankft.rewards.terms import Item

REASONS = {
    "violation": ("违反规则", "breaks a rule"),
    "missing_fact": ("没有说出该说的事实", "does not say what it should"),
    "wrong_value": ("说了错的值", "says a wrong value"),
    "missing_notice": ("缺少声明", "lacks a notice"),
    "rambling": ("比标准回答长一倍以上", "is more than twice as long as the reference"),
    "repetition": ("同一句话说了不止一次", "says the same sentence more than once"),
    "wrong_language": ("语言不对", "is in the wrong language"),
    "no_prose": ("不是给客户看的话", "is not prose for a customer"),
    "spoiled": ("按构造就是坏的", "is bad by construction"),
}
"""Why an answer is bad: name → (Chinese, English)."""


def faults(sample: str, item: Item) -> tuple[str, ...]:
    """Return why an answer is bad, as names of `REASONS`; empty where nothing is seen.

    Nothing seen is not the same as good: a person decides that.

    Args:
        sample: the answer.
        item: as for the rewards; keys that it lacks are not checked.

    >>> faults("管理费率为每年1.2%。", {"facts": ["0.15%"], "wrong": ["1.2%"]})[-2:]
    ('missing_fact', 'wrong_value')
    """
    seen = _tidy(sample)
    right = _tidy(str(item.get("reference_answer") or ""))
    found = []
    judgement = rules.check(
        sample,
        on=date.fromisoformat(item["on"]) if item.get("on") else None,
        language=item.get("language", "auto"),
        product=item.get("product", "public_fund"),
    )
    if any(finding.verdict == "violation" for finding in judgement.findings):
        found.append("violation")
    if not all(_tidy(fact).rstrip("。.") in seen for fact in item.get("facts") or ()):
        found.append("missing_fact")
    if any(_as_value(wrong, seen) for wrong in item.get("wrong") or ()):
        found.append("wrong_value")
    if not all(_tidy(notice).rstrip("。.") in seen for notice in item.get("notices") or ()):
        found.append("missing_notice")
    if right and len(seen) > 2 * len(right):
        found.append("rambling")
    parts = [part for part in re.split(r"[。!?;]|\.(?![0-9])", seen) if len(part) > 3]
    if len(parts) > len(set(parts)):
        found.append("repetition")
    han = sum("一" <= char <= "鿿" for char in seen)
    if item.get("language") == "zh" and han < len(seen) / 4:
        found.append("wrong_language")
    if item.get("language") == "en" and han:
        found.append("wrong_language")
    if not seen or seen[0] in "{[`<":
        found.append("no_prose")
    return tuple(found)


def _tidy(text: str) -> str:
    """Return a text in NFKC and lower case, nothing invisible, white space as single spaces."""
    shown = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c for c in shown if unicodedata.category(c) != "Cf").split())


def _as_value(value: str, text: str) -> bool:
    """Whether a value stands in a text, and not as a part of a longer number or code."""
    wanted = _tidy(value)
    pattern = rf"(?<![0-9a-z.]){re.escape(wanted)}(?![a-z]|\.?[0-9])"
    return bool(wanted) and re.search(pattern, text) is not None
