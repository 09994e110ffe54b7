# ruff: noqa: F811 (a fixture is used by naming it)
import asyncio
import socket

import openai
import pytest

# isort: split
from recording.talk import ask, host, recordings, text  # noqa: F401

import bankft
from bankft import client as client_module
from bankft.errors import RecordingMissing, UsageError

REAL = "sk-proj-a-real-key-of-another-host"


@pytest.fixture
def local(host, monkeypatch):
    """The embedded service's address, at which a test's host answers."""
    monkeypatch.setattr(client_module, "LOCAL_URL", host.url)
    return host


def headers(host):
    return {name.lower(): value for name, value in host.seen[-1][3].items()}


def test_it_is_a_plain_client(recordings):
    with bankft.connect(mode="live") as client:
        assert type(client) is openai.OpenAI
        assert client.max_retries == openai.DEFAULT_MAX_RETRIES
    assert type(bankft.connect_async(mode="live")) is openai.AsyncOpenAI


def test_live_asks_the_local_service_with_an_invented_key(recordings, local):
    with bankft.connect(mode="live") as client:
        assert text(ask(client, stream=True)).startswith("管理费")
    assert headers(local)["authorization"] == "Bearer bankft-local"
    assert "x-bankft-recording" not in headers(local)


def test_live_takes_the_services_own_key(recordings, local, monkeypatch):
    monkeypatch.setenv("BANKFT_API_KEY", "a-key-of-the-bank")
    with bankft.connect(mode="live") as client:
        client.models.list()
    assert headers(local)["authorization"] == "Bearer a-key-of-the-bank"


@pytest.mark.parametrize("mode", ["live", "record"])
def test_no_real_key_goes_to_a_host_that_was_not_named(
    recordings,
    local,
    monkeypatch,
    mode,
):
    monkeypatch.setenv("OPENAI_API_KEY", REAL)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", REAL)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-host")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-another-host")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {REAL}")
    with bankft.connect("page", mode=mode) as client:
        client.models.list()
    assert REAL not in str(local.seen)
    assert "of-another-host" not in str(local.seen)
    assert headers(local)["authorization"] == "Bearer bankft-local"


def test_a_named_host_gets_its_key(recordings, host, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", host.url)
    monkeypatch.setenv("OPENAI_API_KEY", REAL)
    with bankft.connect(mode="live") as client:
        client.models.list()
    assert headers(host)["authorization"] == f"Bearer {REAL}"


def test_the_mode_comes_from_the_argument_then_the_environment_then_replay(
    recordings,
    local,
    monkeypatch,
):
    with pytest.raises(RecordingMissing):
        bankft.connect("page")  # replay, without a recording
    monkeypatch.setenv("BANKFT_MODE", "record")
    with bankft.connect("page") as client:
        client.models.list()
    assert (recordings / "page.zh.jsonl").is_file()
    with bankft.connect("page", mode="replay", language="zh") as client:
        client.models.list()
    assert len(local.seen) == 1


def test_a_recording_is_one_file_a_language(recordings, local, monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    with bankft.connect("page", mode="record") as client:
        client.models.list()
    with bankft.connect("other", mode="record", language="zh") as client:
        client.models.list()
    assert sorted(p.name for p in recordings.iterdir()) == ["other.zh.jsonl", "page.en.jsonl"]


def test_a_missing_recording_is_one_sentence_at_once(recordings):
    with pytest.raises(RecordingMissing) as error:
        bankft.connect("first-job")
    assert str(error.value) == (
        f"There is no recording first-job.zh.jsonl in {recordings}: record the page with "
        "`nox -s record -- first-job`, or let a service answer instead (`bankft serve`, then "
        "BANKFT_MODE=live)."
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        ({"name": "page", "mode": "reply"}, {}, "There is no mode 'reply'"),
        ({"name": "page"}, {"BANKFT_MODE": "Live"}, "There is no mode 'Live'"),  # as it is written
        ({"name": "page", "language": "de"}, {}, "There is no language 'de'"),
        ({}, {}, "To replay, name the recording"),
        ({"mode": "record"}, {}, "To record, name the recording"),
        ({"name": "../page"}, {}, "cannot name a recording"),  # never outside the folder
        ({"name": "First Job"}, {}, "cannot name a recording"),
        ({"mode": "live"}, {"OPENAI_BASE_URL": "gpu:8000"}, "no address"),
        ({"mode": "live"}, {"OPENAI_BASE_URL": "http://h/v1"}, "OPENAI_API_KEY is not set"),
    ],
)
def test_a_wrong_call_is_said_in_one_sentence(
    recordings,
    monkeypatch,
    arguments,
    environment,
    sentence,
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for connect in (bankft.connect, bankft.connect_async):
        with pytest.raises(UsageError, match=sentence):
            connect(**arguments)


@pytest.fixture
def nobody(monkeypatch):
    """An address at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setattr(client_module, "LOCAL_URL", f"http://127.0.0.1:{port}/v1")
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("mode", ["live", "record"])
def test_without_a_service_one_sentence_says_how_to_start_one(
    recordings,
    nobody,
    monkeypatch,
    mode,
):
    monkeypatch.setattr("openai._base_client.time.sleep", lambda _: pytest.fail("it waited"))
    sentence = f"No service answers at {nobody}: start one with `bankft serve`"
    with (
        bankft.connect("page", mode=mode) as client,
        pytest.raises(openai.APIConnectionError, match=sentence),
    ):
        client.models.list()

    async def page():
        async with bankft.connect_async("page", mode=mode) as client:
            await client.models.list()

    with pytest.raises(openai.APIConnectionError, match=sentence):
        asyncio.run(page())


def test_another_machine_is_asked_again_before_the_sentence(recordings, monkeypatch):
    naps = []
    monkeypatch.setattr("openai._base_client.time.sleep", naps.append)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://service.invalid/v1")  # a name that nobody has
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with (
        bankft.connect(mode="live") as client,
        pytest.raises(
            openai.APIConnectionError, match=r"No service answers at http://service\.inv"
        ),
    ):
        client.models.list()
    assert len(naps) == openai.DEFAULT_MAX_RETRIES


def test_replay_needs_neither_key_nor_network(recordings, local, monkeypatch):
    with bankft.connect("page", mode="record") as client:
        client.models.list()
    monkeypatch.setenv("OPENAI_BASE_URL", "no address at all")  # of no concern to a replay

    def refuse(*_):
        raise AssertionError("replay opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with bankft.connect("page") as client:
        assert client.models.list().data
