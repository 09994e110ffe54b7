"""Tables: HTML for a page, aligned text for a terminal."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bankft.display import page
from bankft.errors import UsageError
from bankft.lang import language

Row = Mapping[str, Any] | Sequence[Any]

WORDS = {
    "zh": {"empty": "没有数据", True: "是", False: "否", "table": "表格"},
    "en": {"empty": "No rows", True: "yes", False: "no", "table": "Table"},
}

_NOTHING = "–"
_SHORT = 12  # a column of words up to this wide, in terminal columns, does not wrap


def table(
    rows: Sequence[Row],
    *,
    columns: Mapping[str, str] | Sequence[str] | None = None,
    caption: str | None = None,
) -> None:
    """Show rows as a table; numbers stand right, and those of a column share their decimals.

    Args:
        rows: dicts, or sequences of cells.
        columns: which keys, in which order; a mapping also names their heads. For rows that are
            sequences it is their heads. Without it: the keys of the first row.
        caption: one line above the table.

    Raises:
        UsageError: a row lacks a column or has a cell too many, or the heads are unknown.

    Example:
        >>> table([{"问题": "管理费是多少？", "一致": True}], caption="抽查")  # doctest: +SKIP

    """
    heads, cells, numeric = _layout(rows, columns)
    page.show(_html(heads, cells, numeric, caption), _text(heads, cells, numeric, caption))


def as_html(rows: Sequence[Row], caption: str | None = None) -> str:
    """Return rows as the HTML that :func:`table` shows."""
    return _html(*_layout(rows, None), caption)


def text_table(
    rows: Sequence[Row], *, columns: Mapping[str, str] | Sequence[str] | None = None
) -> str:
    """Return rows as aligned text, in which a Chinese character is two columns wide.

    Args and errors as for :func:`table`.

    >>> print(text_table([{"名": "基座", "n": 5}, {"名": "v1", "n": 50}]))
    名     n
    基座   5
    v1    50
    """
    heads, cells, numeric = _layout(rows, columns)
    return _text(heads, cells, numeric, None)


def _layout(
    rows: Sequence[Row], columns: Mapping[str, str] | Sequence[str] | None
) -> tuple[list[str], list[list[str]], list[bool]]:
    """Return the heads, the cells as text row by row, and which columns hold numbers."""
    if columns is None:
        if rows and not isinstance(rows[0], Mapping):
            raise UsageError("These rows are sequences: name their heads with columns=[…].")
        columns = list(rows[0]) if rows else []
    keys = list(columns)
    heads = list(columns.values()) if isinstance(columns, Mapping) else keys
    values: list[list[Any]] = []
    for number, row in enumerate(rows, 1):
        if isinstance(row, Mapping):
            if missing := [key for key in keys if key not in row]:
                raise UsageError(f"Row {number} has no {missing[0]!r}.")
            values.append([row[key] for key in keys])
        elif len(row) != len(keys):
            raise UsageError(f"Row {number} has {len(row)} cells where {len(keys)} columns stand.")
        else:
            values.append(list(row))
    by_column = [_column([line[i] for line in values]) for i in range(len(keys))]
    cells = [[texts[n] for texts, _ in by_column] for n in range(len(values))]
    return [str(head) for head in heads], cells, [numeric for _, numeric in by_column]


def _column(values: list[Any]) -> tuple[list[str], bool]:
    """Return a column's cells as text, and whether they are numbers."""
    words = WORDS[language()]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    floats = [v for v in numbers if isinstance(v, float) and math.isfinite(v)]
    # A learning rate of 0.00005 must not be shown as 0.0001: such a column keeps its own digits.
    small = any(v and abs(v) < 0.001 for v in floats)
    decimals = max((min(4, _decimals(v)) for v in floats), default=0)

    def text(value: Any) -> str:
        if value is None:
            return _NOTHING
        if isinstance(value, bool):
            return words[value]
        if isinstance(value, float) and math.isfinite(value):
            return f"{value:.3g}" if small else f"{value:.{decimals}f}"
        return str(value)

    # Between numbers, "nothing" does not make the column one of words.
    numeric = bool(numbers) and all(v is None for v in values if v not in numbers)
    return [text(value) for value in values], numeric


def _decimals(value: float) -> int:
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])


def _html(
    heads: list[str], cells: list[list[str]], numeric: list[bool], caption: str | None
) -> str:
    words = WORDS[language()]
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    if not cells:
        return f'<p class="bft-muted">{escape(caption or "")} {words["empty"]}</p>'
    short = [max(_width(line[i]) for line in cells) <= _SHORT for i in range(len(heads))]
    kinds = [
        ' class="bft-num"' if is_number else ' class="bft-short"' if is_short else ""
        for is_number, is_short in zip(numeric, short, strict=True)
    ]
    head = "".join(
        f'<th scope="col"{kind}>{escape(text)}</th>'
        for text, kind in zip(heads, kinds, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{k}>{escape(text)}</td>" for text, k in zip(line, kinds, strict=True))
        + "</tr>"
        for line in cells
    )
    # A wide table scrolls by itself, and by keyboard too: hence a named region with a tab stop.
    return (
        f'<div class="bft-scroll" role="region" tabindex="0" '
        f'aria-label="{escape(caption or words["table"])}">'
        f'<table class="bft-table">{title}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _text(
    heads: list[str], cells: list[list[str]], numeric: list[bool], caption: str | None
) -> str:
    if not cells:
        return " ".join(part for part in (caption, WORDS[language()]["empty"]) if part)
    # One record is one line: a line break inside a cell would shift all that follows.
    lines = [[" ".join(text.split()) for text in line] for line in [heads, *cells]]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(heads))]

    def pad(text: str, width: int, right: bool) -> str:
        space = " " * (width - _width(text))
        return space + text if right else text + space

    body = [
        "  ".join(pad(*cell) for cell in zip(line, widths, numeric, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([caption, *body] if caption else body)


def _width(text: str) -> int:
    """Return how many terminal columns a text takes.

    Wide and full-width characters take two, combining marks none (Unicode UAX #11, #44).
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
