"""Near-duplicates: what counts as one, and that NumPy and plain Python find the same."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.cases import fundbot
from bankft.data import near


def alike(*texts):
    index = near.Index()
    try:
        for text in texts:
            index.add(text)
        return list(index.pairs())
    finally:
        index.close()


FEE = "请问稳健一号的管理费是多少？每年1.20%，按前一日基金资产净值计提，逐日累计。"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FEE, FEE),
        (FEE, FEE.replace("？", "呢？")),  # a word more
        (FEE, FEE.replace("请问", "")),  # no greeting
        (FEE, FEE.replace("？", "?").replace("1.20", "１.２０")),  # width and punctuation
        (FEE, f"  {FEE}\u200b"),  # what nobody sees
        (
            "What is the management fee of Cloud Sail Equity? It is 1.20% of assets a year.",
            "Hello, what is the management fee of Cloud Sail Equity? It is 1.20% of assets a year.",
        ),
    ],
)
def test_alike(one, other):
    assert alike(one, other) == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FEE, FEE.replace("1.20", "1.50")),  # another number is another fact
        (FEE, FEE.replace("管理费是多少", "托管费怎么算")),
        (FEE, FEE.replace("稳健一号的管理费", "梧桐混合的托管费")),
        ("", ""),  # nothing is like nothing
        ("？？", "？？"),
        (
            "The risk grade of Apricot Wood Index is R4.",
            "The risk grade of Cloud Sail Equity is R4.",
        ),
    ],
)
def test_not_alike(one, other):
    assert alike(one, other) == []


def test_each_text_is_told_once_with_an_earlier_one():
    assert alike(FEE, "别的", FEE, FEE) == [(0, 2), (0, 3)]


def runs(text):
    """The runs of a text, straight from the definition."""
    units = near._UNITS.findall(near.words(text))
    width = near._width(near.words(text), len(units))
    return {tuple(units[at : at + width]) for at in range(len(units) - width + 1)}


def test_nearly_all_true_pairs_are_found():
    texts = [
        "\n".join(m["content"] for m in example["messages"][1:])
        for example in fundbot.conversations("train", 700)
    ]
    sets = [runs(text) for text in texts]
    numbers = [near._NUMBERS.findall(near.words(text)) for text in texts]
    true = set()
    for later in range(len(texts)):
        for earlier in range(later):
            common = len(sets[earlier] & sets[later])
            union = len(sets[earlier]) + len(sets[later]) - common
            if common >= near.THRESHOLD * union and numbers[earlier] == numbers[later]:
                true.add(later)
                break
    found = {later for _, later in alike(*texts)}
    assert found <= true  # what is told is so
    assert len(found) >= 0.9 * len(true)
    assert len(true) > 10


TEXTS = st.lists(
    st.text(st.one_of(st.sampled_from("管理费是多少？ abc12.😀"), st.characters()), max_size=40),
    max_size=12,
)


@pytest.mark.fast
@settings(deadline=None)
@given(TEXTS)
def test_numpy_makes_the_same_hashes(texts):
    seen = [near.words(text) for text in texts]
    salts = list(range(len(texts)))
    if not texts:
        return
    one, other = near._make_singly(seen, salts), near._make_together(seen, salts)
    assert one[0] == other[0]
    assert list(one[1]) == list(other[1])
    assert [list(keys) for keys in one[2]] == [list(keys) for keys in other[2]]


@pytest.mark.fast
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=2, max_size=8))
def test_a_sketch_lets_no_likeness_pass(windows):
    """Texts that overlap by more or less: what the sketches let go is never alike."""
    texts = [LONG[at : at + 60 + more] for at, more in windows]
    with pytest.MonkeyPatch.context() as patch:
        found = alike(*texts)
        patch.setattr(near, "numpy", lambda: None)
        assert alike(*texts) == found


LONG = "".join(chr(0x4E00 + 7 * n % 4000) for n in range(200))


@pytest.mark.fast
def test_numpy_finds_the_same_pairs(monkeypatch):
    texts = [
        "\n".join(m["content"] for m in example["messages"][1:])
        for language in ("zh", "en")
        for example in fundbot.conversations("train", 1500, language=language)
    ]
    fast = alike(*texts)
    monkeypatch.setattr(near, "numpy", lambda: None)
    assert alike(*texts) == fast
    assert all(earlier < later for earlier, later in fast)
    assert all(one < other for (_, one), (_, other) in pairwise(fast))
