"""Prohibited wording in answers: each judged alone, and many at once."""

import pytest

from bankft.data import prohibited

FINE = (
    "管理费为每年1.20%。",
    "这只基金不保本。",
    "风险等级为R4（中高风险）。",
    "The fee is 1.20%.",
)
BROKEN = (
    "这只基金稳赚不赔。",
    "保 本保息，放心买。",  # written with blanks: in disguise
    "保.本产品，年化收益率保证8%。",
    "This fund is risk-free and returns are guaranteed.",
)


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    prohibited._fine.clear()


@pytest.mark.parametrize("answer", FINE)
def test_an_answer_that_breaks_no_rule(answer: str) -> None:
    assert prohibited.broken_rules([answer]) == [[]]


@pytest.mark.parametrize("answer", BROKEN)
def test_an_answer_that_breaks_a_rule(answer: str) -> None:
    assert prohibited.broken_rules([answer])[0]


def test_many_answers_at_once_are_judged_as_each_alone() -> None:
    """Among others an answer is neither excused nor blamed, wherever it stands."""
    many = [answer for broken in BROKEN for answer in (*FINE, broken, f"{FINE[0]}{broken}")]
    together = prohibited.broken_rules(many)
    alone = []
    for answer in many:
        prohibited._fine.clear()
        alone += prohibited.broken_rules([answer])
    assert together == alone
    assert [bool(rules) for rules in together[:6]] == [False] * 4 + [True] * 2
