"""The guard of a stream: nothing of a prohibited phrase gets out, however it is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft import compliance
from tests.compliance.sentences import COMPLIANT, VIOLATING, listed


def guarded(pieces):
    """Return what was let through, and the finding that stopped it."""
    said = []
    try:
        for piece in compliance.guard(pieces):
            said.append(piece)
    except compliance.ProhibitedWording as stopped:
        return stopped.shown, stopped.finding  # which is what was yielded: see below
    return "".join(said), None


def cut(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("text", listed(COMPLIANT))
def test_what_is_fine_comes_through_whole(text):
    assert guarded(cut(text, 3)) == (text, None)


# What is offered against a risk class is judged on the whole answer, not on the stream.
@pytest.mark.parametrize("text", listed(VIOLATING))
def test_a_violation_is_stopped_before_it_is_shown(text):
    judged = compliance.check(text).findings
    wrong = [
        one
        for one in judged
        if one.verdict == "violation" and not one.rule.startswith(("missing-", "suitability-above"))
    ]
    said, finding = guarded(cut(text, 2))
    if wrong:
        first = min(one.start for one in wrong)
        assert said == text[:first]
        assert finding.start == first
        assert text[finding.start : finding.end] == finding.text
    else:
        assert (said, finding) == (text, None)


def test_ordinary_text_is_passed_on_at_once():
    pieces = ["晨曦货币", "由叶长青", "负责，基金代码", "为QH1382，请见谅。"]
    assert list(compliance.guard(pieces)) == pieces


def test_what_may_become_a_phrase_is_held_back_no_longer_than_needed():
    said = list(compliance.guard(["晨曦货币不", "保本", "，" + "净值可能亏损，" * 5, "谢谢"]))
    assert said[0] == "晨曦货币"  # 不 may begin 不亏
    assert len(said) > 1  # and does not wait for the end


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([*listed(VIOLATING), *listed(COMPLIANT)]),
    st.sampled_from([*listed(VIOLATING), *listed(COMPLIANT)]),
    st.lists(st.integers(1, 7), min_size=1, max_size=8),
)
def test_the_cuts_change_nothing(first, second, sizes):
    text = first + second
    pieces, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        pieces.append(text[at : at + size])
        at, turn = at + size, turn + 1
    assert guarded(pieces) == guarded([text])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "保",
                "本",
                "不",
                "稳赚",
                "，",
                "。",
                "没有",
                "guaranteed ",
                "not ",
                " ",
                "\ud800",
                "吗？",
                "是违规的",
                "确实",
            ]
        ),
        max_size=10,
    )
)
def test_any_text_streams(pieces):
    said, finding = guarded(pieces)
    assert "".join(pieces).startswith(said)
    assert (finding is None) == (said == "".join(pieces))
