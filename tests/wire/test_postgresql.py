"""The service with its state and its releases in PostgreSQL."""

import json
import subprocess
import sys

import pytest
from postgresql import running

from bankft.audit import find_key, read_entries, verify
from bankft.release import Registry

from .releasing import KEYS, OFFICER, done, released, status_of
from .server import ended, supervised, upload

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def url():
    with running() as address:
        yield address


def test_train_release_and_go_on_after_a_restart(make_server, monkeypatch, url):
    monkeypatch.setenv("BANKFT_DATABASE_URL", url)
    server = make_server(name="postgresql", keys=KEYS)
    assert list(server.folder.glob("*.db")) == []
    with server.client() as client:
        job = client.fine_tuning.jobs.create(
            model="bankft-nano",
            training_file=upload(client, 12),
            seed=7,
            method=supervised(n_epochs=1, batch_size=4),
        )
        model = ended(client, job.id).fine_tuned_model
    released(server, "bot", model)
    made = subprocess.run(
        [sys.executable, "-m", "bankft", "serve", "keys", "make", "--name", "app", "--scope",
         "infer", "--data-dir", str(server.folder), "--json"],
        env=server.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    key = json.loads(made.stdout)["key"]
    asked = {"model": "bot", "messages": [{"role": "user", "content": "管理费？"}], "max_tokens": 2}
    body = json.dumps(asked).encode()
    path = "/v1/chat/completions"

    def answered():
        return server.send("POST", path, body, Authorization=f"Bearer {key}")[0] == 200

    server.wait(answered, "the key that was made opens nothing", 10)
    elsewhere = Registry(url)
    elsewhere.stop("bot", by="another process", reason="test")
    elsewhere.close()
    server.wait(lambda: not answered(), "the alias answers still", 2)
    port = server.port
    assert server.stop() == 0
    server.start(port)
    assert status_of(server, "bot")["stopped"]
    done(server, "/start", OFFICER, alias="bot", reason="test")
    assert answered()
    assert server.stop() == 0
    log = server.folder / "audit"
    assert verify(log, key=find_key(log)).ok
    kinds = [one.kind for one in read_entries(log)]
    for kind in ("job.created", "job.ended", "key.made", "release.stop", "release.start"):
        assert kinds.count(kind) == 1
    assert "Traceback" not in server.log.read_text()
