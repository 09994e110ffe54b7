"""``bankft recordings``: check what the lessons replay."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from pathlib import Path

import click

from bankft.cli.output import as_json, dump, say


@click.group()
def recordings() -> None:
    """Check the recordings that the lessons replay.

    \b
    Example:
      bankft recordings check
    """


@recordings.command()
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@as_json
@click.pass_context
def check(ctx: click.Context, folder: Path | None, json_output: bool) -> None:
    """Check the recordings in FOLDER (default: the course's own), without running a page.

    Prints a problem a line and ends with 1 if there is any. With --json: a list of the
    sentences, one document.

    \b
    Example:
      bankft recordings check tutorials/recordings
    """
    from bankft.recording import check as problems_in

    problems = problems_in(folder)
    if json_output:
        dump(problems)
    elif problems:
        click.echo("\n".join(problems))
    else:
        say("The recordings are fine.")
    ctx.exit(1 if problems else 0)
