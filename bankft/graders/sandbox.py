"""Running python graders: source that somebody sent, on this machine, where it can do no harm.

Three ways, the strongest that works here first: ``bwrap`` (bubblewrap), ``unshare`` (Linux
namespaces by util-linux), and ``none``, which must be asked for by name. In the first two the
source has no network, sees no file but Python's own (read-only) and an empty folder, no process
but its own, no environment, and cannot start programs or processes; in all three memory, time,
files and answers are limited. ``none`` shows it every file that this user may read.

One start of a sandbox (about 0.1 s) grades a whole batch, at a few milliseconds a sample.
"""

import ast
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from bankft.errors import UsageError

KINDS = ("bwrap", "unshare")
LONGEST_SOURCE = 256 * 1024  # bytes; OpenAI's limit
_START = 60.0  # seconds that a sandbox may take to start, imports included
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


@dataclass(frozen=True)
class Limits:
    """What one sample's grading may use; OpenAI's limits where nothing is said."""

    seconds: float = 120.0
    memory: int = 2 * 2**30  # bytes
    disk: int = 2**30  # bytes, in memory while they are used
    cores: int = 2
    processes: int = 64


@dataclass(frozen=True)
class Run:
    """What a source made of one sample: a score, or an error's kind and details."""

    score: float | None
    error: str | None
    details: str | None
    seconds: float
    sandbox: str


class Unavailable(UsageError):
    """No sandbox works on this machine."""


@cache
def available() -> tuple[str, ...]:
    """Return the kinds of sandbox that work on this machine, each tried once, strongest first."""
    if sys.platform != "linux":
        return ()
    return tuple(kind for kind in KINDS if _works(kind))


def run_python(
    source: str,
    pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    *,
    sandbox: str = "auto",
    limits: Limits | None = None,
) -> list[Run]:
    """Run a python grader's source on samples and items, all in one sandbox.

    Args:
        source: defines ``grade(sample, item)``, which returns a finite number; 0 and 1 may be
            bools.
        pairs: a sample's and an item's mapping each, as JSON holds them.
        sandbox: ``"auto"``, ``"bwrap"``, ``"unshare"``, or ``"none"``.
        limits: of one sample; OpenAI's where not given.

    Returns:
        One for each pair, in order. What a source does wrong is told there and never raised.

    Raises:
        Unavailable: the sandbox that was asked for does not work here, or with ``"auto"`` none.
        UsageError: there is no such kind.

    >>> run = run_python("def grade(sample, item): return 0.5", [({}, {})])  # doctest: +SKIP
    >>> run[0].score  # doctest: +SKIP
    0.5
    """
    kind = _chosen(sandbox)
    if not pairs:
        return []
    return _run(kind, source, pairs, limits or Limits())


def _chosen(sandbox: str) -> str:
    if sandbox not in ("auto", "none", *KINDS):
        raise UsageError(f"There is no sandbox {sandbox!r}: use auto, bwrap, unshare or none.")
    if sandbox == "none":
        if sys.platform == "win32":
            raise Unavailable("Python graders run on Linux and macOS only.")
        return sandbox
    works = available()
    if sandbox in works or (sandbox == "auto" and works):
        return works[0] if sandbox == "auto" else sandbox
    what = "No sandbox works here" if sandbox == "auto" else f"The sandbox {sandbox} does not work"
    raise Unavailable(
        f"{what}, so the python grader was not run: install bubblewrap on Linux, or run it with "
        "the sandbox none (--unsafe), where it can read this user's files."
    )


def _works(kind: str) -> bool:
    if shutil.which(kind) is None:
        return False
    try:
        tried = _run(kind, "def grade(sample, item): return 1.0", [({}, {})], Limits(seconds=20))
    except (OSError, UsageError):
        return False
    return tried[0].score == 1.0


def _run(
    kind: str,
    source: str,
    pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    limits: Limits,
) -> list[Run]:
    try:
        rows = [json.dumps({"sample": sample, "item": item}) for sample, item in pairs]
    except (TypeError, ValueError, RecursionError):
        raise UsageError("A sample or item for a python grader is not JSON.") from None
    python = _python_folders()
    with _empty_folder(kind) as folder:
        setup = {
            "source": source,
            "modules": _imported(source),
            "places": python if kind == "unshare" else None,
            "links": _links() if kind == "unshare" else {},
            "folder": folder,
            "seconds": limits.seconds,
            "memory": limits.memory,
            "disk": limits.disk,
            "cores": limits.cores,
            "processes": limits.processes + _running(),
            "seccomp": os.uname().machine in ("x86_64", "aarch64") and sys.platform == "linux",
        }
        values = [value.encode() for value in (json.dumps(setup), *rows)]
        sent = b"".join(struct.pack(">I", len(value)) + value for value in values)
        command = [*_around(kind, python, limits), sys.executable, "-sP", "-c", _inside()]
        answers = _answers(command, sent, _START + limits.seconds * len(pairs), limits)
    return [_read(answer, kind) for answer in answers[: len(pairs)]] + [
        Run(None, "Server", "the sandbox ended before this sample", 0.0, kind)
        for _ in pairs[len(answers) :]
    ]


def _read(answer: dict[str, Any], kind: str) -> Run:
    error = answer.get("error") or {}
    return Run(
        answer.get("score"), error.get("kind"), error.get("details"), answer["seconds"], kind
    )


def _answers(
    command: list[str], sent: bytes, seconds: float, limits: Limits
) -> list[dict[str, Any]]:
    libraries = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # the same source and sample give the same reward
        **dict.fromkeys(libraries, str(limits.cores)),
    }
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
        close_fds=True,
    )
    try:
        said, _ = process.communicate(sent, timeout=seconds)
    except subprocess.TimeoutExpired:
        said = b""
    finally:
        _end(process)
    lines = said.splitlines()
    if not lines:
        raise Unavailable("The sandbox for python graders did not start.")
    return [json.loads(line) for line in lines[1:]]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the sandbox with everything in it; namespaces die with their first process."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _around(kind: str, python: list[str], limits: Limits) -> list[str]:
    """Return the program and options that a sandboxed Python starts under."""
    if kind == "none":
        return []
    if kind == "unshare":
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        apart = ["--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL"]
        return ["unshare", *user, *apart, "--propagation", "private", "--"]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1"]
    if os.geteuid() == 0:  # a real root becomes nobody inside, for which it needs these
        shared = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        rights = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        rights += ["--cap-add", "CAP_SETPCAP"]
        command = ["bwrap", *shared, *rights, *command[2:]]
    # The empty folder first: a Python that is installed below it stays to be seen.
    command += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", "/tmp"]
    parents = {str(parent) for place in python for parent in Path(place).parents} - {"/", "/tmp"}
    for folder in sorted(parents, key=len):  # else they are made for their owner's eyes only
        if not any(Path(folder).is_relative_to(place) for place in python):
            command += ["--perms", "0755", "--dir", folder]
    for place in python:
        command += ["--dev-bind" if place.startswith("/dev/") else "--ro-bind", place, place]
    for name, to in _links().items():
        command += ["--symlink", to, name]
    return [*command, "--remount-ro", "/", "--chdir", "/tmp", "--"]


def _python_folders() -> list[str]:
    """Return what Python itself needs to see: its installation and the system's libraries.

    And this package, wherever it is installed: rewards are graders that import it.
    """
    ours = str(files("bankft"))
    wanted = [sys.base_prefix, sys.prefix, ours, *_SYSTEM, *_DEVICES]
    found: list[str] = []
    for place in dict.fromkeys(wanted):
        path = Path(place)
        inside = any(path.is_relative_to(other) for other in found)
        if path.exists() and not path.is_symlink() and not inside and place != "/":
            found.append(place)
    return sorted(found, key=len)


def _links() -> dict[str, str]:
    """Return the system's folders that are links, as /lib to usr/lib."""
    return {place: os.readlink(place) for place in _SYSTEM if os.path.islink(place)}


@contextmanager
def _empty_folder(kind: str) -> Iterator[str]:
    """Give the folder that a sandbox works in; without a view of its own, a temporary one."""
    if kind != "none":
        yield "/tmp"
        return
    with tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as folder:
        yield folder


def _running() -> int:
    """Return how many threads this user runs: older kernels count them into the sandbox's own."""
    user, threads = os.geteuid(), 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == user:
                threads += len(os.listdir(folder / "task"))
        except OSError:
            continue
    return threads


@cache
def _inside() -> str:
    return (files("bankft.graders") / "inside.py").read_text(encoding="utf-8")


def _imported(source: str) -> list[str]:
    """Return the modules that a source imports, to be imported once for all samples."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(name.name for name in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module] = None
    return list(found)
