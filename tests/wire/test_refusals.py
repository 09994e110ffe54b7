"""Bad input: OpenAI's status and envelope, one clear sentence, nothing echoed, never a 500."""

import json

import openai
import pytest

from .server import upload

pytestmark = pytest.mark.service

JOBS, CHAT, FILES = "/v1/fine_tuning/jobs", "/v1/chat/completions", "/v1/files"
SECRET = "6222021234567890123"  # stands for personal data: must not come back


def refused(answer, status, param=..., code=...):
    got, body = answer
    assert got == status, body
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert SECRET not in body.decode()
    if param is not ...:
        assert error["param"] == param
    if code is not ...:
        assert error["code"] == code
    return error


@pytest.mark.parametrize("path", [JOBS, CHAT])
@pytest.mark.parametrize(
    "body",
    [
        b"",  # nothing
        b"null",  # JSON, but no object
        b'"text"',
        b"[1, 2]",
        b"42",
        b"{",  # cut off
        b"\xff\xfe\x00\x01\x02",  # binary
        b"\x80" * 100,
        b'{"model": NaN}',  # words that Python's parser knows and JSON does not
        b'{"model": "bankft-nano", "temperature": Infinity, "messages": []}',
        b'{"model": "bankft-nano", "seed": 1e999}',  # too large for a float
        b'{"seed": ' + b"9" * 5000 + b"}",  # too long for an integer
        b'{"model": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",  # nested deeply
        b'{"model": "\\ud800"}',  # half of a surrogate pair
    ],
    ids=str,
)
def test_body_that_is_no_json_object(server, path, body):
    refused(server.send("POST", path, body), 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_body_of_another_kind(server, kind):
    body = b'{"model": "bankft-nano", "training_file": "file-x"}'
    refused(server.send("POST", JOBS, body, Content_Type=kind), 400)


MESSAGES = [{"role": "user", "content": SECRET}]


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "model", "missing_required_parameter"),
        ({"model": "bankft-nano"}, "messages", "missing_required_parameter"),
        ({"messages": []}, "messages", "array_below_min_length"),
        ({"messages": "hello"}, "messages", "invalid_type"),
        ({"messages": [{}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages[0].content[0].type",
            "invalid_value",
        ),
        ({"messages": [{"role": "user", "content": "x", "name": "y"}]}, "messages[0].name", ...),
        ({"temperature": 3}, "temperature", "above_max_value"),
        ({"temperature": -1}, "temperature", "below_min_value"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"temperature": True}, "temperature", "invalid_type"),
        ({"top_p": 1.5}, "top_p", "above_max_value"),
        ({"max_tokens": 0}, "max_tokens", "below_min_value"),
        ({"max_tokens": 2.5}, "max_tokens", "invalid_type"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens", "invalid_value"),
        ({"seed": 2**64}, "seed", ...),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
        ({"stop": 5}, "stop", "invalid_type"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "invalid_value"),
        # OpenAI knows these, this service does not: ignoring them would lie.
        ({"n": 2}, "n", "unsupported_parameter"),
        ({"tools": [{"type": "function"}]}, "tools", "unsupported_parameter"),
        ({"response_format": {"type": "json_object"}}, "response_format", "unsupported_parameter"),
        ({"top_logprobs": 2}, "top_logprobs", "invalid_value"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "above_max_value"),
        ({"presence_penalty": 0.5}, "presence_penalty", "unsupported_parameter"),
        ({"logit_bias": {"1": 5}}, "logit_bias", "unsupported_parameter"),
        ({"store": True}, "store", "unsupported_parameter"),
        ({"reasoning_effort": "low"}, "reasoning_effort", "unsupported_parameter"),
        # Nobody knows this one.
        ({"temprature": 1}, "temprature", "unknown_parameter"),
        ({SECRET + "号": 1}, None, "unknown_parameter"),
    ],
    ids=str,
)
def test_chat(server, body, param, code):
    if "model" not in body and body:
        body = {"model": "bankft-nano", "messages": MESSAGES, **body}
    refused(server.send("POST", CHAT, json.dumps(body).encode()), 400, param, code)


def test_chat_accepts_what_asks_for_nothing_special(client):
    """The neutral values of what is unsupported, and an earlier answer sent back."""
    ask = {"model": "bankft-nano", "messages": MESSAGES, "max_tokens": 2}
    first = client.chat.completions.create(
        **ask, n=1, presence_penalty=0, tools=[], response_format={"type": "text"}, user="u"
    )
    talk = [*MESSAGES, first.choices[0].message, {"role": "developer", "content": "Be brief."}]
    client.chat.completions.create(**{**ask, "messages": talk})


def test_chat_longer_than_the_context(server):
    body = {"model": "bankft-nano", "messages": [{"role": "user", "content": SECRET * 900}]}
    error = refused(
        server.send("POST", CHAT, json.dumps(body).encode()),
        400,
        "messages",
        "context_length_exceeded",
    )
    assert "maximum context length" in error["message"]


@pytest.fixture(scope="module")
def file_id(server):
    with server.client() as client:
        return upload(client, 10)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"training_file": None}, "training_file", "invalid_type"),
        ({"model": 5}, "model", "invalid_type"),
        ({"training_file": "file-unknown"}, "training_file", None),
        ({"training_file": "../../etc/passwd"}, "training_file", None),
        ({"validation_file": "file-" + "x" * 24}, "validation_file", None),
        ({"suffix": ""}, "suffix", "string_below_min_length"),
        ({"suffix": "x" * 65}, "suffix", "string_above_max_length"),
        ({"suffix": "a:b/c"}, "suffix", "invalid_value"),
        ({"seed": -1}, "seed", "below_min_value"),
        ({"seed": 2**31}, "seed", "above_max_value"),
        ({"seed": 1.5}, "seed", "invalid_type"),
        ({"metadata": {str(n): "x" for n in range(17)}}, "metadata", "array_above_max_length"),
        ({"metadata": {"k": "x" * 513}}, "metadata.k", "string_above_max_length"),
        ({"metadata": {"k" * 65: "x"}}, ..., "string_above_max_length"),
        ({"metadata": {SECRET + " 号": 5}}, "metadata", "invalid_type"),
        ({"integrations": [{"type": "wandb"}]}, "integrations", "unsupported_parameter"),
        ({"method": {"type": "ppo"}}, "method.type", "invalid_value"),
        ({"method": {"type": "reinforcement"}}, ..., "missing_required_parameter"),
        ({"method": {"type": "supervised", "dpo": {}}}, "method.dpo", "invalid_value"),
        ({"method": {"type": "supervised"}, "hyperparameters": {}}, "hyperparameters", ...),
        ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs", "below_min_value"),
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs", "above_max_value"),
        ({"hyperparameters": {"n_epochs": "3"}}, "hyperparameters.n_epochs", "invalid_value"),
        ({"hyperparameters": {"batch_size": 257}}, "hyperparameters.batch_size", ...),
        ({"hyperparameters": {"batch_size": True}}, "hyperparameters.batch_size", "invalid_type"),
        (
            {"hyperparameters": {"learning_rate_multiplier": 0}},
            "hyperparameters.learning_rate_multiplier",
            "decimal_below_min_value",
        ),
        ({"hyperparameters": {"beta": 1}}, "hyperparameters.beta", "unknown_parameter"),
        ({"epochs": 3}, "epochs", "unknown_parameter"),
    ],
    ids=str,
)
def test_job(server, file_id, body, param, code):
    body = {"model": "bankft-nano", "training_file": file_id, **body}
    refused(server.send("POST", JOBS, json.dumps(body).encode()), 400, param, code)


def test_unknown_file_is_said_in_openai_s_words(server):
    body = b'{"model": "bankft-nano", "training_file": "file-unknown"}'
    error = refused(server.send("POST", JOBS, body), 400, "training_file")
    assert error["message"] == "invalid training_file: file-unknown"


def test_file_of_another_purpose_trains_nothing(client):
    file = client.files.create(file=("a.jsonl", b"{}\n"), purpose="user_data")
    with pytest.raises(openai.BadRequestError) as problem:
        client.fine_tuning.jobs.create(model="bankft-nano", training_file=file.id)
    assert problem.value.param == "training_file"


def test_unknown_model(client, file_id):
    for call in (
        lambda: client.chat.completions.create(model="gpt-4o", messages=MESSAGES),
        lambda: client.fine_tuning.jobs.create(model="gpt-4o", training_file=file_id),
        lambda: client.models.retrieve("gpt-4o"),
        lambda: client.models.delete("ft:no:such:model:x"),
    ):
        with pytest.raises(openai.NotFoundError) as problem:
            call()
        assert problem.value.code == "model_not_found"


def test_base_model_cannot_be_deleted(client):
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete("bankft-nano")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "unknown_url"),
        ("GET", "/", 404, "unknown_url"),
        ("GET", "/docs", 404, "unknown_url"),
        ("GET", "/openapi.json", 404, "unknown_url"),
        ("GET", "/v1/files/", 404, ...),
        ("PUT", FILES, 405, "method_not_supported"),
        ("DELETE", CHAT, 405, "method_not_supported"),
        ("POST", "/v1/models", 405, "method_not_supported"),
        ("GET", f"{JOBS}/ftjob-unknown", 404, "fine_tune_not_found"),
        ("GET", f"{JOBS}/ftjob-unknown/events", 404, "fine_tune_not_found"),
        ("GET", f"{JOBS}/ftjob-unknown/checkpoints", 404, "fine_tune_not_found"),
        ("POST", f"{JOBS}/ftjob-unknown/cancel", 404, "fine_tune_not_found"),
        ("POST", f"{JOBS}/ftjob-unknown/pause", 404, "fine_tune_not_found"),
        ("POST", f"{JOBS}/ftjob-unknown/resume", 404, "fine_tune_not_found"),
        ("GET", f"{FILES}/file-unknown", 404, None),
        ("GET", f"{FILES}/..%2F..%2Fstate.db/content", 404, ...),
        ("GET", f"{FILES}/%2Fetc%2Fpasswd", 404, ...),
        ("DELETE", f"{FILES}/{SECRET}%00", 404, None),
        ("GET", f"{FILES}?limit=0", 400, "invalid_value"),
        ("GET", f"{FILES}?limit=10001", 400, "invalid_value"),
        ("GET", f"{JOBS}?limit=many", 400, "invalid_value"),
        ("GET", f"{JOBS}?after={SECRET}", 400, "invalid_value"),
        ("GET", f"{JOBS}?status=running", 400, "unknown_parameter"),
        ("GET", f"{FILES}?order=up", 400, None),
    ],
    ids=str,
)
def test_routes(server, method, path, status, code):
    refused(server.send(method, path, b"{}" if method == "POST" else None), status, code=code)


def test_wrong_method_names_the_right_ones(client):
    with pytest.raises(openai.APIStatusError) as problem:
        client.post("/models", cast_to=object, body={})
    assert "GET" in problem.value.response.headers["allow"]


@pytest.mark.parametrize(
    ("name", "content", "purpose", "param"),
    [
        ("data.csv", b"a,b\n", "fine-tune", "file"),
        ("data", b"{}\n", "fine-tune", "file"),
        ("data.jsonl", b"", "fine-tune", "file"),
        ("data.jsonl", b"{}\n", "training", "purpose"),
        ("data.jsonl", b"{}\n", "fine-tune-results", "purpose"),
    ],
)
def test_upload(client, name, content, purpose, param):
    with pytest.raises(openai.BadRequestError) as problem:
        client.files.create(file=(name, content), purpose=purpose)
    assert problem.value.param == param
    if name == "data.csv":
        assert problem.value.body["message"] == (
            "Invalid file format for Fine-Tuning API. Must be .jsonl"
        )


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "file"),
        ({"purpose": "fine-tune"}, "file"),
        ({"file": "text, not a file", "purpose": "fine-tune"}, "file"),
    ],
    ids=str,
)
def test_upload_without_a_file(server, fields, param):
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
        for k, v in fields.items()
    )
    kind = "multipart/form-data; boundary=b"
    answer = server.send("POST", FILES, f"{parts}--b--\r\n".encode(), Content_Type=kind)
    refused(answer, 400, param)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--b"),  # no boundary
        ("multipart/form-data; boundary=b", b"nothing of a form"),
        ("application/json", b"{}"),
        (None, b""),
    ],
    ids=str,
)
def test_upload_that_is_no_form(server, kind, body):
    refused(server.send("POST", FILES, body, Content_Type=kind), 400)


@pytest.mark.parametrize("seconds", [3599, 2592001])
def test_upload_with_a_lifetime_out_of_range(client, seconds):
    with pytest.raises(openai.BadRequestError) as problem:
        client.files.create(
            file=("a.jsonl", b"{}\n"),
            purpose="fine-tune",
            expires_after={"anchor": "created_at", "seconds": seconds},
        )
    assert problem.value.param == "expires_after[seconds]"


def test_log_keeps_bodies_keys_and_forged_lines_out(server):
    key, body = "sk-5ecre7", b'{"model": "b0dy"}'
    server.send("POST", "/v1/x%0d%0a2026-01-01%20forged%1b[2J", Authorization=f"Bearer {key}")
    server.send("POST", CHAT, body, Authorization=f"Bearer {key}")
    log = server.log.read_text()
    assert "\\r\\n2026-01-01 forged\\x1b[2J" in log
    assert not any(line.startswith("2026-01-01 forged") for line in log.splitlines())
    assert key not in log
    assert "b0dy" not in log
