"""Fine-tune language models inside a bank, by supervision (SFT) and by reinforcement (RFT).

What lessons call is here; everything is imported on first use, so that ``import bankft`` costs
next to nothing and needs no optional package.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankft.client import connect, connect_async
    from bankft.jobs import find_model, follow
    from bankft.lang import language

_HOMES = {
    "connect": "bankft.client",
    "connect_async": "bankft.client",
    "find_model": "bankft.jobs",
    "follow": "bankft.jobs",
    "language": "bankft.lang",
}

__all__ = ["connect", "connect_async", "find_model", "follow", "language"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bankft' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
