"""Requests and answers held against OpenAI's own description of its API.

``openai-schemas.json`` is an extract of that description (MIT licence; where it comes from stands
in its first line): the schemas that the service speaks, without prose.
"""

import json
from pathlib import Path
from typing import get_args

import pytest

from bankft.service import wire, wire_chat, wire_evals, wire_methods

pytestmark = pytest.mark.service

SPEC = json.loads(Path(__file__).with_name("openai-schemas.json").read_text())["schemas"]
LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


def described(schema: dict, defs: dict, path: str = "") -> dict[str, set]:
    """Return what a schema says about each field, by its path: limits and allowed values."""
    found: dict[str, set] = {path: set()}

    def merge(other: dict[str, set]) -> None:
        for name, said in other.items():
            found.setdefault(name, set()).update(said)

    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        merge(described(defs[name], defs, path) if name in defs else {})
    for way in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(way, ()):
            merge(described(part, defs, path))
    for name, part in schema.get("properties", {}).items():
        merge(described(part, defs, f"{path}.{name}" if path else name))
    if "items" in schema:
        merge(described(schema["items"], defs, f"{path}[]"))
    low = schema.get("exclusiveMinimum")
    if low is not None:  # a flag in OpenAPI 3.0, the limit itself in JSON Schema
        found[path].add(("above", schema["minimum"] if low is True else low))
    for key in LIMITS:
        if key in schema and not (key == "minimum" and low is True):
            found[path].add((key, schema[key]))
    for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]:
        found[path].add(("value", str(value)))
    return found


def required(schema: dict, defs: dict) -> set[str]:
    names = set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        names |= required(part, defs)
    return names


def ours(kind) -> dict[str, set]:
    schema = kind.model_json_schema()
    return described(schema, schema.get("$defs", {}))


@pytest.mark.parametrize(
    ("kind", "name", "differs"),
    [
        (wire.Hyperparameters, "FineTuneSupervisedHyperparameters", set()),
        (wire_methods.DpoHyperparameters, "FineTuneDPOHyperparameters", set()),
        (
            wire_methods.ReinforcementHyperparameters,
            "FineTuneReinforcementHyperparameters",
            set(),
        ),
        (
            wire.CreateJob,
            "CreateFineTuningJobRequest",
            # OpenAI's examples of names; here models have other ones.
            {"model"}
            # What OpenAI has no word for; and what stands in its guide alone.
            | {"bankft", "method.reinforcement.response_format"}
            # The limits of metadata stand in OpenAI's prose: 16 pairs of 64 and 512 characters.
            | {"metadata"},
        ),
        (
            wire_chat.CreateChat,
            "CreateChatCompletionRequest",
            # Nothing can be written into no room; OpenAI's description leaves that open.
            {"max_tokens", "max_completion_tokens"}
            # OpenAI says obfuscation is on by default; here it is always off.
            | {"stream_options.include_obfuscation"},
        ),
        (
            wire_evals.CreateEval,
            "CreateEvalRequest",
            {"metadata"}  # as above
            # Without a grader there is nothing to judge by; the graders check themselves.
            | {"testing_criteria"}
            # OpenAI's other sources read what it has stored itself.
            | {"data_source_config.type"},
        ),
        (
            wire_evals.CreateRun,
            "CreateEvalRunRequest",
            {"metadata"}
            # Without a line there is nothing to ask.
            | {"data_source.source.content", "data_source.input_messages.template"}
            # OpenAI's other source reads answers that it has stored itself.
            | {"data_source.type", "data_source.source.type"}
            # The ranges of chat's sampling settings; and how OpenAI's own examples spell one.
            | {
                f"data_source.sampling_params.{name}"
                for name in (
                    "temperature",
                    "top_p",
                    "seed",
                    "max_completion_tokens",
                    "max_completions_tokens",
                    "response_format",
                    "tools",
                )
            },
        ),
    ],
)
def test_requests_have_openai_s_fields_and_ranges(kind, name, differs):
    spec, mine = described(SPEC[name], SPEC), ours(kind)
    for path, said in mine.items():
        first = path.partition("[")[0]
        if any(f"{first}.".startswith(f"{one}.") for one in (*differs, "messages")):
            continue
        assert path in spec, f"{path} is no field of OpenAI's"
        # 64-bit limits are rounded to a double in the description.
        assert {(k, float(v) if k != "value" else v) for k, v in said} == {
            (k, float(v) if k != "value" else v) for k, v in spec[path]
        }, path
    assert required(kind.model_json_schema(), {}) == required(SPEC[name], SPEC)


def test_no_field_of_a_chat_is_overlooked():
    """Each of OpenAI's fields is obeyed, or refused by name unless it asks for nothing."""
    fields = {path for path in described(SPEC["CreateChatCompletionRequest"], SPEC) if path}
    top = {path.partition(".")[0].partition("[")[0] for path in fields}
    assert top == set(wire_chat.CreateChat.model_fields) | set(wire_chat.NEUTRAL)
    assert not set(wire_chat.CreateChat.model_fields) & set(wire_chat.NEUTRAL)


def test_no_field_of_a_job_is_overlooked():
    top = {p.partition(".")[0] for p in SPEC["CreateFineTuningJobRequest"]["properties"]}
    assert top == set(wire.CreateJob.model_fields) - {"bankft"}  # what OpenAI has no word for
    assert set(SPEC["FineTuneMethod"]["properties"]) == set(wire.Method.model_fields)
    for kind, name in (
        (wire_methods.Supervised, "FineTuneSupervisedMethod"),
        (wire_methods.Dpo, "FineTuneDPOMethod"),
        (wire_methods.Reinforcement, "FineTuneReinforcementMethod"),
    ):
        # In OpenAI's guide and examples, not in its description.
        mine = set(kind.model_fields) - {"response_format"}
        assert mine == set(SPEC[name]["properties"])
        assert required(kind.model_json_schema(), {}) == required(SPEC[name], SPEC)


def test_no_field_of_an_eval_is_overlooked():
    for kind, name in (
        (wire_evals.CreateEval, "CreateEvalRequest"),
        (wire_evals.Custom, "CreateEvalCustomDataSourceConfig"),
        (wire_evals.CreateRun, "CreateEvalRunRequest"),
        (wire_evals.Jsonl, "CreateEvalJsonlRunDataSource"),
        (wire_evals.Completions, "CreateEvalCompletionsRunDataSource"),
        (wire_evals.FileContent, "EvalJsonlFileContentSource"),
        (wire_evals.FileId, "EvalJsonlFileIdSource"),
        (wire_evals.TemplateMessage, "EvalItem"),
    ):
        assert set(kind.model_fields) == set(SPEC[name]["properties"]), name
    asked = SPEC["CreateEvalCompletionsRunDataSource"]["properties"]["sampling_params"]
    # OpenAI's examples spell one of them in another way.
    mine = set(wire_evals.Sampling.model_fields) - {"max_completions_tokens"}
    assert mine == set(asked["properties"])
    roles = SPEC["EvalItem"]["properties"]["role"]["enum"]
    assert set(roles) == set(get_args(wire_evals.TemplateMessage.model_fields["role"].annotation))


def test_upload_form():
    spec, mine = described(SPEC["CreateFileRequest"], SPEC), ours(wire.CreateFile)
    assert mine["purpose"] == spec["purpose"]
    assert mine["expires_after[seconds]"] == spec["expires_after.seconds"]
    assert mine["expires_after[anchor]"] == spec["expires_after.anchor"]


@pytest.mark.parametrize("role", ["System", "Developer", "User", "Assistant"])
def test_messages(role):
    spec = SPEC[f"ChatCompletionRequest{role}Message"]
    assert {"role", "content"} <= set(spec["properties"])
    assert described(spec, SPEC)["role"] <= ours(wire_chat.Message)["role"]


def fits(answer: dict, name: str, more: frozenset = frozenset()) -> None:
    """Hold an answer against a schema: what must be there, what may be, which values."""
    spec = SPEC[name]
    assert required(spec, SPEC) <= set(answer), name
    assert set(answer) <= set(spec["properties"]) | more, name
    for path, said in described(spec, SPEC).items():
        allowed = {value for key, value in said if key == "value"}
        if path == "purpose":  # the description of answers lacks one that uploads accept
            allowed.add("evals")
        if allowed and path in answer and answer[path] is not None:
            assert str(answer[path]) in allowed, path


def test_answers_are_openai_s(client, server, trained):
    raw = lambda path: json.loads(server.get(path)[1])  # noqa: E731
    job_path = f"/v1/fine_tuning/jobs/{trained.id}"
    # Not in the description, but in OpenAI's own examples and answers.
    suffix = frozenset({"user_provided_suffix", "eval_id"})
    fits(raw(job_path), "FineTuningJob", suffix)
    fits(raw(f"/v1/files/{trained.training_file}"), "OpenAIFile")
    fits(raw("/v1/models/bankft-nano"), "Model")
    fits(json.loads(server.get("/v1/unknown")[1])["error"], "Error")
    for path, listed, item in (
        ("/v1/files", "ListFilesResponse", "OpenAIFile"),
        ("/v1/fine_tuning/jobs", "ListPaginatedFineTuningJobsResponse", "FineTuningJob"),
        (f"{job_path}/events", "ListFineTuningJobEventsResponse", "FineTuningJobEvent"),
        (
            f"{job_path}/checkpoints",
            "ListFineTuningJobCheckpointsResponse",
            "FineTuningJobCheckpoint",
        ),
        ("/v1/models", "ListModelsResponse", "Model"),
    ):
        page = raw(path)
        fits(page, listed, frozenset({"first_id", "last_id"}))
        assert page["data"], path
        for one in page["data"]:
            fits(one, item, suffix | {"bankft"})  # what was asked for in our own words
    ask = {"model": "bankft-nano", "messages": [{"role": "user", "content": "x"}], "max_tokens": 2}
    whole = client.chat.completions.create(**ask).model_dump(exclude_unset=True)
    fits(whole, "CreateChatCompletionResponse")
    for chunk in client.chat.completions.create(**ask, stream=True):
        fits(chunk.model_dump(exclude_unset=True), "CreateChatCompletionStreamResponse")


def test_answers_about_evals_are_openai_s(client, server):
    """Each object that an eval's life shows, made and read over the wire."""

    def call(path, body=None):
        method = "GET" if body is None else "POST"
        status, said = server.send(method, f"/v1/evals{path}", body and json.dumps(body).encode())
        assert status in (200, 201), said
        return json.loads(said)

    criterion = {
        "type": "string_check",
        "name": "exact",
        "input": "{{ sample.output_text }}",
        "reference": "{{ item.answer }}",
        "operation": "eq",
    }
    config = {"type": "custom", "item_schema": {"type": "object"}, "include_sample_schema": True}
    one = call("", {"data_source_config": config, "testing_criteria": [criterion]})
    fits(one, "Eval")
    given = [{"item": {"answer": "R2"}, "sample": {"output_text": "R2"}}]
    source = {"type": "jsonl", "source": {"type": "file_content", "content": given}}
    run = call(f"/{one['id']}/runs", {"data_source": source})
    fits(run, "EvalRun")
    path = f"/{one['id']}/runs/{run['id']}"
    server.wait(lambda: call(path)["status"] == "completed", "the run did not end")
    fits(call(path), "EvalRun")
    for place, listed, item in (
        ("", "EvalList", "Eval"),
        (f"/{one['id']}/runs", "EvalRunList", "EvalRun"),
        (f"{path}/output_items", "EvalRunOutputItemList", "EvalRunOutputItem"),
    ):
        page = call(place)
        fits(page, listed)
        assert page["data"], place
        for found in page["data"]:
            fits(found, item)
    (judged,) = call(f"{path}/output_items")["data"]
    for result in judged["results"]:
        assert required(SPEC["EvalRunOutputItemResult"], SPEC) <= set(result)
