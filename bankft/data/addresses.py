"""Addresses by rules: where a chain of place names ends in a house, a flat, a village group."""

import re
from collections.abc import Iterator

from bankft.data.lexicon import any_of, words

_HAN = "[\u4e00-\u9fff]"
_N = "(?:[0-9]{1,5}|[一二三四五六七八九十百零〇]{1,5})"
_NO = (
    f"(?:[A-Za-z甲乙丙丁东西南北]?{_N}[A-Za-z]?(?:[-—~之]{_N}[A-Za-z]?)*"
    "|[A-Za-z]|[甲乙丙丁戊东西南北中])"
)
_SP = "[ ,]?"
_PROVINCE = any_of(words("address", "provinces"))
_CITY = any_of(words("address", "cities"))
_HEAD = (
    rf"(?:中国{_SP})?(?:{_PROVINCE}(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?{_SP})?"
    rf"(?:(?:{_CITY}|{_HAN}{{2,5}}(?=[州盟]|地区|市))(?:市|地区|州|盟|{_HAN}{{1,8}}自治州)?{_SP})?"
)
_DISTRICT = (
    rf"(?:{_HAN}{{1,9}}?(?:区|县|旗|市|新区|开发区|高新区|自治县|团|农场"
    rf"|林场)(?![域间别块]){_SP}){{0,2}}"
)
_TOWN = rf"(?:{_HAN}{{1,6}}?(?:镇|乡|街道|苏木)(?![办级]){_SP})?"
_VILLAGE = rf"(?:(?:{_HAN}{{1,6}}?|{_N})(?:村|社区|屯|庄|寨|堡|营子|嘎查|居委会|村委会){_SP})"
_GROUP = (
    rf"(?:(?:第)?{_N}(?:村民)?(?:组|队|社|屯|连)|{_HAN}{{1,5}}(?:组|屯|湾|坪"
    rf"|沟)(?![合成织建])){_SP}"
)
_ROAD = (
    rf"(?:{_HAN}{{1,8}}?(?:路|街|大道|大街|胡同|巷|弄|道|里|条|公路|环路)(?:东段|西段"
    rf"|南段|北段|中段|上段|下段|{_N}段"
    rf"|[东西南北中一二三四五六七八九十][路街段]?)?{_SP})"
)
_HOUSE = rf"(?:{_NO}(?:号院?|弄|巷|里)(?!码|线|文|令|卡|称|召|楼群|牌照){_SP}){{1,3}}"
# No estate's name has these; without them two addresses of a sentence do not run into one.
_CALLED = "(?:(?![搬到在是的我你您他她请把寄])[\u4e00-\u9fff])"
_ESTATE = (
    rf"(?:[A-Za-z]{{0,6}}{_CALLED}{{0,10}}?(?:小区|园区|校区|厂区|社区|产业园|科技园"
    rf"|软件园|大学|学院|医院|写字楼|商场|中心|花园|苑|公寓|大厦|广场|家园|新村|国际"
    rf"|名都|豪庭|华府|雅居|山庄|别墅|大楼|宿舍|家属院|嘉园|新城|现代城|城|园|府|庭"
    rf"|湾|邸|居|阁|轩|里|都会|大院|{_N}[期区]|[A-Za-z]区|[东西南北]区){_SP}){{0,3}}"
)
_UNIT = (
    rf"(?:{_NO}(?:栋|幢|号楼|座|楼|单元|门|层|室|户|房|号房|号铺|铺|梯"
    rf"|号)(?![价型产贷间客口子称码源地东梯屋费租])"
    rf"|[0-9]{{1,3}}-[0-9]{{1,3}}(?:-[0-9]{{2,4}})?(?![0-9-])"
    rf"|[0-9]{{3,4}}(?![0-9年月日元万亿%.-])){_SP}"
)
_UNITS = rf"(?:{_UNIT}){{1,6}}"
# What is called by no kind of estate, at the end: 解放路232号保利香槟.
_LAST = (
    r"(?:(?!附近|旁边|对面|门口|隔壁|楼[上下]|一[楼层]|左右|以[内外]|谢谢|电话|手机|联系)"
    r"(?:(?![的了在我你他她您请谢找收寄送到办是有已就等给把及和与或营支分行])[\u4e00-\u9fff]){3,6}(?=$|[,。;\n]))"
)
_ADDRESS = re.compile(
    rf"(?:{_HEAD}{_DISTRICT}{_TOWN}(?:{_VILLAGE})?)"
    rf"(?:{_ROAD}{{1,3}}{_HOUSE}{_ESTATE}(?:{_UNITS}|{_LAST})?"
    rf"|{_ROAD}{{1,2}}{_ESTATE}{_UNITS}"
    rf"|(?:{_GROUP}){{1,2}}(?:{_NO}号(?!码){_SP}|{_UNITS})?)"
)
_RURAL = re.compile(
    rf"{_HEAD}{_DISTRICT}{_TOWN}{_VILLAGE}(?:(?:{_GROUP}){{1,2}}{_SP}(?:{_NO}号(?!码)"
    rf")?|{_NO}号(?!码|楼)|{_UNITS})"
)
_CORPS = re.compile(
    rf"(?:{_PROVINCE})?(?:省|维吾尔自治区)?(?:生产建设)?兵团(?:第?{_N}师)?(?:{_HAN}{{"
    rf"1,6}}?市)?(?:第?{_N}团(?:场)?|{_HAN}{{1,4}}农场)(?:{_HAN}{{1,4}}?镇)?(?:第?"
    rf"{_N}连(?:队)?)?(?:{_NO}号(?!码))?(?:{_UNITS})?"
)
_COMPLEX = re.compile(
    rf"{_HEAD}{_DISTRICT}{_TOWN}(?:{_ROAD}(?:{_HOUSE})?)?{_HAN}{{2,8}}?(?:{_NO}(?:栋"
    rf"|幢|座|号楼){_SP}(?:{_UNITS})|[0-9]{{1,3}}-[0-9]{{1,2}}-[0-9]{{3,4}}(?![0-9-])"
    rf")"
)
_URBAN = re.compile(
    rf"{_HEAD}{_DISTRICT}{_TOWN}(?:{_VILLAGE})?{_ROAD}{{0,2}}(?:{_HOUSE})?{_ESTATE}{_UNITS}"
)
# A detail tells that a place is somebody's: only around one is an address looked for.
_DETAIL = re.compile(
    rf"{_NO}(?:号(?!码|线|文|令|卡|称|召|牌照)|弄|栋|幢|座|单元|室|号楼|楼|层|房"
    rf"|户(?!口))|(?:村|屯|嘎查)[^,。;\n]{{0,6}}(?:组|队|社|号)|(?:小区|公寓|大厦"
    rf"|花园|苑|园|城|家园) ?[0-9A-Z]{{1,3}}[- ][0-9]"
    rf"|(?<![0-9-])[0-9]{{1,3}}-[0-9]{{1,2}}-[0-9]{{3,4}}(?![0-9-])"
)
_TELLS = re.compile(
    any_of(
        [
            "住址",
            "地址",
            "家住",
            "住在",
            "现住",
            "居住在",
            "居住于",
            "居住地",
            "住于",
            "户籍",
            "户籍地",
            "户口所在地",
            "籍贯",
            "寄到",
            "寄往",
            "寄至",
            "送到",
            "送至",
            "搬到",
            "搬至",
            "快递到",
            "邮寄到",
            "收货地",
            "收件地",
            "通讯处",
            "住所",
            "家在",
            "老家",
            "老家在",
            "位于",
        ]
    )
    + r"(?:[((][^))]{0,8}[))])?(?:变更|更改|改|更新)?(?:是|为|在|到|成|至|于)?[ :=|\t\"]*"
)
_PLACE = re.compile(
    rf"{_HEAD}(?:{_HAN}{{1,9}}?(?:区|县|旗|市|镇|乡|街道|苏木|村|社区|屯|庄|寨|小区"
    rf"|花园|苑|公寓|路|街|大道|巷|胡同|弄|里|兵团|团场|农场"
    rf"|[0-9一二三四五六七八九十]+(?:团|连|组|队|号|栋|幢|室|楼|单元"
    rf"|师)){_SP}){{1,8}}(?:[0-9A-Za-z-]{{1,8}}(?:[号栋幢座楼室层户房]"
    rf"|单元){_SP}){{0,6}}(?:附近|旁|对面)?"
)
_ADMIN = re.compile(rf"{_PROVINCE}|{_CITY}|[省市区县旗镇乡村屯路街道巷弄]")
_STOPS = re.compile(
    r"(?:我|你|您|他|她|们|在|到|是|的|了|寄|送|找|往|来|过去|去|给|住|位于|地址"
    r"|住址|把|请|从|就|家(?![园属庄口屯村河湾坪湖巷胡洼沟渡嘴桥店堡寨营洲堰坝岭山坡塘圩院里])|至|:|为|于(?!都|家|洪)|和(?!平|田|县|顺|谐|静|龙|政)|搬"
    r"|叫|说|有|号码|客户|先生|女士|小区里)"
)
_CUT = re.compile(r"[。;!?\n\t|\"“”'「」:()<>〈〉*]")


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield where Chinese addresses stand in a text seen through."""
    done = 0
    if "兵团" in text:
        for match in _CORPS.finditer(text):
            yield match.span()
    seen = frozenset(text)
    if seen.isdisjoint(_PLACES):
        return
    for match in _DETAIL.finditer(text) if not seen.isdisjoint(_HOUSES) else ():
        if match.start() < done:
            continue
        if span := _around(text, match, done):
            yield span
            done = span[1]
    if not seen.isdisjoint(_DISTRICTS):
        for where in _WHERE.finditer(text):
            chain = _CHAIN.match(text, where.start())
            if chain and chain.start() >= done and len(chain["low"]) > 2:
                yield chain.span()
    for match in _TELLS.finditer(text):
        place = _PLACE.match(text, match.end())
        if place and (len(_ADMIN.findall(place[0])) >= 2):
            end = match.end() + len(place[0].rstrip(" ,"))
            yield match.end(), end


_WHERE = re.compile(rf"(?:中国)?(?:{_PROVINCE}|{_CITY})")
_NEXT_PIECE = re.compile("[ ,、]")
# Three levels and more, from a province or a city down to a village or a road, without a house.
_CHAIN = re.compile(
    rf"(?:中国)?(?:{_PROVINCE}(?:省|市|(?:壮族|回族|维吾尔)?自治区)?)?"
    rf"(?:(?:{_CITY}|{_HAN}{{2,5}}(?=市))(?:市|地区|州|盟|{_HAN}{{1,8}}自治州))?"
    rf"{_HAN}{{1,7}}?(?:区|县|旗|市)(?P<low>(?:{_HAN}{{1,6}}?(?:镇|乡"
    rf"|街道)(?:{_HAN}{{1,6}}?(?:村|社区|屯|庄)(?:{_HAN}{{1,4}}?[组屯](?![合成织建]))?)?"
    rf"|{_HAN}{{1,6}}?(?:大道|路|街|巷|胡同)))(?!支行|分行|网点|营业|派出"
    rf"|{_HAN}{{0,6}}(?:支行|分行|营业部)|[0-9])"
)
_DISTRICTS = frozenset("区县旗市")
_PLACES = frozenset("路街道巷弄同里条村镇乡屯庄寨区县苑园城寓厦场中府庭湾国居阁轩团")
_HOUSES = frozenset("号弄栋幢座室楼层房户元组队社-")
_LEFT = 46  # characters before a house number in which its address begins


def _around(text: str, detail: "re.Match[str]", done: int) -> tuple[int, int] | None:
    begin = max(done, detail.start() - _LEFT)
    for cut in _CUT.finditer(text, begin, detail.start()):
        begin = cut.end()
    begin = _begins(text, begin, detail.start())
    best: tuple[int, int] | None = None
    at = begin
    while at <= detail.start():
        for pattern in (_ADDRESS, _RURAL, _URBAN, _COMPLEX):
            match = pattern.match(text, at)
            if match and match.end() >= detail.end() and _is_place(match[0]):
                end = match.start() + len(match[0].rstrip(" ,"))
                if best is None or end > best[1]:
                    best = (match.start(), end)
        if best:
            return best
        following = _NEXT_PIECE.search(text, at, detail.start())
        if not following:
            return None
        at = following.end()
    return None


def _begins(text: str, begin: int, before: int) -> int:
    """Return where the address may begin: at a province or city, else after the last verb."""
    head = _WHERE.search(text, begin, before)
    start = begin
    for stop in _STOPS.finditer(text, begin, before):
        if head and stop.start() >= head.start():
            break
        start = stop.end()
    if head and head.start() >= start:
        inner = text[start : head.start()]
        if not re.search(r"[省市区县镇乡州路]", inner):
            return head.start()
    for mark in re.finditer("[,、 ]", text[start:before]):
        piece = text[start : start + mark.start()]
        if not re.search(r"[省市区县镇乡村路街道州号园苑]$", piece):
            start2 = start + mark.end()
            return _begins(text, start2, before) if start2 < before else start2
        break
    while start < before and not re.match(f"{_HAN}|[0-9A-Za-z]", text[start]):
        start += 1
    return start


_LEVELS = re.compile(
    r"[省市区县旗镇乡村屯路街道巷弄里苑园城栋幢座室层]|胡同|大厦|公寓|小区|花园|单元"
    r"|号楼|广场|中心|[组队]|号|[0-9]-[0-9]+-[0-9]"
)


_NAMED = re.compile(
    rf"{_HAN}{{1,}}(?:路|街|大道|道|巷|弄|胡同|里|条|镇|乡|村|屯|庄|寨|社区|小区|花园"
    rf"|苑|公寓|大厦|广场|家园|新村|城|园|府|庭|湾|嘎查|山庄|大院|宿舍|家属院|居|阁"
    rf"|轩|国际|中心|团|农场)|[区县]{_HAN}{{2,8}}[0-9]"
)


def _is_place(text: str) -> bool:
    """Whether there are a place with a name and a house: 建国路88号, not 第3号 or 5楼."""
    named = _NAMED.search(text)
    return (
        bool(named)
        and len(_LEVELS.findall(text)) >= 2
        and bool(re.search("[0-9一二三四五六七八九十甲乙丙丁A-Z]", text))
    )


_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place"
    r"|Pl|Way|Terrace|Square|Sq"
    r"|Highway|Hwy|Close|Crescent|Cres|Parkway|Pkwy|Plaza|Gardens|Grove|Mews|Row"
    r"|Hill|Alley|Quay|Circle|Cir|Trail|Broadway|Walk|Lu|Jie|Dadao|Xiang|Hutong"
    r"|Nong)"
)
_CAP = r"(?:[A-Z][A-Za-z'’.-]*|[0-9]{1,3}(?:st|nd|rd|th))"
_FLAT = (
    r"(?:(?:Room|Rm\.?|Flat|Apt\.?|Apartment|Unit|Suite|Ste\.?|Floor|Building"
    r"|Bldg\.?|Block|Tower|House|Villa|Shop|No\.?|#) ?[0-9A-Z][0-9A-Za-z/-]{0,6}"
    r"|[0-9]{1,3}(?:st|nd|rd|th)? ?/?(?:F|Floor|floor)\b)"
)
_STATE = r"[A-Z]{2}(?: [0-9]{5}(?:-[0-9]{4})?)"
_POSTCODE = r"(?:[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}|[0-9]{5,6}(?:-[0-9]{4})?)"
_TAIL = (
    rf"(?:,? *(?:{_FLAT}|{_STATE}|{_POSTCODE}\b|[A-Z][A-Za-z'’.-]+(?: (?!The |And "
    rf"|My |I |Tel|Phone|Please )[A-Z][A-Za-z'’.-]+){{0,3}}(?: {_STATE}| "
    rf"[A-Z]{{2,3}} [0-9]{{4}}\b| {_POSTCODE}\b)?(?=,|\.|;|$|\s|\))))"
)
# A house's name before its number; any other capitalised words there are who lives in it.
_BUILDING = (
    r"(?:House|Court|Building|Tower|Towers|Plaza|Mansions?|Gardens?|Cent(?:re|er)|Villas?|Estate"
    r"|Apartments|Hall|Lodge|Residences?|Heights|Park|Village|Cottage|Farm)"
)
_ENGLISH = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_FLAT}[, ]+){{0,4}}(?:(?:{_CAP} ){{1,3}}{_BUILDING}, "
    rf")?(?:{_FLAT}[, ]+){{0,3}}"
    r"(?:No\.? ?)?(?!(?:19|20)[0-9]{2}, )"  # not March 2017, Bright Road Fund
    rf"[0-9]{{1,5}}[A-Za-z]?(?:[-/][0-9A-Za-z]{{1,4}})?,? (?:{_CAP} "
    rf"){{1,4}}{_STREET}\.?(?![A-Za-z])(?: (?:North|South|East|West|Central|NW|NE|SW|SE|N|S|E"
    rf"|W)\b\.?)?"
    rf"(?:,{_TAIL}| (?:{_FLAT})| {_STATE}| {_POSTCODE}\b){{0,6}}"
)
_BOX = re.compile(
    rf"(?<![A-Za-z])(?:P\.?O\.? ?Box|PO Box|Post Office Box) [0-9]{{1,6}}(?:,{_TAIL}){{0,4}}"
)
_FLAT_FIRST = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_FLAT}, *){{1,4}}(?:{_CAP}(?: {_CAP}){{0,4}}, "
    rf"*){{1,4}}{_CAP}(?: {_CAP}){{0,3}}(?:,? {_POSTCODE}\b)?"
)
_LIVES = re.compile(
    r"(?i:(?:home |mailing |postal |residential |delivery |billing |current |new "
    r"|my |shipping )*address(?:: *| is | changed to | to )|i live (?:at|in) "
    r"|lives? at |living at |residing at |reside at |deliver(?:ed)? to |moved to )"
)
_HINTS = (
    *_STREET[3:-1].split("|"),
    "Box",
    "Room",
    "Rm",
    "Flat",
    "Apt",
    "Unit",
    "Suite",
    "Building",
)
_HINTS_OF_HOME = ("ddress", "DDRESS", "live", "living", "resid", "eliver", "moved to")
_DIGIT = re.compile("[0-9]")
_HOME = re.compile(rf"(?:[0-9]{{1,5}}[A-Za-z]?,? )?{_CAP}(?: {_CAP}){{0,4}}(?:,{_TAIL}){{1,6}}")
_WORD = re.compile("[A-Z][a-z]")


def find_english(text: str) -> Iterator[tuple[int, int]]:
    """Yield where English addresses stand in a text seen through."""
    if not _DIGIT.search(text) or not _WORD.search(text):
        return
    street = any(hint in text for hint in _HINTS)
    for pattern in (_ENGLISH, _BOX, _FLAT_FIRST) if street else ():
        for match in pattern.finditer(text):
            yield match.start(), match.start() + len(match[0].rstrip(" ,."))
    for match in _LIVES.finditer(text) if any(hint in text for hint in _HINTS_OF_HOME) else ():
        rest = _HOME.match(text, match.end())
        if rest and re.search("[0-9]", rest[0]):
            yield match.end(), match.end() + len(rest[0].rstrip(" ,."))


# Where none of these matches, there is no Chinese, or no English address.
SIGNS = (re.compile("兵团"), _DETAIL, _WHERE, _TELLS)
ENGLISH_SIGNS = (re.compile("|".join(map(re.escape, (*_HINTS, *_HINTS_OF_HOME)))),)
