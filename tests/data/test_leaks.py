import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import data
from bankft.data import leaks
from bankft.errors import UsageError


def asks(*texts, **more):
    roles = ["user", "assistant"]
    messages = [
        {"role": roles[i % 2], "content": [{"type": "text", "text": text}]}
        for i, text in enumerate(texts)
    ]
    return {"messages": [{"role": "system", "content": "你是客服。"}, *messages], **more}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("管理费是多少？", "管理费 是多少", True),  # signs and spaces
        ("ＥＴＦ的费率?", "etf的费率？", True),  # width and case
        ("管理\u200b费？", "管理费", True),  # what nobody sees
        ("管理费是 3.0 吗", "管理费是 30 吗", False),  # the point in a number counts
        ("管理费", "托管费", False),
        ("？？", "！", False),  # nothing but signs
    ],
)
def test_which_questions_are_one(one, other, same):
    assert (leaks.question(asks(one, "甲")) == leaks.question(asks(other, "乙"))) is same


def test_the_question_is_all_that_comes_before_the_answer():
    first = leaks.question(asks("你好", "您好", "费率？", "0.30%"))
    assert first == leaks.question({"messages": asks("你好", "您好", "费率？")["messages"]})
    assert first != leaks.question(asks("费率？", "0.30%"))
    pair = {"input": asks("费率？"), "preferred_output": [], "non_preferred_output": []}
    assert leaks.question(pair) == leaks.question(asks("费率？"))
    assert leaks.question({"messages": "nonsense"}) == ""


@pytest.mark.parametrize(
    ("example", "field", "expected"),
    [
        (asks("费率？", "０．３０％ "), None, "0.30%"),
        (asks("费率？"), None, None),  # no answer yet
        (
            asks("费率？", reference_answer={"b": 1, "a": [2]}),
            "reference_answer",
            '{"a": [2], "b": 1}',
        ),
        (asks("费率？", item={"truth": 0.3}), "item.truth", "0.3"),
        (asks("费率？", truth=False), "truth", "false"),
        ({"preferred_output": [{"role": "assistant", "content": "A b"}]}, None, "a b"),
    ],
)
def test_answers(example, field, expected):
    assert leaks.answer(example, field) == expected


def test_the_answer_s_field_is_found_or_asked_for():
    assert leaks.answer_field(asks("?", id=7, truth="x")) == "truth"
    assert leaks.answer_field(asks("?", expected="x", metadata={})) == "expected"
    with pytest.raises(UsageError, match=r"\(the first line has compliant, explanation\)"):
        leaks.answer_field(asks("?", compliant="yes", explanation="…"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.customer", "c1"),
        ("metadata.tags[1]", "b"),
        ("metadata.tags[-1]", "b"),
        ("metadata.tags[9]", None),
        ("metadata.customer.name", None),
        ("a.b", 1),  # a key that holds a dot comes first
    ],
)
def test_paths(path, value):
    example = {"metadata": {"customer": "c1", "tags": ["a", "b"]}, "a.b": 1}
    assert leaks.pick(example, path) == value


def test_leaks_name_both_places_once():
    parts = {
        "train": [asks("费率？", "0.30%"), asks("风险？", "R2")],
        "valid": [asks("起购？", "R2")],
        "test": [asks("风险", "中低"), asks("经理？", "王某"), asks("经 理", "王某")],
    }
    found = list(data.find_leaks(parts))
    assert found == [data.Leak("question", "train", 2, "test", 1)]  # within a part is no leak
    found = list(data.find_leaks(parts, answers=True))
    assert data.Leak("answer", "train", 2, "valid", 1) in found


def test_questions_that_are_alike():
    parts = {
        "train": [asks("请问稳健一号的管理费是多少？", "x"), asks("管理费是 0.50% 吗", "x")],
        "test": [
            asks("起购金额是多少？", "y"),
            asks("请问稳健一号的管理费是多少呢？", "y"),
            asks("管理费是 0.80% 吗", "y"),  # another number is another question
        ],
    }
    assert list(data.find_leaks(parts)) == [data.Leak("near_question", "train", 1, "test", 2)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "input", "preferred_output", "text"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["messages", "input", "preferred_output"]), json_values))
def test_nothing_that_json_can_hold_breaks_them(example):
    assert isinstance(leaks.question(example), str)
    leaks.answer(example)
    list(data.find_leaks({"a": [example], "b": [example]}, answers=True))
