"""Which finders a text is shown to: with the native pass the same is found as without it."""

import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankft.cases import fundbot
from bankft.data import find_personal, personal, signs

TEXTS = [  # one of each way to be found, and what is only like it
    "联系人：欧阳娜娜，手机１３８ ００１３ ８０００",
    "李先生和王女士昨天来网点办理",
    "我妻子张丽华的卡号是6222 0212 3456 7890 128",
    "以下客户未回访：王昊、田妙可、尹芷若",
    "阿不都热合曼·买买提申请赎回",
    "张伟明 ：您好，免贵姓欧阳",
    "转账给刘德胜，请王总确认",
    "住址：浙江省杭州市西湖区文三路1o8号2单元301室",
    "新疆兵团第八师石河子市121团3连",
    "加微 wxid_abc123def 或 zhang at bank dot cn，车牌京A·12345",
    "Dear Mr. James Smith, 12 Baker Street, London",
    "i live at Flat 3, 20 Queen's Road, Hong Kong. my name is li wei",
    "护照E12345678，税号91110108551385082Q，QQ：123456789",
    "一三八零零一三八零零零 / 座机 010-62345678 转 12",
    "稳健一号的管理费率为每年1.20%。仅供参考，不构成投资建议。",
    "高风险产品由基金经理谢明澈管理",
    "\ud83d 半个字符，张三先生",
]


@pytest.fixture(scope="module")
def both():
    """Return a function that finds with the native pass and without it."""
    pytest.importorskip("re2")
    known = {}

    def find(text):
        found = []
        for native in (True, False):
            with pytest.MonkeyPatch.context() as patch:
                if not native:
                    patch.setitem(sys.modules, "re2", None)
                personal._finders.cache_clear()
                if native not in known:
                    known[native] = personal._finders()
                finders = known[native]
                patch.setattr(personal, "_finders", lambda finders=finders: finders)
                personal._known_of.cache_clear()
                found.append(find_personal(text))
                personal._known_of.cache_clear()
                personal.look_through(("手机13800138000", text, "①"))  # among others, at once
                assert find_personal(text) == found[-1]
        return found

    yield find
    personal._finders.cache_clear()
    personal._known_of.cache_clear()


pytestmark = pytest.mark.fast


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_is_found(both, text):
    native, plain = both(text)
    assert native == plain


PIECES = [piece for text in TEXTS for piece in re.findall(r"[^，。：、 ]+|[，。：、 ]", text)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join))
def test_the_same_is_found_in_pieces_put_together(both, text):
    native, plain = both(text)
    assert native == plain


@pytest.mark.long
def test_generated_conversations_show_the_same(both):
    for example in fundbot.conversations("train", 200):
        for message in example["messages"]:
            native, plain = both(message["content"])
            assert native == plain


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(?<!a)b(?=c|$)", "ab"),  # what stands around may be anything
        (r"\d+\s", "１２\u3000"),  # classes are wider in Python than in RE2
        ("(?i:straße)", "STRASSE straße"),
        ("[^a-z]{2}|x*?y", "AB"),
        (r"(?P<one>号)(?!码)", "一号"),
    ],
)
def test_a_looser_pattern_matches_wherever_the_pattern_does(pattern, text):
    re2 = pytest.importorskip("re2")
    assert re2.search(signs.looser(re.compile(pattern)), text)


def test_who_has_a_sign_is_named():
    possible = signs.reader({"mail": [re.compile("@")], "plate": [re.compile("京[A-Z]")]})
    assert possible("车牌京A12345") >= {"plate"}
