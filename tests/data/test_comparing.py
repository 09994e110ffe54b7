"""Texts in the form in which they are compared: alone and many at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.data.comparing import Comparing, form

TEXTS = st.lists(st.text(st.characters() | st.sampled_from("费率：０％\u200b…㎡ßİ\0 "), max_size=8))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("管理费是多少？", "管理费 是多少", True),  # marks and blanks
        ("ＦＥＥ", "fee", True),  # width and case
        ("保\u200b本", "保本", True),  # a character that nobody sees
        ("0.30%", "030%", True),  # a point is no letter …
        ("费率", "费用", False),
    ],
)
def test_what_is_written_differently_sounds_alike(one: str, other: str, same: bool) -> None:
    assert (form(one).letters == form(other).letters) is same


def test_marks_of_a_number_are_kept_where_answers_are_compared() -> None:
    assert form("0.30%").bare != form("030%").bare  # … but makes another number
    assert form("费率为 0.30%。").bare == form("费率为0.30%").bare


@pytest.mark.fast
@settings(deadline=None)  # the first one loads NumPy
@given(TEXTS)
def test_many_at_once_are_what_each_is_alone(texts: list[str]) -> None:
    numpy = pytest.importorskip("numpy")
    assert Comparing(numpy).forms(texts) == Comparing(None).forms(texts)
