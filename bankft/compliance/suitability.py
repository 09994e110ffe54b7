"""Product risk grades R1–R5 against investors' risk-capacity classes C1–C5.

A class may buy up to the grade of its number. The lowest class may buy nothing above R1, whatever
it says; any other may, on its own demand alone, after a special written warning (证券期货投资者
适当性管理办法 articles 19 and 22). So what an *answer* offers above the class is a finding.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bankft.errors import UsageError

GRADES = ("R1", "R2", "R3", "R4", "R5")
CLASSES = ("C1", "C2", "C3", "C4", "C5")


def suitable(product_risk: str, investor_class: str) -> bool:
    """Return whether a class may be offered a product of that grade.

    Args:
        product_risk: ``R1`` (low) to ``R5`` (high).
        investor_class: ``C1`` (lowest capacity) to ``C5``.

    Raises:
        UsageError: Either is none of these.

    >>> suitable("R2", "C3"), suitable("R4", "C3")
    (True, False)
    """
    return _number(product_risk, GRADES, "risk grade") <= _number(
        investor_class, CLASSES, "investor class"
    )


def _number(value: str, known: tuple[str, ...], what: str) -> int:
    if value not in known:
        raise UsageError(f"There is no {what} {value!r}: use {', '.join(known)}.")
    return known.index(value)


@dataclass(frozen=True, slots=True)
class Offer:
    """A product of some grade offered to somebody.

    Attributes:
        start: Where the grade begins in the text searched.
        end: Where it ends.
        grade: ``R1`` to ``R5``.
        investor_class: The class that the sentence names; None where it names none.
    """

    start: int
    end: int
    grade: str
    investor_class: str | None


_SENTENCE = re.compile("[^。!?;\\n]+[。!?;\\n]?")
_GRADE = re.compile(
    "(?<![a-z0-9])r ?([1-5])(?![0-9a-z])(?!(?:\\([^)]*\\))?(?:级)?(?:及|或)?(?:以下|更低"
    "|or (?:below|lower)))"
)
_ANY = re.compile("r ?[1-5]")
_CLASS = re.compile(
    "(?<![a-z0-9])c ?([1-5])(?![0-9a-z])|(保守型|最低类别)|(谨慎型|稳健型)|(平衡型)|(成长型"
    "|积极型)|(进取型|激进型)"
    "|(conservative)|(cautious|moderate(?:ly conservative)?)|(balanced)|(growth)|(aggressive)"
)
_OFFER = re.compile(
    "推荐|建议|适合|适配|匹配|可以?(?:直接)?(?:购买|买|申购|选择|配置|考虑|投)|能(?:买|购买"
    "|投)|不妨|值得|购买|买入|申购|配置|试试|选择|考虑|为您(?:挑选|选)"
    "|recommend|suggest|suitable|suits?|fit|can (?:buy|invest)|may (?:buy|invest)|go for"
    "|consider|buy|should|choose|pick|try"
)
_REFUSAL = re.compile(
    "(?:不|非|无|未|勿|超|高于|过高|不足|低于|警示|仅限|拒绝|禁止|需(?:要)?(?:先|重新|满足)"
    "|匹配原则|原则上|只能|仅能|最高|才|重新(?:测评|评估)|是否|如果|若|哪|多少|吗|书面|双录"
    "|自愿|主动要求)"
    "|(?<![a-z])(?:not|n't|cannot|never|no|above|exceeds?|beyond|too|only|unless|whether|if"
    "|warning|neither|without|outside)(?![a-z])|n't"
)  # fmt: skip


def offers(text: str) -> Iterator[Offer]:
    """Yield what the text offers, sentence by sentence, as far as grades are named.

    Args:
        text: A reading's text: NFKC, lower case.
    """
    if not _ANY.search(text):
        return
    for sentence in _SENTENCE.finditer(text):
        words = sentence[0]
        if not _OFFER.search(words):
            continue
        at = 0
        named: str | None = None
        for clause in re.split("(?<=[,])", words):
            begin, at = at, at + len(clause)
            classes = [_class(match) for match in _CLASS.finditer(clause)]
            named = min(classes) if classes else named
            if _REFUSAL.search(clause):
                continue
            for match in _GRADE.finditer(clause):
                start = sentence.start() + begin + match.start()
                yield Offer(start, start + len(match[0]), f"R{match[1]}", named)


def _class(match: "re.Match[str]") -> str:
    if match[1]:
        return f"C{match[1]}"
    number = next(index for index in range(2, 12) if match[index])
    return CLASSES[(number - 2) % 5]
