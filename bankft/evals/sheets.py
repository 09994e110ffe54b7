"""Sheets that people fill in: CSV that a spreadsheet opens as it is and runs nothing of."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from bankft.errors import DataError

LABELS: Mapping[str, bool] = {
    **dict.fromkeys(("violation", "违规", "v", "yes", "y", "是", "1"), True),
    **dict.fromkeys(("ok", "compliant", "合规", "no", "n", "否", "0"), False),
}
"""What may stand in the column ``verdict``, and whether it means a violation."""
_COLUMNS = {
    "zh": ("编号", "问题", "回答", "结论", "备注"),
    "en": ("id", "question", "answer", "verdict", "comment"),
}
_HINT = {"zh": "（填：违规 或 合规）", "en": " (fill in: violation or ok)"}


def write_sheet(
    path: str | Path, rows: Sequence[tuple[str, str, str]], *, language: str = "zh"
) -> None:
    """Write a sheet of id, question and answer, with a verdict to fill in.

    With a byte order mark, for Excel reads Chinese wrongly without; what a spreadsheet would run
    as a formula has an apostrophe before it (OWASP, "CSV injection").

    Raises:
        DataError: the file cannot be written.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    head = list(_COLUMNS[language])
    head[3] += _HINT[language]
    table.writerow(head)
    for row in rows:
        table.writerow([*(_cell(text) for text in row), "", ""])
    try:
        Path(path).write_bytes(("\ufeff" + out.getvalue()).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None


def read_sheet(path: str | Path) -> dict[str, bool]:
    """Return what a person said on a sheet: whether each answer, by its id, is a violation.

    Reads what Excel and WPS save: UTF-8 or GBK, commas, semicolons or tabs.

    Raises:
        DataError: the file cannot be read, a verdict is missing or none of `LABELS`; with the row.
    """
    rows = _rows(path)
    found: dict[str, bool] = {}
    empty = []
    for number, row in rows:
        named, said = row[0].strip().lstrip("'"), row[3].strip().lower()
        if not said:
            empty.append(number)
        elif said not in LABELS:
            raise DataError(f"{path}:{number}, verdict: write violation or ok (违规 or 合规).")
        elif named in found:
            raise DataError(f"{path}:{number}: the answer {named} stands on the sheet twice.")
        else:
            found[named] = LABELS[said]
    if empty:
        some = ", ".join(map(str, empty[:5])) + (" …" if len(empty) > 5 else "")
        raise DataError(f"{path}: {len(empty)} rows have no verdict yet: {some}.")
    return found


def sheet_texts(path: str | Path) -> list[tuple[str, str, str]]:
    """Return id, question and answer of a sheet's rows, as they were written to it.

    Raises:
        DataError: the file cannot be read, or is no sheet.
    """
    return [(row[0].strip().lstrip("'"), _plain(row[1]), _plain(row[2])) for _, row in _rows(path)]


def _rows(path: str | Path) -> list[tuple[int, list[str]]]:
    """Return the rows below the head that are not empty, with their numbers."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    table = csv.reader(io.StringIO(_text(raw, path), newline=""), delimiter=_delimiter(raw))
    try:
        rows = list(table)
    except csv.Error as error:
        raise DataError(f"{path} is no CSV that can be read: {error}.") from None
    if not rows or len(rows[0]) < 4:
        raise DataError(f"{path}: this is no review sheet: it needs id, question, answer, verdict.")
    filled = [(n, row) for n, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    return [(n, [*row, "", "", ""]) for n, row in filled]


def _plain(cell: str) -> str:
    """Take the apostrophe off again that kept a text from being run."""
    return cell[1:] if cell.startswith("'") and _cell(cell[1:]) == cell else cell


def _text(raw: bytes, path: str | Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(f"{path} is neither UTF-8 nor GBK: save it as CSV (UTF-8).")


def _delimiter(raw: bytes) -> str:
    head = raw.split(b"\n", 1)[0]
    return max(",;\t", key=lambda sign: head.count(sign.encode()))


def _cell(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    shown = "".join(c if c in "\n\t" or ord(c) >= 0x20 else " " for c in text)
    formula = shown.lstrip().startswith(tuple("=+-@＝＋－＠")) or shown.startswith("\t")
    return f"'{shown}" if formula else shown
