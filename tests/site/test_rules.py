# ruff: noqa: E501 - a case reads best on one line
import pytest

from bankft.site import rules

GOOD = "---\nhide-toc: true\n---\n\n(a)=\n# 题目\n\n一段。\n\n- 一项\n- 二项\n  - 三项\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"


def problems(tmp_path, text, glossary=""):
    (tmp_path / "index.md").write_text(text, "utf-8")
    if glossary:
        (tmp_path / "docs/data").mkdir(parents=True)
        (tmp_path / "docs/data/glossary.toml").write_text(glossary, "utf-8")
    return [str(problem) for problem in rules.problems(tmp_path)]


def test_a_good_page_is_fine(tmp_path):
    assert problems(tmp_path, GOOD) == []


CASES = [
    ("# 题目\n", "index.md:1: put a (label)="),
    ("(a)=\n\n# 题目\n", "put a (label)="),
    ("(A b)=\n# 题目\n", "put a (label)="),
    ("(a)=\n# 1. 题目\n", "no numbers in headings"),
    ("(a)=\n# 二、题目\n", "no numbers in headings"),
    ("第一行\n第二行\n", "index.md:2: one paragraph a line"),
    ("- 一项\n  接着\n", "one paragraph a line"),
    ("(a)=\n# 甲\n\n(a)=\n## 乙\n", "label a is also in index.md"),
    # emphasis that Markdown does not take as such between Chinese characters
    ("**微调（SFT）**是\n", "this emphasis does not show"),
    ("说**“保本”**不行\n", "this emphasis does not show"),
]


@pytest.mark.parametrize(("text", "message"), CASES)
def test_what_is_found(tmp_path, text, message):
    assert any(message in problem for problem in problems(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "(a)=\n# 2026 年\n",  # a year is no numbering
        "```text\n# 1. 代码里\n第一行\n第二行\n```\n",
        "```{toctree}\n:hidden:\n\na\nb\n```\n",
        "$$\nx\ny\n$$\n",
        "一行\\\n硬换行\n",
        "**微调**（SFT）是 **加粗：** 和 `**（a）**b`\n",
        "术语\n: 定义\n",
    ],
)
def test_what_is_not(tmp_path, text):
    assert problems(tmp_path, text) == []


def test_words_that_the_glossary_replaces_are_found(tmp_path):
    glossary = '[[term]]\nzh = "监督微调"\nen = "supervised fine-tuning"\navoid = ["有监督微调"]\n'
    assert problems(tmp_path, "讲有监督微调。\n", glossary) == [
        "index.md:1: write 监督微调, not 有监督微调"
    ]
