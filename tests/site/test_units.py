# ruff: noqa: E501 - a case reads best on one line
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.site.units import segments, translate, units


def found(text):
    return [(unit.kind, unit.text) for unit in units(text)]


CASES = [
    # prose: the structure at the front stays out of the unit
    ("一段话。", [("text", "一段话。")]),
    ("## 标题", [("heading", "标题")]),
    ("- 第一项", [("text", "第一项")]),
    ("  3. 第三项", [("text", "第三项")]),
    ("> 引文", [("text", "引文")]),
    ("- [x] 做完的", [("text", "做完的")]),
    (": 定义", [("text", "定义")]),
    ("[^a]: 脚注", [("text", "脚注")]),
    ("English only, `中文` is inline", [("text", "English only, `中文` is inline")]),
    ("only English", []),
    ("(my-label)=", []),
    ("% 注释不译", []),
    # Chinese punctuation alone is Chinese, too
    ("`a`、`b`", [("text", "`a`、`b`")]),
    # tables: a cell is a unit; an escaped bar does not end it
    ("| 甲 | b | 丙 |", [("table cell", "甲"), ("table cell", "丙")]),
    (r"| 甲\|乙 | c |", [("table cell", r"甲\|乙")]),
    # front matter
    ("---\nmyst:\n  html_meta:\n    description: 说明\n---\n", [("front matter", "说明")]),
    ('---\ntitle: "有引号"\n---\n', [("front matter", "有引号")]),
    # directives: title, options, and prose inside, at any depth
    ("```{note} 题目\n正文\n```", [("title", "题目"), ("text", "正文")]),
    ("```{toctree}\n:hidden:\n:caption: 目录\n\na\n```", [("option", "目录")]),
    ("::::{grid}\n:::{grid-item-card} 卡片\n内容\n:::\n::::\n后面", [("title", "卡片"), ("text", "内容"), ("text", "后面")]),
    # code: comments and strings, whatever the quotes
    ('```{code-cell} ipython3\nx = "中"  # 注\n```', [("string", "中"), ("comment", "注")]),
    ("```{code-cell} ipython3\n:tags: [solution]\n\nprint(f'有 {n} 条')\n```", [("f-string", "有 {n} 条")]),
    ('```python\ns = """第一行\n  第二行\n"""\n```', [("string", "第一行"), ("string", "第二行")]),
    (r'```python' + "\n" + r's = "他说\"好\""' + "\n```", [("string", r"他说\"好\"")]),
    ('```python\ns = "# 不是注释"\n```', [("string", "# 不是注释")]),
    ("```python\ns = rb'x'; t = R'中\\d'\n```", [("string", "中\\d")]),
    ("```bash\nbankft serve   # 第一个终端\n```", [("comment", "第一个终端")]),
    ("```text\n原样 # 一行\n```", [("block", "原样 # 一行")]),
    ("````markdown\n```{note} 例子\n```\n````\n之后", [("block", "```{note} 例子"), ("text", "之后")]),
    # diagrams: labels in any bracket, on arrows, in titles
    (
        '```{mermaid}\nflowchart TD\n  accTitle: 名\n  A[甲 乙] -- 有 --> B{"丙 (丁)"}\n  B -->|否| C(戊)\n```',
        [("label", "名"), ("label", "甲 乙"), ("label", "有"), ("label", "丙 (丁)"), ("label", "否"), ("label", "戊")],
    ),
    ("```{mermaid}\nsequenceDiagram\n  participant A as 客户\n  A->>B: 问\n```", [("label", "客户"), ("label", "问")]),
    ("```{mermaid}\nflowchart TD\n  subgraph 训练\n  end\n```", [("label", "训练")]),
    # math
    ("$$\nx \\text{（和）}\n$$\n后", [("math", "x \\text{（和）}"), ("text", "后")]),
    ("```{math}\n\\text{和}\n```", [("math", "\\text{和}")]),
    # a fence that is never closed
    ("```python\n# 没有结尾", [("comment", "没有结尾")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_is_a_unit(text, expected):
    assert found(text) == expected


def test_each_unit_knows_its_line():
    text = "---\na: 一\n---\n\n# 二\n\n```{code-cell} ipython3\n:tags: [x]\n\ny = 1\nz = '三'\n```\n\n四"
    assert [(unit.text, unit.line) for unit in units(text)] == [
        ("一", 2),
        ("二", 5),
        ("三", 11),
        ("四", 14),
    ]


# Lines that meet every branch, put together in any order: fences left open, closed twice, nested.
LINES = st.lists(
    st.sampled_from(
        [text for case, _ in CASES for text in case.split("\n")]
        + [
            "",
            "---",
            "```",
            "````",
            "$$",
            ":::",
            "    缩进",
            "|",
            "||",
            "\t中",
            '"',
            "'''",
            '"""',
            "#",
            "\\",
        ]
    )
    | st.text(alphabet="中a`:$|#\"'\\{}[]()-= \t、", max_size=12),
    max_size=14,
)


@settings(deadline=None)  # how busy the machine is, is no property of the code
@given(LINES)
def test_a_page_translated_into_itself_is_itself(lines):
    text = "\n".join(lines)
    assert "".join(p if isinstance(p, str) else p.text for p in segments(text)) == text
    assert translate(text, lambda unit: unit.text) == text


@settings(deadline=None)  # how busy the machine is, is no property of the code
@given(LINES)
def test_a_translation_keeps_the_lines_and_every_unit_stands_on_its_own(lines):
    text = "\n".join(lines)
    assert translate(text, lambda unit: "EN").count("\n") == text.count("\n")
    for unit in units(text):
        assert unit.text in text.split("\n")[unit.line - 1]
        assert unit.text == unit.text.strip()
