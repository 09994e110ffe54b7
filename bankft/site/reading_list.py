"""The reading list: official pages, what of each still stands, and what was shut when.

The dates are the timeline's, so that no date stands in two files.
"""

import tomllib
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft.site.course import words

TIMELINE = Path("docs/data/timeline.toml")
_WORDS = {
    "zh": ("尚未到来", "以 {} 核对的为准，读的是存档副本。"),
    "en": ("still to come", "As checked on {}, in stored copies."),
}


class ReadingList(SphinxDirective):
    """The directive ``{reading-list} docs/data/reading.toml``: numbered pages, dated notes."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the data file named in the argument, from the root of the project."""
        paths = [Path(self.config.bankft_root, name) for name in (self.arguments[0], TIMELINE)]
        for path in paths:
            self.env.note_dependency(str(path))
        data, timeline = (tomllib.loads(path.read_text("utf-8")) for path in paths)
        language = "zh" if str(self.config.language).startswith("zh") else "en"
        try:
            html = draw(data, timeline, language, words(_WORDS, self.config))
        except KeyError as error:
            raise self.error(f"{TIMELINE} has no event on {error.args[0]}.") from None
        return [nodes.raw("", html, format="html")]


def draw(
    data: dict[str, Any], timeline: dict[str, Any], language: str, said: tuple[str, ...]
) -> str:
    """Draw the list; what lies after the day of checking is marked.

    Raises:
        KeyError: a page names a day on which the timeline has no event.

    """
    coming, footer = said
    checked: date = data["checked"]
    told = {event["on"]: event[language] for event in timeline["event"]}
    items = ""
    for page in data["page"]:
        notes = ""
        for day in page["events"]:
            mark = f' <span class="bft-state">{coming}</span>' if day > checked else ""
            notes += f"<br><small><time>{day}</time>{mark} {escape(told[day])}</small>"
        link = f'<a href="{escape(page["url"])}">{escape(page["title"])}</a>'
        items += f"<li>{link} · {escape(page[language])}{notes}</li>"
    return f'<ol class="bft-reading">{items}</ol><p><small>{footer.format(checked)}</small></p>'


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("reading-list", ReadingList)
