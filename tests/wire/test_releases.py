"""The registry of releases over a real port, and as the command line asks for it."""

import json
import os
import subprocess
import sys

import pytest

from bankft.audit import read_entries
from bankft.engine import nano_path

from .releasing import ENGINEER, KEYS, OFFICER, approved, ask, done, status_of

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def office(make_server):
    bases = [f"--base={name}={nano_path()}" for name in ("v1", "v2", "v3", "v4", "v5", "v6")]
    return make_server(*bases, name="office", keys=KEYS)


def run(server, *arguments, key, code=0):
    told = subprocess.run(
        [sys.executable, "-m", "bankft", "release", *arguments],
        env={**os.environ, "OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == code, told.stderr
    assert "Traceback" not in told.stderr
    return told


def test_from_draft_to_production_and_back(office):
    approved(office, "v1")
    limits = {"min_answers": 5, "violation_rate": 0.5}
    done(office, "/canary", OFFICER, alias="bot", model="v1", percent=10, limits=limits)
    route = status_of(office, "bot")
    assert (route["canary"], route["percent"], route["limits"]["min_answers"]) == ("v1", 10, 5)
    assert "salt" not in route
    done(office, "/promote", OFFICER, alias="bot")
    approved(office, "v2")
    done(office, "/canary", OFFICER, alias="bot", model="v2", percent=50, shadow=True)
    told = done(office, "/rollback", OFFICER, alias="bot", reason="slow")
    assert told["taken_back"] == "v2"
    listed = {one["id"]: one["status"] for one in done(office, "", OFFICER)["data"]}
    assert (listed["v1"], listed["v2"]) == ("production", "draft")
    actions = [one["action"] for one in done(office, "/changes", OFFICER)["data"]]
    assert actions[:5] == ["add", "propose", "approve", "canary", "promote"]
    assert actions[-1] == "rollback"


def test_four_eyes(office):
    done(office, "", ENGINEER, model="v3")
    done(office, "/propose", ENGINEER, model="v3")
    status, said = ask(office, "/approve", ENGINEER, model="v3")
    assert (status, said["error"]["code"]) == (400, "release_refused")
    assert "another person must" in said["error"]["message"]
    status, said = ask(office, "/canary", OFFICER, alias="x", model="v3", percent=1)
    assert (status, "not approved" in said["error"]["message"]) == (400, True)
    changed = done(office, "/changes", OFFICER)["data"]
    by = {one["by"] for one in changed}
    assert len(by) == 2
    assert all(one.startswith("key-") and one not in KEYS for one in by)


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("", {"model": "ft:none"}, 404, "does not exist"),
        ("", {"model": "v4", "gate": {"passed": "yes"}}, 400, "'passed'"),
        ("", {"model": "v4", "shutdown_date": "2027-02-30"}, 400, "no day"),
        ("/propose", {"model": "none"}, 400, "not in the registry"),
        ("/canary", {"alias": "a b", "model": "v4", "percent": 1}, 400, "'alias'"),
        ("/canary", {"alias": "bankft-nano", "model": "v4", "percent": 1}, 400, "called so"),
        ("/canary", {"alias": "c", "model": "v4", "percent": 101}, 400, "at most 100"),
        ("/canary", {"alias": "c", "model": "v4", "percent": 1, "salt": "x"}, 400, "Unknown"),
        ("/promote", {"alias": "none"}, 400, "no alias none"),
        # A typing error must not seem to have stopped anything.
        ("/stop", {"alias": "fund-bt", "reason": "x"}, 400, "no alias fund-bt"),
        ("/guard", {"alias": "c", "guard": "none"}, 400, "guard"),
        ("/rollback", {"alias": "none", "reason": "x"}, 400, "no alias"),
    ],
)
def test_refusals(office, path, body, status, said):
    got, answer = ask(office, path, OFFICER, **body)
    assert got == status
    assert said in answer["error"]["message"]


def test_on_the_command_line(office, tmp_path):
    metrics = {"accuracy": {"before": 0.8, "after": 0.9, "low": 0.02, "high": 0.18}}
    report = {"metrics": metrics, "gate": {"passed": False, "checks": []}}
    (tmp_path / "bad.json").write_text(json.dumps(report))
    (tmp_path / "good.json").write_text(json.dumps({**report, "gate": {"passed": True}}))
    run(office, "add", "v5", "--gate", str(tmp_path / "bad.json"), key=ENGINEER)
    assert "failed its regression gate" in run(office, "propose", "v5", key=ENGINEER, code=1).stderr
    run(office, "propose", "v5", "--gate", str(tmp_path / "good.json"), key=ENGINEER)
    assert "another person" in run(office, "approve", "v5", key=ENGINEER, code=1).stderr
    run(office, "approve", "v5", key=OFFICER)
    limit = ["--limit", "min_answers=20", "--limit", "latency_p95_ms=9000"]
    said = run(office, "canary", "cli-bot", "v5", "--percent", "10", *limit, key=OFFICER).stderr
    assert said == "cli-bot leads to nothing yet, and to v5 for 10 % of the users.\n"
    told = json.loads(run(office, "status", "cli-bot", "--json", key=OFFICER).stdout)
    assert (told["canary"], told["limits"]["latency_p95_ms"]) == ("v5", 9000)
    run(office, "canary", "cli-bot", "--percent", "20", "--limit", "seconds=60", key=OFFICER)
    told = json.loads(run(office, "status", "cli-bot", "--json", key=OFFICER).stdout)
    assert (told["percent"], told["limits"]["seconds"]) == (20, 60)
    assert told["limits"]["min_answers"] == 20  # what is not named stays
    run(office, "promote", "cli-bot", key=OFFICER)
    assert "stopped" in run(office, "stop", "cli-bot", "--reason", "test", key=OFFICER).stderr
    run(office, "start", "cli-bot", "--reason", "test", key=OFFICER)
    run(office, "guard", "cli-bot", "block", key=OFFICER)
    told = json.loads(run(office, "status", "--json", key=OFFICER).stdout)
    (model,) = [one for one in told["models"] if one["id"] == "v5"]
    assert (model["status"], model["card"]["gate"]["passed"]) == ("production", True)
    assert model["card"]["evaluation"] == {"metrics": metrics}
    assert "v5" in run(office, "status", key=OFFICER).stdout
    run(office, "rollback", "cli-bot", "--reason", "x", key=OFFICER, code=1)
    run(office, "canary", "cli-bot", "--percent", "10", "--limit", "x=1", key=OFFICER, code=2)


def test_a_base_that_is_shut_down_is_watched(office):
    done(office, "", ENGINEER, model="v6", shutdown_date="2026-01-31")
    done(office, "/propose", ENGINEER, model="v6")
    done(office, "/approve", OFFICER, model="v6")
    told = done(office, "/canary", OFFICER, alias="old", model="v6", percent=1)
    assert next(one for one in told["models"] if one["id"] == "v6")["shut_down"] is True
    status, said = ask(office, "/promote", OFFICER, alias="old")
    assert (status, "retrain on another" in said["error"]["message"]) == (400, True)
    (entry,) = office.wait(
        lambda: [
            one.data
            for one in read_entries(office.folder / "audit")
            if one.kind == "shutdown.reached"
        ],
        "the log does not say so",
        20,
    )
    assert entry == {"model": "v6", "shutdown_date": "2026-01-31"}


def test_the_card_is_filled_from_the_job(server, trained):
    """What the model is made of is what the service knows, not what somebody says."""
    model = trained.fine_tuned_model
    server.send("POST", "/v1/bankft/releases", json.dumps({"model": model}).encode())
    told = server.get("/v1/bankft/releases")[1]  # another test may have put it in before
    (card,) = [one["card"] for one in json.loads(told)["data"] if one["id"] == model]
    assert card["base"] == "bankft-nano"
    for name in ("digest", "base_digest", "training_file", "validation_file"):
        assert card[name].startswith("sha256:")
    assert card["training_file"] != card["validation_file"]
    assert (card["seed"], card["job"]) == (7, trained.id)
    assert card["recipe"]["hyperparameters"]["n_epochs"] == 2
    assert card["metrics"]["train_loss"] > 0


def test_each_recording_begins_with_an_empty_registry(make_server):
    """Two takes of a page in two languages: the same bytes, whatever the other one released."""
    server = make_server("--deterministic", "7", f"--base=v1={nano_path()}", name="recorded")

    def take(recording):
        head = {"x-bankft-recording": recording, "Content-Type": "application/json"}

        def send(method, path, key, **body):
            content = json.dumps(body).encode() if body else None
            return server.send(
                method, f"/v1/bankft/releases{path}", content, Authorization=f"Bearer {key}", **head
            )

        said = [
            send("POST", "", "engineer", model="v1"),
            send("POST", "/propose", "engineer", model="v1"),
            send("POST", "/approve", "engineer", model="v1"),  # the same key: refused
            send("POST", "/approve", "officer", model="v1"),
            send("POST", "/canary", "officer", alias="bot", model="v1", percent=10, allow=["t"]),
            send("GET", "/changes", "officer"),
            send("GET", "", "officer"),
        ]
        assert [status for status, _ in said] == [200, 200, 400, 200, 200, 200, 200]
        return said

    assert take("case.zh") == take("case.en") == take("case.zh")
