"""Rewards of training: grader objects unchanged, and models that score conversations."""

import pytest

from bankft.engine import Graded, Sample, as_reward, by_model
from bankft.errors import DataError

SAMPLES = [
    Sample([{"role": "user", "content": "?"}], {"answer": "R2"}, text) for text in ("R2", "")
]


def test_a_function_is_returned_as_it_is():
    def reward(samples):
        return [Graded(1.0) for _ in samples]

    assert as_reward(reward) is reward


def test_what_is_no_grader_is_refused():
    with pytest.raises(DataError):
        as_reward({"type": "guess"})


def test_parts_of_a_multi_grader_are_kept():
    part = {
        "type": "string_check",
        "name": "exact",
        "operation": "eq",
        "input": "{{ sample.output_text }}",
        "reference": "{{ item.answer }}",
    }
    multi = {
        "type": "multi",
        "name": "both",
        "graders": {"same": part, "other": {**part, "name": "other", "operation": "ne"}},
        "calculate_output": "0.75 * same + 0.25 * other",
    }
    found = as_reward(multi)(SAMPLES)
    assert [one.reward for one in found] == [0.75, 0.25]
    assert found[0].scores == {"same": 1.0, "other": 0.0}


def test_a_model_scores_each_distinct_answer_once():
    asked = []

    def score(talks):
        asked.extend(talks)
        return [float(len(talk[-1]["content"])) for talk in talks]

    found = by_model(score)([*SAMPLES, SAMPLES[0]])
    assert [one.reward for one in found] == [2.0, 0.0, 2.0]
    assert len(asked) == 2
    assert asked[0][-1] == {"role": "assistant", "content": "R2"}


def test_too_few_scores_are_one_sentence():
    with pytest.raises(DataError, match="1 scores for 2 answers"):
        by_model(lambda talks: [1.0])(SAMPLES)
