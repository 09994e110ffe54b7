"""``bankft data check`` and ``bankft data stats``."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bankft.cli.output import as_json, dump, say

if TYPE_CHECKING:
    from bankft.data import Report

_PATH = click.Path(exists=True, dir_okay=False, allow_dash=True)
_METHODS = click.Choice(["supervised", "dpo", "reinforcement"])

method = click.option(
    "--method", type=_METHODS, default="supervised", show_default=True, help="How to fine-tune."
)
spoken = click.option(
    "--language",
    type=click.Choice(["auto", "zh", "en"]),
    default="auto",
    help="Of the report.  [default: that of the data]",
)


@click.command()
@click.argument("file", type=_PATH)
@method
@click.option(
    "--validation", type=_PATH, metavar="FILE", help="A file that must share no question with FILE."
)
@click.option("--test", type=_PATH, metavar="FILE", help="Another such file.")
@click.option(
    "--side",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="The compliance side file.  [default: train.compliance.jsonl beside train.jsonl]",
)
@click.option("--model", default="gpt-4o", show_default=True, help="What will be trained.")
@spoken
@click.option(
    "--html", type=click.Path(dir_okay=False), metavar="FILE", help="Write the report as a page."
)
@as_json
def check(
    file: str,
    method: str,
    validation: str | None,
    test: str | None,
    side: str | None,
    model: str,
    language: str,
    html: str | None,
    json_output: bool,
) -> None:
    """Check a training file: each line, and the file as a whole.

    FILE is JSON Lines; - is standard input. Ends with exit code 1 if there is an error that
    keeps the file from being trained on; warnings are for a person to judge.

    With --json: one document with examples, problems (line, field, code, severity, message),
    ok, statistics.

    \b
    Example:
      bankft data check train.jsonl --validation valid.jsonl --html report.html
    """
    parts = {"validation": validation, "test": test}
    with ExitStack() as stack:
        path = stack.enter_context(_on_disk(file))
        against = {
            name: stack.enter_context(_on_disk(part))
            for name, part in parts.items()
            if part is not None
        }
        report = _run(path, method, language, model, against, side)
    name = "stdin" if file == "-" else Path(file).name
    words = str(report.statistics["language"])
    if html is not None:
        from bankft.data.report_page import as_page

        _write(html, as_page(report, name, words))
    from bankft.data import report as told

    if json_output:
        dump(told.as_json(report))
    else:
        click.echo(told.as_text(report, name, words))
    if html is not None:
        say(f"The page is in {html}.")
    if not report.ok:
        click.get_current_context().exit(1)


@click.command()
@click.argument("file", type=_PATH)
@method
@click.option(
    "--encoding",
    type=click.Choice(["o200k_base", "bankft-nano", "estimate"]),
    default="o200k_base",
    show_default=True,
    help="What tokens are counted in.",
)
@spoken
@as_json
def stats(file: str, method: str, encoding: str, language: str, json_output: bool) -> None:
    """Show a training file's numbers and histograms, without judging it.

    FILE is JSON Lines; - is standard input.

    With --json: one document with examples and statistics.

    \b
    Example:
      bankft data stats train.jsonl --encoding bankft-nano
    """
    from bankft.data.report import numbers_as_text

    with _on_disk(file) as path:
        report = _run(path, method, language, "gpt-4o", {}, None, encoding=encoding)
    numbers = {key: one for key, one in report.statistics.items() if key != "problems"}
    if json_output:
        dump({"examples": report.examples, **numbers})
    else:
        click.echo(numbers_as_text(numbers, str(numbers["language"])))


def _run(
    path: str,
    method: str,
    language: str,
    model: str,
    against: dict[str, str],
    side: str | None,
    encoding: str | None = None,
) -> "Report":
    from bankft import data

    with _progress(path) as progress:
        return data.check(
            path,
            method=method,  # type: ignore[arg-type]  # click has checked it
            language=language,
            against=against,
            side=side,
            model=model,
            encoding=encoding,
            progress=progress,
        )


@contextmanager
def _on_disk(file: str) -> Iterator[str]:
    """Give a path to read; standard input is copied to a temporary file."""
    if file != "-":
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stdin.jsonl")
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield str(path)


@contextmanager
def _progress(path: str) -> Iterator[Callable[[int], object] | None]:
    """Show a bar on a terminal while a long file is read."""
    size = Path(path).stat().st_size
    if size < 2_000_000 or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with open(path, "rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    with tqdm(total=lines, unit=" lines", leave=False) as bar:
        yield lambda number: bar.update(number - bar.n)


def _write(path: str, page: str) -> None:
    try:
        Path(path).write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from None
