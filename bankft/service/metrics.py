"""The numbers of a job: on its events, and in its result file."""

import csv
import io
from dataclasses import asdict
from typing import Any

from bankft.engine import Step

COLUMNS = (
    "step",
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)


def measured(step: Step) -> dict[str, Any]:
    """Return what was measured at a step, to five places, by OpenAI's names."""
    known = {name: value for name, value in asdict(step).items() if value is not None}
    return {k: round(v, 5) if isinstance(v, float) else v for k, v in known.items()}


def told(step: Step) -> str:
    """Return the message of a step's event, in OpenAI's words."""
    said = f"Step {step.step}/{step.total_steps}: training loss={step.train_loss:.2f}"
    for name, value in (
        ("validation loss", step.valid_loss),
        ("full validation loss", step.full_valid_loss),
    ):
        said += f", {name}={value:.2f}" if value is not None else ""
    return said


def table(rows: list[dict[str, Any]]) -> bytes:
    """Return a job's result file: OpenAI's CSV, empty where nothing was measured."""
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return text.getvalue().encode()
