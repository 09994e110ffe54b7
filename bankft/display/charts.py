"""Charts of a training run, drawn from the rows of its metrics (:func:`bankft.jobs.metrics`).

A chart has two lines at most, labelled at their ends; validation is measured at some steps only
and therefore has dots. All measured values are one click away, in a table below the chart.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bankft.display import page, tables
from bankft.display.lines import Line, draw
from bankft.errors import UsageError
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
    chart = draw(
        [
            Line(
                points,
                f"{words[name]} {_value(points[-1][1], what)}",
                "muted" if name == "train" else "sft",
                dots=name == "valid",
            )
            for name, points in lines.items()
        ],
        x=words["step"],
        y=words[f"y_{what}"],
        title=title,
        description=description,
        top=1 if what in ("accuracy", "reward") else None,
        percent=what == "accuracy",
    )
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
