import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.data import Tokens, find_personal, redact, redact_example
from bankft.errors import UsageError

PHONE = "13800138000"
CARD = "6222021234567890128"

# Pieces of which hypothesis builds texts that hold something to find, some of it hidden.
PIECES = st.sampled_from(
    [
        PHONE,
        CARD,
        "一三八零零一三八零零零",
        "１３８００１３８０００",
        "138-0013-8000",
        "11010519491231002X",
        "身份证",
        "客户",
        "王小明",
        "欧阳娜娜",
        "先生",
        "女士",
        "我叫",
        "联系人：",
        "北京市朝阳区建国路88号",
        "3号楼1201室",
        "Mr. ",
        "Jane Liu",
        "my name is ",
        "22 Baker Street, London",
        "a@bank.example",
        "zhang[at]bank.example",
        "京A·12345",
        "微信号：",
        "lily_2020",
        "账号：",
        "〈手机1〉",
        "〈姓名2〉",
        "〈",
        "〉",
        " ",
        "，",
        "、",
        "\n",
        "\u200b",
        "\ud800",
        "-",
        "(",
        "+86",
        "号",
        "的卡",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12).map("".join)
ANY = st.text(st.characters(), max_size=40)  # with lone surrogates


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(TEXTS, ANY))
def test_nothing_outside_the_findings_changes_and_nothing_is_left(text):
    done = redact(text, tokens=Tokens("zh"))
    assert find_personal(done.text) == []
    at = place = 0
    for one in done.findings:
        assert at <= one.start < one.end <= len(text)
        kept = text[at : one.start]
        assert done.text[place : place + len(kept)] == kept
        place = done.text.index("〉", place + len(kept)) + 1
        at = one.end
    assert done.text[place:] == text[at:]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(TEXTS, ANY))
def test_once_more_changes_nothing(text):
    once = redact(text, tokens=Tokens("zh")).text
    assert redact(once, tokens=Tokens("zh")).text == once
    english = redact(text, tokens=Tokens("en")).text
    assert redact(english, tokens=Tokens("en")).text == english


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_with_the_key_it_comes_back(text):
    tokens, key = Tokens("zh"), data.new_key()
    tokens.reserve(text)
    done = redact(text, tokens=tokens)
    assume("〉〈" not in done.text)  # two ways of writing touch; written in one, they run together
    back = data.restore(done.text, data.seal(tokens.values, key), key)
    assert redact(back, tokens=tokens).text == done.text  # each value as it was first written


test_with_the_key_it_comes_back = pytest.mark.fast(test_with_the_key_it_comes_back)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (f"电话{PHONE}", "电话〈手机1〉", "电话〈mobile 1〉"),
        # the same number in three forms is one token
        (
            f"{PHONE}，138-0013-8000，一三八零零一三八零零零",
            "〈手机1〉，〈手机1〉，〈手机1〉",
            "〈mobile 1〉，〈mobile 1〉，〈mobile 1〉",
        ),
        (f"+86 {PHONE}或{PHONE}", "〈手机1〉或〈手机1〉", "〈mobile 1〉或〈mobile 1〉"),
        (f"{PHONE}和13900139000", "〈手机1〉和〈手机2〉", "〈mobile 1〉和〈mobile 2〉"),
        # a token that is there keeps its number for itself
        (f"〈手机1〉改为{PHONE}", "〈手机1〉改为〈手机2〉", "〈手机1〉改为〈mobile 2〉"),
        ("王小明先生您好", "〈姓名1〉先生您好", "〈name 1〉先生您好"),
        ("基金代码900101", "基金代码900101", "基金代码900101"),
        (f"〈{PHONE}〉", "〈〈手机1〉〉", "〈〈mobile 1〉〉"),  # brackets alone hide nothing
    ],
)
def test_tokens(text, zh, en):
    assert redact(text, tokens=Tokens("zh")).text == zh
    assert redact(text, tokens=Tokens("en")).text == en


def test_an_example_is_one_conversation():
    example = {
        "messages": [
            {"role": "user", "content": f"我是王小明，手机{PHONE}"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {
                            "name": "find_customer",
                            "arguments": json.dumps({"phone": int(PHONE), "name": "李雷"}),
                        },
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"姓名": "王小明", "级": 3}'},
            {"role": "assistant", "content": [{"type": "text", "text": "王小明您好"}]},
        ]
    }
    before = json.dumps(example)
    redacted, found = redact_example(example, tokens=Tokens("zh"))
    user, call, result, answer = redacted["messages"]
    assert user["content"] == "我是〈姓名1〉，手机〈手机1〉"
    arguments = call["tool_calls"][0]["function"]
    assert arguments["name"] == "find_customer"
    assert json.loads(arguments["arguments"]) == {"phone": "〈手机1〉", "name": "〈姓名2〉"}
    assert result["tool_call_id"] == call["tool_calls"][0]["id"] == "call_1"
    assert json.loads(result["content"]) == {"姓名": "〈姓名1〉", "级": 3}
    # the name alone has no sign around it; it was given away in the first message
    assert answer["content"][0]["text"] == "〈姓名1〉您好"
    assert {one.field for one in found} >= {"messages[0].content", "messages[3].content[0].text"}
    assert json.dumps(example) == before


def test_a_field_name_that_is_personal_is_told_without_it():
    redacted, found = redact_example({"messages": [], PHONE: 1}, tokens=Tokens("zh"))
    assert redacted == {"messages": [], "〈手机1〉": 1}
    assert PHONE not in str(found)


def test_a_model_may_find_more():
    def ner(text):
        at = text.find("阿依古丽")
        return [data.Finding("name", at, at + 4)] if at >= 0 else []

    assert redact("阿依古丽早上出门", tokens=Tokens("zh"), ner=ner).text == "〈姓名1〉早上出门"


def test_public_names_stay():
    text = "联系人：陈光明"
    assert find_personal(text)
    assert redact(text, public={"陈光明"}).text == text


@pytest.mark.fast
def test_another_key_does_not_open_the_map():
    tokens = Tokens("zh")
    redacted = redact(PHONE, tokens=tokens)
    sealed = data.seal(tokens.values, data.new_key())
    assert PHONE not in sealed
    with pytest.raises(UsageError, match="another"):
        data.restore(redacted.text, sealed, data.new_key())
    with pytest.raises(UsageError, match="44 characters"):
        data.restore(redacted.text, sealed, "secret")


def test_what_a_program_prints_by_chance_holds_no_value():
    tokens = Tokens("zh")
    redact(PHONE, tokens=tokens)
    assert PHONE not in repr(tokens)
