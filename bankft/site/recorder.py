"""Record the pages: start the service, run each page against it in both languages."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig

from bankft.errors import BankftError, ServiceError
from bankft.site import catalogue, execute
from bankft.site.course import order

_SEED = 20260101  # ids, times and samples of a recording come from it
_PATIENCE = 120  # seconds until the service has to answer


class RecordingFailed(BankftError):
    """A page did not run against the service."""


def record(root: Path, *, pages: list[str], languages: list[str]) -> None:
    """Run pages in the course's order against a service of their own, and write the recordings.

    A page is named ``tutorials/first-job`` or, as its recording is, ``first-job``.

    Raises:
        ServiceError: the service does not start.
        RecordingFailed: a page failed; where and why stands in the message.

    """
    catalogue.write_english(root, root / "_build" / "src" / "en")
    every = executing(root, languages)
    todo = [page for page in every if not pages or {page.name, Path(page.name).name} & set(pages)]
    unknown = set(pages) - {name for page in every for name in (page.name, Path(page.name).name)}
    if unknown:
        raise RecordingFailed(f"No page with code is named {', '.join(sorted(unknown))}.")
    with service(seed=_SEED) as url:
        for page in todo:
            print(f"recording {page.name} ({page.language})", flush=True)
            result = execute.run(page, mode="record", settings=reach(url))
            if result.problems:
                raise RecordingFailed("\n".join(result.problems))
            print(f"recorded {page.name} ({page.language}) in {result.seconds:.0f} s", flush=True)


def reach(url: str) -> dict[str, str]:
    """Return the settings with which a page reaches the service; it takes any word for a key."""
    return {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "any-word"}


def executing(root: Path, languages: list[str]) -> list[execute.Page]:
    """Return the pages with code in the course's order; a later one may need an earlier's model.

    The English source is to be written before (`catalogue.write_english`).
    """
    found = []
    for name in order(root, [p.with_suffix("").as_posix() for p in catalogue.pages(root)]):
        for language in languages:
            folder = root if language == "zh" else root / "_build" / "src" / "en"
            path = folder / f"{name}.md"
            text = path.read_text("utf-8")
            notebook = execute.read(path, text, MdParserConfig(), NbParserConfig())
            if notebook is not None:
                found.append(
                    execute.Page(
                        name=name,
                        path=path,
                        source=Path(f"{name}.md"),
                        language=language,
                        recordings=root / "tutorials" / "recordings",
                        notebook=notebook,
                    )
                )
    return found


@contextmanager
def service(*, seed: int | None = None) -> Iterator[str]:
    """Run ``bankft serve`` with a data folder of its own, and give its address.

    Args:
        seed: ids, times and samples repeat exactly with it, for recording; None: as in use.

    Raises:
        ServiceError: it ends, or does not answer in two minutes.

    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    with tempfile.TemporaryDirectory(prefix="bankft-record-") as data:
        log = Path(data, "service.log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-c", "from bankft.cli import main; main()", "serve"),
                    *("--port", str(port)),
                    *("--data-dir", data),
                    *(("--deterministic", str(seed)) if seed is not None else ()),
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(os.environ) | {"PYTHONHASHSEED": "0"},
            )
        try:
            _wait(process, url, log)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/models", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return  # it answers, if only to say that a key is needed
        except OSError:
            time.sleep(0.3)
    tail = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise ServiceError(f"bankft serve did not start: {tail[0]}")
