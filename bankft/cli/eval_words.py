"""How the commands of ``bankft eval`` show figures."""

from collections.abc import Mapping
from typing import Any


def figure_rows(summary: Mapping[str, Any]) -> list[list[Any]]:
    """Return the figures of a run's summary as rows of a table."""
    if "violations" not in summary:
        return []
    one = summary["violations"]
    rows = [_rate("violation rate", one)]
    confidence = f"{100 * summary['confidence']:g}%"
    bound = f"<= {100 * one['upper']:.3f}% ({confidence})"
    rows.append(["violation bound", bound, "one-sided", one["answers"], one["questions"]])
    for name, figure in summary["metrics"].items():
        if figure["kind"] == "rate":
            rows.append(_rate(name, figure))
        elif figure["kind"] == "mean":
            ends = (figure["low"], figure["high"])
            interval = "" if None in ends else f"{ends[0]:.3f} - {ends[1]:.3f}"
            value = f"{figure['value']:.3f}"
            rows.append([name, value, interval, figure["answers"], figure["questions"]])
    if "perplexity" in summary:
        rows.append(["perplexity", f"{summary['perplexity']:.3f}", "", summary["answers"], ""])
    if "calibration" in summary:
        rows.append(["calibration (ECE)", f"{summary['calibration']['ece']:.3f}", "", "", ""])
        rows.append(["Brier score", f"{summary['calibration']['brier']:.3f}", "", "", ""])
    for name in ("p50", "p90", "p99"):
        rows.append([f"latency {name}", f"{summary['latency'][name]:.2f} s", "", "", ""])
    if "use" in summary["tokens"]:
        rows.append(["token use", f"{100 * summary['tokens']['use']:.1f}%", "", "", ""])
    return rows


def _rate(name: str, one: Mapping[str, Any]) -> list[Any]:
    interval = f"{100 * one['low']:.2f}% - {100 * one['high']:.2f}%"
    return [name, f"{100 * one['value']:.2f}%", interval, one["answers"], one["questions"]]
