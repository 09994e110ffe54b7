"""DPO and the reward model on a tiny model: they learn, the same each time."""

import pytest

from bankft.rewards import preference_pairs

pytestmark = pytest.mark.service

PAIRS = preference_pairs(24, language="en", noise=0.0)
VALID = preference_pairs(8, language="en", part="valid", noise=0.0)
METHODS = ("train_dpo", "train_reward_model")


def run(method, tiny, out, **options):
    from bankft import engine

    steps = []
    result = getattr(engine, method)(
        tiny,
        options.pop("train", PAIRS),
        options.pop("valid", None),
        out,
        threads=1,
        on_step=steps.append,
        **{"batch_size": 8, "n_epochs": 2, "learning_rate_multiplier": 5.0, **options},
    )
    return result, steps


@pytest.mark.parametrize("method", METHODS)
def test_stop_then_resume_gives_what_one_run_gives(tiny, tmp_path, method):
    from bankft.engine import Stopped, digest

    whole, steps = run(method, tiny, tmp_path / "whole", valid=VALID)
    assert digest(whole.folder) != digest(tiny)
    assert [s.step for s in steps if s.full_valid_loss is not None] == [3, 6]
    assert all(0 <= s.train_reward_accuracy <= 1 for s in steps)
    asked = []

    def after_four():
        asked.append(None)
        return len(asked) > 4

    with pytest.raises(Stopped):
        run(method, tiny, tmp_path / "parts", valid=VALID, should_stop=after_four)
    resumed, rest = run(method, tiny, tmp_path / "parts", valid=VALID, resume=True)
    assert [s.step for s in rest] == [4, 5, 6]
    assert digest(resumed.folder) == digest(whole.folder)
    left = [path.name for path in whole.folder.rglob("*") if path.suffix in (".pt", ".pth", ".bin")]
    assert not left  # pickles, which nobody should have to load


def test_dpo_makes_the_better_answer_likelier(tiny, tmp_path):
    from bankft.engine import Sampler

    result, steps = run("train_dpo", tiny, tmp_path, n_epochs=4, beta=0.5)
    assert abs(steps[0].train_loss - 0.6931) < 1e-3  # ln 2: nothing is preferred yet
    assert steps[-1].train_loss < steps[0].train_loss
    assert steps[-1].train_reward_margin > 0
    assert result.beta == 0.5
    messages = PAIRS[0]["input"]["messages"]
    assert list(Sampler(result.folder).stream(messages, max_tokens=3))


def test_our_logprobs_are_those_that_trl_trains_on(tiny, tmp_path):
    _, steps = run("train_dpo", tiny, tmp_path, train=VALID, valid=VALID, n_epochs=2)
    # One step is all the data: the loss that TRL reports before step 2 is ours after step 1.
    assert steps[1].train_loss == pytest.approx(steps[0].full_valid_loss, abs=1e-5)
    assert steps[1].train_reward_margin == pytest.approx(
        steps[0].full_valid_reward_margin, abs=1e-5
    )


def test_reward_model_scores(tiny, tmp_path):
    from bankft.engine import RewardModel

    result, steps = run("train_reward_model", tiny, tmp_path, n_epochs=8, valid=VALID)
    assert steps[-1].train_loss < steps[0].train_loss
    assert 0 <= steps[-1].full_valid_calibration_error <= 1
    model = RewardModel(result.folder)
    pairs = [
        [*pair["input"]["messages"], *pair[name]]
        for pair in VALID
        for name in ("preferred_output", "non_preferred_output")
    ]
    scores = model.score(pairs)
    margins = [a - b for a, b in zip(scores[::2], scores[1::2], strict=True)]
    assert margins == pytest.approx(model.margins(VALID), abs=1e-6)
    assert model.score(pairs[:1])[0] == pytest.approx(scores[0], abs=1e-5)
    accuracy = sum(one > 0 for one in margins) / len(margins)
    assert steps[-1].full_valid_reward_accuracy == accuracy


def test_regularised_scores_stay_nearer_together(tiny, tmp_path):
    how = {"n_epochs": 6, "dropout": 0.0, "weight_decay": 0.0}
    _, plain = run("train_reward_model", tiny, tmp_path / "plain", **how)
    _, smooth = run("train_reward_model", tiny, tmp_path / "smooth", label_smoothing=0.2, **how)
    _, without = run("train_reward_model", tiny, tmp_path / "dropout", **how | {"dropout": 0.3})
    assert smooth[-1].train_reward_margin < plain[-1].train_reward_margin
    assert without[-1].train_loss != plain[-1].train_loss


def swapped(pair, **other):
    return {**pair, **other}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ({"messages": []}, "Pair 2 has no input.messages"),
        (swapped(PAIRS[0], preferred_output=[]), "Pair 2 .* preferred_output"),
        (
            swapped(PAIRS[0], preferred_output=PAIRS[0]["non_preferred_output"]),
            "Pair 2 has the same answer twice",
        ),
        (
            swapped(PAIRS[0], preferred_output=[{"role": "assistant", "content": "long " * 2000}]),
            "Pair 2 takes .* tokens",
        ),
    ],
    ids=["no input", "no answer", "same answer", "too long"],
)
def test_a_bad_pair_is_named(tiny, tmp_path, method, pair, says):
    from bankft.errors import DataError

    with pytest.raises(DataError, match=says) as caught:
        run(method, tiny, tmp_path, train=[PAIRS[0], pair])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "option", "says"),
    [
        ("train_dpo", {"beta": 0}, "beta"),
        ("train_dpo", {"label_smoothing": 0.5}, "label_smoothing"),
        ("train_dpo", {"early_stop": 1}, "validation"),
        ("train_reward_model", {"dropout": 1.0}, "dropout"),
        ("train_reward_model", {"weight_decay": -1}, "weight_decay"),
        ("train_reward_model", {"train": []}, "nothing to train on"),
    ],
)
def test_a_setting_out_of_range_is_refused(tiny, tmp_path, method, option, says):
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match=says):
        run(method, tiny, tmp_path, **option)


def test_a_chat_model_is_no_reward_model(tiny):
    from bankft.engine import RewardModel
    from bankft.errors import BaseModelUnreadable

    with pytest.raises(BaseModelUnreadable, match="no reward model"):
        RewardModel(tiny)


def test_a_question_cannot_be_scored(tiny, tmp_path):
    from bankft.engine import RewardModel
    from bankft.errors import DataError

    result, _ = run("train_reward_model", tiny, tmp_path, n_epochs=1)
    with pytest.raises(DataError, match="Conversation 1"):
        RewardModel(result.folder).score([PAIRS[0]["input"]["messages"]])
