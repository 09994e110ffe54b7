"""``bankft data check`` and ``bankft data stats``: output, exit codes, standard input."""

import json

import pytest
from click.testing import CliRunner

from bankft import data
from bankft.cases import fundbot
from bankft.cli import main


def run(*args, **options):
    return CliRunner().invoke(main, ["data", *map(str, args)], **options)


@pytest.fixture
def good(tmp_path):
    return data.write_jsonl(fundbot.conversations("train", 60, language="en"), tmp_path / "t.jsonl")


@pytest.fixture
def bad(good):
    good.write_text(good.read_text(encoding="utf-8") + "{oops\n", encoding="utf-8")
    return good


def test_a_good_file_ends_with_0(good):
    result = run("check", good)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("t.jsonl: 60 examples\nFit to train on: no errors")


def test_json_is_as_other_programs_expect_it(bad):
    result = run("check", bad, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["examples"] == 61
    (error,) = [one for one in told["problems"] if one["severity"] == "error"]
    assert list(error) == ["line", "field", "code", "severity", "message"]
    assert error["line"] == 61


def test_the_language_is_that_of_the_data_unless_it_is_said(tmp_path, bad):
    assert "line" in run("check", bad).output
    chinese = run("check", bad, "--language", "zh").output
    assert "不能训练：1 个错误" in chinese
    zh = data.write_jsonl(fundbot.conversations("train", 20, language="zh"), tmp_path / "z.jsonl")
    assert "可以训练" in run("check", zh).output


def test_standard_input(bad):
    result = run("check", "-", "--json", input=bad.read_bytes())
    assert result.exit_code == 1
    assert json.loads(result.stdout)["examples"] == 61
    assert run("stats", "-", input=bad.read_bytes()).exit_code == 0


def test_other_parts_and_the_side_file(tmp_path, good):
    leaked = data.write_jsonl(data.read_jsonl(good)[5:6], tmp_path / "v.jsonl")
    side = tmp_path / "side.jsonl"
    side.write_text("{}\n" * 60, encoding="utf-8")
    result = run("check", good, "--validation", leaked, "--side", side, "--json")
    assert result.exit_code == 1
    codes = {one["code"]: one["line"] for one in json.loads(result.stdout)["problems"]}
    assert codes["leaked_question"] == 6
    assert "side_field_missing" in codes
    assert "leaked_question" in run("check", good, "--test", leaked, "--json").stdout


def test_the_page_is_written(tmp_path, good):
    result = run("check", good, "--html", tmp_path / "r.html")
    assert result.exit_code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "t.jsonl" in page
    assert run("check", good, "--html", tmp_path / "no" / "r.html").exit_code == 2


def test_methods_and_models(tmp_path, good):
    assert run("check", good, "--method", "dpo").exit_code == 1
    assert run("check", good, "--method", "ppo").exit_code == 2
    told = json.loads(run("check", good, "--model", "bankft-nano", "--json").stdout)
    assert told["statistics"]["model"] == "bankft-nano"
    assert run("check", tmp_path / "nothing.jsonl").exit_code == 2


def test_stats_are_numbers_only(bad):
    result = run("stats", bad, "--encoding", "estimate", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["tokens"]["encoding"] == "estimate"
    assert told["tokens"]["exact"] is False
    assert told["roles"]["assistant"]["messages"] == 60
    assert sum(count for _, _, count in told["tokens"]["bins"]) == 60
    assert "problems" not in told
    assert "Tokens" in run("stats", bad, "--language", "en", "--encoding", "estimate").output
