"""What each problem of a data file is called, how grave it is, and what to do about it."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Severity = Literal["error", "warning"]


@cache
def _table() -> dict[str, dict[str, dict[str, Any]]]:
    text = files(__package__).joinpath("wording.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(text)
    return found


def severity(code: str) -> Severity:
    """Return how grave a problem is."""
    found: Severity = _table()["problems"][code]["severity"]
    return found


def say(code: str, language: str, **values: Any) -> str:
    """Return a problem's sentence in ``"zh"`` or ``"en"``."""
    sentence: str = _table()["problems"][code][language]
    return sentence.format(**{name: _name(name, value, language) for name, value in values.items()})


def say_kind(kind: str, language: str) -> str:
    """Return what a kind of personal data is called."""
    return _called("kinds", kind, language)


def _called(table: str, word: str, language: str) -> str:
    found: str = _table()[table][word][language]
    return found


def _name(name: str, value: Any, language: str) -> Any:
    """Return what a value that is a word of ours is called; others are shown as they are."""
    between = "、" if language == "zh" else ", "
    if name in ("part", "field") and value in _table()[name]:
        return _called(name, value, language)
    if name == "cases":
        return between.join(_called("cases", case, language) for case in value)
    if name == "terms":
        return between.join(_term(term, language) for term in value)
    return value


def _term(term: dict[str, Any], language: str) -> str:
    uses, line = f"{term['uses']:,}", f"{term['line']:,}"
    if language == "zh":
        return f"{term['name']}（{uses} 次，如第 {line} 行）"
    return f"{term['name']} ({uses} times, such as line {line})"
