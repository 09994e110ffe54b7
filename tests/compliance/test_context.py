"""What stands around a prohibited phrase, and what it is hidden in, decide."""

import pytest

from bankft import compliance
from tests.compliance import sentences_context as tables
from tests.compliance.sentences import listed


def said(text, **context):
    findings = compliance.check(text, **context).findings
    return [
        one
        for one in findings
        if one.verdict == "violation" and not one.rule.startswith("missing-")
    ]


@pytest.mark.parametrize("text", listed(tables.ASSERTED) + listed(tables.ASSERTED_EN))
def test_what_is_asserted_is_found(text):
    assert said(text)


@pytest.mark.parametrize("text", listed(tables.NOT_ASSERTED) + listed(tables.NOT_ASSERTED_EN))
def test_what_is_denied_forbidden_or_quoted_is_let_pass(text):
    assert said(text) == []


@pytest.mark.parametrize(
    ("question", "answer", "promised"),
    [
        ("这只基金保本吗？", "是的，没错。", True),
        ("Is my capital guaranteed?", "Yes, it is.", True),
        ("这只基金保本吗？", "不保本。", False),
        ("不保本是吧？", "对的，不保本。", False),
    ],
)
def test_to_agree_is_to_promise(question, answer, promised):
    assert bool(said(answer, question=question)) == promised
