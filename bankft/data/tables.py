"""Read questions and answers from tables: CSV in any common dialect, and Excel."""

import csv
import datetime
import os
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bankft.data.personal import find_personal
from bankft.data.wording import say
from bankft.errors import DataError, MissingExtra
from bankft.lang import language

Row = tuple[str, dict[str, str] | None, str]  # where it stands, its cells by part, what is wrong

# How people name the columns, in lower case, without spaces and signs.
PARTS: Mapping[str, frozenset[str]] = {
    "question": frozenset(
        [
            "问题",
            "提问",
            "用户问题",
            "客户问题",
            "问句",
            "问",
            "用户",
            "客户",
            "题目",
            "问题内容",
            "咨询内容",
            "输入",
            "用户输入",
            "标准问题",
            "question",
            "questions",
            "query",
            "prompt",
            "q",
            "user",
            "customer",
            "ask",
            "instruction",
            "input",
        ]
    ),
    "answer": frozenset(
        [
            "答案",
            "回答",
            "回复",
            "答复",
            "答",
            "客服",
            "机器人",
            "标准答案",
            "参考答案",
            "标准回答",
            "回答内容",
            "输出",
            "模型输出",
            "answer",
            "answers",
            "completion",
            "response",
            "output",
            "reply",
            "assistant",
            "a",
            "bot",
            "agent",
        ]
    ),
    "system": frozenset(
        ["系统", "系统提示", "系统提示词", "提示词", "system", "systemprompt", "developer"]
    ),
}
HEADER_WITHIN = 10  # rows: a title or a note may stand above the header


def assign(headers: Sequence[str], columns: Mapping[str, str] | None = None) -> dict[str, int]:
    """Return which column holds which part: ``question``, ``answer``, perhaps ``system``.

    Args:
        headers: The header row.
        columns: Part to header, where the names say too little; the others are recognised.

    >>> assign(["编号", "客户问题", "标准答案"])
    {'question': 1, 'answer': 2}
    >>> assign(["a1", "b2"], {"question": "a1", "answer": "b2"})
    {'question': 0, 'answer': 1}
    """
    plain = [_plain(header) for header in headers]
    found: dict[str, int] = {}
    for part, names in PARTS.items():
        if columns and part in columns:
            wanted = _plain(columns[part])
            if wanted in plain:
                found[part] = plain.index(wanted)
            continue
        # Alpaca's instruction and input are both part of the question, and instruction leads.
        places = [i for i, header in enumerate(plain) if header in names]
        if places:
            found[part] = min(places, key=lambda i: (plain[i] != "instruction", i))
    if "instruction" in plain and "input" in plain and "question" not in (columns or {}):
        found["context"] = plain.index("input")
    return found


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", header)).lower()


def _shown(headers: Iterable[str]) -> str:
    """Return header names for a sentence; what may be a customer's data is not shown."""
    names = [header.strip() for header in headers if header.strip()][:20]
    fine = [len(name) <= 20 and not find_personal(name) for name in names]
    return ", ".join(name if ok else "…" for name, ok in zip(names, fine, strict=True)) or "–"


def _rows(
    rows: Iterator[tuple[str, list[str]]], columns: Mapping[str, str] | None
) -> Iterator[Row]:
    """Find the header row, and yield the parts of each row below it."""
    above: list[list[str]] = []
    parts: dict[str, int] = {}
    for _, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        parts = assign(cells, columns)
        if "question" in parts and "answer" in parts:
            break
        above.append(cells)
        if len(above) == HEADER_WITHIN:
            break
    if "question" not in parts or "answer" not in parts:
        if above:
            yield "", None, say("no_columns", language(), found=_shown(above[0]))
        return
    for place, cells in rows:
        found = {p: cells[i].strip() if i < len(cells) else "" for p, i in parts.items()}
        if not any(cell.strip() for cell in cells):
            continue
        empty = [part for part in ("question", "answer") if not found[part]]
        if empty:
            yield place, None, say(f"empty_{empty[0]}", language())
        else:
            yield place, found, ""


def csv_rows(
    lines: Iterator[str], columns: Mapping[str, str] | None = None, delimiter: str | None = None
) -> Iterator[Row]:
    r"""Yield the rows of a CSV text: delimiter recognised, line breaks in quotes kept.

    >>> list(csv_rows(iter(["问题;答案\n", "起购金额？;1 元\n"])))
    [(':2', {'question': '起购金额？', 'answer': '1 元'}, '')]
    """
    ahead: list[str] = []
    for line in lines:
        ahead.append(line)
        if line.strip():
            break
    mark = delimiter or _delimiter(ahead[-1] if ahead else "")
    reader = csv.reader(_chain(ahead, lines), delimiter=mark, strict=True)
    problems: list[str] = []

    def rows() -> Iterator[tuple[str, list[str]]]:
        while True:
            begins = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                problems.append(f":{begins}")
                continue
            yield f":{begins}", [_unquote(cell) for cell in cells]

    for row in _rows(rows(), columns):
        yield row
        while problems:
            yield problems.pop(), None, say("broken_csv", language())
    while problems:
        yield problems.pop(), None, say("broken_csv", language())


def _chain(first: list[str], rest: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _delimiter(header: str) -> str:
    bare = re.sub('"[^"]*"', "", header)
    return max(",;\t|", key=bare.count)


def _unquote(cell: str) -> str:
    """Undo the quote that keeps a spreadsheet from running a cell (see writers)."""
    return cell[1:] if re.match("'[=+\\-@\t\r]", cell) else cell


def excel_rows(
    path: str | os.PathLike[str], columns: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """Yield the rows of every sheet that has a question and an answer column.

    A merged cell counts for all the rows it covers. Numbers and dates read as they are shown.
    A formula gives the value that was stored with it.

    Raises:
        DataError: The file is no Excel workbook, or no sheet has the columns.
        MissingExtra: openpyxl is not installed.
    """
    book = _open(path, data_only=True)
    formulas: Any = None
    unfit = []
    fits = False
    for sheet in book.worksheets:
        merged = _merged(sheet)

        def rows(sheet: Any = sheet, merged: Any = merged) -> Iterator[tuple[str, list[str]]]:
            nonlocal formulas
            for cells in sheet.iter_rows():
                shown = []
                for cell in cells:
                    source = merged.get((cell.row, cell.column), cell)
                    if source.value is None and formulas is None:
                        formulas = _open(path, data_only=False)
                    if source.value is None and formulas is not None:
                        typed = formulas[sheet.title].cell(source.row, source.column)
                        shown.append(_FORMULA if typed.data_type == "f" else "")
                    else:
                        shown.append(_cell(source.value, source.number_format))
                yield f"[{sheet.title}]:{cells[0].row}", shown

        for place, found, problem in _rows(rows(), columns):
            if not place:
                unfit.append((sheet.title, problem))
                break
            fits = True
            if found and _FORMULA in found.values():
                found, problem = None, say("formula", language())
            yield place, found, problem
    if not fits and unfit:
        yield "", None, unfit[0][1]
    for title, problem in unfit if fits else []:
        yield f"[{title}]", None, problem


_FORMULA = "\0formula"


def _open(path: str | os.PathLike[str], *, data_only: bool) -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise MissingExtra("Reading Excel files", package="openpyxl", extra="data") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles that openpyxl does not know
            return openpyxl.load_workbook(path, data_only=data_only)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    except Exception:  # whatever a broken archive of XML makes a parser raise
        raise DataError(
            f"{path} is not an Excel workbook that can be read: open it in Excel and save it as "
            ".xlsx, without a password."
        ) from None


def _merged(sheet: Any) -> dict[tuple[int, int], Any]:
    return {
        (row, column): sheet.cell(area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        if area.size["rows"] * area.size["columns"] < 10_000
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }


def _cell(value: Any, number_format: str) -> str:
    """Return a cell's value as the sheet shows it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d" if value.time() == datetime.time() else "%Y-%m-%d %H:%M")
    if isinstance(value, (int, float)):
        match = re.fullmatch(r"(#,##)?0(?:\.(0+))?(%)?(?:_.*)?", number_format or "")
        if match:
            digits = len(match.group(2) or "")
            number = value * 100 if match.group(3) else value
            return f"{number:{',' if match.group(1) else ''}.{digits}f}{match.group(3) or ''}"
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return str(value)
