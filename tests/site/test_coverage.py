"""The table of the syllabus: every row leads somewhere that is there."""

import tomllib
from pathlib import Path

import click
import pytest

from bankft.cli.root import main
from bankft.site import catalogue, coverage, rules

ROOT = Path(__file__).parents[2]
PARTS = tomllib.loads((ROOT / coverage.DATA).read_text("utf-8"))["part"]
ROWS = [row for part in PARTS for row in part["row"]]


def labels():
    for page in catalogue.pages(ROOT):
        for _, line in rules.prose((ROOT / page).read_text("utf-8")):
            if line.startswith("(") and line.endswith(")="):
                yield line[1:-2]


def test_every_label_is_on_a_page():
    assert {label for row in ROWS for label in row["at"]} - set(labels()) == set()


def test_every_function_is_there():
    assert list(coverage.problems(PARTS)) == []


@pytest.mark.parametrize("name", sorted({c for row in ROWS for c in row.get("command", [])}))
def test_every_command_is_there(name):
    command: click.Command | None = main
    for word in name.split()[1:]:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None


def test_both_languages_say_everything():
    for said in [*PARTS, *ROWS, *(row["instead"] for row in ROWS if "instead" in row)]:
        assert said["zh"]
        assert said["en"]
        assert said["en"].isascii() or not any("\u3400" <= c <= "\u9fff" for c in said["en"])


def test_what_the_syllabus_gets_wrong_says_what_stands_instead():
    """Each of its four commands is gone, and so is what it calls the Metrics API."""
    stale = [row for row in ROWS if row["kind"] == "command" or "Metrics API" in row["en"]]
    assert len(stale) == 5
    assert all("instead" in row for row in stale)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"kind": "riddle"}, "there is no kind riddle"),
        ({"at": []}, "it says no place"),
        ({"code": ["bankft.data.nothing"]}, "there is no bankft.data.nothing"),
        ({"code": ["bankft.nowhere.check"]}, "there is no bankft.nowhere.check"),
    ],
)
def test_a_bad_row_is_said(row, problem):
    good = {"kind": "text", "zh": "甲", "en": "A", "at": ["home"]}
    assert list(coverage.problems([{"row": [good | row]}])) == [f"A: {problem}"]
    assert list(coverage.problems([{"row": [good]}])) == []
