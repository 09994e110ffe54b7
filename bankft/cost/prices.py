"""What hosts ask for fine-tuning, from a dated file with sources."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from bankft.errors import UsageError

EMBEDDED = "bankft-nano"


@dataclass(frozen=True)
class Price:
    """What one model costs to fine-tune and to use, in US dollars.

    Attributes:
        model: Its full name, such as ``gpt-4.1-mini-2025-04-14``.
        host: Who runs it.
        training: A million trained tokens; None where training is billed by the hour.
        hour: An hour of training; None where it is billed by tokens.
        input: A million prompt tokens of the fine-tuned model; None where not known.
        output: A million tokens that it writes.
        source: Address of the page that the figures are from.
        standing: ``V`` read in a stored copy of that page, ``V-3p`` in a third party's only,
            ``U`` not verified, ``given`` by the caller.
        checked: When that was last looked at; None for a price that the caller gave.
        shut: When the model and what was fine-tuned from it end; None where no end is known.
        jobs_end: When the host stops taking new fine-tuning jobs; None where no end is known.
    """

    model: str
    host: str
    training: float | None
    hour: float | None
    input: float | None
    output: float | None
    source: str
    standing: str
    checked: date | None
    shut: date | None = None
    jobs_end: date | None = None


def find_price(model: str) -> Price:
    """Return the price of a model by its name, its short name, or one fine-tuned from it.

    The embedded service's own model costs no money: its price is 0, and what it takes is time.

    Raises:
        UsageError: The price file does not know the model.

    >>> find_price("gpt-4.1-mini").training
    5.0
    >>> find_price("ft:bankft-nano:bankft:v1:a1b2c3d4").training
    0.0
    """
    base = model.split(":")[1] if model.startswith("ft:") and model.count(":") > 1 else model
    if base == EMBEDDED:
        return Price(EMBEDDED, "bankft serve", 0.0, None, 0.0, 0.0, "", "V", None)
    known = {price.model: price for price in price_list()}
    short = {row["alias"]: row["name"] for row in read_prices()["model"]}
    found = known.get(short.get(base, base))
    if found is None:
        raise UsageError(
            f"No price is known for {model}: give one (US dollars a million trained tokens), or "
            f"name one of {', '.join([EMBEDDED, *short])}."
        )
    return found


@cache
def price_list() -> tuple[Price, ...]:
    """Return every price in the file, in its order.

    >>> [price.model for price in price_list() if price.hour]
    ['o4-mini-2025-04-16']
    """
    data = read_prices()
    return tuple(
        Price(
            model=row["name"],
            host=row["host"],
            training=row.get("training"),
            hour=row.get("hour"),
            input=row.get("input"),
            output=row.get("output"),
            source=data["sources"][row["source"]]["url"],
            standing=data["sources"][row["source"]]["standing"],
            checked=data["checked"],
            shut=row.get("shut"),
            jobs_end=data["jobs"].get(row["host"], {}).get("end"),
        )
        for row in data["model"]
    )


def embedded_speed() -> tuple[float, float]:
    """Return the least and most trained tokens a second that the embedded service was measured at.

    On one machine, which the price file describes; on yours, `speed_of` a finished job tells.

    >>> low, high = embedded_speed()
    >>> 0 < low <= high
    True
    """
    speeds = [run["tokens"] / run["seconds"] for run in read_prices()["embedded"]["runs"]]
    return min(speeds), max(speeds)


def grader_price(model: str) -> tuple[float, float]:
    """Return what a million tokens cost that a model reads and writes as a grader.

    Raises:
        UsageError: The price file does not know it as one.

    >>> grader_price("gpt-4.1")
    (2.0, 8.0)
    """
    rows = {row["name"]: row for row in read_prices()["grader"]}
    if model not in rows:
        raise UsageError(
            f"No price is known for {model} as a grader: name one of {', '.join(rows)}."
        )
    return rows[model]["input"], rows[model]["output"]


@cache
def read_prices() -> dict[str, Any]:
    """Return the price file as it stands."""
    return tomllib.loads((files("bankft.cost") / "prices.toml").read_text(encoding="utf-8"))
