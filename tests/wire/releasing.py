"""What tests of releases share: two people with a key each, and the way from draft to canary."""

import json

KEYS = "engineer-key-of-the-test,officer-key-of-the-test"
ENGINEER, OFFICER = KEYS.split(",")


def ask(server, path, key, **body):
    """Send a request about releases; without a body it looks."""
    method, content = ("POST", json.dumps(body).encode()) if body else ("GET", None)
    status, said = server.send(
        method, f"/v1/bankft/releases{path}", content, Authorization=f"Bearer {key}"
    )
    return status, json.loads(said)


def done(server, path, key, **body):
    status, said = ask(server, path, key, **body)
    assert status == 200, said
    return said


def approved(server, model):
    """Bring a model to where it may be a canary."""
    done(server, "", ENGINEER, model=model)
    done(server, "/propose", ENGINEER, model=model)
    done(server, "/approve", OFFICER, model=model)


def released(server, alias, model):
    """Let a model answer everybody."""
    approved(server, model)
    done(server, "/canary", OFFICER, alias=alias, model=model, percent=0)
    done(server, "/promote", OFFICER, alias=alias)


def status_of(server, alias):
    told = done(server, "/status", OFFICER)
    return next(one for one in told["aliases"] if one["alias"] == alias)
