import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import rewards
from bankft.cases import fundbot
from bankft.errors import UsageError

ITEM = rewards.fundbot_item(fundbot.questions("train", 1, language="zh", seed=1)[0])
level = st.integers(0, rewards.LEVELS)
tiers = st.builds(rewards.Tiers, level, level, level)


def test_the_total_is_the_weighted_sum_of_what_is_shown():
    score = rewards.score("放心买，稳赚不赔！", ITEM)
    assert score.total == pytest.approx(sum(score.weights[n] * v for n, v in score.terms.items()))
    assert score.total == pytest.approx(score.compliance + score.business_value)
    assert set(score.terms) == set(rewards.WEIGHTS)
    assert rewards.total("放心买，稳赚不赔！", ITEM) == score.total


def test_the_stated_weights_add_up_to_1():
    assert sum(rewards.WEIGHTS.values()) == pytest.approx(1.0)
    assert rewards.score(ITEM["reference_answer"], ITEM).total == 1.0


def test_other_weights():
    only = rewards.score("放心买，稳赚不赔！", ITEM, weights={"compliance": 2.0})
    assert only.total == 0.0
    assert dict(only.terms) == {"compliance": 0.0}


@pytest.mark.parametrize(
    ("weights", "says"),
    [({"style": 1.0}, "style"), ({"notices": -1.0}, "notices"), ({"notices": float("nan")}, "nan")],
)
def test_weights_that_are_none(weights, says):
    with pytest.raises(UsageError, match=says):
        rewards.score("好", ITEM, weights=weights)


@given(tiers, tiers)
def test_the_number_orders_as_the_tiers_do(a, b):
    assert (a < b) == (a.reward < b.reward)
    assert (a == b) == (a.reward == b.reward)
    assert 0.0 <= a.reward <= 1.0


@given(level, level)
def test_no_amount_of_a_lower_tier_outweighs_one_step_of_a_higher(first, second):
    top, most = rewards.LEVELS, rewards.Tiers
    if first < top:
        assert most(first, top, top).reward < most(first + 1, 0, 0).reward
        assert most(second, first, top).reward < most(second, first + 1, 0).reward


def test_the_order_is_total():
    some = [rewards.Tiers(*levels) for levels in itertools.product((0, 5, 10), repeat=3)]
    assert [t.reward for t in sorted(some)] == sorted(t.reward for t in some)
    assert len({t.reward for t in some}) == len(some)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # compliant but wrong before right with a promise
        (
            "抱歉，我不清楚。仅供参考，不构成投资建议。",
            ITEM["reference_answer"] + "放心买，稳赚不赔！",
        ),
        # right but clumsy before fluent and wrong
        (
            ITEM["reference_answer"] * 2,
            f"{ITEM['wrong'][0]}。仅供参考，不构成投资建议。基金有风险，投资需谨慎。",
        ),
        # of two right answers, the one that says it once
        (ITEM["reference_answer"], ITEM["reference_answer"] * 2),
    ],
)
def test_compliance_before_accuracy_before_fluency(better, worse):
    assert rewards.tiers(better, ITEM) > rewards.tiers(worse, ITEM)
    high, low = (rewards.triple_bottom_line(text, ITEM) for text in (better, worse))
    assert high > low


def test_a_tier_is_rounded_down():
    # 0.5 in compliance (a person should look) is five steps of ten, 0.99 would be nine.
    assert rewards.tiers(ITEM["reference_answer"], ITEM).reward == 1.0
