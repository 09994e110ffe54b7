import itertools
import math
import random

import pytest

from bankft import rewards
from bankft.cases import fundbot
from bankft.errors import UsageError

ITEMS = [
    rewards.fundbot_item(question)
    for question in fundbot.questions("train", 8, kind="fact", language="zh", seed=9)
]
CHANCE = random.Random(0)


def codes(grader, items=ITEMS, **options):
    return {problem.code for problem in rewards.lint_grader(grader, items, **options)}


def overlap(sample, item):
    return len(set(sample) & set(item["reference_answer"])) / len(set(item["reference_answer"]))


BAD = {
    # the grader: what must be said of it
    "constant": (lambda s, i: 0.7, {"constant"}),
    "by the item": (lambda s, i: len(i["reference_answer"]) / 200, {"insensitive"}),
    "length": (lambda s, i: min(1.0, len(s) / 400), {"gameable_length", "gameable_repetition"}),
    "repetition": (lambda s, i: min(1.0, s.count("。") / 20), {"gameable_repetition"}),
    "keywords": (lambda s, i: float("适当性" in s), {"gameable_keywords", "ignores_item"}),
    "no reference": (lambda s, i: float("不构成投资建议" in s), {"ignores_item", "blind_to_wrong"}),
    "empty": (lambda s, i: 1 / (1 + len(s)), {"credits_empty", "prefers_wrong"}),
    "the question": (
        lambda s, i: 0.1 + (i["messages"][-1]["content"][:6] in s or i["facts"][0] in s),
        {"credits_question", "out_of_range"},
    ),
    "out of range": (lambda s, i: 10 * overlap(s, i), {"out_of_range"}),
    "no number": (lambda s, i: math.nan if "满分" in s else overlap(s, i), {"not_a_number"}),
    "chance": (lambda s, i: CHANCE.random(), {"not_deterministic"}),
    "breaks off": (lambda s, i: 1 / s.count("，"), {"raises"}),
    "denials": (lambda s, i: float(i["facts"][0] in s), {"blind_to_wrong"}),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said(name):
    grader, expected = BAD[name]
    assert expected <= codes(grader)


def test_nothing_is_said_of_the_total():
    assert codes(rewards.total) == set()
    assert codes(rewards.score) == set()  # a reward that shows its terms is one too


def test_a_saturated_grader_is_seen_by_samples():
    items = [dict(item, samples=[item["reference_answer"]] * 3) for item in ITEMS]
    assert {"saturated", "flat", "flat_groups"} <= codes(rewards.total, items)
    mixed = [dict(item, samples=[item["reference_answer"], "不知道。"]) for item in ITEMS]
    assert not {"saturated", "flat", "flat_groups"} & codes(rewards.total, mixed)


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("0.5 * right + 0.5 * noticed", False),
        ("right / noticed", True),
        ("right / (noticed + 1)", False),
        ("log(right)", True),
        ("sqrt(right - noticed)", True),
        ("1 / (right - 0.5)", True),  # not only the corners
    ],
)
def test_formulas_without_a_value(formula, found):
    grader = {
        "type": "multi",
        "name": "both",
        "graders": {
            "right": {
                "type": "string_check",
                "name": "right",
                "input": "{{sample.output_text}}",
                "reference": "{{item.reference_answer}}",
                "operation": "eq",
            },
            "noticed": {
                "type": "string_check",
                "name": "noticed",
                "input": "{{sample.output_text}}",
                "reference": "不构成投资建议",
                "operation": "like",
            },
        },
        "calculate_output": formula,
    }
    assert ("division_by_zero" in codes(grader)) == found


@pytest.mark.parametrize(
    ("grader", "expected"),
    [
        (
            {
                "type": "string_check",
                "name": "disclaimer",
                "input": "{{sample.output_text}}",
                "reference": "仅供参考",
                "operation": "like",
            },
            {"ignores_item", "blind_to_wrong"},
        ),
        (
            {
                "type": "string_check",
                "name": "swapped",  # looks for the answer in the reference: "" is in every text
                "input": "{{item.reference_answer}}",
                "reference": "{{sample.output_text}}",
                "operation": "like",
            },
            {"credits_empty"},
        ),
        (
            {
                "type": "string_check",
                "name": "typo",
                "input": "{{item.reference_answer}}",
                "reference": "{{item.reference_answer}}",
                "operation": "eq",
            },
            {"constant"},
        ),
    ],
)
def test_grader_objects(grader, expected):
    assert expected <= codes(grader)


def test_a_grader_object_of_ours_is_fine():
    assert codes(rewards.to_grader()) == set()


def test_errors_come_first_and_speak_both_languages():
    problems = rewards.lint_grader(lambda s, i: len(s), ITEMS)
    order = [problem.severity for problem in problems]
    assert order == sorted(order)
    for problem in problems:
        assert any("一" <= char <= "鿿" for char in problem.zh)
        assert not any("一" <= char <= "鿿" for char in problem.en)


@pytest.mark.parametrize(
    "item",
    [
        {"answer": "对。"},
        {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "对。"}]},
    ],
)
def test_the_right_answer_may_have_another_name(item):
    assert codes(lambda s, i: 1.0, [item, item]) == {"constant"}


@pytest.mark.parametrize("items", [[], ITEMS[:1], [{"facts": ["1%"]}] * 2])
def test_without_right_answers_nothing_can_be_said(items):
    with pytest.raises(UsageError, match="reference_answer"):
        rewards.lint_grader(lambda s, i: 1.0, items)


def test_no_more_than_asked_are_probed():
    seen = set()

    def grader(sample, item):
        seen.add(item["reference_answer"])
        return 1.0

    rewards.lint_grader(grader, ITEMS, most=3)
    assert len(seen) == 3


def test_a_counter_is_not_deterministic():
    counter = itertools.count()
    assert "not_deterministic" in codes(lambda s, i: (next(counter) % 7) / 7)
