import tracemalloc
from copy import deepcopy

import pytest

from bankft import data
from bankft.cases import fundbot
from bankft.errors import DataError, UsageError

SYSTEM = {"role": "system", "content": "你是基金助手。"}
USER = {"role": "user", "content": "稳健一号的管理费是多少？"}
ANSWER = {"role": "assistant", "content": "每年 1.20%。仅供参考，不构成投资建议。"}
FEE = {"id": "1", "type": "function", "function": {"name": "fee", "arguments": "{}"}}
CALL = {"role": "assistant", "tool_calls": [FEE]}
TOOL = {"role": "tool", "tool_call_id": "1", "content": "1.20%"}
TOOLS = [{"type": "function", "function": {"name": "fee", "parameters": {"type": "object"}}}]


def good(n):
    """Ten different examples with no problem in them, and more."""
    return [
        {"messages": [SYSTEM, USER | {"content": f"第 {i} 问：管理费多少？"}, ANSWER]}
        for i in range(n)
    ]


def found(messages, **options):
    """The problems of one example among nine good ones."""
    tools = {"tools": TOOLS} if "tool_calls" in str(messages) else {}
    report = data.check([*good(9), {"messages": messages, **tools}], **options)
    return [(p.field, p.code, p.severity) for p in report.problems]


def test_generated_data_has_no_problem():
    for language in ("zh", "en"):
        report = data.check(fundbot.conversations("train", 400, language=language))
        assert (report.examples, report.problems) == (400, ())
        assert report.ok
        # It is made from templates: greetings differ, the rest of some questions does not.
        assert {notice.code for notice in report.notices} == {"near_duplicate", "not_covered"}


@pytest.mark.parametrize(
    ("messages", "field", "code"),
    [
        (None, "messages", "missing_messages"),
        ([], "messages", "missing_messages"),
        ("你好", "messages", "missing_messages"),
        ([USER, "你好"], "messages[1]", "message_not_object"),
        ([USER, ANSWER | {"role": "bot"}], "messages[1].role", "unknown_role"),
        ([USER, ANSWER | {"role": None}], "messages[1].role", "unknown_role"),
        ([USER, ANSWER | {"role": ["user"]}], "messages[1].role", "unknown_role"),
        ([USER, {"role": "assistant"}], "messages[1].content", "missing_content"),
        ([USER, ANSWER | {"content": None}], "messages[1].content", "missing_content"),
        ([USER, ANSWER | {"content": " \n"}], "messages[1].content", "empty_content"),
        ([USER, ANSWER | {"content": 5}], "messages[1].content", "wrong_content"),
        ([USER, ANSWER | {"content": [{"type": "text"}]}], "messages[1].content", "wrong_content"),
        ([ANSWER], "messages[0].role", "role_order"),  # nobody asked
        ([USER, SYSTEM, ANSWER], "messages[1].role", "role_order"),
        ([USER, USER, ANSWER], "messages[1].role", "role_order"),
        ([USER, ANSWER, ANSWER], "messages[2].role", "role_order"),
        ([USER, TOOL, ANSWER], "messages[1].role", "role_order"),  # nobody called it
        ([USER, CALL, ANSWER], "messages[2].role", "role_order"),  # its result is missing
        ([SYSTEM, USER], "messages[1].role", "last_not_assistant"),
        ([SYSTEM], "messages[0].role", "last_not_assistant"),
        ([USER, CALL, TOOL], "messages[2].role", "last_not_assistant"),
        ([USER, ANSWER | {"weight": 0.5}], "messages[1].weight", "wrong_weight"),
        ([USER, ANSWER | {"weight": True}], "messages[1].weight", "wrong_weight"),
        ([USER, ANSWER | {"weight": "1"}], "messages[1].weight", "wrong_weight"),
    ],
)
def test_an_error_is_found_once_and_where_it_stands(messages, field, code):
    assert found(messages) == [(field, code, "error")]


@pytest.mark.parametrize(
    "messages",
    [
        [USER, ANSWER],  # no system message
        [{"role": "developer", "content": "简短。"}, SYSTEM, USER, ANSWER],
        [SYSTEM, USER, ANSWER, USER, ANSWER],
        [USER, ANSWER | {"weight": 0}, USER, ANSWER | {"weight": 1}],
        [USER, CALL, TOOL, ANSWER],
        [USER, CALL | {"content": None}, TOOL, ANSWER],
        [USER, {"role": "assistant", "content": "好的。", "weight": 0}, USER, ANSWER],  # not learnt
        [USER | {"content": [{"type": "text", "text": "费率？"}]}, ANSWER],
        [
            USER | {"content": "What is the management fee?"},
            ANSWER | {"content": "It is 1.20% a year. For reference only; not investment advice."},
        ],
    ],
)
def test_what_the_format_allows_is_no_problem(messages):
    assert found(messages) == []


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([USER, ANSWER | {"content": "每年 1.20%。"}], "missing_disclaimer"),
        (
            [
                USER,
                ANSWER
                | {"content": "It is 1.20% a year. For reference only; not investment advice."},
            ],
            "answer_language",
        ),
        (
            [USER, ANSWER | {"content": "稳赚不赔。仅供参考，不构成投资建议。"}],
            "prohibited_wording",
        ),
        ([USER | {"content": "稳健一号的管理费是多少\u200b？"}, ANSWER], "zero_width"),
        ([USER | {"content": "我的手机是13800138000"}, ANSWER], "personal_data"),
        ([USER | {"content": "长" * 65_537}, ANSWER], "too_long"),
    ],
)
def test_a_warning_does_not_keep_a_file_from_training(messages, code):
    ((_, found_code, severity),) = found(messages)
    assert (found_code, severity) == (code, "warning")
    assert data.check([*good(9), {"messages": messages}]).ok


def test_personal_data_is_named_by_kind_and_never_shown():
    text = "我叫张三，13800138000，zhang@bank.cn，卡6222021234567890128"
    report = data.check([*good(9), {"messages": [USER | {"content": text}, ANSWER]}], language="en")
    assert {p.code for p in report.problems} == {"personal_data"}
    said = " ".join(p.message for p in report.problems)
    assert "a mobile number" in said
    assert "a bank card number" in said
    assert not any(value in said for value in ("138", "zhang", "6222", "张三"))


def test_a_role_that_may_be_a_name_is_not_shown():
    for role in ("张三", "zhang@bank.cn", "x" * 99, "13800138000"):
        report = data.check([*good(9), {"messages": [USER, ANSWER | {"role": role}]}])
        assert role not in report.problems[0].message


def test_duplicates_and_contradictions_name_the_first_line():
    examples = good(12)
    examples[3] = deepcopy(examples[1])
    other = ANSWER | {"content": "每年 1.50%。仅供参考，不构成投资建议。"}
    examples[7]["messages"] = [SYSTEM | {"content": "另一个"}, examples[2]["messages"][1], other]
    report = data.check(examples, language="en")
    assert [(p.line, p.code, p.severity, p.message) for p in report.problems] == [
        (4, "duplicate_example", "warning", "Exactly the same as line 2: remove one of them."),
        (
            8,
            "contradicting_answers",
            "warning",
            "The same question as on line 3, with another answer: make them agree.",
        ),
    ]


def test_too_few_examples_are_said_in_the_services_words():
    report = data.check(good(7), language="en")
    (problem,) = report.problems
    assert (problem.line, problem.code, problem.severity) == (0, "invalid_n_examples", "error")
    assert problem.message == "Training file has 7 example(s), but must have at least 10 examples"
    assert data.check(good(10)).ok
    assert [p.code for p in data.check([]).problems] == ["invalid_n_examples"]


def test_messages_come_in_the_pages_language(monkeypatch):
    (chinese,) = data.check([*good(10), {}]).problems
    monkeypatch.setenv("BANKFT_LANG", "en")
    (english,) = data.check([*good(10), {}]).problems
    assert chinese.message == "缺少 messages，或它不是一个非空的列表。"
    assert english.message == "messages is missing, or is not a list with something in it."
    with pytest.raises(UsageError, match="no language 'de'"):
        data.check([], language="de")


def test_a_file_is_checked_like_a_list(tmp_path):
    path = data.write_jsonl(good(10), tmp_path / "t.jsonl")
    assert data.check(path) == data.check(str(path))
    assert data.check(path).problems == data.check(good(10)).problems == ()
    path.write_text(path.read_text(encoding="utf-8") + "\n{oops\n[]\n{}\n", encoding="utf-8")
    report = data.check(path)
    assert [(p.line, p.code) for p in report.problems] == [
        (11, "blank_line"),
        (12, "not_json"),
        (13, "not_object"),
        (14, "missing_messages"),
    ]
    assert report.examples == 13
    with pytest.raises(DataError, match="cannot be read"):
        data.check(tmp_path / "nothing.jsonl")


def test_a_binary_file_is_one_problem(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(bytes(range(256)) * 1000)
    codes = [p.code for p in data.check(path).problems]
    assert codes[-1] == "not_text_file"  # reading ended there
    assert len(codes) <= 101


def test_a_list_may_hold_anything():
    deep = current = {}
    for _ in range(10_000):
        current["messages"] = current = {}
    report = data.check(
        [*good(10), "text", None, {"messages": [USER, ANSWER], "x": deep}, {"messages": {1}}]
    )
    assert [p.code for p in report.problems] == [
        "not_object",
        "not_object",
        "unknown_key",
        "too_deep",
        "missing_messages",
    ]


def test_memory_stays_flat_whatever_the_size(tmp_path):
    path = tmp_path / "t.jsonl"
    with path.open("w") as file:
        for _ in range(50_000):
            file.write("[]\n")  # every line is wrong
    tracemalloc.start()
    report = data.check(path, language="en")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    assert len(report.problems) == 1_001
    assert report.problems[-1].message == (
        "49,000 more problems of this kind (not_object) are not listed."
    )
    assert not report.ok
