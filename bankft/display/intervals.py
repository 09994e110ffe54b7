"""An interval that narrows while data come in."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from bankft.display import page, tables
from bankft.display.svg import PALETTE, inline
from bankft.errors import MissingExtra, UsageError
from bankft.lang import language

Point = tuple[int, float, float]

WORDS = {
    "zh": {
        "ends": "{x} {n} 时，区间是 {low:.2f} 到 {high:.2f}。",
        "data": "数据表",
        "low": "下端",
        "high": "上端",
    },
    "en": {
        "ends": "At {n} {x} the interval is {low:.2f} to {high:.2f}.",
        "data": "Data table",
        "low": "lower end",
        "high": "upper end",
    },
}

# In SVG units; the text is enlarged on a phone, the drawing is not.
_WIDTH, _HEIGHT = 560, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 78, 34, 46
_ROWS = 20  # of the table below the chart
_BEGUN = 0.1  # of the way: what comes earlier is so wide that the rest would be a line


def interval_chart(
    points: Sequence[Point], *, x: str, y: str, level: float | None = None, title: str
) -> None:
    """Show how an interval narrows, and whether it comes clear of a level.

    Args:
        points: how many data so far, lower end, upper end; in order. An infinite end is drawn to
            the edge.
        x: what the data are, below the chart.
        y: what the interval is of, above it.
        level: a value worth a line, such as the one that means "no difference".
        title: the line above the chart.

    Raises:
        UsageError: fewer than two points, or none with two finite ends.
        MissingExtra: matplotlib is not installed.

    Example:
        >>> interval_chart([(100, 0.6, 2.1), (900, 1.1, 1.6)], x="customers", y="odds",
        ...                level=1, title="Clicks of v2 against v1")  # doctest: +SKIP

    """
    finite = [one for one in points if math.isfinite(one[1]) and math.isfinite(one[2])]
    if len(points) < 2 or not finite:
        raise UsageError("An interval over time needs two points or more, one with finite ends.")
    words = WORDS[language()]
    n, low, high = points[-1]
    description = words["ends"].format(x=x, n=f"{n:,}", low=low, high=high)
    chart = _draw(points, finite, x, y, level, title, description)
    stride = -(-len(finite) // _ROWS)
    rows = [{x: n, words["low"]: low, words["high"]: high} for n, low, high in finite[::stride]]
    page.show(
        f'<figure class="bft-figure"><figcaption>{escape(title)}</figcaption>'
        f'<div class="bft-frame">{chart}</div><details class="bft-data"><summary>{words["data"]}'
        f"</summary>{tables.as_html(rows)}</details></figure>",
        f"{title}\n{description}",
    )


def _draw(
    points: Sequence[Point],
    finite: Sequence[Point],
    x: str,
    y: str,
    level: float | None,
    title: str,
    description: str,
) -> str:
    try:
        import matplotlib
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError:
        raise MissingExtra("A chart", package="matplotlib", extra="notebook") from None
    begun = [one for one in finite if one[0] >= _BEGUN * points[-1][0]] or list(finite)
    bottom = min([one[1] for one in begun] + ([level] if level is not None else []))
    top = max([one[2] for one in begun] + ([level] if level is not None else []))
    room = 0.05 * (top - bottom) or 1.0
    edges = (bottom - room, top + room)
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "bankft", "font.size": 12}
    # The reader's own matplotlibrc must not change the bytes.
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "svg", **settings}):
        figure = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72))
        width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        axes = figure.add_axes(
            (_LEFT / _WIDTH, _BOTTOM / _HEIGHT, width / _WIDTH, height / _HEIGHT)
        )
        ns, *ends = zip(*points, strict=True)
        # What lies outside is drawn at the edge: not every reader of SVG clips a path.
        low, high = ([min(max(end, edges[0]), edges[1]) for end in some] for some in ends)
        axes.fill_between(ns, low, high, color=PALETTE["rft"], alpha=0.22, linewidth=0)
        for end in (low, high):
            axes.plot(ns, end, color=PALETTE["rft"], linewidth=1.6)
        if level is not None:
            axes.axhline(level, color=PALETTE["ink"], linewidth=1.2, linestyle=(0, (4, 3)))
        axes.set_xlim(min(ns), max(ns))
        axes.set_ylim(*edges)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        axes.grid(axis="y", color=PALETTE["line"], linewidth=1)
        axes.set_axisbelow(True)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(PALETTE["muted"])
        axes.tick_params(length=0, pad=7, labelcolor=PALETTE["muted"])
        labels = {"@x": x, "@y": y}
        muted: dict[str, Any] = {"color": PALETTE["muted"], "transform": figure.transFigure}
        axes.text(_LEFT / _WIDTH, 1 - 16 / _HEIGHT, "@y", **muted)
        axes.text(1 - _RIGHT / _WIDTH, 6 / _HEIGHT, "@x", ha="right", **muted)
        for name, end in (("@low", low[-1]), ("@high", high[-1])):
            labels[name] = f"{points[-1][1 if name == '@low' else 2]:.2f}"
            at = _BOTTOM + height * (end - edges[0]) / (edges[1] - edges[0])
            axes.text(
                1 - (_RIGHT - 8) / _WIDTH, (at - 4) / _HEIGHT, name,
                color=PALETTE["rft"], transform=figure.transFigure,
            )  # fmt: skip
        return inline(figure, labels, title=title, description=description)
