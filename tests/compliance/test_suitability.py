"""Grades against classes, and offers found in answers."""

import pytest

from bankft import compliance
from bankft.compliance.suitability import offers
from bankft.errors import UsageError


@pytest.mark.parametrize("grade", range(1, 6))
@pytest.mark.parametrize("capacity", range(1, 6))
def test_the_matrix(grade, capacity):
    assert compliance.suitable(f"R{grade}", f"C{capacity}") == (grade <= capacity)


@pytest.mark.parametrize(("grade", "capacity"), [("R6", "C1"), ("R1", "C0"), ("r1", "C1")])
def test_what_is_no_grade_or_class_is_refused(grade, capacity):
    with pytest.raises(UsageError, match="use"):
        compliance.suitable(grade, capacity)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您是c2,推荐您购买r4基金。", [("R4", "C2")]),
        ("保守型客户可以买r3。", [("R3", "C1")]),
        ("推荐r4基金。", [("R4", None)]),
        ("该基金的风险等级为r4。", []),  # a fact
        ("c2客户不能购买r4产品。", []),  # a refusal
        ("c3客户可购买r3及以下的产品。", []),  # a bound
        ("we recommend an r5 fund for conservative clients.", [("R5", "C1")]),
        ("an r5 fund is not suitable for c1.", []),
    ],
)
def test_offers(text, found):
    assert [(one.grade, one.investor_class) for one in offers(text)] == found
