import json

import pytest

from bankft import recording
from bankft.errors import RecordingError, RecordingMissing

ABOUT = '{"bankft_recording":1,"openai":"3.52.0","host":"h","recorded":"2026-11-21"}\n'
GOOD = {
    "key": "sha256:0",
    "request": {"method": "GET", "path": "/models"},
    "response": {"status": 200, "headers": {}, "json": {}},
}


def test_load_reads_what_was_recorded(tmp_path):
    path = tmp_path / "page.zh.jsonl"
    path.write_text(ABOUT + json.dumps(GOOD) + "\n", encoding="utf-8")
    loaded = recording.load(path)
    assert loaded.about["host"] == "h"
    assert loaded.interactions == (
        recording.Interaction(2, GOOD["key"], GOOD["request"], GOOD["response"]),
    )


def test_a_missing_file_says_how_to_record_it(tmp_path):
    with pytest.raises(RecordingMissing, match="nox -s record -- page`"):
        recording.load(tmp_path / "page.zh.jsonl")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "page.zh.jsonl:1:"),  # an empty file
        ("[]\n", "page.zh.jsonl:1:"),
        ('{"bankft_recording":2}\n', "page.zh.jsonl:1:"),  # a later format
        ('{"interactions": []}\n', "page.zh.jsonl:1:"),  # somebody else's
        (ABOUT + '{"key": "k", "request"', "page.zh.jsonl:2:"),  # cut off
        (ABOUT + "\n", "page.zh.jsonl:2:"),  # a blank line
        (ABOUT + '{"key": "k"}\n', "page.zh.jsonl:2:"),
        (ABOUT + json.dumps(GOOD | {"response": []}) + "\n", "page.zh.jsonl:2:"),
        (
            ABOUT + json.dumps(GOOD | {"response": {"status": 200, "headers": {}}}),
            "page.zh.jsonl:2",
        ),
        (ABOUT + json.dumps(GOOD) + "\n<<<<<<< ours\n", "page.zh.jsonl:3:"),  # a merge conflict
        (ABOUT + "[" * 100_000, "page.zh.jsonl:2:"),
    ],
)
def test_what_is_no_recording_is_said_with_its_line(tmp_path, text, where):
    path = tmp_path / "page.zh.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match=where) as error:
        recording.load(path)
    assert "nox -s record -- page" in str(error.value)


def test_bytes_that_are_no_text_are_said_too(tmp_path):
    path = tmp_path / "page.zh.jsonl"
    path.write_bytes(ABOUT.encode() + b"\xff\xfe\n")
    with pytest.raises(RecordingError, match=r"page\.zh\.jsonl:2:"):
        recording.load(path)


def test_the_folder_is_the_one_named_or_the_checkouts(monkeypatch, tmp_path):
    monkeypatch.setenv("BANKFT_RECORDINGS", str(tmp_path))
    assert recording.folder() == tmp_path
    monkeypatch.delenv("BANKFT_RECORDINGS")
    assert recording.folder().parts[-2:] == ("tutorials", "recordings")
