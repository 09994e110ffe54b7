r"""Find personal data in Chinese and English text.

Numbers are found by check digit, shape and label; names and addresses by rules. A text is
searched as a reader sees it: full-width digits, invisible characters, spaces, hyphens, dots and
Chinese numerals do not hide a number. What is found is reported on the raw text.

A word boundary (``\b``) never fires between a Chinese character and a digit, because both are
word characters to a regular expression; other means stand in its place.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

from bankft.text import View, see_all_through, see_through


@dataclass(frozen=True)
class Finding:
    """One piece of personal data: what it is, and where it stands in the raw text.

    Attributes:
        kind: One of ``KINDS``.
        start: Offset of its first character.
        end: Offset after its last character.
    """

    kind: str
    start: int
    end: int


KINDS = (
    "id_card",
    "bank_card",
    "mobile",
    "landline",
    "passport",
    "uscc",
    "email",
    "plate",
    "wechat",
    "qq",
    "account",
    "name",
    "address",
)
# Told by check digit or form alone, whatever stands around them.
FIRM = frozenset(("id_card", "bank_card", "mobile", "email"))

_ALL = frozenset(KINDS)

Recogniser: TypeAlias = Callable[[str], Iterable[Finding]]

TOKEN = re.compile(
    "〈(?:身份证|银行卡|手机|座机|护照|企业代码|邮箱|车牌|微信|QQ|账号|姓名|地址"
    "|id card|bank card|mobile|landline|passport|company code|email|plate|WeChat|account|name"
    "|address)[0-9]+〉"
)


def find_personal(
    text: str,
    *,
    kinds: Collection[str] | None = None,
    labels: bool = True,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
) -> list[Finding]:
    """Return the personal data in a text, in order, without overlaps.

    Args:
        text: Any text; half characters are let pass.
        kinds: Which kinds to look for; None for all.
        labels: Whether words around a number count: 身份证号 makes one personal that fails its
            check digit (a typing error does not make it public), 订单号 one that only looks like
            a telephone's not.
        public: Names that are public, such as those of fund managers, beside those that the text
            itself says are (基金经理…).
        ner: A model that finds more, such as names without any sign around them: it gets the raw
            text and gives findings on it. What the rules found stands first.

    >>> find_personal("电话１３８ ００１３ ８０００，谢谢")
    [Finding(kind='mobile', start=2, end=15)]
    >>> find_personal("收款人：欧阳娜娜", kinds={"name"})
    [Finding(kind='name', start=4, end=8)]
    """
    wanted = _ALL if kinds is None else frozenset(kinds)
    if ner is not None or public:
        return _find(text, wanted, labels, public, ner)
    known = _known_of(wanted, labels)
    if (found := known.get(text)) is None:
        found = _find(text, wanted, labels)
        known.keep(text, found)
    return found.copy()


def look_through(texts: Iterable[str]) -> None:
    """Look for the personal data of many texts at once; `find_personal` then knows what they hold.

    It finds the same in less time: what makes one text ready makes hundreds ready.
    """
    known = _known_of(_ALL, True)
    new = [text for text in texts if text not in known and "〈" not in text]
    for view in see_all_through(new, also=LOOK_ALIKE):
        spans = _spans(view.text, _ALL, True, ())
        known.keep(view.raw, _findings(view, spans) if spans else [])


class _Known(dict[str, list[Finding]]):
    """What was found in the last texts: prompts and greetings come again and again."""

    characters = 0

    def keep(self, text: str, found: list[Finding]) -> None:
        self.characters += len(text) + _OVERHEAD
        if self.characters > _CHARACTERS:
            self.clear()
            self.characters = len(text) + _OVERHEAD
        self[text] = found


_CHARACTERS = 2**21  # of all texts that are remembered
_OVERHEAD = 100  # what a short text costs besides, in characters


@cache
def _known_of(wanted: frozenset[str], labels: bool) -> _Known:
    return _Known()


def _find(
    text: str,
    wanted: frozenset[str],
    labels: bool,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
) -> list[Finding]:
    hidden = TOKEN.sub(lambda match: "〈" * len(match[0]), text) if "〈" in text else text
    view = see_through(hidden, also=LOOK_ALIKE)
    spans = _spans(view.text, wanted, labels, public)
    if not spans and ner is None:
        return []
    if "〈" in text:  # what is redacted already belongs to no finding
        spans = [span for span in spans if "〈〈" not in view.text[span[1] : span[2]]]
    found = _findings(view, spans)
    if ner is not None:
        more = [
            one
            for one in ner(text)
            if one.kind in wanted
            and 0 <= one.start < one.end <= len(text)
            and "〈" not in hidden[one.start : one.end]
        ]
        found = sorted(_apart([*found, *more]), key=_start)
    return found


_start = attrgetter("start")


def _findings(view: View, spans: list[tuple[str, int, int]]) -> list[Finding]:
    """Return what does not overlap, in order, where it stands in the raw text."""
    found = [Finding(kind, *view.span(start, end)) for kind, start, end in _disjoint(spans)]
    found.sort(key=_start)
    return found


def _spans(
    text: str, wanted: Collection[str], labels: bool, public: Collection[str]
) -> list[tuple[str, int, int]]:
    """Return kind, start and end of what is found in the text seen through; it may overlap."""
    signs_of, every, chinese, english, addresses, digits, english_names, handles, names = _finders()
    signs = every if signs_of is None else signs_of(text)
    figures = text
    if ("o" in text or "O" in text) and _O.search(text):
        figures = _O.sub(lambda match: "0" * len(match[0]), text)
    if not signs and figures is text:
        return []
    if signs_of is None or figures is not text:
        numbered = digits.RUN.search(figures) is not None
    else:
        numbered = "digits" in signs
    spans: list[tuple[str, int, int]] = []
    if not handles.SIGNS.keys().isdisjoint(signs):
        spans += handles.find(text, digits=numbered, signs=None if signs_of is None else signs)
    if numbered:
        spans += digits.find(figures, labels=labels)
    # What another kind takes is not free for a wanted one: a mobile number in an identity card.
    if "address" in wanted:
        if "addresses" in signs and not text.isascii():
            spans += [("address", *span) for span in addresses.find(text)]
        if "english_addresses" in signs:
            spans += [("address", *span) for span in addresses.find_english(text)]
    if wanted is not _ALL:
        spans = [span for span in spans if span[0] in wanted]
    if "name" in wanted:
        beside = bool(spans)
        if (beside or not chinese.isdisjoint(signs)) and not text.isascii():
            found = names.find(text, beside=beside, public=public, signs=signs)
            spans += [("name", *span) for span in found]
        if not english.isdisjoint(signs):
            found = english_names.find(text, public=public, signs=signs)
            spans += [("name", *span) for span in found]
    return spans


@cache
def _finders() -> tuple[Any, ...]:
    """Return what tells who may find something in a text, all who may, and who finds it."""
    # Their patterns take a third of a second to compile: not before they are needed.
    from bankft.data import addresses, digits, english_names, handles, names, signs

    all_signs = {
        "digits": digits.SIGNS,
        "addresses": addresses.SIGNS,
        "english_addresses": addresses.ENGLISH_SIGNS,
        **handles.SIGNS,
        **english_names.SIGNS,
        **names.SIGNS,
    }
    who = frozenset(names.SIGNS), frozenset(english_names.SIGNS)
    finders = addresses, digits, english_names, handles, names
    return signs.reader(all_signs), frozenset(all_signs), *who, *finders


# The letter O among digits is a zero to a reader.
_O = re.compile("(?<=[0-9])[oO]+(?![a-zA-Z])")

_RANK = {kind: rank for rank, kind in enumerate((
    "email", "id_card", "uscc", "bank_card", "mobile", "landline", "passport", "plate", "wechat",
    "qq", "address", "account", "name",
))}  # fmt: skip


def _disjoint(spans: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Keep what does not overlap: the surer kind first, then the longer."""
    if len(spans) < 2:
        return spans
    kept: list[tuple[str, int, int]] = []
    for span in sorted(spans, key=lambda span: (_RANK[span[0]], span[1] - span[2], span[1])):
        if all(span[2] <= start or span[1] >= end for _, start, end in kept):
            kept.append(span)
    return kept


def _apart(found: list[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for one in found:
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return kept


# Traditional characters of the words that the rules know, numerals that NFKC leaves, dashes, dots.
LOOK_ALIKE = str.maketrans(
    "號碼電話機證賬戶帳鄉鎮區縣樓樓單層棟門廈園蘇東鄭張陳劉趙吳孫馬羅謝韓馮蕭鄧許蔣"
    "賈葉閻鍾陸龍萬錢湯賀賴龔"
    "聯係繫絡帶護車郵聖匯轉給開銀儲貸買賣總經師處長醫護貳參陸兩麗強軍傑濤鵬輝華國凱"
    "寧曉慶廣際閆雲鳳蘭紅"
    "❶❷❸❹❺❻❼❽❾➀➁➂➃➄➅➆➇➈➊➋➌➍➎➏➐➑➒⓵⓶⓷⓸⓹⓺⓻⓼⓽⓿٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९"
    "‒–—―−‧∙•・",
    "号码电话机证账户账乡镇区县楼楼单层栋门厦园苏东郑张陈刘赵吴孙马罗谢韩冯萧邓许蒋"
    "贾叶阎钟陆龙万钱汤贺赖龚"
    "联系系络带护车邮圣汇转给开银储贷买卖总经师处长医护贰参陆两丽强军杰涛鹏辉华国凯"
    "宁晓庆广际闫云凤兰红"
    "12345678912345678912345678912345678900123456789"
    "01234567890123456789"
    "-----····",
)
