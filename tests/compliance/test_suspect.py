"""The signs of a disguise, with and without RE2."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.compliance.disguise import read
from bankft.compliance.suspect import suspicious
from tests.compliance.test_checker import TEXTS

pytestmark = pytest.mark.fast
pytest.importorskip("re2")

LABELLED = Path(__file__).parent / "labelled"
SENTENCES = [
    json.loads(line)["text"]
    for half in ("dev", "held_out", "exam")
    for line in (LABELLED / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
]
MARKS = [
    *" *.-_·/、,。!~'+=#…°😀🈚【】()“”<>{}\n|0123456789%$@n保本风险",
    "a",
    "risk",
    "g u",
    "r-",
    "bao",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("稳zuan不赔", True),
        ("保 本", True),
        ("l00%赚", True),
        ("n0 risk", True),
        ("guaran teed", True),
        ("r.i.s.k", True),
        ("本基金的管理费率为每年0.50%。", False),
        ("the fee is 0.50% a year.", False),
    ],
)
@pytest.mark.parametrize("native", [True, False])
def test_signs(text, expected, native):
    assert suspicious(text, native=native) is expected


def test_with_and_without_re2_the_same_is_suspicious():
    chance = random.Random(1)
    for text in SENTENCES:
        assert read(text) == read(text, native=False)
        hidden = list(text.lower())
        for _ in range(2):
            hidden.insert(chance.randrange(len(hidden) + 1), chance.choice(MARKS))
        shown = "".join(hidden)
        assert suspicious(shown) == suspicious(shown, native=False), shown


@settings(max_examples=500, deadline=None)
@given(st.one_of(TEXTS, st.lists(st.sampled_from(MARKS), max_size=30).map("".join)))
def test_of_any_text_the_same_is_suspicious(text):
    assert suspicious(text.lower()) == suspicious(text.lower(), native=False)
