"""The course on the landing page: its path, its lessons as cards, and their order.

All three are drawn from ``docs/data/course.toml``; what is not written yet shows as coming.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.directives.other import TocTree
from sphinx.util.docutils import SphinxDirective

DATA = Path("docs/data/course.toml")
_WORDS = {
    "zh": ("课程的七个部分，共 {} 分钟", "{} 分钟", "编写中", "读完了", "第 {} 课 · {} 分钟"),
    "en": (
        "The seven parts of the course, {} minutes",
        "{} min",
        "coming",
        "done",
        "Lesson {} · {} minutes",
    ),
}


def words(table: Mapping[str, tuple[str, ...]], config: Config) -> tuple[str, ...]:
    """Return the words of the language that is being built."""
    return table["zh" if str(config.language).startswith("zh") else "en"]


@dataclass(frozen=True)
class Course:
    """The parts of the course, as the data file has them."""

    parts: list[dict[str, Any]]

    @staticmethod
    def path(config: Config) -> str:
        """Return the data file: beside the Chinese source, else the project's own."""
        for root in (config.bankft_source, config.bankft_root):
            path = Path(root, DATA)
            if path.exists():
                return str(path)
        raise FileNotFoundError(f"{DATA} is missing: it lists the parts of the course")

    @classmethod
    def load(cls, config: Config) -> "Course":
        """Read the data file."""
        return cls(tomllib.loads(Path(cls.path(config)).read_text("utf-8"))["part"])

    @property
    def pages(self) -> list[str]:
        """Every page of the course, in reading order."""
        return [page for part in self.parts for page in part["pages"]]

    def number(self, page: str) -> int:
        """Return which lesson a page is, from 1; 0 for a page outside the course."""
        return self.pages.index(page) + 1 if page in self.pages else 0


def order(root: Path, pages: list[str]) -> list[str]:
    """Return page names in the course's order, the others after them.

    >>> order(Path("/nowhere"), ["b", "a"])
    ['a', 'b']
    """
    path = root / DATA
    listed = Course(tomllib.loads(path.read_text("utf-8"))["part"]).pages if path.exists() else []
    return sorted(
        pages,
        key=lambda page: (page not in listed, listed.index(page) if page in listed else 0, page),
    )


class _CourseDirective(SphinxDirective):
    def course(self) -> Course:
        self.env.note_dependency(Course.path(self.config))
        return Course.load(self.config)

    def there(self, pages: list[str]) -> list[str]:
        return [page for page in pages if page in self.env.found_docs]

    def href(self, page: str) -> str:
        return escape(self.env.app.builder.get_relative_uri(self.env.docname, page))


class CoursePath(_CourseDirective):
    """The directive ``{course-path}``: a bar of parts as wide as their minutes."""

    def run(self) -> list[nodes.Node]:
        """Return the bar; on a narrow screen the style makes a list of it."""
        label, minutes, coming, done, _ = words(_WORDS, self.config)
        language = "zh" if self.config.language.startswith("zh") else "en"
        course = self.course()
        total = sum(part["minutes"] for part in course.parts)
        blocks, ticks, passed = [], ['<span style="left:0">0</span>'], 0
        for part in course.parts:
            passed += part["minutes"]
            ticks.append(f'<span style="left:{100 * passed / total:.3f}%">{passed}</span>')
            pages = self.there(part["pages"])
            short = escape(part["short"][language])
            inside = (
                f'<span class="bft-short" aria-hidden="true">{short}</span>'
                f'<span class="bft-long">{escape(part[language])}</span>'
                f'<span class="bft-minutes">{minutes.format(part["minutes"])}</span>'
            )
            if pages:
                data = escape(" ".join(pages))
                about = f'data-pages="{data}" data-done="{done}"'
                block = f'<a href="{self.href(pages[0])}" {about}>{inside}</a>'
            else:
                inside += f'<span class="bft-state">{coming}</span>'
                block = f'<span class="bft-coming">{inside}</span>'
            blocks.append(f'<li class="bft-part-{part["colour"]}">{block}</li>')
        columns = " ".join(f"minmax(0,{part['minutes']}fr)" for part in course.parts)
        html = (
            f'<nav class="bft-path no-search" aria-label="{label.format(total)}">'
            f'<ol style="--columns:{columns}">{"".join(blocks)}</ol>'
            f'<div class="bft-ticks" aria-hidden="true">{"".join(ticks)}</div></nav>'
        )
        return [nodes.raw("", html, format="html")]


class LessonCards(_CourseDirective):
    """The directive ``{lesson-cards}``: the lessons that are there, one card each."""

    def run(self) -> list[nodes.Node]:
        """Return the cards: number and minutes, title, and what the reader does."""
        from bankft.site import lesson

        *_, head = words(_WORDS, self.config)
        course = self.course()
        cards = []
        for page in self.there(course.pages):
            path = self.env.doc2path(page)
            self.env.note_dependency(str(path))
            try:
                found = lesson.read(Path(path))
            except ValueError as error:
                raise self.error(str(error)) from None
            colour = next(part["colour"] for part in course.parts if page in part["pages"])
            cards.append(
                f'<li><a class="bft-card bft-part-{colour}" href="{self.href(page)}">'
                f"<small>{head.format(course.number(page), found.minutes)}</small>"
                f"<strong>{escape(found.title)}</strong><span>{escape(found.do)}</span></a></li>"
            )
        return [nodes.raw("", f'<ul class="bft-cards">{"".join(cards)}</ul>', format="html")]


class CourseTree(TocTree):
    """The directive ``{course-tree}``: a toctree of the course's pages, those that are there."""

    def run(self) -> list[nodes.Node]:
        """Return Sphinx's own toctree."""
        self.env.note_dependency(Course.path(self.config))
        pages = [p for p in Course.load(self.config).pages if p in self.env.found_docs]
        self.content = StringList([f"/{page}" for page in pages], source=self.env.docname)
        return super().run() if pages else []


def setup(app: Sphinx) -> None:
    """Add the directives."""
    app.add_directive("course-path", CoursePath)
    app.add_directive("lesson-cards", LessonCards)
    app.add_directive("course-tree", CourseTree)
