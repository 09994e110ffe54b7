"""Reinforcement fine-tuning on a tiny model: settings, metrics, checkpoints, any grader."""

import json

import pytest

from bankft.errors import DataError, UsageError

pytestmark = pytest.mark.service

ITEMS = [{"messages": [{"role": "user", "content": f"{i}?"}], "letter": "e"} for i in range(6)]


def has_e(samples):
    from bankft.engine import Graded

    return [Graded(float("e" in s.text), {"letter": float("e" in s.text)}) for s in samples]


def run(tiny, out, **options):
    from bankft.engine import train_rft

    steps = []
    settings = {"n_epochs": 2, "batch_size": 2, "max_tokens": 6, "reward": has_e, "threads": 1}
    result = train_rft(
        tiny, ITEMS, options.pop("valid", None), out, on_step=steps.append, **settings | options
    )
    return result, steps


@pytest.mark.parametrize("algorithm", ["grpo", "ppo"])
def test_same_seed_same_weights_and_stop_then_resume(tiny, tmp_path, algorithm):
    from bankft.engine import Stopped, digest

    options = {"algorithm": algorithm, "valid": ITEMS[:2], "eval_interval": 2}
    whole, steps = run(tiny, tmp_path / "whole", **options)
    again, _ = run(tiny, tmp_path / "again", **options)
    other, _ = run(tiny, tmp_path / "other", seed=1, **options)
    assert digest(whole.folder) == digest(again.folder) != digest(other.folder)
    asked = []

    def after_three():
        asked.append(None)
        return len(asked) > 3

    with pytest.raises(Stopped):
        run(tiny, tmp_path / "parts", should_stop=after_three, **options)
    (tmp_path / "parts" / "checkpoint-4").mkdir()  # a crash while it was being written
    resumed, rest = run(tiny, tmp_path / "parts", resume=True, **options)
    assert digest(resumed.folder) == digest(whole.folder)
    assert [s.step for s in rest] == [3, 4, 5, 6]
    assert [s.numbers()["train_mean_reward"] for s in rest] == [
        s.train_mean_reward for s in steps[2:]
    ]
    assert resumed.trained_tokens == whole.trained_tokens


def test_metrics_and_checkpoints_at_validation_steps(tiny, tmp_path):
    saved = []
    result, steps = run(
        tiny,
        tmp_path,
        valid=ITEMS[:3],
        eval_interval=4,
        eval_samples=2,
        on_checkpoint=lambda step, folder, metrics: saved.append((step, folder.is_dir(), metrics)),
    )
    assert [s.step for s in steps if s.full_valid_mean_reward is not None] == [4, 6]
    assert [(step, there) for step, there, _ in saved] == [(4, True), (6, True)]
    assert saved[0][2].full_valid_mean_reward == steps[3].full_valid_mean_reward
    for one in steps:
        assert one.entropy > 0
        assert one.kl >= 0
        assert one.total_steps == 6
        assert 0 <= one.flat_share <= 1
        assert all(v is None or isinstance(v, int | float) for v in one.numbers().values())
    assert steps[0].kl < 1e-3  # the first answers are the reference's own
    event = steps[3].event()
    json.dumps(event)
    assert event["scores"]["graders"][0]["name"] == "letter"
    assert event["scores"]["train_reward_mean"] == event["train_mean_reward"]
    assert set(event["timing"]["step"]) == {"sampling", "training", "eval", "full_iteration"}
    assert "full_valid_mean_reward" not in steps[0].event()
    assert result.best_step in (4, 6)
    rates = [s.learning_rate for s in steps]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(6 * rates[-1])


def test_result_samples_for_other_servers_and_holds_no_pickle(tiny, tmp_path):
    from transformers import AutoModelForCausalLM

    result, _ = run(tiny, tmp_path)
    config = AutoModelForCausalLM.from_pretrained(result.folder).generation_config
    assert (config.do_sample, config.temperature, config.top_k) == (True, 1.0, 0)
    kinds = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert kinds <= {".json", ".safetensors", ".jinja"}
    assert len(list(tmp_path.glob("checkpoint-*/optimizer.safetensors"))) == 1  # the newest


def test_early_stop_keeps_the_best(tiny, tmp_path):
    from bankft.engine import Graded, digest

    calls = []

    def worse_and_worse(samples):
        calls.append(len(samples))
        return [Graded(1.0 / len(calls)) for _ in samples]

    result, steps = run(
        tiny, tmp_path, valid=ITEMS[:2], eval_interval=1, early_stop=2, reward=worse_and_worse
    )
    assert (result.steps, result.best_step, len(steps)) == (3, 1, 3)
    assert digest(tmp_path) == digest(tmp_path / "checkpoint-1")


EXACT = {
    "type": "string_check",
    "name": "letter",
    "operation": "like",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.letter }}",
}
SOURCE = "def grade(sample, item):\n    return float(item['letter'] in sample['output_text'])\n"
PYTHON = {"type": "python", "name": "letter", "source": SOURCE}
MULTI = {
    "type": "multi",
    "name": "both",
    "graders": {"exact": EXACT, "python": PYTHON},
    "calculate_output": "0.5 * exact + 0.5 * python",
}


def test_grader_objects_are_the_reward_unchanged(tiny, tmp_path):
    from bankft import graders

    _, by_function = run(tiny, tmp_path / "function", n_epochs=1)
    rewards = [s.train_mean_reward for s in by_function]
    for name, grader in (("string", EXACT), ("python", PYTHON), ("multi", MULTI)):
        _, steps = run(tiny, tmp_path / name, reward=grader, n_epochs=1)
        assert [s.train_mean_reward for s in steps] == rewards
    _, steps = run(tiny, tmp_path / "read", reward=graders.from_spec(EXACT), n_epochs=1)
    assert [s.train_mean_reward for s in steps] == rewards
    assert set(steps[0].scores) == {"letter"}


def test_errors_of_a_grader_are_reported_and_count_as_nothing(tiny, tmp_path):
    parsed = {**EXACT, "input": "{{ sample.output_json.a }}"}
    _, steps = run(tiny, tmp_path, reward=parsed, n_epochs=1, valid=ITEMS[:2], eval_interval=3)
    assert steps[0].train_mean_reward == 0
    assert steps[0].errors["sample_parse_error"] == 1.0
    assert steps[2].full_valid_mean_parse_error == 1.0
    assert steps[2].event()["errors"]["graders"][0]["valid_sample_parse_error_mean"] == 1.0


def test_our_own_graders_run_directly_with_the_sandboxs_result():
    from bankft import graders
    from bankft.cases import fundbot
    from bankft.engine import Sample, as_reward
    from bankft.rewards import fundbot_item, to_grader, total

    item = fundbot_item(fundbot.questions("train", 1, language="zh")[0])
    right, wrong = item["reference_answer"], "稳赚不赔，放心买！"
    grader = to_grader()
    found = as_reward(grader)([Sample(item["messages"], item, text) for text in (right, wrong)])
    assert [one.reward for one in found] == [total(right, item), total(wrong, item)]
    assert found[1].scores["compliance"] == 0.0
    assert found[1].reward == graders.grade(grader, wrong, item).reward
    broken = as_reward(grader)([Sample([], {}, "?")])[0]  # no facts to compare with
    assert (broken.reward, broken.errors["python_grader_runtime_error"]) == (0.0, True)


def test_compute_multiplier_scales_rollouts_and_effort_changes_nothing(tiny, tmp_path):
    from bankft.engine import digest

    counts = []

    def counted(samples):
        counts.append(len(samples))
        return has_e(samples)

    for multiplier, each in ((0.5, 4), (1, 8), (2, 16)):
        counts.clear()
        run(
            tiny,
            tmp_path / str(each),
            reward=counted,
            compute_multiplier=multiplier,
            n_epochs=1,
        )
        assert counts == [2 * each] * 3
    low, _ = run(tiny, tmp_path / "low", reasoning_effort="low", n_epochs=1)
    assert digest(low.folder) == digest(tmp_path / "8")


@pytest.mark.parametrize(
    ("examples", "given", "wanted"),
    [
        (400, {}, (12, 32, 8, 15, 156)),
        (10, {}, (50, 10, 8, 5, 50)),
        (1600, {}, (3, 32, 8, 15, 150)),
        (400, {"n_epochs": 1, "batch_size": 100}, (1, 100, 8, 1, 4)),
        (400, {"eval_interval": 7}, (12, 32, 8, 7, 156)),
    ],
)
def test_auto_follows_its_rules(examples, given, wanted):
    from bankft.engine.rft_step import resolve

    found = resolve(examples, **given)
    assert wanted == (
        found.n_epochs,
        found.batch_size,
        found.group_size,
        found.eval_interval,
        found.total_steps,
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 257}, "batch_size"),
        ({"n_epochs": 51}, "n_epochs"),
        ({"compute_multiplier": 11}, "compute_multiplier"),
        ({"learning_rate_multiplier": 0}, "learning_rate_multiplier"),
        ({"eval_interval": 0}, "eval_interval"),
        ({"eval_samples": 0}, "eval_samples"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"algorithm": "dqn"}, "algorithm"),
        ({"kl": -1.0}, "kl"),
        ({"clip": 1.5}, "clip"),
        ({"early_stop": 0}, "early_stop"),
        ({"group_size": 1}, "group_size"),
    ],
)
def test_a_setting_out_of_range_is_one_sentence(tiny, tmp_path, given, says):
    with pytest.raises(UsageError, match=says):
        run(tiny, tmp_path, **given)


def test_a_line_that_is_too_long_is_named(tiny, tmp_path):
    from bankft.engine import train_rft

    long = {"messages": [{"role": "user", "content": "long " * 2000}]}
    with pytest.raises(DataError, match="Line 2"):
        train_rft(tiny, [ITEMS[0], long], None, tmp_path, reward=has_e)


def test_a_reward_that_is_no_number_is_one_sentence(tiny, tmp_path):
    from bankft.engine import Graded

    with pytest.raises(DataError, match="finite"):
        run(tiny, tmp_path, reward=lambda samples: [Graded(float("nan")) for _ in samples])
