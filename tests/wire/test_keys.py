"""With keys configured, nothing but the health check answers without one."""

import json

import openai
import pytest

from bankft.service import app as service_app

pytestmark = pytest.mark.service

KEYS = "first-key-of-the-test,second-key-of-the-test"
OPEN = {"/healthz"}  # restated here: opening another route must be a decision


@pytest.fixture(scope="module")
def guarded(make_server):
    return make_server(keys=KEYS)


def routes():
    """Every method and path that the app knows, found by walking it."""
    found = []
    for module in service_app.ROUTES:
        for route in module.router.routes:
            found += [(method, route.path) for method in sorted(route.methods)]
    return found


def test_the_walk_sees_the_routes():
    assert ("POST", "/v1/files") in routes()
    assert ("GET", "/v1/fine_tuning/jobs/{job_id}/events") in routes()
    assert len(routes()) == 46


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer wrong", "Basic Zmlyc3Q6eA==", "\xff"])
def test_every_route_refuses(guarded, key):
    for method, path in [*routes(), ("GET", "/v1/unknown"), ("GET", "/"), ("PUT", "/v1/files")]:
        path = path.replace("{name:path}", "bankft-nano").replace("{file_id}", "file-x")
        if path in OPEN:
            continue
        status, body = guarded.send(method, path, b"{}", Authorization=key)
        assert status == 401, (method, path)
        error = json.loads(body)["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["type"] == "invalid_request_error"
        assert "wrong" not in error["message"]


def test_health_needs_no_key(guarded):
    assert guarded.send("GET", "/healthz", Authorization=None)[0] == 200


@pytest.mark.parametrize("key", KEYS.split(","))
def test_each_key_opens(guarded, key):
    with openai.OpenAI(base_url=f"{guarded.url}/v1", api_key=key) as client:
        assert client.models.list().data[0].id == "bankft-nano"


def test_wrong_key_as_the_sdk_sees_it(guarded):
    with (
        openai.OpenAI(base_url=f"{guarded.url}/v1", api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as problem,
    ):
        client.models.list()
    assert problem.value.code == "invalid_api_key"


def test_keys_stay_out_of_the_log(guarded):
    assert "warning" not in guarded.log.read_text()
    for key in KEYS.split(","):
        assert key not in guarded.log.read_text()


def test_a_key_is_needed_even_where_any_will_do(server):
    """A web page in a browser here can send simple requests, but no such header."""
    assert server.send("GET", "/v1/models", Authorization=None)[0] == 401
    assert "any key is accepted" in server.log.read_text()
