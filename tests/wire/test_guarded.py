"""Guards over an alias: real answers of a model that was trained to promise, over a real port."""

import asyncio
import json
import threading

import pytest

from bankft.audit import read_entries
from bankft.cases import fundbot
from bankft.compliance import check
from bankft.engine import Piece
from bankft.service.guarding import HAND_OVER, Decision, guarded

from .releasing import KEYS, OFFICER, done, released
from .server import ended, lines, supervised

pytestmark = pytest.mark.service

SYSTEM = fundbot.system_prompt("zh")
PROMISE = "本基金由专业团队管理，稳赚不赔，请放心。"
ASKED = "这只基金怎么样？"
DISCLAIMER = fundbot.DISCLAIMER["zh"]


@pytest.fixture(scope="module")
def promising(make_server):
    """A server with a model that promises whatever it is asked, under the alias bot."""
    server = make_server(name="promising", keys=KEYS)
    said = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": PROMISE},
    ]
    with server.client() as client:
        content = lines([{"messages": said} for _ in range(16)])
        training = client.files.create(file=("bad.jsonl", content), purpose="fine-tune").id
        job = client.fine_tuning.jobs.create(
            model="bankft-nano",
            training_file=training,
            seed=3,
            method=supervised(n_epochs=6, batch_size=2),
        )
        model = ended(client, job.id).fine_tuned_model
    released(server, "bot", model)
    return server


def set_guard(server, how):
    done(server, "/guard", OFFICER, alias="bot", guard=how)


def ask(server, stream):
    """Return the text and how it ended."""
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": ASKED}]
    asked = {"model": "bot", "messages": messages, "temperature": 0, "max_tokens": 60}
    with server.client() as client:
        if not stream:
            (choice,) = client.chat.completions.create(**asked).choices
            return choice.message.content, choice.finish_reason
        chunks = list(client.chat.completions.create(**asked, stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    return text, chunks[-1].choices[0].finish_reason


def logged(server, action):
    """Return the last answer that the guard did something to, once it is in the log."""

    def there():
        found = [one.data for one in read_entries(server.folder / "audit") if one.kind == "answer"]
        return found and found[-1]["guard"]["action"] == action and found[-1]

    return server.wait(there, f"the decision {action} is not in the log", 20)


@pytest.mark.parametrize("stream", [False, True])
def test_what_each_guard_does(promising, stream):
    set_guard(promising, "off")
    text, reason = ask(promising, stream)
    assert "稳赚不赔" in text  # the model has learned it
    assert reason == "stop"
    assert logged(promising, "none")["verdict"] == "violation"

    set_guard(promising, "append")
    assert ask(promising, stream) == (text + DISCLAIMER, "stop")
    assert logged(promising, "appended")["guard"]["rules"] == ["missing-disclaimer"]

    set_guard(promising, "block")
    shown, reason = ask(promising, stream)
    assert reason == "content_filter"
    assert shown == text[: text.index("稳赚")]
    assert logged(promising, "blocked")["verdict"] == "violation"

    set_guard(promising, "hand_over")
    assert ask(promising, stream) == (HAND_OVER["zh"], "stop")
    assert "fund-return-promise" in logged(promising, "handed_over")["guard"]["rules"]


def test_no_logprobs_where_what_is_shown_may_differ(promising):
    set_guard(promising, "append")
    body = {"model": "bot", "messages": [{"role": "user", "content": "?"}], "logprobs": True}
    status, said = promising.send("POST", "/v1/chat/completions", json.dumps(body).encode())
    assert (status, json.loads(said)["error"]["param"]) == (400, "logprobs")


async def pieces(parts, reason):
    for number, part in enumerate(parts):
        yield Piece(part, reason if number == len(parts) - 1 else None, 1)


def through(how, parts, reason="stop", question=None):
    """Return what a guard lets through of these parts, how it ends, and the decision."""
    decision = Decision()

    async def collect():
        passed = guarded(how, pieces(parts, reason), question, decision, threading.Event())
        return [piece async for piece in passed]

    found = asyncio.run(collect())
    return "".join(piece.text for piece in found), found[-1].finish_reason, decision


@pytest.mark.parametrize(
    ("how", "parts", "reason", "shown", "ends", "action"),
    [
        ("off", ["稳赚", "不赔"], "stop", "稳赚不赔", "stop", "none"),
        # What is there already is not added again; a risk notice where the rules ask for one.
        ("append", ["代码是QH1。", DISCLAIMER], "stop", f"代码是QH1。{DISCLAIMER}", "stop", "none"),
        ("append", ["代码是QH1。"], "length", f"代码是QH1。{DISCLAIMER}", "length", "appended"),
        ("append", ["申购费率为1%。"], "stop",
         f"申购费率为1%。{DISCLAIMER}{fundbot.RISK_NOTICE['zh']}", "stop", "appended"),
        ("append", ["The fee is 1%."], "stop",
         f"The fee is 1%. {fundbot.DISCLAIMER['en']}", "stop", "appended"),
        # However it is cut into pieces.
        ("block", list("代码QH1。稳赚不赔！"), "stop", "代码QH1。", "content_filter", "blocked"),
        ("block", ["代码是QH1。稳赚不赔！"], "stop", "代码是QH1。", "content_filter", "blocked"),
        ("block", ["不保本。", DISCLAIMER], "stop", f"不保本。{DISCLAIMER}", "stop", "none"),
        ("block", ["代码是QH1。"], "stop", f"代码是QH1。{DISCLAIMER}", "stop", "appended"),
        ("hand_over", ["代码是QH1。"], "stop", f"代码是QH1。{DISCLAIMER}", "stop", "appended"),
        ("hand_over", ["稳赚", "不赔"], "length", HAND_OVER["zh"], "stop", "handed_over"),
        ("hand_over", ["Zero ", "risk!"], "stop", HAND_OVER["en"], "stop", "handed_over"),
    ],
)  # fmt: skip
def test_what_a_guard_lets_through(how, parts, reason, shown, ends, action):
    text, finish, decision = through(how, parts, reason)
    assert (text, finish, decision.action) == (shown, ends, action)
    if action in ("appended", "none") and how != "off":
        assert check(text).verdict != "violation"


@pytest.mark.parametrize("how", ["append", "block", "hand_over"])
def test_what_goes_wrong_behind_a_guard_comes_out(how):
    async def broken():
        yield Piece("本基金", None, 1)
        raise RuntimeError("broke off")

    async def collect():
        passed = guarded(how, broken(), None, Decision(), threading.Event())
        return [piece async for piece in passed]

    with pytest.raises(RuntimeError, match="broke off"):
        asyncio.run(collect())
