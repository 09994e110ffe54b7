"""How a whole divides: one stacked bar a row, for shares that add up to 1."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from bankft.display import page
from bankft.display.bars import COLOURS
from bankft.display.svg import var
from bankft.errors import UsageError


def shares(
    rows: Mapping[str, Mapping[str, float]],
    *,
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
) -> None:
    """Show how each row divides among the same parts, as a stacked bar from 0 to 100%.

    Args:
        rows: label → part → its share, 0 to 1; the shares of a row add up to 1. Every row has
            the parts of the first one, four at most.
        title: one line above the bars.
        colours: a colour a part: ``muted``, ``sft``, ``rft``, ``rules``.

    Raises:
        UsageError: no row, other parts than the first row's, more parts than colours, an unknown
            colour, or shares that do not add up to 1.

    Example:
        >>> shares({"start": {"A": 0.3, "B": 0.7}, "trained": {"A": 0.9, "B": 0.1}})
        A  B
        start: 30.0% · 70.0%
        trained: 90.0% · 10.0%

    """
    parts = list(next(iter(rows.values()), {}))
    if not parts or len(parts) > len(colours):
        raise UsageError(f"shares() shows 1 to {len(colours)} parts here, not {len(parts)}.")
    if unknown := sorted(set(colours) - set(COLOURS)):
        raise UsageError(f"{unknown[0]!r} is no colour of a bar: use {', '.join(COLOURS)}.")
    legend = "".join(
        f'<span><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="3" '
        f'fill="{var(colour)}" fill-opacity="0.7"/></svg> {escape(part)}</span>'
        for part, colour in zip(parts, colours, strict=False)
    )
    html, lines = "", [*([title] if title else []), "  ".join(parts)]
    for label, row in rows.items():
        values = _values(label, row, parts)
        said = " · ".join(f"{100 * value:.1f}%" for value in values)
        html += (
            f'<div class="bft-bar"><span class="bft-bar-label">{escape(label)}</span>'
            f'<span class="bft-bar-value">{said}</span>{_track(values, colours)}</div>'
        )
        lines.append(f"{label}: {said}")
    caption = f"<figcaption>{escape(title)}</figcaption>" if title else ""
    page.show(
        f'<figure class="bft-bars">{caption}<div class="bft-legend">{legend}</div>{html}</figure>',
        "\n".join(lines),
    )


def _values(label: str, row: Mapping[str, float], parts: list[str]) -> list[float]:
    if list(row) != parts:
        raise UsageError(f"{label!r} has the parts {list(row)}, the first row has {parts}.")
    values = list(row.values())
    if not all(0 <= value <= 1 for value in values) or not math.isclose(sum(values), 1):
        raise UsageError(f"The shares of {label!r} add up to {sum(values):.3g}: they must make 1.")
    return values


def _track(values: list[float], colours: Sequence[str]) -> str:
    """Draw one bar in percent of whatever width there is; its words stand beside it as text."""
    drawn, start = "", 0.0
    for value, colour in zip(values, colours, strict=False):
        drawn += (
            f'<rect x="{100 * start:.2f}%" width="{100 * value:.2f}%" height="18" '
            f'fill="{var(colour)}" fill-opacity="0.7"/>'
        )
        start += value
    return f'<svg class="bft-track" width="100%" height="18" aria-hidden="true">{drawn}</svg>'
