import json

import pytest
from click.testing import CliRunner

from bankft.cli import main

PHONE = "13800138000"


def run(*arguments, **options):
    return CliRunner().invoke(main, ["data", "redact", *map(str, arguments)], **options)


def test_text_with_json_gives_a_line_for_a_line(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(f"我是王小明，手机{PHONE}\n\n客服热线95588\r\n", encoding="utf-8")
    result = run(path, "--format", "text", "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines == [
        {
            "text": "我是〈姓名1〉，手机〈手机1〉",
            "findings": [
                {"kind": "name", "start": 2, "end": 5},
                {"kind": "mobile", "start": 8, "end": 19},
            ],
        },
        {"text": "", "findings": []},
        {"text": "客服热线95588", "findings": []},
    ]


def test_standard_input_and_english_tokens():
    result = run("-", "--language", "en", input=f"call {PHONE}\n")
    assert result.stdout == "call 〈mobile 1〉\n"


def test_broken_lines_are_named_and_the_others_done(tmp_path):
    good = {"messages": [{"role": "user", "content": f"手机{PHONE}"}]}
    path, out, report = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "report.json"))
    lines = [json.dumps(good), f'{{"messages": "{PHONE}', "NaN", "[" * 10_000, json.dumps(good)]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = run(path, "-o", out, "--report", report)
    assert result.exit_code == 1
    written = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [one["messages"][0]["content"] for one in written] == ["手机〈手机1〉"] * 2
    told = json.loads(report.read_text("utf-8"))
    assert {one["line"] for one in told["problems"]} == {2, 3, 4}
    assert told["kinds"] == {"mobile": 2}
    assert told["findings"][0] == {
        "line": 1,
        "field": "messages[0].content",
        "kind": "mobile",
        "start": 2,
        "end": 13,
    }
    for said in (report.read_text("utf-8"), result.stdout, result.stderr):
        assert PHONE not in said


def test_a_line_that_is_not_utf8_is_not_passed_on(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_bytes(f"手机{PHONE}\n".encode() + b"\xff\xfe\n" + "好\n".encode())
    result = run(path)
    assert result.exit_code == 1
    assert result.stdout == "手机〈手机1〉\n好\n"


def test_lines_up_to_an_empty_one_are_a_conversation(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(f"手机{PHONE}\n手机13900139000\n又是{PHONE}\n\n手机13900139000\n", "utf-8")
    result = run(path)
    assert result.stdout.splitlines() == [
        "手机〈手机1〉",
        "手机〈手机2〉",
        "又是〈手机1〉",
        "",
        "手机〈手机1〉",
    ]


@pytest.mark.fast
def test_the_map_is_sealed(tmp_path):
    from bankft import data

    key = data.new_key()
    path, kept = tmp_path / "chat.txt", tmp_path / "map.jsonl"
    path.write_text(f"手机{PHONE}\n", "utf-8")
    result = run(path, "--map", kept, env={"BANKFT_MAP_KEY": key})
    assert result.exit_code == 0
    (line,) = [json.loads(one) for one in kept.read_text("utf-8").splitlines()]
    assert PHONE not in kept.read_text("utf-8")
    assert data.restore(result.stdout, line["sealed"], key) == f"手机{PHONE}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.jsonl", "--json"], "--format text"),
        (["x.txt", "-o", "a", "--report", "a"], "same file"),
        (["x.txt", "--map", "m"], "BANKFT_MAP_KEY"),
    ],
)
def test_used_wrongly(arguments, said):
    result = run(*arguments, env={"BANKFT_MAP_KEY": ""})
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_that_is_not_there():
    result = run("nowhere.jsonl")
    assert result.exit_code == 1
    assert "nowhere.jsonl cannot be read" in result.stderr
