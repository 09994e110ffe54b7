"""Names of people in Chinese text, by rules: a surname, and what stands around it.

A name has no check digit. It is found where a label (联系人：), a title (先生), a relation (我妻子)
or what people do (来网点办理) says that a person is meant, and where a field beside another
personal datum is just a name. Who manages a fund or holds an office is public and left alone.
"""

import re
from collections.abc import Collection, Iterator

from bankft.data.lexicon import all_but, any_of, characters, one_of, words

_DOUBTFUL = characters("chinese", "doubtful")
_SURNAMES = characters("chinese", "surnames") | _DOUBTFUL
_COMPOUND = frozenset(words("chinese", "compound"))
_GIVEN = characters("chinese", "given")
_GIVEN_OR_END = _GIVEN | {""}
_BY_SOUND = characters("chinese", "by_sound")
_NEVER = characters("chinese", "never")
_WORDLIKE = characters("chinese", "wordlike")
_BORNE = characters("chinese", "borne")
_RARE = characters("chinese", "rare")
_SOUND_WORDS = words("chinese", "sounds")
_COMMON = characters("chinese", "common")
_ENDS = frozenset(words("chinese", "ends"))
_WORDS = frozenset(words("chinese", "words"))
_LONGEST_WORD = max(map(len, _WORDS))
_TITLES = words("chinese", "titles")
_LABELS = words("chinese", "labels")

_S = one_of(_SURNAMES)
_HAN = "[\u4e00-\u9fff]"
_NOT_NEVER = all_but("\u4e00", "\u9ffe", _NEVER)
_C = any_of(sorted(_COMPOUND, key=lambda word: -len(word)))
_LONG_TITLES = [title for title in _TITLES if title not in ("总", "哥", "姐")]
_T = any_of(_LONG_TITLES)
_SET_APART = re.compile(rf"{_NOT_NEVER}{{1,2}}(?!{_HAN})")
_TITLE = re.compile(_T)
_TITLED = re.compile(rf"({_C}|{_S}) ?({_NOT_NEVER}{{0,2}}?) ?({_T})")
_SHORT_TITLED = re.compile(
    rf"(?<!{_HAN})(?:(?:请|找|给|跟|和|与|让|联系|问|对|向|谢谢|麻烦|感谢|我是|是))?"
    rf"({_C}|{_S})(?:总|哥|姐|工|董|行)(?=$|[^\u4e00-\u9fff]|[您你好的说那在叫让和跟来啊呢吗吧])"
)
_TELLING = [
    who + what + verb
    for who in ("我", "他", "她", "本人", "俺", "名字", "小名")
    for what in ("", "的名字", "的姓名", "的全名")
    for verb in ("叫", "叫做", "名叫", "就是", "是", "为")
]
_LABEL = any_of((*_LABELS, *_TELLING))
_ROLE = rf"{_HAN}{{1,4}}[人者员方名](?= ?:)"
_LINK = r"((?: ?[((][^()\n]{1,8}[))])?[ \t]?(?:[:=|\t\"“「'【\[]|是|为|叫|,)?[ \t\"“「'【]{0,3})"
_LABELLED = re.compile(f"({_LABEL}){_LINK}")  # the same where there is no colon, and faster
_LABELLED_OR_ROLE = re.compile(f"({_LABEL}|{_ROLE}){_LINK}")
_SURNAME_ONLY = re.compile(
    rf"(?:我|他|她|免贵|本人|客户|先生|女士|您|也|是)姓({_C}|{_S})(?=$"
    rf"|{one_of(_NEVER)}|[^\u4e00-\u9fff]|[叫名先女小])"
)
_KIN = re.compile(any_of(words("chinese", "kin")) + "(?:叫|是|名叫|: ?)?(?:做)?")
_ACT_WORDS = words("chinese", "acts")
_ACTS = re.compile(any_of(_ACT_WORDS))
_AFTER = re.compile(
    "[一二三四五六七八九十两几]{1,3}(?:岁|位|个|次|月|日|年|人|名|方|万|千|百|元)|"
    + any_of(word.replace("，", ",").replace("：", ":") for word in words("chinese", "after"))
)
# After a label or a verb a name may end before these; alone they would make names of words.
_JOINS = "[和与及同跟均系代曾拟欲刚仍未已经按因称说问自共另并且于由等收]"
_NEXT = re.compile(rf"$|[^\u4e00-\u9fff]|{one_of(_NEVER)}|{_T}|{_AFTER.pattern}|{_JOINS}")
_PUBLIC = any_of(words("chinese", "public"))
_PUBLIC_BEFORE = re.compile(
    rf"{_PUBLIC}(?:\(?(?:现任|拟任|助理)\)?)?[ "
    rf":为是由有叫、,和及与\"“]{{0,2}}(?:{_HAN}{{2,4}}[、,和及与 ]{{1,2}}){{0,4}}$"
)
_PUBLIC_AFTER = re.compile(
    r"(?:先生|女士)?(?:[,、])?(?:自?[0-9]{4}年[^,。]{0,12})?(?:起)?(?:担任|出任|任职"
    r"|现任|管理(?:的|本|该|规模|了)|掌管|执掌|旗下|在管|卸任|接任|离任|接管)"
    r"|等?基金经理|等人?管理|负责(?:投资)?管理"
)
_IN_BRACKETS = re.compile(rf"{any_of(_LABELS)}\(({_HAN}{{2,4}})\)")
_CALLED = re.compile(rf"{_NOT_NEVER}{{2,4}}(?!{_HAN})")
_LATIN = re.compile(r"[A-Z][A-Za-z'-]+(?:[ /][A-Z][A-Za-z'-]*\.?){1,3}(?![A-Za-z])")
_FIELD = re.compile(r"(?:^|(?<=[\s,、;|/\t(\"'“:]))([\u4e00-\u9fff]{2,4})(?=$|[\s,、;|/\t()\"'”:])")
_LIST = re.compile(r"(?:、|和|与|及|以及|,|跟) ?")
_START = re.compile(rf"(?:(?<=^)|(?<=[^\u4e00-\u9fff])|(?<={one_of(_NEVER)}))(?={_S})")
_HAS_AFTER = re.compile(
    rf"{one_of(_SURNAMES | {word[0] for word in _COMPOUND})}(?={_NOT_NEVER}{{1,3}}(?:"
    rf"{_AFTER.pattern}))"
)
_BEFORE_WORDS = any_of(
    word for part in ("acts", "kin", "before") for word in words("chinese", part)
)
_BEFORE = re.compile(f"{_BEFORE_WORDS}$")

# What `_name` asks for: a surname, or one that is no word; and what may be a given name.
_BEGINS = f"(?:{_C}|{_S})"
_BEGINS_TOLD = f"(?:{_C}|{one_of(_SURNAMES | _RARE | {word[0] for word in _SOUND_WORDS})})"
_BEGINS_FIRM = f"(?:{_C}|{one_of((_SURNAMES - _WORDLIKE - _DOUBTFUL) | (_SURNAMES & _COMMON))})"
_BEGINS_ALONE = f"(?:{_C}|{one_of(_SURNAMES - (_WORDLIKE - _BORNE))})"
_GIVE = one_of(_GIVEN)
_MAY_GIVE = f"(?:{_NOT_NEVER}|{_GIVE})"
_NAMED_SO = any_of(label for label in (*_LABELS, *_TELLING) if label.endswith(("叫", "叫做")))
_BUT_MANAGER = any_of(title for title in _LONG_TITLES if title != "经理")

_SOUND = any_of(_SOUND_WORDS)
_SOUND_ALONE = re.compile(f"{_SOUND}(?!{_HAN})")
_SOUNDS = re.compile(rf"{_SOUND}{{2,4}}(?!自治|县|州|市|旗|乡|镇|村|盟|区|路|街)")

# By what may give a name away: where none of the patterns matches, that finds none. A new line
# stands before the text, so that what must stand before a name is written as a character.
SIGNS = {
    "titles": (
        f"{_BEGINS} ?{_NOT_NEVER}{{1,2}} ?{_T}",
        f"(?:{_C}|{one_of(_SURNAMES - {'金'})}) {{0,2}}{_T}",
        f"金 {{0,2}}{_BUT_MANAGER}|[^基资]金 {{0,2}}经理",  # 基金经理, 资金经理
        f"{_BEGINS}[总哥姐工董行]",
    ),
    "labels": (
        rf"{_LABEL}(?:[ \t:=|\"“「'【\[(是为叫,A-Z]|{_BEGINS_TOLD})",
        _NAMED_SO,
        rf"{_HAN}[人者员方名] ?:",
    ),
    "surname": ("姓",),
    "kin": (f"{_KIN.pattern}{_BEGINS_TOLD}{_MAY_GIVE}",),
    "acts": (
        f"{any_of(word for word in _ACT_WORDS if len(word) > 1)}{_BEGINS_TOLD}{_MAY_GIVE}",
        f"{any_of(word for word in _ACT_WORDS if len(word) == 1)}{_BEGINS_FIRM}{_GIVE}",
    ),
    "after": (
        f"(?:[^\u4e00-\u9fff]|{one_of(_NEVER)}|{_BEFORE_WORDS})"
        f"{_BEGINS_ALONE}{_GIVE}{{1,3}}(?:{_AFTER.pattern})",
    ),
    "row": ("[·、]",),
    "sounds": (f"{_SOUND}{{2}}",),
    "speaker": (f"{_HAN} ?:",),
}


def find(
    text: str,
    *,
    beside: bool,
    public: Collection[str] = (),
    signs: Collection[str] = frozenset(SIGNS),
) -> list[tuple[int, int]]:
    """Return where Chinese names stand in a text seen through, in order.

    Args:
        text: The text.
        beside: Whether another personal datum stands in it, so that a field may be a name.
        public: Names that are public.
        signs: Which of ``SIGNS`` the text shows, perhaps.
    """
    found: dict[int, int] = {}
    for start, end in _candidates(text, beside, signs):
        name = text[start:end]
        if name in public or _is_public(text, start, end):
            continue
        found[start] = max(end, found.get(start, 0))
    return _again(text, _listed(text, found)) if found else []


def _candidates(text: str, beside: bool, signs: Collection[str]) -> Iterator[tuple[int, int]]:
    if "titles" in signs:
        yield from _titled(text)
    if "labels" in signs:
        yield from _labelled(text)
    if "surname" in signs:
        for match in _SURNAME_ONLY.finditer(text):
            yield match.span(1)
    for match in _KIN.finditer(text) if "kin" in signs else ():
        if span := _name(text, match.end(), told=True):
            yield span
    for match in _ACTS.finditer(text) if "acts" in signs else ():
        if len(match[0]) > 1:
            span = _name(text, match.end(), told=True)
        else:
            span = _name(text, match.end(), firm=True)
        if span is None:
            continue
        if len(match[0]) > 1 and span[1] - span[0] > 2:
            yield span
            continue
        alone = not _HAN_RE.match(text, span[1])
        if text[span[0]] in _DOUBTFUL and len(match[0]) == 1 and text[span[1] :][:1] == "的":
            continue  # 是高端的: an adjective
        three = span[1] - span[0] > 2 and text[span[0]] not in _DOUBTFUL
        three = three and _starts(text, match.start())
        if _AFTER.match(text, span[1]) or (alone and (len(match[0]) > 1 or three)):
            yield span
    for match in _IN_BRACKETS.finditer(text) if "labels" in signs else ():
        span = _name(text, match.start(1), told=True)
        if span and span[1] == match.end(1):
            yield span
    for match in _HAS_AFTER.finditer(text) if "after" in signs else ():
        span = _name(text, match.start()) if _starts(text, match.start()) else None
        if span and _AFTER.match(text, span[1]):
            yield span
    if "row" in signs:
        yield from _by_sound(text)
    for match in _SOUNDS.finditer(text) if "sounds" in signs else ():
        yield match.span()
    if beside:
        for match in _FIELD.finditer(text):
            span = _name(text, match.start(1))
            if span and span[1] == match.end(1):
                yield span
    if "row" in signs:
        yield from _row(text)
    speaker = _SPEAKER.match(text) if "speaker" in signs else None
    if speaker and (span := _name(text, speaker.start(1))) and span[1] == speaker.end(1):
        yield span


_HAN_RE = re.compile(_HAN)
_SPEAKER = re.compile(rf"\s*(?:[\[【][^\]】]*[\]】] ?)?({_HAN}{{2,4}}) ?:")


def _starts(text: str, start: int) -> bool:
    """Whether a name without a label may begin here: no word runs into it."""
    before = text[start - 1 : start]
    return (
        not before
        or not _HAN_RE.match(before)
        or before in _NEVER
        or bool(_BEFORE.search(text, max(0, start - 4), start))
    )


def _is_word(text: str, start: int, *, after_label: bool = False) -> bool:
    """Whether the surname here is a part of a word: it begins one, or ends one."""
    two, three = text[max(0, start - 1) : start + 1], text[max(0, start - 2) : start + 1]
    if not after_label and (two in _ENDS or three in _ENDS):
        return True
    return any(text[start : start + n] in _WORDS for n in range(2, _LONGEST_WORD + 1))


def _surname(text: str, start: int) -> int:
    """Return the length of the surname that stands here, 0 for none."""
    if text[start : start + 2] in _COMPOUND:
        return 2
    return int(text[start : start + 1] in _SURNAMES and text[start : start + 1] != "")


def _name(
    text: str, start: int, *, sure: bool = False, told: bool = False, firm: bool = False
) -> tuple[int, int] | None:
    """Return the span of the full name that begins here, if one does.

    Args:
        text: The text.
        start: Where the surname stands.
        sure: A label says that it is a name: any characters may be the given name.
        told: A word before makes a name likely: so they may, where the name ends clearly.
        firm: Nothing says so: the surname must not be an ordinary word.
    """
    length = _surname(text, start)
    if not length and (sure or told):
        if sound := _SOUND_ALONE.match(text, start):
            return sound.span()
        return _rare(text, start, sure=sure) if text[start : start + 1] in _RARE else None
    if not length or _is_word(text, start, after_label=sure or told):
        return None
    if length == 1 and not sure and text[start] in _WORDLIKE:
        return _wordlike(text, start, told or (firm and text[start] in _COMMON))
    full = text[start + 1 : start + 3]
    if firm and length == 1 and text[start] in _DOUBTFUL:
        if (
            text[start] not in _COMMON
            or len(full) < 2
            or not _GIVEN.issuperset(full)
            or not _NEXT.match(text, start + 3)
        ):
            return None
        return start, start + 3
    first = start + length
    if _TITLE.match(text, first):
        return None
    if sure and text[first : first + 1] == " ":  # 张 三, set apart in a form
        spaces = len(text[first : first + 4]) - len(text[first : first + 4].lstrip(" "))
        tail = _SET_APART.match(text, first + spaces)
        if tail and not _FORM.match(text, first + spaces):
            return start, tail.end()
    given = 0
    while given < 3 and _may_be_given(text[first + given : first + given + 1], sure or told):
        given += 1
    ends = [first + n for n in range(1, given + 1)]
    if not ends:
        return None
    good = [end for end in ends if _NEXT.match(text, end)]
    if length == 1 and len(ends) == 3:
        good = [
            end
            for end in good
            if end < ends[2] or (sure and not _HAN_RE.match(text[end : end + 1]))
        ]
    if good:
        likely = [end for end in good if end - first <= 2]
        best = max(likely or good)
        # 王芳今天: the shorter name is right where the rest is a word
        for end in likely:
            if _AFTER.match(text, end) or _TITLE.match(text, end):
                best = end
                break
        return start, best
    if told and not sure:  # no word that ends a name follows: only what is plainly a name
        if text[first] not in _GIVEN:
            return None
        doubtful = length == 1 and text[start] in _DOUBTFUL
        if doubtful and not _GIVEN.issuperset(text[first : first + 2]):
            return None
    elif not sure or len(ends) < 2:
        return None
    both = text[first] in _GIVEN and text[first + 1 : first + 2] in _GIVEN_OR_END
    return start, first + (2 if both and len(ends) > 1 else 1)


def _rare(text: str, start: int, *, sure: bool) -> tuple[int, int] | None:
    """Return the name that begins with a word which is hardly ever a surname: 姓名:农振兴."""
    end = start + 3
    given = text[start + 1 : end]
    named = len(given) == 2 and (
        _GIVEN.issuperset(given)
        or (sure and given[0] in _GIVEN and not _HAN_RE.match(text[end : end + 1]))
    )
    if not named or _is_word(text, start, after_label=True) or not _NEXT.match(text, end):
        return None
    return start, end


def _wordlike(text: str, start: int, told: bool) -> tuple[int, int] | None:
    """Return the name that begins with a surname which is mostly a word, where that is plain."""
    if _TITLE.match(text, start + 1):
        return None
    end = start + 3
    borne = text[start] in _BORNE
    told = told or (borne and not _HAN_RE.match(text[start - 1 : start]))
    if not told:
        return None
    if len(text) >= end and _GIVEN.issuperset(text[start + 1 : end]) and _NEXT.match(text, end):
        return start, end
    end = start + 2
    ends = not _HAN_RE.match(text[end : end + 1]) or text[end] in "和与及"
    ends = ends or _AFTER.match(text, end) is not None
    return (start, end) if borne and ends and text[start + 1 : end] in _GIVEN else None


_FORM = re.compile(
    "(?:性别|男|女|年龄|身份|手机|电话|证件|联系|住址|地址|卡号|账号|职业|单位|国籍|民族|出生)"
)


def _may_be_given(char: str, sure: bool) -> bool:
    if not char or not _HAN_RE.match(char) or char in _NEVER:
        return False
    return sure or char in _GIVEN


def _titled(text: str) -> Iterator[tuple[int, int]]:
    if not _TITLE.search(text):
        if "总" in text or "哥" in text or "姐" in text or "工" in text or "董" in text:
            for short in _SHORT_TITLED.finditer(text):
                yield short.span(1)
        return
    at = 0
    while (match := _TITLED.search(text, at)) is not None:
        start, given = match.start(), match[2]
        # 向李先生, 于是王女士: a word that is a surname too stands before the surname
        shift = next(
            (
                i
                for i in range(len(given), 0, -1)
                if _surname(text, match.start(2) + i - 1)
                and (
                    (match[1] in _DOUBTFUL and not (len(given) == 2 and _GIVEN.issuperset(given)))
                    or (
                        given[i - 1] in _SURNAMES
                        and i == len(given)
                        and not _likely(match[1], given)
                    )
                )
            ),
            0,
        )
        at = match.end()
        if shift:
            start = match.start(2) + shift - 1
        end = start + len(text[start : match.start(3)].rstrip())
        if _is_word(text, start) or not _title_stands(text, start, end, match[3]):
            at = match.start() + 1
            continue
        yield start, end
    for short in _SHORT_TITLED.finditer(text):
        yield short.span(1)


def _likely(surname: str, given: str) -> bool:
    """Whether it reads as a full name, so that its last character is not a surname itself."""
    return surname not in _DOUBTFUL and all(char in _GIVEN for char in given)


_MANAGERS = frozenset(
    before + "任"
    for before in ("现", "前", "时", "拟", "担", "历", "新", "连", "原", "就", "首", "出")
) | {"基金", "资金", "任", "总", "原", "金"}


def _title_stands(text: str, start: int, end: int, title: str) -> bool:
    before = text[start - 1 : start]
    if title == "经理" and before + text[start:end] in _MANAGERS:
        return False
    single = end - start == 1
    if single and text[start] in _WORDLIKE - _BORNE and before and _HAN_RE.match(before):
        return False
    if single and text[start] in _DOUBTFUL and title == "先生":
        follows = text[text.index(title, end) + 2 :][:2]
        if follows[:1] in ("成", "产", "效") and follows not in _SUCCESS:  # 水先生成
            return False
    if end - start == 1 and text[start] in _DOUBTFUL and before and _HAN_RE.match(before):
        return before in _NEVER or bool(_BEFORE.search(text, max(0, start - 4), start))
    if (
        title
        in ("主任", "会计", "老师", "同学", "博士", "教授", "处长", "科长", "助理", "专员", "顾问")
        and before
        and _HAN_RE.match(before)
    ):
        return before in _NEVER or end - start > 1 or text[start] not in _DOUBTFUL
    return True


def _field(text: str, start: int) -> tuple[int, int] | None:
    """Return the name that fills a field, a word though it may be as well: 户名:高峰."""
    end = start
    while end - start < 4 and _HAN_RE.match(text[end : end + 1]):
        end += 1
    named = text[start : start + 1] in _SURNAMES and _GIVEN.issuperset(text[start + 1 : end])
    return (start, end) if named and 1 < end - start < 4 else None


_SUCCESS = ("成功", "成交", "成立", "成为", "产品", "产权")


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    for match in (_LABELLED_OR_ROLE if ":" in text else _LABELLED).finditer(text):
        link = match[2].strip(" ")
        start = match.end()
        if match[1] == "收" and text[start : start + 1] == "费":
            continue  # 收费
        plain = match[1].endswith(("是", "为", "叫")) and match[1][0] in "我他她本俺"
        sure = link not in ("", ",") or match[1].endswith(("叫", "叫做"))
        if plain and not match[1].endswith(("叫", "叫做")):
            sure = False
        if sure and (latin := _LATIN.match(text, start)):
            yield latin.span()
            continue
        span = _name(text, start, sure=sure, told=True)
        if span is None and ":" in link and match[1].endswith(("人", "名")):
            span = _field(text, start)
        if span is None and match[1].endswith(("我叫", "他叫", "她叫", "名字叫", "名叫")):
            span = called.span() if (called := _CALLED.match(text, start)) else None
        if span is None and link == "" and match[2] == "":
            span = None
        if span and not (sure and text[span[1] : span[1] + 2] in ("公司", "银行", "基金", "证券")):
            yield span


def _row(text: str) -> Iterator[tuple[int, int]]:
    """Yield the names of a row that holds nothing else: 以下客户未回访:王昊、田妙可、尹芷若."""
    for match in _ROW.finditer(text):
        at, spans = match.start(), []
        pieces = match[0].split("、")
        for i, piece in enumerate(pieces, 1):
            span = _name(text, at, told=len(pieces) > 2)
            if not span or (span[1] != at + len(piece) and i < len(pieces)):
                break
            spans.append(span)
            at += len(piece) + 1
        else:
            if len(spans) > 2 or any(end - start > 2 for start, end in spans):
                yield from spans


_ROW = re.compile(
    rf"(?:(?<![\u4e00-\u9fff、])|(?<=客户|员工|用户|人员|名单|通知|联系|同事)){_HAN}{{2,4}}"
    rf"(?:、{_HAN}{{2,4}})+(?!、)"
)


def _by_sound(text: str) -> Iterator[tuple[int, int]]:
    """Yield names that are written by their sound: 阿不都热合曼·买买提."""
    for match in _DOTTED.finditer(text):
        start, end = match.span()
        last = text.rindex("·", start, end) + 1
        for k in range(last + 2, end):  # a title's characters may be sounds too: 阿姨, 太太
            if _TITLE.match(text, k) or _AFTER.match(text, k):
                end = k
                break
        yield start, end


_B = one_of(_BY_SOUND | {"不", "都"})
_DOTTED = re.compile(rf"{_B}{{2,7}}(?:·{_B}{{1,8}}){{1,3}}")


def _is_public(text: str, start: int, end: int) -> bool:
    if _PUBLIC_BEFORE.search(text, max(0, start - 30), start):
        return not text[max(0, start - 30) : start].endswith(("客户经理", "大堂经理"))
    after = _PUBLIC_AFTER.match(text, end)
    return after is not None and (
        "投资管理" in after[0]
        or "基金" in text[end : end + 30]
        or "基金" in text[max(0, start - 20) : start]
    )


def _listed(text: str, found: dict[int, int]) -> list[tuple[int, int]]:
    """Add the names that follow a found one in a list; drop what lies inside another."""
    todo = sorted(found.items())
    spans: list[tuple[int, int]] = []
    while todo:
        start, end = todo.pop(0)
        if spans and start < spans[-1][1]:
            continue
        spans.append((start, end))
        if end - start > 1 and (span := _before(text, start)):
            spans.append(span)
        link = _LIST.match(text, end)
        following = (
            _name(text, link.end(), firm=link[0] == ",") if link and end - start > 1 else None
        )
        if following and following[0] not in found:
            todo.insert(0, following)
    return spans


def _before(text: str, start: int) -> tuple[int, int] | None:
    """Return the name that stands in a list before a found one: 上官雪、李梅."""
    if text[start - 1 : start] not in ("、", "和", "与", "及") or start < 3:
        return None
    for size in (4, 3, 2):
        begin = start - 1 - size
        if begin >= 0 and _starts(text, begin):
            span = _name(text, begin, firm=True)
            if span and span[1] == start - 1:
                return span
    return None


def _again(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Add the other places where a full name that was found stands."""
    taken = sorted(set(spans))
    for name in {text[start:end] for start, end in spans if end - start > 1}:
        at = text.find(name)
        while at >= 0:
            if all(at + len(name) <= start or at >= end for start, end in taken):
                taken.append((at, at + len(name)))
            at = text.find(name, at + 1)
    return sorted(taken)
