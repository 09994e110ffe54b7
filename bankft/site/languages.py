"""Two languages side by side: the switch, hreflang, the theme's own words, and the start page."""

from gettext import NullTranslations
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

TAGS = {"zh": "zh-CN", "en": "en"}
NAMES = {"zh": "中文", "en": "English"}

# What furo says in English, whether or not it asks its catalogue.
_FURO = {
    "Skip to content": "跳到正文",
    "Back to top": "回到页首",
    "On this page": "本页内容",
    "Next": "下一页",
    "Previous": "上一页",
    "Home": "首页",
    "Search": "搜索",
}
_LABELS = {
    "Toggle site navigation sidebar": "打开或关闭导航",
    "Toggle table of contents sidebar": "打开或关闭本页目录",
    "Toggle Light / Dark / Auto color theme": "切换浅色、深色或跟随系统",
    "Toggle navigation of ": "展开或收起：",
}
_ASIDES = {"zh": ("站点导航", "本页内容"), "en": ("Site navigation", "On this page")}
_TASKS = {"zh": ("已完成", "未完成"), "en": ("done", "to do")}
_PROMPTS = {"zh": ("显示代码", "收起代码"), "en": ("Show the code", "Hide the code")}


class _Words(NullTranslations):
    def gettext(self, message: str) -> str:
        return _FURO.get(message, message)


def polish(html: str, language: str) -> str:
    """Give furo's frame the page's language, and the names that a screen reader needs."""
    if language == "zh":
        for ours, theirs in _LABELS.items():
            html = html.replace(f'aria-label="{ours}', f'aria-label="{theirs}')
    navigation, contents = _ASIDES[language]
    done, to_do = _TASKS[language]
    swaps = {
        '<aside class="sidebar-drawer': f'aria-label="{navigation}"',
        '<aside class="toc-drawer': f'aria-label="{contents}"',
        # a heading without a level is no heading to a screen reader
        '<p class="caption" role="heading"': 'aria-level="2"',
        # these labels show an icon only; the checkbox that they are for has the name
        '<label class="overlay sidebar-overlay"': 'aria-hidden="true"',
        '<label class="overlay toc-overlay"': 'aria-hidden="true"',
        '<input class="task-list-item-checkbox" checked': f'aria-label="{done}"',
        '<input class="task-list-item-checkbox" disabled': f'aria-label="{to_do}"',
    }
    # the words in the fold say what it does; a hidden English name beside them does not
    html = html.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    for tag, attribute in swaps.items():
        name = tag.split(" ", 1)[0]
        html = html.replace(tag, f"{name} {attribute}{tag.removeprefix(name)}")
    return html


def _context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    language = app.config.language[:2]
    context["site_language"] = language
    context["polish"] = lambda html: polish(html, language)
    meta = context.get("metatags", "")
    if doctree is not None and 'name="description"' not in meta:
        first = next(iter(doctree.findall(nodes.paragraph)), None)
        if first is not None:
            meta += f'\n<meta name="description" content="{escape(first.astext()[:160])}">'
    context["twins"] = []
    if app.config.bankft_twins:
        up = "../" * (pagename.count("/") + 1)
        base = app.config.html_baseurl.rstrip("/")
        for code, tag in TAGS.items():
            href = f"{up}{code}/{pagename}.html"
            context["twins"].append(
                {"name": NAMES[code], "tag": tag, "href": href, "here": code == language}
            )
            absolute = f"{base}/{code}/{pagename}.html" if base else href
            meta += f'\n<link rel="alternate" hreflang="{tag}" href="{escape(absolute)}">'
        start = f"{base}/" if base else f"{up}index.html"
        meta += f'\n<link rel="alternate" hreflang="x-default" href="{escape(start)}">'
    context["metatags"] = meta
    if doctree is None and "script_files" in context:
        # pages that Sphinx makes itself hold no diagram; the mermaid extension does not look
        context["script_files"] = [
            file for file in context["script_files"] if "mermaid" not in str(file.attributes)
        ]


class LabelFirst(SphinxTransform):
    """Make a heading's own label its anchor, so that both languages have the same anchors."""

    default_priority = 350  # after targets are propagated to the sections they stand before

    def apply(self, **kwargs: Any) -> None:
        """Move the explicit name's id to the front."""
        for section in self.document.findall(nodes.section):
            explicit = [
                i
                for i in section["ids"]
                if self.document.nametypes.get(self.document.nameids.get(i, i))
            ]
            named = [
                i
                for i in section["ids"]
                if any(
                    i == nodes.make_id(n)
                    for n in section["names"]
                    if self.document.nametypes.get(n)
                )
            ]
            first = named or explicit
            section["ids"].sort(key=lambda i: i not in first)


def _chinese(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Inliner,
    options: dict[str, Any] | None = None,
    content: list[str] | None = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Render the role ``{zh}``: Chinese on an English page, marked for screen readers."""
    html = f'<span lang="zh-CN">{escape(text)}</span>'
    return [nodes.raw(rawtext, html, format="html")], []


def _words(app: Sphinx, config: Config) -> None:
    show, hide = _PROMPTS["zh" if config.language.startswith("zh") else "en"]
    config.nb_code_prompt_show = show
    config.nb_code_prompt_hide = hide
    if config.language.startswith("zh") and app.translator is not None:
        app.translator.add_fallback(_Words())


def start_page(out: Path) -> None:
    """Write the page that sends a reader to the language of the browser, or of the last visit."""
    path = Path(__file__).with_name("start.html")
    (out / "index.html").write_bytes(path.read_bytes())


def setup(app: Sphinx) -> None:
    """Connect all of it."""
    app.add_config_value("bankft_twins", False, "html", types=bool)
    app.add_transform(LabelFirst)
    app.add_role("zh", _chinese)
    app.connect("config-inited", _words)
    app.connect("html-page-context", _context)
