"""English sentences of every kind: found where they break a rule, let pass where they do not."""

import pytest

from bankft import compliance
from tests.compliance.sentences import listed
from tests.compliance.sentences_en import COMPLIANT, VIOLATING


def violated(text):
    return {
        finding.rule
        for finding in compliance.check(text).findings
        if finding.verdict == "violation" and not finding.rule.startswith("missing-")
    }


@pytest.mark.parametrize("text", listed(VIOLATING))
def test_what_breaks_a_rule_is_found(text):
    assert violated(text)


@pytest.mark.parametrize("text", listed(COMPLIANT))
def test_what_only_looks_like_it_is_let_pass(text):
    assert violated(text) == set()
