"""Against forgetting: each means does what it says."""

import pytest

from bankft.cases import fundbot

pytestmark = pytest.mark.service

EXAMPLES = fundbot.conversations("train", 16, language="en")


def train(tiny, out, keep, **options):
    from bankft.engine import train_sft

    return train_sft(
        tiny, EXAMPLES, None, out, n_epochs=2, batch_size=8, threads=1, keep=keep, **options
    )


def moved(tiny, folder):
    """How far each weight has moved: name → distance."""
    from bankft.engine.folder import load

    before, after = (dict(load(one)[0].named_parameters()) for one in (tiny, folder))
    return {name: float((after[name] - before[name]).detach().norm()) for name in before}


def test_weights_are_held_where_they_began(tiny, tmp_path):
    from bankft.engine import Keep

    free = sum(moved(tiny, train(tiny, tmp_path / "free", None).folder).values())
    for name in ("l2_sp", "ewc"):
        some = sum(moved(tiny, train(tiny, tmp_path / name, Keep(**{name: 1.0})).folder).values())
        most = train(tiny, tmp_path / f"{name}-more", Keep(**{name: 1000.0}))
        assert sum(moved(tiny, most.folder).values()) < some < free


def test_lower_layers_move_less(tiny, tmp_path):
    from bankft.engine import Keep

    far = moved(tiny, train(tiny, tmp_path, Keep(layer_decay=0.1)).folder)
    names = ("embed_tokens.weight", "layers.0.mlp.up_proj.weight", "layers.1.mlp.up_proj.weight")
    lowest, lower, upper = (far[f"model.{name}"] for name in names)
    assert lowest < lower < upper / 5


def test_general_examples_make_up_their_share(tiny, tmp_path):
    from bankft.engine import Keep, digest

    result = train(tiny, tmp_path / "a", Keep(general=0.2))
    assert result.steps == 2 * 3  # 16 and 4 examples, 8 a step
    again = train(tiny, tmp_path / "b", Keep(general=0.2))
    assert digest(result.folder) == digest(again.folder)


def test_keeping_nothing_is_as_without(tiny, tmp_path):
    from bankft.engine import Keep, digest

    nothing = train(tiny, tmp_path / "a", Keep())
    assert digest(nothing.folder) == digest(train(tiny, tmp_path / "b", None).folder)


def test_importance_is_larger_where_general_data_push(tiny):
    from torch.nn.functional import cross_entropy

    from bankft.engine.folder import load
    from bankft.engine.keep import general_examples, importance
    from bankft.engine.sft import encode, learnt_logits, padded, training_template

    model, tokenizer = load(tiny)
    template = training_template(tokenizer)
    known = [encode(tokenizer, one, 1, template) for one in general_examples(4, seed=0)]
    found = importance(
        model, known, lambda one: cross_entropy(*learnt_logits(model, *padded([one], "cpu")))
    )
    names = [name for name, _ in model.named_parameters()]
    assert sum(float(one.sum()) for one in found) == pytest.approx(
        sum(one.numel() for one in found), rel=1e-3
    )
    embeddings = found[names.index("model.embed_tokens.weight")]
    used = {token for one in known for token in one["input_ids"]}
    assert all(float(embeddings[token].sum()) > 0 for token in used)


@pytest.mark.parametrize(
    "settings", [{"general": 0.6}, {"layer_decay": 0.0}, {"l2_sp": -1.0}, {"ewc": -1.0}]
)
def test_settings_out_of_range_are_refused(settings):
    from bankft.engine import Keep
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match="keep"):
        Keep(**settings)


def test_adapters_need_no_anchor(tiny, tmp_path):
    from bankft.engine import Keep, LoRA
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match="LoRA"):
        train(tiny, tmp_path, Keep(l2_sp=1.0), lora=LoRA())


def test_too_few_general_examples_are_counted(tiny, tmp_path):
    from bankft.engine import Keep
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match="4 general examples and has 1"):
        train(tiny, tmp_path, Keep(general=0.2, examples=EXAMPLES[:1]))
