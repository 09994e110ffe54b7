"""How long a lesson takes to read, held against the minutes that it states.

Measured at 300 Chinese characters or 180 English words a minute, and four seconds a line of
code. Exercises, folded cells, diagrams and outputs are not counted: a reader may stop at any of
them, or pass by.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bankft.site import catalogue, lesson
from bankft.site.catalogue import Problem
from bankft.site.course import DATA
from bankft.site.rules import prose

CHARACTERS, WORDS = 300, 180  # a minute
CODE = 4  # seconds a line

_CELL = re.compile(r"(?ms)^(`{3,})\{code-cell\}[^\n]*\n((?::[\w-]+:[^\n]*\n)*)(.*?)^\1\s*$")
_ASIDE = re.compile(r"(?ms)^(`{3,}|:{3,})\{(?:lesson|admonition)\}.*?^\1\s*$")
_HIDDEN = re.compile(r"\b(?:exercise|solution|hide-\w+|remove-\w+)\b")


def minutes(page: str) -> float:
    r"""Return how many minutes a page's text and code take to read.

    >>> minutes("基金" * 150), minutes("one word " * 90)
    (1.0, 1.0)
    >>> minutes("```{code-cell}\na = 1\n\nb = 2\n```\n") * 60
    8.0
    """
    code = sum(
        sum(bool(line.strip()) for line in cell[3].splitlines())
        for cell in _CELL.finditer(page)
        if not _HIDDEN.search(cell[2])
    )
    text = "\n".join(line for _, line in prose(_ASIDE.sub("", page)))
    text = re.sub(r"\$[^$]*\$|\]\([^)]*\)|\{[\w:]+\}|^\([\w-]+\)=$", " ", text, flags=re.M)
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z0-9][\w.,%’'-]*", text))
    return chinese / CHARACTERS + words / WORDS + code * CODE / 60


def problems(root: Path) -> Iterator[Problem]:
    """Return the lessons that take longer than they say, and parts that take longer than theirs.

    A page is measured in Chinese and in English.
    """
    yield from _parts(root)
    for page in catalogue.pages(root):
        text = (root / page).read_text("utf-8")
        if "{lesson}" not in text or page.parts[0] != "tutorials":
            continue
        stated = lesson.read(root / page).minutes
        english = catalogue.english(text, catalogue.read(root / catalogue.catalogue_of(page)))
        for language, version in (("Chinese", text), ("English", english)):
            takes = minutes(version)
            if takes > stated:
                said = f"its {language} takes {takes:.1f} minutes to read, and it says {stated}"
                yield Problem(page, 0, said)


def _parts(root: Path) -> Iterator[Problem]:
    if not (root / DATA).exists():
        return
    for part in tomllib.loads((root / DATA).read_text("utf-8"))["part"]:
        pages = [root / f"{page}.md" for page in part["pages"]]
        takes = sum(lesson.read(page).minutes for page in pages if page.exists())
        if takes > part["minutes"]:
            said = f"the pages of {part['en']} take {takes} minutes, and it has {part['minutes']}"
            yield Problem(DATA, 0, said)
