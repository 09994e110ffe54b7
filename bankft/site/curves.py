"""The directive ``{curves}``: what the runs of an experiment came to, by training step."""

import json
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft.display.lines import Line, Points, draw
from bankft.site.results import NAMES, Names, read_names

COLOURS = ("sft", "rft", "rules", "muted")


class Curves(SphinxDirective):
    """The directive ``{curves} path/to.json``: its ``curves``, shares by step.

    They are named ``kind seed``: a colour a kind, a line a seed.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the result, a path from the root of the project, and the names of its kinds."""
        root = Path(self.config.bankft_root)
        path = root / self.arguments[0]
        if not path.is_file():
            raise self.error(f"There is no result {self.arguments[0]}.")
        for file in (path, root / NAMES):
            self.env.note_dependency(str(file))
        language = "zh" if self.config.language.startswith("zh") else "en"
        curves = json.loads(path.read_text("utf-8"))["curves"]
        return [nodes.raw("", chart(curves, read_names(root / NAMES, language)), format="html")]


def chart(curves: dict[str, Points], names: Names) -> str:
    """Draw the curves, each kind named at the end of its first line.

    >>> names = Names({"curves": "Solved", "step": "step", "a": "kind A"}, {}, frozenset())
    >>> "kind A" in chart({"a 1": [[0, 0.2], [5, 0.4]]}, names)
    True
    """

    def called(key: str) -> str:  # what draws escapes
        return unescape(names.key(key))

    kinds = list(dict.fromkeys(name.rsplit(" ", 1)[0] for name in curves))
    lines, named = [], set()
    for name, points in curves.items():
        kind = name.rsplit(" ", 1)[0]
        label = "" if kind in named else called(kind)
        named.add(kind)
        lines.append(Line([(step, value) for step, value in points], label, _colour(kinds, kind)))
    ends = (
        f"{called(kind)}: "
        + ", ".join(f"{100 * c[-1][1]:.0f} %" for n, c in curves.items() if n.startswith(kind))
        for kind in kinds
    )
    title = called("curves")
    svg = draw(
        lines, x=called("step"), y="", title=title, description="; ".join(ends), percent=True
    )
    return (
        f'<figure class="bft-figure"><figcaption>{escape(title)}</figcaption>'
        f'<div class="bft-frame">{svg}</div></figure>'
    )


def _colour(kinds: list[str], kind: str) -> str:
    return COLOURS[kinds.index(kind) % len(COLOURS)]


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("curves", Curves)
