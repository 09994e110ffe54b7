"""Templates: what they find, what they say when they find nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft.errors import DataError
from bankft.graders.template import NotJson, Unknown, problems, render

VALUES = {
    "item": {
        "answer": "R2",
        "number": 1.0,
        "none": None,
        "yes": True,
        "nested": {"list": [{"name": "基金"}, "b"], "a-b": 1, "a.b": 2, "0": "zero"},
        "基金": "稳健一号",
        "braces": "{{ item.answer }}",
    },
    "sample": {
        "output_text": '{"risk": {"grade": 2}}',
        "output_json": {"risk": {"grade": 2}},
        "output_tools": [{"function": {"name": "fee", "arguments": '{"fund": "A"}'}}],
        "choices": [{"message": {"content": "text"}}],
    },
}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("no variable", "no variable"),
        ("", ""),
        ("{{ item.answer }}", "R2"),
        ("{{item.answer}}", "R2"),
        ("{{\n item.answer \n}}", "R2"),
        ("a {{item.answer}}, b {{ item.answer }}", "a R2, b R2"),
        # other values stand as JSON does
        ("{{ item.number }}", "1.0"),
        ("{{ item.none }}", "null"),
        ("{{ item.yes }}", "true"),
        ("{{ item.nested.list }}", '[{"name": "基金"}, "b"]'),
        # paths
        ("{{ item.nested.list[0].name }}", "基金"),
        ("{{ item.nested.list[-1] }}", "b"),
        ('{{ item.nested["a.b"] }}', "2"),
        ("{{ item['answer'] }}", "R2"),
        ("{{ item.nested.a-b }}", "1"),
        ("{{ item.nested[0] }}", "zero"),  # a key may be a digit
        ("{{ item.基金 }}", "稳健一号"),
        # the sample
        ("{{ sample.output_json.risk.grade }}", "2"),
        ("{{ sample.output_tools[0].function.name }}", "fee"),
        ("{{ sample.output_tools[0].function.arguments }}", '{"fund": "A"}'),
        ("{{ sample.choices[0].message.content }}", "text"),
        # what was filled in is not read again
        ("{{ item.braces }}", "{{ item.answer }}"),
        # no placeholders
        ("{ item.answer }", "{ item.answer }"),
        ("{{ item.answer", "{{ item.answer"),
        ("{{" * 10**6, "{{" * 10**6),
    ],
)
def test_filled(text, filled):
    assert list(problems(text)) == []
    assert render(text, VALUES) == filled


@pytest.mark.parametrize(
    "text",
    [
        "{{ item.other }}",
        "{{ item.answer.deeper }}",
        "{{ item.nested.list[2] }}",
        "{{ item.nested.list.name }}",
        "{{ sample.output_audio.data }}",
        "{{ sample.output_json.other }}",
    ],
)
def test_what_is_not_there_is_unknown(text):
    with pytest.raises(Unknown):
        render(text, VALUES)


def test_an_answer_that_is_no_json():
    values = {"item": {}, "sample": {"output_text": "no"}}
    with pytest.raises(NotJson):
        render("{{ sample.output_json.risk }}", values)


@pytest.mark.parametrize(
    "text",
    [
        "{{}}",
        "{{ item }}",
        "{{ item. }}",
        "{{ .answer }}",
        "{{ items.answer }}",
        "{{ output_text }}",
        "{{ item.a b }}",
        "{{ item.a | upper }}",
        "{{ item.list[x] }}",
        "{{ item.a() }}",
        '{{"a": 1}}',
        "{{{ item }}}",
    ],
)
def test_what_cannot_be_read(text):
    assert len(list(problems(text))) == 1
    with pytest.raises(DataError):
        render(text, VALUES)


pieces = st.sampled_from(
    ["{{", "}}", " ", "item", "sample", ".", "[", "]", "0", "-1", '"', "'", "answer", "output_json"]
)


@given(st.lists(pieces | st.text(max_size=3), max_size=12).map("".join))
def test_nothing_else_is_raised(text):
    wrong = list(problems(text))
    try:
        render(text, VALUES)
    except (Unknown, NotJson):
        assert not wrong
    except DataError:
        assert wrong
    else:
        assert not wrong


def test_a_value_that_is_no_json():
    with pytest.raises(DataError):
        render("{{ item.a }}", {"item": {"a": object()}, "sample": {}})
