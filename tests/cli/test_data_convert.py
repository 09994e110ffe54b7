import json

import pytest

A = "1 元。仅供参考，不构成投资建议。"


def test_a_table_becomes_a_training_file(bankft, tmp_path):
    table, out = tmp_path / "问答.csv", tmp_path / "train.jsonl"
    table.write_bytes(f"问题,答案\n起购金额？,{A}\n,缺\n".encode("gb18030"))
    done = bankft("data", "convert", table, "-o", out, "--system", "你是助手。")
    assert done.returncode == 1  # a row was left out
    assert done.stdout == ""
    assert f"{table}:3: " in done.stderr
    assert "wrote 1, left out 1" in done.stderr
    (example,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert [message["content"] for message in example["messages"]] == [
        "你是助手。",
        "起购金额？",
        A,
    ]


def test_from_standard_input_to_a_spreadsheet(bankft):
    log = f"客户：=起购金额？\n客服：{A}\n\n客户：费率？\n客服：{A}\n"
    done = bankft("data", "convert", "-", "--to", "csv", stdin=log)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1:] == [f",'=起购金额？,{A}", f",费率？,{A}"]
    assert done.stderr == "Read 2 example(s) from -; wrote 2, left out 0.\n"


def test_the_summary_for_programs(bankft, tmp_path):
    wrong, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    line = json.dumps({"问题": "鍩洪噾锛�", "答案": "åŸºé‡‘"}, ensure_ascii=False)
    wrong.write_text(f"{line}\n{{oops\n", encoding="utf-8")
    done = bankft("data", "convert", wrong, "-o", out, "--repair", "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout)
    assert summary.pop("skipped")[0].startswith(f"{wrong}:2: ")
    assert summary == {"read": 1, "converted": 1, "restored": 4, "lost": 1}
    assert "基金" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--to", "dpo"], 2, "Preference pairs need a worse answer"),
        (["--from", "word"], 2, "There is no format 'word'"),
        (["--encoding", "klingon"], 2, "There is no text encoding 'klingon'"),
        (["--columns", "问题"], 2, "write question=HEADER,answer=HEADER"),
        (["--columns", "question=甲,answer=乙"], 1, "没有问题列和答案列"),
    ],
)
def test_used_wrongly(bankft, tmp_path, options, code, sentence):
    table, out = tmp_path / "a.csv", tmp_path / "b.jsonl"
    table.write_text("问题,答案\n一,二\n", encoding="utf-8")
    done = bankft("data", "convert", table, "-o", out, *options)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()
