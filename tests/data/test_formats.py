import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.data import formats, wording
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


GOOD = '{"a": 1}'


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        # what is wrong with a line; the good ones around it are read
        (f"{GOOD}\n{{\"a\": 1\n{GOOD}", [None, "cut_off", None]),
        (f'{GOOD}\n{{"a": "x\n{GOOD}', [None, "cut_off", None]),
        (f'{GOOD}\n{{"a": 1,}}\n{GOOD}', [None, "trailing_comma", None]),
        (f"{GOOD}\n// note\n{GOOD}", [None, "comment", None]),
        (f"{GOOD}\n{{“a”: 1}}\n{GOOD}", [None, "wrong_punctuation", None]),
        (f'{GOOD}\n{{"a"：1}}\n{GOOD}', [None, "wrong_punctuation", None]),
        (f"{GOOD}\n{{'a': None}}\n{GOOD}", [None, "single_quotes", None]),
        (f'{GOOD}\n{{"a": "say "yes" now"}}\n{GOOD}', [None, "unescaped_quote", None]),
        (f'{GOOD}\n{{"a": "\t"}}\n{GOOD}', [None, "control_character", None]),
        (f'{GOOD}\n{{"a": "C:\\dir"}}\n{GOOD}', [None, "wrong_escape", None]),
        (f'{GOOD}\n{{"a": {"9" * 5000}}}\n{GOOD}', [None, "huge_number", None]),
        (f'{GOOD}\n{{"a": 1e999}}\n{GOOD}', [None, "not_finite", None]),
        (f'{GOOD}\n{{"a": NaN}}\n{GOOD}', [None, "not_finite", None]),
        (f'{GOOD}\n{{"a": 1, "a": 2}}\n{GOOD}', [None, "duplicate_key", None]),
        (f'{GOOD}\n{{"a": "\\ud800"}}\n{GOOD}', [None, "broken_character", None]),
        (f"{GOOD}\n{'[' * 10_000}\n{GOOD}", [None, "too_deep", None]),
        (f"{GOOD}\n\n{GOOD}", [None, "blank_line", None]),
        (f"{GOOD}\n[1]\n7\n{GOOD}", [None, "not_object", "not_object", None]),
        (f"{GOOD}\n".encode() + b"\xff\xff\n" + GOOD.encode(), [None, "not_utf8", None]),
        (b'{"a": 1}\n{"a": "\xed\xa0\x80"}\n{"a": 1}', [None, "not_utf8", None]),
        (f"{GOOD}\n".encode() + b"\0\x01\n" + GOOD.encode(), [None, "nul", None]),
        # objects that can be made out nevertheless
        (f"{GOOD}\n\ufeff{GOOD}", [None, "bom_inside"]),
        (f"{GOOD}\r\n{GOOD}\r\n", [None, None]),
        (f"{GOOD}\r{GOOD}\r", ["cr_line_ends", None]),
        (f"{GOOD}\n{GOOD} {GOOD},{GOOD}\n", [None, *["several_objects"] * 3]),
        (f'{GOOD}\n{{\n  "a": 1\n}}\n{GOOD}', [None, "spread_over_lines", None]),
        (f"[{GOOD}, {GOOD}]", ["json_array", None]),
        ('[\n  {\n    "a": 1\n  },\n  {\n    "a": 1\n  }\n]\n', ["json_array", None]),
        ('[\n{\n"a": 1\n}, {\n"a": 1\n}]', ["json_array", None]),
        ('[\n{"a": 1},\n{"a": 1,},\n{"a": 1}\n]', ["json_array", "trailing_comma", None]),
        (f"{GOOD}\n{GOOD}\n".encode("utf-16"), ["utf_16", None]),
        (f"{GOOD}\n{GOOD}\n".encode("utf-16-le"), ["utf_16", None]),
        ('{"a": "上海"}\n{"a": "愊"}\n'.encode("utf-16-be"), ["utf_16", None]),  # 0x0A in both
        (f'{GOOD}\n{{"a": "基金"}}'.encode("gb18030"), [None, "gb18030"]),
    ],
)  # fmt: skip
def test_every_broken_line_is_named_and_the_rest_is_read(tmp_path, raw, found):
    path = tmp_path / "e.jsonl"
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    lines = list(formats.lines(path))
    assert [line.code for line in lines] == found
    for line in lines:
        assert bool(line.example) == (line.code is None or line.code in formats.READABLE)
        assert line.code is None or wording.say(line.code, "zh")


def test_what_is_cut_off_costs_no_other_line(tmp_path):
    path = tmp_path / "e.jsonl"
    cut = '{"messages": [{"role": "user"},'  # no quote is open, so that lines could be joined
    whole = '{"messages": []}'
    path.write_text("\n".join([whole, cut, whole, cut, whole]), encoding="utf-8")
    codes = [(line.number, line.code) for line in formats.lines(path)]
    assert codes == [(1, None), (2, "cut_off"), (3, None), (4, "cut_off"), (5, None)]


def test_a_binary_file_is_given_up_after_a_hundred_lines(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(bytes(range(256)) * 10_000)
    lines = list(formats.lines(path))
    assert len(lines) == 101
    assert lines[-1].code == "not_text_file"


def test_memory_stays_flat_for_a_line_of_a_hundred_megabytes(tmp_path):
    path = tmp_path / "e.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a": 1}\n{"a": "')
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b'"}\n{"a": 1}\n')
    tracemalloc.start()
    codes = [(line.number, line.code) for line in formats.lines(path)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert codes == [(1, None), (2, "line_too_long"), (3, None)]
    assert peak < 50 * 2**20


@relaxed
@given(
    st.lists(
        st.sampled_from(
            ["{", "}", "[", "]", '"', "a", ":", ",", "\n", "\r", "\\", " ", "\ufeff", GOOD, "\0"]
        )
    ).map("".join)
)
def test_any_brackets_end_and_no_line_goes_missing(tmp_path, text):
    path = tmp_path / "e.jsonl"
    path.write_bytes(text.encode())
    numbers = [line.number for line in formats.lines(path)]
    assert numbers == sorted(numbers)
