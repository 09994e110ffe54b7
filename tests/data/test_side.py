"""The compliance side file: product, risk grade, source and reviewer of each example."""

import json

import pytest

from bankft import data
from bankft.data.side import digest
from bankft.errors import DataError

EXAMPLES = [
    {
        "messages": [
            {"role": "user", "content": f"第 {n} 问：管理费多少？"},
            {"role": "assistant", "content": "每年 1.20%。仅供参考，不构成投资建议。"},
        ]
    }
    for n in range(12)
]
ROW = {"product": "稳健一号", "risk_grade": "R3", "source": "产品说明书", "reviewer": "B007"}


def told(tmp_path, rows, **options):
    train = data.write_jsonl(EXAMPLES, tmp_path / "train.jsonl")
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    side = tmp_path / "train.compliance.jsonl"
    side.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    report = data.check(train, language="en", **options)
    assert report.ok  # a record keeps no file from being trained on
    return [(p.line, p.field, p.code) for p in report.problems + report.notices if "side" in p.code]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ({}, "product", "side_field_missing"),
        (ROW | {"product": " "}, "product", "side_field_missing"),
        (ROW | {"source": None}, "source", "side_field_missing"),
        (ROW | {"reviewer": 7}, "reviewer", "side_field_missing"),
        (ROW | {"risk_grade": "R6"}, "risk_grade", "side_wrong_grade"),
        (ROW | {"risk_grade": "中"}, "risk_grade", "side_wrong_grade"),
        (ROW | {"author": "B007"}, "reviewer", "side_own_reviewer"),
        (ROW | {"sha256": digest(EXAMPLES[5])}, "sha256", "side_other_example"),
        ("{oops", "", "side_broken_row"),
        ("[]", "", "side_broken_row"),
    ],
)
def test_what_a_record_lacks(tmp_path, row, field, code):
    rows = [ROW] * 12
    rows[3] = row
    assert (4, field, code) in told(tmp_path, rows)


def test_a_complete_side_file_is_fine(tmp_path):
    rows = [ROW | {"author": "A012", "sha256": digest(example)} for example in EXAMPLES]
    assert told(tmp_path, rows) == []
    report = data.check(tmp_path / "train.jsonl")
    assert report.statistics["side_records"] == 12


def test_both_files_have_as_many_lines(tmp_path):
    assert told(tmp_path, [ROW] * 10) == [(11, "", "side_no_row"), (12, "", "side_no_row")]
    assert told(tmp_path, [ROW] * 15) == [(0, "", "side_extra_rows")]


def test_its_absence_is_told_where_there_is_a_file(tmp_path):
    train = data.write_jsonl(EXAMPLES, tmp_path / "train.jsonl")
    report = data.check(train, language="en")
    (notice,) = [p for p in report.notices if p.code == "side_missing"]
    assert "train.compliance.jsonl" in notice.message
    with pytest.raises(DataError, match="cannot be read"):
        data.check(train, side=tmp_path / "nothing.jsonl")


def test_a_name_of_another_kind_may_be_given(tmp_path):
    train = data.write_jsonl(EXAMPLES, tmp_path / "train.jsonl")
    side = data.write_jsonl([ROW] * 12, tmp_path / "records.jsonl")
    assert not [p for p in data.check(train, side=side).notices if "side" in p.code]


def test_a_digest_is_of_the_example_not_of_its_line():
    assert digest({"b": "基金", "a": [1]}) == digest(json.loads('{ "a":[1],  "b":"\\u57fa金"}'))
    assert digest({"a": 1}) != digest({"a": 2})
