"""How large one example, and a training file, may be: a model's limits, from ``limits.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What a model takes.

    Attributes:
        model: The model whose limits these are.
        tokens: Of one example.
        encoding: What its tokens are counted in.
    """

    model: str
    tokens: int
    encoding: str

    def examples(self, method: str) -> float:
        """Return how many examples a training file may have; no number is infinity."""
        return float(_table()["examples"].get(method, "inf"))


def limits_of(model: str) -> Limits:
    """Return a model's limits; those of gpt-4o for one that is not in the table.

    >>> limits_of("gpt-4o-mini-2024-07-18").model, limits_of("ft:bankft-nano:x").tokens
    ('gpt-4o-mini', 1024)
    """
    table = _table()
    name = model.removeprefix("ft:")
    known = [one for one in table["tokens"] if name.startswith(one)]
    base = max(known, key=len, default="gpt-4o")
    encoding = table["encoding"].get(base, "o200k_base")
    return Limits(base, int(table["tokens"][base]), encoding)


@cache
def _table() -> dict[str, Any]:
    text = files(__package__).joinpath("limits.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
