"""The timeline of OpenAI's fine-tuning, drawn from its data file."""

import re
import tomllib
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft.site.course import words

_WORDS = {
    "zh": ("日期", "发生什么", "来源", "尚未到来", "日期以 {} 核对的为准；来源"),
    "en": ("Date", "What happens", "Source", "still to come", "As checked on {}. Sources"),
}


class Timeline(SphinxDirective):
    """The directive ``{timeline} docs/data/timeline.toml``: dates, events, numbered sources."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the data file named in the argument, from the root of the project."""
        path = Path(self.config.bankft_root, self.arguments[0])
        self.env.note_dependency(str(path))
        data = tomllib.loads(path.read_text("utf-8"))
        language = "zh" if str(self.config.language).startswith("zh") else "en"
        return [nodes.raw("", draw(data, language, words(_WORDS, self.config)), format="html")]


def draw(data: dict[str, Any], language: str, said: tuple[str, ...]) -> str:
    """Draw the table and its sources. What lies after the day of checking is marked."""
    when, what, source, coming, footer = said
    numbers = {name: number for number, name in enumerate(data["sources"], 1)}
    checked: date = data["checked"]
    rows = ""
    for event in sorted(data["event"], key=lambda event: event["on"]):
        mark = f' <span class="bft-state">{coming}</span>' if event["on"] > checked else ""
        cited = ", ".join(str(numbers[name]) for name in event["sources"])
        said_of_it = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(event[language]))
        rows += (
            f'<tr><th scope="row"><time>{event["on"]}</time>{mark}</th>'
            f"<td>{said_of_it}</td><td>[{cited}]</td></tr>"
        )
    listed = "".join(
        f'<li>{escape(one["title"][language])}: <a href="{escape(one["url"])}">'
        f"{escape(one['url'])}</a></li>"
        for one in data["sources"].values()
    )
    return (
        '<div class="table-wrapper docutils container"><table class="docutils bft-timeline">'
        f"<thead><tr><th>{when}</th><th>{what}</th><th>{source}</th></tr></thead>{rows}"
        f"</table></div><p>{footer.format(checked)}:</p><ol>{listed}</ol>"
    )


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("timeline", Timeline)
