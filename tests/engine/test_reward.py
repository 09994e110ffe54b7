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


def test_what_asking_a_model_took_stands_in_the_event():
    """The keys are those of the example in OpenAI's guide, the cached tokens as well."""
    from bankft.engine.control import Monitor
    from bankft.engine.reward import Asking
    from bankft.engine.rft_report import report, validated
    from bankft.engine.rollouts import Answer, Prompt

    asking = Asking("kind", "score_model", "judge")

    def answer(prompt_tokens, count):
        used = {"prompt_tokens": prompt_tokens, "completion_tokens": 3, "total_tokens": 99}
        graded = Graded(1.0, {"kind": 1.0}, {}, {asking: used})
        return Answer(
            Prompt({}, [1]), 0, [5, 6], [-1.0, -1.0], True, "a", graded, [-1.0, -1.0], count
        )

    found = {"clip_fraction": 0.0, "grad_norm": 1.0, "loss": 0.1}
    step = report([answer(10, 3), answer(20, 1)], found, Monitor(), 1, 2, 1e-4)
    only_trained = step.event()
    assert only_trained["usage"] == {
        "graders": [
            {
                "name": "kind",
                "type": "score_model",
                "model": "judge",
                "train_prompt_tokens_mean": 12.5,
                "train_prompt_tokens_count": 50.0,
                "train_cached_tokens_mean": 0.0,
                "train_cached_tokens_count": 0.0,
                "train_completion_tokens_mean": 3.0,
                "train_completion_tokens_count": 12.0,
            }
        ],
        "samples": {"train_reasoning_tokens_mean": 0.0, "train_reasoning_tokens_count": 0.0},
    }
    event = validated(step, [answer(7, 1)]).event()
    assert event["model_graders_token_usage"] == {
        "judge": {
            "train_prompt_tokens": 50,
            "train_cached_tokens": 0,
            "train_completion_tokens": 12,
            "eval_prompt_tokens": 7,
            "eval_cached_tokens": 0,
            "eval_completion_tokens": 3,
        }
    }
    assert event["usage"]["samples"]["valid_reasoning_tokens_mean"] == 0.0
    assert "tokens" not in step.numbers()
