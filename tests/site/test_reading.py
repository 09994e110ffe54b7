"""How long a lesson takes to read, and whether it keeps the minutes that it states."""

from pathlib import Path

import pytest

from bankft.site import reading

ROOT = Path(__file__).parents[2]
HEAD = """# 页

```{lesson}
:minutes: 1
:do: 做
:learn: 学
:need: 无
```

"""


@pytest.mark.parametrize(
    ("page", "minutes"),
    [
        ("基金" * 150, 1.0),  # 300 characters
        ("one word " * 90, 1.0),  # 180 words
        ("```{code-cell} ipython3\n" + "a = 1\n" * 15 + "```\n", 1.0),  # four seconds a line
        ("```{code-cell} ipython3\n:tags: [hide-input]\n\na = 1\n```\n", 0.0),  # folded
        ("```{code-cell} ipython3\n:tags: [exercise]\n\na = ...\n```\n", 0.0),
        ("```{mermaid}\nflowchart TD\n    A[数据] --> B[训练]\n```\n", 0.0),  # looked at
        ("```{admonition} 试一试\n:class: bft-try\n\n题目。\n```\n", 0.0),
        ("(my-label)=\n", 0.0),
        ("损失是 $-\\log p$", 3 / 300),  # a formula is looked at, too
    ],
)
def test_minutes(page, minutes):
    assert reading.minutes(page) == pytest.approx(minutes)


def write(root, text):
    (root / "tutorials").mkdir()
    (root / "tutorials" / "a.md").write_text(HEAD + text, encoding="utf-8")


def test_a_page_that_takes_longer_than_it_says_is_named(tmp_path):
    write(tmp_path, "字" * 400)
    said = [str(problem) for problem in reading.problems(tmp_path)]
    assert said[0].startswith("tutorials/a.md: its Chinese takes 1.3 minutes to read")


def test_a_page_in_time_is_fine(tmp_path):
    write(tmp_path, "字" * 200)
    assert not list(reading.problems(tmp_path))


def test_a_part_whose_pages_take_longer_is_named(tmp_path):
    write(tmp_path, "字")
    (tmp_path / "docs" / "data").mkdir(parents=True)
    (tmp_path / "docs" / "data" / "course.toml").write_text(
        '[[part]]\nen = "Why"\nminutes = 0\npages = ["tutorials/a"]\n', encoding="utf-8"
    )
    assert [str(problem) for problem in reading.problems(tmp_path)] == [
        "docs/data/course.toml: the pages of Why take 1 minutes, and it has 0"
    ]


def test_the_lessons_keep_their_minutes():
    assert not list(map(str, reading.problems(ROOT)))
