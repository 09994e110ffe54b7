"""``bankft comply check`` and ``bankft comply rules``."""

import json

import pytest
from click.testing import CliRunner

from bankft.cli import main

GOOD = "晨曦货币的基金代码为QH1382。仅供参考，不构成投资建议。"


def run(*arguments, said=None):
    return CliRunner().invoke(main, ["comply", *arguments], input=said)


def test_one_object_a_line():
    result = run("check", "-", "--json", said=f"{GOOD}\n\n稳赚不赔！\r\n")
    first, second, third = [json.loads(line) for line in result.stdout.splitlines()]
    assert first == {"verdict": "ok", "findings": [], "exempted": []}
    assert second["verdict"] == "insufficient"  # an empty line says nothing
    assert third["verdict"] == "violation"
    one = third["findings"][0]
    assert {"rule", "clause", "severity", "verdict", "start", "end"} <= set(one)
    assert (one["start"], one["end"]) == (0, 4)
    assert result.exit_code == 1


def test_what_is_fine_ends_with_0(tmp_path):
    path = tmp_path / "answers.txt"
    path.write_text(GOOD + "\n", encoding="utf-8")
    result = run("check", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 answers: 1 ok" in result.stderr


def test_conversations_name_the_field(tmp_path):
    path = tmp_path / "log.jsonl"
    lines = [
        {
            "messages": [
                {"role": "system", "content": "保本"},
                {"role": "user", "content": "保本吗？"},
                {"role": "assistant", "content": GOOD},
                {"role": "user", "content": "真的？"},
                {"role": "assistant", "content": [{"type": "text", "text": "保本的。"}]},
            ]
        },
        {"text": "稳赚"},
        {"answer": GOOD},
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    result = run("check", str(path), "--json")
    first, second, third = [json.loads(line) for line in result.stdout.splitlines()]
    assert {one["field"] for one in first["findings"]} == {"messages[4].content[0].text"}
    assert second["findings"][0]["field"] == "text"
    assert third["verdict"] == "ok"


def test_the_day_decides():
    said = "低门槛、秒到账。仅供参考，不构成投资建议。\n"
    assert run("check", "-", "--on", "2026-09-29", said=said).exit_code == 0
    assert run("check", "-", "--on", "2026-09-30", said=said).exit_code == 1


def test_the_human_sees_the_phrase_the_rule_and_the_clause():
    result = run("check", "-", said="本基金稳赚不赔！\n")
    assert "本基金【稳赚不赔】！" in result.stdout
    assert "不得承诺收益" in result.stdout
    assert "第二十四条" in result.stdout


def test_half_a_character_is_written_as_an_escape():
    result = run(
        "check", "-", "--format", "jsonl", "--json", said='{"text": "本金\\ud800不会亏"}\n'
    )
    assert json.loads(result.stdout)["findings"][0]["text"] == "本金\ud800不会亏"


@pytest.mark.parametrize(
    ("arguments", "said", "told", "code"),
    [
        (["--product", "gold"], "x\n", "public_fund", 2),
        (["--on", "2026"], "x\n", "2026-09-30", 2),
        (["--investor-class", "C9"], "\n", "C1", 2),
        (["--format", "jsonl"], "{\n", "line 1", 1),
        (["--format", "jsonl"], '{"a": 1}\n', "line 1", 1),
        ([], b"ok\n\xff\n", "line 2", 1),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments, said, told, code):
    result = run("check", "-", *arguments, said=said)
    assert result.exit_code == code
    assert told in result.stderr
    assert "Traceback" not in result.output


def test_the_rules_as_json():
    everything = json.loads(run("rules", "--json").stdout)
    before = json.loads(run("rules", "--json", "--on", "2026-09-29").stdout)
    assert {"id", "title", "clause", "verdict", "severity", "held_out"} <= set(everything[0])
    assert {r["id"] for r in everything} - {r["id"] for r in before} >= {"online-puffery"}
    wealth = json.loads(run("rules", "--json", "--product", "wealth").stdout)
    assert "fund-principal" not in {rule["id"] for rule in wealth}


def test_the_rules_for_a_person():
    result = run("rules", "--product", "public_fund")
    assert "fund-principal" in result.stdout


def test_an_own_pack(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[pack]\nid = 'own'\n[[rule]]\nid = 'x'\n", encoding="utf-8")
    result = run("rules", "--pack", str(path))
    assert result.exit_code == 1
    assert "own.toml, rule x" in result.stderr
