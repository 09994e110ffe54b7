"""Supervised fine-tuning on a tiny model: it learns, the same each time, only what it should."""

import pytest

from bankft.cases import fundbot

pytestmark = pytest.mark.service

EXAMPLES = fundbot.conversations("train", 32, language="en")


def run(tiny, out, **options):
    from bankft.engine import train_sft

    steps = []
    result = train_sft(
        tiny,
        options.pop("train", EXAMPLES),
        options.pop("valid", None),
        out,
        threads=1,
        on_step=steps.append,
        **{"batch_size": 8, "n_epochs": 3, **options},
    )
    return result, steps


def test_loss_falls_and_the_same_seed_gives_the_same_weights(tiny, tmp_path):
    from bankft.engine import digest

    first, steps = run(tiny, tmp_path / "a")
    again, _ = run(tiny, tmp_path / "b")
    other, _ = run(tiny, tmp_path / "c", seed=1)
    assert steps[-1].train_loss < steps[0].train_loss
    assert digest(first.folder) == digest(again.folder) != digest(other.folder)
    assert (first.steps, first.n_epochs, first.batch_size) == (12, 3, 8)


def test_metrics_and_checkpoints(tiny, tmp_path):
    saved = []
    valid = fundbot.conversations("valid", 12, language="en")
    _, steps = run(
        tiny,
        tmp_path,
        valid=valid,
        on_checkpoint=lambda step, folder, metrics: saved.append((step, folder.is_dir(), metrics)),
    )
    assert [s.step for s in steps] == list(range(1, 13))
    assert [s.step for s in steps if s.valid_loss is not None] == [10]
    assert [s.step for s in steps if s.full_valid_loss is not None] == [4, 8, 12]
    assert [(step, there) for step, there, _ in saved] == [(4, True), (8, True), (12, True)]
    assert saved[0][2].full_valid_loss == steps[3].full_valid_loss
    assert all(0 <= s.train_mean_token_accuracy <= 1 for s in steps)


def test_result_and_checkpoints_can_be_sampled_and_loaded_by_transformers(tiny, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from bankft.engine import Sampler

    result, _ = run(tiny, tmp_path, n_epochs=1)
    for folder in (result.folder, result.folder / "checkpoint-4"):
        pieces = list(Sampler(folder).stream(EXAMPLES[0]["messages"][:2], max_tokens=5))
        assert pieces[-1].finish_reason
    assert AutoModelForCausalLM.from_pretrained(result.folder).generation_config.do_sample
    assert AutoTokenizer.from_pretrained(result.folder).chat_template
    assert not list(result.folder.glob("*.bin"))  # no pickle beside the weights


def test_stop_then_resume_gives_what_one_run_gives(tiny, tmp_path):
    from bankft.engine import Stopped, digest

    whole, _ = run(tiny, tmp_path / "whole")
    asked = []

    def after_six():
        asked.append(None)
        return len(asked) > 6

    with pytest.raises(Stopped):
        run(tiny, tmp_path / "parts", should_stop=after_six)
    (tmp_path / "parts" / "checkpoint-8").mkdir()  # a crash while it was being written
    resumed, steps = run(tiny, tmp_path / "parts", resume=True)
    assert steps[0].step == 5
    assert digest(resumed.folder) == digest(whole.folder)


def test_weight_zero_is_not_learnt(tiny):
    from bankft.engine.folder import load
    from bankft.engine.sft import encode, training_template

    _, tokenizer = load(tiny)
    talk = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "no", "weight": 0},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "yes"},
    ]
    template = training_template(tokenizer)
    labels = [i for i in encode(tokenizer, {"messages": talk}, 1, template)["labels"] if i != -100]
    assert tokenizer.decode(labels) == "yes<|end|>"


def test_nothing_to_learn_names_the_example(tiny, tmp_path):
    from bankft.errors import DataError

    silent = {
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "weight": 0},
        ]
    }
    with pytest.raises(DataError, match="Example 2"):
        run(tiny, tmp_path, train=[EXAMPLES[0], silent])


@pytest.mark.parametrize(
    ("examples", "resolved"),
    [
        (10, (8, 1, 1.0)),  # the fewest that a job takes
        (32, (3, 1, 1.0)),
        (100, (3, 4, 1.0)),
        (400, (3, 16, 1.0)),  # the lessons
        (5000, (3, 16, 1.0)),
    ],
)
def test_auto_follows_its_rule(examples, resolved):
    from bankft.engine.sft import resolve

    assert resolve(examples, "auto", "auto", "auto") == resolved


def test_template_that_marks_nothing_is_one_sentence(tiny, tmp_path):
    import shutil

    from bankft.errors import BaseModelUnreadable

    shutil.copytree(tiny, tmp_path / "base")
    template = tmp_path / "base" / "chat_template.jinja"
    template.write_text("{% for m in messages %}{{ m.content }}<|end|>{% endfor %}")
    with pytest.raises(BaseModelUnreadable, match="generation"):
        run(tmp_path / "base", tmp_path / "out")
