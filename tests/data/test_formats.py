import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.errors import DataError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=4,
)
objects = st.lists(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), values, max_size=3),
    max_size=4,
)
# A loaded machine makes no test fail; the folder is written anew by each example.
relaxed = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@relaxed
@given(examples=objects)
@example(examples=[{"a": "\u2028\u0085\x0b\r\n"}])  # line ends to some, not in JSON Lines
@example(examples=[])
def test_what_is_written_is_read_back(tmp_path, examples):
    path = data.write_jsonl(examples, tmp_path / "e.jsonl")
    assert data.read_jsonl(path) == examples
    assert path.read_bytes().count(b"\n") == len(examples)
    assert b"\r" not in path.read_bytes()


@relaxed
@given(
    raw=st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace"))
)
@example(raw=b"\xff\xfe{\x00}\x00")  # UTF-16
@example(raw=b"[" * 100)
@example(raw=b"{}\n" * 3 + b"\x00")
@example(raw=b'{"a": ' + b"1" * 5000 + b"}")  # more digits than Python converts
def test_any_bytes_are_read_or_refused_with_a_line(tmp_path, raw):
    path = tmp_path / "e.jsonl"
    path.write_bytes(raw)
    message, examples = f"{path}:", []
    try:
        examples = data.read_jsonl(path)
    except DataError as error:
        message = str(error)
    assert message.startswith(f"{path}:")
    assert all(isinstance(example, dict) for example in examples)
    data.check(path)  # never raises for what a file holds


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b'{"a": 1}\n{"a": 1', "e.jsonl:2: This line is not valid JSON"),
        (b"[1]\n", "e.jsonl:1: This line is not an object"),
        (b'{"a": NaN}\n', "e.jsonl:1: JSON knows no NaN"),
        (b'{"a": -Infinity}\n', "e.jsonl:1: JSON knows no NaN"),
        (b'{"a": 1e999}\n', "e.jsonl:1: JSON knows no NaN"),  # infinity in disguise
        (b'{"a": 1, "a": 1}\n', "e.jsonl:1: A key stands twice"),
        (b'{"a": {"b": 1, "b": 2}}\n', "e.jsonl:1: A key stands twice"),
        (b'{"a": "\\ud800"}\n', "e.jsonl:1: Half a character"),
        ('{"a": "基金"}'.encode("gb18030"), "e.jsonl:1: This line is in GB 18030 (GBK)"),
        (b'{"a": "\xe5\x9f"}', "e.jsonl:1: This line is not UTF-8"),
        (b"{}\n\n" + b"[" * 10_000 + b"]" * 10_000, "e.jsonl:3: Brackets are nested too deeply"),
        (b'{"a": ' * 10_000, "e.jsonl:1: Brackets are nested too deeply"),
    ],
)
def test_a_broken_line_is_named(tmp_path, monkeypatch, raw, sentence):
    monkeypatch.setenv("BANKFT_LANG", "en")
    path = tmp_path / "e.jsonl"
    path.write_bytes(raw)
    with pytest.raises(DataError) as error:
        data.read_jsonl(path)
    assert sentence in str(error.value)


def test_a_byte_order_mark_blank_lines_and_windows_lines_are_passed_over(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": "\\ud83d\\ude00"}')
    assert data.read_jsonl(path) == [{"a": 1}, {"a": "😀"}]


def test_a_huge_line_is_refused_without_filling_the_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    path = tmp_path / "e.jsonl"
    path.write_bytes(b"{}\n" + b" " * 40_000_000 + b'{"a": 1}\n{}')
    with pytest.raises(DataError, match=r"e\.jsonl:2: This line is longer than 16 MiB"):
        data.read_jsonl(path)
    report = data.check(path)
    assert [(p.line, p.code) for p in report.problems if p.line == 2] == [(2, "line_too_long")]
    assert report.examples == 3  # what follows is read


@pytest.mark.parametrize("name", ["nothing.jsonl", "."])
def test_a_file_that_cannot_be_opened_is_said(tmp_path, name):
    with pytest.raises(DataError, match="cannot be read"):
        data.read_jsonl(tmp_path / name)


def test_write_says_which_example_is_no_json_and_leaves_the_old_file(tmp_path):
    path = data.write_jsonl([{"a": 1}], tmp_path / "e.jsonl")
    for bad in ({"a": {1, 2}}, {"a": float("nan")}, {"a": "\ud800"}):
        with pytest.raises(DataError, match="Example 2 cannot be written as JSON"):
            data.write_jsonl([{"a": 2}, bad], path)
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["e.jsonl"]
    with pytest.raises(DataError, match="cannot be written"):
        data.write_jsonl([], tmp_path / "no" / "e.jsonl")
