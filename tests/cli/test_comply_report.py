import json

import pytest

from bankft import compliance
from bankft.data import write_jsonl

GOOD = "晨曦货币的管理费率为每年0.15%。仅供参考，不构成投资建议。"
BAD = "这只基金保本。仅供参考，不构成投资建议。"


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.txt"
    path.write_text(f"{GOOD}\n\n{BAD}\n{GOOD}\n", encoding="utf-8")
    return path


def test_a_page_and_a_table(bankft, tmp_path, answers):
    done = bankft("comply", "report", str(answers), "-o", "report.html", "--csv", "findings.csv")
    assert done.returncode == 0  # a violation is for the reviewer to conclude on
    assert done.stdout == ""
    assert "3 answers, 1 with a violation" in done.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<mark>保本</mark>" in page
    assert "第 3 行" in page  # a blank line is no answer, and lines keep their numbers
    table = (tmp_path / "findings.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbf")
    assert BAD in table.decode("utf-8-sig")


def test_json_for_programs(bankft, answers):
    done = bankft("comply", "report", str(answers), "-o", "r.html", "--on", "2026-10-01", "--json")
    found = json.loads(done.stdout)
    assert found["answers"] == 3
    assert found["violations"] == 1
    assert found["rate"] == pytest.approx(1 / 3)
    assert found["interval"] == pytest.approx([0.0615, 0.7923], abs=1e-4)
    assert found["upper_bound"] == pytest.approx(0.8647, abs=1e-4)
    assert found["verdicts"] == {"ok": 2, "violation": 1}
    assert found["on"] == "2026-10-01"
    assert found["digest"] == compliance.digest()
    assert (found["report"], found["csv"]) == ("r.html", None)


def test_conversations_are_read_as_the_check_reads_them(bankft, tmp_path):
    messages = [{"role": "user", "content": "保本吗？"}, {"role": "assistant", "content": BAD}]
    file = write_jsonl([{"messages": messages}, {"answer": GOOD}], tmp_path / "a.jsonl")
    done = bankft("comply", "report", str(file), "-o", "r.html", "--json")
    assert json.loads(done.stdout)["verdicts"] == {"ok": 1, "violation": 1}


def test_the_language_of_the_page(bankft, tmp_path, answers):
    bankft("comply", "report", str(answers), "-o", "r.html", "--language", "en")
    assert '<html lang="en">' in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_rules_of_the_day_are_applied(bankft, tmp_path):
    # One clause of the rules on online marketing is in force from 2026-09-30 on.
    new = [
        (rule, text)
        for rule in compliance.rules()
        if rule.start
        and rule.start.isoformat() == "2026-09-30"
        and not rule.id.startswith("missing")
        for text in rule.match
    ]
    assert new
    rule, text = new[0]
    for day, there in (("2026-09-29", False), ("2026-09-30", True)):
        done = bankft(
            "comply", "report", "-", "--format", "text", "-o", "r.html", "--on", day, stdin=text
        )
        assert done.returncode == 0
        page = (tmp_path / "r.html").read_text(encoding="utf-8")
        assert (f"<code>{rule.id}</code>" in page) == there


def test_personal_data_are_covered_unless_asked_for(bankft, tmp_path):
    mobile = "1" + "38" + "0" * 4 + "8" * 4  # built here, so that no file holds a number
    text = f"客户手机{mobile}，{BAD}"
    page, table = tmp_path / "r.html", tmp_path / "t.csv"
    bankft("comply", "report", "-", "-o", "r.html", "--csv", "t.csv", stdin=text)
    for shown in (page, table):
        assert mobile not in shown.read_text(encoding="utf-8")
        assert "〈手机号〉" in shown.read_text(encoding="utf-8")
    bankft("comply", "report", "-", "-o", "r.html", "--show-personal", stdin=text)
    assert mobile in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["-", "-o", "r.html"], 2, "no answer"),  # nothing came in
        (["-", "-o", "nowhere/r.html"], 1, "cannot be written"),
        (["-"], 2, "output"),
        (["-", "-o", "r.html", "--on", "30.9.2026"], 2, "2026-09-30"),
        (["-", "-o", "r.html", "--format", "jsonl"], 1, "line 1"),
    ],
)
def test_what_goes_wrong_is_one_sentence(bankft, arguments, code, says):
    stdin = "" if says == "no answer" else GOOD
    done = bankft("comply", "report", *arguments, stdin=stdin)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
