"""A page as a notebook to download: plain Markdown and code, without outputs or solutions.

``<page>.ipynb`` is the learner's; where a page has cells tagged ``solution``, they are left out
of it and kept in ``<page>-solutions.ipynb``.
"""

import hashlib
import re
from pathlib import Path

import jupytext
import nbformat
from myst_nb.core.read import is_myst_markdown_notebook
from nbformat import NotebookNode
from sphinx.application import Sphinx

_FENCE = re.compile(r"^(\s*)(`{3,}|:{3,})\{([\w:-]+)\}[ \t]*(.*)$")
_ROLE = re.compile(r"\{([\w:.-]+)\}`([^`]+)`")
_RELATIVE = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|mailto:)[^)]*\)")
_ADMONITIONS = {
    "zh": {
        "note": "注意",
        "tip": "提示",
        "hint": "提示",
        "important": "重要",
        "warning": "警告",
        "caution": "小心",
        "danger": "危险",
        "error": "错误",
        "attention": "注意",
        "seealso": "另见",
    },
    "en": {
        "note": "Note",
        "tip": "Tip",
        "hint": "Hint",
        "important": "Important",
        "warning": "Warning",
        "caution": "Caution",
        "danger": "Danger",
        "error": "Error",
        "attention": "Attention",
        "seealso": "See also",
    },
}
_LESSON = {"zh": ("你要做", "你会学到", "你需要"), "en": ("You do", "You learn", "You need")}
_LANGUAGE_CELL = {
    "zh": "# 这本笔记本用中文运行；bankft 的装法见课程首页",
    "en": "# This notebook runs in English; the course's home page says how to install bankft",
}


def notebook(text: str, name: str, language: str, *, solutions: bool = False) -> NotebookNode:
    """Return a page's notebook; the ids of its cells depend on the page's name alone."""
    found = jupytext.reads(text, fmt="md:myst")
    cells = []
    for cell in found.cells:
        tags = cell.metadata.get("tags", [])
        if "solution" in tags and not solutions:
            continue
        if cell.cell_type == "markdown":
            source = plain(cell.source, language)
            if source:
                cells.append(nbformat.v4.new_markdown_cell(source))
        elif cell.cell_type == "code":
            metadata = {"tags": tags} if tags else {}
            cells.append(nbformat.v4.new_code_cell(cell.source, metadata=metadata))
    first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    setting = f'{_LANGUAGE_CELL[language]}\nimport os\n\nos.environ["BANKFT_LANG"] = "{language}"'
    cells.insert(first, nbformat.v4.new_code_cell(setting))
    for at, cell in enumerate(cells):
        cell["id"] = hashlib.sha256(f"{name}:{at}".encode()).hexdigest()[:8]
    made = nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.validate(made)
    return made


def has_solutions(text: str) -> bool:
    """Say whether any cell of a page is tagged ``solution``."""
    found = jupytext.reads(text, fmt="md:myst")
    return any("solution" in cell.metadata.get("tags", []) for cell in found.cells)


def plain(source: str, language: str) -> str:
    r"""Turn MyST into the Markdown that a notebook shows.

    >>> plain("(a)=\n## 数据\n见 {ref}`表 <t>`。", "zh")
    '## 数据\n见 表。'
    """
    lines = _block(source.split("\n"), language)
    text = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _block(lines: list[str], language: str) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        opening = _FENCE.match(line)
        if opening:
            end = _end(lines, at, opening[2])
            body = lines[at + 1 : end]
            out += _directive(opening[3], opening[4].strip(), body, language)
            at = end + 1
            continue
        if re.match(r"^\s*(`{3,}|~{3,})", line):
            marks = re.match(r"^\s*(`{3,}|~{3,})", line)[1]  # type: ignore[index]
            end = _end(lines, at, marks)
            out += lines[at : end + 1]
            at = end + 1
            continue
        if not (re.match(r"^\([\w-]+\)=\s*$", line) or line.startswith(("% ", "+++"))):
            out.append(_inline(line))
        at += 1
    return out


def _end(lines: list[str], start: int, marks: str) -> int:
    for at in range(start + 1, len(lines)):
        bare = lines[at].strip()
        if len(bare) >= len(marks) and set(bare) == {marks[0]}:
            return at
    return len(lines)


def _inline(line: str) -> str:
    """Roles become their text; links to other pages too, which a notebook cannot follow."""

    def role(match: re.Match[str]) -> str:
        name, content = match.groups()
        named = re.match(r"^(.*?)\s*<[^>]*>$", content, re.S)
        shown = named[1] if named else content
        if name in ("code", "py:func", "py:class", "py:mod", "file", "command"):
            return f"`{shown}`"
        if name == "math":
            return f"${shown}$"
        return shown

    return _RELATIVE.sub(r"\1", _ROLE.sub(role, line))


def _directive(name: str, title: str, body: list[str], language: str) -> list[str]:
    options, body = _options(body)
    if name == "lesson":
        labels = zip(_LESSON[language], ("do", "learn", "need"), strict=True)
        return [f"- **{label}**: {_inline(options.get(key, ''))}" for label, key in labels]
    if name == "mermaid":
        return ["```mermaid", *body, "```"]
    if name == "math":
        return ["$$", *body, "$$"]
    if name in ("code-block", "code", "sourcecode"):
        return [f"```{title}", *body, "```"]
    if name in ("image", "figure"):
        return [f"![{options.get('alt', '')}]({title})", "", *_block(body, language)]
    inside = _block(body, language)
    kind = _ADMONITIONS[language].get(name)
    if kind or name in ("admonition", "dropdown"):
        heading = _inline(title) or kind or ""
        return ["", *(f"> {x}".rstrip() for x in [f"**{heading}**", "", *_trim(inside)]), ""]
    if title and name not in ("grid", "tab-set", "toctree", "list-table", "csv-table"):
        inside = [f"**{_inline(title)}**", "", *inside]
    return ["", *inside, ""] if name not in ("toctree", "course-tree") else []


def _options(body: list[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    at = 0
    while at < len(body) and (match := re.match(r"^\s*:([\w-]+):[ \t]*(.*)$", body[at])):
        options[match[1]] = match[2].strip()
        at += 1
    return options, body[at:]


def _trim(lines: list[str]) -> list[str]:
    return "\n".join(lines).strip().split("\n")


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    for name in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(name))
        text = path.read_text("utf-8") if path.suffix == ".md" else ""
        if not is_myst_markdown_notebook(text) or "{code-cell}" not in text:
            continue
        language = app.config.language[:2]
        target = Path(app.outdir, name)
        for suffix, solutions in (("", False), ("-solutions", True)):
            if solutions and not has_solutions(text):
                continue
            made = notebook(text, name + suffix, language, solutions=solutions)
            out = target.with_name(target.name + suffix + ".ipynb")
            out.write_text(nbformat.writes(made) + "\n", "utf-8", newline="\n")


def setup(app: Sphinx) -> None:
    """Write the notebooks beside the pages when these are done."""
    app.connect("build-finished", _write)
