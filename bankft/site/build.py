"""Build the site: English source from the catalogues, both languages side by side, a start page."""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import IO

from bankft.errors import BankftError
from bankft.site import catalogue, languages, reading, rules, vendor

LOCALES = {"zh": "zh_CN", "en": "en"}
_EPOCH = "1767225600"  # what Sphinx and its tools take for "now": two builds are the same bytes
_OURS = re.compile(r"^bankft: (.*)")


class BuildFailed(BankftError):
    """The site was not built; what is wrong has been printed."""


def build(
    root: Path,
    out: Path | None = None,
    *,
    conf: Path | None = None,
    only: str | None = None,
    fresh: bool = False,
) -> Path:
    """Build both languages of the pages below ``root`` and return the folder to publish.

    Args:
        root: the Chinese source: ``index.md``, ``docs/``, ``tutorials/``.
        out: where to; ``_build/html`` below ``root`` unless given.
        conf: the folder of ``conf.py``; ``root`` unless given.
        only: one language alone, ``"zh"`` or ``"en"``.
        fresh: forget every cache and earlier output.

    Raises:
        BuildFailed: a translation, a page or a warning stands in the way.
        VendorError: what the browser runs cannot be fetched.

    """
    started = monotonic()
    root, conf = root.resolve(), (conf or root).resolve()
    work = root / "_build"
    out = (out or work / "html").resolve()
    if fresh:
        for name in ("cache", "doctrees", "src"):
            shutil.rmtree(work / name, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
    faults = check(root)
    if faults:
        raise BuildFailed("\n".join(map(str, faults)) + f"\n{len(faults)} problems in the sources.")
    _say("writing the English source")
    catalogue.write_english(root, work / "src" / "en")
    vendor.modules(conf)  # once, before two builds ask for it at the same time
    chosen = [only] if only else list(LOCALES)
    sources = {"zh": root, "en": work / "src" / "en"}
    # Each into a new folder: what an earlier build left there would change the bytes (a style
    # sheet that is already there gets another address), and a failed build leaves the old site.
    drafts = {name: work / "draft" / name for name in chosen}
    shutil.rmtree(work / "draft", ignore_errors=True)
    running = [
        _sphinx(name, sources[name], drafts[name], root=root, conf=conf, work=work)
        for name in chosen
    ]
    failed = [name for name, process in zip(chosen, running, strict=True) if process()]
    if failed:
        raise BuildFailed(f"The site was not built: {' and '.join(failed)} failed.")
    out.mkdir(parents=True, exist_ok=True)
    for name, draft in drafts.items():
        shutil.rmtree(out / name, ignore_errors=True)
        shutil.move(draft, out / name)
    languages.start_page(out)
    pages = len(list(out.rglob("*.html")))
    _say(f"{pages} pages in {monotonic() - started:.0f} s: {out / 'index.html'}")
    return out


def check(root: Path) -> list[catalogue.Problem]:
    """Return what is wrong in the sources: page rules, translations, and minutes."""
    return [*rules.problems(root), *catalogue.problems(root), *reading.problems(root)]


def environment(name: str, *, root: Path, work: Path) -> dict[str, str]:
    """Return the environment in which Sphinx builds one language."""
    return dict(os.environ) | {
        "BANKFT_SITE_LANGUAGE": LOCALES[name],
        "BANKFT_CACHE": str(work / "cache" / name),
        "SOURCE_DATE_EPOCH": _EPOCH,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "NO_COLOR": "1",
    }


def command(name: str, source: Path, out: Path, *, root: Path, conf: Path, work: Path) -> list[str]:
    """Return the command line that builds one language; warnings are errors."""
    strict = ["-W", "--keep-going", "-n", "-D", "bankft_twins=1"]
    places = arguments(name, source, out, root=root, conf=conf, work=work)
    return [sys.executable, "-m", "sphinx", *strict, *places]


def arguments(
    name: str, source: Path, out: Path, *, root: Path, conf: Path, work: Path
) -> list[str]:
    """Return what any build of one language tells Sphinx: where things are."""
    return [
        *("-b", "html"),
        *("-c", str(conf)),
        *("-d", str(work / "doctrees" / name)),  # not published: they hold paths and times
        *("-D", f"bankft_source={root}"),
        str(source),
        str(out),
    ]


def _sphinx(name: str, source: Path, out: Path, *, root: Path, conf: Path, work: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Start one language's build; call what is returned to wait for its exit status."""
    _say(f"{name}: building")
    process = subprocess.Popen(
        command(name, source, out, root=root, conf=conf, work=work),
        cwd=conf,
        env=environment(name, root=root, work=work),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None  # pipes were asked for
    assert process.stderr is not None
    readers = [
        threading.Thread(target=_relay, args=(process.stdout, name, True)),
        threading.Thread(target=_relay, args=(process.stderr, name, False)),
    ]
    for reader in readers:
        reader.start()

    def wait() -> int:
        for reader in readers:
            reader.join()
        return process.wait()

    return wait


def _relay(stream: IO[str], name: str, status: bool) -> None:
    """Pass on what a person needs: our own progress, and every warning and error."""
    with stream:
        for line in stream:
            if not status:
                print(f"{name}: {line.rstrip()}", file=sys.stderr, flush=True)
            elif match := _OURS.match(line):
                _say(f"{name}: {match[1]}")


def _say(line: str) -> None:
    print(line, flush=True)
