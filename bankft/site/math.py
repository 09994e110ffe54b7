"""Formulas by KaTeX, from the site's own files, loaded only where there is a formula."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    tag = self.starttag(node, "span", "", CLASS="math bft-math notranslate nohighlight")
    self.body.append(f"{tag}{self.encode(node.astext())}</span>")
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "此公式的链接" if self.config.language[:2] == "zh" else "Link")
        self.body.append("</span>")
    self.body.append(f'<div class="bft-math">{self.encode(node.astext())}</div></div>\n')
    raise nodes.SkipNode


def _load(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    if doctree is not None and has_math(doctree):
        app.add_css_file("vendor/katex/katex.min.css")
        app.add_js_file("vendor/katex/katex.min.js")
        app.add_js_file("bankft-math.js")


def has_math(doctree: nodes.document) -> bool:
    """Say whether a page has a formula."""
    return any(isinstance(node, nodes.math | nodes.math_block) for node in doctree.findall())


def setup(app: Sphinx) -> None:
    """Become the site's math renderer."""
    app.add_html_math_renderer("katex", (_inline, None), (_block, None))
    app.config.html_math_renderer = "katex"
    app.connect("html-page-context", _load)
