"""A lesson's head: minutes and notebook, then what the reader does, learns and needs.

::

    ```{lesson}
    :minutes: 6
    :do: upload the files, create the job, watch it train
    :learn: each step of a supervised fine-tuning
    :need: the data of the lesson before
    ```
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.read import is_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft.site.course import Course, words

_BLOCK = re.compile(r"(?ms)^(`{3,}|:{3,})\{lesson\}\s*\n(.*?)^\1\s*$")
_WORDS = {
    "zh": ("你要做", "你会学到", "你需要", "第 {} 课", "{} 分钟", "笔记本", "带答案的笔记本"),
    "en": (
        "You do",
        "You learn",
        "You need",
        "Lesson {}",
        "{} minutes",
        "Notebook",
        "Notebook with answers",
    ),
}


@dataclass(frozen=True)
class Lesson:
    """What a page says about itself, read from its source."""

    title: str
    minutes: int
    do: str


def read(path: Path) -> Lesson:
    """Read a page's title and lesson head.

    Raises:
        ValueError: the page has no title or no lesson head.

    """
    text = path.read_text("utf-8")
    title = re.search(r"(?m)^# +(.+?)\s*$", text)
    block = _BLOCK.search(text)
    if title is None or block is None:
        raise ValueError(
            f"{path} needs a title and a {{lesson}} head with minutes, do, learn and need"
        )
    fields = dict(re.findall(r"(?m)^:([a-z]+):[ \t]*(.*?)\s*$", block[2]))
    return Lesson(title[1], int(fields["minutes"]), fields["do"].replace("`", ""))


class LessonHead(SphinxDirective):
    """The directive ``{lesson}``."""

    option_spec: ClassVar = {
        "minutes": directives.positive_int,
        "do": directives.unchanged_required,
        "learn": directives.unchanged_required,
        "need": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the pills, then the three columns; their text may hold links and roles."""
        missing = [name for name in self.option_spec if name not in self.options]
        if missing:
            raise self.error(f"a lesson also says: {', '.join(missing)}")
        do, learn, need, number, minutes, notebook, answers = words(_WORDS, self.config)
        name = self.env.docname
        self.env.note_dependency(Course.path(self.config))
        place = Course.load(self.config).number(name)
        pills = [f"<li>{number.format(place)}</li>"] if place else []
        pills.append(f"<li>{minutes.format(self.options['minutes'])}</li>")
        source = Path(self.env.doc2path(name)).read_text("utf-8")
        if is_myst_markdown_notebook(source) and "{code-cell}" in source:
            file = name.rsplit("/", 1)[-1]
            links = [(f"{file}.ipynb", notebook)]
            if re.search(r"(?m)^:tags: \[.*\bsolution\b", source):
                links.append((f"{file}-solutions.ipynb", answers))
            arrow = '<span aria-hidden="true">↓ </span>'
            pills += [
                f'<li><a download href="{escape(href)}">{arrow}{text}</a></li>'
                for href, text in links
            ]
        head = nodes.container(classes=["bft-lesson"])
        head += nodes.raw(
            "", f'<ul class="bft-pills no-search">{"".join(pills)}</ul>', format="html"
        )
        columns = nodes.container(classes=["bft-know"])
        for label, text in ((do, "do"), (learn, "learn"), (need, "need")):
            column = nodes.container()
            column += nodes.paragraph(label, label, classes=["bft-label"])
            paragraph = nodes.paragraph()
            paragraph += self.parse_inline(self.options[text], lineno=self.lineno)[0]
            column += paragraph
            columns += column
        head += columns
        return [head]


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("lesson", LessonHead)
