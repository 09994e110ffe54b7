"""Asking a real model many things at once: what quality and augmentation rest on."""

import pytest

from bankft import data
from bankft.cases import fundbot
from bankft.data.asking import ask_all
from bankft.errors import BankftError

pytestmark = pytest.mark.service

EXAMPLES = fundbot.conversations("train", 12, language="zh")
SETTINGS = {"model": "bankft-nano", "max_tokens": 20, "progress": False}


def test_many_at_once_is_the_same_as_one_by_one(client):
    together = data.back_annotate(EXAMPLES, client, concurrency=6, **SETTINGS)
    singly = data.back_annotate(EXAMPLES, client, concurrency=1, **SETTINGS)
    assert together == singly


def test_what_a_length_limit_cut_off_is_known(client):
    ask = [{"role": "user", "content": "你好"}]
    short, long = (
        ask_all(client, [ask], model="bankft-nano", progress=False, max_tokens=n, temperature=0)[0]
        for n in (2, 200)
    )
    assert not short.whole
    assert long.whole
    assert long.text.startswith(short.text)


def test_one_failed_call_ends_the_others(client):
    good = [{"role": "user", "content": "你好"}]
    bad = [{"role": "nobody", "content": "你好"}]
    with pytest.raises(BankftError, match=r"^Call 3 of 40 to bankft-nano failed: .*HTTP 400"):
        ask_all(client, [good, good, bad, *[good] * 37], concurrency=2, **SETTINGS)


def test_progress_is_drawn_on_stderr(client, capsys):
    ask = [{"role": "user", "content": "你好"}]
    ask_all(client, [ask] * 3, **{**SETTINGS, "progress": True})
    shown = capsys.readouterr()
    assert "3/3" in shown.err
    assert shown.out == ""
