"""The measures of text similarity: known values, and the same ones as the usual libraries."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.graders import fuzzy
from bankft.graders.similarity import MEASURES, bleu, cosine, gleu, meteor, rouge, rouge_l, tokens

ENGLISH = [
    ("the cat sat on the mat", "the cat sat on the mat"),
    ("the cat sat on the mat", "a cat sat on a mat"),
    ("on the mat sat the cat", "the cat sat on the mat"),
    ("fuzzy wuzzy was a bear", "fuzzy wuzzy had no hair"),
    ("the fund has a low risk", "The fund has a low risk, grade R2."),
    ("risk", "the risk grade of this fund is two"),
    ("nothing in common here", "entirely different words"),
    ("one two three four five six", "one two three four five seven"),
]


def test_tokens():
    assert tokens("R2级，稳健 fund!") == ["R2", "级", "，", "稳", "健", "fund", "!"]
    assert tokens("R2级，稳健 FUND!", signs=False) == ["r2", "级", "稳", "健", "fund"]
    assert tokens("") == []


@pytest.mark.parametrize("name", MEASURES)
def test_equal_texts_reach_one_and_strange_ones_zero(name):
    text = "该基金属于中低风险（R2），适合稳健型客户。"
    assert MEASURES[name](text, text) == pytest.approx(1.0, abs=0.001)
    assert MEASURES[name]("甲乙丙丁戊己", "子丑寅卯辰巳") == 0.0


@pytest.mark.parametrize(
    ("name", "text", "reference", "value"),
    [
        ("rouge_1", "a b c", "a b d", 2 / 3),
        ("rouge_2", "a b c", "a b d", 1 / 2),
        ("rouge_5", "a b c", "a b c", 0.0),  # no five words
        ("rouge_l", "a c b", "a b c", 2 / 3),
        ("gleu", "a b", "a b c", 3 / 6),
        ("fuzzy_match", "", "", 0.0),  # as rapidfuzz has it
        ("fuzzy_match", "R2", "r2!", 1.0),
        ("bleu", "", "a", 0.0),
        # Chinese is measured by characters
        ("rouge_1", "中低风险", "中高风险", 3 / 4),
        ("rouge_l", "保本保息", "不保本", 4 / 7),
    ],
)
def test_known_values(name, text, reference, value):
    assert MEASURES[name](text, reference) == pytest.approx(value)


chinese_and_english = st.lists(
    st.sampled_from([*"基金风险等级", " ", " fund ", "R2", "，", ". ", "the ", "a"]), max_size=25
).map("".join)


@given(chinese_and_english | st.text(max_size=20), chinese_and_english | st.text(max_size=20))
def test_every_measure_lies_between_0_and_1(text, reference):
    for measure in MEASURES.values():
        assert 0 <= measure(text, reference) <= 1 + 1e-9


def test_cosine():
    assert cosine([1, 0], [1, 0]) == 1
    assert cosine([1, 0], [0, 2]) == 0
    assert cosine([1, 1], [1, 0]) == pytest.approx(math.sqrt(0.5))
    assert cosine([0, 0], [1, 0]) == 0


# -- The usual libraries, where they are installed -------------------------------------------------

pair = st.tuples(chinese_and_english | st.text(max_size=30), chinese_and_english)


@settings(max_examples=300)
@given(pair)
def test_fuzzy_without_the_library_is_rapidfuzz(texts):
    library = pytest.importorskip("rapidfuzz").fuzz
    a, b = map(fuzzy._plain, texts)
    assert fuzzy._weighted(a, b) == pytest.approx(library.WRatio(a, b) / 100)


def test_what_is_compared_is_rapidfuzz_s():
    utils = pytest.importorskip("rapidfuzz").utils
    for text in ["  Fuzzy, WUZZY! ", "基金（R2）", "a_b-c", ""]:
        assert fuzzy._plain(text) == utils.default_process(text)


@pytest.mark.parametrize(("text", "reference"), ENGLISH)
def test_bleu_is_sacrebleu_s(text, reference):
    library = pytest.importorskip("sacrebleu")
    for a, b in [(text, reference), ("该基金属于中低风险", "该基金属于中高风险等级")]:
        how = "zh" if "基" in a else "13a"
        wanted = library.sentence_bleu(a, [b], tokenize=how, use_effective_order=True).score / 100
        assert bleu(a, b) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("text", "reference"), ENGLISH)
def test_gleu_and_meteor_are_nltk_s(text, reference):
    pytest.importorskip("nltk")
    from nltk.translate.gleu_score import sentence_gleu
    from nltk.translate.meteor_score import single_meteor_score

    class Same:
        def stem(self, word):
            return word

    class NoSynonyms:
        def synsets(self, word):
            return []

    given, wanted = tokens(text), tokens(reference)
    assert gleu(text, reference) == pytest.approx(sentence_gleu([wanted], given))
    given, wanted = tokens(text.lower()), tokens(reference.lower())
    theirs = single_meteor_score(wanted, given, str, Same(), NoSynonyms())
    assert meteor(text, reference) == pytest.approx(theirs)


@pytest.mark.parametrize(("text", "reference"), ENGLISH)
def test_rouge_is_rouge_score_s(text, reference):
    scorer = pytest.importorskip("rouge_score.rouge_scorer")
    names = [*(f"rouge{n}" for n in range(1, 6)), "rougeL"]
    theirs = scorer.RougeScorer(names).score(reference, text)
    for n in range(1, 6):
        assert rouge(text, reference, n=n) == pytest.approx(theirs[f"rouge{n}"].fmeasure)
    assert rouge_l(text, reference) == pytest.approx(theirs["rougeL"].fmeasure)
