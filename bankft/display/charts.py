"""Charts of a training run, drawn from the rows of its metrics (:func:`bankft.jobs.metrics`).

A chart has two lines at most, labelled at their ends; validation is measured at some steps only
and therefore has dots. All measured values are one click away, in a table below the chart.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bankft.display import page, tables
from bankft.display.svg import PALETTE, inline
from bankft.errors import MissingExtra, UsageError
from bankft.lang import language

Metrics = Sequence[Mapping[str, Any]]

WORDS = {
    "zh": {
        "loss": "训练中的损失",
        "accuracy": "训练中的逐词元准确率",
        "reward": "训练中的平均奖励",
        "kl": "离初始策略的距离（KL）",
        "train": "训练",
        "valid": "验证",
        "step": "训练步",
        "y_loss": "损失",
        "y_accuracy": "准确率",
        "y_reward": "奖励",
        "y_kl": "奈特/词元",
        "run": "第 {first} 步到第 {last} 步。",
        "line": "{name}：从 {start} 到 {end}。",
        "data": "数据表",
        "every": "每 {stride} 步一行，另有全部验证点",
    },
    "en": {
        "loss": "Loss during training",
        "accuracy": "Token accuracy during training",
        "reward": "Mean reward during training",
        "kl": "Distance from the initial policy (KL)",
        "train": "train",
        "valid": "valid",
        "step": "training step",
        "y_loss": "loss",
        "y_accuracy": "accuracy",
        "y_reward": "reward",
        "y_kl": "nats a token",
        "run": "Step {first} to step {last}.",
        "line": "{name}: from {start} to {end}.",
        "data": "Data table",
        "every": "every {stride} steps, and each validation",
    },
}

# In SVG units. On a phone the text is enlarged (style.css), the drawing is not: the margins
# leave room for that.
_WIDTH, _HEIGHT = 560, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 124, 34, 46
_LABEL_GAP = 21
_TABLE_ROWS = 60


def loss_chart(rows: Metrics, *, title: str | None = None) -> None:
    """Show training and validation loss by step.

    Args:
        rows: a job's metrics: ``step``, ``train_loss`` and, where measured, ``valid_loss`` (else
            ``full_valid_loss`` is drawn); a value that was not measured is None. Loss is the mean
            cross-entropy of a token, in nats.
        title: the line above the chart.

    Raises:
        UsageError: there are no rows, or no value to draw in them.
        MissingExtra: matplotlib is not installed.

    Example:
        >>> loss_chart(metrics(client, job))  # doctest: +SKIP

    """
    _chart(rows, ["train_loss"], ["valid_loss", "full_valid_loss"], "loss", title)


def accuracy_chart(rows: Metrics, *, title: str | None = None) -> None:
    """Show the share of tokens guessed right, by step, from 0 to 100%.

    Args and errors as for :func:`loss_chart`; drawn are ``train_mean_token_accuracy`` and
    ``valid_mean_token_accuracy`` (else the full one), between 0 and 1.

    Example:
        >>> accuracy_chart(metrics(client, job))  # doctest: +SKIP

    """
    _chart(
        rows,
        ["train_mean_token_accuracy"],
        ["valid_mean_token_accuracy", "full_valid_mean_token_accuracy"],
        "accuracy",
        title,
    )


def reward_chart(rows: Metrics, *, title: str | None = None) -> None:
    """Show a reinforcement job's mean reward by step, from 0 to 1.

    Args and errors as for :func:`loss_chart`; drawn are ``train_mean_reward`` and, at
    validations, ``full_valid_mean_reward``.

    Example:
        >>> reward_chart(metrics(client, job))  # doctest: +SKIP

    """
    _chart(rows, ["train_mean_reward"], ["full_valid_mean_reward"], "reward", title)


def kl_chart(rows: Metrics, *, title: str | None = None) -> None:
    """Show how far a reinforcement job's model is from the one it started from.

    Args and errors as for :func:`loss_chart`; drawn is ``kl``, nats a token.

    Example:
        >>> kl_chart(metrics(client, job))  # doctest: +SKIP

    """
    _chart(rows, ["kl"], [], "kl", title)


def _chart(rows: Metrics, train: list[str], valid: list[str], what: str, title: str | None) -> None:
    words = _words(what)
    title = title or words[what]
    lines = {"train": _points(rows, train), "valid": _points(rows, valid)}
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        raise UsageError(
            "There is nothing to draw: no row has a value for step and "
            f"{' or '.join(train + valid)}."
        )
    steps = [step for points in lines.values() for step, _ in points]
    description = words["run"].format(first=min(steps), last=max(steps))
    for name, points in lines.items():
        start, end = (_value(points[i][1], what) for i in (0, -1))
        description += " " + words["line"].format(name=words[name], start=start, end=end)
    chart = _draw(lines, what, title, description)
    html = (
        f'<figure class="bft-figure"><figcaption>{escape(title)}</figcaption>'
        f'<div class="bft-frame">{chart}</div>{_details(rows, [*train, *valid])}</figure>'
    )
    page.show(html, f"{title}\n{description}")


def _words(what: str) -> dict[str, str]:
    # The divergence is one line, of training alone: it is named by what it is.
    return {**WORDS[language()], **({"train": "KL"} if what == "kl" else {})}


def _points(rows: Metrics, keys: list[str]) -> list[tuple[int, float]]:
    """Return (step, value) where the first of the keys that was ever measured has a value."""
    for key in keys:
        if points := [(row["step"], row[key]) for row in rows if row.get(key) is not None]:
            return points
    return []


def _value(value: float, what: str) -> str:
    return f"{100 * value:.1f}%" if what == "accuracy" else f"{value:.3f}"


def _draw(
    lines: dict[str, list[tuple[int, float]]], what: str, title: str, description: str
) -> str:
    try:
        import matplotlib
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator, PercentFormatter
    except ImportError:
        raise MissingExtra("A chart", package="matplotlib", extra="notebook") from None
    words = _words(what)
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
        colours = {"train": PALETTE["muted"], "valid": PALETTE["sft"]}
        for name, points in lines.items():
            axes.plot(
                *zip(*points, strict=True),
                color=colours[name],
                linewidth=1.4 if name == "train" else 2,
                marker="o" if name == "valid" or len(points) == 1 else None,
                markersize=5,
                clip_on=False,
            )
        steps = [step for points in lines.values() for step, _ in points]
        axes.set_xlim(min(steps) if len(set(steps)) > 1 else min(steps) - 1, max(steps))
        top = max(value for points in lines.values() for _, value in points)
        axes.set_ylim(0, 1 if what in ("accuracy", "reward") else top * 1.05 or 1)
        if what == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        axes.grid(axis="y", color=PALETTE["line"], linewidth=1, clip_on=False)
        axes.set_axisbelow(True)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(PALETTE["muted"])
        axes.tick_params(length=0, pad=7, labelcolor=PALETTE["muted"])
        labels = {"@x": words["step"], "@y": words[f"y_{what}"]}
        muted: dict[str, Any] = {"color": PALETTE["muted"], "transform": figure.transFigure}
        axes.text(_LEFT / _WIDTH, 1 - 16 / _HEIGHT, "@y", **muted)
        axes.text(1 - _RIGHT / _WIDTH, 6 / _HEIGHT, "@x", ha="right", **muted)
        for (name, points), y in zip(lines.items(), _label_heights(lines, axes), strict=True):
            labels[f"@{name}"] = f"{words[name]} {_value(points[-1][1], what)}"
            axes.text(
                1 - (_RIGHT - 8) / _WIDTH,
                (y - 4) / _HEIGHT,
                f"@{name}",
                color=colours[name],
                transform=figure.transFigure,
            )
        return inline(figure, labels, title=title, description=description)


def _label_heights(lines: dict[str, list[tuple[int, float]]], axes: Any) -> list[float]:
    """Return the height of each line's label in SVG units: its last value, pushed apart.

    matplotlib's pixels are 100 an inch here, an SVG unit is 1/72 inch.
    """
    unit = 72 / axes.figure.dpi
    ends = [axes.transData.transform(points[-1])[1] * unit for points in lines.values()]
    if len(ends) == 2 and abs(ends[0] - ends[1]) < _LABEL_GAP:
        middle = max(sum(ends) / 2, _BOTTOM + _LABEL_GAP)  # clear of the ticks below
        sign = 1 if ends[0] >= ends[1] else -1
        return [middle + sign * _LABEL_GAP / 2, middle - sign * _LABEL_GAP / 2]
    return ends


def _details(rows: Metrics, keys: list[str]) -> str:
    """Return the chart's values as a folded table; a long run is thinned, its validations stay."""
    words = WORDS[language()]
    keys = [key for key in keys if any(row.get(key) is not None for row in rows)]
    stride = -(-len(rows) // _TABLE_ROWS)
    last = len(rows) - 1
    shown = [
        {key: row.get(key) for key in ["step", *keys]}
        for number, row in enumerate(rows)
        if number % stride == 0
        or number == last
        or any(row.get(key) is not None for key in keys if "valid" in key)
    ]
    every = f"（{words['every']}）" if language() == "zh" else f" ({words['every']})"
    summary = words["data"] + (every.format(stride=stride) if stride > 1 else "")
    return (
        f'<details class="bft-data"><summary>{summary}</summary>{tables.as_html(shown)}</details>'
    )
