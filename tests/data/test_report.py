"""The report on a terminal, as JSON, and as a page: complete, self-contained, and harmless."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.data import report as reports
from bankft.data.report_page import as_page

END = "仅供参考，不构成投资建议。"
HOSTILE = "<script>alert(1)</script>"


def example(question, answer):
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def checked(language="zh"):
    examples = [example(f"第 {n} 问：管理费率？", f"每年 1.{n}0%。{END}") for n in range(20)]
    examples[3] = {"messages": [{"role": HOSTILE, "content": HOSTILE}]}
    examples[4] = example("我的手机是13800138000", f"好的。{HOSTILE}")
    examples[7] = examples[6]
    return data.check(examples, language=language)


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("meta", "rect", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_needs_nothing_else_and_runs_nothing(language):
    source = as_page(checked(language), f"{HOSTILE}.jsonl", language)
    page = Page(source)
    assert page.open == []  # every tag is closed
    assert not page.tags & {"script", "link", "img", "iframe", "base", "object"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert "http" not in source.replace("http-equiv", "")
    assert "url(" not in source
    assert HOSTILE not in source
    assert "13800138000" not in source
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in source
    assert ("可以训练" in source or "不能训练" in source) == (language == "zh")


def test_charts_are_svg_with_text_as_text():
    source = as_page(checked(), "train.jsonl", "zh")
    charts = re.findall(r"<svg.*?</svg>", source, re.DOTALL)
    assert len(charts) >= 5
    for chart in charts:
        root = ET.fromstring(chart)
        assert root.attrib["aria-label"]
        assert list(root.iter("text"))


def test_json_has_the_promised_keys_first():
    told = reports.as_json(checked("en"))
    assert list(told)[:2] == ["examples", "problems"]
    assert all(
        list(problem) == ["line", "field", "code", "severity", "message"]
        for problem in told["problems"]
    )
    assert {problem["severity"] for problem in told["problems"]} == {"error", "warning"}
    lines = [problem["line"] for problem in told["problems"]]
    assert [line for line in lines if line] == sorted(line for line in lines if line)
    json.dumps(told, allow_nan=False)


def test_text_groups_by_kind_with_examples_of_lines():
    examples = [example("一样的问题", f"每年。{END}") for _ in range(500)]
    said = reports.as_text(data.check(examples, language="en"), "t.jsonl", "en")
    assert said.startswith("t.jsonl: 500 examples\nFit to train on: no errors")
    assert "duplicate_example × 499  lines 2, 3, 4, 5, 6, 7, 8, 9 …" in said
    assert len(said.splitlines()) < 60


def test_the_same_without_anything_in_it():
    report = data.check([], language="en")
    assert "0 examples" in reports.as_text(report, "empty", "en")
    assert Page(as_page(report, "empty", "zh")).open == []


KEYS = ["messages", "role", "content", "tool_calls", "weight", "input", "tools", "name"]
KEYS += ["x", "preferred_output", "non_preferred_output", "function", "type", "text"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner
            | st.sampled_from(
                ["user", "assistant", "system", "tool", "text", "{}", '{"intent": "a"}']
            ),
            max_size=4,
        )
    ),
    max_leaves=14,
)
OBJECTS = st.dictionaries(st.sampled_from(["messages", "input", "tools", "x"]), JSON, max_size=3)
TALKS = st.builds(
    lambda roles, texts: {
        "messages": [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    },
    st.lists(st.sampled_from(["system", "user", "assistant", "tool", "developer"]), max_size=5),
    st.lists(st.text(max_size=12), max_size=5),
)


@settings(deadline=None)
@given(
    st.lists(OBJECTS | TALKS | JSON, max_size=14),
    st.sampled_from(["supervised", "dpo", "reinforcement"]),
    st.sampled_from(["zh", "en", "auto"]),
)
def test_any_list_of_json_is_checked_and_told(examples, method, language):
    report = data.check(examples, method=method, language=language, against={"test": examples[:2]})
    assert report.examples == len(examples)
    words = report.statistics["language"]
    json.dumps(reports.as_json(report), allow_nan=False)
    reports.as_text(report, "any", words)
    assert Page(as_page(report, "any", words)).open == []


@given(TALKS)
def test_what_is_read_at_once_is_read_the_same(talk):
    from bankft.data import shapes, talks

    plain = talks.read_plain(talk)
    if plain is not None:
        assert list(shapes.problems(talk)) == []
        assert plain == talks.read(talk, "supervised")
