"""The frame: limits, lines of the log, errors without their values."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from bankft.service.app import create_app
from bankft.service.auth import Keys
from bankft.service.clock import Clock
from bankft.service.context import BaseModel, Service
from bankft.service.frame import Frame, neutral
from bankft.service.inference import Samplers
from bankft.service.store import Store

pytestmark = pytest.mark.service


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/v1/models", "/v1/models"),
        ("a b", "a b"),
        ("名字", "名字"),
        ("a\r\nINFO forged", "a\\r\\nINFO forged"),
        ("\x1b[31mred", "\\x1b[31mred"),  # a terminal's colour
        ("a\u202eb", "a\\u202eb"),  # writing direction turned
        ("a\u2028b", "a\\u2028b"),  # another way to end a line
        ("x" * 300, "x" * 200 + "…"),
    ],
)
def test_no_text_can_forge_a_line(text, shown):
    assert neutral(text) == shown


def call(frame, method="POST", path="/v1/files", headers=(), body=()):
    """Send one request to the frame as a server would; return status and body."""
    sent, parts = [], [*body]

    async def receive():
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(frame(scope, receive, send))
    text = b"".join(message.get("body", b"") for message in sent[1:])
    return (sent[0]["status"] if sent else None), text, len(parts)


@pytest.fixture
def service(tmp_path):
    store = Store(tmp_path)
    base = BaseModel("bankft-nano", Path(), "sha256:0", 0)
    samplers = Samplers(1)
    made = Service(store, Clock(), Keys([]), base, samplers, None, largest_file=2**20)
    yield made
    made.closing.set()
    samplers.close()
    store.close()


@pytest.fixture
def frame(service):
    return create_app(service)


AUTH = (b"authorization", b"Bearer x")
FORM = (b"content-type", b"multipart/form-data; boundary=b")
HEAD = (
    b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
)


def test_upload_over_the_limit_is_refused_after_it_was_read(frame, service):
    parts = [HEAD, *[b"x" * 2**16] * 20, b"\r\n--b--\r\n"]
    status, body, unread = call(frame, headers=[AUTH, FORM], body=parts)
    assert status == 413
    assert set(json.loads(body)["error"]) == {"message", "type", "param", "code"}
    assert unread == 0  # or the client would never see the answer
    assert not list((service.store.folder / "files").iterdir())


def test_endless_upload_is_cut_off(frame, service):
    status, _, unread = call(frame, headers=[AUTH, FORM], body=[HEAD, *[b"x" * 2**16] * 1000])
    assert status == 413
    assert unread > 900
    assert not list((service.store.folder / "files").iterdir())


def test_client_that_asks_first_is_answered_first(frame):
    headers = [AUTH, FORM, (b"expect", b"100-continue"), (b"content-length", b"9999999999")]
    status, _, unread = call(frame, headers=headers, body=[b"x", b"x"])
    assert (status, unread) == (413, 2)


def test_json_body_over_the_limit(frame):
    headers = [AUTH, (b"content-type", b"application/json")]
    body = [b"[", *[b" " * 2**20] * 18, b"]"]
    status, _, _ = call(frame, path="/v1/fine_tuning/jobs", headers=headers, body=body)
    assert status == 413


def test_a_bug_answers_500_in_the_envelope_and_logs_the_place(frame, service, caplog):
    service.store.close()
    with caplog.at_level(logging.INFO):
        service.store.read = None  # whatever goes wrong inside
        status, body, _ = call(frame, method="GET", headers=[AUTH])
    assert status == 500
    assert json.loads(body)["error"]["type"] == "server_error"
    assert any("failed: TypeError at" in line for line in caplog.messages)


def test_frame_leaves_other_protocols_alone(service):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Frame(app, service)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
