"""A model folder that cannot be read says so in one sentence."""

import json
import shutil

import pytest

from bankft.engine import digest, nano_path
from bankft.errors import BaseModelUnreadable

pytestmark = pytest.mark.service


def truncate(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def lie(folder):
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"qwen3"', '"no-such-model"'))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (truncate, "truncated"),
        (lambda f: (f / "model.safetensors").unlink(), "no .safetensors"),
        (lambda f: (f / "config.json").unlink(), "no config.json"),
        (lambda f: (f / "config.json").write_text("{"), "cannot be read"),
        (lie, "cannot be read"),
        (shutil.rmtree, "not a folder"),
    ],
    ids=["truncated", "no weights", "no config", "broken config", "unknown model", "no folder"],
)
def test_damage_is_named(tiny, tmp_path, damage, says):
    from bankft.engine import Sampler

    copy = tmp_path / "model"
    shutil.copytree(tiny, copy)
    damage(copy)
    with pytest.raises(BaseModelUnreadable, match=says) as caught:
        Sampler(copy)
    assert "\n" not in str(caught.value)


def test_digest_follows_the_weights(tiny, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(tiny, copy)
    assert digest(copy) == digest(tiny)
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert digest(copy) != digest(tiny)


def test_shipped_model_is_small_and_is_the_one_that_its_card_measured():
    folder = nano_path()
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 20_000_000
    assert json.loads((folder / "card.json").read_text())["digest"] == digest(folder)
    assert digest(folder) in (folder / "README.md").read_text()


def test_the_digest_is_the_model_s_not_of_what_training_keeps_beside_it(tmp_path):
    shutil.copytree(nano_path(), tmp_path / "model")
    (tmp_path / "model" / "optimizer.safetensors").write_bytes(b"state")
    assert digest(tmp_path / "model") == digest(nano_path())
