import pytest

import bankft
from bankft import recording
from bankft.errors import RecordingMissing
from recording.talk import ask


def page(client):
    client.models.list()
    ask(client)
    ask(client)


@pytest.fixture
def plays(tmp_path, monkeypatch):
    path = tmp_path / "plays"
    monkeypatch.setenv("BANKFT_PLAYS", str(path))
    return path


def test_a_page_that_plays_its_recording_has_no_problem(record, plays):
    path = record(page)
    assert not plays.exists()  # recording is no playing
    with bankft.connect("page") as client:
        page(client)
    keys = plays.read_text().splitlines()
    assert keys == [i.key for i in recording.load(path).interactions]
    assert recording.compare_plays(plays, path) == []


def test_what_was_not_played_is_said_with_its_line(record, plays):
    path = record(page)
    with bankft.connect("page") as client:
        ask(client)
    assert recording.compare_plays(plays, path) == [
        "page.zh.jsonl:2: GET /models is recorded once and was played 0 times.",
        "page.zh.jsonl:4: POST /chat/completions is recorded twice and was played once.",
    ]


def test_a_page_that_makes_no_call_plays_nothing(record, plays):
    path = record(lambda client: client.models.list())
    assert len(recording.compare_plays(plays, path)) == 1


def test_what_was_played_too_often_is_said(record, plays):
    path = record(page)
    with bankft.connect("page") as client:
        page(client)
        ask(client)
    assert recording.compare_plays(plays, path) == [
        "page.zh.jsonl:4: POST /chat/completions is recorded twice and was played 3 times."
    ]


def test_a_miss_is_said_although_the_page_caught_it(record, plays):
    path = record(page)
    with bankft.connect("page") as client:
        page(client)
        with pytest.raises(RecordingMissing):
            client.files.list()
    (problem,) = recording.compare_plays(plays, path)
    assert problem.startswith("page.zh.jsonl: a call that was made once is not recorded (sha256:")


def test_without_a_recording_there_is_nothing_to_compare(plays, tmp_path):
    with pytest.raises(RecordingMissing):
        recording.compare_plays(plays, tmp_path / "page.zh.jsonl")
