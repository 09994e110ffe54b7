"""Pages drawn from data files: the glossary, and the numbers of the built-in base model.

Nothing is copied by hand, so a page cannot differ from what it speaks of.
"""

import json
import tomllib
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.domains.std import Glossary
from sphinx.util.docutils import SphinxDirective

import bankft
from bankft.site.course import words

CARD = Path(bankft.__file__).parent / "engine" / "nano" / "card.json"
_WORDS = {
    "zh": ("英文", "不写", "项目", "值", "基座还没有构建：构建它的命令写出这些数字。", "、"),
    "en": (
        "Chinese",
        "Not",
        "Item",
        "Value",
        "The base model is not built yet: the command that builds it writes these numbers.",
        ", ",
    ),
}


class GlossaryFromData(Glossary):
    """The directive ``{terms}``: Sphinx's glossary, so that ``{term}`` finds its entries."""

    has_content = False
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the data file named in the argument, from the root of the project."""
        path = Path(self.config.bankft_root, self.arguments[0])
        self.env.note_dependency(str(path))
        zh = str(self.config.language).startswith("zh")
        other_word, avoid_word, *_, comma = words(_WORDS, self.config)
        mine = "zh" if zh else "en"
        lines: list[str] = []
        terms = tomllib.loads(path.read_text("utf-8"))["term"]
        for term in sorted(terms, key=lambda term: term["en"].lower()):
            shown = term["en"] if zh else f"{{zh}}`{term['zh']}`"
            # a word to avoid stands on the page of its own language only
            avoid = [word for word in term.get("avoid", []) if word.isascii() != zh]
            note = f" · {avoid_word}: {comma.join(avoid)}" if avoid else ""
            lines += [
                term[mine],
                f"    {term['means'][mine]}",
                "",
                f"    *{other_word}: {shown}{note}*",
                "",
            ]
        self.content = StringList(lines, source=str(path), parent=None)
        self.options.pop("sorted", None)
        return super().run()


class BaseModelCard(SphinxDirective):
    """The directive ``{base-model}``: every number of the model's ``card.json``, as a table."""

    def run(self) -> list[nodes.Node]:
        """Return the table, or a sentence where the model is not built yet."""
        self.env.note_dependency(str(CARD))
        *_, item, value, none, comma = words(_WORDS, self.config)
        if not CARD.exists():
            return [nodes.paragraph(none, none)]
        card = json.loads(CARD.read_text("utf-8"))
        rows = "".join(
            f"<tr><th scope='row'><code>{escape(key)}</code></th><td>{escape(text)}</td></tr>"
            for key, text in flatten(card, comma)
        )
        html = (
            f'<div class="table-wrapper docutils container"><table class="docutils bft-card-table">'
            f"<thead><tr><th>{item}</th><th>{value}</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
        return [nodes.raw("", html, format="html")]


def flatten(value: Any, comma: str = ", ", prefix: str = "") -> list[tuple[str, str]]:
    """List a card's numbers with the path to each.

    >>> flatten({"loss": {"train": 1.5}, "sizes": [1, 2]})
    [('loss.train', '1.5'), ('sizes', '1, 2')]
    """
    if isinstance(value, dict):
        return [
            row
            for key, inner in value.items()
            for row in flatten(inner, comma, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [
            row
            for at, inner in enumerate(value)
            for row in flatten(inner, comma, f"{prefix}[{at}]")
        ]
    if isinstance(value, list):
        return [(prefix, comma.join(_text(item) for item in value))]
    return [(prefix, _text(value))]


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    return str(value)


def setup(app: Sphinx) -> None:
    """Add the directives."""
    app.add_directive("terms", GlossaryFromData)
    app.add_directive("base-model", BaseModelCard)
