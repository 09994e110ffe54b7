import math

import pytest

from bankft.errors import UsageError
from bankft.evals import (
    calibration,
    exact_match,
    fact_recall,
    field_accuracy,
    latency,
    omissions,
    perplexity,
    similarity,
    step_agreement,
    steps,
    token_f1,
    token_use,
)


@pytest.mark.parametrize(
    ("text", "reference", "value"),
    [
        ("R2", "R2", 1),
        ("r2。", "R2", 1),  # case, and the stop at the end
        ("０．１５％", "0.15%", 1),  # full width
        ("管理费率 为 0.15%", "管理费率为0.15%", 1),  # white space
        ("管理费率为1.5%", "管理费率为0.15%", 0),
        ("", "R2", 0),
        ("不是R2", "R2", 0),
    ],
)
def test_exact_match(text, reference, value):
    assert exact_match(text, reference) == value


@pytest.mark.parametrize(
    ("text", "reference", "by", "value"),
    [
        ("管理费", "管理费", "characters", 1),
        ("管理费", "管理", "characters", 0.8),  # 2 of 3 and 2 of 2
        ("管理费", "管理", "words", 2 / 3),  # 管理 of 管理, 理费
        ("费", "费", "words", 1),  # a lone character stands for itself
        ("the fee is 0.15%", "fee 0.15%", "words", 0.75),
        ("", "", "words", 1),
        ("", "管理费", "characters", 0),
        ("费理管", "管理费", "characters", 1),  # the order does not count by characters
        ("费理管", "管理费", "words", 0),  # by pairs it does
    ],
)
def test_token_f1(text, reference, by, value):
    assert token_f1(text, reference, by=by) == pytest.approx(value)


def test_words_may_be_cut_by_a_segmenter_of_ones_own():
    assert token_f1("管理 费", "管理 费率", by="words", cut=str.split) == 0.5


def test_similarity_is_the_graders():
    from bankft.graders import grade

    spec = {
        "type": "text_similarity",
        "name": "alike",
        "input": "{{ sample.output_text }}",
        "reference": "{{ item.answer }}",
        "evaluation_metric": "bleu",
    }
    text, answer = "该基金的管理费率为每年0.15%。", "管理费率为每年0.15%。"
    assert similarity(text, answer, measure="bleu") == grade(spec, text, {"answer": answer}).reward


def test_facts():
    facts = ["R2", "10元", "T+1"]
    text = "风险等级不是R2，是R3，10元起购，T+1到账。"
    assert fact_recall(text, facts) == pytest.approx(2 / 3)
    assert omissions(text, facts) == ["R2"]  # denied is not said
    with pytest.raises(UsageError):
        fact_recall(text, [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            '{"intent": "redeem", "fund": "青禾 稳健"}',
            {"intent": True, "fund": True, "amount": False},
        ),
        (
            '{"intent": "redeem", "fund": "青禾稳健", "amount": 1e2}',
            {"intent": True, "fund": True, "amount": True},
        ),
        ("赎回青禾稳健", {"intent": False, "fund": False, "amount": False}),  # no JSON
        (
            '{"intent": "redeem", "fund": "x", "amount": 100, "fee": 1}',
            {"intent": True, "fund": False, "amount": True, "fee": False},  # fee is invented
        ),
    ],
)
def test_field_accuracy(text, found):
    wanted = {"intent": "redeem", "fund": "青禾稳健", "amount": 100}
    assert field_accuracy(text, wanted) == found


def test_steps_agree_in_order_and_in_their_figures():
    right = "第一步：申购费率是0.15%。\n第二步：10000元乘以0.15%。\n第三步：费用是15元。"
    assert len(steps(right)) == 3
    assert step_agreement(right, right) == 1
    wrong_end = right.replace("15元", "150元")
    assert step_agreement(wrong_end, right) == pytest.approx(2 / 3)
    turned = "第一步：费用是15元。\n第二步：10000元乘以0.15%。\n第三步：申购费率是0.15%。"
    assert step_agreement(turned, right) == pytest.approx(1 / 3)
    assert step_agreement("", right) == 0


def test_perplexity():
    assert perplexity([[math.log(0.25)] * 4]) == pytest.approx(4)
    # All tokens weigh the same, not all answers.
    assert perplexity([[math.log(0.5)] * 3, [math.log(0.25)]]) == pytest.approx(2**1.25)
    for wrong in ([], [[]], [[0.5]]):
        with pytest.raises(UsageError):
            perplexity(wrong)


def test_calibration():
    well = calibration([0.25] * 4 + [0.75] * 4, [True, False, False, False] + [True] * 3 + [False])
    assert well.ece == pytest.approx(0)
    assert well.brier == pytest.approx(0.1875)
    sure = calibration([1.0] * 10, [False] * 10)
    assert (sure.ece, sure.brier) == (1, 1)
    assert [b.answers for b in well.bins] == [4, 4]
    with pytest.raises(UsageError):
        calibration([1.5], [True])


def test_latency_and_tokens():
    found = latency([n / 100 for n in range(1, 101)])
    assert (found.p50, found.p90, found.p99, found.longest) == (0.5, 0.9, 0.99, 1.0)
    assert token_use([10, 0], [40, 60]) == 0.1
    for call in (lambda: latency([]), lambda: token_use([1], [0])):
        with pytest.raises(UsageError):
            call()
