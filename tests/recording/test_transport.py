import asyncio
import base64
import json

import httpx2
import openai
import pytest

import bankft
from bankft.errors import RecordingMissing, SecretFound
from recording.host import ANSWER, CSV, ERRORS, Host
from recording.talk import QUESTION, ask, text


def entries(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def lesson(client):
    """A page like the first lessons: every kind of call, and what each gave."""
    seen = [client.models.list().data[0].id]
    file = client.files.create(file=("训练.jsonl", b'{"a": "\xe5\x9f\xba"}\n'), purpose="fine-tune")
    seen += [file.id, file.filename, text(ask(client, stream=True)), text(ask(client, stream=True))]
    seen += [ask(client).choices[0].message.content, client.files.content("file-result").text]
    seen.append(client.files.content("file-binary").content)
    job = client.fine_tuning.jobs.create(model="bankft-nano", training_file=file.id)
    seen += [client.fine_tuning.jobs.retrieve(job.id).status for _ in range(6)]
    return seen


def test_a_page_replays_as_it_was_recorded_with_the_host_gone(record):
    recorded = []
    record(lambda client: recorded.extend(lesson(client)))
    with bankft.connect("page") as client:
        assert lesson(client) == recorded
    assert recorded[0] == "bankft-nano"
    assert recorded[2] == "训练.jsonl"
    assert recorded[3] == "".join(ANSWER)
    assert recorded[6] == CSV
    assert recorded[7] == b"\x00\xff\xfe"


def test_polling_advances_and_the_last_answer_repeats(record):
    def look(client, times):
        return [client.fine_tuning.jobs.retrieve("ftjob-1").status for _ in range(times)]

    def page(client):
        client.fine_tuning.jobs.create(model="m", training_file="file-1")
        assert look(client, 5) == ["running", "paused", "running", "running", "succeeded"]

    record(page)
    with bankft.connect("page") as client:
        statuses = look(client, 7)
    assert statuses == ["running", "paused", "running", "running", *["succeeded"] * 3]
    with bankft.connect("page") as client:  # a reader runs the page again: from the start
        assert look(client, 1) == ["running"]


def test_recording_twice_gives_the_same_bytes(record):
    first = record(lesson).read_bytes()
    assert record(lesson).read_bytes() == first
    assert b"\r" not in first
    assert "管理费".encode() in first  # Chinese stands there as Chinese


def test_the_date_is_kept_until_something_changes(record):
    path = record(lesson)
    old = path.read_text(encoding="utf-8")
    date = entries(path)[0]["recorded"]
    path.write_text(old.replace(date, "2026-01-31"), encoding="utf-8", newline="\n")
    assert entries(record(lesson))[0]["recorded"] == "2026-01-31"

    def longer(client):
        lesson(client)
        client.models.list()

    assert entries(record(longer))[0]["recorded"] == date


def test_the_first_line_says_what_answered(record):
    about = entries(record(lambda client: client.models.list()))[0]
    assert list(about) == [
        "bankft_recording",
        "openai",
        "base_model",
        "version",
        "machine",
        "recorded",
    ]
    assert about["base_model"] == "bankft-nano@sha256:0123"
    assert about["machine"] == "x86-64, 2 threads"
    about = entries(record(lambda client: client.models.list(), host=Host(embedded=False)))[0]
    assert about["host"] == "127.0.0.1"


def test_only_listed_headers_are_kept_and_what_answered_comes_back(record):
    path = record(lambda client: client.models.list())
    assert entries(path)[1]["response"]["headers"] == {"content-type": "application/json"}
    with bankft.connect("page") as client:
        headers = client.models.with_raw_response.list().headers
    assert headers["x-bankft-base-model"] == "bankft-nano@sha256:0123"
    assert headers["openai-poll-after-ms"] == "0"  # a poller need not wait in replay
    assert "set-cookie" not in headers


def test_a_stream_keeps_only_what_changes(record):
    path = record(lambda client: text(ask(client, stream=True)))
    events = entries(path)[1]["response"]["events"]
    assert list(events[0]["data"]) == ["id", "created", "model", "object", "choices"]
    assert list(events[1]["change"]) == ["choices"]  # the id, model and time are as before
    assert "usage" in events[6]["data"]  # another set of keys: written whole
    assert events[7] == {"ms": 140, "text": "[DONE]"}
    assert [event["ms"] for event in events] == list(range(0, 160, 20))  # nominal, not measured


def test_offsets_of_another_host_are_measured(record):
    host = Host(embedded=False)
    host.next_event.clear()

    def page(client):
        stream = ask(client, stream=True)
        next(stream)
        asyncio.run(asyncio.sleep(0.2))
        host.next_event.set()
        text(stream)

    offsets = [e["ms"] for e in entries(record(page, host=host))[1]["response"]["events"]]
    assert offsets == sorted(offsets)
    assert 150 < offsets[1] < 5000


@pytest.mark.parametrize("mode", ["record", "live"])
def test_the_first_event_comes_before_the_second_is_made(recordings, monkeypatch, mode):
    with Host() as host:
        host.next_event.clear()  # the host holds back all but the first event
        monkeypatch.setenv("OPENAI_BASE_URL", host.url)
        monkeypatch.setenv("OPENAI_API_KEY", "the-host-key")
        with bankft.connect("page", mode=mode) as client:
            stream = ask(client, stream=True)
            assert next(stream).choices[0].delta.content == ANSWER[0]
            host.next_event.set()
            assert text(stream) == "".join(ANSWER[1:])


def test_replay_gives_an_event_a_chunk(record):
    record(lambda client: text(ask(client, stream=True)))
    with bankft.connect("page") as client:
        response = client.chat.completions.with_raw_response.create(
            model="bankft-nano", messages=QUESTION, stream=True
        )
        chunks = list(response.http_response.iter_raw())
    assert len(chunks) == len(ANSWER) + 2
    assert all(chunk.startswith(b"data: ") and chunk.endswith(b"\n\n") for chunk in chunks)


def test_a_stream_that_the_page_leaves_early_is_recorded_whole(record):
    def page(client):
        with ask(client, stream=True) as stream:
            next(iter(stream))

    assert len(entries(record(page))[1]["response"]["events"]) == len(ANSWER) + 2
    with bankft.connect("page") as client:
        assert text(ask(client, stream=True)) == "".join(ANSWER)


def test_two_streams_at_once_are_recorded_in_the_order_asked(record):
    def page(client):
        one, other = ask(client, stream=True), ask(client, "other", stream=True)
        text(other)
        text(one)

    recorded = entries(record(page))[1:]
    assert [e["request"]["json"]["model"] for e in recorded] == ["bankft-nano", "other"]


@pytest.mark.parametrize(("model", "status"), ERRORS.items())
def test_errors_are_recorded_and_raised_as_the_sdk_raises_them(record, model, status):
    def page(client):
        with pytest.raises(openai.APIStatusError) as error:
            ask(client, model)
        assert error.value.status_code == status
        return type(error.value), str(error.value), error.value.code

    live = []
    path = record(lambda client: live.append(page(client)))
    assert len(entries(path)) == 2  # one attempt, one interaction
    with bankft.connect("page") as client:
        assert page(client) == live[0]


def test_a_page_that_asks_for_retries_has_each_attempt_recorded(record, monkeypatch):
    naps = []
    monkeypatch.setattr("openai._base_client.time.sleep", naps.append)

    def page(client):
        with pytest.raises(openai.RateLimitError):
            ask(client.with_options(max_retries=2), "busy")

    assert len(entries(record(page))) == 4
    assert naps == [30, 30]  # as the host asks
    with bankft.connect("page") as client:
        page(client)
    assert naps[2:] == [0.001, 0.001]  # replay does not wait


def test_async(record, recordings, monkeypatch):
    async def page(client):
        models = await client.models.list()
        stream = await ask(client, stream=True)
        answer = "".join([c.choices[0].delta.content async for c in stream if c.choices])
        file = await client.files.create(file=("训练.jsonl", b"{}"), purpose="fine-tune")
        with pytest.raises(openai.NotFoundError):
            await ask(client, "nobody")
        three = await asyncio.gather(*(ask(client, f"m{n}") for n in range(3)))
        return [models.data[0].id, answer, file.filename, *(answer.model for answer in three)]

    async def run(mode):
        async with bankft.connect_async("page", mode=mode) as client:
            return await page(client)

    with Host() as host, monkeypatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", host.url)
        patch.setenv("OPENAI_API_KEY", "the-host-key")
        live = asyncio.run(run("record"))
    assert live == ["bankft-nano", "".join(ANSWER), "训练.jsonl", "m0", "m1", "m2"]
    assert asyncio.run(run("replay")) == live
    with bankft.connect("page") as client:  # a sync client reads the same recording
        assert text(ask(client, stream=True)) == "".join(ANSWER)


def test_async_streams_come_event_by_event(recordings, monkeypatch):
    async def run(host):
        async with bankft.connect_async("page", mode="record") as client:
            stream = await ask(client, stream=True)
            first = await anext(stream)
            host.next_event.set()
            return first.choices[0].delta.content, len([chunk async for chunk in stream])

    with Host() as host:
        host.next_event.clear()
        monkeypatch.setenv("OPENAI_BASE_URL", host.url)
        monkeypatch.setenv("OPENAI_API_KEY", "the-host-key")
        assert asyncio.run(run(host)) == (ANSWER[0], len(ANSWER))


def test_a_miss_names_the_nearest_call_the_difference_and_the_command(record):
    record(lesson)
    naps = []
    with bankft.connect("page") as client, pytest.raises(RecordingMissing) as error:
        client.chat.completions.create(
            model="bankft-nano",
            messages=[{"role": "user", "content": "稳健二号的管理费是多少？"}],
        )
    assert not naps
    message = str(error.value)
    assert "page.zh.jsonl holds no answer to POST /chat/completions." in message
    assert "json.messages[0].content: asked" in message
    assert "稳健二号" in message
    assert "稳健一号" in message
    assert "stream" not in message  # the call without a stream is the nearer one
    assert "nox -s record -- page" in message


def test_a_miss_does_not_show_personal_data(record):
    record(lesson)
    with bankft.connect("page") as client, pytest.raises(RecordingMissing) as error:
        client.chat.completions.create(
            model="bankft-nano", messages=[{"role": "user", "content": "我的手机是13800138000"}]
        )
    assert "13800138000" not in str(error.value)


def test_a_miss_comes_at_once_and_unwrapped_to_async_clients_too(record):
    record(lambda client: client.models.list())

    async def page():
        async with bankft.connect_async("page") as client:
            await client.with_options(max_retries=5).files.list()

    with pytest.raises(RecordingMissing, match="GET /files"):
        asyncio.run(asyncio.wait_for(page(), 0.4))


def test_another_query_is_another_call(record):
    record(lambda client: client.fine_tuning.jobs.list(limit=5))
    with bankft.connect("page") as client:
        assert client.fine_tuning.jobs.list(limit=5).data == []
        with pytest.raises(RecordingMissing, match=r"query\[0\]\[1\]: asked \"6\", recorded \"5\""):
            client.fine_tuning.jobs.list(limit=6)


@pytest.mark.parametrize(
    ("file", "purpose"),
    [
        (("训练.jsonl", b'{"a": 2}\n'), "fine-tune"),  # another content
        (("valid.jsonl", b'{"a": 1}\n'), "fine-tune"),  # another name
        (("训练.jsonl", b'{"a": 1}\n'), "evals"),  # another field
    ],
)
def test_an_upload_is_the_same_call_whatever_its_boundary(record, file, purpose):
    def page(client):
        client.files.create(file=("训练.jsonl", b'{"a": 1}\n'), purpose="fine-tune")

    path = record(page)
    assert entries(path)[1]["request"]["parts"][0] == {"name": "purpose", "value": "fine-tune"}
    with bankft.connect("page") as client:
        page(client)
        with pytest.raises(RecordingMissing, match="parts"):
            client.files.create(file=file, purpose=purpose)


def test_a_secret_is_refused_before_it_is_sent_and_never_shown(record):
    host = Host()
    key = "sk-proj-" + "a1B2" * 8

    def page(client):
        client.models.list()
        with pytest.raises(SecretFound, match=r"call 2 \(POST /chat/completions\)") as error:
            client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": f"my key is {key}"}]
            )
        assert "request.json.messages[0].content" in str(error.value)
        assert key not in str(error.value)

    path = record(page, host=host)
    assert key not in path.read_text(encoding="utf-8")
    assert [path for _, path, *_ in host.seen] == ["/models"]


def test_an_upload_is_scanned_although_only_its_hash_is_kept(record):
    line = json.dumps({"messages": [{"role": "user", "content": "我的手机：13800138000"}]})

    def page(client):
        with pytest.raises(SecretFound, match=r"train\.jsonl line 2\.messages\[0\]\.content"):
            client.files.create(file=("train.jsonl", f"{{}}\n{line}\n".encode()), purpose="evals")

    assert not record(page).exists()


def test_the_key_that_a_client_calls_with_never_gets_in(record):
    def page(client):
        with pytest.raises(SecretFound, match="the key that this client calls with"):
            ask(client, "model the-host-key")

    record(page)


def test_a_crash_loses_nothing_of_what_was_answered(record, recordings):
    def page(client):
        client.models.list()
        ask(client)
        path = recordings / "page.zh.jsonl"
        assert len(entries(path)) == 3  # it is there before the client is closed
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(page)
    with bankft.connect("page") as client:
        assert ask(client).choices[0].message.content == "".join(ANSWER)
    assert [path.name for path in recordings.iterdir()] == ["page.zh.jsonl"]  # no draft is left


def test_clients_that_are_open_at_once_share_a_recording(record):
    def page(client):
        client.models.list()
        with bankft.connect("page", mode="record") as other:
            ask(other)
        client.models.list()

    assert len(entries(record(page))) == 4


def test_the_recorded_bytes_are_what_the_host_sent(record):
    path = record(lambda client: client.files.content("file-binary"))
    assert base64.b64decode(entries(path)[1]["response"]["base64"]) == b"\x00\xff\xfe"


def test_requests_tell_the_host_which_recording_is_made(record):
    host = Host()
    record(lambda client: client.models.list(), host=host)
    headers = host.seen[0][3]
    assert headers["x-bankft-recording"] == "page.zh"


def test_a_plain_client_can_use_the_transport(record):
    path = record(lambda client: client.models.list())
    transport = bankft.recording.ReplayTransport(path, base_url="https://elsewhere.example/api")
    with httpx2.Client(transport=transport) as client:
        answer = client.get("https://elsewhere.example/api/models")
    assert answer.json()["data"][0]["id"] == "bankft-nano"
