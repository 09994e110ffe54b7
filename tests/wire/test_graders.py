"""Graders over the wire: the real SDK, the service's own models, OpenAI's fields."""

import json
import re
from pathlib import Path

import openai
import pytest

from bankft import graders

from .test_refusals import SECRET, refused
from .test_schemas import described, ours, required

pytestmark = pytest.mark.service

RUN, VALIDATE = (f"/v1/fine_tuning/alpha/graders/{name}" for name in ("run", "validate"))
THERE = Path(__file__).parents[1] / "graders"
DOCUMENTED = json.loads((THERE / "documented.json").read_text("utf-8"))["graders"]
SPEC = json.loads((THERE / "openai-schemas.json").read_text("utf-8"))["schemas"]
EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "operation": "eq",
}
LIKE = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "evaluation_metric": "rouge_l",
}
SCORE = {
    "type": "score_model",
    "name": "judge",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": "Score: {{ sample.output_text }}"}],
}
LABEL = {**SCORE, "type": "label_model", "labels": ["good", "bad"], "passing_labels": ["good"]}
PYTHON = {"type": "python", "source": "def grade(sample, item): return 1.0"}
MULTI = {
    "type": "multi",
    "graders": {"exact": EXACT, "alike": LIKE},
    "calculate_output": "0.5 * exact + 0.5 * alike",
}
FUND = {**SCORE, "model": "bankft-nano", "sampling_params": {"seed": 7, "temperature": 0}}


def run(client, grader, sample, **item):
    return client.fine_tuning.alpha.graders.run(grader=grader, model_sample=sample, item=item)


def test_run(client):
    answer = run(client, EXACT, "R2", answer="R2")
    assert (answer.reward, answer.sub_rewards) == (1.0, {})
    assert (answer.metadata.name, answer.metadata.type) == ("exact", "string_check")
    assert not any(answer.metadata.errors.to_dict().values())
    assert answer.metadata.execution_time >= 0


def test_run_multi(client):
    answer = run(client, MULTI, "a b c", answer="a b d")
    assert answer.reward == pytest.approx(1 / 3)
    assert answer.sub_rewards == {"exact": 0.0, "alike": pytest.approx(2 / 3)}


@pytest.mark.skipif(not graders.available(), reason="no sandbox works here")
def test_run_python(client):
    source = "def grade(sample, item):\n    return sample['output_json']['n'] / item['of']"
    answer = run(client, {**PYTHON, "source": source}, '{"n": 1}', of=4)
    assert answer.reward == 0.25
    assert answer.metadata.to_dict()["bankft"]["sandbox"] == graders.available()[0]
    answer = run(client, {**PYTHON, "source": source}, "no JSON", of=4)
    assert answer.reward == 0.0
    assert answer.metadata.errors.python_grader_runtime_error
    assert "KeyError" in answer.metadata.errors.python_grader_runtime_error_details


@pytest.mark.parametrize("spec", [FUND, {**LABEL, "model": "bankft-nano"}])
def test_run_by_the_service_s_own_model(client, spec):
    """The small model is no judge: it answers, and its words are no score."""
    answer = run(client, spec, "该基金属于中低风险（R2）。")
    errors = {name for name, value in answer.metadata.errors.to_dict().items() if value}
    assert errors == {"model_grader_parse_error"}
    assert answer.metadata.sampled_model_name == "bankft-nano"
    assert answer.metadata.token_usage > 0
    used = answer.to_dict()["model_grader_token_usage_per_model"]["bankft-nano"]
    assert used["total_tokens"] == answer.metadata.token_usage


def test_what_a_template_misses_is_no_refusal(client):
    answer = run(client, EXACT, "R2")
    assert answer.metadata.errors.invalid_variable_error
    answer = run(client, {**EXACT, "reference": "{{ sample.output_json.a }}"}, "no JSON")
    assert answer.metadata.errors.sample_parse_error


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row["source"])
def test_documented_graders_are_fine(server, row):
    # The documents name models of OpenAI's; a grader here names one that is served here.
    text = json.dumps({"grader": row["spec"]})
    spec = re.sub(r'"model": "[^"]+"', '"model": "bankft-nano"', text)
    status, body = server.send("POST", VALIDATE, spec.encode())
    assert (status, json.loads(body)) == (200, json.loads(spec))


def test_validate(client):
    answer = client.fine_tuning.alpha.graders.validate(grader=EXACT)
    assert answer.grader.to_dict() == EXACT
    with pytest.raises(openai.BadRequestError) as caught:
        client.fine_tuning.alpha.graders.validate(grader={**EXACT, "operation": "same"})
    assert (caught.value.param, caught.value.code) == ("grader", "invalid_grader")
    assert "field 'operation' must be one of eq, ne, like, ilike" in caught.value.message


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "grader", "missing_required_parameter"),
        ({"grader": EXACT}, "model_sample", "missing_required_parameter"),
        ({"grader": "x", "model_sample": "x"}, "grader", "invalid_type"),
        ({"grader": EXACT, "model_sample": 1}, "model_sample", "invalid_type"),
        ({"grader": EXACT, "model_sample": "x", "item": []}, "item", "invalid_type"),
        ({"grader": EXACT, "model_sample": "x", "reference_answer": 1}, ..., "unknown_parameter"),
        ({"grader": {}, "model_sample": "x"}, "grader", "invalid_grader"),
        ({"grader": {**EXACT, "operation": SECRET}, "model_sample": "x"}, "grader", ...),
        ({"grader": {**EXACT, "input": f"{{{{ {SECRET} }}}}"}, "model_sample": "x"}, "grader", ...),
        ({"grader": {**PYTHON, "source": f"{SECRET}("}, "model_sample": "x"}, "grader", ...),
        ({"grader": {**MULTI, "calculate_output": f"a{SECRET}+"}, "model_sample": ""}, ..., ...),
        (
            {"grader": {**LIKE, "evaluation_metric": "cosine"}, "model_sample": "x"},
            "grader",
            "unsupported_value",
        ),
    ],
)
def test_refused(server, body, param, code):
    refused(server.send("POST", RUN, json.dumps(body).encode()), 400, param, code)


def test_needs_a_key(make_server):
    server = make_server(name="locked", keys="bankft-secret-key")
    body = json.dumps({"grader": EXACT}).encode()
    assert server.send("POST", VALIDATE, body)[0] == 200
    refused(server.send("POST", VALIDATE, body, Authorization=None), 401)
    # the service asks its own models without one
    asked = json.dumps({"grader": FUND, "model_sample": "x"}).encode()
    status, answer = server.send("POST", RUN, asked)
    assert status == 200
    assert not json.loads(answer)["metadata"]["errors"]["model_grader_server_error"]


@pytest.mark.long
def test_the_same_again_when_recording(make_server):
    spec = {**SCORE, "model": "bankft-nano"}  # no seed: the recording's own
    body = json.dumps({"grader": spec, "model_sample": "R2"}).encode()
    answers = []
    for name in ("first", "second"):
        server = make_server("--deterministic", "7", name=name)
        answers.append(server.send("POST", RUN, body, x_bankft_recording="graders.zh"))
        server.stop()
    assert answers[0] == answers[1]
    assert json.loads(answers[0][1])["metadata"]["execution_time"] == 0.0


# -- OpenAI's own description ----------------------------------------------------------------------


def test_requests_have_openai_s_fields():
    from bankft.service import wire_graders

    for kind, name in (
        (wire_graders.RunGrader, "RunGraderRequest"),
        (wire_graders.ValidateGrader, "ValidateGraderRequest"),
    ):
        assert set(kind.model_fields) == set(SPEC[name]["properties"])
        assert required(kind.model_json_schema(), {}) == required(SPEC[name], SPEC)
        assert set(ours(kind)) <= set(described(SPEC[name], SPEC))


def test_answers_are_openai_s(client, server):
    body = json.dumps({"grader": MULTI, "item": {"answer": "x"}, "model_sample": "x"}).encode()
    answer = json.loads(server.send("POST", RUN, body)[1])
    schema = SPEC["RunGraderResponse"]
    assert set(answer) == set(schema["required"]) == set(schema["properties"])
    metadata = schema["properties"]["metadata"]
    assert set(answer["metadata"]) == set(metadata["properties"]) == set(metadata["required"])
    errors = metadata["properties"]["errors"]["properties"]
    assert set(answer["metadata"]["errors"]) == set(errors)
    for name, value in answer["metadata"]["errors"].items():
        wanted = bool if errors[name].get("type") == "boolean" else type(None)
        assert type(value) is wanted, name
