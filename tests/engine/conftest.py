"""A tiny model for the tests of the engine: seconds to make, and it can do nothing."""

import pytest


@pytest.fixture(scope="session")
def tiny_settings():
    """Twenty steps of a model of a hundred thousand parameters."""
    pytest.importorskip("torch")
    from bankft.engine import Settings

    return Settings(
        hidden=64,
        feed_forward=128,
        layers=2,
        heads=2,
        vocab_size=700,
        steps=20,
        batch_tokens=512,
        pool=200,
        tokenizer_documents=500,
    )


@pytest.fixture(scope="session")
def tiny(tiny_settings, tmp_path_factory):
    """A model folder made with `tiny_settings`."""
    import torch

    from bankft.engine.base_model import save
    from bankft.engine.pretrain import pretrain

    torch.set_num_threads(1)
    model, tokenizer, _ = pretrain(tiny_settings, lambda progress: None)
    folder = tmp_path_factory.mktemp("model") / "tiny"
    save(model, tokenizer, folder)
    return folder
