"""Tables of measured results, drawn from the JSON that the measuring program wrote.

Nothing is copied by hand, so a page cannot differ from what was measured.
"""

import json
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

NAMES = Path("docs/data/results.toml")
UNSHOWN = ("runs", "curves", "samplings", "tried")  # in full, for who reads the JSON


@dataclass(frozen=True)
class Names:
    """What a result's keys and values are called in one language, and which are shares."""

    keys: dict[str, str]
    values: dict[str, str]
    percent: frozenset[str]

    def key(self, key: str) -> str:
        """Return a key's name, else the key."""
        return escape(self.keys.get(key, key))

    def value(self, key: str, value: Any) -> str:
        """Return a value as a cell shows it: shares as per cent, thousands of a count set apart."""
        if value is None:
            return "–"
        if key in self.percent:
            return f"{100 * value:.1f}\u202f%"
        if isinstance(value, bool):
            return escape(self.values.get(str(value).lower(), str(value)))
        if isinstance(value, int) and value >= 10_000 and key != "seed":
            return f"{value:,}"
        if isinstance(value, float):
            return f"{value:.4g}"
        return escape(self.values.get(str(value), str(value)))


def read_names(path: Path, language: str) -> Names:
    """Read the names for a language, ``"zh"`` or ``"en"``."""
    data = tomllib.loads(path.read_text("utf-8"))
    keys, values = (
        {name: both[language] for name, both in data[part].items()} for part in ("keys", "values")
    )
    return Names(keys, values, frozenset(data["percent"]))


class Results(SphinxDirective):
    """The directive ``{results} path/to.json``: every number of a result, in tables."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the result, a path from the root of the project, and the names of its keys."""
        html = tables(*read_result(self))
        return [nodes.raw("", html, format="html")]


def read_result(directive: SphinxDirective) -> tuple[dict[str, Any], Names]:
    """Read the result that a directive names, and the names of its keys in the page's language.

    Args:
        directive: Its one argument is a path from the root of the project.

    Raises:
        DirectiveError: There is no such file.
    """
    root = Path(directive.config.bankft_root)
    path = root / directive.arguments[0]
    if not path.is_file():
        raise directive.error(f"There is no result {directive.arguments[0]}.")
    for file in (path, root / NAMES):
        directive.env.note_dependency(str(file))
    language = "zh" if directive.config.language.startswith("zh") else "en"
    result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return result, read_names(root / NAMES, language)


def tables(result: dict[str, Any], names: Names) -> str:
    """Draw a result: single values and groups as rows, a list of records as a table of its own.

    >>> names = Names({"exact": "Exact"}, {}, frozenset({"exact"}))
    >>> "97.4" in tables({"rows": [{"exact": 0.974}]}, names)
    True
    """
    result = {key: one for key, one in result.items() if key not in UNSHOWN}
    single = {key: one for key, one in result.items() if not isinstance(one, dict | list)}
    html = _pairs("", single, names) if single else ""
    for key, group in result.items():
        if isinstance(group, dict):
            html += _pairs(names.key(key), group, names)
    for key, records in result.items():
        if isinstance(records, list) and records and isinstance(records[0], dict):
            html += _records(names.key(key), records, names)
    return html


def _pairs(caption: str, values: dict[str, Any], names: Names) -> str:
    rows = "".join(
        f'<tr><th scope="row">{names.key(key)}</th><td>{names.value(key, value)}</td></tr>'
        for key, value in values.items()
    )
    return _table(caption, rows, "bft-card-table")


def _records(caption: str, records: list[dict[str, Any]], names: Names) -> str:
    head = "".join(f'<th scope="col">{names.key(key)}</th>' for key in records[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{names.value(k, v)}</td>" for k, v in record.items()) + "</tr>"
        for record in records
    )
    return _table(caption, f"<thead><tr>{head}</tr></thead>{body}", "bft-card-results")


def _table(caption: str, inside: str, kind: str) -> str:
    title = f"<caption>{caption}</caption>" if caption else ""
    return (
        '<div class="table-wrapper docutils container">'
        f'<table class="docutils {kind}">{title}{inside}</table></div>'
    )


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("results", Results)
