import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import tokens
from bankft.errors import MissingExtra, UsageError

# Text, tokens in o200k_base (as gpt-tokenizer 4.0, another implementation, counts them).
O200K = [
    ("", 0),
    ("hello world", 2),
    ("稳健一号的管理费是每年1.20%。仅供参考，不构成投资建议。", 23),
    ("基金有风险，投资需谨慎。", 9),
    ("😀👍🏽👨‍👩‍👧‍👦🇨🇳", 19),
    ("def f(x):\n    return x**2  # 平方\n", 14),
    ("The risk grade of Apricot Wood Index is R4 (medium-high).\r\n\n  It's", 18),
    ("<|endoftext|>", 7),  # text that spells a special token is text
    ("１２３４５６７ ０风险", 9),
    ("   leading and trailing   ", 5),
]


@pytest.mark.fast
@pytest.mark.parametrize(("text", "n"), O200K)
def test_counts_are_those_of_another_implementation(text, n):
    assert tokens.count(text) == n


@pytest.mark.fast
def test_the_base_models_own_tokens():
    # A merge of its vocabulary, and what it spells byte by byte.
    assert tokens.count("仅供参考，不构成投资建议。", encoding="bankft-nano") < 10
    assert tokens.count("", encoding="bankft-nano") == 0
    assert tokens.count("<|endoftext|>", encoding="bankft-nano") > 1


@pytest.mark.fast
@given(st.text(), st.sampled_from(tokens.ENCODINGS))
def test_any_text_has_a_count(text, encoding):
    assert 0 <= tokens.count(text, encoding=encoding) <= len(text.encode())


def test_half_a_character_is_one_that_is_unreadable():
    for encoding in (*tokens.ENCODINGS, tokens.ESTIMATE):
        if tokens.available(encoding):
            assert tokens.count("a\ud800b", encoding=encoding) >= 1


def test_an_estimate_is_near_on_running_text():
    assert tokens.estimate("") == 0
    assert 23 <= tokens.estimate("稳健一号的管理费是每年1.20%。仅供参考，不构成投资建议。") <= 30
    assert tokens.estimate("What is the management fee?") == 7


def test_what_is_not_installed_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name in ("splintr", "tokenizers"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    tokens.counter.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    try:
        for encoding in tokens.ENCODINGS:
            with pytest.raises(MissingExtra, match=r"bankft\[data\]"):
                tokens.count("x", encoding=encoding)
            assert not tokens.available(encoding)
    finally:
        tokens.counter.cache_clear()


def test_an_unknown_encoding_is_named():
    with pytest.raises(UsageError, match="no encoding 'cl100k'"):
        tokens.count("x", encoding="cl100k")
