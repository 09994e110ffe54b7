"""What a key may do: scopes, revocation, limits, over a real port."""

import json
import os
import subprocess
import sys
import urllib.request

import openai
import pytest

from bankft.service import app as service_app
from bankft.service.limits import RateLimits
from bankft.service.scopes import NEEDED, SCOPES, needed

pytestmark = pytest.mark.service


def keys(server, *arguments, code=0):
    """Run ``bankft serve keys`` on the server's data folder."""
    done = subprocess.run(
        [sys.executable, "-m", "bankft", "serve", "keys", *arguments],
        env={**os.environ, "BANKFT_DATA_DIR": str(server.folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def keyed(make_server):
    return make_server(name="keyed", keys="configured-key-of-the-test")


@pytest.fixture(scope="module")
def made(keyed):
    """A key a scope, made while the server runs."""
    found = {}
    for scope in SCOPES:
        said = keys(keyed, "make", "--name", f"只能 {scope}", "--scope", scope, "--json").stdout
        found[scope] = json.loads(said)
    one = found["read"]["key"]
    keyed.wait(lambda: ask(keyed, "GET", "/v1/models", one)[0] == 200, "the key opens nothing", 10)
    return found


def ask(server, method, path, key):
    return server.send(method, path, b"{}", Authorization=f"Bearer {key}")


def walk():
    for module in service_app.ROUTES:
        for method, path in service_app.routes_of(module.router):
            yield method, path.replace("{name:path}", "ft:none").replace("{", "").replace("}", "")


def test_the_walk_and_the_table_see_the_same_routes():
    there = {
        route for module in service_app.ROUTES for route in service_app.routes_of(module.router)
    }
    assert there == set(NEEDED)
    assert ("POST", "/v1/chat/completions") in there


def test_every_route_asks_for_a_key_and_for_its_scope(keyed, made):
    for method, path in walk():
        scope = needed(method, path)
        if scope is None:
            assert path == "/healthz"
            continue
        assert keyed.send(method, path, b"{}", Authorization=None)[0] == 401, (method, path)
        for other in SCOPES:
            status, body = ask(keyed, method, path, made[other]["key"])
            if other == scope:
                assert status not in (401, 403), (method, path, other)
            else:
                assert status == 403, (method, path, other)
                error = json.loads(body)["error"]
                assert set(error) == {"message", "type", "param", "code"}
                assert error["code"] == "missing_scope"
                assert f"Missing scopes: {scope}." in error["message"]


def test_as_the_sdk_sees_it(keyed, made):
    with (
        openai.OpenAI(base_url=f"{keyed.url}/v1", api_key=made["infer"]["key"]) as client,
        pytest.raises(openai.PermissionDeniedError),
    ):
        client.models.list()


def test_configured_keys_have_every_scope(keyed, made):
    assert keyed.get("/v1/models")[0] == 200
    assert ask(keyed, "POST", "/v1/chat/completions", keyed.key)[0] == 400  # the body is empty


def test_keys_are_hashed_at_rest(keyed, made):
    stored = b"".join(file.read_bytes() for file in keyed.folder.glob("state.db*"))
    for one in made.values():
        assert one["id"].encode() in stored
        assert one["key"].encode() not in stored
        assert one["key"].removeprefix("bankft-").encode() not in stored
    listed = keys(keyed, "list", "--json").stdout
    assert [one["scopes"] for one in json.loads(listed)] == [[scope] for scope in SCOPES]
    assert all(one["key"] not in listed + keyed.log.read_text() for one in made.values())


def test_a_revoked_key_opens_nothing(keyed):
    said = keys(keyed, "make", "--name", "gone", "--scope", "read", "--scope", "infer", "--json")
    one = json.loads(said.stdout)
    keyed.wait(lambda: ask(keyed, "GET", "/v1/models", one["key"])[0] == 200, "it never opened", 10)
    keys(keyed, "revoke", one["id"])
    keyed.wait(lambda: ask(keyed, "GET", "/v1/models", one["key"])[0] == 401, "it still opens", 10)
    assert "revoked before" in keys(keyed, "revoke", one["id"], code=2).stderr
    assert "no key of this id" in keys(keyed, "revoke", "key-none", code=2).stderr
    keys(keyed, "make", "--name", "x", "--scope", "everything", code=2)


def test_the_headers_of_the_limit(keyed):
    header = {"Authorization": f"Bearer {keyed.key}"}
    left = []
    for _ in range(2):
        request = urllib.request.Request(f"{keyed.url}/v1/models", headers=header)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.headers["x-ratelimit-limit-requests"] == "10000"
            assert answer.headers["x-ratelimit-reset-requests"]
            left.append(int(answer.headers["x-ratelimit-remaining-requests"]))
    assert 0 < left[1] <= 10000


def test_too_many_requests(make_server, monkeypatch):
    monkeypatch.setenv("BANKFT_REQUESTS_PER_MINUTE", "3")
    limited = make_server(name="limited", keys="one-key,other-key")
    for _ in range(3):
        assert limited.get("/v1/models")[0] == 200
    with limited.client() as client, pytest.raises(openai.RateLimitError) as problem:
        client.models.list()
    assert problem.value.code == "rate_limit_exceeded"
    headers = problem.value.response.headers
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert 1 <= int(headers["retry-after"]) <= 20
    assert ask(limited, "GET", "/v1/models", "other-key")[0] == 200  # a limit of its own
    assert limited.send("GET", "/healthz", Authorization=None)[0] == 200


@pytest.mark.parametrize(
    ("at", "refused", "left", "reset"),
    [
        ([0, 0, 0], [False, False, True], "0", "1m0s"),
        ([0, 0, 30, 30], [False, False, False, True], "0", "1m0s"),  # half a minute, half of them
        ([0, 0, 1e9], [False, False, False], "1", "30s"),  # never more than the limit
    ],
)
def test_a_bucket_refills(at, refused, left, reset):
    limits = RateLimits(2)
    told = [limits.take("key", now=float(moment)) for moment in at]
    assert [refusal is not None for refusal, _ in told] == refused
    assert told[-1][1]["x-ratelimit-remaining-requests"] == left
    assert told[-1][1]["x-ratelimit-reset-requests"] == reset


def test_no_limit():
    assert RateLimits(0).take("key") == (None, {})
