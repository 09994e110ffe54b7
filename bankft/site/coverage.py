"""What the syllabus asks for and where the course has it, drawn from a data file.

Labels become references of Sphinx's own, so that the build fails on one that is dead; functions
are looked up in the package.
"""

import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from bankft.site.course import words

DATA = Path("docs/data/coverage.toml")
KINDS = {
    "heading": {"zh": "标题", "en": "heading"},
    "text": {"zh": "要点", "en": "point"},
    "table": {"zh": "表", "en": "table"},
    "flow": {"zh": "流程", "en": "flow"},
    "formula": {"zh": "公式", "en": "formula"},
    "command": {"zh": "命令", "en": "command"},
    "snippet": {"zh": "代码", "en": "snippet"},
}
_WORDS = {
    "zh": ("大纲里", "是什么", "在课程里", "改成这样：", "。", "；"),
    "en": ("In the syllabus", "Kind", "In the course", "Instead: ", ".", "; "),
}
_WIDTHS = (40, 10, 50)


class Coverage(SphinxDirective):
    """The directive ``{coverage} docs/data/coverage.toml``: a table for each part."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the data file named in the argument, from the root of the project."""
        path = Path(self.config.bankft_root, self.arguments[0])
        self.env.note_dependency(str(path))
        language = "zh" if str(self.config.language).startswith("zh") else "en"
        said = words(_WORDS, self.config)
        parts = tomllib.loads(path.read_text("utf-8"))["part"]
        for problem in problems(parts):
            raise self.error(f"{self.arguments[0]}: {problem}")
        return [self._table(part, language, said) for part in parts]

    def _table(self, part: dict[str, Any], language: str, said: tuple[str, ...]) -> nodes.Node:
        what, kind, where, *_ = said
        table = nodes.table("", nodes.title("", part[language]), classes=["bft-coverage"])
        group = nodes.tgroup(cols=len(_WIDTHS))
        group += [nodes.colspec(colwidth=width) for width in _WIDTHS]
        group += nodes.thead("", _row([nodes.Text(one)] for one in (what, kind, where)))
        group += nodes.tbody(
            "",
            *(
                _row(
                    [
                        [_named(row, language)],
                        [nodes.Text(KINDS[row["kind"]][language])],
                        list(self._where(row, language, said)),
                    ]
                )
                for row in part["row"]
            ),
        )
        table += group
        return table

    def _where(
        self, row: dict[str, Any], language: str, said: tuple[str, ...]
    ) -> Iterator[nodes.Node]:
        *_, instead, stop, between = said
        if "instead" in row:
            yield nodes.Text(f"{instead}{row['instead'][language]}{stop} ")
        found: list[nodes.Node] = []
        for label in row["at"]:
            target = addnodes.pending_xref(
                "",
                nodes.inline("", label),
                refdomain="std",
                reftype="ref",
                reftarget=label,
                refexplicit=True,
                refwarn=True,
                refdoc=self.env.docname,
                coverage=True,
            )
            self.set_source_info(target)
            found.append(target)
        found += [
            nodes.literal("", name) for key in ("code", "command") for name in row.get(key, [])
        ]
        for place, node in enumerate(found):
            if place:
                yield nodes.Text(between)
            yield node


class NamePages(SphinxPostTransform):
    """Call a reference by its page and its section: many sections have the same name."""

    default_priority = 5  # before Sphinx resolves the references

    def run(self, **kwargs: Any) -> None:
        """Put the titles in; a label that is not there is left for Sphinx to warn about."""
        standard = self.env.get_domain("std")
        assert isinstance(standard, StandardDomain)
        for target in self.document.findall(addnodes.pending_xref):
            if target.get("coverage") and target["reftarget"] in standard.labels:
                name, _, section = standard.labels[target["reftarget"]]
                page = self.env.titles[name].astext()
                text = page if section == page else f"{page} · {section}"
                target.children = []
                target += nodes.inline("", text)


def problems(parts: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the rows: an unknown kind, no place, a function that is not there.

    >>> row = {"kind": "text", "zh": "甲", "en": "A", "at": ["home"], "code": ["bankft.nothing"]}
    >>> list(problems([{"row": [row]}]))
    ['A: there is no bankft.nothing']
    """
    for row in (row for part in parts for row in part["row"]):
        if row["kind"] not in KINDS:
            yield f"{row['en']}: there is no kind {row['kind']}"
        if not row["at"]:
            yield f"{row['en']}: it says no place"
        for name in row.get("code", []):
            if not _there(name):
                yield f"{row['en']}: there is no {name}"


def _there(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), attribute)
    except ImportError:
        return False


def _named(row: dict[str, Any], language: str) -> nodes.Node:
    if row["kind"] == "command":
        return nodes.literal("", row[language])
    return nodes.Text(row[language])


def _row(cells: Any) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))


def setup(app: Sphinx) -> None:
    """Add the directive, and what names its references."""
    app.add_directive("coverage", Coverage)
    app.add_post_transform(NamePages)
