"""Evals over the wire: the real SDK on a real port, the service's own model."""

import json
import signal
import time

import openai
import pytest

from bankft.cases import fundbot

from .server import Server, lines

pytestmark = pytest.mark.service

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "operation": "eq",
}
ALIKE = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "evaluation_metric": "rouge_l",
    "pass_threshold": 0.5,
}
SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}
CONFIG = {"type": "custom", "item_schema": SCHEMA, "include_sample_schema": True}
TEMPLATE = {
    "type": "template",
    "template": [
        {"role": "developer", "content": "Answer about funds."},
        {"role": "user", "content": "{{ item.question }}"},
    ],
}
ENDED = ("completed", "failed", "canceled")


def rows(n):
    asked = fundbot.questions("test", n, language="zh")
    return [{"item": {"question": one.text, "answer": one.answer}} for one in asked]


def content(items):
    return {"type": "file_content", "content": items}


def asking(items, model="bankft-nano", **sampling):
    return {
        "type": "completions",
        "model": model,
        "input_messages": TEMPLATE,
        "sampling_params": {"max_completion_tokens": 24, "seed": 5, **sampling},
        "source": content(items) if isinstance(items, list) else items,
    }


def made(client, criteria=(EXACT, ALIKE), **more):
    return client.evals.create(
        name="fund bot", data_source_config=CONFIG, testing_criteria=list(criteria), **more
    )


def ended(client, run, seconds=200):
    def look():
        found = client.evals.runs.retrieve(run.id, eval_id=run.eval_id)
        return found.status in ENDED and found

    return Server.wait(look, f"run {run.id} did not end", seconds)


def items_of(client, run, **how):
    return list(client.evals.runs.output_items.list(run.id, eval_id=run.eval_id, **how))


@pytest.fixture(scope="module")
def evaluation(server):
    with server.client() as client:
        yield made(client, metadata={"case": "fundbot"})


@pytest.fixture(scope="module")
def done(server, evaluation):
    """A run of 70 items, more than one group, that other tests look at."""
    with server.client() as client:
        run = client.evals.runs.create(evaluation.id, data_source=asking(rows(70)))
        yield run, ended(client, run)


def test_an_eval_is_made_found_changed_and_deleted(client):
    one = made(client, metadata={"case": "x"})
    assert (one.object, one.name, one.metadata) == ("eval", "fund bot", {"case": "x"})
    config = one.data_source_config
    assert config.schema_["properties"]["item"] == SCHEMA
    assert {"item", "sample"} == set(config.schema_["required"])
    assert [criterion.name for criterion in one.testing_criteria] == ["exact", "alike"]
    assert client.evals.retrieve(one.id) == client.evals.retrieve(one.id)
    changed = client.evals.update(one.id, name="renamed", metadata=None)
    assert (changed.name, changed.metadata) == ("renamed", {})
    assert one.id in {found.id for found in client.evals.list(limit=3)}
    newest = client.evals.list(order="desc", order_by="updated_at").data[0]
    assert newest.id == one.id
    gone = client.evals.delete(one.id)
    assert (gone.deleted, gone.eval_id) == (True, one.id)
    with pytest.raises(openai.NotFoundError):
        client.evals.retrieve(one.id)


def test_a_run_asks_the_model_and_judges_each_answer(client, done):
    begun, run = done
    assert begun.status == "queued"
    assert run.status == "completed"
    counted = run.result_counts
    assert counted.total == 70 == counted.passed + counted.failed + counted.errored
    (used,) = run.per_model_usage
    assert (used.run_model_name, used.invocation_count) == ("bankft-nano", 70)
    assert used.total_tokens == used.prompt_tokens + used.completion_tokens > 70
    by_name = {one.testing_criteria: one for one in run.per_testing_criteria_results}
    assert by_name.keys() == {"exact", "alike"}
    assert all(one.passed + one.failed == 70 for one in by_name.values())
    assert run.error is None
    assert run.report_url.endswith(f"/evals/{run.eval_id}/runs/{run.id}/output_items")


def test_items_carry_what_was_asked_and_came(client, done):
    _, run = done
    found = items_of(client, run, limit=30)  # three pages
    assert [item.datasource_item_id for item in found] == list(range(70))
    wanted = rows(70)
    for item in found:
        assert item.datasource_item == wanted[item.datasource_item_id]["item"]
        system, asked = item.sample.input
        assert (system.role, asked.content) == ("system", item.datasource_item["question"])
        assert item.sample.output[0].role == "assistant"
        assert (item.sample.model, item.sample.seed) == ("bankft-nano", 5)
        assert item.sample.usage.completion_tokens <= 24
        assert item.status == ("pass" if all(one.passed for one in item.results) else "fail")
        exact = item.results[0]
        assert exact.score == float(item.sample.output[0].content == item.datasource_item["answer"])
    (one,) = [item for item in found if item.datasource_item_id == 69]
    again = client.evals.runs.output_items.retrieve(one.id, eval_id=run.eval_id, run_id=run.id)
    assert again.to_dict() == one.to_dict()
    failed = items_of(client, run, status="fail", order="desc", limit=50)
    assert [item.id for item in failed] == [i.id for i in found if i.status == "fail"][::-1]


def test_the_same_run_gives_the_same_answers(client, done):
    _, run = done
    again = ended(client, client.evals.runs.create(run.eval_id, data_source=asking(rows(70))))
    texts = [
        [i.sample.output[0].content for i in items_of(client, r, limit=100)] for r in (run, again)
    ]
    assert texts[0] == texts[1]


def test_samples_that_are_there_are_judged_without_a_model(client, evaluation):
    given = [
        {"item": {"question": "q", "answer": "R2"}, "sample": {"output_text": text}}
        for text in ("R2", "R3")
    ]
    source = {"type": "jsonl", "source": content(given)}
    run = ended(client, client.evals.runs.create(evaluation.id, data_source=source))
    assert (run.result_counts.passed, run.result_counts.failed) == (1, 1)
    assert run.per_model_usage == []
    assert [item.status for item in items_of(client, run)] == ["pass", "fail"]


def test_data_may_be_a_file_and_messages_stand_in_the_item(client):
    talk = [{"role": "user", "content": "管理费是多少？"}]
    one = client.evals.create(
        data_source_config={"type": "custom", "item_schema": {"type": "object"}},
        testing_criteria=[{**EXACT, "reference": "x"}],
    )
    content = lines([{"item": {"talk": talk, "n": n}} for n in range(3)])
    file = client.files.create(file=("items.jsonl", content), purpose="evals")
    source = {
        **asking({"type": "file_id", "id": file.id}),
        "input_messages": {"type": "item_reference", "item_reference": "item.talk"},
    }
    run = ended(client, client.evals.runs.create(one.id, data_source=source))
    assert run.result_counts.total == 3
    assert items_of(client, run)[2].sample.input[0].content == talk[0]["content"]


def test_what_cannot_be_asked_or_graded_is_an_error_of_that_item_alone(client):
    one = client.evals.create(
        data_source_config={"type": "custom", "item_schema": {"type": "object"}},
        testing_criteria=[EXACT],
    )
    items = [{"item": {"question": "管理费？", "answer": "x"}}, {"item": {"answer": "x"}},
             {"item": {"question": "管理费？"}}]  # fmt: skip
    run = ended(client, client.evals.runs.create(one.id, data_source=asking(items)))
    assert run.status == "completed"
    assert (run.result_counts.total, run.result_counts.errored) == (3, 2)
    first, second, third = items_of(client, run)
    assert (first.status, second.status, third.status) == ("fail", "error", "error")
    assert "question" in second.sample.error.message
    assert third.results[0].errors == {"invalid_variable_error": True}


def test_graders_that_ask_this_service_and_its_sandbox(client):
    judge = {
        "type": "score_model",
        "name": "judge",
        "model": "bankft-nano",
        "input": [{"role": "user", "content": "{{ sample.output_text }}"}],
        "sampling_params": {"temperature": 0},
    }
    long = {
        "type": "python",
        "name": "long",
        "source": "def grade(sample, item):\n    return float(len(sample['output_text']) > 3)",
        "pass_threshold": 1.0,
    }
    one = client.evals.create(data_source_config=CONFIG, testing_criteria=[judge, long])
    run = client.evals.runs.create(one.id, data_source=asking(rows(4)))
    found = ended(client, run)
    assert found.result_counts.total == 4
    assert {r.testing_criteria for r in found.per_testing_criteria_results} == {"judge", "long"}
    for item in items_of(client, found):
        assert item.results[1].passed == (len(item.sample.output[0].content) > 3)


def test_a_run_can_be_cancelled_and_deleted_while_chats_go_on(client, evaluation):
    run = client.evals.runs.create(evaluation.id, data_source=asking(rows(600)))
    asked = client.chat.completions.create(
        model="bankft-nano", messages=[{"role": "user", "content": "管理费？"}], max_tokens=8
    )
    assert asked.choices[0].message.content is not None
    stopped = client.evals.runs.cancel(run.id, eval_id=run.eval_id)
    assert stopped.status == "canceled"
    kept = client.evals.runs.retrieve(run.id, eval_id=run.eval_id)
    assert kept.result_counts.total < 600
    with pytest.raises(openai.BadRequestError, match="already ended"):
        client.evals.runs.cancel(run.id, eval_id=run.eval_id)
    assert client.evals.runs.list(run.eval_id, status="canceled").data[-1].id == run.id
    assert client.evals.runs.delete(run.id, eval_id=run.eval_id).deleted
    with pytest.raises(openai.NotFoundError):
        client.evals.runs.retrieve(run.id, eval_id=run.eval_id)


def send(server, body, path="/v1/evals"):
    status, answer = server.send("POST", path, json.dumps(body).encode())
    return status, json.loads(answer)["error"]


NO_THRESHOLD = {**ALIKE, "pass_threshold": None}
SEVERAL = {"type": "multi", "name": "m", "graders": {}, "calculate_output": "1"}


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"testing_criteria": []}, "testing_criteria"),
        ({"testing_criteria": [NO_THRESHOLD]}, "testing_criteria[0].pass_threshold"),
        ({"testing_criteria": [{**EXACT, "operation": "same"}]}, "testing_criteria[0]"),
        ({"testing_criteria": [{**EXACT, "name": ""}]}, "testing_criteria[0].name"),
        ({"testing_criteria": [SEVERAL]}, "testing_criteria[0]"),
        ({"data_source_config": {"type": "logs"}}, "data_source_config.type"),
        (
            {"data_source_config": {"type": "custom", "item_schema": {"type": "text"}}},
            "data_source_config.item_schema",
        ),
        ({"shared": True}, "shared"),
        ({"metadata": {"k": "v" * 513}}, "metadata.k"),
    ],
)  # fmt: skip
def test_evals_that_are_refused(server, change, param):
    body = {"data_source_config": CONFIG, "testing_criteria": [EXACT], **change}
    status, error = send(server, body)
    assert (status, error["param"]) == (400, param)


NUMBERED = [{"item": {"question": 1, "answer": "x"}}]
LACKING = [{"item": {"question": "x"}}]


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"model": "gpt-9"}, 404, "model"),
        ({"source": content(NUMBERED)}, 400, "data_source.source.content[0]"),
        ({"source": content(LACKING)}, 400, "data_source.source.content[0]"),
        ({"source": {"type": "file_id", "id": "file-none"}}, 400, "data_source.source.id"),
        ({"source": content([])}, 400, "data_source.source.content"),
        ({"sampling_params": {"temperature": 3}}, 400, "data_source.sampling_params.temperature"),
        ({"sampling_params": {"tools": [{}]}}, 400, "data_source.sampling_params.tools"),
        (
            {"input_messages": {"type": "item_reference", "item_reference": "sample.x"}},
            400,
            "data_source.input_messages.item_reference",
        ),
        ({"type": "responses"}, 400, None),
    ],
)  # fmt: skip
def test_runs_that_are_refused(server, evaluation, change, status, param):
    path = f"/v1/evals/{evaluation.id}/runs"
    answer, error = send(server, {"data_source": {**asking(rows(1)), **change}}, path)
    assert answer == status
    if param is not None:
        assert error["param"] == param


def test_a_run_survives_the_end_of_its_service(make_server):
    server = make_server(name="evals")
    with server.client() as client:
        one = made(client)
        run = client.evals.runs.create(one.id, data_source=asking(rows(400)))

        def begun():
            found = client.evals.runs.retrieve(run.id, eval_id=one.id)
            return 0 < found.result_counts.total < 400 and found

        before = Server.wait(begun, "the run did not begin")
        kept = {item.id: item for item in items_of(client, before, limit=100)}
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    server.start()
    with server.client() as client:
        after = ended(client, run)
        assert after.status == "completed"
        assert after.result_counts.total == 400
        found = items_of(client, after, limit=100)
        assert [item.datasource_item_id for item in found] == list(range(400))
        assert {item.id: item for item in found if item.id in kept} == kept
        # An ordinary stop leaves it as well, and a file that is gone ends a run with a reason.
        file = client.files.create(file=("i.jsonl", lines(rows(400))), purpose="evals")
        source = asking({"type": "file_id", "id": file.id})
        other = client.evals.runs.create(one.id, data_source=source)
        Server.wait(
            lambda: client.evals.runs.retrieve(other.id, eval_id=one.id).status == "in_progress",
            "the run did not begin",
        )
    assert server.stop() == 0
    (server.folder / "files" / file.id).unlink()
    server.start()
    with server.client() as client:
        failed = ended(client, other)
        assert failed.status == "failed"
        assert "deleted" in failed.error.message
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def take(server, recording):
    """Make the calls of a lesson that reads an eval; return all that a recording could hold."""
    log = []

    def call(method, path, body=None):
        status, answer = server.send(
            method, f"/v1{path}", body and json.dumps(body).encode(), x_bankft_recording=recording
        )
        log.append((method, path, status, answer))
        return json.loads(answer)

    one = call("POST", "/evals", {"data_source_config": CONFIG, "testing_criteria": [EXACT, ALIKE]})
    source = asking(rows(130))
    del source["sampling_params"]["seed"]
    run = call("POST", f"/evals/{one['id']}/runs", {"data_source": source})
    path = f"/evals/{one['id']}/runs/{run['id']}"
    states = [run["status"]]
    while states[-1] not in ENDED:
        states.append(call("GET", path)["status"])
        assert len(states) < 10
    call("GET", f"{path}/output_items?limit=5&status=fail")
    call("GET", "/evals")
    stopped = call("POST", f"/evals/{one['id']}/runs", {"data_source": source})
    call("GET", f"/evals/{one['id']}/runs/{stopped['id']}")
    call("POST", f"/evals/{one['id']}/runs/{stopped['id']}")
    call("GET", f"/evals/{one['id']}/runs")
    return log, states


@pytest.mark.long
def test_recorded_twice_gives_the_same_bytes(make_server):
    server = make_server("--deterministic", "7", name="recorded-evals")
    first, states = take(server, "evals-page.zh")
    assert states == ["queued", "in_progress", "completed"]
    assert server.stop() == 0
    server.start()  # a new take replaces the old one, also in a data folder that holds it
    time.sleep(0.2)
    take(server, "other-page.zh")  # other pages at work do not matter
    second, _ = take(server, "evals-page.zh")
    assert first == second
    assert server.stop() == 0
