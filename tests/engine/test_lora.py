"""LoRA on bankft's own tiny model and on a folder as Hugging Face has them."""

import json
import shutil

import pytest

from bankft.cases import fundbot
from bankft.rewards import preference_pairs

pytestmark = pytest.mark.service

EXAMPLES = fundbot.conversations("train", 16, language="en")
PAIRS = preference_pairs(8, language="en", noise=0.0)

QWEN = (
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}"
    "{%- if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>' }}"
    "{% endgeneration %}{%- else %}{{ m.content + '<|im_end|>' }}{%- endif %}{{ '\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}"
)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """A small Qwen with random weights, a tokenizer and a template of its own."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    texts = [m["content"] for one in EXAMPLES for m in one["messages"]]
    core.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=500,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    tokenizer.chat_template = QWEN
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=512,
            tie_word_embeddings=False,
            bos_token_id=0,
            eos_token_id=2,
            pad_token_id=0,
        )
    )
    folder = tmp_path_factory.mktemp("foreign") / "small-qwen"
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def train(base, out, **options):
    from bankft.engine import train_sft

    steps = []
    result = train_sft(
        base,
        EXAMPLES,
        options.pop("valid", None),
        out,
        threads=1,
        on_step=steps.append,
        **{"n_epochs": 2, "batch_size": 8, **options},
    )
    return result, steps


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def test_another_base_gets_adapters_and_the_result_is_a_plain_folder(foreign, tmp_path):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from bankft.engine import Sampler, digest
    from bankft.engine.trainer import quietly

    saved = []
    result, steps = train(
        foreign,
        tmp_path,
        learning_rate_multiplier=50.0,
        on_checkpoint=lambda step, folder, metrics: saved.append(folder),
    )
    assert steps[-1].train_loss < steps[0].train_loss
    before, after = weights(foreign), weights(result.folder)
    assert before.keys() == after.keys()  # plain: no name of an adapter's
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert "model.layers.0.mlp.up_proj.weight" in changed
    assert "model.embed_tokens.weight" not in changed
    assert after["lm_head.weight"].dtype == torch.bfloat16  # as the base's
    for folder in (result.folder, *saved):  # a server loads each of them
        assert list(Sampler(folder).stream(EXAMPLES[0]["messages"][:2], max_tokens=3))
        about = json.loads((folder / "generation_config.json").read_text())
        assert about["do_sample"] is True
        assert about.get("top_k", 0) == 0
    again, _ = train(foreign, tmp_path / "again", learning_rate_multiplier=50.0)
    assert digest(again.folder) == digest(result.folder)
    adapter = result.folder / "adapter"
    about = json.loads((adapter / "adapter_config.json").read_text())
    assert about["base_model_name_or_path"] == "small-qwen"  # no path of this machine
    model = AutoModelForCausalLM.from_pretrained(foreign)
    with quietly():
        merged = PeftModel.from_pretrained(model, adapter).merge_and_unload().state_dict()
    assert torch.equal(
        merged["model.layers.0.mlp.up_proj.weight"], after["model.layers.0.mlp.up_proj.weight"]
    )
    assert not [p for p in result.folder.rglob("*") if p.suffix in (".pt", ".pth", ".bin")]


def test_stop_then_resume_gives_what_one_run_gives(tiny, tmp_path):
    from bankft.engine import LoRA, Stopped, digest

    lora = LoRA(r=4, dropout=0.1, targets=["q_proj", "v_proj"])
    whole, _ = train(tiny, tmp_path / "whole", lora=lora)
    asked = []

    def after_three():
        asked.append(None)
        return len(asked) > 3

    with pytest.raises(Stopped):
        train(tiny, tmp_path / "parts", lora=lora, should_stop=after_three)
    resumed, steps = train(tiny, tmp_path / "parts", lora=lora, resume=True)
    assert steps[0].step == 3
    assert digest(resumed.folder) == digest(whole.folder) != digest(tiny)


def test_all_weights_of_another_base_when_asked_for(foreign, tmp_path):
    import torch

    result, _ = train(foreign, tmp_path, lora=None, n_epochs=1)
    assert not (result.folder / "adapter").exists()
    name = "model.embed_tokens.weight"
    assert not torch.equal(weights(foreign)[name].float(), weights(result.folder)[name])


@pytest.mark.parametrize("method", ["train_dpo", "train_reward_model"])
def test_pairs_on_another_base(foreign, tmp_path, method):
    from bankft import engine

    result = getattr(engine, method)(
        foreign, PAIRS, PAIRS, tmp_path, n_epochs=1, batch_size=4, threads=1
    )
    assert (result.folder / "adapter").is_dir()
    if method == "train_dpo":
        assert engine.Sampler(result.folder).complete([PAIRS[0]["input"]["messages"]], max_tokens=2)
    else:
        assert len(engine.RewardModel(result.folder).margins(PAIRS)) == len(PAIRS)


def test_early_stop_keeps_the_best_adapter(foreign, tmp_path):
    valid = fundbot.conversations("valid", 4, language="en")
    result, steps = train(
        foreign, tmp_path, valid=valid, n_epochs=12, early_stop=1, learning_rate_multiplier=400.0
    )
    losses = [s.full_valid_loss for s in steps if s.full_valid_loss is not None]
    assert len(losses) < 12
    assert min(losses) == losses[-2]
    best = result.folder / f"checkpoint-{2 * (len(losses) - 1)}" / "model"
    assert (best / "model.safetensors").read_bytes() == (
        result.folder / "model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"r": 0}, "r 0"),
        ({"alpha": 0}, "alpha 0"),
        ({"dropout": 1.0}, "dropout 1.0"),
        ({"targets": []}, "no targets"),
        ({"bits": 8}, "bits 8"),
    ],
)
def test_settings_out_of_range_are_refused(settings, says):
    from bankft.engine import LoRA
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match=says):
        LoRA(**settings)


def test_an_unknown_target_is_named(tiny, tmp_path):
    from bankft.engine import LoRA
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match=r"'query'.*q_proj"):
        train(tiny, tmp_path, lora=LoRA(targets=["query"]))


def test_four_bits_need_a_gpu(tiny, tmp_path):
    import importlib.util

    import torch

    from bankft.engine import LoRA
    from bankft.errors import UsageError

    if torch.cuda.is_available() and importlib.util.find_spec("bitsandbytes"):
        pytest.skip("this machine has both")
    with pytest.raises(UsageError, match="bitsandbytes"):
        train(tiny, tmp_path, lora=LoRA(bits=4))


def test_bf16_is_refused_where_it_is_slower(tiny, tmp_path):
    from bankft.engine.recipe import fast_bf16
    from bankft.errors import UsageError

    if fast_bf16():
        result, _ = train(tiny, tmp_path, precision="bf16", n_epochs=1)
        assert result.steps == 2
    else:
        with pytest.raises(UsageError, match="AMX"):
            train(tiny, tmp_path, precision="bf16")


def test_real_weights_get_another_recipe(tiny, foreign):
    from bankft.engine.folder import load
    from bankft.engine.recipe import Recipe, recipe_for

    def of(folder, lora):
        return recipe_for(*load(folder), lora=lora, rate=5e-4, precision="fp32")

    assert of(tiny, lora=False) == Recipe(5e-4, "linear", 0.1, False, "fp32")
    assert of(foreign, lora=True) == Recipe(pytest.approx(2e-4), "cosine", 0.05, False, "fp32")


def reinforce(base, out, **options):
    """Train to prefer half of the tokens: those on one side of a plane that the output knows."""
    from bankft.engine import Graded, train_rft

    held = weights(base)
    side = held.get("lm_head.weight", held["model.embed_tokens.weight"])[:, 0] > 0

    def liked(samples):
        return [Graded(float(side[list(s.ids)].float().mean())) for s in samples]

    steps = []
    settings = {"n_epochs": 6, "batch_size": 8, "learning_rate_multiplier": 30.0, "kl": 0.0}
    result = train_rft(
        base,
        [{"messages": one["messages"][:2]} for one in EXAMPLES[:8]],
        [{"messages": EXAMPLES[9]["messages"][:2]}],
        out,
        **{"reward": liked, "max_tokens": 8, "threads": 1, **settings, **options},
        on_step=steps.append,
    )
    return result, steps


@pytest.mark.parametrize("algorithm", ["grpo", "ppo"])
def test_reinforcement_on_another_base(foreign, tmp_path, algorithm):
    import torch
    from safetensors.torch import save_file

    from bankft.engine import Sampler

    # Fresh weights are so small that whatever a model thinks, all tokens stay about as likely.
    sure = shutil.copytree(foreign, tmp_path / "sure")
    larger = weights(foreign)
    larger["lm_head.weight"] *= 20
    save_file(larger, sure / "model.safetensors", {"format": "pt"})
    saved = []
    result, steps = reinforce(
        sure,
        tmp_path / "out",
        algorithm=algorithm,
        n_epochs=40,
        on_checkpoint=lambda step, folder, metrics: saved.append(folder),
    )
    first, last = (sum(s.train_mean_reward for s in part) / 5 for part in (steps[:5], steps[-5:]))
    assert last > first + 0.2, (first, last)
    assert steps[0].kl < 1e-3  # the reference is the base, not the model in training
    assert steps[-1].kl > steps[0].kl
    before, after = weights(sure), weights(result.folder)
    assert before.keys() == after.keys()
    assert torch.equal(before["model.embed_tokens.weight"], after["model.embed_tokens.weight"])
    assert not torch.equal(*(w["model.layers.0.mlp.up_proj.weight"] for w in (before, after)))
    assert (result.folder / "adapter" / "adapter_config.json").is_file()
    for folder in (result.folder, *saved):
        assert list(Sampler(folder).stream(EXAMPLES[0]["messages"][:2], max_tokens=3))


def test_reinforcement_of_adapters_stops_and_resumes(tiny, tmp_path):
    from bankft.engine import LoRA, Stopped, digest

    lora = LoRA(r=4, targets=["q_proj", "v_proj"])
    options = {"lora": lora, "eval_interval": 2, "learning_rate_multiplier": 1.0}
    whole, steps = reinforce(tiny, tmp_path / "whole", **options)
    asked = iter(range(9))
    with pytest.raises(Stopped):
        reinforce(tiny, tmp_path / "cut", **options, should_stop=lambda: next(asked) == 3)
    resumed, rest = reinforce(tiny, tmp_path / "cut", **options, resume=True)
    assert [one.step for one in rest] == [3, 4, 5, 6]
    assert [s.train_mean_reward for s in rest] == [s.train_mean_reward for s in steps[2:]]
    assert digest(resumed.folder) == digest(whole.folder)
    assert digest(whole.folder) != digest(tiny)


def test_reinforcement_drops_nothing(tiny, tmp_path):
    from bankft.engine import LoRA
    from bankft.errors import UsageError

    with pytest.raises(UsageError, match="leave it out, since an answer"):
        reinforce(tiny, tmp_path, lora=LoRA(dropout=0.1))
