"""``bankft eval report``: one page on one or several runs."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from pathlib import Path

import click

from bankft.cli.output import say
from bankft.errors import DataError


@click.command()
@click.argument(
    "runs",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="RUN…",
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="report.html",
    help="The page.",
)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Of intervals and bounds.",
)
@click.option(
    "--worst", type=click.IntRange(0), default=20, show_default=True, help="Cases side by side."
)
def report(runs: tuple[Path, ...], out: Path, language: str, confidence: float, worst: int) -> None:
    """Write one self-contained page on runs, from the oldest model to the newest.

    Figures with intervals, neighbours compared, worst cases side by side with findings marked,
    and for each figure the answers that it is made of. Nothing on it needs a network.

    \b
    Example:
      bankft eval report runs/base runs/v1 runs/v2 -o report.html --language en
    """
    from bankft.evals import read_run, render_runs

    page = render_runs(
        [read_run(run) for run in runs], language=language, confidence=confidence, worst=worst
    )
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror}.") from None
    say(f"{out}: {len(runs)} runs.")
