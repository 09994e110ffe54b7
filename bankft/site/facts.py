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
    "zh": ("英文", "不写", "、", "基座还没有构建：构建它的命令写出这些数字。"),
    "en": ("Chinese", "Not", ", ", "The base model is not built yet; its build writes them."),
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
        other_word, avoid_word, comma, _ = words(_WORDS, self.config)
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
    """The directive ``{base-model}``: every number of the model's ``card.json``, in tables."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the card, and the names of its keys from the data file in the argument."""
        path = Path(self.config.bankft_root, self.arguments[0])
        for file in (path, CARD):
            self.env.note_dependency(str(file))
        if not CARD.exists():
            *_, none = words(_WORDS, self.config)
            return [nodes.paragraph(none, none)]
        language = "zh" if self.config.language.startswith("zh") else "en"
        data = tomllib.loads(path.read_text("utf-8"))
        names = {key: name[language] for key, name in data["names"].items()}
        card = json.loads(CARD.read_text("utf-8"))
        html = card_html(card, names, set(data["percent"]))
        return [nodes.raw("", html, format="html")]


def card_html(card: dict[str, Any], names: dict[str, str], percent: set[str]) -> str:
    """Draw a card: single values and groups as rows, a list of results as a table of its own."""
    single = {key: value for key, value in card.items() if not isinstance(value, dict | list)}
    groups = {key: value for key, value in card.items() if isinstance(value, dict)}
    html = _rows("", single, names, percent) if single else ""
    for key, group in groups.items():
        html += _rows(names.get(key, key), group, names, percent)
    for key, results in card.items():
        if isinstance(results, list) and results and isinstance(results[0], dict):
            columns = [names.get(name, str(name)) for name in results[0]]
            head = "".join(f"<th>{escape(column)}</th>" for column in columns)
            body = "".join(
                "<tr>"
                + "".join(f"<td>{_text(k, v, percent)}</td>" for k, v in result.items())
                + "</tr>"
                for result in results
            )
            html += _table(names.get(key, key), f"<thead><tr>{head}</tr></thead>{body}", wide=True)
    return html


def _rows(caption: str, values: dict[str, Any], names: dict[str, str], percent: set[str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(names.get(key, key))}</th>'
        f"<td>{_text(key, value, percent)}</td></tr>"
        for key, value in values.items()
    )
    return _table(caption, rows)


def _table(caption: str, inside: str, *, wide: bool = False) -> str:
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    kind = "bft-card-results" if wide else "bft-card-table"
    return (
        '<div class="table-wrapper docutils container">'
        f'<table class="docutils {kind}">{title}{inside}</table></div>'
    )


def _text(key: str, value: Any, percent: set[str]) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool | list | dict):
        return escape(json.dumps(value, ensure_ascii=False))
    if key in percent:
        return f"{100 * value:.1f} %"
    if isinstance(value, int) and value >= 10_000:
        return f"{value:,}"
    return escape(str(value))


def setup(app: Sphinx) -> None:
    """Add the directives."""
    app.add_directive("terms", GlossaryFromData)
    app.add_directive("base-model", BaseModelCard)
