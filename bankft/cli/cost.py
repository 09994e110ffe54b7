"""``bankft cost``: what a job will cost, and what fits a budget."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.output import as_json, client, dump, print_table, say

if TYPE_CHECKING:
    from bankft.cost import Estimate


@click.group()
def cost() -> None:
    """Tell what a fine-tuning job will cost, and what fits a budget.

    \b
    Example:
      bankft cost estimate train.jsonl --model gpt-4.1-mini --budget 5
    """


def _pair(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, int]:
    if value is None:
        return 0, 0
    read, _, written = value.partition(",")
    try:
        return int(read), int(written)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not of the form 400,150.") from None


amount = click.FloatRange(0)


@cost.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--model", required=True, help="The model to start from, such as gpt-4.1-mini.")
@click.option("--budget", type=amount, metavar="USD", help="What the job may cost at most.")
@click.option(
    "--method",
    type=click.Choice(["supervised", "dpo", "reinforcement"]),
    default="supervised",
    show_default=True,
    help="How it is trained.",
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over FILE.  [default: auto]")
@click.option("--price", type=amount, metavar="USD", help="Of a million trained tokens (an hour).")
@click.option("--hours", type=amount, help="Hours of training, for reinforcement.")
@click.option("--grader", metavar="MODEL", help="The model that grades, for reinforcement.")
@click.option(
    "--grader-tokens",
    callback=_pair,
    metavar="IN,OUT",
    help="Tokens it reads and writes for one answer.",
)
@click.option(
    "--samples",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Answers graded for an example in an epoch.",
)
@click.option("--like", metavar="JOB", help="A finished job: the time as fast as that one.")
@click.option("--machine-hour", type=amount, default=0.0, metavar="USD", help="Of your machine.")
@as_json
def estimate(
    file: str,
    model: str,
    budget: float | None,
    method: str,
    epochs: int | None,
    price: float | None,
    hours: float | None,
    grader: str | None,
    grader_tokens: tuple[int, int],
    samples: int,
    like: str | None,
    machine_hour: float,
    json_output: bool,
) -> None:
    """Tell what training on FILE (JSON Lines; - is standard input) will cost in US dollars.

    Prices come from a dated file with sources; with --price from you. Nothing is uploaded. Exit
    code 1 if it may cost more than --budget; what would fit is said then.

    With --json: one document: examples, tokens, n_epochs, trained_tokens, usd, usd_range,
    seconds, budget, fits, would_fit, price, notes and more.

    \b
    Example:
      bankft cost estimate train.jsonl --model gpt-4.1-mini --epochs 3 --budget 5
    """
    from bankft.cost import estimate as reckon
    from bankft.cost import speed_of

    speed = None
    if like:
        rate = speed_of(client(), like)
        speed = (rate, rate)
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(file)
        if file == "-":
            source = Path(temporary, "stdin.jsonl")
            with source.open("wb") as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
        found = reckon(
            source,
            model=model,
            method=method,
            n_epochs=epochs or "auto",
            budget=budget,
            price=price,
            hours=hours,
            grader=grader,
            grader_tokens=grader_tokens,
            samples=samples,
            speed=speed,
            machine_hour=machine_hour,
        )
    if json_output:
        dump(_document(found))
    else:
        print_table(_rows(found), columns=["", ""], empty="")
        for note in found.notes:
            say(note)
    if found.budget is not None and not json_output:
        say(found.verdict())
    if found.fits is False:
        raise click.exceptions.Exit(1)


def _document(found: "Estimate") -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        return value.isoformat() if isinstance(value, date) else value

    document: dict[str, Any] = plain(asdict(found))
    return document


def _rows(found: "Estimate") -> list[list[Any]]:
    about = "" if found.exact else "about "
    rows: list[list[Any]] = [
        ["examples", f"{found.examples:,}"],
        ["tokens", f"{about}{found.tokens:,} ({found.encoding})"],
        ["epochs", found.n_epochs],
        ["trained tokens", f"{about}{found.trained_tokens:,}"],
    ]
    if found.price.training is not None:
        rows.append(["price", f"${found.price.training:,.2f} a million trained tokens"])
    if found.price.hour is not None:
        rows.append(["price", f"${found.price.hour:,.2f} an hour of training"])
    if found.usd is None or found.usd_range is None:
        rows.append(["cost", "not known: say how many --hours it trains"])
    else:
        low, high = found.usd_range
        between = "" if high - low < 0.005 else f" (${low:,.2f} to ${high:,.2f})"
        rows.append(["cost", f"${found.usd:,.2f}{between}"])
    if found.seconds is not None:
        low, high = found.seconds
        between = f"{low:,.0f}" if high - low < 1 else f"{low:,.0f} to {high:,.0f}"
        rows.append(["seconds", between])
    return rows
