"""What of a page is text to translate: the units, found in the MyST source line by line.

A page is cut into segments, literal text and units in turn; joined again they are the page,
character for character. A unit never spans a line, so a translated page has the same lines as
its source, and an error in the English page points at the Chinese line.

A unit is any text with Chinese in it: a line of prose without its bullet, a heading, a table
cell, a directive's title or option, a front matter value, a comment or a string in code, a
label in a diagram, a line of math.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")

FENCE = re.compile(
    r"^(?P<indent>\s*)(?P<marks>`{3,}|~{3,}|:{3,})[ \t]*(?:\{(?P<name>[^}\s]+)\}|(?P<lang>[\w+-]*))"
    r"(?P<gap>[ \t]*)(?P<title>.*)$"
)
_OPTION = re.compile(r"^(\s*:[\w-]+:(?:[ \t]+|$))(.*?)(\s*)$")
_YAML = re.compile(r"^(\s*(?:- )?[\w.-]+:[ \t]+[\"']?)(.*?)([\"']?\s*)$")
_PROSE = re.compile(
    r"^(\s*(?:(?:#{1,6}|[*+-]|\d+[.)]|:)[ \t]+|>[ \t]*|\[\^[^\]]+\]:[ \t]+)*(?:\[[ xX]\][ \t]+)?)"
    r"(.*?)(\s*)$"
)
_CELL = re.compile(r"((?:\\.|[^|\\])+)", re.S)
_TRIMMED = re.compile(r"^(\s*)(.*?)(\s*)$", re.S)
_CODE = re.compile(
    r"(?P<open>(?<![A-Za-z0-9_])[rRbBuUfF]{0,2}(?P<q>\"{3}|'{3}))(?P<long>(?:\\.|[^\\])*?)(?P=q)"
    r"|(?P<open1>(?<![A-Za-z0-9_])[rRbBuUfF]{0,2}(?P<q1>[\"']))"
    r"(?P<short>(?:\\.|(?!(?P=q1))[^\\\n])*)(?P=q1)"
    r"|(?P<hash>#+[ \t]*)(?P<comment>[^\n]*)",
    re.S,
)
_LEXED = {"python", "py", "ipython3", "ipython", "json", "jsonl", "toml", "yaml", "bash", "sh"}
_LABEL = re.compile(
    r"\"[^\"]*\""  # a quoted label, whole
    r"|^\s*(?:subgraph|title|section|(?:participant|actor)\s+\S+\s+as)\s+"
    r"|[\[\](){}|;]+|:\s+|<?[-=.~]{2,}[->xo)]*"
)


@dataclass(frozen=True)
class Unit:
    """One text to translate: what it says, what it is, and its line (from 1)."""

    text: str
    kind: str
    line: int


Segment = str | Unit


def segments(text: str) -> Iterator[Segment]:
    r"""Cut a page into literal text and units; joined, they are the page again.

    >>> list(segments("# 数据\n\ntext\n"))
    ['# ', Unit(text='数据', kind='heading', line=1), '', '\\n', '', '\\n', 'text', '\\n', '']
    """
    lines = text.split("\n")
    at = 0
    if lines[0].rstrip() == "---":
        while at < len(lines) and (at == 0 or lines[at].rstrip() != "---"):
            yield from _value(lines[at], at + 1, "front matter")
            yield "\n" if at + 1 < len(lines) else ""
            at += 1
    fences: list[str] = []  # the marks of the directives around this line
    math = False
    head = False  # among a directive's options
    while at < len(lines):
        line = lines[at]
        fence = FENCE.match(line)
        if fences and closes(line, fences[-1]):
            fences.pop()
            yield line
        elif math or line.lstrip().startswith("$$"):
            yield from _whole(line, at + 1, "math")
            if (line.count("$$") % 2) == 1:
                math = not math
        elif fence and (fence["name"] or fence["marks"][0] != ":"):
            yield line[: fence.start("title")]
            yield from _whole(fence["title"], at + 1, "title")
            body = body_kind(fence)
            fences.append(fence["marks"])
            if body == "prose":
                head = True
                yield "\n" if at + 1 < len(lines) else ""
                at += 1
                continue
            end = at + 1
            while end < len(lines) and not closes(lines[end], fence["marks"]):
                end += 1
            if end > at + 1:
                yield "\n"
                yield from _verbatim(lines[at + 1 : end], at + 2, body)
            at = end - 1
        elif head and (match := _OPTION.match(line)):
            yield from _parts(match, at + 1, "option")
            yield "\n" if at + 1 < len(lines) else ""
            at += 1
            continue
        else:
            yield from _prose(line, at + 1)
        head = False
        at += 1
        if at < len(lines):
            yield "\n"


def translate(text: str, translation: Callable[[Unit], str]) -> str:
    """Return the page with each unit replaced by its translation."""
    return "".join(part if isinstance(part, str) else translation(part) for part in segments(text))


def units(text: str) -> list[Unit]:
    """Return the units of a page in reading order, repeated ones included."""
    return [part for part in segments(text) if isinstance(part, Unit)]


def closes(line: str, marks: str) -> bool:
    """Say whether a line ends a fence that these marks have opened."""
    bare = line.strip()
    return len(bare) >= len(marks) and set(bare) == {marks[0]}


def body_kind(fence: re.Match[str]) -> str:
    """Return how the lines inside a fence are read: prose, code, diagram, math or verbatim."""
    name = (fence["name"] or "").lower()
    if name == "mermaid" or fence["lang"] == "mermaid":
        return "diagram"
    if name == "math":
        return "math"
    if name in ("code-cell", "code-block", "code", "sourcecode"):
        language = fence["title"].split()[0] if fence["title"].strip() else "python"
        return "code" if language in _LEXED else "verbatim"
    if name in ("eval-rst", "raw", "literalinclude"):
        return "verbatim"
    if name:
        return "prose"
    return "code" if fence["lang"] in _LEXED else "verbatim"


def _verbatim(lines: list[str], number: int, kind: str) -> Iterator[Segment]:
    """Cut the body of a fence that is not prose; its leading options come first."""
    at = 0
    yaml = bool(lines) and lines[0].strip() == "---"
    while at < len(lines):
        if yaml:
            yield from _value(lines[at], number + at, "option")
            yaml = at == 0 or lines[at].strip() != "---"
        elif match := _OPTION.match(lines[at]):
            yield from _parts(match, number + at, "option")
        else:
            break
        at += 1
        yield "\n" if at < len(lines) else ""
        if at and not yaml and not _OPTION.match(lines[at] if at < len(lines) else ""):
            break
    if kind == "code":
        yield from _code("\n".join(lines[at:]), number + at)
        return
    for offset, line in enumerate(lines[at:]):
        yield from (_diagram if kind == "diagram" else _plain(kind))(line, number + at + offset)
        yield "\n" if at + offset + 1 < len(lines) else ""


def _plain(kind: str) -> Callable[[str, int], Iterator[Segment]]:
    return lambda line, number: _whole(line, number, "math" if kind == "math" else "block")


def _whole(text: str, number: int, kind: str) -> Iterator[Segment]:
    match = _TRIMMED.match(text)
    assert match is not None  # every string matches
    yield from _parts(match, number, kind)


def _parts(match: re.Match[str], number: int, kind: str) -> Iterator[Segment]:
    before, text, after = match.groups()
    if CHINESE.search(text):
        yield before
        yield Unit(text, kind, number)
        yield after
    else:
        yield match.group()


def _value(line: str, number: int, kind: str) -> Iterator[Segment]:
    """Cut a line of YAML."""
    match = _YAML.match(line) or _PROSE.match(line)
    assert match is not None  # the second matches every line
    yield from _parts(match, number, kind)


def _prose(line: str, number: int) -> Iterator[Segment]:
    bare = line.lstrip()
    if bare.startswith("% ") or not CHINESE.search(line):  # MyST's own comment is nobody's text
        yield line
    elif bare.startswith("|"):
        for part in _CELL.split(line):
            yield from _whole(part, number, "table cell") if part != "|" else (part,)
    elif match := _PROSE.match(line):
        yield from _parts(match, number, "heading" if bare.startswith("#") else "text")


def _code(code: str, number: int) -> Iterator[Segment]:
    done = 0
    for match in _CODE.finditer(code):
        group = next(g for g in ("long", "short", "comment") if match[g] is not None)
        if not CHINESE.search(match[group]):
            continue
        yield code[done : match.start(group)]
        line = number + code.count("\n", 0, match.start(group))
        kind = "comment" if group == "comment" else _string_kind(match)
        for offset, part in enumerate(match[group].split("\n")):
            yield "\n" if offset else ""
            yield from _whole(part, line + offset, kind)
        done = match.end(group)
    yield code[done:]


def _string_kind(match: re.Match[str]) -> str:
    return "f-string" if "f" in (match["open"] or match["open1"]).lower() else "string"


def _diagram(line: str, number: int) -> Iterator[Segment]:
    done = 0
    for match in _LABEL.finditer(line):
        yield from _whole(line[done : match.start()], number, "label")
        if match.group().startswith('"'):
            yield '"'
            yield from _whole(match.group()[1:-1], number, "label")
            yield '"'
        else:
            yield match.group()
        done = match.end()
    yield from _whole(line[done:], number, "label")
