"""``bankft files``: upload training files and list them."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bankft.cli.output import as_json, client, dump, local_time, print_table, say
from bankft.errors import DataError

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import FileObject


@click.group()
def files() -> None:
    """Upload training files and list them.

    \b
    Example:
      bankft files create train.jsonl
    """


def upload(api: "OpenAI", path: Path) -> "FileObject":
    """Upload a training file and say so."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    uploaded = api.files.create(file=(path.name, content), purpose="fine-tune")
    say(f"Uploaded {path.name} ({uploaded.bytes:,} bytes) as {uploaded.id}.")
    return uploaded


@files.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def create(path: Path, json_output: bool) -> None:
    """Upload PATH (JSON Lines, a conversation a line) and print its id.

    With --json: the file object, one document.

    \b
    Example:
      id=$(bankft files create train.jsonl)
    """
    uploaded = upload(client(), path)
    if json_output:
        dump(uploaded)
    else:
        click.echo(uploaded.id)


@files.command("list")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many."
)
@as_json
def list_files(limit: int, json_output: bool) -> None:
    """List uploaded files, newest first.

    With --json: a list of file objects, one document.

    \b
    Example:
      bankft files list --limit 5
    """
    found = list(islice(client().files.list(limit=limit), limit))
    if json_output:
        dump(found)
        return
    rows = [[f.id, f.filename, f.bytes, f.purpose, local_time(f.created_at)] for f in found]
    columns = ["id", "name", "bytes", "purpose", "created"]
    print_table(rows, columns=columns, empty="No file was uploaded yet.")
