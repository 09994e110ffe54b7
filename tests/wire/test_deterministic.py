"""Two fresh services with one seed answer one page's calls with the same bytes."""

import concurrent.futures

import pytest

from bankft.cases import fundbot

from .examples import ALIKE, SHORT, items, reinforcement
from .server import lines, supervised

pytestmark = [pytest.mark.service, pytest.mark.long, pytest.mark.timeout(1500)]

COMPARED = ("openai-poll-after-ms", "x-bankft-base-model", "x-bankft-version", "x-request-id")


def page(server, recording="first-job.zh", *, others=()):
    """Make the calls of a lesson; return everything that a recording could hold of them."""
    log, last = [], {}

    def remember(answer):
        answer.read()
        headers = {name: answer.headers.get(name) for name in COMPARED}
        assert "openai-processing-ms" not in answer.headers
        log.append(
            (answer.request.method, answer.url.path, answer.status_code, headers, answer.text)
        )
        return answer

    def call(method, path, **options):
        with server.client(default_headers={"x-bankft-recording": recording}) as client:
            raw = client._client
            headers = {"Authorization": "Bearer x", "x-bankft-recording": recording}
            answer = remember(
                raw.request(
                    method, f"{server.url}/v1{path}", headers=headers, timeout=600, **options
                )
            )
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    def upload(part, n):
        content = lines(fundbot.conversations(part, n, language="zh"))
        form = {"purpose": "fine-tune"}
        return call("POST", "/files", data=form, files={"file": (f"{part}.jsonl", content)})["id"]

    train, valid = upload("train", 12), upload("valid", 3)
    job = call(
        "POST",
        "/fine_tuning/jobs",
        json={
            "model": "bankft-nano",
            "training_file": train,
            "validation_file": valid,
            "suffix": "v1",
            "metadata": {"case": "page", "version": "v1"},
            "method": supervised(n_epochs=3, batch_size=2),
        },
    )
    path = f"/fine_tuning/jobs/{job['id']}"
    seen = [job["status"]]
    for other in others:  # other pages at work must not matter
        other()
    while seen[-1] not in ("succeeded", "failed"):
        job = call("GET", path)
        call("GET", f"{path}/events?limit=50")
        seen.append(job["status"])
        assert len(seen) < 50
    last.update(statuses=seen, job=job)
    call("GET", f"{path}/checkpoints")
    call("GET", f"/files/{job['result_files'][0]}/content")
    call("GET", "/models")
    call("GET", "/files")
    call("GET", "/fine_tuning/jobs?metadata[case]=page")
    ask = {"model": job["fine_tuned_model"], "messages": [{"role": "user", "content": "管理费？"}]}
    answers = [call("POST", "/chat/completions", json={**ask, "max_tokens": 20}) for _ in range(2)]
    assert answers[0]["id"] != answers[1]["id"]
    call("POST", "/chat/completions", json={**ask, "stream": True, "max_tokens": 20})
    call("POST", "/chat/completions", json={**ask, "temperature": 9})
    call_reinforcement(call)
    cancelled = call(
        "POST", "/fine_tuning/jobs", json={"model": "bankft-nano", "training_file": train}
    )
    call("GET", f"/fine_tuning/jobs/{cancelled['id']}")
    call("POST", f"/fine_tuning/jobs/{cancelled['id']}/cancel")
    call("GET", f"/fine_tuning/jobs/{cancelled['id']}/events")
    call("DELETE", f"/files/{valid}")
    return log, last


def call_reinforcement(call):
    """Train by rewards, with a pause between two looks."""

    def upload(part, n):
        form = {"purpose": "fine-tune"}
        content = lines(items(n, part))
        return call("POST", "/files", data=form, files={"file": (f"i-{part}.jsonl", content)})["id"]

    job = call(
        "POST",
        "/fine_tuning/jobs",
        json={
            "model": "bankft-nano",
            "training_file": upload("train", 10),
            "validation_file": upload("valid", 2),
            "method": reinforcement(ALIKE, batch_size=1),
            "bankft": SHORT,
        },
    )
    path, paused = f"/fine_tuning/jobs/{job['id']}", False
    while job["status"] not in ("succeeded", "failed"):
        job = call("GET", path)
        if job["status"] == "running" and not paused:
            paused = True
            assert call("POST", f"{path}/pause")["status"] == "paused"
            assert call("GET", path)["status"] == "paused"
            assert call("POST", f"{path}/resume")["status"] == "queued"
    assert job["status"] == "succeeded"
    call("GET", f"{path}/events?limit=100")
    call("GET", f"{path}/checkpoints")
    call("GET", f"/files/{job['result_files'][0]}/content")


@pytest.fixture(scope="module")
def takes(make_server):
    first = make_server("--deterministic", "7")
    alone = page(first)
    second = make_server("--deterministic", "7")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        futures = []

        def other():
            futures.append(pool.submit(page, second, "other-page.zh"))

        beside = page(second, others=[other])
        futures[0].result()
    again = page(first, "unrelated.en")
    return alone, beside, again, first


def test_same_bytes_whatever_other_pages_do(takes):
    (alone, _), (beside, _), *_ = takes
    for one, other in zip(alone, beside, strict=True):
        assert one == other


def test_another_recording_has_other_ids(takes):
    (alone, _), _, (again, _), _ = takes
    assert [entry[:3] for entry in alone] != [entry[:3] for entry in again]
    ids = [entry[3]["x-request-id"] for entry in alone + again]
    assert len(set(ids)) == len(ids)


def test_polls_show_the_job_s_way(takes):
    (log, last), *_ = takes
    # 3 epochs of 6 steps make 27 events; a turn polls twice and each poll shows 20 more.
    assert last["statuses"] == ["validating_files", "running", "succeeded"]
    assert last["job"]["trained_tokens"] > 0
    assert last["job"]["created_at"] < last["job"]["finished_at"] < last["job"]["created_at"] + 100
    assert all(entry[3]["openai-poll-after-ms"] == "0" for entry in log if "jobs/" in entry[1])
    stream = next(entry[4] for entry in log if entry[4].startswith("data:"))
    assert stream.endswith("data: [DONE]\n\n")


def test_a_restarted_service_takes_a_page_again(takes):
    """A new take replaces the old one, also in a data folder that holds it."""
    (alone, _), _, _, server = takes
    head = {"Authorization": "Bearer x", "x-bankft-recording": "first-job.zh"}

    def first_call():
        with server.client() as client:
            content = lines(fundbot.conversations("train", 12, language="zh"))
            return client.files.create(
                file=("train.jsonl", content), purpose="fine-tune", extra_headers=head
            ).id

    assert first_call() not in alone[0][4]  # the same call again is another one
    assert server.stop() == 0
    server.start()
    assert first_call() in alone[0][4]
    with server.client() as client:  # other pages' takes stay, and later pages find them
        (job,) = client.fine_tuning.jobs.list(
            metadata={"case": "page"}, extra_headers={**head, "x-bankft-recording": "later-page.en"}
        )
        assert job.status == "succeeded"
