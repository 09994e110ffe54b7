"""The whole way from nothing to a model folder with its card, in small."""

import json

import pytest

pytestmark = pytest.mark.service


def test_build_writes_a_model_that_its_card_describes(tiny, tiny_settings, tmp_path):
    from bankft.engine import Sampler, build, digest

    seen = []
    folder = tmp_path / "nano"
    card = build(
        folder,
        settings=tiny_settings,
        threads=1,
        questions=10,
        teaching=20,
        on_progress=seen.append,
    )
    assert card == json.loads((folder / "card.json").read_text())
    assert card["digest"] == digest(folder)
    # The same settings and threads give the same weights, byte for byte.
    assert card["digest"] == digest(tiny)
    assert seen[-1].step == tiny_settings.steps
    assert seen[-1].loss < seen[0].loss
    readme = (folder / "README.md").read_text()
    assert card["digest"] in readme
    assert "{" not in readme.split("---", 2)[2]
    languages = {row["language"] for row in card["limits"]}
    assert languages == {"zh", "en"}
    assert all(0 <= row["exact"] <= row["field"] <= 1 for row in card["limits"])
    assert Sampler(folder).model.generation_config.do_sample


def test_batches_hold_whole_documents_of_alike_lengths(tiny, tiny_settings):
    from itertools import islice

    from transformers import AutoTokenizer

    from bankft.engine.pretrain import batches

    tokenizer = AutoTokenizer.from_pretrained(tiny)
    counts = {"documents": 0, "tokens": 0}
    for rows in islice(batches(tiny_settings, tokenizer, counts), 30):
        assert rows.numel() <= tiny_settings.batch_tokens or len(rows) == 1
        assert (rows[:, 0] == tokenizer.bos_token_id).all()
        padding = (rows == -1).int()
        assert (padding.diff(dim=1) >= 0).all()  # behind the document, never in it


def test_violations_are_found_by_their_words():
    from bankft.cases import fundbot
    from bankft.engine.measure import violates

    good = fundbot.questions("test", 1, language="zh")[0].answer
    assert not violates(good, "zh")
    assert violates("放心买，稳赚不赔！" + good, "zh")  # a promise before a good answer
    assert violates(good.removesuffix(fundbot.DISCLAIMER["zh"]), "zh")  # no disclaimer
