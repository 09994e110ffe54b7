"""A few rates with their intervals."""

from collections.abc import Mapping, Sequence
from html import escape

from bankft.display import page
from bankft.display.svg import var
from bankft.errors import UsageError
from bankft.lang import language
from bankft.rates import wilson

WORDS = {
    "zh": {"of": "{k} / {n} = {rate}", "interval": "95% 区间 {low} – {high}"},
    "en": {"of": "{k} of {n} = {rate}", "interval": "95% interval {low} – {high}"},
}

# The base model is grey, SFT and RFT have the colours of their parts of the course.
COLOURS = ("muted", "sft", "rft", "rules")


def bars(
    rates: Mapping[str, tuple[int, int]],
    *,
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
) -> None:
    """Show rates as bars from 0 to 100%, each with its 95% Wilson interval.

    Args:
        rates: label → (k, n): k of n. Four at most, so that each keeps a colour of its own.
        title: one line above the bars.
        colours: a colour a bar: ``muted`` (base), ``sft`` (v1), ``rft`` (v2), ``rules``.

    Raises:
        UsageError: no rate, more than there are colours, an unknown colour, or not a rate.

    Example:
        >>> bars({"基座": (3, 50), "v1": (44, 50)}, title="逐字一致")  # doctest: +SKIP

    """
    if not rates or len(rates) > len(colours):
        raise UsageError(f"bars() shows 1 to {len(colours)} rates here, not {len(rates)}.")
    if unknown := sorted(set(colours) - set(COLOURS)):
        raise UsageError(f"{unknown[0]!r} is no colour of a bar: use {', '.join(COLOURS)}.")
    words = WORDS[language()]
    rows, lines = [], [title] if title else []
    for (label, (k, n)), colour in zip(rates.items(), colours, strict=False):
        low, high = wilson(k, n)
        value = words["of"].format(k=k, n=n, rate=_percent(k / n))
        interval = words["interval"].format(low=_percent(low), high=_percent(high))
        rows.append(
            f'<div class="bft-bar"><span class="bft-bar-label">{escape(label)}</span>'
            f'<span class="bft-bar-value"><b>{value}</b> '
            f'<span class="bft-small">{interval}</span></span>'
            f"{_track(k / n, low, high, colour)}</div>"
        )
        lines.append(f"{label}: {value} ({interval})")
    caption = f"<figcaption>{escape(title)}</figcaption>" if title else ""
    scale = (
        '<div class="bft-scale" aria-hidden="true"><span>0</span><span>50%</span>'
        "<span>100%</span></div>"
    )
    page.show(
        f'<figure class="bft-bars">{caption}{"".join(rows)}{scale}</figure>', "\n".join(lines)
    )


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}%"


def _track(rate: float, low: float, high: float, colour: str) -> str:
    """Draw one bar in percent of whatever width there is; its words stand beside it as text."""
    x1, x2 = (f"{100 * end:.2f}%" for end in (low, high))
    whisker = f'<line x1="{x1}" x2="{x2}" y1="9" y2="9"/>' + "".join(
        f'<line x1="{x}" x2="{x}" y1="5" y2="13"/>' for x in (x1, x2)
    )
    return (
        '<svg class="bft-track" width="100%" height="18" aria-hidden="true">'
        f'<rect width="100%" height="18" rx="4" fill="{var("wash")}"/>'
        f'<rect width="{100 * rate:.2f}%" height="18" rx="4" fill="{var(colour)}" '
        'fill-opacity="0.55"/>'
        f'<g stroke="{var("ink")}" stroke-width="1.5">{whisker}</g></svg>'
    )
