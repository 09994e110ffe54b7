"""Preference pairs: what is said to be wrong with the worse answer is wrong with it."""

import pytest

from bankft.cases import fundbot
from bankft.errors import UsageError
from bankft.rewards import FLAWS, draw_pairs, faults, fundbot_item, preference_pairs

# What the judge, which knows nothing of how pairs are made, must say of a flaw: one of these.
# A fund's type may stand in its name, so that the right word is there although the answer is wrong.
JUDGED = {
    "wrong_figure": {"missing_fact", "wrong_value"},
    "other_fund": {"missing_fact", "wrong_value"},
    "no_disclaimer": {"missing_notice"},
    "no_risk_notice": {"missing_notice"},
    "off_disclaimer": {"missing_notice"},
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", ["train", "test"])
def test_flaws_are_there_and_better_answers_lack_them(language, part):
    pairs = draw_pairs(150, language=language, part=part)
    assert {one.flaw for one in pairs} == set(FLAWS)
    for one in pairs:
        assert one.better != one.worse
        item = fundbot_item(one.question)
        if one.flaw in JUDGED:
            assert JUDGED[one.flaw] & {*faults(one.worse, item)}
        if one.flaw == "indirect":  # both compliant: one is better
            assert not faults(one.worse, item)
        if one.lesser:
            assert FLAWS.index(one.lesser) > FLAWS.index(one.flaw)
        else:
            assert one.better == one.question.answer


@pytest.mark.parametrize("language", ["zh", "en"])
def test_held_out_phrases_are_not_those_of_training(language):
    from bankft.rewards import phrases

    for group in (phrases.PROMISES, phrases.DISCLAIMERS, phrases.COURTESIES, phrases.DETOURS):
        assert not {*group[language]["train"]} & {*group[language]["held"]}
        assert {*group["zh"]} == {*group["en"]}
    promises = phrases.PROMISES[language]
    for one in draw_pairs(200, language=language, part="test"):
        assert not any(promise in one.worse for promise in promises["train"])


def test_questions_of_parts_share_no_template():
    parts = {
        part: {one.question.template for one in draw_pairs(200, language="zh", part=part)}
        for part in ("train", "valid", "test")
    }
    assert not parts["train"] & parts["test"]
    assert not parts["train"] & parts["valid"]


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.5])
def test_stated_share_of_labels_is_flipped(noise):
    pairs = draw_pairs(200, language="en", noise=noise)
    flipped = [one for one in pairs if one.flipped]
    assert len(flipped) == 200 * noise
    for one in flipped:
        assert one.example()["preferred_output"][0]["content"] == one.worse


def test_the_same_seed_gives_the_same_pairs():
    first = preference_pairs(50, language="zh", seed=1)
    assert first == preference_pairs(50, language="zh", seed=1)
    assert first != preference_pairs(50, language="zh", seed=2)
    assert len({str(one["input"]) for one in first}) == 50


def test_pairs_are_in_the_form_that_is_checked():
    pair = preference_pairs(1, language="zh")[0]
    assert set(pair) == {"input", "preferred_output", "non_preferred_output"}
    assert pair["input"]["messages"][0]["content"] == fundbot.system_prompt("zh")


@pytest.mark.parametrize(
    "how", [{"noise": 0.6}, {"noise": -0.1}, {"part": "other"}], ids=["much", "less", "part"]
)
def test_out_of_range_is_refused(how):
    with pytest.raises(UsageError):
        preference_pairs(10, language="zh", **how)
