"""Turn a matplotlib figure into an SVG that belongs to the page around it.

matplotlib places lines, ticks and labels; what it writes beside them does not fit a page and is
replaced here:

- text is text, in the reader's own fonts. While drawing, a label is a short stand-in, so that no
  font is asked for Chinese characters; ``text-anchor`` then places the real words;
- a colour is ``var(--bft-…, light colour)`` and follows light and dark;
- there is no date, no font name, no random id, and coordinates have one decimal.
"""

import hashlib
import io
import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PALETTE = {
    "ink": "#1c2526",
    "muted": "#566466",
    "line": "#dfe5e4",
    "paper": "#ffffff",
    "wash": "#f4f7f6",
    "sft": "#0b6b66",
    "rft": "#7a4b12",
    "rules": "#3f4a8a",
}
"""The light colours of the site's look; a chart is drawn in these and shown in the theme's."""

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"

_shown: Counter[str] = Counter()


def var(name: str) -> str:
    """Return a colour of the palette as CSS: the theme's, else the light one."""
    return f"var(--bft-{name}, {PALETTE[name]})"


def inline(figure: "Figure", labels: dict[str, str], *, title: str, description: str) -> str:
    """Return a figure as an ``<svg>`` element for an HTML page.

    Args:
        figure: drawn in the colours of :data:`PALETTE`.
        labels: the stand-in drawn → the words to show.
        title: the accessible name.
        description: one or two sentences that say what the chart shows.

    """
    file = io.BytesIO()
    # Without a date, and with ids that depend on the drawing alone.
    figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    drawing = ElementTree.fromstring(file.getvalue())
    body = "\n".join(_elements(drawing, labels))
    key = _unique(hashlib.sha256(f"{title}\0{description}\0{body}".encode()).hexdigest()[:8])
    body = body.replace("@ID@", key)
    return (
        f'<svg class="bft-chart" viewBox="{drawing.get("viewBox")}" width="100%" role="img" '
        f'aria-labelledby="{key}-title {key}-desc" fill="none" stroke-linejoin="round">'
        f'<title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(description)}</desc>\n{body}\n</svg>'
    )


def _unique(digest: str) -> str:
    """Return an id that no other chart of this page has, and that is the same on every run."""
    _shown[digest] += 1
    return f"bft-{digest}" + (f"-{_shown[digest]}" if _shown[digest] > 1 else "")


def _elements(drawing: ElementTree.Element, labels: dict[str, str]) -> list[str]:
    """Flatten matplotlib's nested groups into the few elements that draw something."""
    parents = {child: parent for parent in drawing.iter() for child in parent}
    out = []
    for element in drawing.iter():
        kind = element.tag.removeprefix(_SVG)
        in_defs = parents.get(element, drawing).tag == f"{_SVG}defs"
        style = _colours(element.get("style", ""))
        if kind == "path":
            d = _rounded(" ".join(element.get("d", "").split()))
            if in_defs:  # the shape of a marker, drawn below by <use>
                out.append(f'<defs><path id="@ID@-{element.get("id")}" d="{d}"/></defs>')
            else:
                out.append(f'<path d="{d}" style="{style}"/>')
        elif kind == "use":
            shape = element.get(_HREF, "").removeprefix("#")
            x, y = (_rounded(element.get(axis, "0")) for axis in "xy")
            out.append(f'<use href="#@ID@-{shape}" x="{x}" y="{y}" style="{style}"/>')
        elif kind == "text":
            out.append(_text(element, labels))
    return out


def _text(element: ElementTree.Element, labels: dict[str, str]) -> str:
    style = element.get("style", "")
    anchor = re.search(r"text-anchor: (\w+)", style)
    colour = re.search(r"fill: (#\w+)", style)
    x, y = (_rounded(element.get(axis, "0")) for axis in "xy")
    words = element.text or ""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor[1] if anchor else "start"}" font-size="12" '
        f'fill="{_colours(colour[1] if colour else PALETTE["ink"])}">'
        f"{escape(labels.get(words, words))}</text>"
    )


def _colours(style: str) -> str:
    for name, colour in PALETTE.items():
        style = style.replace(colour, var(name))
    return style


def _rounded(numbers: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), numbers)
