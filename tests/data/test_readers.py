import datetime
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.data import readers, writers
from bankft.errors import DataError, UsageError

Q, A = "起购金额？", "1 元。仅供参考，不构成投资建议。"
PAIR = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "fee", "arguments": '{"fund": "A"}'},
}


def read(tmp_path, name, content, **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(readers.read_examples(path, **options))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        # tables: headers in both languages, delimiters, quotes, encodings
        ("a.csv", f"问题,答案\n{Q},{A}\n"),
        ("a.csv", f"﻿Question;Answer\r\n{Q};{A}\r\n"),
        ("a.tsv", f"客户问题\t编号\t标准答案\n{Q}\t7\t{A}\n"),
        (
            "a.csv",
            f"基金问答（内部）,,\n\n序号,问题,回复\n1,{Q},{A}\n,,\n",
        ),  # a title above, rows without
        ("a.csv", f"问题,答案\n{Q},{A}\n".encode("gb18030")),
        ("a.csv", f"问题,答案\n{Q},{A}\n".encode("utf-16")),
        ("a.csv", f"prompt,completion\r{Q},{A}\r"),
        ("a.txt", f"question|answer\n{Q}|{A}\n"),
        # Alpaca, ShareGPT, pairs of old
        ("a.json", json.dumps([{"instruction": Q, "input": "", "output": A}])),
        ("a.json", json.dumps([{"instruction": Q, "output": A}], indent=2, ensure_ascii=False)),
        (
            "a.jsonl",
            json.dumps(
                {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]}
            ),
        ),
        (
            "a.jsonl",
            json.dumps(
                {
                    "conversations": [
                        {"role": "user", "content": Q},
                        {"role": "assistant", "content": A},
                    ]
                }
            ),
        ),
        ("a.jsonl", json.dumps({"prompt": f"{Q}\n\n###\n\n", "completion": f" {A} END"})),
        ("a.jsonl", json.dumps({"prompt": f"{Q} ->", "completion": f" {A}\n"})),
        ("a.jsonl", json.dumps({"问题": Q, "答案": A})),
        ("a.jsonl", json.dumps({"query": Q, "response": A})),
        # OpenAI's own, however it is laid out
        ("a.jsonl", json.dumps({"messages": PAIR})),
        ("a.json", json.dumps([{"messages": PAIR}], indent=1)),
        ("a.jsonl", json.dumps({"messages": PAIR}, ensure_ascii=False).encode("gb18030")),
        ("a", json.dumps({"messages": PAIR})),
        # chat logs
        ("a.txt", f"客户：{Q}\n客服：{A}\n"),
        ("a.log", f"[2026-03-01 10:22:33] 客户: {Q}\n[2026-03-01 10:22:40] 客服001: {A}\n"),
        (
            "a.txt",
            f"2026-03-01 10:22:33 李雷: {Q}\n2026-03-01 10:22:40 客服: {A}\n",
        ),  # the other one
        ("a.txt", f"客户 2026/3/1 10:22\n{Q}\n\n客服(小青) 2026/3/1 10:23\n{A}\n"),
        ("a.txt", f"客服：您好，请问有什么可以帮您？\n客户：{Q}\n客服：{A}\n客户：谢谢\n"),
    ],
)
def test_one_question_and_answer_in_many_formats(tmp_path, name, content):
    assert read(tmp_path, name, content) == [{"messages": PAIR}]


def test_names_and_keys_that_say_too_little_are_told(tmp_path):
    columns = {"question": "甲", "answer": "乙"}
    assert read(tmp_path, "a.csv", f"乙,甲\n{A},{Q}", columns=columns) == [{"messages": PAIR}]
    row = json.dumps({"甲": Q, "乙": A})
    assert read(tmp_path, "a.jsonl", row, columns=columns) == [{"messages": PAIR}]
    names = {"user": "李雷", "assistant": "韩梅"}
    log = f"李雷：{Q}\n韩梅：{A}"
    assert read(tmp_path, "a.txt", log, columns=names) == [{"messages": PAIR}]


def test_quoted_line_breaks_and_several_conversations(tmp_path):
    (one,) = read(tmp_path, "a.csv", '问题,答案\n"一\n二","甲""乙""\r\n丙"\n')
    assert [m["content"] for m in one["messages"]] == ["一\n二", '甲"乙"\n丙']
    log = "用户：一\n客服：甲\n用户：二\n客服：乙：\n  续\n\n用户：三\n客服：丙\n"
    first, second = read(tmp_path, "a.txt", log)
    assert [m["content"] for m in first["messages"]] == ["一", "甲", "二", "乙：\n续"]
    assert [m["content"] for m in second["messages"]] == ["三", "丙"]


def test_alpaca_sharegpt_and_preferences_in_full(tmp_path):
    alpaca = {
        "instruction": "译",
        "input": "fund",
        "output": "基金",
        "system": "简短",
        "history": [["a", "b"]],
    }
    (one,) = read(tmp_path, "a.jsonl", json.dumps(alpaca))
    assert [m["content"] for m in one["messages"]] == ["简短", "a", "b", "译\nfund", "基金"]
    chat = [
        {"from": "human", "value": Q},
        {"from": "function_call", "value": '{"name": "fee", "arguments": {"fund": "A"}}'},
        {"from": "observation", "value": "1"},
        {"from": "gpt", "value": A},
    ]
    (two,) = read(
        tmp_path, "a.json", json.dumps([{"conversations": chat, "tools": '[{"name": "fee"}]'}])
    )
    assert two["tools"] == [{"type": "function", "function": {"name": "fee"}}]
    assert two["messages"][1]["tool_calls"] == [CALL]
    assert two["messages"][2]["tool_call_id"] == "call_1"
    assert not [p for p in data.check([two] * 10).problems if p.severity == "error"]
    (three,) = read(
        tmp_path, "a.jsonl", json.dumps({"prompt": Q, "chosen": A, "rejected": "不知道"})
    )
    assert three["preferred_output"] == [{"role": "assistant", "content": A}]
    assert not data.check([three] * 10, method="dpo").problems[0].field.startswith("input")


def test_a_system_message_is_added_where_there_is_none(tmp_path):
    lines = [{"messages": PAIR}, {"messages": [{"role": "developer", "content": "x"}, *PAIR]}]
    text = "\n".join(map(json.dumps, lines))
    one, two = read(tmp_path, "a.jsonl", text, system="你是助手。")
    assert one["messages"][0] == {"role": "system", "content": "你是助手。"}
    assert two == lines[1]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", f"问题,答案\n{Q},\n", "a.csv:2: Its answer is empty."),
        ("a.csv", f'问题,答案\n{Q},"{A}\n', "a.csv:2: Its quotes do not close"),
        ("a.csv", "标题,内容\n一,二\n", "(found: 标题, 内容)"),
        ("a.csv", "13800138000,zhang@bank.cn\n一,二\n", "(found: …, …)"),  # no header, but data
        ("a.jsonl", '{"a": 1}', "a.jsonl:1: It has no messages"),
        ("a.jsonl", '{"messages": []}\n{"messages"', "a.jsonl:2: This line is not valid JSON"),
        ("a.txt", "李雷：你好\n韩梅：好\n客户：？\n", "a.txt:3: Nobody answers"),
        ("a.txt", "2026-03-01 10:22 李雷: 一\n2026-03-01 10:23 韩梅: 二\n", "a.txt:1: Who asks"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
        ("a.txt", b"%PDF-1.7", "is a PDF"),
        ("a.csv", b"PK\x03\x04", "is a zip archive"),
        ("a.csv", bytes(range(256)) * 9, "in no encoding that can be told"),
    ],
)
def test_what_is_no_example_is_named(tmp_path, monkeypatch, name, content, sentence):
    monkeypatch.setenv("BANKFT_LANG", "en")
    with pytest.raises(DataError) as error:
        read(tmp_path, name, content)
    assert sentence in str(error.value)
    assert "138" not in str(error.value)


def test_what_is_left_out_is_told_and_the_rest_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    said = []
    rows = f'问题,答案\n{Q},{A}\n,缺\n{Q},"{"x" * 200_000}"\n{Q},{A}\n'
    assert len(read(tmp_path, "a.csv", rows, skip=said.append)) == 2
    assert [sentence.rpartition("a.csv")[2] for sentence in said] == [
        ":3: Its question is empty.",
        ":4: Its quotes do not close, or a cell is far too long: export the file again.",
    ]
    with pytest.raises(UsageError, match="no format"):
        read(tmp_path, "a.csv", rows, format="word")
    with pytest.raises(DataError, match="not the alpaca format"):
        read(tmp_path, "a.jsonl", '{"messages": []}', format="alpaca")
    with pytest.raises(DataError, match="cannot be read"):
        list(readers.read_examples(tmp_path / "nothing.csv"))


def test_mojibake_is_repaired_on_request_in_headers_too(tmp_path):
    wrong = f"问题,答案\n{Q},{A}\n".encode().decode("latin-1")
    clean = readers.Cleaner(repair=True)
    assert read(tmp_path, "a.csv", wrong, clean=clean) == [{"messages": PAIR}]
    assert clean.restored > 20
    assert clean.lost == 0
    line = json.dumps({"messages": PAIR}, ensure_ascii=False).replace("1 元", "１ 元")
    (one,) = read(tmp_path, "a.jsonl", line, normalize=True)
    assert one["messages"] == PAIR


@pytest.mark.fast
def test_excel(tmp_path, monkeypatch):
    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setenv("BANKFT_LANG", "en")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "问答"
    sheet.append(["青禾银行常见问题"])
    sheet.append(["序号", "问题", "答案"])
    for answer in (0.012, 1, 1.5, datetime.date(2026, 3, 1), True, None, "=1+1", "甲"):
        sheet.append([1, Q, answer])
    sheet["C3"].number_format = "0.00%"
    sheet["C4"].number_format = "#,##0.00"
    sheet.append([None, None, None])
    sheet.append([2, "第二问", "乙"])
    sheet.merge_cells("B10:B11")  # one question for two rows
    sheet["C11"] = "丙"
    other = book.create_sheet("说明")
    other.append(["本表由客服部维护"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    said = []
    found = [e["messages"][1]["content"] for e in readers.read_examples(path, skip=said.append)]
    assert found == ["1.20%", "1.00", "1.5", "2026-03-01", "TRUE", "甲", "丙", "乙"]
    assert [sentence.rpartition(".xlsx")[2] for sentence in said] == [
        "[问答]:8: Its answer is empty.",
        "[问答]:9: A formula has no stored value: open the file in Excel, save it, and try again.",
        "[说明]: It has no columns for question and answer (found: 本表由客服部维护): name them, "
        "for example question=Ask,answer=Reply.",
    ]
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(DataError, match="not an Excel workbook"):
        list(readers.read_examples(path))


def test_memory_stays_flat(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("问题,答案\n")
        file.writelines(f"{Q},{A}\n" for _ in range(100_000))
    tracemalloc.start()
    assert sum(1 for _ in readers.read_examples(path)) == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000


CONVERSATIONS = [
    {"messages": PAIR},
    {"messages": [{"role": "system", "content": "简短"}, *PAIR, *PAIR]},
    {
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "=1+1"},
            PAIR[1],
        ]
    },
]


@pytest.mark.parametrize(
    ("target", "name", "kept"),
    [
        ("openai", "a.jsonl", [0, 1, 2]),
        ("alpaca", "a.jsonl", [0, 1, 2]),
        ("sharegpt", "a.jsonl", [0, 1, 2]),
        ("csv", "a.csv", [0, 2]),  # a row holds one question
    ],
)
def test_what_is_written_is_read_back(tmp_path, target, name, kept):
    skipped = []
    pieces = writers.written(CONVERSATIONS, target, skip=lambda n, why: skipped.append(n - 1))
    text = "".join(pieces)
    assert read(tmp_path, name, text) == [CONVERSATIONS[i] for i in kept]
    assert skipped == [i for i in range(3) if i not in kept]
    assert "\n=1+1" not in text
    assert ",=1+1" not in text


@pytest.mark.parametrize("target", ["csv", "alpaca", "sharegpt"])
def test_what_a_format_cannot_hold_is_said(target):
    said = []
    pair = {
        "input": {"messages": PAIR[:1]},
        "preferred_output": PAIR[1:],
        "non_preferred_output": PAIR[1:],
    }
    list(writers.written([pair], target, skip=lambda n, why: said.append((n, why))))
    assert said[0][0] == 1
    with pytest.raises(UsageError, match="need a worse answer"):
        list(writers.written([], "dpo", skip=print))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    raw=st.binary(max_size=200)
    | st.lists(
        st.sampled_from([*'{}[]",:;\n\r\t客户客服问题答案：a=', '"messages"', "问题,答案\n"])
    )
    .map("".join)
    .map(str.encode),
    name=st.sampled_from(["a.csv", "a.tsv", "a.txt", "a.jsonl", "a.json", "a"]),
)
def test_any_bytes_are_read_or_refused(tmp_path, raw, name):
    for skip in (None, lambda sentence: None):
        try:
            found = read(tmp_path, name, raw, skip=skip, repair=True, normalize=True)
        except DataError:
            continue
        assert all(isinstance(one, dict) for one in found)
