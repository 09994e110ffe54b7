"""Lines over training steps as an SVG: what all charts of runs share."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bankft.display.svg import PALETTE, inline
from bankft.errors import MissingExtra

Points = Sequence[tuple[int, float]]
"""(step, value), in order."""

# In SVG units. On a phone the text is enlarged (style.css), the drawing is not: the margins
# leave room for that.
_WIDTH, _HEIGHT = 560, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 124, 34, 46
_LABEL_GAP = 21


@dataclass(frozen=True)
class Line:
    """A line and how it looks.

    Attributes:
        points: what is drawn.
        label: the words at its end, in its colour; "" for none.
        colour: a name of `bankft.display.svg.PALETTE`.
        dots: measured at some steps only: thicker, with a dot at each of them.
        dashed: stands back behind a line of the same colour.
    """

    points: Points
    label: str
    colour: str
    dots: bool = False
    dashed: bool = False


def draw(
    lines: Sequence[Line],
    *,
    x: str,
    y: str,
    title: str,
    description: str,
    top: float | None = None,
    percent: bool = False,
) -> str:
    """Return an ``<svg>`` of lines from 0 up.

    Args:
        lines: at least one, each with a point.
        x: what the steps are, below the chart.
        y: what the values are, above it.
        title: the accessible name.
        description: what the chart shows, in a sentence or two.
        top: of the scale; None leaves it to the values.
        percent: values are shares from 0 to 1, shown as percent.

    Raises:
        MissingExtra: matplotlib is not installed.

    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, PercentFormatter
    except ImportError:
        raise MissingExtra("A chart", package="matplotlib", extra="notebook") from None
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "bankft", "font.size": 12}
    # The reader's own matplotlibrc must not change the bytes.
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "svg", **settings}):
        figure = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72))
        axes = figure.add_axes(
            (
                _LEFT / _WIDTH,
                _BOTTOM / _HEIGHT,
                (_WIDTH - _LEFT - _RIGHT) / _WIDTH,
                (_HEIGHT - _TOP - _BOTTOM) / _HEIGHT,
            )
        )
        for line in lines:
            axes.plot(
                *zip(*line.points, strict=True),
                color=PALETTE[line.colour],
                linewidth=2 if line.dots else 1.4,
                linestyle=(0, (4, 3)) if line.dashed else "-",
                marker="o" if line.dots or len(line.points) == 1 else None,
                markersize=5,
                clip_on=False,
            )
        steps = [step for line in lines for step, _ in line.points]
        axes.set_xlim(min(steps) if len(set(steps)) > 1 else min(steps) - 1, max(steps))
        most = max(value for line in lines for _, value in line.points)
        axes.set_ylim(0, top or most * 1.05 or 1)
        if percent:
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        axes.grid(axis="y", color=PALETTE["line"], linewidth=1, clip_on=False)
        axes.set_axisbelow(True)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(PALETTE["muted"])
        axes.tick_params(length=0, pad=7, labelcolor=PALETTE["muted"])
        labels = {"@x": x, "@y": y}
        muted: dict[str, Any] = {"color": PALETTE["muted"], "transform": figure.transFigure}
        axes.text(_LEFT / _WIDTH, 1 - 16 / _HEIGHT, "@y", **muted)
        axes.text(1 - _RIGHT / _WIDTH, 6 / _HEIGHT, "@x", ha="right", **muted)
        named = [line for line in lines if line.label]
        for number, (line, height) in enumerate(zip(named, _heights(named, axes), strict=True)):
            labels[f"@{number}"] = line.label
            axes.text(
                1 - (_RIGHT - 8) / _WIDTH,
                (height - 4) / _HEIGHT,
                f"@{number}",
                color=PALETTE[line.colour],
                transform=figure.transFigure,
            )
        return inline(figure, labels, title=title, description=description)


def _heights(lines: Sequence[Line], axes: Any) -> list[float]:
    """Return the height of each line's label in SVG units: its last value, pushed apart.

    matplotlib's pixels are 100 an inch here, an SVG unit is 1/72 inch.
    """
    unit = 72 / axes.figure.dpi
    ends = [axes.transData.transform(line.points[-1])[1] * unit for line in lines]
    order = sorted(range(len(lines)), key=lambda i: -ends[i])  # from above
    for above, below in itertools.pairwise(order):
        ends[below] = min(ends[below], ends[above] - _LABEL_GAP)
    for number, i in enumerate(reversed(order)):  # clear of the ticks below
        ends[i] = max(ends[i], _BOTTOM + _LABEL_GAP * (number + 0.5))
    return ends
