"""Fixtures: a real host, and clients that record from it or replay."""

import pytest

import bankft
from recording.host import Host

QUESTION = [{"role": "user", "content": "稳健一号的管理费是多少？"}]


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    """A folder for recordings, and an environment in which nothing else is set."""
    for name in ("BANKFT_MODE", "BANKFT_LANG", "BANKFT_PLAYS", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "recordings"
    monkeypatch.setenv("BANKFT_RECORDINGS", str(folder))
    return folder


@pytest.fixture
def host():
    with Host() as host:
        yield host


@pytest.fixture
def record(recordings, monkeypatch):
    """Run a page against a fresh host in record mode; return the recording."""

    def run(page, *, name="page", host=None):
        with host or Host() as running, monkeypatch.context() as patch:
            patch.setenv("OPENAI_BASE_URL", running.url)
            patch.setenv("OPENAI_API_KEY", "the-host-key")
            with bankft.connect(name, mode="record") as client:
                page(client)
        return recordings / f"{name}.zh.jsonl"

    return run


def ask(client, model="bankft-nano", **options):
    return client.chat.completions.create(model=model, messages=QUESTION, **options)


def text(stream):
    return "".join(c.choices[0].delta.content for c in stream if c.choices)
