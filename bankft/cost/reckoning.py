"""What a fine-tuning job will cost, before it starts."""

import math
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bankft import tokens
from bankft.cost.counting import (
    ESTIMATE_BOUNDS,
    Auto,
    embedded_epochs,
    embedded_tokens,
    hosted_epochs,
    hosted_tokens,
)
from bankft.cost.prices import EMBEDDED, Price, embedded_speed, find_price, grader_price
from bankft.cost.remarks import remarks
from bankft.data.formats import lines
from bankft.data.wording import say
from bankft.errors import BankftError, DataError, UsageError
from bankft.lang import language

Example = Mapping[str, Any]

METHODS = ("supervised", "dpo", "reinforcement")
LEAST_EXAMPLES = 10
MILLION = 1_000_000


@dataclass(frozen=True)
class Fit:
    """What would fit a budget; None where nothing of the kind does.

    Attributes:
        n_epochs: Epochs over all examples.
        examples: The first so many examples, with the epochs asked for.
        hours: Hours of training, where that is what is billed.
    """

    n_epochs: int | None = None
    examples: int | None = None
    hours: float | None = None


@dataclass(frozen=True)
class Estimate:
    """What a job will cost.

    Attributes:
        model: The model asked for.
        method: ``supervised``, ``dpo`` or ``reinforcement``.
        examples: In the training file.
        tokens: In the training file once, by the model's own tokenizer where ``exact``.
        n_epochs: Passes over the file; what ``auto`` comes to.
        trained_tokens: ``tokens`` times ``n_epochs``: what is billed, and what a job reports.
        encoding: What was counted with.
        exact: Whether a tokenizer was used; else tokens are estimated, and the range is wide.
        usd: US dollars; None where they cannot be told (hours or a price are missing).
        usd_range: Least and most, by what is not known for sure.
        seconds: Least and most seconds of training, where a speed is known.
        budget: US dollars that were allowed, if a budget was given.
        fits: Whether the most that it may cost is within the budget; None without a budget.
        would_fit: What would, where the job does not.
        price: What was reckoned with.
        notes: What a reader should know of the figures, in the page's language.
    """

    model: str
    method: str
    examples: int
    tokens: int
    n_epochs: int
    trained_tokens: int
    encoding: str
    exact: bool
    usd: float | None
    usd_range: tuple[float, float] | None
    seconds: tuple[float, float] | None
    budget: float | None
    fits: bool | None
    would_fit: Fit | None
    price: Price
    notes: tuple[str, ...]

    def require_fit(self) -> None:
        """Go on only if the job is within its budget.

        Raises:
            BankftError: It is not; the message says what would be.
        """
        if self.fits is False:
            raise BankftError(self.verdict())

    def verdict(self) -> str:
        """Return one sentence on the budget; empty without one."""
        if self.budget is None or self.usd_range is None:
            return ""
        most, fit = self.usd_range[1], self.would_fit
        if fit is None:
            return f"About {_usd(most)} at most, within the budget of {_usd(self.budget)}."
        ways = []
        if fit.n_epochs:
            ways.append(f"{fit.n_epochs} epoch{'s' * (fit.n_epochs > 1)} over all examples")
        if fit.examples:
            ways.append(
                f"the first {fit.examples:,} of {self.examples:,} examples at {self.n_epochs} "
                f"epoch{'s' * (self.n_epochs > 1)}"
            )
        if fit.hours:
            ways.append(f"{fit.hours:.2f} hours")
        return (
            f"The job may cost {_usd(most)}, more than the budget of {_usd(self.budget)}: "
            f"{' or '.join(ways) or 'nothing smaller'} would fit."
        )


def estimate(
    source: str | os.PathLike[str] | Iterable[Example],
    *,
    model: str,
    method: str = "supervised",
    n_epochs: int | Auto = "auto",
    batch_size: int | Auto = "auto",
    budget: float | None = None,
    price: float | None = None,
    hours: float | None = None,
    grader: str | None = None,
    grader_tokens: tuple[int, int] = (0, 0),
    samples: int = 1,
    speed: tuple[float, float] | None = None,
    machine_hour: float = 0.0,
    on: date | None = None,
) -> Estimate:
    """Estimate what a job costs: tokens × epochs × price, or hours × price plus the grader.

    Supervised fine-tuning and DPO are billed by trained tokens: those of the training file times
    the epochs. Reinforcement is billed by the hours of its core loop, which no formula tells
    beforehand: give them, say from a short trial; the tokens of a model that grades come on top.
    The embedded service costs no money but time.

    ``auto`` epochs are what OpenAI's Cookbook gives as its default for hosted models (3, more
    below 100 trained examples, fewer above 25,000), and what the embedded engine does for its own.

    Args:
        source: The training file, or its examples.
        model: Base or fine-tuned model; see `find_price` for those that are known.
        method: ``supervised``, ``dpo`` or ``reinforcement``.
        n_epochs: Passes over the file, from 1.
        batch_size: Examples a step; the embedded engine's automatic epochs depend on it.
        budget: US dollars that the job may cost at most.
        price: US dollars a million trained tokens (for reinforcement: an hour), for a model or
            contract that is not in the file.
        hours: Hours of reinforcement.
        grader: The model that grades in reinforcement, if one does.
        grader_tokens: What it reads and writes for one answer.
        samples: Answers graded for an example in each epoch.
        speed: Least and most trained tokens a second (see `speed_of`), for the time it takes;
            for the embedded service else what was measured on the machine that the price file
            describes.
        machine_hour: US dollars that an hour of one's own machine costs.
        on: The day to judge by, for models that end; today if not given.

    Raises:
        DataError: The file cannot be read; the message names the line.
        UsageError: The price is not known, or something given makes no sense.

    >>> talk = {"messages": [{"role": "user", "content": "费率？"},
    ...                      {"role": "assistant", "content": "0.30%"}]}
    >>> e = estimate([talk] * 100, model="gpt-4.1-mini", n_epochs=2, budget=1)
    >>> e.trained_tokens == 2 * e.tokens, e.fits
    (True, True)
    """
    _require(method, n_epochs, batch_size, budget, price, hours, samples, machine_hour, speed)
    found = _price(model, method, price)
    embedded = found.model == EMBEDDED
    wanted = EMBEDDED if embedded else "o200k_base"
    exact = tokens.available(wanted)
    count = tokens.counter(wanted if exact else tokens.ESTIMATE)
    measure = embedded_tokens if embedded else hosted_tokens
    least, most = array("q"), array("q")
    for example in _examples(source):
        low, high = measure(example, method, count)
        least.append(low)
        most.append(high)
    n = len(most)
    if n == 0:
        raise DataError("There is no example to reckon with.")
    below, above = (1.0, 1.0) if exact else ESTIMATE_BOUNDS[wanted]
    epochs = n_epochs if n_epochs != "auto" else _epochs(n, method, embedded, batch_size)
    total = sum(most)
    trained = total * epochs
    least_trained, most_trained = sum(least) * epochs * below, trained * above

    rate = (found.training or 0.0) / MILLION
    grading = _grading(grader, grader_tokens, n * epochs * samples)
    seconds = None
    usual = speed is None and embedded and method == "supervised"
    if usual:
        speed = embedded_speed()
    if speed is not None and method == "supervised":
        seconds = (least_trained / speed[1], most_trained / speed[0])
    usd: float | None = trained * rate
    usd_range: tuple[float, float] | None = (least_trained * rate, most_trained * rate)
    if found.hour is not None or (embedded and method == "reinforcement"):
        by_hour = found.hour or 0.0
        usd = None if hours is None and by_hour else (hours or 0.0) * by_hour + grading
        usd_range = None if usd is None else (usd, usd)
    if embedded and machine_hour:
        taken = (hours * 3600, hours * 3600) if hours is not None else seconds
        if taken is None:
            raise UsageError("To reckon with a machine's hours, give a speed or the hours.")
        usd_range = (taken[0] * machine_hour / 3600, taken[1] * machine_hour / 3600)
        usd = sum(usd_range) / 2
    if budget is not None and usd_range is None:
        raise UsageError(f"{found.model} is billed by the hour: say how many hours it may train.")

    fits = None if budget is None or usd_range is None else usd_range[1] <= budget
    would_fit = None
    if fits is False and budget is not None and usd_range is not None:
        would_fit = _fit(budget, usd_range[1], most, epochs, found.hour, grading)
    return Estimate(
        model=model,
        method=method,
        examples=n,
        tokens=total,
        n_epochs=epochs,
        trained_tokens=trained,
        encoding=wanted if exact else tokens.ESTIMATE,
        exact=exact,
        usd=usd,
        usd_range=usd_range,
        seconds=seconds,
        budget=budget,
        fits=fits,
        would_fit=would_fit,
        price=found,
        notes=tuple(
            remarks(found, method, n_epochs, exact, n, on or date.today(), usual_speed=usual)
        ),
    )


def _epochs(n: int, method: str, embedded: bool, batch_size: int | Auto) -> int:
    if method == "reinforcement":
        return 1  # no host says what its own choice is; a note tells
    return embedded_epochs(n, batch_size) if embedded else hosted_epochs(n)


def _examples(source: str | os.PathLike[str] | Iterable[Example]) -> Iterator[Example]:
    if not isinstance(source, str | os.PathLike):
        yield from source
        return
    for line in lines(source):
        if line.code is None:
            yield line.example
        elif line.code != "blank_line":
            raise DataError(
                f"{os.fspath(source)}:{line.number}: {say(line.code, language())} "
                "`bankft data check` names every such line."
            )


def _price(model: str, method: str, price: float | None) -> Price:
    by_hour = method == "reinforcement"
    if price is not None:
        token_price, hour = (None, price) if by_hour else (price, None)
        return Price(model, "", token_price, hour, None, None, "", "given", None)
    found = find_price(model)
    if found.model != EMBEDDED and by_hour != (found.hour is not None):
        known = "reinforcement" if found.hour is not None else "supervised fine-tuning or DPO"
        raise UsageError(f"For {found.model} a price is known for {known} only.")
    return found


def _grading(grader: str | None, of_one: tuple[int, int], answers: int) -> float:
    if grader is None:
        return 0.0
    if min(of_one) < 0 or not any(of_one):
        raise UsageError("Say how many tokens the grader reads and writes for one answer.")
    read, written = grader_price(grader)
    return answers * (of_one[0] * read + of_one[1] * written) / MILLION


def _fit(
    budget: float,
    cost: float,
    each: Sequence[int],
    epochs: int,
    hour: float | None,
    grading: float,
) -> Fit:
    if hour is not None:
        left = (budget - grading) / hour
        return Fit(hours=math.floor(left * 100) / 100 if left >= 0.01 else None)
    fewer = math.floor(epochs * budget / cost)
    allowed, used, fitting = sum(each) * budget / cost, 0, 0
    for tokens_of_one in each:
        used += tokens_of_one
        if used > allowed:
            break
        fitting += 1
    return Fit(
        n_epochs=fewer if 1 <= fewer < epochs else None,
        examples=fitting if fitting >= LEAST_EXAMPLES else None,
    )


def _require(
    method: str,
    n_epochs: int | Auto,
    batch_size: int | Auto,
    budget: float | None,
    price: float | None,
    hours: float | None,
    samples: int,
    machine_hour: float,
    speed: tuple[float, float] | None,
) -> None:
    if method not in METHODS:
        raise UsageError(f"There is no method {method!r}: use {', '.join(METHODS)}.")
    for name, whole in (("n_epochs", n_epochs), ("batch_size", batch_size), ("samples", samples)):
        if whole != "auto" and (not isinstance(whole, int) or whole < 1):
            raise UsageError(f"{name} is {whole!r}: use a whole number from 1.")
    amounts = {"budget": budget, "price": price, "hours": hours, "machine_hour": machine_hour}
    for name, amount in amounts.items():
        if amount is not None and not 0 <= amount < math.inf:
            raise UsageError(f"{name} is {amount!r}: use a number from 0.")
    if speed is not None and not 0 < speed[0] <= speed[1]:
        raise UsageError(f"A speed of {speed!r} tokens a second is none: give least and most.")


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.4f}"
