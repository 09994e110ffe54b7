import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.data import personal
from bankft.text import see_all_through, see_through

# The numbers are the standards' own examples, or put together here to fit the check digit; they
# belong to nobody known to us.
ID = "11010519491231002X"  # the example in GB 11643-1999
CARD_19 = "6222021234567890128"
CARD_16 = "6222021234567890"
VISA_TEST = "4111111111111111"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (f"身份证{ID}，谢谢", "id_card", ID),  # glued to Chinese, where \b never fires
        ("11010519491231002x", "id_card", "11010519491231002x"),
        ("110105 19491231 002X", "id_card", "110105 19491231 002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "id_card", "１１０１０５１９４９１２３１００２Ｘ"),
        (f"卡号{CARD_19}请", "bank_card", CARD_19),  # 19 digits, as most Chinese debit cards
        ("卡号6222 0212 3456 7890 128", "bank_card", "6222 0212 3456 7890 128"),
        ("6222-0212-3456-7890-128", "bank_card", "6222-0212-3456-7890-128"),
        ("4111 1111 1111 1111 123元", "bank_card", "4111 1111 1111 1111"),  # an amount behind it
        ("378282246310005", "bank_card", "378282246310005"),  # American Express's test number
        ("3782 822463 10005", "bank_card", "3782 822463 10005"),
        (VISA_TEST, "bank_card", VISA_TEST),
        (" ".join(VISA_TEST), "bank_card", " ".join(VISA_TEST)),  # every digit apart
        ("我的手机13800138000，", "mobile", "13800138000"),
        ("138 0013 8000", "mobile", "138 0013 8000"),
        ("138-0013-8000", "mobile", "138-0013-8000"),
        ("+86 13800138000", "mobile", "+86 13800138000"),
        ("tel:8613800138000", "mobile", "8613800138000"),
        ("１３８ ００１３ ８０００", "mobile", "１３８ ００１３ ８０００"),
        ("138\u200b0013\u200b8000", "mobile", "138\u200b0013\u200b8000"),  # zero-width spaces
        ("①３8００1３8０００", "mobile", "①３8００1３8０００"),  # NFKC of a circled one
        ("联系zhang.san@bank.com.cn。", "email", "zhang.san@bank.com.cn"),
        ("ｚｈａｎｇ＠ｂａｎｋ．ｃｎ", "email", "ｚｈａｎｇ＠ｂａｎｋ．ｃｎ"),
    ],
)
def test_it_is_found_with_its_offsets_in_the_raw_text(text, kind, value):
    (finding,) = data.find_personal(text)
    assert finding.kind == kind
    assert text[finding.start : finding.end] == value


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # wrong check digit
        "110105194902300026",  # 30 February
        "000105194912310026",  # no such province
        "11010521491231002X",  # not born yet
        "6222021234567890129",  # fails Luhn
        "1234567812345670",  # passes Luhn, but no network begins with 1
        "订单号 202611210000123456",
        "12345678901",  # no mobile number begins with 12
        "138001380001",  # a digit too many
        "a13800138000b",  # part of an id
        "13800138000.50 元",  # an amount
        "0.13800138000",  # a measurement
        f"1.{CARD_16}",
        "基金代码 900101，2021-03-15 成立，费率 1.20%",
        "@bank.cn",
        "name@host",
        "",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert data.find_personal(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # after a relation, a verb, a label that runs into the name
        ("我儿子李建国在国外读书", ["李建国"]),
        ("麻烦转告孙丽丽明天来网点", ["孙丽丽"]),
        ("上午与任建国通话，客户认可", ["任建国"]),
        ("帮万春生查一下到账没有", ["万春生"]),
        ("借款人于洋逾期", ["于洋"]),
        ("尊敬的时秀英客户：您好", ["时秀英"]),
        ("收件人上官婉儿 收", ["上官婉儿"]),
        ("户名：高峰", ["高峰"]),  # a word that fills the field of a name
        ("户名：安全", []),
        # at the start, before what a person does
        ("张三昨天来过", ["张三"]),
        ("于小红昨天来过", ["于小红"]),
        # rows of names
        ("客户王丽、李雷和韩梅梅三人", ["王丽", "李雷", "韩梅梅"]),
        ("以下客户未回访：王昊、田妙可、尹芷若", ["王昊", "田妙可", "尹芷若"]),
        # titles, and what is none
        ("高桂英先生", ["高桂英"]),
        ("客户于先生来电", ["于"]),
        ("水先生成账单", []),
        ("客户成先生代缴", []),
        # words that begin like names
        ("于是高收益产品常见，时间任何，安全方便", []),
        ("白天联系最好，向您说明：成立以来金额", []),
        ("给方便客户的服务，为常态，是高端的产品", []),
        ("客户常问的问题，请向大堂经理反映", []),
        ("全球混合的经理叫王小明", []),  # who manages a fund is public
        # English
        ("J. Smith called", ["J. Smith"]),
        ("ZHANG Wei wants to close the account", ["ZHANG Wei"]),
        (
            "Remittance from Ingeborg Sokolov to Tobias Adeyemi",
            ["Ingeborg Sokolov", "Tobias Adeyemi"],
        ),
        ("Anneke Thistlewood's statement bounced", ["Anneke Thistlewood"]),
        ("A. Long position in Green Bonds", []),
        ("Dear Branch Manager, Best regards, Customer Service", []),
    ],
)
def test_names(text, found):
    names = [text[f.start : f.end] for f in data.find_personal(text, kinds={"name"})]
    assert names == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("登记13800008888，", "13800008888"),  # no label of another number
        ("快递员13800008888已到", "13800008888"),
        ("快递单号13800008888", None),
        ("运单号：13800008888", None),
        ("订单号13800008888", None),
        ("手机13800008888 北京市朝阳区建国路88号", "13800008888"),
        ("手机号138****8888", None),  # masked already
    ],
)
def test_only_a_label_that_touches_it_excuses_a_mobile_number(text, found):
    numbers = [text[f.start : f.end] for f in data.find_personal(text) if f.kind == "mobile"]
    assert numbers == ([found] if found else [])


@pytest.mark.parametrize(
    "said", ["加V ", "徽信", "薇信：", "V信 ", "vx:", "wx：", "绿泡泡", "我的V是", "加V："]
)
def test_wechat_is_called_many_names(said):
    (finding,) = data.find_personal(f"{said}lily_2020")
    assert (finding.kind, finding.start) == ("wechat", len(said))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("身份证号 110105194912310021", ["id_card"]),  # a typing error
        ("身份证110105491231002", ["id_card"]),  # 15 digits
        (f"我卡{CARD_19}丢了", ["bank_card"]),
        ("统一社会信用代码911101085513850821", ["uscc"]),  # wrong, but labelled
        ("编号911101085513850821", []),
        ("My passport is Ｅ１２３４５６７８", ["passport"]),
        ("〈手机1〉和〈姓名2〉", []),
    ],
)
def test_labels_and_check_digits(text, found):
    assert [f.kind for f in data.find_personal(text)] == found


@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        ("收货 ", "广东省深圳市福田区世纪大道321号保利香槟", "，请电联"),
        ("原住", "河南省郑州市金水区学院路443号", "，现搬到外地"),
        ("", "沈阳市和平区三好街甲90号", "附近有网点吗"),
        ("寄到", "江西省赣州市南康区唐江镇卢屋村下屋组", "李大爷"),
        ("Jane Liu, ", "88 Maple Avenue, Apt 4B, Austin, TX 78701", ""),
        ("The flat at ", "25 Queen's Road Central, Hong Kong", " was sold"),
    ],
)
def test_an_address_is_found_whole_and_alone(before, address, after):
    text = before + address + after
    found = [text[f.start : f.end] for f in data.find_personal(text, kinds={"address"})]
    assert found == [address]


def test_several_are_found_in_order_without_overlap():
    text = f"{ID}，{CARD_19}、13800138000；a@b.cn 13900139000"
    found = data.find_personal(text)
    assert [f.kind for f in found] == ["id_card", "bank_card", "mobile", "email", "mobile"]
    assert all(one.end <= other.start for one, other in pairwise(found))


def luhn_digit(digits):
    total = sum(
        sum(divmod(2 * int(d), 10)) if i % 2 == 0 else int(d)
        for i, d in enumerate(reversed(digits))
    )
    return str(-total % 10)


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789", min_size=10, max_size=16))
def test_only_the_right_check_digit_makes_a_bank_card(middle):
    number = "62" + middle
    right = luhn_digit(number)
    for digit in "0123456789":
        kinds = [f.kind for f in data.find_personal(f"卡{number}{digit}号")]
        assert ("bank_card" in kinds) == (digit == right and "id_card" not in kinds)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30), st.text(max_size=30))
def test_offsets_hold_whatever_stands_around(before, after):
    text = f"{before}。13800138000。{after}"
    spans = [text[f.start : f.end] for f in data.find_personal(text)]
    assert "13800138000" in spans


@pytest.mark.parametrize(
    "text",
    ["1" * 1_000_000, "a" * 1_000_000 + "@", "a.@" * 300_000, "1 " * 500_000, "１-" * 300_000],
)
def test_hostile_text_takes_time_in_proportion(text):
    began = time.process_time()
    data.find_personal(text)
    assert time.process_time() - began < 10  # seconds of this process; a fraction when idle


BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "personal_data"
LEAST = {"id_card": 0.99, "bank_card": 0.99, "uscc": 0.99, "name": 0.9, "address": 0.9}


def test_enough_is_found_of_the_half_that_the_rules_were_not_made_on(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from labelled import build
    from score import rates, score

    lines = [line for line in build() if line.half == "held_out"]
    counts = score(
        lines, lambda line: [(f.kind, f.start, f.end) for f in data.find_personal(line.text)]
    )
    for (language, kind), count in counts.items():
        found = rates(count)
        assert found["recall"] >= LEAST.get(kind, 0.97), (language, kind, count)
        assert found["precision"] >= 0.95, (language, kind, count)


TEXTS = st.text(
    st.sampled_from("①０３8\u200b〈手机1〉號码電话:13800 王先生a@b.cn㎡\ud800\n\0")
    | st.characters()
)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_texts_are_seen_through_at_once_as_one_by_one(texts):
    for also in (None, personal.LOOK_ALIKE):
        together = list(see_all_through(texts, also=also))
        alone = [see_through(text, also=also) for text in texts]
        assert [(one.raw, one.text, one.offsets) for one in together] == [
            (one.raw, one.text, one.offsets) for one in alone
        ]


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_texts_are_looked_through_at_once_as_one_by_one(texts):
    texts.append("他的電話１３８００１３８０００")
    personal._known_of.cache_clear()
    alone = [data.find_personal(text) for text in texts]
    personal._known_of.cache_clear()
    personal.look_through(texts)
    assert [data.find_personal(text) for text in texts] == alone
    assert alone[-1]


def test_what_is_remembered_stays_as_it_was_found():
    text = "手机13800138000"
    found = data.find_personal(text)
    found.clear()
    assert data.find_personal(text)


def test_only_so_much_is_remembered():
    known = personal._known_of(personal._ALL, True)
    for size in range(20_000, 20_400):
        known.keep("a" * size, [])
    assert 0 < sum(map(len, known)) <= personal._CHARACTERS
