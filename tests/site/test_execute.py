# ruff: noqa: E501 - a case reads best on one line
from pathlib import Path

import pytest
from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig

from bankft.site import execute

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# 题目

"""


def cell(code, options=""):
    return f"```{{code-cell}} ipython3\n{options}{code}\n```\n\n"


def page(tmp_path, body, language="zh"):
    path = tmp_path / "a.md"
    path.write_text(HEAD + body, "utf-8")
    notebook = execute.read(path, path.read_text("utf-8"), MdParserConfig(), NbParserConfig())
    return execute.Page("a", path, Path("tutorials/a.md"), language, tmp_path, notebook)


def outputs(result):
    return [
        "".join(o.get("text", "") + o.get("evalue", "") for o in c.outputs)
        for c in result.notebook.cells
        if c.cell_type == "code"
    ]


def test_a_page_runs_in_its_language_in_a_folder_of_its_own_without_network(tmp_path):
    body = (
        cell(
            "import os, pathlib, socket\nimport bankft\nprint(bankft.language(), os.environ['BANKFT_MODE'])"
        )
        + cell("print(pathlib.Path('x').absolute(), object(), os.listdir('.'))")
        + cell("for n in range(3):\n    print(n, end='', flush=True)")
        + cell("socket.create_connection(('192.0.2.1', 80))", ":tags: [raises-exception]\n\n")
        + cell("socket.create_connection(('127.0.0.1', 9))", ":tags: [raises-exception]\n\n")
    )
    result = execute.run(page(tmp_path, body, "en"))
    assert result.problems == []
    first, second, third, fourth, fifth = outputs(result)
    assert first == "en replay\n"
    assert second == "x <object object at 0x…> []\n"
    assert third == "012"
    assert fourth == fifth == "a page may not use the network while it is built"
    assert all("execution" not in c.metadata for c in result.notebook.cells)  # no times


def test_a_failing_cell_names_the_line_the_code_and_the_error(tmp_path):
    body = (
        cell("x = 1")
        + "文字\n\n"
        + cell("y = 2\nz = x / 0\n", ":tags: [a]\n\n")
        + cell("never = 1")
    )
    made = page(tmp_path, body)
    result = execute.run(made)
    line = 1 + made.path.read_text("utf-8").split("\n").index("z = x / 0")
    assert len(result.problems) == 1
    where, code, error = result.problems[0].split("\n")
    assert where == f"tutorials/a.md:{line}: this cell fails"
    assert code == "    z = x / 0"
    assert error == "    ZeroDivisionError: division by zero"


def test_a_recording_that_is_not_there_is_a_problem_of_the_page(tmp_path):
    body = cell(
        "import bankft\ntry:\n    bankft.connect('a').models.list()\nexcept Exception: pass"
    )
    result = execute.run(page(tmp_path, body))
    assert result.problems
    assert all(problem.startswith("tutorials/a.md: ") for problem in result.problems)


def test_a_page_without_code_does_not_run(tmp_path):
    path = tmp_path / "b.md"
    for text in ("# 题目\n", HEAD):
        assert execute.read(path, text, MdParserConfig(), NbParserConfig()) is None


def test_the_outputs_depend_on_the_recording_and_the_package(tmp_path):
    made = page(tmp_path, cell("import bankft\nclient = bankft.connect('a')"))
    assert made.names == ["a"]
    before = execute.key(made, "package")
    assert execute.key(made, "package") == before
    assert execute.key(made, "other package") != before
    (tmp_path / "a.zh.jsonl").write_text("{}", "utf-8")
    assert execute.key(made, "package") != before
    (tmp_path / "a.en.jsonl").write_text("{}", "utf-8")  # the other language's is not read
    assert execute.key(made, "package") == execute.key(
        page(tmp_path, cell("bankft.connect('a')")), "package"
    )


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("client = bankft.connect('first-job')", ["first-job"]),
        ('client = bankft.connect_async(\n    "first-job")', ["first-job"]),
        ("bankft.connect()", []),
    ],
)
def test_the_recording_is_the_one_that_the_page_connects_to(tmp_path, code, names):
    assert page(tmp_path, cell(code)).names == names
