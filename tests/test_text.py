"""A text as a reader sees it, and where each of its characters was typed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft.text import see_through

HAN_APART = re.compile(r"(?<=[一-鿿])[ .·*]+(?=[一-鿿])")


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("plain, with\ttabs\n", "plain, with\ttabs\n"),  # nothing to see through
        ("１３８０", "1380"),  # full-width digits
        ("①②㈱", "12(株)"),  # one character that shows as several
        ("保\u200b本\u200d\ufeff", "保本"),  # zero-width space, joiner, byte order mark
        ("保\u0336本\u0336", "保本"),  # struck out by a combining stroke
        ("\u202e保本\u202c", "保本"),  # direction marks
        ("保\u3164本", "保本"),  # a filler that is a letter by its category
        ("a\x00b\x08c", "abc"),  # control characters in plain ASCII
        ("ﬁve ㎡", "five m2"),  # a ligature, a unit
        ("\ud800保", "\ud800保"),  # half a character stays
        ("e\u0301", "e"),  # a combining accent goes
        ("等等……", "等等……"),  # dots in ordinary text
        ("é", "é"),  # a composed one is a letter
        ("\U0010ffff本", "\U0010ffff本"),  # the last code point of all
    ],
)
def test_what_a_reader_sees(raw, seen):
    assert see_through(raw).text == seen


def test_further_characters_are_shown_as_others():
    table = str.maketrans("穩賺", "稳赚")
    assert see_through("Ａ穩賺，ａ穩", also=table).text == "A稳赚,a稳"
    view = see_through("Ａ穩\u200b賺", also=table)
    assert view.text == "A稳赚"
    assert view.span(1, 3) == (1, 4)
    assert see_through("穩賺", also=str.maketrans("穩", "隐")).text == "隐賺"  # its own table


def test_a_span_is_on_the_raw_text():
    view = see_through("面积㎡，保\u200b本")
    assert view.text == "面积m2,保本"
    assert view.span(2, 3) == (2, 3)  # half of ㎡ is all of it
    assert view.raw[slice(*view.span(5, 7))] == "保\u200b本"


def test_leaving_out_what_stands_between():
    view = see_through("说：保 . 本，稳*赚").without(HAN_APART)
    assert view.text == "说:保本,稳赚"
    assert view.raw[slice(*view.span(2, 4))] == "保 . 本"
    assert see_through("保本").without(HAN_APART).offsets is None  # nothing to leave out


@given(st.text(st.characters(exclude_categories=())))
def test_every_character_of_a_view_leads_back(raw):
    for view in (see_through(raw), see_through(raw).without(HAN_APART)):
        for index in range(len(view.text)):
            start, end = view.span(index, index + 1)
            assert end == start + 1
            assert view.text[index] in see_through(raw[start:end]).text


@given(st.text("保本稳赚０１，（　ab.12…㎡\u200b穩"))
def test_the_short_way_and_the_long_way_show_the_same(raw):
    table = str.maketrans("穩賺b", "稳赚8")
    whole = see_through(raw, also=table).text
    assert whole == "".join(see_through(char + "é", also=table).text[:-1] for char in raw)


def test_a_chain_of_characters_is_refused():
    with pytest.raises(ValueError, match="must not show as another"):
        see_through("甲", also=str.maketrans("甲乙", "乙丙"))
