import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankft import data

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
