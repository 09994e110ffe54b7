"""What is compiled sums to the same, and lets the same through, as what it stands for."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft import compliance
from bankft.cases import fundbot
from bankft.compliance import disguise, tenor
from tests.compliance.test_checker import TEXTS

pytestmark = pytest.mark.fast
pytest.importorskip("numba")

LABELLED = Path(__file__).parent / "labelled"
SENTENCES = [
    json.loads(line)["text"]
    for half in ("dev", "held_out", "exam")
    for line in (LABELLED / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
]
# What the sums treat in a way of its own: figures, ends of words, blanked notices, closing marks.
ODD = [*"0159.,'~^$%!?。”’)\n\x00\t\u2003\x85a😀保", "1.5", "ing", "ies", "'s", "the fund ", " ~ "]
ODDLY = st.lists(st.sampled_from(ODD), min_size=1, max_size=40).map("".join)


@pytest.fixture(scope="module")
def sums():
    from bankft.compliance.sums import Sums

    return Sums(tenor._shipped(), tenor.SAID, tenor.SAID_ALONE, tenor._PASSAGE)


@pytest.fixture
def at_once(monkeypatch):
    """Use what is compiled from the first text on."""
    monkeypatch.setattr(tenor, "_MANY", 0)


def above(text):
    """Tell by `tenor.weigh` what `Sums.above` tells."""
    for begin, end in tenor.passages(text):
        passage = tenor._BLANKED.sub("", text[begin:end])
        if tenor.weigh(passage) > tenor.SAID[tenor.language(passage)]:
            return True
        sentences = [one[0] for one in tenor._SENTENCE.finditer(text, begin, end)]
        if len(sentences) > 1 and any(
            tenor.weigh(one) > tenor.SAID_ALONE[tenor.language(one)] for one in sentences
        ):
            return True
    return False


def test_the_labelled_sentences_weigh_the_same(sums):
    for text in SENTENCES:
        reading = disguise.read(text).text
        if reading:
            assert sums.weigh(reading) == tenor.weigh(reading), text
        assert sums.above(reading or " ") == above(reading), text


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(ODDLY, TEXTS.filter(bool)))
def test_any_text_weighs_the_same(sums, text):
    bare = tenor._BLANKED.sub("", text)
    if bare and tenor.language(text) == tenor.language(bare):
        assert sums.weigh(text) == tenor.weigh(text)
    assert sums.above(text) == above(text)


def test_passages_of_many_sentences_weigh_the_same(sums):
    for at in range(0, len(SENTENCES), 7):
        text = disguise.read("".join(SENTENCES[at : at + 5])).text
        assert sums.above(text) == above(text), text


def test_the_labelled_sentences_are_judged_the_same_without_it(at_once):
    for text in SENTENCES:
        assert compliance.check(text, native=True) == compliance.check(text, native=False), text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", fundbot.KINDS)
def test_the_answers_of_the_running_case_are_judged_the_same_without_it(at_once, kind, language):
    many = {"refusal": 12}.get(kind, 100)
    for question in fundbot.questions("test", many, kind=kind, language=language):
        with_it = compliance.check(question.answer, native=True)
        assert with_it == compliance.check(question.answer, native=False), question.answer


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(ODDLY, TEXTS, st.lists(st.sampled_from(SENTENCES), max_size=4).map("".join)))
def test_any_text_says_the_same_without_it(text):
    reading = disguise.read(text).text
    seen, tenor._seen = tenor._seen, tenor._MANY
    try:
        assert tenor.said(reading) == tenor.said(reading, native=False)
    finally:
        tenor._seen = seen
