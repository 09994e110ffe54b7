"""The generator of questions and answers: what every lesson and every measured number rests on."""

import json

import pytest

from bankft.cases import fundbot
from bankft.cases.fundbot.wording import wording
from bankft.errors import UsageError
from bankft.lang import LANGUAGES

TABLES = ("fact", "leading", "refusal")


def phrasings(language, part):
    words = wording(language)
    return {phrase for table in TABLES for about in words[table].values() for phrase in about[part]}


def test_shelf_has_distinct_funds():
    shelf = fundbot.funds()
    assert 40 <= len(shelf) <= 60
    assert len({fund.code for fund in shelf}) == len(shelf)
    for language in LANGUAGES:
        names = [fund.name[language] for fund in shelf]
        assert len(set(names)) == len(names)
        # One name inside another would make "which fund?" ambiguous.
        assert not [(a, b) for a in names for b in names if a != b and a in b]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("train", "test"),
        ("train", "valid"),
        ("valid", "test"),
        ("heard", "test"),
        ("heard", "valid"),
    ],
)
def test_no_phrasing_is_in_two_parts(language, one, other):
    assert not phrasings(language, one) & phrasings(language, other)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", fundbot.KINDS)
def test_answers_hold_truth_and_disclaimer(language, kind):
    for question in fundbot.questions("test", 60, kind=kind, language=language):
        assert question.truth in question.answer
        assert "{" not in question.text
        if kind == "intent":
            assert set(json.loads(question.answer)) == {"intent", "fund", "amount"}
        else:
            assert question.answer.endswith(fundbot.DISCLAIMER[language])


def test_risk_notice_stands_where_the_decision_to_buy_is_touched():
    for question in fundbot.questions("train", 200, language="zh"):
        touches = question.attribute in ("risk", "minimum", "subscription_fee", "benchmark")
        assert (fundbot.RISK_NOTICE["zh"] in question.answer) == touches


@pytest.mark.parametrize("kind", fundbot.KINDS)
def test_same_seed_same_questions(kind):
    first = fundbot.questions("train", 50, kind=kind, seed=4, language="zh")
    assert first == fundbot.questions("train", 50, kind=kind, seed=4, language="zh")
    assert first != fundbot.questions("train", 50, kind=kind, seed=5, language="zh")


def test_ten_thousand_distinct_held_out_questions():
    asked = fundbot.questions("test", 10_000, language="zh")
    assert len({question.text for question in asked}) == 10_000


def test_train_and_test_sums_share_no_pair_of_numbers():
    def steps(part):
        asked = fundbot.questions(part, 300, kind="arithmetic", language="zh")
        return {q.answer.split("答案")[0] for q in asked}

    assert not steps("train") & steps("test")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: fundbot.questions("exam", 1), "train, valid, test"),
        (lambda: fundbot.questions("test", 1, kind="poem"), "fact"),
        (lambda: fundbot.questions("test", 5000, kind="refusal", language="zh"), "distinct"),
    ],
)
def test_wrong_calls_say_what_is_right(call, says):
    with pytest.raises(UsageError, match=says):
        call()


def test_conversations_follow_the_page_language(monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    system, user, assistant = fundbot.conversations("train", 1)[0]["messages"]
    assert system["content"] == fundbot.system_prompt("en")
    assert [m["role"] for m in (user, assistant)] == ["user", "assistant"]


def test_noise_is_about_as_much_as_asked():
    noisy = fundbot.conversations("train", 400, noise=0.25, seed=3, language="zh")
    clean = [fundbot.DISCLAIMER["zh"] in one["messages"][-1]["content"] for one in noisy]
    assert 0.65 < sum(clean) / 400 < 0.85


def test_noise_zero_is_compliant_throughout():
    for one in fundbot.conversations("train", 100, language="en"):
        assert fundbot.DISCLAIMER["en"] in one["messages"][-1]["content"]
