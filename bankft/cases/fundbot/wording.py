"""The phrases of the assistant and its customers, read from ``wording.<language>.toml``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bankft.lang import LANGUAGES
from bankft.lang import language as current_language


@cache
def wording(language: str) -> dict[str, Any]:
    """All phrases of one language, as the file has them."""
    text = files(__package__).joinpath(f"wording.{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


DISCLAIMER: dict[str, str] = {one: wording(one)["disclaimer"] for one in LANGUAGES}
RISK_NOTICE: dict[str, str] = {one: wording(one)["risk_notice"] for one in LANGUAGES}


def system_prompt(language: str | None = None, *, kind: str = "fact") -> str:
    """Return what the assistant is told first; kind ``intent`` has a prompt of its own.

    >>> system_prompt("en")
    "You are Qinghe Bank's fund assistant. Answer from the product facts; promise no return."
    """
    words = wording(language or current_language())
    return str(words["intent"]["system"] if kind == "intent" else words["system"])
