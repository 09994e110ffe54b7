"""Personal numbers: identity cards, bank cards, telephones, accounts, QQ.

A text is read for *runs* of digits, whatever stands between the digits: spaces, hyphens, dots.
Chinese numerals are digits too. Then each run is cut, where it may be cut, into what has the
shape, the check digit or the label of a personal number.
"""

import re
from collections.abc import Iterator, Sequence

from bankft.data.checksums import PROVINCES, born, id_card_digit, is_issued, luhn
from bankft.data.lexicon import any_of

_NUMERALS = "〇零○洞一壹幺弌二贰两弍三叁弎四肆五伍六陆七柒八捌九玖"
_TO_DIGIT = str.maketrans(_NUMERALS, "000011112222333445566778899")
_DIGIT = f"[0-9{_NUMERALS}]"
_GAP = "(?:[-.·_/、,]| ?[-,/·] ?| {1,2}| ?[()] ?|\\) ?-)?"
# Five digits are the least that a personal number has (QQ). A run may end in an X.
RUN = re.compile(rf"{_DIGIT}(?:{_GAP}{_DIGIT}){{4,}}(?:[- ]?[Xx×](?![A-Za-z0-9]))?")

# What the number is said to be: the last of these words before it counts.
_SAYS: dict[str, str] = {
    "id_card": "身份证 身份证件 证件 证件号 居民证 身份号码 identity identification idcard",
    "qq": "qq 扣扣 企鹅 企鹅号 q号 蔻蔻 抠抠 球球 扣号",
    "passport": "护照 通行证 passport",
    "mobile": "手机 移动电话 微信 mobile cell whatsapp wechat",
    "card": "卡号 银行卡 储蓄卡 借记卡 信用卡 工资卡 社保卡 一卡通 主卡 副卡 卡片 card cards",
    "account": "账号 账户 帐号 帐户 存折 折号 结算户 专户 户口号 支付宝 account acct a/c iban",
    "phone": "电话 座机 固话 传真 联系方式 联系号码 热线 致电 拨打 回电 来电 tel phone fax "
    "call ring dial "
    "contact reach",
    "other": "订单 流水 单号 编号 批号 文号 票号 据号 案号 版号 期号 合同 协议 发票 凭证 "
    "批次 序列 交易号 回执 "
    "快递单 物流单 运单 面单 代码 编码 条码 备案编 登记编 许可证 净值 金额 规模 份额 时间戳 "
    "工号 员工号 客户号 邮编 书号 标识 "
    "参考号 查询码 验证码 注册号 资格号 从业 order invoice tracking waybill ref "
    "serial contract batch "
    "ticket isbn issn timestamp amount code policy version transaction receipt "
    "case parcel shipment "
    "voucher license licence registration employee staff port build epoch request trace meeting "
    "model sku ean upc trade txn swift lei isin cusip application agreement filing session user "
    "device message record loan fund product",
}
_NUMBERED = ("id", "no", "number", "num", "reference", "ref")
_WHOLE = frozenset(("id", "tel", "ref", "port", "call", "ring", "reach", "cell", "card", "cards"))
_KIND = {
    word + tail: kind
    for kind, listed in _SAYS.items()
    for word in listed.split()
    for tail in (
        ("", "编号", "号码", "号")
        if not word.isascii()
        else ("", *(f" {number}" for number in _NUMBERED))
    )
} | {
    "id": "id_card",
    "my number": "phone",
    "customer id": "other",
    "client id": "other",
    "id card": "id_card",
}
_LABEL = re.compile(any_of(_KIND))
_LONGEST = 19  # digits of a number that has a check digit or a shape
_NEAR = 22  # characters before a number in which its label stands
_TOUCHES = re.compile(
    r"[\s:=#(\[\"'“「_.-]*(?:[是为]|is|was" r"|for)?[\s:=#(\[\"'“「_.-]*(?:[a-z]{1,4}-?)?"
)
_IN_WORD = re.compile("[a-z]")
_BREAK = re.compile(r"[。；;!?\n]|[0-9]{4,}")
# Label words that a number may be glued to; any other letters make it a part of an id.
_GLUED = re.compile(
    r"(?i:(?:^|[^A-Za-z])(?:tel|phone|mobile|mob|cell|id|card|no|qq|wx|vx|fax|acct|account|ac|call"
    r"|num|number|m|t|p|a|c|h))$"
)
_MOBILE_GROUPS = frozenset(
    {(3, 4, 4), (3, 3, 5), (3, 5, 3), (4, 4, 3), (4, 3, 4), (3, 8), (7, 4), (3, 4, 2, 2), (5, 6)}
    | {(3, 2, 2, 4), (3, 2, 2, 2, 2), (1, 10), (1, 2, 4, 4), (3, 2, 3, 3), (3, 3, 2, 3), (6, 5)}
)
_AREA = re.compile("010|02[0-57-9]|0[3-9][0-9][0-9]")
_HOTLINE = re.compile("[48]00[0-9]{7}|(?:955|951|950|123|101|100|963|961|962|965)[0-9]{2,5}")
_EXTENSION = re.compile(r"(?:[ ,(]?(?i:转|分机|ext\.?|extension|x)(?:号|是)?[: ]?|#)([0-9]{1,6})")


class _Run:
    """A run of digits: where each stands in the text, and what stands around it."""

    def __init__(self, text: str, start: int, end: int, labels: bool = True) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.labels = labels  # whether the words around count
        self.said: dict[int, str] = {}
        self.pieces: dict[int, list[tuple[int, int]]] = {}
        self.solid = False
        self._read()
        self._cut_ends()
        if self.solid:
            n = len(self.digits)
            if n <= _LONGEST and self.cuts[0] and self.cuts[n]:
                self.pieces[n] = [(0, n)]
            return
        cuts = [i for i, cut in enumerate(self.cuts) if cut]
        for first, i in enumerate(cuts):
            for j in cuts[first + 1 :]:
                if j - i > _LONGEST:
                    break
                self.pieces.setdefault(j - i, []).append((i, j))

    def _read(self) -> None:
        solid = self.text[self.start : self.end]
        if solid.isascii() and solid.isdigit():
            n = len(solid)
            self.digits = solid
            self.places: Sequence[int] = range(self.start, self.end)
            self.gaps = [""] * n
            self.taken = [False] * n
            self.cuts = [True] + [False] * (n - 1) + [True]
            self.solid = True
            return
        shown = self.text[self.start : self.end].translate(_TO_DIGIT)
        if shown[-1] in "Xx×":
            shown = shown[:-1] + "X"
        self.places = [
            i for i, char in enumerate(shown, self.start) if char.isdigit() or char == "X"
        ]
        self.digits = "".join(shown[place - self.start] for place in self.places)
        self.gaps = ["", *(
            self.text[one + 1 : other]
            for one, other in zip(self.places, self.places[1:], strict=False)
        )]  # fmt: skip
        self.taken = [False] * len(self.places)
        text, places = self.text, self.places
        self.cuts = [True, *(
            bool(self.gaps[i]) or text[places[i]].isascii() != text[places[i - 1]].isascii()
            for i in range(1, len(places))
        ), True]  # fmt: skip

    def _cut_ends(self) -> None:
        """Letters that touch a number make it a part of an id, but for label words."""
        text = self.text
        before = text[self.start - 1 : self.start]
        if (
            before.isascii()
            and before.isalpha()
            and not _GLUED.search(text[max(0, self.start - 9) : self.start])
        ):
            self.cuts[0] = False
        after = text[self.end : self.end + 1]
        if (
            after.isascii()
            and after.isalpha()
            and not re.match("(?i:ext|x[0-9])", text[self.end : self.end + 3])
        ):
            self.cuts[-1] = False

    def windows(self, *lengths: int) -> Iterator[tuple[int, int]]:
        """Yield where a number of one of these lengths may stand: free, cut at both ends."""
        for length in lengths:
            for i, j in self.pieces.get(length, ()):
                if not any(self.taken[i:j]):
                    yield i, j

    def groups(self, i: int, j: int) -> tuple[int, ...]:
        """Return how many digits stand between the separators."""
        sizes = [1]
        for gap in self.gaps[i + 1 : j]:
            if gap:
                sizes.append(1)
            else:
                sizes[-1] += 1
        return tuple(sizes)

    def separators(self, i: int, j: int) -> set[str]:
        """Return what stands between the digits."""
        return {gap.strip() or " " for gap in self.gaps[i + 1 : j] if gap}

    def is_decimal(self, i: int, j: int) -> bool:
        """Whether it is the whole or the broken part of a decimal number, or one with commas."""
        before = self.gaps[i] if i else self.text[self.start - 1 : self.start]
        after = self.gaps[j] if j < len(self.digits) else ""
        dotted = self.separators(i, j) & {".", ","}
        return not dotted and (
            (before == "." and i > 0) or (after == "." and len(self.digits) - j <= 8)
        )

    def label(self, i: int) -> str:
        """Return what the words before say that it is, ``""`` where they say nothing."""
        if not self.labels:
            return ""
        if i not in self.said:
            self.said[i] = self._label(i)
        return self.said[i]

    def _label(self, i: int) -> str:
        place = self.places[i]
        before = self.text[max(0, place - _NEAR) : place]
        begin = 0
        for stop in _BREAK.finditer(before):
            begin = stop.end()
        found = ""
        low = before.lower().replace("q q", " qq")
        for match in _LABEL.finditer(low, begin) if len(low) == len(before) else ():
            word = match[0]
            if word in _WHOLE and _IN_WORD.match(low[match.start() - 1 : match.start()]):
                continue
            if word in _WHOLE and _IN_WORD.match(low[match.end() : match.end() + 1]):
                continue
            if _KIND[word] == "other" and not _TOUCHES.fullmatch(low, match.end()):
                continue  # 验证码发到…: the number is not the code
            found = _KIND[word]
        return found

    def unit(self, j: int) -> bool:
        """Whether an amount's unit follows."""
        end = self.places[j - 1] + 1
        return bool(_UNIT.match(self.text, end))

    def span(self, i: int, j: int) -> tuple[int, int]:
        self.taken[i:j] = [True] * (j - i)
        return self.places[i], self.places[j - 1] + 1


_UNIT = re.compile(
    r" ?(?:[万亿]?(?:元|份|股|美元|港元|欧元|日元|人民币)|[万亿]|(?i:yuan|rmb|cny|usd|shares)\b|%)"
)


SIGNS = (RUN,)  # where it does not match, there is no number


def find(text: str, *, labels: bool = True) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and end of the personal numbers in a text seen through.

    Args:
        text: The text.
        labels: Whether words such as 身份证号 or 订单号 before a number count. Without them, only
            check digits and shapes do.
    """
    for start, end in _runs(text):
        run = _Run(text, start, end, labels)
        n = len(run.digits)
        if not run.solid:
            for look in _LOOKS if n >= 7 else (_accounts,):
                yield from look(run)
        elif run.cuts[0] and run.cuts[n]:  # all of it is a number, or nothing
            for look in _LOOKS_AT[n] if n < len(_LOOKS_AT) else (_accounts,):
                found = next(look(run), None)
                if found is not None:
                    yield found
                    break


_LONG = 120  # characters; longer is a list or a table of numbers, and is cut into its fields
_FIELD = re.compile(rf"{_DIGIT}(?:[-. ·_]?{_DIGIT}){{4,}}(?:[- ]?[Xx×](?![A-Za-z0-9]))?")
_SOLID = re.compile(f"{_DIGIT}{{5,}}(?:[Xx×](?![A-Za-z0-9]))?")


def _runs(text: str) -> Iterator[tuple[int, int]]:
    for match in RUN.finditer(text):
        if match.end() - match.start() <= _LONG:
            yield match.span()
            continue
        for field in _FIELD.finditer(text, *match.span()):
            if field.end() - field.start() <= _LONG:
                yield field.span()
                continue
            for solid in _SOLID.finditer(text, *field.span()):
                if solid.end() - solid.start() <= _LONG:
                    yield solid.span()


def _id_cards(run: _Run) -> Iterator[tuple[str, int, int]]:
    if len(run.digits) < 15:
        return
    for i, j in run.windows(18):
        digits = run.digits[i:j]
        if "X" in digits[:17]:
            continue
        label = run.label(i)
        known = digits[:2] in PROVINCES
        if born(digits[6:14]) and digits[17] == id_card_digit(digits[:17]):
            real = known or label != "other"
        else:  # a typing error does not make it public
            real = label == "id_card" and _is_regular(run, i, j)
        if real and not run.is_decimal(i, j):
            yield "id_card", *run.span(i, j)
    for i, j in run.windows(15):
        digits = run.digits[i:j]
        if "X" in digits or run.is_decimal(i, j):
            continue
        label = run.label(i)
        shaped = digits[:2] in PROVINCES and born(digits[6:12]) and _is_regular(run, i, j)
        likely = digits[2:4] <= "53" and digits[4:6] != "00"
        one = run.groups(i, j) in ((15,), (6, 6, 3))
        if (shaped and likely and one and label in ("", "mobile", "phone")) or (
            label == "id_card" and _is_regular(run, i, j)
        ):
            yield "id_card", *run.span(i, j)
    for i, j in run.windows(17):  # the last character was lost or hidden
        if run.label(i) == "id_card" and born(run.digits[i + 6 : i + 14]):
            yield "id_card", *run.span(i, j)


def _is_regular(run: _Run, i: int, j: int) -> bool:
    """Whether the digits are grouped as one number is: evenly, by one separator."""
    groups = run.groups(i, j)
    if len(groups) == 1:
        return True
    if len(run.separators(i, j)) > 1 or run.separators(i, j) & {",", "/"}:
        return False
    few = groups[:-1]
    return set(groups) == {1} or min(few) >= 3 or set(few) == {2}


def _bank_cards(run: _Run) -> Iterator[tuple[str, int, int]]:
    if len(run.digits) < 13:
        return
    for i, j in run.windows(19, 18, 17, 16, 15, 14, 13):
        digits = run.digits[i:j]
        if "X" in digits or run.is_decimal(i, j) or not _is_regular(run, i, j):
            continue
        label = run.label(i)
        fits = is_issued(digits) and luhn(digits)
        if (fits and label != "other") or label == "card":
            if run.unit(j) and not fits:
                continue
            yield "bank_card", *run.span(i, j)


def _mobiles(run: _Run) -> Iterator[tuple[str, int, int]]:
    if len(run.digits) < 11:
        return
    for extra in (4, 3, 2, 1, 0):
        for i, j in run.windows(11 + extra):
            digits = run.digits[i:j]
            country, own = digits[:extra], digits[extra:]
            if country not in ("", "86", "086", "0086", "0") or "X" in digits:
                continue
            if country == "0" and run.gaps[i + 1]:
                continue
            if own[0] != "1" or own[1] < "3" or run.is_decimal(i, j):
                continue
            label = run.label(i)
            groups = run.groups(i + extra, j)
            marks = run.separators(i + extra, j)
            regular = len(groups) == 1 or groups in _MOBILE_GROUPS or set(groups) == {1}
            if len(marks) > 1 and groups != (3, 4, 4) and "(" not in marks:
                regular = False
            if "/" in marks or (marks & {",", "、"} and groups[0] != 3 and set(groups) != {1}):
                regular = False
            if not regular and label not in ("mobile", "phone"):
                continue
            solid = len(groups) == 1 and not country
            if solid and (label == "other" or run.unit(j)) and not _also_called(run, i):
                continue
            start, end = run.span(i, j)
            yield (
                "mobile",
                _country_code(run.text, start) if not extra or country[:1] != "0" else start,
                end,
            )


def _also_called(run: _Run, i: int) -> bool:
    """Whether a telephone is named in the same clause, nearer than a comma."""
    clause = re.split("[,，。；;]", run.text[max(0, run.places[i] - 12) : run.places[i]])[-1]
    return bool(re.search("手机|电话|联系|致电|拨打|(?i:phone|mobile|tel|call|cell)", clause))


_CODE = re.compile(r"(?:\(? ?(?:\+|00) ?86 ?\)?|\(?\+)[- ]{0,2}$")


def _country_code(text: str, start: int) -> int:
    if text[start - 1 : start] == "(" and ")" in text[start : start + 5]:
        return start - 1
    match = _CODE.search(text, max(0, start - 9), start)
    return match.start() if match else start


def _landlines(run: _Run) -> Iterator[tuple[str, int, int]]:
    if len(run.digits) < 7:
        return
    for country in (2, 0):
        for length in (12, 11, 10):
            for i, j in run.windows(length + country - (1 if country else 0), length + country):
                digits = run.digits[i:j]
                if country and not digits.startswith("86"):
                    continue
                own = digits[country:] if not country or digits[2] == "0" else "0" + digits[2:]
                area = _AREA.match(own)
                if not area or "X" in digits or run.is_decimal(i, j):
                    continue
                local = own[area.end() :]
                if len(local) not in (7, 8) or local[0] in "019" or _HOTLINE.fullmatch(local):
                    continue
                if run.label(i) == "other" and len(run.groups(i, j)) == 1:
                    continue
                if not _is_dialled(run, i, j, len(digits) - len(local)):
                    continue
                yield "landline", *_with_extension(run, i, j)
    for i, j in run.windows(8, 7):
        digits = run.digits[i:j]
        if digits[0] in "019" or _HOTLINE.match(digits) or run.groups(i, j) not in _LOCAL_GROUPS:
            continue
        if (
            run.label(i) == "phone"
            and not run.is_decimal(i, j)
            and not run.unit(j)
            and "X" not in digits
        ):
            clause = run.text[max(0, run.places[i] - 6) : run.places[i]]
            if re.search(
                r"(?:电话|座机|固话|传真|号码?|打|(?i:tel|phone|fax|call))[^,。]{0,4}$", clause
            ):
                yield "landline", *_with_extension(run, i, j)
    yield from _foreign(run)


_LOCAL_GROUPS = frozenset({(8,), (7,), (4, 4), (3, 4), (4, 3), (2, 2, 2, 2)})


def _is_dialled(run: _Run, i: int, j: int, area: int) -> bool:
    """Whether the local number is one group or two, after the area code."""
    if run.separators(i, j) & {",", "/", "、"}:
        return False
    groups = run.groups(i + area, j)
    return groups in _LOCAL_GROUPS or set(run.groups(i, j)) == {1}


def _with_extension(run: _Run, i: int, j: int) -> tuple[int, int]:
    n, start = len(run.digits), run.places[i]
    if j < n and run.gaps[j] in ("-", " - ") and not any(run.taken[j:]):
        k = next((k for k in range(j + 1, n + 1) if run.cuts[k]), n)
        if k - j <= 6:
            j = k
    start, end = run.span(i, j)
    if j == n and (more := _EXTENSION.match(run.text, end)):
        end = more.end()
    if run.text[start - 1 : start] == "(" and ")" in run.text[start:end]:
        start -= 1
    return _country_code(run.text, start), end


def _foreign(run: _Run) -> Iterator[tuple[str, int, int]]:
    """Find numbers with another country's code, or written as in North America."""
    plus = run.text[run.start - 1 : run.start] == "+"
    for i, j in run.windows(*range(15, 8, -1)):
        digits, label = run.digits[i:j], run.label(i)
        if "X" in digits or run.separators(i, j) & {",", "/", "、"}:
            continue
        if i == 0 and plus and not digits.startswith("86"):
            start, end = run.span(i, j)
            own = label == "mobile" or re.match(
                "852[5-79]|8536|8869|447|1[0-9]{10}|659|658", digits
            )
            fixed = re.search(
                r"(?i:\btel\b|office|fax|landline|座机|固话|电话)[^,;。]{0,8}$",
                run.text[max(0, start - 24) : start - 1],
            )
            yield ("mobile" if own and not fixed else "landline"), start - 1, end
        elif (
            label in ("mobile", "phone")
            and digits[0] == "0"
            and j - i in (10, 11)
            and j - i == len(run.digits)
        ):
            yield ("mobile" if digits.startswith("07") else "landline"), *run.span(i, j)
        elif (
            j - i == 10
            and run.groups(i, j) == (3, 3, 4)
            and digits[0] in "23456789"
            and digits[3] in "23456789"
            and digits[:3] not in ("400", "800", "888", "877", "866")
            and (label in ("mobile", "phone") or run.text[run.places[i] - 1 : run.places[i]] == "(")
        ):
            start, end = _with_extension(run, i, j)
            yield ("mobile" if label == "mobile" else "landline"), start, end


_TELEPHONE = re.compile("(?:86)?1[3-9][0-9]{9}$")


def _accounts(run: _Run) -> Iterator[tuple[str, int, int]]:
    for i in range(len(run.digits)):
        if not run.cuts[i] or run.taken[i]:
            continue
        label = run.label(i)
        if label not in ("qq", "account", "card"):
            continue
        if label != "qq" and _TELEPHONE.match(run.digits[i:]):
            continue
        ends = [
            j
            for j in range(i + 1, len(run.digits) + 1)
            if run.cuts[j] and not any(run.taken[i:j]) and not run.is_decimal(i, j)
        ]
        if label == "qq":
            ends = [j for j in ends if 5 <= j - i <= 11 and run.digits[i] != "0"]
            ends = [j for j in ends if len(run.groups(i, j)) == 1 or _is_regular(run, i, j)]
            kind = "qq"
        else:
            least = 6 if label == "account" else 12
            ends = [j for j in ends if least <= j - i <= 32 and not run.unit(j)]
            ends = [j for j in ends if not run.separators(i, j) & {",", "、", "/", "("}]
            kind = "account" if label == "account" else "bank_card"
        if ends:
            yield kind, *run.span(i, max(ends))
            return


_LOOKS = (_id_cards, _bank_cards, _accounts, _mobiles, _landlines)
# Those that look at so many digits; the numbers of digits that each looks at are its windows.
_LENGTHS = {
    _id_cards: (15, 17, 18),
    _bank_cards: range(13, 20),
    _accounts: range(20),
    _mobiles: range(11, 16),
    _landlines: range(7, 16),
}
_LOOKS_AT = [[look for look in _LOOKS if n in _LENGTHS[look]] for n in range(_LONGEST + 1)]
