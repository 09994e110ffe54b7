"""What people are reached by or known by in letters and digits.

E-mail addresses, WeChat names, number plates, passports, and the codes of companies.
"""

import re
from collections.abc import Collection, Iterator

from bankft.data.checksums import is_iban, uscc_digit

_NOT_IN_WORD = "(?<![0-9A-Za-z])"
_ENDS = "(?![0-9A-Za-z])"

_TOP = (
    "com|cn|net|org|edu|gov|info|io|me|cc|co|hk|tw|uk|us|de|fr|jp|sg|biz|bank|fund|test|example"
    "|invalid|app|dev|xyz|top|vip"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64} ?@ ?(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}"
    r"(?![A-Za-z0-9])"
)
# What people write so that programs do not see it: [at], (at), AT … DOT, 艾特, #, 点.
_AT = (
    r"(?: ?[\[({<]at[\])}>] ?| ?\[@\] ?| ?\(@\) ?| at (?=[a-z0-9-]+(?: dot |\[dot\]"
    r"|\(dot\)| \[dot\] | \(dot\) ))| ?艾特 ?|#|\$(?=[a-z0-9]+\.))"
)
_DOT = r"(?:\.| dot | ?[\[({]dot[\])}] ?|点| ?\. (?=[a-z0-9]))"
_HIDDEN_EMAIL = re.compile(
    rf"(?<![a-z0-9._%+-])(?:[a-z0-9_%+-]{{1,40}}(?:\.| dot (?=[a-z0-9._]+ at "
    rf"))?){{1,4}}(?:{_AT}| ?@ ?)"
    rf"(?:[a-z0-9-]{{1,40}}{_DOT}){{1,4}}(?:{_TOP})(?![a-z0-9])",
    re.IGNORECASE,
)
_HINTS_OF_AT = re.compile(r"[@#$]|艾特|[\[({< ][aA][tT][\])}> ]")

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_MARK = "[-·. ]?"
_PLATE = re.compile(
    rf"(?:[{_PROVINCE}] ?[A-Za-z] ?{_MARK}"
    r"(?:[DFdf][A-HJ-NP-Za-hj-np-z0-9] ?[0-9] ?[0-9] ?[0-9] ?[0-9]"  # a small new-energy car
    r"|[A-HJ-Ka-hj-k][A-HJ-NP-Z0-9][0-9]{4}"
    r"|[0-9]{5}[A-HJ-Ka-hj-k]"  # a large one
    r"|(?:[A-HJ-NP-Za-hj-np-z0-9] ?){4}[警学挂港澳领试超使]"
    r"|[A-HJ-NP-Za-hj-np-z0-9](?: ?[A-HJ-NP-Za-hj-np-z0-9]){4})(?![0-9A-Za-z])"
    rf"|(?:WJ ?[{_PROVINCE}]?{_MARK}[0-9]{{4}}[0-9A-Z])(?![0-9A-Za-z])"
    r"|(?<![驶出大])使 ?[-· ]?[0-9]{3} ?[-· ]?[0-9]{3}(?![0-9A-Za-z])"
    rf"|[{_PROVINCE}][-· ]?[0-9]{{4,5}} ?[使领]"
    rf"|[军海空沈兰济南广成北]{_MARK}?[A-Z]{_MARK}[0-9]{{5}}(?![0-9A-Za-z]))"
)
_HINTS_OF_PLATE = re.compile(
    f"[{_PROVINCE}] ?(?:[A-Za-z]|[-·]?[0-9]{{4}})|W(?=J)|[使军海空沈兰济南广成北](?= ?[-·A-Z0-9])"
)

_WECHAT = re.compile(
    r"""(?:[微威薇维徽葳蔚Vv]\ ?信|[微威][xX讯❤💬号]|微星号|绿泡泡
    |加[vV](?=[: ])|[我的][vV](?=\ ?[:是叫为])|(?<![A-Za-z])[vV]我(?=[A-Za-z])
    |(?<![A-Za-z])(?i:wechat|weixin|wei\ xin|wx|vx|v\ ?x))
    (?!公众|支付|小程序|红包|视频|群|银行|\ ?(?i:pay|official|mini))
    (?P<said>[\ ]?(?:号码|账号|帐号|号|名|昵称|(?i:id|account|number|name|handle|contact)))?
    (?P<link>(?:\ ?(?:[:=,(『「"'-]|是|为|叫|加|搜|搜索|改成|换成|就是
    |(?i:is|at|on|me|add|as|i[ds]|under))){0,4}\ ?[:"'「『]?\ ?)
    (?P<value>wxid_[a-z0-9]{6,30}|[A-Za-z][-_A-Za-z0-9]{5,19})(?![A-Za-z0-9_@]|-[A-Za-z0-9])""",
    re.VERBOSE,
)
_WXID = re.compile(r"(?<![A-Za-z0-9_])wxid_[a-z0-9]{6,30}(?![A-Za-z0-9_])")
_HINTS_OF_WECHAT = re.compile(
    "[加我的][vV]|[vV]我|[微威][xX讯❤💬号]|微星号|绿泡|[微威薇维徽葳蔚Vv] ?信"
    "|[Ww](?:[eE][cCiI]|[xX])|[vV] ?[xX]"
)

_PASSPORT = re.compile(
    rf"{_NOT_IN_WORD}(?:(?P<sure>[EeGg][ -]?[0-9]{{8}}|[Ee][A-HJ-NP-Za-hj-np-z][ -]?[0-9]{{7}}"
    rf"|(?:SE|DE|PE|MA|se|de|pe|ma)[ -]?[0-9]{{7}})"
    rf"|(?P<maybe>[DSPKHMCWTdspkhmcwt][ -]?[0-9]{{8}}(?:[0-9]{{2}})?"
    rf"|C[A-HJ-NP-Z][0-9]{{7}}|1[45][0-9]{{7}}"
    rf"|[A-Z]{{1,2}}[0-9]{{6,9}}|[0-9]{{8,9}}"
    rf"|[0-9]{{2}}[A-Z]{{2}}[0-9]{{5}}))(?![0-9A-Za-z]|\.[0-9])"
)
_TRAVELS = re.compile(
    r"(?:护照|通行证|回乡证|台胞证|往来港澳|港澳证|旅行证|(?i:passport|travel "
    r"document|travel permit|home return permit))"
    r"[^。;；,，]{0,14}$"
)
_OTHERWISE = re.compile(
    r"(?:合同|订单|编号|单号|批号|代码|型号|票号|发票|流水|序列|凭证|版本|产品|工单|备案|书号|货号"
    r"|(?i:order|contract|ref|invoice|ticket|model|serial|code|batch|flight|sku|case|part|track))"
    r"[^。;；,，]{0,10}$"
)
_A_DAY = re.compile("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$")

_USCC = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-HJ-NP-Ya-hj-np-y](?:[- ]?[0-9A-HJ-NP-Ya-hj-np-y])"
    r"(?:[- ]?[0-9]){6}(?:[- ]?[0-9A-HJ-NP-Ya-hj-np-y]){10}(?![0-9A-Za-z])"
)
_COMPANY = re.compile(
    r"(?:信用代码|税号|识别号|信用证代码|机构代码|营业执照|(?i:uscc|credit code|tax "
    r"id|taxpayer|business licen[cs]e))[^。;；,，]{0,14}$"
)
_IBAN = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![0-9A-Za-z])"
)


# Where none of an entry's patterns matches, that finds nothing.
SIGNS: dict[str, tuple["re.Pattern[str] | str", ...]] = {
    "emails": (_HINTS_OF_AT,),
    "wechat": (_HINTS_OF_WECHAT,),
    "plates": (_HINTS_OF_PLATE,),
    "codes": (_USCC, _IBAN),
    "passports": (
        "[EeGg][ -]?[0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][ -]?[0-9]{7}",
        "(?:SE|DE|PE|MA|se|de|pe|ma)[ -]?[0-9]{7}",
        "护照|[行乡胞旅]证|港澳|(?i:passport|travel|permit)",
    ),
}


def find(
    text: str, *, digits: bool, signs: Collection[str] | None = None
) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and end of what is found in a text seen through; it may overlap.

    Args:
        text: The text.
        digits: Whether a run of digits stands in it: else it holds no code.
        signs: Which of ``SIGNS`` the text shows, perhaps; None where that is not known.
    """
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield "email", *match.span()
    if "emails" in signs if signs is not None else _HINTS_OF_AT.search(text):
        for match in _HIDDEN_EMAIL.finditer(text):
            yield "email", *match.span()
    if "wechat" in signs if signs is not None else _HINTS_OF_WECHAT.search(text):
        yield from _wechat(text)
    if "plates" in signs if signs is not None else _HINTS_OF_PLATE.search(text):
        for match in _PLATE.finditer(text):
            if sum(char.isdigit() for char in match[0]) >= 3 - (match[0][-1] in "警学挂港澳领"):
                yield "plate", match.start(), match.end()
    if digits and (signs is None or "codes" in signs):
        yield from _codes(text)
    if digits and (signs is None or "passports" in signs):
        yield from _passports(text)


def _wechat(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _WXID.finditer(text):
        yield "wechat", *match.span()
    for match in _WECHAT.finditer(text):
        value = match["value"]
        plain = value.isalpha()  # in an English sentence it may be just the next word
        chinese = not text[match.start()].isascii() or not text.isascii()
        told = match["said"] or ":" in match["link"]
        if plain and not told and not chinese:
            continue
        if value.lower() in _WORDS or (plain and match["link"] == "" and not told):
            continue
        yield "wechat", *match.span("value")


_WORDS = frozenset(
    [
        "wechat",
        "account",
        "contact",
        "number",
        "please",
        "official",
        "message",
        "messages",
        "payment",
    ]
)


def _codes(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _USCC.finditer(text):
        code = re.sub("[- ]", "", match[0]).upper()
        if code.isdigit() and code[0] not in "159":
            continue
        fits = not set(code) & set("IOSVZ") and uscc_digit(code[:17]) == code[17]
        shaped = code[0] in "123456789ANY" and code[2:4] >= "10"
        if (fits and shaped) or (_COMPANY.search(text, max(0, match.start() - 24), match.start())):
            yield "uscc", *match.span()
    for match in _IBAN.finditer(text):
        code = match[0].replace(" ", "")
        if 15 <= len(code) <= 34 and is_iban(code):
            yield "account", *match.span()


def _passports(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _PASSPORT.finditer(text):
        begin = max(0, match.start() - 26)
        travels = _TRAVELS.search(text, begin, match.start())
        if travels or (
            match["sure"]
            and not _A_DAY.search(match[0])
            and not _OTHERWISE.search(text, begin, match.start())
        ):
            yield "passport", *match.span()
