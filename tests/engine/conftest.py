"""A tiny model for the tests of the engine: seconds to make, and it can do nothing."""

import pytest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A model folder of twenty pre-training steps."""
    torch = pytest.importorskip("torch")
    from bankft.engine import Settings
    from bankft.engine.base_model import save
    from bankft.engine.pretrain import pretrain

    torch.set_num_threads(1)
    settings = Settings(
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
    model, tokenizer, _ = pretrain(settings, lambda progress: None)
    folder = tmp_path_factory.mktemp("model") / "tiny"
    save(model, tokenizer, folder)
    return folder
