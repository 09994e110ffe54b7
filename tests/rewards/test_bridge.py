import pytest

from bankft import graders, rewards
from bankft.cases import fundbot
from bankft.errors import UsageError
from bankft.rewards.bridge import own_reward

ITEM = rewards.fundbot_item(fundbot.questions("train", 1, language="zh", seed=2)[0])
SAMPLES = [ITEM["reference_answer"], "放心买，稳赚不赔！", "仅供参考，不构成投资建议。", ""]


def test_the_grader_is_one_that_the_api_takes():
    spec = rewards.to_grader()
    assert spec["type"] == "multi"
    assert set(spec["graders"]) == set(rewards.WEIGHTS)
    for name, part in spec["graders"].items():
        assert part["type"] == "python"
        assert f"import {name}" in part["source"]
    graders.from_spec(spec)  # raises if it were none


@pytest.mark.parametrize("sample", SAMPLES, ids=["good", "promise", "notice", "empty"])
def test_the_grader_gives_what_the_reward_gives(sample):
    reward = rewards.grader_reward(rewards.to_grader())
    assert reward(sample, ITEM) == pytest.approx(rewards.total(sample, ITEM))


@pytest.mark.parametrize("sample", SAMPLES, ids=["good", "promise", "notice", "empty"])
def test_the_triple_bottom_line(sample):
    reward = rewards.grader_reward(rewards.to_grader(None))
    assert reward(sample, ITEM) == rewards.triple_bottom_line(sample, ITEM)


def test_the_weights_stand_in_the_formula():
    spec = rewards.to_grader({"compliance": 0.2, "right_facts": 0.8})
    assert spec["calculate_output"] == "0.2 * compliance + 0.8 * right_facts"
    promise = ITEM["reference_answer"] + "放心买，稳赚不赔！"
    assert rewards.grader_reward(spec)(promise, ITEM) < 1


@pytest.mark.parametrize("weights", [{}, {"style": 1.0}, {"compliance": 0.0}])
def test_weights_that_make_no_reward(weights):
    with pytest.raises(UsageError, match="weights"):
        rewards.to_grader(weights)


def test_any_grader_object_becomes_a_reward():
    spec = {
        "type": "string_check",
        "name": "exact",
        "input": "{{sample.output_text}}",
        "reference": "{{item.reference_answer}}",
        "operation": "eq",
    }
    for grader in (spec, graders.from_spec(spec)):
        reward = rewards.grader_reward(grader)
        assert reward(ITEM["reference_answer"], ITEM) == 1.0
        assert reward("别的", ITEM) == 0.0


def test_a_source_that_is_not_ours_letter_by_letter_is_not_called_directly():
    spec = rewards.to_grader(None)
    changed = dict(spec, source=spec["source"].replace("return ", "return 1 - "))
    own = own_reward
    assert own(spec) is not None
    assert own(changed) is None


@pytest.mark.skipif(not graders.available(), reason="no sandbox works on this machine")
def test_in_the_sandbox_it_gives_the_same():
    results = graders.batch(rewards.to_grader(None), SAMPLES, [ITEM] * len(SAMPLES))
    assert [bool(result.errors) for result in results] == [False] * len(SAMPLES)
    expected = [rewards.triple_bottom_line(sample, ITEM) for sample in SAMPLES]
    assert [result.reward for result in results] == expected
