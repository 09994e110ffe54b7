"""The service's audit log: what stands in it, what survives a crash, and replay."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from bankft.audit import Contents, find_key, read_entries, verify
from bankft.cases import fundbot
from bankft.cli import main

from .releasing import ENGINEER, KEYS, OFFICER, released
from .server import lines

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


@pytest.fixture
def make(make_server, monkeypatch):
    """Start a server whose log keeps what the policy says, with an alias over the base."""

    def started(policy, name, **environment):
        for variable, value in {"BANKFT_AUDIT_CONTENT": policy, **environment}.items():
            monkeypatch.setenv(variable, value)
        server = make_server(name=name, keys=KEYS)
        released(server, "bot", "bankft-nano")
        return server

    return started


def ask(server, content, **more):
    asked = {"model": "bot", "messages": [{"role": "user", "content": content}]}
    body = json.dumps({**asked, "temperature": 0, "max_tokens": 24, **more}).encode()
    status, said = server.send("POST", "/v1/chat/completions", body)
    assert status == 200, said
    return said


def answers(server, n):
    """Return the answers' entries once there are n."""

    def there():
        found = [one for one in read_entries(server.folder / "audit") if one.kind == "answer"]
        return len(found) >= n and found

    return server.wait(there, f"the log does not have {n} answers", 30)


def replay(server, entry, code=0):
    environment = {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": ENGINEER}
    done = CliRunner().invoke(
        main,
        ["audit", "replay", str(server.folder / "audit"), "--entry", str(entry), "--json"],
        env=environment,
    )
    assert done.exit_code == code, done.output
    return done


def test_logged_answers_are_the_same_when_asked_again(make, tmp_path):
    """Whatever else was in the batch: they are asked at once, and again one by one."""
    server = make("full", "full", BANKFT_AUDIT_ANCHOR=str(tmp_path / "anchor.json"))
    some = [one["messages"][-2]["content"] for one in fundbot.conversations("test", 16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: ask(server, one[1], stream=bool(one[0] % 2)), enumerate(some)))
        list(pool.map(lambda i: ask(server, some[i], temperature=1), range(4)))
    found = answers(server, 20)
    for one in found:
        told = json.loads(replay(server, one.n).stdout)
        assert told["same"], told
        assert told["then"]["verdict"] == told["today"]["verdict"] == told["logged"]
        assert told["rules_same"]
    one = found[0].data
    assert one["key"].startswith("key-")
    assert one["digest"].startswith("sha256:")
    assert one["settings"]["seed"] is not None  # drawn by the service: the request names none
    # What was kept of an answer is erased: the log stays whole, and says so.
    contents = Contents(server.folder / "audit/contents", key=find_key(server.folder / "audit"))
    assert contents.erase(found[1].data["messages"])
    assert "was erased" in replay(server, found[1].n, code=1).output
    assert "is no answer" in replay(server, 1, code=2).output
    assert "has no entry" in replay(server, 10_000, code=2).output
    assert server.stop() == 0
    checked = verify(
        server.folder / "audit", key=find_key(server.folder / "audit"),
        anchor=tmp_path / "anchor.json",
    )  # fmt: skip
    assert (checked.ok, checked.anchored) == (True, checked.entries)


def test_by_default_digests_alone_are_kept(make):
    server = make("digest", "digests")
    ask(server, "我想赎回基金")
    (one,) = answers(server, 1)
    assert one.data["messages"].startswith("hmac-sha256:")
    assert "only a digest" in replay(server, one.n, code=1).output
    assert not (server.folder / "audit/contents").exists()


def test_redacted(make):
    server = make("redacted", "redacted")
    phone = "139" + "0000" + "1234"
    ask(server, f"我的手机号是{phone}，请回电。")
    (one,) = answers(server, 1)
    log = server.folder / "audit"
    kept = Contents(log / "contents", key=find_key(log)).get(one.data["messages"])
    text = kept["messages"][0]["content"]
    assert phone not in text
    assert text.startswith("我的手机号是")
    assert "without its personal data" in replay(server, one.n, code=1).output


def test_a_crash_leaves_a_log_that_verifies_and_goes_on(make):
    server = make("full", "crash")
    port = server.port
    with ThreadPoolExecutor(4) as pool:
        asked = {
            f"user-{i}": pool.submit(
                ask, server, f"第{i}问", max_tokens=1, user=f"user-{i}", stream=bool(i % 2)
            )
            for i in range(200)
        }
        answers(server, 24)  # of which the last four may not have been given yet
        server.stop(signal.SIGKILL)
        for one in asked.values():
            one.cancel()
    log = server.folder / "audit"
    before = [one.line for one in read_entries_whole(log)]
    # Whoever was given a whole answer stands in the log: it was on the disk before its end was
    # sent.
    contents = Contents(log / "contents", key=find_key(log))
    logged = {one.data.get("user") for one in read_entries_whole(log)}
    given = {
        contents.digest({"user": user})
        for user, one in asked.items()
        if not one.cancelled() and one.exception() is None
        and (b"[DONE]" in one.result() or b'"chat.completion"' in one.result())
    }  # fmt: skip
    assert len(given) >= 20
    assert given <= logged
    server.start(port)
    ask(server, "又来")
    server.wait(lambda: list(read_entries(log))[-1].kind == "answer", "it does not go on", 20)
    assert server.stop() == 0
    assert verify(log, key=find_key(log)).ok
    after = [one.line for one in read_entries(log)]
    assert after[: len(before)] == before
    assert len(after) > len(before) > 20


def read_entries_whole(log):
    """Yield the entries before a line that a crash may have cut short."""
    from bankft.errors import DataError

    entries = read_entries(log)
    while True:
        try:
            yield next(entries)
        except (StopIteration, DataError):
            return


def test_who_changed_what_is_logged(make):
    server = make("digest", "who")
    content = lines(fundbot.conversations("train", 1, language="zh"))
    with server.client() as client:
        client.files.create(file=("one.jsonl", content), purpose="fine-tune")
    server.send("GET", "/v1/models")
    log = server.folder / "audit"
    requests = server.wait(
        lambda: [
            one.data
            for one in read_entries(log)
            if one.kind == "request" and one.data["path"] == "/v1/files"
        ],
        "the upload is not in the log",
        20,
    )
    assert [(one["method"], one["status"]) for one in requests] == [("POST", 200)]
    approvals = [one.data for one in read_entries(log) if one.kind == "release.approve"]
    proposals = [one.data for one in read_entries(log) if one.kind == "release.propose"]
    assert approvals[0]["by"] != proposals[0]["by"]
    paths = [one.data["path"] for one in read_entries(log) if one.kind == "request"]
    assert "/v1/models" not in paths  # looking changes nothing
    plain = b"".join(file.read_bytes() for file in log.glob("*.jsonl"))
    assert all(key.encode() not in plain for key in (ENGINEER, OFFICER))


@pytest.mark.long
def test_two_services_never_write_one_log(make):
    server = make("digest", "twice")
    from .server import Server

    other = Server(server.folder, keys=KEYS)
    other.log = server.folder.with_name("twice-other.log")
    with pytest.raises(AssertionError, match="Another process writes this audit log"):
        other.start()
    assert server.get("/v1/models")[0] == 200


def test_a_training_job_is_in_the_log(server, trained):
    log = server.folder / "audit"

    def said(kind):
        found = [one.data for one in read_entries(log) if one.kind == kind]
        return [one for one in found if one["job"] == trained.id]

    server.wait(lambda: said("job.ended"), "the job's end is not in the log", 20)
    ((created,), (ended,)) = said("job.created"), said("job.ended")
    assert created["training_file"]["digest"].startswith("sha256:")
    assert (ended["status"], ended["model"]) == ("succeeded", trained.fine_tuned_model)
    assert os.stat(server.folder / "audit.key").st_mode & 0o077 == 0
