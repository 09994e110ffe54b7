"""The language of patterns."""

import re

import pytest

from bankft.compliance.pattern import compile_patterns


def compile_pattern(source, groups):
    (pattern,) = compile_patterns(source, groups)
    return pattern


GROUPS = {"capital": ["本金", "本钱"], "certain": ["一定(会|能)?", "肯定"]}


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("保(本|息)", "我们保息", "保息"),
        ("{capital}..安全", "本金绝对安全", "本金绝对安全"),
        ("{capital}..安全", "本金，绝对安全", "本金，绝对安全"),  # the view has , for ，
        ("{capital}..安全", "本金,安全", None),  # a gap stays in its clause
        ("{capital}..2安全", "本金真的很安全", None),
        ("{certain}赚", "一定会赚", "一定会赚"),
        ("赚#%", "赚5.5%", "赚5.5%"),
        ("(?<!确)保本", "确保本", None),
        ("保本(?!人)", "参保本人", None),
        ("no risk", "no risk", "no risk"),
        ("risk ?free", "riskfree", "riskfree"),
        ("sure", "pressure", None),  # no Latin word inside another
        ("[确担]保", "担保", "担保"),
    ],
)
def test_patterns(source, text, found):
    match = compile_pattern(source, GROUPS).regex.search(text)
    assert (match[0] if match else None) == found


@pytest.mark.parametrize("source", ["保(本|息)收", "{capital}..安全", "{certain}赚钱?了"])
def test_every_match_holds_an_anchor(source):
    pattern = compile_pattern(source, GROUPS)
    for text in ("保本收", "保息收", "本金绝对安全", "本钱安全", "一定赚钱了", "肯定赚了"):
        match = pattern.regex.search(text)
        assert match is None or any(anchor in match[0] for anchor in pattern.anchors)


def test_a_beginning_is_recognised_until_it_is_none():
    pattern = compile_pattern("{capital}..2安全", GROUPS)
    begins = re.compile(pattern.beginning)
    assert pattern.firsts == {"本"}
    for text in ("本", "本金", "本金很", "本金真的", "本金很安", "本金很安全"):
        assert begins.match(text), text
    for text in ("本行", "本金真的很", "本金,", "本金很好了"):
        assert not begins.match(text), text


@pytest.mark.parametrize(
    "source", ["保(本", "保本)", "{none}", "?", "[]本", "..", "#", "(?<!a..)本"]
)
def test_a_pattern_that_cannot_be_read_is_refused(source):
    with pytest.raises(ValueError, match=r"[a-z]"):
        compile_patterns(source, GROUPS)
