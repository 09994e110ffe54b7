"""Answers that play at their recorded pace: their script, loaded only where there is one."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def _load(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    if "data-bft-beats=" in context.get("body", ""):
        app.add_js_file("bankft-play.js")


def setup(app: Sphinx) -> None:
    """Look at each page before it is written."""
    app.connect("html-page-context", _load)
