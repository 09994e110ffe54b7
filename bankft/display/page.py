"""Where an output goes: a notebook's page or a terminal.

In a notebook the stylesheet travels with the first output of a kernel, in ``<style data-bft>``.
It is sent again when the cell that carried it runs again, because a new output replaces the old
one together with its style. A site that links ``style.css`` itself may drop that element.
"""

import sys
from collections.abc import Callable
from html import escape
from importlib.resources import files
from typing import Any

Update = Callable[[str, str], None]

_style_came_with: tuple[int, str] | None = None  # the run (count, source) whose output holds it


def _shell() -> Any:
    """Return IPython's shell when it can show HTML, else None.

    IPython is looked up, never imported: where it is not loaded, nothing shows HTML.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return None if type(shell).__name__ == "TerminalInteractiveShell" else shell


def in_notebook() -> bool:
    """Say whether outputs are shown as HTML (a notebook) or as text (a terminal)."""
    return _shell() is not None


def stylesheet() -> str:
    """Return the text of ``style.css``, the file that the site links too."""
    return files("bankft.display").joinpath("style.css").read_text(encoding="utf-8")


def _style() -> str:
    global _style_came_with
    shell = _shell()
    source = str((shell.user_ns.get("In") or [""])[-1])
    run = (shell.execution_count, source)
    if _style_came_with is not None:
        count, carrier = _style_came_with
        if count == run[0] or carrier != source:
            return ""
    _style_came_with = run
    return f"<style data-bft>\n{stylesheet()}</style>\n"


def _bundle(style: str, html: str, text: str) -> dict[str, str]:
    return {"text/html": f'{style}<div class="bft">{html}</div>', "text/plain": text}


def show(html: str, text: str) -> None:
    """Show an output once: ``html`` in a notebook, ``text`` in a terminal."""
    if not in_notebook():
        print(text, flush=True)
        return
    from IPython.display import display

    display(_bundle(_style(), html, text), raw=True)


def live(html: str, text: str) -> Update:
    """Show an output in a notebook and return the function that replaces it in place."""
    from IPython.display import display

    style = _style()
    handle = display(_bundle(style, html, text), raw=True, display_id=True)

    def update(html: str, text: str) -> None:
        handle.update(_bundle(style, html, text), raw=True)

    return update


def tag(word: str, tone: str) -> str:
    """Return a small label: the word says it, the colour repeats it."""
    return f'<span class="bft-tag bft-{tone}">{escape(word)}</span>'
