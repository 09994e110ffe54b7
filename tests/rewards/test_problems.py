"""Fee and yield problems: right by construction, parts apart, verified as the grader says."""

import pytest

from bankft import graders
from bankft.engine.reward import Sample, as_reward  # no torch in it
from bankft.errors import UsageError
from bankft.rewards import problem_conversation, problem_item, solved, verifier, word_problems


@pytest.mark.parametrize("language", ["zh", "en"])
def test_solutions_are_right_and_every_step_is_true(language):
    for one in word_problems("train", 200, language=language):
        text = one.solution.replace("1000×0.", "").replace("%", "")  # 1000 × 0.b % = b
        steps = text.split("。" if language == "zh" else ". ")[0]
        for step in steps.split("，" if language == "zh" else ", "):
            left, right = step.split("=")
            assert eval(left.replace("×", "*")) == int(right)
        assert one.result == one.thousands * one.tenths
        assert solved(one.solution, one)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_parts_share_neither_pair_nor_phrasing(language):
    train, test = (word_problems(part, 300, language=language) for part in ("train", "test"))
    assert not {(p.thousands, p.tenths) for p in train} & {(p.thousands, p.tenths) for p in test}
    assert not {p.text for p in train} & {p.text for p in test}
    assert len({p.text for p in train}) == 300


def test_the_same_seed_gives_the_same_problems():
    assert word_problems("train", 9, seed=1, language="zh") == word_problems(
        "train", 9, seed=1, language="zh"
    )
    assert word_problems("train", 9, seed=1, language="zh") != word_problems(
        "train", 9, seed=2, language="zh"
    )


PROBLEM = word_problems("test", 1, language="zh")[0]


@pytest.mark.parametrize(
    ("sample", "reward", "judged"),
    [
        (PROBLEM.solution, 1.0, True),
        (PROBLEM.answer, 1.0, True),  # steps are not asked for
        (PROBLEM.answer.replace("：", "：9"), 0.0, False),  # another number
        ("", 0.0, False),
        ("答案：7。" + PROBLEM.answer, 1.0, False),  # two answers: the verifier is fooled
        (PROBLEM.answer + "大概。", 1.0, False),  # not at the end
    ],
)
def test_verifier_and_judge(sample, reward, judged):
    item = problem_item(PROBLEM)
    assert graders.grade(verifier(), sample, item).reward == reward
    assert as_reward(verifier())([Sample(item["messages"], item, sample)])[0].reward == reward
    assert solved(sample, PROBLEM) is judged


def test_lines_are_of_openais_forms():
    item, talk = problem_item(PROBLEM), problem_conversation(PROBLEM)
    assert [m["role"] for m in item["messages"]] == ["system", "user"]
    assert talk["messages"][:2] == item["messages"]
    assert talk["messages"][2]["content"] == PROBLEM.solution


def test_too_many_or_no_part_is_a_sentence():
    with pytest.raises(UsageError, match="There are"):
        word_problems("valid", 10**6, language="zh")
    with pytest.raises(UsageError, match="is not a part"):
        word_problems("dev", 1, language="zh")
