"""How a page is written, checked on its source: labels, headings, one paragraph a line, terms."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from bankft.site.catalogue import Problem, catalogue_of, pages, read
from bankft.site.units import FENCE, body_kind, closes

GLOSSARY = Path("docs/data/glossary.toml")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_LABEL = re.compile(r"^\(([a-z][a-z0-9-]*)\)=$")
_NUMBERED = re.compile(
    r"^(?:\d+(?:[.\-]\d+)*[.、)）]\s*|\d+(?:\.\d+)+\s|第?[一二三四五六七八九十]+[、章节．])"
)
_STRONG = re.compile(r"(?<!\*)(\*{1,2})(?![\s*])(.+?)(?<![\s*])\1(?!\*)")
_OPENER = re.compile(r"^(?:[*+-]\s|\d+[.)]\s|>|\||:|\(|%|<|#|\+\+\+|\[\^|\$\$|!?\[[^\]]*\]:|---)")


def problems(root: Path) -> list[Problem]:
    """Return what the pages below ``root`` do against the rules."""
    found: list[Problem] = []
    homes: dict[str, Path] = {}
    for page in pages(root):
        text = (root / page).read_text("utf-8")
        found += _page(page, text)
        for number, line in prose(text):
            if label := _LABEL.match(line):
                if label[1] in homes:
                    found.append(
                        Problem(page, number, f"label {label[1]} is also in {homes[label[1]]}")
                    )
                homes.setdefault(label[1], page)
    return found + list(_terms(root))


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield a page's lines outside of front matter, code, diagrams and math, numbered from 1."""
    lines = text.split("\n")
    start = 0
    if lines[0].rstrip() == "---":
        start = next((i for i, line in enumerate(lines) if i and line.rstrip() == "---"), 0) + 1
    stack: list[tuple[str, bool]] = []
    math = False
    for number, line in enumerate(lines[start:], start + 1):
        fence = FENCE.match(line)
        if stack and closes(line, stack[-1][0]):
            stack.pop()
            yield number, ""
        elif stack and not stack[-1][1]:
            continue
        elif math or line.lstrip().startswith("$$"):
            math = math != (line.count("$$") % 2 == 1)
            yield number, ""
        elif fence and (fence["name"] or fence["marks"][0] != ":"):
            listed = fence["name"] == "toctree"  # its lines are entries, not paragraphs
            stack.append((fence["marks"], body_kind(fence) == "prose" and not listed))
            yield number, ""
        else:
            yield number, line


def _page(page: Path, text: str) -> Iterator[Problem]:
    before = ""
    for number, line in prose(text):
        if heading := _HEADING.match(line):
            if not _LABEL.match(before):
                yield Problem(page, number, "put a (label)= on the line before this heading")
            if _NUMBERED.match(heading[1]):
                yield Problem(page, number, "no numbers in headings: the order can change")
        if not _emphasis_holds(line):
            yield Problem(
                page,
                number,
                "this emphasis does not show: move the punctuation at its edge outside the stars",
            )
        bare, above = line.strip(), before.strip()
        if bare and not _OPENER.match(bare):
            starts_paragraph = (
                not above or above.endswith("\\") or re.match(r"[#(%|:<+\[]|\$\$|---", above)
            )
            if not starts_paragraph:
                yield Problem(
                    page, number, "one paragraph a line: join this line to the one before"
                )
        before = line


def _emphasis_holds(line: str) -> bool:
    """Say whether Markdown takes the line's stars as emphasis.

    Stars between a punctuation mark and a character that is neither mark nor space open or close
    nothing, which between Chinese characters, written without spaces, is easily met.

    >>> _emphasis_holds("**微调**（SFT）是"), _emphasis_holds("**微调（SFT）**是")
    (True, False)
    """
    bare = re.sub(r"`[^`]*`|\$[^$]*\$", lambda match: "x" * len(match[0]), line)
    for match in _STRONG.finditer(bare):
        before, after = bare[: match.start()][-1:], bare[match.end() :][:1]
        if (_mark(match[2][0]) and not _edge(before)) or (_mark(match[2][-1]) and not _edge(after)):
            return False
    return True


def _mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _edge(character: str) -> bool:
    return not character or character.isspace() or _mark(character)


def _terms(root: Path) -> Iterator[Problem]:
    """Find words that the glossary replaces, in the pages and in their English."""
    if not (root / GLOSSARY).exists():
        return
    glossary = tomllib.loads((root / GLOSSARY).read_text("utf-8"))["term"]
    avoid = [(word, term) for term in glossary for word in term.get("avoid", [])]
    for page in pages(root):
        for number, line in prose((root / page).read_text("utf-8")):
            for word, term in avoid:
                if not word.isascii() and word in line:
                    yield Problem(page, number, f"write {term['zh']}, not {word}")
        path = catalogue_of(page)
        for message in read(root / path).values():
            for word, term in avoid:
                if word.isascii() and re.search(rf"\b{word}", str(message.string), re.I):
                    yield Problem(path, message.lineno or 0, f"write {term['en']}, not {word}")
