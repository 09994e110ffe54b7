"""Lists, their order and cursors; files as they come and go."""

import json

import openai
import pytest

from .server import ended, lines, upload

pytestmark = pytest.mark.service


def test_files_page_by_page(client):
    made = [
        client.files.create(file=(f"{n}.txt", b"x" * (n + 1)), purpose="evals").id for n in range(5)
    ]
    newest = [file.id for file in client.files.list(purpose="evals", limit=2)]
    assert newest[:5] == made[::-1]  # the SDK turned the pages; other tests' files are older
    oldest = [file.id for file in client.files.list(purpose="evals", order="asc", limit=2)]
    assert oldest[-5:] == made
    page = client.files.list(purpose="evals", limit=2, after=made[3])
    assert [file.id for file in page.data] == [made[2], made[1]]
    assert page.has_more
    assert (page.first_id, page.last_id) == (made[2], made[1])
    assert client.files.list(purpose="batch").data == []


def test_file_comes_back_as_it_was_and_goes(client):
    content = "第一行\r\n\x00\xff".encode("utf-8", "surrogateescape")
    file = client.files.create(file=("名字.bin", content), purpose="user_data")
    assert file.filename == "名字.bin"
    assert file.bytes == len(content)
    assert file.status == "processed"
    assert file.expires_at is None
    assert client.files.content(file.id).content == content
    assert client.files.delete(file.id).deleted
    for gone in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError):
            gone(file.id)


@pytest.mark.parametrize(
    "name", ["../../escape.jsonl", "/etc/cron.d/escape.jsonl", "..\\escape.jsonl", "a\0b.jsonl"]
)
def test_file_name_is_never_a_path(server, client, name):
    file = client.files.create(file=(name, b"{}\n"), purpose="fine-tune")
    assert "/" not in file.filename
    assert "\\" not in file.filename
    assert (server.folder / "files" / file.id).read_bytes() == b"{}\n"
    assert not list(server.folder.parent.rglob("escape*"))


def test_file_with_a_lifetime(client):
    file = client.files.create(
        file=("a.jsonl", b"{}\n"),
        purpose="fine-tune",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    assert file.expires_at == file.created_at + 3600


def test_no_part_of_an_upload_stays_behind(server):
    assert not list((server.folder / "files").glob("*.part"))


def test_events_and_checkpoints_page_by_page(client, trained):
    jobs = client.fine_tuning.jobs
    whole = [event.id for event in jobs.list_events(trained.id, limit=100)]
    assert [event.id for event in jobs.list_events(trained.id, limit=3)] == whole
    page = jobs.list_events(trained.id, limit=3, after=whole[4])
    assert [event.id for event in page.data] == whole[5:8]
    assert page.has_more
    first = jobs.checkpoints.list(trained.id, limit=1)
    assert (first.has_more, first.first_id) == (True, first.data[0].id)
    assert len(list(jobs.checkpoints.list(trained.id, limit=1))) == 2


def test_jobs_by_metadata(client, trained):
    # Three jobs that fail at once: what counts here is finding them.
    bad = client.files.create(file=("bad.jsonl", b"{}\n"), purpose="fine-tune").id
    made = [
        client.fine_tuning.jobs.create(model="bankft-nano", training_file=bad, metadata=metadata).id
        for metadata in ({"case": "list", "n": "1"}, {"case": "list", "n": "2"}, None)
    ]

    def found(**query):
        page = client.fine_tuning.jobs.list(extra_query=query, limit=1)
        return [job.id for job in page]

    assert found(**{"metadata[case]": "list"}) == [made[1], made[0]]
    assert found(**{"metadata[case]": "list", "metadata[n]": "1"}) == [made[0]]
    assert found(**{"metadata[case]": "nobody"}) == []
    assert made[2] in found(metadata="null")
    assert trained.id not in found(metadata="null")
    assert [job.id for job in client.fine_tuning.jobs.list(metadata={"n": "2"})] == [made[1]]
    assert {ended(client, job).status for job in made} == {"failed"}


GOOD = {
    "messages": [
        {"role": "user", "content": "管理费？"},
        {"role": "assistant", "content": "0.5%。仅供参考，不构成投资建议。"},
    ]
}


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        # Too few, in OpenAI's words.
        (
            lines([GOOD] * 7),
            "invalid_n_examples",
            "Training file has 7 example(s), but must have at least 10 examples",
        ),
        # The line is named, the sentence is that of bankft's own check.
        (
            lines([GOOD] * 11) + b"{broken\n",
            "invalid_training_file",
            "The job failed due to an invalid training file. Invalid file format. Line 12: ",
        ),
        (
            lines([GOOD, {"messages": [{"content": "x"}]}, *[GOOD] * 10]),
            "invalid_training_file",
            "The job failed due to an invalid training file. Invalid file format. "
            "Line 2, messages[0].role: ",
        ),
        (
            b"\xff\xfe" * 50,
            "invalid_training_file",
            "The job failed due to an invalid training file. Invalid file format. Line 1: ",
        ),
    ],
    ids=["too few", "broken line", "no role", "binary"],
)
def test_bad_training_file_fails_the_job(client, content, code, message):
    file = client.files.create(file=("bad.jsonl", content), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="bankft-nano", training_file=file.id)
    assert job.status == "validating_files"
    job = ended(client, job.id)
    assert (job.status, job.error.code, job.error.param) == ("failed", code, "training_file")
    assert job.error.message.startswith(message)
    assert job.fine_tuned_model is None
    assert job.finished_at >= job.created_at
    last = client.fine_tuning.jobs.list_events(job.id).data[0]
    assert (last.level, last.message) == ("error", job.error.message)


def test_bad_validation_file_fails_the_job(client):
    bad = client.files.create(file=("bad.jsonl", b"{}\n"), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(
        model="bankft-nano", training_file=upload(client, 10), validation_file=bad.id
    )
    job = ended(client, job.id)
    assert (job.error.code, job.error.param) == ("invalid_validation_file", "validation_file")


def test_poll_header_says_how_long_to_wait(client, trained):
    answer = client.fine_tuning.jobs.with_raw_response.retrieve(trained.id)
    assert answer.headers["openai-poll-after-ms"] == "500"
    assert int(answer.headers["openai-processing-ms"]) >= 0
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["x-bankft-base-model"].startswith("bankft-nano@sha256:")
    assert answer.headers["x-bankft-version"]
    assert {"server", "date"}.isdisjoint(answer.headers)


def test_health(server):
    status, body = server.send("GET", "/healthz", Authorization=None)
    assert status == 200
    assert json.loads(body)["status"] == "ok"
