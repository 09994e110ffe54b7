"""The English of the site: .po catalogues, applied to the Chinese source before Sphinx sees it.

One catalogue a page, ``docs/locales/en/<page>.po``, in the format that translators' tools open.
What is missing, obsolete or mismatched is found here, exactly, without a Sphinx run.

A translation that must hold Chinese says so: in prose with the role ``{zh}`` around it, in code
with a translator's comment that begins ``chinese:`` and gives the reason.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from bankft.errors import DataError
from bankft.site.units import CHINESE, Unit, translate, units

LOCALES = Path("docs/locales/en")
_HEADER = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
_ROLE = re.compile(r"\{([\w:.-]+)\}(`+)(.+?)\2")
_CODE = re.compile(r"(?<![`}])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_MATH = re.compile(r"(?<![\\$])\$(?!\s)([^$\n]+?)(?<!\s)\$")
_LINK = re.compile(r"\]\(([^)\s]*)|<((?:https?|mailto):[^>]*)>")
_FIELD = re.compile(r"\{[^{}]*\}")
_BY_TARGET = {"ref", "doc", "numref", "eq", "download"}  # roles whose content is no text


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: ``str()`` is the line that a person reads."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.message}"
            if self.line
            else f"{self.path}: {self.message}"
        )


def pages(root: Path) -> list[Path]:
    """Return the site's pages below ``root``, relative to it."""
    found = [root / "index.md", *root.glob("docs/**/*.md"), *root.glob("tutorials/**/*.md")]
    return sorted(
        path.relative_to(root)
        for path in found
        if path.exists() and not any(part[0] in "._" for part in path.relative_to(root).parts)
    )


def catalogue_of(page: Path) -> Path:
    """Return where a page's English is, relative to the root."""
    return LOCALES / page.with_suffix(".po")


def read(path: Path) -> dict[str, Message]:
    """Return a catalogue's messages by their Chinese; a missing file is an empty catalogue.

    Raises:
        DataError: the file is not a catalogue.

    """
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale="en", abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{path} is not a translation catalogue: {error}.") from None
    return {str(message.id): message for message in catalogue if message.id}


def english(text: str, messages: dict[str, Message]) -> str:
    """Return the English page; what has no translation stays Chinese. The lines stay the same."""

    def of(unit: Unit) -> str:
        message = messages.get(unit.text)
        return (
            str(message.string) if message and message.string and not message.fuzzy else unit.text
        )

    return translate(text, of)


def refresh(root: Path) -> list[Problem]:
    """Bring the catalogues up to date with the pages, and return what has no English yet.

    Translations are kept, new texts are added empty, and texts that are gone are dropped.
    A file is only written when it changes.
    """
    wanted = {catalogue_of(page): page for page in pages(root)}
    for path in sorted((root / LOCALES).rglob("*.po")):
        if path.relative_to(root) not in wanted:
            path.unlink()
    missing: list[Problem] = []
    for path, page in wanted.items():
        found = units((root / page).read_text("utf-8"))
        if found:
            _write(root / path, found, read(root / path))
            missing += _compare(path, page, found, read(root / path))
        else:
            (root / path).unlink(missing_ok=True)
    return missing


def problems(root: Path) -> list[Problem]:
    """Return everything that is wrong between the pages and their English."""
    found: list[Problem] = []
    wanted = {catalogue_of(page): page for page in pages(root)}
    for path in sorted((root / LOCALES).rglob("*.po")):
        if path.relative_to(root) not in wanted:
            found.append(Problem(path.relative_to(root), 0, "its page is gone: run translate"))
    for path, page in wanted.items():
        text = (root / page).read_text("utf-8")
        messages = read(root / path)
        listed = units(text)
        found += _compare(path, page, listed, messages)
        known = {unit.text for unit in listed}
        found += [
            Problem(path, message.lineno or 0, f"obsolete: {id_!r}: run translate")
            for id_, message in messages.items()
            if id_ not in known
        ]
        found += _broken(page, text, english(text, messages))
    return found


def write_english(root: Path, out: Path) -> list[Path]:
    """Write the English pages below ``out``, and the files beside the pages as they are.

    A file is only written when it changes, so that Sphinx rebuilds what changed. What has no
    source any more is removed.
    """
    wanted: dict[Path, bytes] = {}
    for page in pages(root):
        text = (root / page).read_text("utf-8")
        wanted[page] = english(text, read(root / catalogue_of(page))).encode()
    for folder in ("docs", "tutorials"):
        for path in (root / folder).rglob("*"):
            relative = path.relative_to(root)
            if path.suffix in (".svg", ".png", ".csv") and "locales" not in relative.parts:
                wanted[relative] = path.read_bytes()
    for path in [p for p in out.rglob("*") if p.is_file() and p.relative_to(out) not in wanted]:
        path.unlink()
    for relative, content in wanted.items():
        target = out / relative
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return sorted(wanted)


def _write(path: Path, found: list[Unit], old: dict[str, Message]) -> None:
    catalogue = Catalog(locale="en", fuzzy=False)
    for unit in found:
        if unit.text in catalogue:
            continue
        before = old.get(unit.text)
        message = catalogue.add(
            unit.text,
            str(before.string) if before else "",
            auto_comments=[unit.kind],
            user_comments=before.user_comments if before else (),
        )
        message.flags.clear()  # babel guesses "python-format" from a percent sign
        if before and before.fuzzy:
            message.flags.add("fuzzy")
    from io import BytesIO

    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True, no_location=True)
    content = (_HEADER + buffer.getvalue().decode().strip() + "\n").encode()
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _compare(
    path: Path, page: Path, found: list[Unit], messages: dict[str, Message]
) -> Iterator[Problem]:
    """Compare each distinct unit of a page with its translation."""
    seen: set[str] = set()
    for unit in found:
        if unit.text in seen:
            continue
        seen.add(unit.text)
        message = messages.get(unit.text)
        if message is None or not message.string:
            yield Problem(page, unit.line, f"no English in {path}: {unit.text!r}")
            continue
        line = message.lineno or 0
        if message.fuzzy:
            yield Problem(path, line, f"fuzzy: check it and remove the mark: {unit.text!r}")
        for fault in faults(unit, str(message.string), list(message.user_comments)):
            yield Problem(path, line, f"{fault}: {unit.text!r}")


def faults(unit: Unit, translation: str, comments: list[str] | None = None) -> list[str]:
    """Return what a translation may not do: keep Chinese, or change code, links, roles or math.

    >>> faults(Unit("见 `connect`", "text", 1), "see `follow`")
    ['other inline code than the Chinese (`connect` / `follow`)']
    """
    found = []
    if "\n" in translation:
        found.append("more than one line")
    deliberate = any(comment.strip().startswith("chinese:") for comment in comments or [])
    if CHINESE.search(re.sub(r"\{zh\}`[^`]*`", "", translation)) and not deliberate:
        found.append("Chinese in the English")
    theirs = _marks(translation, unit.kind)
    for name, marks in _marks(unit.text, unit.kind).items():
        ours, other = Counter(marks), Counter(theirs[name])
        lacking, added = ours - other, other - ours
        for mark in list(lacking.elements()):
            if CHINESE.search(mark) and +added:  # Chinese code may say something else in English
                lacking[mark] -= 1
                added[min((+added).elements())] -= 1
        if +lacking or +added:
            what = " / ".join(
                ", ".join(sorted(count.elements())) or "none" for count in (lacking, added)
            )
            found.append(f"other {name} than the Chinese ({what})")
    return found


def _marks(text: str, kind: str) -> dict[str, list[str]]:
    """Return what must be the same in both languages."""
    if kind == "f-string":
        return {"fields": _FIELD.findall(text)}
    if kind in ("string", "comment", "label", "block", "math"):
        return {}
    roles = [
        f"{{{name}}}" + (_target(name, content))
        for name, _, content in _ROLE.findall(text)
        if name != "zh"
    ]
    bare = _ROLE.sub("", text)
    code = [content for _, content in _CODE.findall(bare)]
    bare = _CODE.sub("", bare)
    return {
        "roles": roles,
        "inline code": [f"`{content}`" for content in code],
        "math": _MATH.findall(bare),
        "links": [first or second for first, second in _LINK.findall(bare)],
    }


def _target(role: str, content: str) -> str:
    named = re.search(r"<([^>]*)>$", content)
    if named and not CHINESE.search(named[1]) and role != "term":
        return f"`{named[1]}`"
    return f"`{content}`" if role in _BY_TARGET or role.startswith("py:") else ""


def _broken(page: Path, chinese: str, translated: str) -> Iterator[Problem]:
    """Find code and front matter that only the translation breaks."""
    for (line, ours), (_, theirs) in zip(_cells(chinese), _cells(translated), strict=True):
        if _parses(ours) and not _parses(theirs):
            yield Problem(page, line, "the translation breaks the code: mind the quotes in it")
    if _front(chinese) is not None and _front(translated) is None:
        yield Problem(page, 1, "the translation breaks the front matter: mind colons and quotes")


def _cells(text: str) -> list[tuple[int, str]]:
    """Return the page's Python cells: first line and code."""
    cells = []
    for match in re.finditer(r"(?ms)^```+\{code-cell\}[^\n]*\n(.*?)^```+\s*$", text):
        code = re.sub(r"\A(?::[\w-]+:.*\n)+", "", match[1])
        cells.append((text.count("\n", 0, match.start(1)) + 1, code))
    return cells


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _front(text: str) -> object | None:
    match = re.match(r"\A---\n(.*?)\n---\n", text, re.S)
    try:
        return yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError:
        return None
