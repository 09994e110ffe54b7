"""What fills the slots of the templates: personal data that is nobody's, and what looks like it."""

# ruff: noqa: E501, SIM905, SIM212  (tables of values read best a line each)

import random
import string
from collections.abc import Callable

from bankft.data.checksums import id_card_digit, luhn, uscc_digit

Chance = random.Random


def _digits(chance: Chance, n: int) -> str:
    return "".join(chance.choices(string.digits, k=n))


# Ways of writing a number so that a program might not see it.
def _hide(chance: Chance, value: str, form: str) -> str:
    if form == "plain" or not form:
        form = (
            chance.choice(["plain"] * 6 + ["wide", "zero_width", "circled"]) if not form else form
        )
    if form == "wide":
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    if form == "zero_width":
        at = chance.randrange(2, len(value) - 1)
        return value[:at] + "\u200b" + value[at:]
    if form == "circled":
        at = chance.randrange(1, len(value))
        c = value[at]
        return value[:at] + (chr(0x245F + int(c)) if c in "123456789" else c) + value[at + 1 :]
    if form == "apart":
        return " ".join(value)
    if form == "numerals":
        return value.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    if form == "formal":
        return value.translate(str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖"))
    if form == "mixed":
        return "".join(
            "〇一二三四五六七八九"[int(c)] if c.isdigit() and chance.random() < 0.4 else c
            for c in value
        )
    if form == "dots":
        return _group(value, ".")
    if form == "hyphens":
        return _group(value, "-")
    if form == "spaces":
        return _group(value, " ")
    if form == "lower":
        return value.lower()
    return value


def _group(value: str, mark: str) -> str:
    if len(value) == 11:
        return mark.join((value[:3], value[3:7], value[7:]))
    if len(value) == 18:
        return mark.join((value[:6], value[6:14], value[14:]))
    return mark.join(value[i : i + 4] for i in range(0, len(value), 4))


_PROVINCES = "11 12 13 21 31 32 33 37 41 42 43 44 50 51 53 61 65".split()


def id_card(chance: Chance, language: str, form: str) -> str:
    """Return a number whose county (…99) is not assigned to any."""
    region = chance.choice(_PROVINCES) + f"{chance.randrange(1, 12):02}99"
    day = f"{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    if form == "old":
        return f"{region}{chance.randrange(30, 99)}{day}{_digits(chance, 3)}"
    first = f"{region}{chance.randrange(1935, 2008)}{day}{_digits(chance, 3)}"
    if form in ("x", "lower"):
        while id_card_digit(first) != "X":
            first = first[:14] + _digits(chance, 3)
    value = first + id_card_digit(first)
    if form == "wrong":
        return value[:-1] + str((int(value[-1].replace("X", "0")) + 5) % 10)
    return _hide(chance, value, "lower" if form == "lower" else "" if form == "x" else form)


def bank_card(chance: Chance, language: str, form: str) -> str:
    """Return a number with a network's first digits and the right check digit."""
    first, n = chance.choice(
        [("62", 19), ("62", 19), ("62", 16), ("4", 16), ("53", 16), ("35", 16), ("37", 15)]
    )
    if form == "unionpay":
        first, n, form = "62", 19, ""
    head = "35" + chance.choice("345678") if first == "35" else first
    head += _digits(chance, n - 1 - len(head))
    value = next(head + d for d in string.digits if luhn(head + d))
    if form == "wrong":
        return head + next(d for d in string.digits if not luhn(head + d))
    return _hide(chance, value, form)


def mobile(chance: Chance, language: str, form: str) -> str:
    """Return a mobile number."""
    if form == "uk":
        return f"07700 900{_digits(chance, 3)}"  # Ofcom's range for drama
    if form == "us":
        return f"+1 {chance.choice(['212', '415', '646', '312'])}-555-01{_digits(chance, 2)}"
    value = (
        "1"
        + chance.choice(
            [
                "30",
                "35",
                "38",
                "39",
                "50",
                "58",
                "66",
                "76",
                "77",
                "80",
                "86",
                "88",
                "91",
                "98",
                "99",
            ]
        )
        + _digits(chance, 8)
    )
    if form == "86":
        return chance.choice(["+86 ", "+86", "86", "0086", "+86-", "(+86)", "+86 "]) + value
    if form == "86-":
        return "+86-" + _group(value, "-")
    if form == "comma":
        return _group(value, "，")
    return _hide(chance, value, form)


def landline(chance: Chance, language: str, form: str) -> str:
    """Return a telephone number with its area code."""
    area, n = chance.choice(
        [
            ("010", 8),
            ("021", 8),
            ("0755", 8),
            ("0571", 8),
            ("029", 8),
            ("0371", 8),
            ("0851", 8),
            ("0917", 7),
        ]
    )
    local = chance.choice("2345678") + _digits(chance, n - 1)
    if form == "local":
        return chance.choice("2345678") + _digits(chance, 7)
    if form == "ext":
        return f"{area}-{local}{chance.choice(['-', '转', ' 转 ', ' ext. '])}{chance.randrange(100, 9999)}"
    if form == "brackets":
        return chance.choice(["({})", "（{}）"]).format(area) + local
    if form == "86":
        return f"+86-{area[1:]}-{local}"
    if form == "apart":
        return f"{area}-{local[:4]} {local[4:]}"
    if form == "us":
        return f"({chance.choice(['212', '415', '646', '312'])}) 555-01{_digits(chance, 2)}"
    return area + chance.choice(["-", "", " ", "—"]) + local


def passport(chance: Chance, language: str, form: str) -> str:
    """Return a passport's or a permit's number."""
    if form == "permit":
        return chance.choice("CHM") + _digits(chance, 8)
    if form == "foreign":
        return chance.choice(["X", "AB", "K", "N"]) + _digits(chance, 7)
    if form in ("wide", "hidden"):
        plain = chance.choice("EG") + _digits(chance, 8)
        return _hide(chance, plain, "wide" if form == "wide" else "zero_width")
    return chance.choice(["E", "G", "E" + chance.choice("ABCDEFGHJK"), "E"]).ljust(
        2, chance.choice(string.digits)
    ) + _digits(chance, 7)


def uscc(chance: Chance, language: str, form: str) -> str:
    """Return a unified social credit code of an unassigned region."""
    region = chance.choice(_PROVINCES) + "0199"
    org = "".join(chance.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=9))
    first = "91" + region + org
    return _hide(chance, first + uscc_digit(first), form)


def email(chance: Chance, language: str, form: str) -> str:
    """Return an address under a name that is reserved for examples."""
    who = chance.choice(
        [
            "zhang.wei",
            "li_na88",
            "wangxm",
            "j.smith",
            "chen-lu",
            "a1b2c3",
            "liu2020",
            "Sara.Connor+bank",
        ]
    )
    host = chance.choice(
        ["bank.example", "mail.example.com", "example.cn", "example.com.cn", "example.org"]
    )
    if form == "at":
        return f"{who}{chance.choice(['[at]', '(at)', ' [at] '])}{host}"
    if form == "atdot":
        return f"{who.replace('+bank', '')} at {host.replace('.', ' dot ')}"
    if form == "aite":
        return f"{who.replace('+bank', '')}艾特{host.replace('.', '点')}"
    if form == "hash":
        return f"{who.replace('+bank', '')}#{host}"
    if form == "number":
        return f"{mobile(chance, language, 'plain')}@{host}"
    return _hide(chance, f"{who}@{host}", form if form else chance.choice(["plain"] * 5 + ["wide"]))


def plate(chance: Chance, language: str, form: str) -> str:
    """Return a number plate."""
    place = chance.choice("京沪粤浙苏川渝鄂湘鲁冀豫闽陕") + chance.choice("ABCDEFG")
    body = "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=chance.choice([0, 1, 1, 2])))
    body += _digits(chance, 5 - len(body))
    if form == "new":
        body = chance.choice("DF") + _digits(chance, 5)
    if form == "special":
        body = _digits(chance, 4) + chance.choice("警学挂")
    if form == "hk":
        return "粤Z" + _digits(chance, 4) + chance.choice("港澳")
    return place + chance.choice(["", "", "·", "-", " "]) + body


def wechat(chance: Chance, language: str, form: str) -> str:
    """Return a WeChat name."""
    if form == "wxid":
        return "wxid_" + "".join(chance.choices(string.ascii_lowercase + string.digits, k=14))
    return (
        chance.choice(["lily", "wang", "happy", "zhao", "sunny", "xiaoyu"])
        + chance.choice(["_", "-", ""])
        + _digits(chance, chance.randrange(3, 7))
    )


def qq(chance: Chance, language: str, form: str) -> str:
    """Return a QQ number."""
    return chance.choice("123456789") + _digits(chance, chance.randrange(5, 10))


def account(chance: Chance, language: str, form: str) -> str:
    """Return an account number that no card has."""
    if form == "iban":
        tail = _digits(chance, 14)
        body = "".join(str(int(c, 36)) for c in "WEST" + tail + "GB00")
        return f"GB{98 - int(body) % 97:02}WEST{tail}"
    value = chance.choice(["02", "11", "31", "10", "75"]) + _digits(
        chance, chance.choice([10, 13, 15, 17, 19])
    )
    while luhn(value):
        value = value[:-1] + chance.choice(string.digits)
    return _group(value, form) if form in ("-", " ") else value


_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN_2 = "建国 志强 秀英 婷婷 晓燕 浩然 子涵 俊杰 雨桐 欣怡 淑芬 国庆 海燕 思远 若曦 一诺 诗涵 梓轩 天宇 佳琪 文博 丽华 永强 春生 玉兰 晨曦 宇航 雪梅 少华 伯言 沛霖 钰涵 煜祺 婧雯 翊君 明哲 卫东 爱民 小龙 小丽 晓东 振华 德才 桂香 惠敏 静怡 彦斌 昕玥 芷若 亦菲".split()
_GIVEN_1 = "伟 芳 娜 敏 静 强 磊 洋 勇 艳 杰 涛 超 霞 平 刚 鹏 飞 丹 凯 晨 昊 颖 琳 倩 雪 宁 峰 斌 宇".split()
_COMPOUND = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 慕容 令狐 夏侯 司徒 端木 南宫".split()
_FIRST = "Jane Michael Sarah David Emily Robert Priya Ahmed Grace Kevin Laura Daniel Olivia Thomas Hannah Peter Sophie Marcus Elena Oliver".split()
_LAST = "Liu Connor Whitfield Okafor Patel Chen Thompson Hughes Novak Garcia O'Brien Ferreira Zhang Kim Baker Lindqvist Wong Ali Marsh Delgado".split()
_PINYIN = "Zhang Wei|Li Xiaoming|Wang Fang|Chen Jianguo|Liu Tingting|Zhao Lei|Huang Yating|Zhou Jie|Xu Haoran|Sun Li".split(
    "|"
)


def name(chance: Chance, language: str, form: str) -> str:
    """Return a name that many people have, or nobody."""
    if form == "surname":
        return chance.choice(_SURNAMES if language == "zh" else _LAST)
    if form == "ethnic":
        return (
            chance.choice(["阿不都热合曼", "古丽娜扎尔", "买买提", "艾力", "努尔兰", "扎西"])
            + "·"
            + chance.choice(["买买提", "依明", "吐尔逊", "拜合提亚尔", "卓玛"])
        )
    if form == "latin" or (language == "en" and not form):
        return chance.choice(
            [f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"] * 2 + [chance.choice(_PINYIN)]
        )
    if form == "one":
        return chance.choice(_FIRST)
    if form == "upper":
        return chance.choice(_PINYIN).upper()
    if form == "hard":
        return chance.choice(_HARD) + chance.choice(_GIVEN_2 * 2 + _GIVEN_1)
    if form == "compound":
        return chance.choice(_COMPOUND) + chance.choice(_GIVEN_1 + _GIVEN_2)
    if form == "rare" and language == "zh":
        return chance.choice(_RARE_SURNAMES + _SURNAMES) + chance.choice(_RARE)
    if form == "rare":
        return f"{chance.choice(_RARE_FIRST)} {chance.choice(_RARE_LAST)}"
    if form == "initial":
        return f"{chance.choice('ABCDEFGHJKLMNPRST')}. {chance.choice(_LAST + _RARE_LAST)}"
    if form == "eastern":
        return chance.choice(_PINYIN)
    if form == "shout":
        first, last = chance.choice(_PINYIN).split()
        return chance.choice([f"{first.upper()} {last}", f"{first} {last}".upper()])
    if form == "ms":
        return chance.choice(_FIRST)
    if form == "middle":
        return f"{chance.choice(_FIRST)} {chance.choice('ABCDEFGHJKLM')}. {chance.choice(_LAST)}"
    if language == "en":
        return chance.choice(_PINYIN)
    if form == "spaced":
        return chance.choice(_SURNAMES) + chance.choice([" ", "　", "  "]) + chance.choice(_GIVEN_1)
    if chance.random() < 0.12:
        return chance.choice(_COMPOUND) + chance.choice(_GIVEN_1 + _GIVEN_2)
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN_2 * 2 + _GIVEN_1)


# Surnames that are ordinary words, and given names that the common lists lack.
_HARD = "于高时成水方任安金钱文向常万白单边关明连应车牛石江"
_RARE_SURNAMES = "鲍柯倪殷凌苗霍裴翟阮岑桂符褚冉屈滕宁柴佟晏郝甄辛管祝闵"
_RARE = "沐宸 奕辰 锦程 书瑶 妙可 卫国 改花 招娣 铁柱 二妮 来福 亚楠 喜凤 桂英 守业 传芳 月娥 栋梁 可馨 一凡 凤仙 大勇 小曼 学军 维嘉 知远 望舒 新民 素珍 茂林".split()
_RARE_FIRST = "Beatrix Ingeborg Tobias Leopold Rosalind Marguerite Desmond Winifred Thaddeus Imogen Rafael Anneke Bartholomew Yusuf Keiko Lorenzo Matilda Quentin Saoirse Nadia".split()
_RARE_LAST = "Abernathy Lindgren Castellano Holloway Vasquez Pemberton Achterberg Yamamoto Ashworth Kowalski Adeyemi Petrosyan Fairchild Montague Rasmussen Beaumont Sokolov Wainwright Nakamura Thistlewood".split()

_CITIES = [
    ("北京市", "朝阳区 海淀区 西城区 通州区"),
    ("上海市", "浦东新区 徐汇区 静安区 闵行区"),
    ("广东省深圳市", "南山区 福田区 龙岗区"),
    ("浙江省杭州市", "西湖区 余杭区"),
    ("江苏省苏州市", "工业园区 昆山市 吴中区"),
    ("四川省成都市", "武侯区 双流区"),
    ("湖北省武汉市", "洪山区 江汉区"),
    ("河南省郑州市", "金水区 中牟县"),
    ("陕西省西安市", "雁塔区 长安区"),
    ("新疆维吾尔自治区乌鲁木齐市", "天山区 水磨沟区"),
    ("内蒙古自治区呼和浩特市", "赛罕区"),
    ("山东省青岛市", "市南区 崂山区"),
]
_ROADS = "建国路 世纪大道 中山北路 人民南路 长江西路 解放路 学院路 文昌街 花园街 和平里 科技一路 滨江大道 梧桐巷 柳荫街 天府三街 黄河路中段 深南大道 南京西路".split()
_ESTATES = "阳光花园 万科城 碧桂园 锦绣家园 龙湖时代天街 金地名苑 丽景苑 翠竹小区 中海国际 融创御府 保利香槟 幸福里 新世界公寓 东方明珠大厦".split()
_VILLAGES = "张家庄村 李村 东河村 王家屯 上庄村 石桥村 柳林村 小寨村".split()
_TOWNS = "张庄乡 城关镇 柳河镇 白马乡 太平镇 石门镇".split()


def address(chance: Chance, language: str, form: str) -> str:
    """Return an address that is put together from common parts."""
    if language == "en" and form != "zh":
        return _english_address(chance, form)
    city, districts = chance.choice(_CITIES)
    district = chance.choice(districts.split())
    house = f"{chance.choice(_ROADS)}{chance.randrange(1, 999)}号"
    flat = chance.choice(["{}栋{}单元{}室", "{}号楼{}", "{}幢{}室", "{}座{}", "{}-{}-{}"]).format(
        chance.randrange(1, 30), chance.randrange(1, 7), chance.randrange(101, 2804)
    )
    if flat.count("-") == 2:
        flat = f"{chance.randrange(1, 9)}-{chance.randrange(1, 4)}-{chance.randrange(101, 2804)}"
    elif not flat.endswith(("室", "单元")):
        flat = f"{chance.randrange(1, 30)}号楼{chance.randrange(101, 2804)}室"
    estate = chance.choice(_ESTATES)
    if form == "street":
        return house
    if form == "short":
        return f"{district}{house}"
    if form == "rural":
        return f"{city}{chance.choice(['', '高平县', '商水县', '固安县'])}{chance.choice(_TOWNS)}{chance.choice(_VILLAGES)}{chance.choice(['3组', '第五组', '12号', '二组36号', '六组'])}"
    if form == "estate":
        return f"{district}{estate}{flat}"
    if form == "nong":
        return f"上海市{chance.choice(['徐汇区', '静安区', '虹口区'])}{chance.choice(['漕溪路', '天目西路', '武进路'])}{chance.randrange(10, 900)}弄{chance.randrange(1, 60)}号{chance.randrange(101, 999)}室"
    if form == "corps":
        return f"新疆生产建设兵团第{chance.choice('一二三四五六七八')}师{chance.choice(['阿拉尔市', '石河子市', '五家渠市'])}{chance.randrange(1, 150)}团{chance.randrange(1, 20)}连"
    if form == "spaced":
        return f"{city} {district} {house} {estate} {flat}"
    if form == "hutong":
        return f"北京市{chance.choice(['东城区', '西城区'])}{chance.choice(['南锣鼓巷', '东四十条', '府右街', '帽儿胡同'])}{chance.randrange(1, 120)}号院{chance.randrange(1, 9)}号楼{chance.randrange(1, 6)}门{chance.randrange(101, 702)}"
    return f"{city}{district}{house}{chance.choice(['', estate + flat, flat, estate])}"


def _english_address(chance: Chance, form: str) -> str:
    number = chance.randrange(1, 999)
    if form == "uk":
        return f"{number} {chance.choice(['Baker Street', 'Station Road', 'Church Lane', 'Mill Hill Drive'])}, {chance.choice(['London NW1 6XE', 'Leeds LS2 9JT', 'Bristol BS1 4DJ'])}"
    if form == "us":
        return f"{number} {chance.choice(['Maple Avenue', 'W 42nd Street', 'Elm St', 'Sunset Blvd'])}{chance.choice(['', ', Apt 4B', ' Suite 210'])}, {chance.choice(['Springfield, IL 62704', 'New York, NY 10036', 'Austin, TX 78701'])}"
    if form == "street":
        return (
            f"{number} {chance.choice(['Maple Avenue', 'Jianguo Road', 'Oak Lane', 'King Street'])}"
        )
    if form == "box":
        return f"P.O. Box {number}"
    place = chance.choice(
        [
            "Chaoyang District, Beijing",
            "Pudong New Area, Shanghai",
            "Nanshan District, Shenzhen",
            "Xihu District, Hangzhou",
        ]
    )
    return chance.choice(["Room {r}, Building {b}, {n} {road}, {place}", "Flat {r}, No. {n} {road}, {place}", "{n} {road}, {place} 100022", "Unit {r}, {b}/F, {n} {road}, {place}"]).format(
        r=chance.randrange(101, 2800), b=chance.randrange(1, 20), n=number, road=chance.choice(["Jianguo Road", "Century Avenue", "Zhongshan North Road", "Nanjing West Road"]), place=place
    )  # fmt: skip


PERSONAL: dict[str, Callable[[Chance, str, str], str]] = {
    one.__name__: one
    for one in (id_card, bank_card, mobile, landline, passport, uscc, email, plate, wechat, qq, account, name, address)
}  # fmt: skip


def _isbn(chance: Chance) -> str:
    first = "9787" + _digits(chance, 8)
    total = sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(first))
    return first + str(-total % 10)


def _stamp(chance: Chance) -> str:
    return f"{chance.randrange(2018, 2027)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"


def _not_luhn(chance: Chance, first: str, n: int) -> str:
    value = first + _digits(chance, n - len(first))
    return value if not luhn(value) else value[:-1] + str((int(value[-1]) + 3) % 10)


def _not_uscc(chance: Chance) -> str:
    good = uscc(chance, "zh", "plain")
    return good[:-1] + next(c for c in "0123456789" if c != good[-1])


def _card_like(chance: Chance) -> str:
    return _not_luhn(chance, chance.choice(["62", "4", "53", "99"]), chance.choice([16, 19]))


def _id_like(chance: Chance) -> str:
    good = id_card(chance, "zh", "plain")
    return good[:-1] + next(d for d in "0123456789" if d != id_card_digit(good[:17]))


LOOK_ALIKES: dict[str, Callable[[Chance], str]] = {
    "order": lambda c: _stamp(c) + _digits(c, c.choice([8, 10, 12])),
    "tracking11": lambda c: "1" + c.choice("3589") + _digits(c, 9),
    "masked": lambda c: f"1{c.choice('3589')}{_digits(c, 1)}****{_digits(c, 4)}",
    "masked_card": lambda c: f"6222{c.choice(['********', ' **** **** ', '********* '])}{_digits(c, 4)}",
    "tail": lambda c: _digits(c, 4),
    "amount11": lambda c: "1" + c.choice("3589") + _digits(c, 9),
    "uscc_like": lambda c: _not_uscc(c),
    "order11": lambda c: "1" + c.choice("3589") + _digits(c, 9),
    "fund": lambda c: _digits(c, 6),
    "fund_name": lambda c: c.choice(["稳健增长混合A", "金鹰红利价值", "安心回报债券C", "华泽成长优选", "高端制造股票", "方舟沪深300ETF联接", "常青消费精选"]),
    "fund_name_en": lambda c: c.choice(["Steady Growth Fund A", "Harbour Value Bond Fund", "Blue River Balanced Fund", "Jade Income Fund C"]),
    "amount": lambda c: f"{c.randrange(10**6, 10**11):,}.{_digits(c, 2)}",
    "amount_plain": lambda c: f"{c.randrange(10**10, 10**11)}.{_digits(c, 2)}",
    "date": lambda c: f"{c.randrange(2010, 2027)}-{c.randrange(1, 13):02}-{c.randrange(1, 29):02}",
    "date_plain": _stamp,
    "contract": lambda c: c.choice(["HT", "JK", "ZQ-", "BK"]) + _stamp(c) + "-" + _digits(c, 4),
    "isbn": _isbn,
    "tracking": lambda c: c.choice(["SF", "YT", "JD", "EB"]) + _digits(c, 13),
    "ip": lambda c: ".".join(str(c.randrange(1, 255)) for _ in range(4)),
    "hotline": lambda c: c.choice(["95588", "95533", "400-820-8820", "4008308300", "12386", "95577", "800-810-1234", "12363"]),
    "nav": lambda c: f"{c.randrange(0, 4)}.{_digits(c, 4)}",
    "registration": lambda c: c.choice("CZ") + _digits(c, 13),
    "lei": lambda c: "300300" + "".join(c.choices(string.ascii_uppercase + string.digits, k=12)) + _digits(c, 2),
    "timestamp": lambda c: str(c.randrange(1_600_000_000, 1_799_999_999)) + c.choice(["", _digits(c, 3)]),
    "card_like": _card_like,
    "id_like": _id_like,
    "isin": lambda c: "CNE" + _digits(c, 9),
    "uuid": lambda c: "-".join("".join(c.choices("0123456789abcdef", k=k)) for k in (8, 4, 4, 4, 12)),
    "hash": lambda c: "".join(c.choices("0123456789abcdef", k=40)),
    "manager": lambda c: name(c, "zh", ""),
    "manager_en": lambda c: name(c, "en", ""),
    "stock": lambda c: c.choice(["600", "000", "300", "688"]) + _digits(c, 3),
    "short": lambda c: _digits(c, c.choice([4, 5, 6, 8])),
    "version": lambda c: ".".join(str(c.randrange(0, 30)) for _ in range(3)),
    "percent": lambda c: f"{c.randrange(0, 20)}.{_digits(c, 2)}%",
    "url": lambda c: f"https://www.bank.example/p/{_digits(c, 11)}.html",
    "serial": lambda c: "SN" + _digits(c, 12),
    "time": lambda c: f"{c.randrange(0, 24):02}:{c.randrange(0, 60):02}:{c.randrange(0, 60):02}",
    "file_number": lambda c: f"〔{c.randrange(2015, 2027)}〕{c.randrange(1, 200)}号",
}  # fmt: skip
