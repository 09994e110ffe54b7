"""A base model of one's own beside the one that is shipped: any local Hugging Face folder."""

import openai
import pytest

from .examples import EXACT, items, put, reinforcement
from .server import ended, supervised, upload
from .test_lifecycle import refused_start

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small model with random weights, as transformers saves it."""
    from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

    from bankft.engine import nano_path

    tokenizer = AutoTokenizer.from_pretrained(nano_path())
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    folder = tmp_path_factory.mktemp("bases") / "tiny"
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def two_bases(make_server, tiny):
    return make_server("--base", f"tiny={tiny}")


def answers(client, model):
    """Return what a model says, in two tokens."""
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "x"}], max_tokens=2
    ).choices


def test_both_are_there(two_bases):
    with two_bases.client() as client:
        assert [model.id for model in client.models.list()] == ["bankft-nano", "tiny"]
        assert client.models.retrieve("tiny").owned_by == "bankft"
        with pytest.raises(openai.PermissionDeniedError):
            client.models.delete("tiny")
        for name in ("bankft-nano", "tiny"):
            assert answers(client, name)


def test_lora_is_what_a_base_of_one_s_own_is_trained_by(two_bases):
    with two_bases.client() as client:
        training = upload(client, 10)
        quick = {"model": "tiny", "method": supervised(n_epochs=1, batch_size=5)}
        job = client.fine_tuning.jobs.create(training_file=training, **quick)
        whole = client.fine_tuning.jobs.create(
            training_file=training, **quick, extra_body={"bankft": {"lora": None}}
        )
        assert job.to_dict()["bankft"]["lora"]["targets"] == "all-linear"
        assert whole.to_dict()["bankft"] == {"lora": None}
        done = ended(client, job.id)
        assert done.status == "succeeded", done.error
        assert done.fine_tuned_model.startswith("ft:tiny:bankft:")
        assert answers(client, done.fine_tuned_model)
        assert ended(client, whole.id).status == "succeeded"
        adapters = [
            bool(list((two_bases.folder / "jobs" / one.id).rglob("adapter_config.json")))
            for one in (job, whole)
        ]
        assert adapters == [True, False]


def test_rewards_train_any_base(two_bases):
    with two_bases.client() as client:
        job = client.fine_tuning.jobs.create(
            model="tiny",
            training_file=put(client, items(10)),
            validation_file=put(client, items(2, "valid")),
            method=reinforcement(EXACT, batch_size=10),
            extra_body={"bankft": {"max_tokens": 8}},
        )
        done = ended(client, job.id)
        assert done.status == "succeeded", done.error
        assert done.to_dict()["bankft"]["lora"]["targets"] == "all-linear"
        assert list((two_bases.folder / "jobs" / job.id).glob("adapter/adapter_config.json"))
        assert answers(client, done.fine_tuned_model)
        checkpoint = client.fine_tuning.jobs.checkpoints.list(job.id).data[0]
        assert answers(client, checkpoint.fine_tuned_model_checkpoint)


def test_a_folder_without_a_name_stands_in_the_shipped_one_s_place(make_server, tiny):
    server = make_server("--base", str(tiny), name="alone")
    with server.client() as client:
        assert [model.id for model in client.models.list()] == ["tiny"]
    assert server.stop() == 0


@pytest.mark.parametrize("names", [["a b"], ["", ""], ["x", "x"], ["../x"]], ids=str)
def test_names_that_are_none(tmp_path, tiny, names):
    options = [word for name in names for word in ("--base", f"{name}={tiny}")]
    code, said = refused_start(*options, "--data-dir", str(tmp_path / "d"), "--port", "0")
    assert code == 2
    assert "NAME=FOLDER" in said
