"""The directive ``{curves}``: what the runs of an experiment came to, by training step."""

from html import escape, unescape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft.display.lines import Line, Points, draw
from bankft.site.results import Names, read_result

COLOURS = ("sft", "rft", "rules", "muted")


class Curves(SphinxDirective):
    """The directive ``{curves} path/to.json``: its ``curves``, shares by step.

    They are named ``kind seed``: a colour a kind, a line a seed.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the result, a path from the root of the project, and the names of its kinds."""
        result, names = read_result(self)
        return [nodes.raw("", chart(result["curves"], names), format="html")]


def chart(curves: dict[str, Points], names: Names) -> str:
    """Draw the curves, each kind named at the end of its first line.

    >>> names = Names({"curves": "Solved", "step": "step", "a": "kind A"}, {}, frozenset())
    >>> "kind A" in chart({"a 1": [[0, 0.2], [5, 0.4]]}, names)
    True
    """

    def called(key: str) -> str:  # what draws escapes
        return unescape(names.key(key))

    kinds: dict[str, list[Points]] = {}
    for name, points in curves.items():
        kinds.setdefault(name.rsplit(" ", 1)[0], []).append(points)
    lines, ends = [], []
    for (kind, runs), colour in zip(kinds.items(), COLOURS[: len(kinds)], strict=True):
        for number, points in enumerate(runs):
            lines.append(Line(points, "" if number else called(kind), colour))
        last = ", ".join(f"{100 * points[-1][1]:.0f} %" for points in runs)
        ends.append(f"{called(kind)}: {last}")
    title = called("curves")
    svg = draw(
        lines, x=called("step"), y="", title=title, description="; ".join(ends), percent=True
    )
    return (
        f'<figure class="bft-figure"><figcaption>{escape(title)}</figcaption>'
        f'<div class="bft-frame">{svg}</div></figure>'
    )


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("curves", Curves)
