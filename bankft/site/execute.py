"""Run the pages before Sphinx reads them: in parallel, from the recordings, into a cache.

One jupyter-cache a language. A page runs again when its code, its recording or bankft's own code
has changed. What a page prints is cleaned of what differs between two machines or two runs.
"""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

import bankft
from bankft.errors import BankftError

PACKAGE = Path(bankft.__file__).parent
_CONNECT = re.compile(r"\bconnect(?:_async)?\(\s*[\"']([\w-]+)[\"']")
_MARKED = re.compile(r"(?:Cell In\[\d+\], line |File <ipython-input[^>]*>:)(\d+)")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TIMEOUT = 300  # seconds for one cell
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """A page that executes, and what it runs with."""

    name: str  # as Sphinx names it: tutorials/first-job
    path: Path  # the source in this language
    source: Path  # the Chinese source that messages point at; its lines are the same
    language: str
    recordings: Path
    notebook: NotebookNode

    @property
    def names(self) -> list[str]:
        """The recordings that the page connects to."""
        code = "\n".join(c.source for c in self.notebook.cells if c.cell_type == "code")
        return sorted(set(_CONNECT.findall(code)))

    @property
    def files(self) -> list[Path]:
        """Those recordings' files, whether or not they exist."""
        return [self.recordings / f"{name}.{self.language}.jsonl" for name in self.names]


@dataclass
class Result:
    """A page that has run: its outputs, or the lines that say why there are none."""

    page: Page
    notebook: NotebookNode
    seconds: float
    problems: list[str] = field(default_factory=list)


def read(path: Path, text: str, md: MdParserConfig, nb: NbParserConfig) -> NotebookNode | None:
    """Read a page as MyST-NB will, so that the cache's keys agree; None for a page without code."""
    reader = create_nb_reader(str(path), md, nb, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    return notebook if any(cell.cell_type == "code" for cell in notebook.cells) else None


def package_digest() -> str:
    """Return a digest of the bankft code that a page can reach; of this room, nothing matters."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.suffix in (".py", ".json", ".toml", ".css") and inside.parts[0] not in (
            "site",
            "service",
            "cli",
        ):
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def key(page: Page, package: str) -> str:
    """Return what the page's outputs depend on beside its code: recordings, package, Python."""
    digest = hashlib.sha256(f"{package} {sys.version_info[:2]}".encode())
    for path in page.files:
        digest.update(path.read_bytes() if path.exists() else b"none")
    return digest.hexdigest()


def run(page: Page, *, mode: str = "replay", settings: dict[str, str] | None = None) -> Result:
    """Execute one page in a kernel and a folder of its own."""
    started = monotonic()
    notebook = nbformat.from_dict(page.notebook)
    with tempfile.TemporaryDirectory(prefix="bankft-page-") as scratch:
        folder = Path(scratch, "page")
        folder.mkdir()
        plays = Path(scratch, "plays")
        client = NotebookClient(
            notebook,
            timeout=_TIMEOUT if mode == "replay" else None,
            kernel_name="python3",
            coalesce_streams=True,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        result = Result(page, notebook, 0.0)
        try:
            client.execute(
                env=_environment(page, mode, plays, Path(scratch)) | (settings or {}),
                stderr=subprocess.DEVNULL,  # the kernel's own log; cells' errors are outputs
            )
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            result.problems.append(_failure(page, notebook, error))
        clean(notebook, folder)
        if mode == "replay" and not result.problems:
            result.problems += _unplayed(page, plays)
    result.seconds = monotonic() - started
    return result


def _environment(page: Page, mode: str, plays: Path, scratch: Path) -> dict[str, str]:
    settings = {
        "BANKFT_LANG": page.language,
        "BANKFT_MODE": mode,
        "BANKFT_RECORDINGS": str(page.recordings),
        "BANKFT_PLAYS": str(plays),
        "COLUMNS": "100",
        "LINES": "40",
        "NO_COLOR": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "default",
        "TQDM_DISABLE": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }
    if mode == "replay":
        settings["PYTHONSTARTUP"] = str(Path(__file__).with_name("offline.py"))
    return dict(os.environ) | settings


def _failure(page: Page, notebook: NotebookNode, error: Exception) -> str:
    """Say in three lines where and why a page stopped: source line, code line, error."""
    done = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.get("outputs")]
    counted = [i for i, c in enumerate(notebook.cells) if c.get("execution_count")]
    index = max(counted + done, default=0)
    trace = ""
    for output in notebook.cells[index].get("outputs", []):
        if output.output_type == "error":
            trace = _ANSI.sub("", "\n".join(output.traceback))
    marked = _MARKED.findall(trace)
    offset = int(marked[0]) if marked else 1
    lines = notebook.cells[index].source.split("\n")
    code = lines[min(offset, len(lines)) - 1].strip()
    line = _first_line(page, index) + offset - 1
    if isinstance(error, CellExecutionError):
        what = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
    else:
        what = str(error).strip().split("\n")[0]
    last = [part for part in _ANSI.sub("", what).strip().split("\n") if part.strip()]
    note = " (the English page)" if page.language == "en" else ""
    return f"{page.source}:{line}: this cell fails{note}\n    {code}\n    {' '.join(last[:4])}"


def _first_line(page: Page, index: int) -> int:
    """Return the line of the .md at which a cell's code begins, below its fence and options."""
    line = int(page.notebook.metadata["source_map"][index])  # below the fence, counted from 0
    text = page.path.read_text("utf-8").split("\n")
    if line < len(text) and text[line].strip() == "---":
        return text.index("---", line + 1) + 2
    options = line
    while line < len(text) and re.match(r":[\w-]+:", text[line]):
        line += 1
    while line > options and line < len(text) and not text[line].strip():
        line += 1
    return line + 1


def _unplayed(page: Page, plays: Path) -> list[str]:
    """Compare what the page's recording holds with what the page has asked for."""
    from bankft import recording

    if len(page.names) > 1:
        return [f"{page.source}: a page has one recording, this one connects to {page.names}"]
    try:
        found = [message for path in page.files for message in recording.compare_plays(plays, path)]
    except BankftError as error:  # there is no recording, or it cannot be read
        found = [str(error)]
    return [f"{page.source}: {message}" for message in found]


def clean(notebook: NotebookNode, folder: Path) -> None:
    """Take out of the outputs what differs between machines and runs: paths, addresses, ids."""
    swaps = [
        (re.compile(re.escape(str(folder)) + "/?"), ""),
        (re.compile(re.escape(str(PACKAGE.parent)) + "/?"), ""),
        (re.compile(re.escape(sysconfig.get_paths()["purelib"])), "site-packages"),
        (re.compile(re.escape(sysconfig.get_paths()["stdlib"])), "lib"),
        (re.compile(r"(?:/private)?/tmp/(?:ipykernel_|bankft-page-)[\w/.-]*"), "…"),
        (re.compile(r"\b0x[0-9a-f]{6,}"), "0x…"),
    ]
    tables = 0

    def swap(value: Any) -> Any:
        if isinstance(value, str):
            for pattern, to in swaps:
                value = pattern.sub(to, value)
        elif isinstance(value, list):
            value = [swap(item) for item in value]
        return value

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for name in ("text", "traceback", "evalue"):
                if name in output:
                    output[name] = swap(output[name])
            for kind, value in output.get("data", {}).items():
                if kind.startswith("text/") or kind == "image/svg+xml":
                    value = swap(value)
                    if isinstance(value, str) and (
                        found := re.search(r'id="T_([0-9a-f]{5})', value)
                    ):
                        tables += 1  # a pandas Styler draws a random id
                        value = value.replace(f"T_{found[1]}", f"T_{tables}")
                    output["data"][kind] = value


def run_all(todo: list[Page], *, workers: int | None = None) -> Iterator[Result]:
    """Run pages in parallel, each in its own process; yield them as they were given."""
    count = workers or max(1, min(len(todo), os.cpu_count() or 1))
    with ThreadPoolExecutor(count) as pool:
        yield from pool.map(run, todo)


def find(names: Iterable[str], app: Sphinx) -> list[Page]:
    """Return the pages with code among Sphinx's documents."""
    found = []
    source = Path(app.config.bankft_source)
    for name in sorted(names):
        path = Path(app.env.doc2path(name))
        if path.suffix != ".md":
            continue
        text = path.read_text("utf-8")
        notebook = read(path, text, app.env.myst_config, app.env.mystnb_config)  # type: ignore[attr-defined]
        if notebook is not None:
            found.append(
                Page(
                    name=name,
                    path=path,
                    source=Path(os.path.relpath(source / path.relative_to(app.srcdir))),
                    language=app.config.language[:2],
                    recordings=source / "tutorials" / "recordings",
                    notebook=notebook,
                )
            )
    return found


def _execute(app: Sphinx) -> None:
    env: Any = app.env
    # MyST-NB writes copies of the pages' images and notebooks: not beside what is published
    env.mystnb_config = env.mystnb_config.copy(output_folder=str(app.doctreedir / "outputs"))
    app.env.bankft_ran = []  # type: ignore[attr-defined]
    app.project.discover(app.config.exclude_patterns, app.config.include_patterns)
    pages = find(app.project.docnames, app)
    cache = get_cache(app.env.mystnb_config.execution_cache_path)  # type: ignore[attr-defined]
    package = package_digest()
    todo = [page for page in pages if not _cached(cache, page, key(page, package))]
    failed: list[str] = []
    for result in run_all(todo):
        page = result.page
        logger.info("bankft: ran %s (%s) in %.1f s", page.name, page.language, result.seconds)
        if result.problems:
            failed += result.problems
            continue
        cache.cache_notebook_bundle(
            CacheBundleIn(
                result.notebook,
                str(page.path),
                data={"execution_seconds": 0, "key": key(page, package)},
            ),
            check_validity=False,
            overwrite=True,
        )
        app.env.bankft_ran.append(page.name)  # type: ignore[attr-defined]
    if failed:
        # not one of Sphinx's errors: these would bury the lines under versions and a report form
        raise SystemExit("\n".join(failed))


def _cached(cache: Any, page: Page, wanted: str) -> bool:
    try:
        record = cache.match_cache_notebook(page.notebook)
    except KeyError:
        return False
    return bool(record.data.get("key") == wanted)


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Make Sphinx read again what has run again, although its source is the same."""
    return list(env.bankft_ran)  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Run the pages once MyST-NB has read its settings."""
    app.connect("builder-inited", _execute, priority=900)
    app.connect("env-get-outdated", _outdated)
