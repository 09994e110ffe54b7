import nbformat
import pytest

from bankft.site.notebooks import has_solutions, notebook, plain

PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

(a)=
# 题目

```{lesson}
:minutes: 6
:do: 动手 `print`
:learn: 学会
:need: 没有
```

```{code-cell} ipython3
:tags: [exercise]

answer = 0
```

```{code-cell} ipython3
:tags: [solution, hide-cell]

answer = 3
```
"""


def sources(made, kind="code"):
    return [cell.source for cell in made.cells if cell.cell_type == kind]


def test_the_learners_notebook_has_no_solution_and_speaks_the_pages_language():
    made = notebook(PAGE, "tutorials/a", "en")
    nbformat.validate(made)
    assert sources(made)[1:] == ["answer = 0"]
    assert 'os.environ["BANKFT_LANG"] = "en"' in sources(made)[0]
    assert sources(made, "markdown") == [
        "# 题目\n\n- **You do**: 动手 `print`\n- **You learn**: 学会\n- **You need**: 没有"
    ]
    assert not any(cell.get("outputs") for cell in made.cells)


def test_the_other_notebook_has_the_solutions():
    assert has_solutions(PAGE)
    assert sources(notebook(PAGE, "tutorials/a", "zh", solutions=True))[1:] == [
        "answer = 0",
        "answer = 3",
    ]


def test_the_same_page_gives_the_same_bytes_and_ids_are_unique():
    first, second = (notebook(PAGE, "tutorials/a", "zh") for _ in range(2))
    assert nbformat.writes(first) == nbformat.writes(second)
    ids = [cell.id for cell in first.cells]
    assert len(set(ids)) == len(ids)
    assert ids != [cell.id for cell in notebook(PAGE, "tutorials/b", "zh").cells]


CASES = [
    # MyST, and what a notebook shows instead
    ("(a)=\n## 甲", "## 甲"),
    ("% 注释\n正文", "正文"),
    ("见 {ref}`表 <t>` 和 {doc}`页 <p>`", "见 表 和 页"),
    ("{term}`评分器`、{py:func}`bankft.follow`", "评分器、`bankft.follow`"),
    ("[别页](../a.md) 与 [站外](https://a.test/)", "别页 与 [站外](https://a.test/)"),
    ("![图](a.png)", "![图](a.png)"),
    ("```{note}\n正文\n```", "> **注意**\n>\n> 正文"),
    (
        "```{admonition} 试一试\n:class: bft-try\n\n题目 {term}`词`\n```",
        "> **试一试**\n>\n> 题目 词",
    ),
    ("```{mermaid}\nflowchart TD\n  A --> B\n```", "```mermaid\nflowchart TD\n  A --> B\n```"),
    ("```{math}\n:label: e\n\nx\n```", "$$\n\nx\n$$"),
    ("```{code-block} python\nx = 1  # {term}`x`\n```", "```python\nx = 1  # {term}`x`\n```"),
    ("```bash\n(a)=\n```", "```bash\n(a)=\n```"),  # code stays as it is
    ("````{tab-set}\n```{tab-item} 甲\n一\n```\n````", "**甲**\n\n一"),
    ("::::{grid}\n:::{grid-item-card} 卡\n文\n:::\n::::", "**卡**\n\n文"),
    ("```{toctree}\n:hidden:\n\na\n```\n文", "文"),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_directives_and_roles_become_plain_markdown(source, expected):
    assert plain(source, "zh") == expected
