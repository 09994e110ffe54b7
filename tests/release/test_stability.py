"""Drift of questions: the same is stable, another topic is not."""

import json

import pytest

from bankft.cases import fundbot
from bankft.errors import UsageError
from bankft.release import Profile, drift, profile


@pytest.fixture(scope="module")
def trained():
    return profile(q.text for q in fundbot.questions("train", 1500, language="zh"))


def test_more_of_the_same_is_stable(trained):
    asked = [q.text for q in fundbot.questions("train", 1000, language="zh", seed=7)]
    assert not drift(trained, asked).shifted


def test_another_language_is_a_shift(trained):
    asked = [q.text for q in fundbot.questions("train", 300, language="en")]
    assert drift(trained, asked).shifted


def test_other_topics_are_a_shift(trained):
    found = drift(trained, ["我的信用卡丢了怎么办？", "网点周末营业吗？", "怎么修改手机号？"] * 50)
    assert found.shifted


def test_it_can_be_kept(trained):
    assert Profile.from_dict(json.loads(json.dumps(trained.to_dict()))) == trained


def test_nothing_to_compare(trained):
    with pytest.raises(UsageError):
        profile([])
    with pytest.raises(UsageError):
        drift(trained, [])
