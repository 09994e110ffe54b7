"""``bankft data convert``: turn what people have into training files, and back."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.output import as_json, say
from bankft.errors import DataError

if TYPE_CHECKING:
    from bankft.data.readers import Cleaner

SHOWN = 20  # of what was skipped, on the terminal; --json has all of it


def _columns(_ctx: click.Context, _param: click.Parameter, value: str | None) -> dict[str, str]:
    if not value:
        return {}
    pairs = [pair.partition("=") for pair in value.split(",")]
    parts = ("question", "answer", "system", "user", "assistant")
    if not all(sign and name.strip() and key.strip() in parts for key, sign, name in pairs):
        raise click.BadParameter(
            "write question=HEADER,answer=HEADER, or user=NAME,assistant=NAME for a chat log."
        )
    return {key.strip(): name.strip() for key, _, name in pairs}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write here; the standard output if not given.",
)
@click.option(
    "--from",
    "source",
    metavar="FORMAT",
    help="openai, preference, sharegpt, alpaca, completion, csv, excel or chat; "
    "recognised if not given.",
)
@click.option(
    "--to",
    "target",
    default="openai",
    show_default=True,
    metavar="FORMAT",
    help="openai, csv, alpaca or sharegpt.",
)
@click.option(
    "--columns",
    callback=_columns,
    metavar="PART=NAME,…",
    help="Which columns or keys hold question, answer, system; or which names are "
    "user and assistant in a chat log.",
)
@click.option("--system", metavar="TEXT", help="A system message for examples without one.")
@click.option(
    "--encoding",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="auto, utf-8, gb18030, big5, …",
)
@click.option("--repair", is_flag=True, help="Put right text that was read in a wrong encoding.")
@click.option(
    "--normalize",
    is_flag=True,
    help="Ordinary width for letters and digits; no invisible characters.",
)
@as_json
def convert(
    file: str,
    output: Path | None,
    source: str | None,
    target: str,
    columns: dict[str, str],
    system: str | None,
    encoding: str,
    repair: bool,
    normalize: bool,
    json_output: bool,
) -> None:
    """Convert FILE (- for the standard input) to a training file.

    Read are CSV, Excel, Alpaca, ShareGPT, chat logs, OpenAI's own formats, and JSON that is an
    array or spread over lines; UTF-8, GB 18030, UTF-16. What cannot be read is skipped and said;
    the exit code is then 1.

    With --json: {"read", "converted", "skipped": [sentence…], "restored", "lost"}, one document,
    on the standard output, or on the standard error where the examples go there.

    \b
    Example:
      bankft data convert 问答.xlsx -o train.jsonl
      bankft data convert chat.txt --system 你是基金助手。 > train.jsonl
    """
    from bankft.data import readers, writers

    skipped: list[str] = []
    counts = {"read": 0, "converted": 0}
    clean = readers.Cleaner(repair, normalize)

    def read(path: Path) -> Iterator[dict[str, Any]]:
        for example in readers.read_examples(
            path,
            format=source,
            columns=columns or None,
            system=system,
            encoding=encoding,
            skip=lambda sentence: skipped.append(sentence.replace(str(path), file, 1)),
            clean=clean if repair or normalize else None,
        ):
            counts["read"] += 1
            yield example

    def leave_out(number: int, problem: str) -> None:
        skipped.append(f"{file}: example {number}: {problem}")

    with _input(file) as path, _output(output) as write:
        for piece in writers.written(read(path), target, skip=leave_out):
            write(piece)
            counts["converted"] += 1
    counts["converted"] -= target == "csv"  # its header
    if not counts["converted"] and not skipped:
        raise DataError(f"{file} holds no example.")
    if json_output:
        found = counts | {"skipped": skipped, "restored": clean.restored, "lost": clean.lost}
        text = json.dumps(found, ensure_ascii=False, indent=2)
        click.echo(text, err=output is None)
    else:
        _tell(file, counts, skipped, clean)
    if skipped:
        click.get_current_context().exit(1)


def _tell(file: str, counts: dict[str, int], skipped: list[str], clean: "Cleaner") -> None:
    for sentence in skipped[:SHOWN]:
        say(sentence)
    if skipped[SHOWN:]:
        say(f"… and {len(skipped) - SHOWN:,} more; --json lists them all.")
    say(
        f"Read {counts['read']:,} example(s) from {file}; wrote {counts['converted']:,}, "
        f"left out {len(skipped):,}."
    )
    if clean.restored or clean.lost:
        say(
            f"Restored {clean.restored:,} character(s) that were read in a wrong encoding"
            + (
                f"; {clean.lost:,} place(s) are lost and stay U+FFFD: get the original file."
                if clean.lost
                else "."
            )
        )


@contextmanager
def _input(file: str) -> Iterator[Path]:
    """Give a path to read; the standard input is kept in a file, as reading starts twice."""
    if file != "-":
        yield Path(file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        with path.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield path


@contextmanager
def _output(output: Path | None) -> Iterator[Callable[[str], object]]:
    """Give a function that writes; a file is replaced whole or not at all."""
    if output is None:
        yield lambda text: click.echo(text.encode(), nl=False)
        return
    draft = output.with_name(output.name + ".part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file.write
        draft.replace(output)
    except OSError as error:
        raise DataError(f"{output} cannot be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
