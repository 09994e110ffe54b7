import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.data import shapes, tool_calls, wording

SYSTEM = {"role": "system", "content": "你是基金助手。"}
USER = {"role": "user", "content": "稳健一号的管理费是多少？"}
ANSWER = {"role": "assistant", "content": "每年 1.20%。仅供参考，不构成投资建议。"}
TOOLS = [{"type": "function", "function": {"name": "fee", "parameters": {"type": "object"}}}]


def call(name="fee", arguments='{"fund": "稳健一号"}', id="1"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls, **more):
    return {"role": "assistant", "tool_calls": list(calls), **more}


def result(id="1"):
    return {"role": "tool", "tool_call_id": id, "content": "1.20%"}


def found(example, method="supervised"):
    return [(field, code) for field, code, _ in shapes.problems(example, method)]


def chat(*messages, **more):
    return {"messages": list(messages), **more}


@pytest.mark.parametrize(
    "example",
    [
        chat(USER, ANSWER),
        chat(SYSTEM, USER, ANSWER, USER, ANSWER),
        chat({"role": "developer", "content": "简短。"}, USER, ANSWER),
        chat(USER | {"name": "customer_1"}, ANSWER | {"weight": 1}),
        chat(USER, ANSWER | {"weight": 0}, USER, ANSWER),
        chat(USER, calling(call()), tools=TOOLS),  # the call itself is what is learnt
        chat(USER, calling(call(), content=""), result(), ANSWER, tools=TOOLS),
        chat(
            USER,
            calling(call(), call(id="2")),  # two at once, answered in any order
            result("2"),
            result("1"),
            ANSWER,
            tools=TOOLS,
            parallel_tool_calls=True,
        ),
        chat(USER, calling(call(arguments="{}")), result(), calling(call()), tools=TOOLS),
        chat(USER, {"role": "assistant", "refusal": "这个不能回答。"}),
        chat(USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "不能。"}]}),
        chat(USER | {"content": [{"type": "text", "text": "费率？"}]}, ANSWER),
    ],
)
def test_what_the_api_takes_for_supervised_training_is_no_problem(example):
    assert found(example) == []


@pytest.mark.parametrize(
    ("example", "field", "code"),
    [
        # who says what, in which order
        ({}, "messages", "missing_messages"),
        (chat(SYSTEM, USER), "messages[1].role", "last_not_assistant"),
        (chat(USER, USER, ANSWER), "messages[1].role", "role_order"),
        (chat(USER, calling(call()), ANSWER, tools=TOOLS), "messages[2].role", "role_order"),
        (chat(SYSTEM, ANSWER, USER, ANSWER), "messages", "no_question"),
        (chat(ANSWER), "messages[0].role", "role_order"),  # nothing at all to answer
        # weight
        (chat(USER, ANSWER | {"weight": 2}), "messages[1].weight", "wrong_weight"),
        (chat(USER, ANSWER | {"weight": None}), "messages[1].weight", "wrong_weight"),
        (chat(USER | {"weight": 0}, ANSWER), "messages[0].weight", "weight_ignored"),
        (chat(USER, ANSWER | {"weight": 0}), "messages", "nothing_learnt"),
        # content that a text model cannot read
        (
            chat(USER | {"content": [{"type": "image_url", "image_url": {"url": "x"}}]}, ANSWER),
            "messages[0].content[0]",
            "not_text",
        ),
        (
            chat(
                USER | {"content": [{"type": "text", "text": "听"}, {"type": "input_audio"}]},
                ANSWER,
            ),
            "messages[0].content[1]",
            "not_text",
        ),
        (chat(USER | {"content": []}, ANSWER), "messages[0].content", "empty_content"),
        (
            chat(USER | {"content": [{"type": ["text"]}]}, ANSWER),
            "messages[0].content",
            "wrong_content",
        ),
        (
            chat(USER, {"role": "assistant", "content": "", "tool_calls": None}),
            "messages[1].content",
            "empty_content",
        ),
        # names and keys
        (chat(USER | {"name": "张 三"}, ANSWER), "messages[0].name", "wrong_name"),
        (chat(USER | {"name": 5}, ANSWER), "messages[0].name", "wrong_name"),
        (chat(USER | {"contents": "?"}, ANSWER), "messages[0]", "unknown_key"),
        (chat(USER, ANSWER, tool=TOOLS), "", "unknown_key"),
        # tools offered
        (chat(USER, ANSWER, tools=[]), "tools", "wrong_tools"),
        (chat(USER, ANSWER, tools={}), "tools", "wrong_tools"),
        (chat(USER, ANSWER, tools=[TOOLS[0]["function"]]), "tools[0].function", "wrong_tool"),
        (
            chat(USER, ANSWER, tools=[{"type": "function", "function": {"name": "查费率"}}]),
            "tools[0].function.name",
            "wrong_tool_name",
        ),
        (chat(USER, ANSWER, tools=TOOLS * 2), "tools[1].function.name", "duplicate_tool"),
        (
            chat(
                USER,
                ANSWER,
                tools=[{"type": "function", "function": {"name": "f", "parameters": []}}],
            ),
            "tools[0].function.parameters",
            "wrong_parameters",
        ),
        (
            chat(USER, ANSWER, parallel_tool_calls=0),
            "parallel_tool_calls",
            "wrong_parallel_tool_calls",
        ),
        (chat(USER, ANSWER, functions=[{"name": "fee"}]), "functions", "legacy_functions"),
        # tools called
        (
            chat(USER, calling(content="？"), tools=TOOLS),
            "messages[1].tool_calls",
            "wrong_tool_calls",
        ),
        (
            chat(USER, calling({"id": "1"}), tools=TOOLS),
            "messages[1].tool_calls[0]",
            "wrong_tool_call",
        ),
        (
            chat(USER, calling(call(arguments={"fund": "稳健一号"})), tools=TOOLS),  # not a string
            "messages[1].tool_calls[0].function.arguments",
            "arguments_not_json",
        ),
        (
            chat(USER, calling(call(arguments="{'fund': 1}")), tools=TOOLS),  # Python, not JSON
            "messages[1].tool_calls[0].function.arguments",
            "arguments_not_json",
        ),
        (
            chat(USER, calling(call(arguments='["稳健一号"]')), tools=TOOLS),
            "messages[1].tool_calls[0].function.arguments",
            "arguments_not_json",
        ),
        (chat(USER, calling(call())), "tools", "missing_tools"),
        (
            chat(USER, calling(call("fees")), tools=TOOLS),
            "messages[1].tool_calls[0].function.name",
            "unknown_tool",
        ),
        # calls and results
        (
            chat(USER, calling(call()), result("2"), result(), ANSWER, tools=TOOLS),
            "messages[2].tool_call_id",
            "wrong_tool_call_id",
        ),
        (
            chat(USER, calling(call()), result(), result(), ANSWER, tools=TOOLS),  # answered twice
            "messages[3].tool_call_id",
            "wrong_tool_call_id",
        ),
        (
            chat(USER, calling(call(), call(id="2")), result(), ANSWER, tools=TOOLS),
            "messages[1].tool_calls",
            "unanswered_call",
        ),
        (
            chat(USER, calling(call(), call()), result(), ANSWER, tools=TOOLS),
            "messages[1].tool_calls",
            "duplicate_call_id",
        ),
        # another format altogether is said in one sentence
        ({"prompt": "问：", "completion": "答"}, "", "other_format"),
        ({"instruction": "翻译", "input": "fund", "output": "基金"}, "", "other_format"),
        ({"conversations": [{"from": "human", "value": "?"}]}, "", "other_format"),
        ({"input": chat(USER), "preferred_output": [ANSWER]}, "", "wrong_method"),
    ],
)
def test_one_mistake_is_found_once_and_where_it_stands(example, field, code):
    assert found(example) == [(field, code)]


def test_the_old_way_to_call_a_function_is_read_with_a_warning():
    example = chat(
        USER,
        {"role": "assistant", "function_call": {"name": "fee", "arguments": "{}"}},
        {"role": "function", "name": "fee", "content": "1.20%"},
        ANSWER,
        functions=[{"name": "fee", "parameters": {"type": "object"}}],
    )
    assert found(example) == [("functions", "legacy_functions")]
    del example["messages"][2]["name"]
    assert found(example)[0] == ("messages[2].name", "missing_name")
    example["messages"][1]["function_call"]["name"] = "fees"
    assert ("messages[1].function_call.name", "unknown_tool") in found(example)


WORSE = {"role": "assistant", "content": "大约百分之一吧。仅供参考，不构成投资建议。"}


def pair(better=ANSWER, worse=WORSE, **more):
    return {
        "input": chat(SYSTEM, USER),
        "preferred_output": [better],
        "non_preferred_output": [worse],
    } | more


@pytest.mark.parametrize(
    ("example", "problems"),
    [
        (pair(), []),
        (pair(input=chat(USER, ANSWER, USER)), []),  # a conversation so far
        (pair(input=chat(USER, tools=TOOLS), better=calling(call())), []),
        (chat(USER, ANSWER), [("", "wrong_method")]),
        (
            {},
            [
                ("input", "missing_input"),
                ("preferred_output", "wrong_output"),
                ("non_preferred_output", "wrong_output"),
            ],
        ),
        (pair(input=[USER]), [("input", "missing_input")]),
        (pair(input=chat()), [("input.messages", "missing_messages")]),
        (pair(input=chat(USER, ANSWER)), [("input.messages[1].role", "last_not_user")]),
        (
            pair(input=chat(USER | {"content": ""})),
            [("input.messages[0].content", "empty_content")],
        ),
        (pair(preferred_output=ANSWER), [("preferred_output", "wrong_output")]),
        (pair(preferred_output=[ANSWER, ANSWER]), [("preferred_output", "wrong_output")]),
        (pair(worse=USER), [("non_preferred_output[0].role", "output_not_assistant")]),
        (pair(worse=dict(ANSWER)), [("non_preferred_output", "identical_outputs")]),
        (
            pair(worse=ANSWER | {"content": ANSWER["content"] + " "}),
            [("non_preferred_output", "identical_outputs")],
        ),
        (pair(chosen="…"), [("", "unknown_key")]),
        (
            {
                "input": chat(USER),
                "preferred_completion": [ANSWER],
                "non_preferred_completion": [WORSE],
            },
            [("preferred_completion", "old_key")],
        ),
    ],
)
def test_preference_pairs(example, problems):
    assert found(example, "dpo") == problems


@pytest.mark.parametrize(
    ("example", "problems"),
    [
        (chat(SYSTEM, USER, fee="1.20%"), []),
        (chat(USER, answer={"fund": "稳健一号", "fee": 1.2}, tools=TOOLS), []),
        (chat(USER, fee=0), []),  # zero is an answer
        (chat(USER), [("", "no_reference")]),
        (chat(USER, fee=None), [("fee", "empty_reference")]),
        (chat(USER, 费率=""), [("…", "empty_reference")]),
        (chat(USER, ANSWER, fee="1.20%"), [("messages[1].role", "last_not_user")]),
        (pair(), [("", "wrong_method")]),
    ],
)
def test_lines_for_a_grader(example, problems):
    assert found(example, "reinforcement") == problems


def test_every_code_has_a_sentence_in_both_languages_that_holds_no_value():
    secret = "13800138000"
    example = chat(USER | {"role": secret, secret: 1, "name": secret + " "}, ANSWER, **{secret: 1})
    for method in shapes.METHODS:
        for _, code, values in shapes.problems(example, method):
            for language in ("zh", "en"):
                assert secret not in wording.say(code, language, **values)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "messages",
                    "role",
                    "content",
                    "name",
                    "weight",
                    "tools",
                    "tool_calls",
                    "function",
                    "arguments",
                    "id",
                    "type",
                    "input",
                    "preferred_output",
                    "non_preferred_output",
                    "text",
                    "function_call",
                ]
            ),
            inner | st.sampled_from([*shapes.ROLES, "function", "text", "image_url"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["messages", "input", "tools", "functions"]), anything))
def test_nothing_that_json_can_hold_makes_it_stumble(example):
    for method in shapes.METHODS:
        for field, code, values in shapes.problems(example, method):
            assert isinstance(field, str)
            assert wording.say(code, "zh", **values)
    assert json.dumps(list(tool_calls.offered(example)))
