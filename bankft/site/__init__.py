"""The bilingual site: translation, execution, search, math, notebooks, and one look.

To Sphinx this is one extension, ``bankft.site``; authors use ``python -m bankft.site``.
"""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

_PARTS = (
    "course",
    "coverage",
    "curves",
    "execute",
    "figures",
    "glossary",
    "languages",
    "lesson",
    "math",
    "notebooks",
    "player",
    "prices",
    "reading_list",
    "results",
    "rft_result",
    "rulebook",
    "search",
    "timeline",
    "vendor",
)


def _digest() -> str:
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(code).hexdigest()


def setup(app: "Sphinx") -> dict[str, Any]:
    """Set up the Sphinx extension: its parts, in an order that does not matter."""
    # where the Chinese source and the project are; the English pages are built from elsewhere
    app.add_config_value("bankft_source", str(app.srcdir), "", types=str)
    app.add_config_value("bankft_root", str(app.confdir), "", types=str)
    # when this room's own code changes, every page is read and written again
    app.add_config_value("bankft_site_digest", _digest(), "env", types=str)
    for part in _PARTS:
        import_module(f"bankft.site.{part}").setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
