import json
from datetime import date

import pytest

import bankft
from bankft import recording
from bankft.errors import RecordingError
from bankft.recording import checks
from bankft.recording.lines import dump
from recording.talk import ask, text

TODAY = date(2026, 11, 21)


@pytest.fixture
def card(tmp_path, monkeypatch):
    """A shipped base model's card, of the model that the test's host says it has."""
    path = tmp_path / "card.json"
    path.write_text('{"digest": "sha256:0123"}')
    monkeypatch.setattr(checks, "CARD", path)
    return path


@pytest.fixture
def path(record, card):
    def page(client):
        client.models.list()
        text(ask(client, stream=True))
        ask(client)

    return record(page)


def problems(path):
    return recording.check(path.parent, today=TODAY)


def change(path, line, edit):
    """Rewrite a line the way bankft writes it, so that only the edit is wrong."""
    entries = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    edit(entries[line - 1])
    path.write_text("".join(f"{dump(e)}\n" for e in entries), encoding="utf-8", newline="\n")


def test_a_fresh_recording_is_fine(path):
    assert problems(path) == []


def test_a_folder_without_recordings_is_fine_and_none_is_not(tmp_path):
    assert recording.check(tmp_path) == []
    with pytest.raises(RecordingError, match="There is no folder"):
        recording.check(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("line", "edit", "sentence"),
    [
        (1, lambda e: e.update(openai="2.44.1"), "recorded with openai 2.44.1, but"),
        (1, lambda e: e.update(base_model="bankft-nano@sha256:9"), "not the base model"),
        (1, lambda e: e.update(bankft_recording=9), "no recording of format 1"),
        (2, lambda e: e.pop("response"), "no interaction"),
        (3, lambda e: e.update(key="sha256:0"), "the key is not that of the request"),
        (4, lambda e: e["request"]["json"].update(temperature=0.5), "the key is not that"),
        (4, lambda e: e["response"]["json"].update(user="13800138000"), "a mobile number"),
        (3, lambda e: e["response"]["events"][1].update(id="sk-" + "aB3d" * 8), "an API key"),
    ],
)
def test_each_problem_is_a_sentence_with_its_line(path, line, edit, sentence):
    change(path, line, edit)
    (problem,) = problems(path)
    assert problem.startswith(f"page.zh.jsonl:{line}: ")
    assert sentence in problem
    assert "nox -s record -- page" in problem
    assert "13800138000" not in problem


@pytest.mark.parametrize(
    "edit",
    [
        lambda raw: raw.replace(b"\n", b"\r\n"),  # an editor on Windows
        lambda raw: raw.replace(b'{"key":', b'{"key": ', 1),  # formatted by hand
        lambda raw: raw.replace("管".encode(), b"\\u7ba1", 1),  # escaped by a tool
        lambda raw: raw.removesuffix(b"\n"),
        lambda raw: b"\xef\xbb\xbf" + raw,
    ],
)
def test_a_file_that_was_edited_is_told_from_one_that_bankft_wrote(path, edit):
    path.write_bytes(edit(path.read_bytes()))
    (problem,) = problems(path)
    assert "was it edited?" in problem


def test_a_card_that_is_not_shipped_is_said(path, card):
    card.unlink()
    (problem,) = problems(path)
    assert "card.json is not shipped" in problem


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("gpt-3.5-turbo", "gpt-3.5-turbo is shut since 2026-10-23"),
        ("ft:gpt-3.5-turbo:bank:v1:abcd1234", "is shut since 2026-10-23"),  # goes with its base
        ("gpt-4o-2024-08-06", None),  # announced, but still there on that day
        ("bankft-nano", None),
        ("ft:bankft-nano:bankft:v1:abcd1234", None),
    ],
)
def test_a_model_that_is_shut_is_named(record, card, model, sentence):
    found = problems(record(lambda client: ask(client, model)))
    assert [sentence in problem for problem in found] == ([True] if sentence else [])


def test_a_refusal_may_show_that_a_model_is_gone(record, card):
    def page(client):
        with pytest.raises(Exception, match="404"):
            ask(client, "nobody")

    path = record(page)
    change(path, 2, lambda e: e["request"]["json"].update(model="gpt-4"))
    change(path, 2, lambda e: e.update(key=recording.call.key(e["request"])))
    assert problems(path) == []


def test_the_dates_have_a_source_and_are_dates():
    retired = checks._retirements()
    assert retired["source"].startswith("https://")
    assert isinstance(retired["checked"], date)
    assert all(isinstance(day, date) for day in retired["shut"].values())


def test_the_recordings_of_this_repository_are_fine():
    folder = recording.folder()
    assert any(folder.glob("*.jsonl"))
    assert recording.check(folder) == []
    assert bankft.__all__
