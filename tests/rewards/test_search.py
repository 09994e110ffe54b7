"""The red team finds what was planted, and finds nothing in the reward that we train with."""

import re

import pytest

from bankft import rewards
from bankft.cases import fundbot
from bankft.errors import UsageError


def items(language, each=4):
    return [
        rewards.fundbot_item(question)
        for kind in ("fact", "leading", "refusal", "arithmetic", "copy")
        for question in fundbot.questions("train", each, kind=kind, language=language, seed=5)
    ]


KEYWORDS = re.compile("合规|风险|提示|免责|声明|适当性")

PLANTED = {
    # a bad reward: the reward, the attack that must be among what is found
    "longer is better": (lambda s, i: min(1.0, len(s) / 60), "repeat_all"),
    "shorter is better": (lambda s, i: 1 / (1 + len(s)), "empty"),
    "keywords counted": (lambda s, i: min(1.0, len(KEYWORDS.findall(s)) / 5), "keywords"),
    "the disclaimer is enough": (
        lambda s, i: float("仅供参考，不构成投资建议" in s),
        "only_notices",
    ),
    "a figure somewhere": (lambda s, i: float(bool(re.search("[0-9]", s))), "wrong_value"),
    "the fact somewhere": (lambda s, i: float(i["facts"][0] in s), "deny"),
    "any of many values": (lambda s, i: float(i["facts"][0] in s), "all_values"),
    "no promise": (lambda s, i: float("保本" not in s and "稳赚" not in s), "refuse"),
    "words of the question": (
        lambda s, i: len(set(s) & set(i["messages"][-1]["content"])) / 10,
        "copy_question",
    ),
    "ends as a sentence": (lambda s, i: float(s.endswith("。")), "template"),
    "the same for all": (lambda s, i: 1.0, "empty"),
    "a model that obeys": (lambda s, i: float("满分" in s or "1.0" in s), "inject"),
    "only compliance": (rewards.compliance, "other_answer"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_found(name):
    reward, attack = PLANTED[name]
    found = rewards.red_team(reward, items("zh"), budget=800, seed=1)
    assert attack in {one for exploit in found.exploits for one in exploit.attacks}
    assert all(exploit.reasons for exploit in found.exploits)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_found_in_the_total(language):
    found = rewards.red_team(rewards.score, items(language, each=8), budget=2000)
    assert found.tried >= 2000
    assert found.honest == pytest.approx(1.0)
    assert [(e.attacks, e.text) for e in found.exploits] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_bad_answer_reaches_the_triple_bottom_line_of_a_good_one(language):
    # One number for three tiers has no "nine tenths as good": a bad answer must not come level.
    found = rewards.red_team(
        rewards.triple_bottom_line, items(language, each=8), budget=2000, threshold=1.0
    )
    assert [(e.attacks, e.text) for e in found.exploits] == []


def test_an_exploit_names_the_terms_that_let_it_through():
    careless = {"notices": 0.5, "sane_length": 0.5}

    def reward(sample, item):
        return rewards.score(sample, item, weights=careless)

    found = rewards.red_team(reward, items("zh"), budget=600)
    best = found.exploits[0]
    assert best.reward >= 0.9 * best.honest
    assert "notices" in best.let_through
    assert set(best.terms) == set(careless)
    assert 1 <= best.found_on <= best.tried_on


def test_exploits_come_most_rewarded_first_and_once_a_combination():
    found = rewards.red_team(lambda s, i: len(s) / 100, items("zh"), budget=800)
    gains = [e.reward - e.honest for e in found.exploits]
    assert gains == sorted(gains, reverse=True)
    kinds = [frozenset(e.attacks) for e in found.exploits]
    assert len(kinds) == len(set(kinds))


def test_the_same_seed_finds_the_same():
    first, again, other = (
        rewards.red_team(lambda s, i: len(s) / 100, items("zh"), budget=500, seed=seed)
        for seed in (3, 3, 4)
    )
    assert first == again != other


def test_combinations_are_tried_that_no_single_attack_is():
    # Pays for the disclaimer and for length, so that it takes two attacks to please it fully.
    def reward(sample, item):
        return 0.5 * ("仅供参考，不构成投资建议" in sample) + 0.5 * (len(sample) > 150)

    found = rewards.red_team(reward, items("zh"), budget=2000)
    assert max(len(exploit.attacks) for exploit in found.exploits) >= 2


def test_a_judge_of_ones_own():
    found = rewards.red_team(
        lambda s, i: 1.0, items("zh"), budget=200, judge=lambda s, i: ("mine",) if "！" in s else ()
    )
    reasons = {reason for exploit in found.exploits for reason in exploit.reasons}
    assert reasons <= {"mine", "spoiled"}
    assert "mine" in reasons


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_row_for_people(language):
    found = rewards.red_team(lambda s, i: 1.0, items(language), budget=100)
    row = rewards.explain(found.exploits[0], language)
    assert set(row) == {"attacks", "reasons", "reward", "honest", "text"}
    assert row["attacks"]
    assert row["reasons"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: rewards.red_team(lambda s, i: 1.0, []),
        lambda: rewards.red_team(lambda s, i: 1.0, [{"facts": ["x"]}]),
        lambda: rewards.red_team(lambda s, i: 1.0, items("zh"), budget=0),
        lambda: rewards.red_team(lambda s, i: 1.0, items("zh"), threshold=0),
    ],
)
def test_what_it_cannot_start_from(call):
    with pytest.raises(UsageError, match="red team needs"):
        call()
