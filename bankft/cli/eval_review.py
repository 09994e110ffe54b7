"""``bankft eval review``: people check a sample, on sheets that a spreadsheet opens."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
from dataclasses import asdict
from pathlib import Path

import click

from bankft.cli.output import as_json, dump, say
from bankft.errors import DataError

_SHEETS = ("review-1.csv", "review-2.csv")
_SETTLED = "settled.csv"
_CHOICE = "choice.json"


@click.group()
def review() -> None:
    """Have people check a sample of a run's answers, and learn from it.

    \b
    Example:
      bankft eval review sample runs/v2 --count 200 -o review
      bankft eval review read review
    """


@review.command()
@click.argument("run_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(3), default=200, show_default=True, help="Answers.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the draw.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), metavar="DIR")
@as_json
def sample(
    run_dir: Path, count: int, seed: int, language: str, out: Path, json_output: bool
) -> None:
    """Choose answers of RUN_DIR, more of them where risk is, and write two sheets to DIR.

    Each sheet goes to another person, who writes violation or ok (违规 or 合规) into the column
    verdict. The automatic verdict is not on the sheets.

    With --json: {"sheets": paths, "answers": how many, "strata": how many of each}, one document.

    \b
    Example:
      bankft eval review sample runs/v2 --count 200 -o review
    """
    from bankft.evals import choose_for_review, read_run, sheet_rows, write_sheet

    run = read_run(run_dir)
    choice = choose_for_review(run, count, seed=seed)
    if (out / _CHOICE).exists():
        raise DataError(f"{out} holds a review already, perhaps filled in: choose another folder.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"run": run.name, **asdict(choice)}, ensure_ascii=False, indent=2)
        (out / _CHOICE).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror}.") from None
    rows = sheet_rows(run, list(choice.strata))
    for name in _SHEETS:
        write_sheet(out / name, rows, language=language)
    strata = {name: list(choice.strata.values()).count(name) for name in choice.sizes}
    if json_output:
        sheets = [str(out / name) for name in _SHEETS]
        dump({"sheets": sheets, "answers": len(rows), "strata": strata})
        return
    for name in _SHEETS:
        click.echo(str(out / name))
    told = ", ".join(f"{name} {n} of {choice.sizes[name]}" for name, n in strata.items())
    say(f"{len(rows)} answers a sheet ({told}). Give each to another person.")


@review.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
)
@as_json
def read(folder: Path, confidence: float, json_output: bool) -> None:
    """Read the sheets of FOLDER that were filled in, and correct the violation rate.

    Where the two differ, the answers go to settled.csv for a third person; run this again when it
    is filled in. What nobody has settled counts as a violation.

    With --json: {"rate", "low", "high" (of all the run's answers, by people), "automatic",
    "sensitivity", "specificity" (of the automatic verdict), "agreement", "same", "disputed"}, one
    document.

    \b
    Example:
      bankft eval review read review
    """
    from bankft.evals import Choice, read_review, read_sheet

    try:
        value = json.loads((folder / _CHOICE).read_text(encoding="utf-8"))
        choice = Choice(value["strata"], value["sizes"], value["seed"])
    except (OSError, ValueError, KeyError):
        raise DataError(
            f"{folder} holds no review: make one with bankft eval review sample … -o {folder}."
        ) from None
    first, second = (read_sheet(folder / name) for name in _SHEETS)
    settled = read_sheet(folder / _SETTLED) if _is_filled(folder / _SETTLED) else {}
    found = read_review(choice, first, second, settled, confidence=confidence)
    if found.disputed and not (folder / _SETTLED).exists():
        _write_disputed(folder, set(found.disputed))
    if json_output:
        dump(asdict(found))
        return
    click.echo(f"violation rate {_percent(found.rate)}")
    say(f"  interval      {_percent(found.low)} - {_percent(found.high)} at {confidence:g}")
    say(f"  automatic     {_percent(found.automatic)}")
    say(f"  flags         {_percent(found.sensitivity)} of the violations")
    say(f"  lets pass     {_percent(found.specificity)} of the fine answers")
    if found.agreement:
        low, high = found.agreement.interval
        say(f"  kappa         {found.agreement.value:.2f} ({low:.2f} - {high:.2f})")
    say(f"  both agree    on {_percent(found.same)}")
    if found.disputed:
        say(f"{len(found.disputed)} answers are disputed: {folder / _SETTLED}, for a third person.")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}%"


def _is_filled(path: Path) -> bool:
    """Return whether somebody has written a verdict; the sheet as it was made has none."""
    from bankft.evals import read_sheet

    if not path.exists():
        return False
    try:
        return bool(read_sheet(path))
    except DataError as problem:
        if "no verdict yet" in str(problem):
            return False
        raise


def _write_disputed(folder: Path, names: set[str]) -> None:
    from bankft.evals import sheet_texts, write_sheet

    rows = [row for row in sheet_texts(folder / _SHEETS[0]) if row[0] in names]
    write_sheet(folder / _SETTLED, rows)
