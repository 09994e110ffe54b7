"""Sphinx: one configuration for both languages.

``sphinx-build . out`` builds and executes the Chinese site; ``python -m bankft.site build`` builds
both languages side by side.
"""

import os

project = "bankft"
copyright = "bankft contributors"
language = os.environ.get("BANKFT_SITE_LANGUAGE", "zh_CN")

extensions = ["myst_nb", "sphinx_design", "sphinxcontrib.mermaid", "bankft.site"]
# Named, not all but some: an author's environment or notes in the root are no pages.
include_patterns = ["index.md", "docs/**", "tutorials/**"]
exclude_patterns = ["docs/locales", "tutorials/recordings", "**.ipynb_checkpoints"]

# Text
myst_enable_extensions = [
    "amsmath",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
    "tasklist",
]
myst_heading_anchors = 0  # headings have labels of their own, the same in both languages
nitpicky = True
numfig = True
smartquotes = False

# Execution: bankft.site runs the pages before Sphinx reads them
nb_execution_mode = "cache"
nb_execution_cache_path = os.environ.get("BANKFT_CACHE", f"_build/cache/{language[:2]}")
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_ipywidgets_js = {}  # no widgets, and so no script from another host

# Diagrams
mermaid_use_local = "vendor/mermaid/mermaid.esm.min.mjs"
mermaid_height = "auto"
mermaid_fullscreen = False
mermaid_light_theme = "neutral"
mermaid_dark_theme = "dark"
mermaid_init_config = {
    "startOnLoad": False,
    "fontFamily": "inherit",
    # the diagrams' own size: text in them is as large as around them
    **{
        kind: {"useMaxWidth": False}
        for kind in ("flowchart", "sequence", "state", "gantt", "pie", "xyChart")
    },
}

# Looks
html_theme = "furo"
html_title = "bankft"
html_static_path = ["docs/_static", "bankft/display/style.css"]
templates_path = ["docs/_templates"]
html_css_files = ["style.css", "bankft.css"]
html_js_files = ["bankft.js"]
html_favicon = "docs/_static/favicon.svg"
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
pygments_style = "bankft.site.colours.Light"
pygments_dark_style = "bankft.site.colours.Dark"
html_baseurl = os.environ.get("BANKFT_SITE_URL", "")
html_copy_source = False  # the source beside an English page is generated
html_show_sourcelink = False
html_last_updated_fmt = None  # the same bytes every day
html_use_index = False
html_permalinks_icon = "#"
