"""Several training runs in one chart: one quantity of each, by step."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bankft.display import page, tables
from bankft.display.lines import Line, Points, draw
from bankft.errors import UsageError
from bankft.lang import language

WORDS = {
    "zh": {
        "step": "训练步",
        "solid": "实线是验证，虚线是训练：两次验证之间的平均。",
        "train": "{name}（训练）",
        "valid": "{name}（验证）",
        "line": "{name}：从 {start} 到 {end}。",
        "data": "数据表",
        "every": "数据表（每 {stride} 步一行）",
    },
    "en": {
        "step": "training step",
        "solid": "Solid: validation. Dashed: training, averaged between two validations.",
        "train": "{name} (train)",
        "valid": "{name} (valid)",
        "line": "{name}: from {start} to {end}.",
        "data": "Data table",
        "every": "Data table (every {stride} steps)",
    },
}

COLOURS = ("rft", "sft", "rules", "muted")
_TABLE_ROWS = 60


def runs_chart(
    runs: Mapping[str, Sequence[Mapping[str, Any]]],
    train: str,
    valid: str | None = None,
    *,
    title: str,
    y: str = "",
    percent: bool = False,
) -> None:
    """Show one quantity of several runs by step, a colour a run.

    Args:
        runs: name → a job's metrics (:func:`bankft.jobs.metrics`); four at most.
        train: the column that is drawn, such as ``kl``.
        valid: the column of the same quantity on validation data: it is then the solid line, and
            ``train``, averaged from one validation to the next, the dashed one beside it.
        title: the line above the chart.
        y: what the values are.
        percent: the values are shares from 0 to 1, drawn from 0 to 100%.

    Raises:
        UsageError: no runs or more than four, or one without any value of a column.
        MissingExtra: matplotlib is not installed.

    Example:
        >>> runs_chart({"kl 0": loose, "kl 0.02": held}, "kl", title="KL")  # doctest: +SKIP

    """
    if not 1 <= len(runs) <= len(COLOURS):
        raise UsageError(f"runs_chart() shows 1 to {len(COLOURS)} runs, not {len(runs)}.")
    words = WORDS[language()]
    lines, columns, description = [], {}, []
    for (name, rows), colour in zip(runs.items(), COLOURS, strict=False):
        main = points = _column(name, rows, valid or train)
        if valid:
            points = _between(_column(name, rows, train), main)
            lines.append(Line(points, "", colour, dashed=True))
            columns[words["train"].format(name=name)] = points
        shown = words["valid"].format(name=name) if valid else name
        columns[shown] = main
        start, end = (_value(main[i][1], percent) for i in (0, -1))
        lines.append(Line(main, f"{name} {end}", colour, dots=bool(valid)))
        description.append(words["line"].format(name=shown, start=start, end=end))
    note = f'<p class="bft-small">{words["solid"]}</p>' if valid else ""
    chart = draw(
        lines,
        x=words["step"],
        y=y,
        title=title,
        description=" ".join(description),
        top=1 if percent else None,
        percent=percent,
    )
    page.show(
        f'<figure class="bft-figure"><figcaption>{escape(title)}</figcaption>'
        f'<div class="bft-frame">{chart}</div>{note}{_details(columns)}</figure>',
        "\n".join([title, *description]),
    )


def _column(name: str, rows: Sequence[Mapping[str, Any]], key: str) -> Points:
    points = [(row["step"], row[key]) for row in rows if row.get(key) is not None]
    if not points:
        raise UsageError(f"There is nothing to draw: no row of {name!r} has a value for {key}.")
    return points


def _between(points: Points, looks: Points) -> Points:
    """Return the mean of what was measured after one look and up to the next, for each look."""
    found, last = [], 0
    for step, _ in looks:
        some = [value for at, value in points if last < at <= step]
        if some:
            found.append((step, sum(some) / len(some)))
        last = step
    return found or points


def _value(value: float, percent: bool) -> str:
    return f"{100 * value:.1f}%" if percent else f"{value:.3f}"


def _details(columns: Mapping[str, Points]) -> str:
    words = WORDS[language()]
    values = {name: dict(points) for name, points in columns.items()}
    steps = sorted({step for points in values.values() for step in points})
    stride = -(-len(steps) // _TABLE_ROWS)
    rows = [
        {words["step"]: step} | {name: points.get(step) for name, points in values.items()}
        for number, step in enumerate(steps)
        if number % stride == 0 or step == steps[-1]
    ]
    summary = words["every"].format(stride=stride) if stride > 1 else words["data"]
    return f'<details class="bft-data"><summary>{summary}</summary>{tables.as_html(rows)}</details>'
