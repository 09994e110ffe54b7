"""Chats under an alias, over a real port: arms, changes, the watch over a canary."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from bankft.audit import find_key, read_entries, verify
from bankft.engine import nano_path
from bankft.release import Registry

from .releasing import KEYS, OFFICER, approved, done, released, status_of

pytestmark = pytest.mark.service

ASKED = [{"role": "user", "content": "晨曦货币A的管理费率是多少？"}]
NEVER = {"min_answers": 1000}


@pytest.fixture(scope="module")
def desk(make_server, tmp_path_factory):
    """Bases with the same weights under several names; the last ones lose theirs."""
    broken = tmp_path_factory.mktemp("bases")
    bases = [f"--base=m{i}={nano_path()}" for i in range(1, 11)]
    for name in ("b1", "b2"):
        shutil.copytree(nano_path(), broken / name)
        bases.append(f"--base={name}={broken / name}")
    server = make_server(*bases, name="desk", keys=KEYS)
    for name in ("b1", "b2"):
        for weights in (broken / name).glob("*.safetensors"):
            weights.write_bytes(b"no weights")
    return server


def chat(server, alias, **more):
    """Return the answer's text and the model that the header names."""
    asked = {"messages": ASKED, "max_tokens": 2, "temperature": 0, **more}
    with server.client() as client:
        raw = client.chat.completions.with_raw_response.create(model=alias, **asked)
        model = raw.headers["x-bankft-model"]
        if not asked.get("stream"):
            return raw.parse().choices[0].message.content, model
        deltas = [chunk.choices[0].delta for chunk in raw.parse() if chunk.choices]
        return "".join(delta.content or "" for delta in deltas), model


def entries(server, kind):
    return [one.data for one in read_entries(server.folder / "audit") if one.kind == kind]


@pytest.mark.parametrize("stream", [False, True])
def test_an_alias_answers_as_its_model_does(desk, stream):
    if "plain" not in json.dumps(done(desk, "/status", OFFICER)["aliases"]):
        released(desk, "plain", "m1")
    settings = {"max_tokens": 20, "stream": stream, "seed": 3, "temperature": 1}
    text, model = chat(desk, "plain", **settings)
    assert model == "m1"
    with desk.client() as client:
        direct = client.chat.completions.create(
            model="m1", messages=ASKED, max_tokens=20, seed=3, temperature=1
        )
        assert text == direct.choices[0].message.content
        assert "plain" in [one.id for one in client.models.list()]
        assert client.models.retrieve("plain").id == "plain"


def test_the_same_user_gets_the_same_arm_and_changes_take_effect_at_once(desk):
    released(desk, "sticky", "m2")
    approved(desk, "m3")
    canary = {"alias": "sticky", "model": "m3", "limits": NEVER}
    done(desk, "/canary", OFFICER, **canary, percent=30, allow=["tester"])
    users = [f"user-{i}" for i in range(30)]
    first = {user: chat(desk, "sticky", user=user)[1] for user in users}
    assert set(first.values()) == {"m2", "m3"}
    assert {user: chat(desk, "sticky", user=user)[1] for user in users} == first
    # The newer name of the field counts as well, and the same.
    for user in users[:5]:
        assert chat(desk, "sticky", safety_identifier=user)[1] == first[user]
    assert chat(desk, "sticky", user="tester")[1] == "m3"
    assert chat(desk, "sticky")[1] == "m2"  # nobody in particular
    done(desk, "/canary", OFFICER, alias="sticky", percent=60)
    wider = {user: chat(desk, "sticky", user=user)[1] for user in users}
    assert all(wider[user] == "m3" for user in users if first[user] == "m3")
    assert sum(model == "m3" for model in wider.values()) > list(first.values()).count("m3")
    done(desk, "/promote", OFFICER, alias="sticky")
    assert chat(desk, "sticky", user=users[0])[1] == "m3"


def test_a_change_made_elsewhere_takes_effect_within_a_second(desk):
    released(desk, "apart", "m4")
    assert chat(desk, "apart")[1] == "m4"
    elsewhere = Registry(f"sqlite:///{desk.folder / 'releases.db'}")
    elsewhere.stop("apart", by="another process", reason="test")
    elsewhere.close()
    time.sleep(1)
    with pytest.raises(openai.InternalServerError) as problem:
        chat(desk, "apart")
    assert problem.value.status_code == 503
    assert problem.value.code == "alias_stopped"
    done(desk, "/start", OFFICER, alias="apart", reason="test")
    assert chat(desk, "apart")[1] == "m4"


def test_what_is_released_cannot_be_deleted(desk):
    with desk.client() as client, pytest.raises(openai.NotFoundError):
        client.models.delete("sticky")


def load(server, alias, n):
    """Ask n times, eight at a time, as n users; return what went wrong and which models spoke."""

    def one(i):
        try:
            return chat(server, alias, user=f"user-{i}", stream=bool(i % 2))[1]
        except openai.OpenAIError as problem:
            return problem

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(n)))
    return [one for one in found if not isinstance(one, str)], {*map(str, found)}


def test_a_canary_that_fails_is_taken_back_and_no_request_is_lost(desk):
    released(desk, "steady", "m5")
    approved(desk, "b1")
    limits = {"min_answers": 10, "error_rate": 0.05}
    done(desk, "/canary", OFFICER, alias="steady", model="b1", percent=100, limits=limits)
    lost, spoke = load(desk, "steady", 40)
    assert (lost, spoke) == ([], {"m5"})
    desk.wait(lambda: status_of(desk, "steady")["canary"] is None, "it is still there", 20)
    (change,) = [
        one
        for one in done(desk, "/changes", OFFICER)["data"]
        if one["action"] == "rollback" and one["alias"] == "steady"
    ]
    assert change["by"] == "watch"
    assert change["reason"].startswith("errors: ")
    desk.wait(lambda: entries(desk, "release.rollback"), "the rollback is not in the log", 10)
    failures = [one for one in entries(desk, "answer.failed") if one["alias"] == "steady"]
    assert 10 <= len(failures) <= 40
    assert {one["model"] for one in failures} == {"b1"}


@pytest.mark.parametrize(
    ("alias", "models", "limits", "reason"),
    [
        # Two tokens hold no disclaimer.
        ("lawful", ("m6", "m7"), {"min_answers": 10, "latency_p95_ms": None}, "violations: "),
        ("quick", ("m1", "m8"), {"min_answers": 10, "latency_p95_ms": 0.001,
                                 "violation_rate": 0.999}, "latency: "),
    ],
)  # fmt: skip
def test_a_canary_that_breaks_its_limits_is_taken_back(desk, alias, models, limits, reason):
    before, after = models
    if before != "m1":
        released(desk, alias, before)
    approved(desk, after)
    canary = {"alias": alias, "model": after, "limits": limits}
    done(desk, "/canary", OFFICER, **canary, percent=100)
    lost, _ = load(desk, alias, 30)
    assert lost == [] or before == "m1"  # without production nobody can take over
    desk.wait(lambda: status_of(desk, alias)["canary"] is None, "it is still there", 20)
    changes = done(desk, "/changes", OFFICER)["data"]
    told = [c["reason"] for c in changes if c["alias"] == alias and c["action"] == "rollback"]
    assert [one.startswith(reason) for one in told] == [True]


def test_a_shadow_answers_unseen(desk):
    released(desk, "shaded", "m9")
    approved(desk, "m10")
    done(desk, "/canary", OFFICER, alias="shaded", model="m10", percent=100, shadow=True)
    assert chat(desk, "shaded", user="anybody", stream=True)[1] == "m9"
    (said,) = desk.wait(lambda: entries(desk, "answer.shadow"), "no shadow was cast", 20)
    assert (said["model"], said["beside"], said["same"]) == ("m10", "m9", True)


def test_all_of_it_survives_a_restart_and_is_in_the_log(desk):
    port = desk.port
    assert desk.stop() == 0
    desk.start(port)
    assert chat(desk, "sticky")[1] == "m3"
    assert desk.stop() == 0
    log = desk.folder / "audit"
    assert verify(log, key=find_key(log)).ok
    kinds = {one.kind for one in read_entries(log)}
    assert kinds >= {
        "service.start", "service.stop", "release.add", "release.approve", "release.canary",
        "release.promote", "release.rollback", "answer", "answer.failed", "request",
    }  # fmt: skip
    changes = Registry(f"sqlite:///{desk.folder / 'releases.db'}").changes()
    logged = [one.data for one in read_entries(log) if one.kind.startswith("release.")]
    assert [one["n"] for one in logged] == [one["n"] for one in changes]
    text = b"".join(file.read_bytes() for file in log.glob("*.jsonl")).decode()
    assert ASKED[0]["content"] not in text
    assert "user-1" not in text  # who asked is a keyed digest
    assert not (log / "contents").exists()  # by default nothing that was said is kept
    (start, *_) = [one.data for one in read_entries(log) if one.kind == "service.start"]
    assert start["rules"].startswith("sha256:")
