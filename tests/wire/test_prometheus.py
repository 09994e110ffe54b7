"""/metrics over a real port, as Prometheus reads it."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bankft.cases import fundbot

from .releasing import KEYS, OFFICER, released

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def watched(make_server):
    return make_server(name="watched", keys=KEYS)


def samples(server):
    """Return every sample by its name, the model first among its labels."""
    status, text = server.get("/metrics")
    assert status == 200
    return {
        (sample.name, *(sample.labels.get(name) for name in ("model", "arm", "feature", "le"))):
        sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }  # fmt: skip


def test_answers_are_counted(watched):
    assert samples(watched) == {}
    released(watched, "counted", "bankft-nano")
    asked = {"model": "counted", "messages": [{"role": "user", "content": "保本吗？"}]}
    for seed in range(3):
        body = json.dumps({**asked, "max_tokens": 2, "seed": seed}).encode()
        assert watched.send("POST", "/v1/chat/completions", body)[0] == 200
    key = ("bankft_answers_total", "bankft-nano", "production", None, None)
    watched.wait(lambda: samples(watched).get(key) == 3, "they are not counted", 20)
    found = samples(watched)
    # Two tokens hold no disclaimer.
    assert found["bankft_violations_total", *key[1:]] == 3
    assert found["bankft_answer_seconds_count", *key[1:]] == 3
    assert found["bankft_answer_seconds_bucket", *key[1:4], "+Inf"] == 3
    assert "保本" not in watched.get("/metrics")[1].decode()


def test_drift_against_the_training_file(server, trained):
    """Questions like those of training, then others."""
    model = trained.fine_tuned_model
    for path, body in (
        ("", {"model": model}),
        ("/propose", {"model": model}),
        ("/approve", {"model": model}),
        ("/canary", {"alias": "drifting", "model": model, "percent": 0}),
        ("/promote", {"alias": "drifting"}),
    ):
        key = "another" if path == "/approve" else "any"
        status, said = server.send(
            "POST", f"/v1/bankft/releases{path}", json.dumps(body).encode(),
            Authorization=f"Bearer {key}",
        )  # fmt: skip
        assert status == 200 or "already" in said.decode(), said

    def ask(messages):
        body = {"model": "drifting", "messages": messages, "max_tokens": 1}
        assert server.send("POST", "/v1/chat/completions", json.dumps(body).encode())[0] == 200

    alike = [one["messages"][:-1] for one in fundbot.conversations("train", 12, language="zh")]
    for _ in range(5):
        for messages in alike:
            ask(messages)
    key = ("bankft_question_drift", model, None, "pairs", None)
    before = server.wait(lambda: samples(server).get(key, -1) >= 0 and samples(server), "none", 30)
    assert before[key] < 0.1
    for _ in range(60):
        ask([{"role": "user", "content": "How do I close my account, please?"}])
    server.wait(lambda: samples(server)[key] > 0.25, "no drift was seen", 30)
    assert samples(server)["bankft_question_drift", model, None, "language", None] > 0.25


def test_a_released_model_cannot_be_deleted(server, trained):
    status, said = server.send("DELETE", f"/v1/models/{trained.fine_tuned_model}")
    assert (status, json.loads(said)["error"]["code"]) == (409, "model_in_use")


def test_it_needs_a_key(watched):
    assert watched.send("GET", "/metrics", Authorization=None)[0] == 401
    assert watched.send("GET", "/metrics", Authorization=f"Bearer {OFFICER}")[0] == 200
