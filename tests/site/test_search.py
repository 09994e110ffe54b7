import pytest

pytest.importorskip("sphinx")
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.site.search import Bigrams

CASES = [
    ("监督微调", ["监督", "督微", "微调"]),
    ("违规", ["违规", "违", "规"]),  # a word of two characters is found by one of them, too
    ("率", ["率"]),
    ("LoRA 显存", ["LoRA", "显存", "显", "存"]),
    ("SFT与RFT", ["SFT", "与", "RFT"]),
    ("仅供参考，不构成", ["仅供", "供参", "参考", "不构", "构成"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "words"), CASES)
def test_text_is_cut_into_pairs(text, words):
    assert Bigrams({}).split(text) == words


CHINESE = st.text(
    alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=8
)


@settings(deadline=None)
@given(CHINESE, CHINESE, CHINESE)
def test_every_phrase_in_a_text_is_found(before, phrase, after):
    indexed = {Bigrams({}).stem(word) for word in Bigrams({}).split(before + phrase + after)}
    asked = [
        phrase[at : at + 2] for at in range(len(phrase) - 1)
    ]  # as the script in the page cuts it
    assert set(asked) <= indexed


def test_numbers_alone_are_not_indexed_because_queries_drop_them():
    search = Bigrams({})
    assert not search.word_filter("2026")
    assert search.word_filter("v1")
