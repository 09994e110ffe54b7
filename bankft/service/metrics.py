"""The numbers of a job: on its events, and in its result file."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from bankft.graders import MultiGrader, from_spec

# The columns that are always there, in OpenAI's order; what else was measured follows them.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "supervised": (
        "step",
        "train_loss",
        "train_mean_token_accuracy",
        "valid_loss",
        "valid_mean_token_accuracy",
        "full_valid_loss",
        "full_valid_mean_token_accuracy",
    ),
    "dpo": ("step", "train_loss", "valid_loss", "full_valid_loss"),
    "reinforcement": (
        "step",
        "train_mean_reward",
        "full_valid_mean_reward",
        "completion_tokens_mean",
        "reasoning_tokens_mean",
        "mean_unresponsive_rewards",
        "sampling_duration",
        "training_duration",
        "eval_duration",
        "total_duration",
    ),
}
_TOLD = {  # of a step's event: what the message says after the loss, in this order
    "validation loss": "valid_loss",
    "full validation loss": "full_valid_loss",
    "reward accuracy": "train_reward_accuracy",
    "full validation reward accuracy": "full_valid_reward_accuracy",
    "margin": "train_reward_margin",
}


def measured(
    step: Any, grader: Mapping[str, Any] | None = None, *, timed: bool = True
) -> dict[str, Any]:
    """Return what was measured at a step, to five places, by OpenAI's names.

    Args:
        step: of the engine.
        grader: of a reinforcement job.
        timed: whether to say how long things took; a recording must not depend on that.

    """
    found: dict[str, Any] = step.event() if hasattr(step, "event") else asdict(step)
    found.pop("warnings", None)
    if grader is not None:
        _name_graders(found, grader)
    if "timing" in found and not timed:
        found["timing"] = {"step": dict.fromkeys(found["timing"]["step"], 0.0)}
    rounded: dict[str, Any] = _rounded(found)
    return rounded


def _name_graders(found: dict[str, Any], grader: Mapping[str, Any]) -> None:
    """Give the numbers of each grader its name and type, as OpenAI's events do."""
    whole = from_spec(grader)
    parts = whole.graders if isinstance(whole, MultiGrader) else {}
    for one in found.get("scores", {}).get("graders", []):
        one["type"] = parts.get(one["name"], whole).type
    for one in found.get("errors", {}).get("graders", []):
        one |= {"name": whole.name or whole.type, "type": whole.type}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 5) if isinstance(value, float) else value


def told(data: Mapping[str, Any]) -> str:
    """Return the message of a step's event, in OpenAI's words.

    >>> told({"step": 2, "total_steps": 9, "train_mean_reward": 0.4166, "kl": 0.0131})
    'Step 2/9 , train mean reward=0.42, KL=0.0131'
    """
    said = f"Step {data['step']}/{data['total_steps']}"
    if "train_mean_reward" in data:
        said += f" , train mean reward={data['train_mean_reward']:.2f}"  # the space is OpenAI's
        for name in ("full_valid_mean_reward", "full_valid_mean_parse_error"):
            if name in data:
                words = name.replace("_", " ").replace("valid", "validation")
                said += f", {words}={data[name]:.2f}"
        return said + (f", KL={data['kl']:.4f}" if "kl" in data else "")
    said += f": training loss={data['train_loss']:.2f}"
    for words, name in _TOLD.items():
        said += f", {words}={data[name]:.2f}" if name in data else ""
    return said


def table(rows: list[dict[str, Any]], method: str = "supervised") -> bytes:
    """Return a job's result file: OpenAI's CSV, empty where nothing was measured."""
    flat = [dict(_flat(row)) for row in rows]
    more = dict.fromkeys(name for row in flat for name in row)
    more.pop("total_steps", None)
    columns = list(dict.fromkeys([*COLUMNS[method], *more]))
    text = io.StringIO(newline="")
    out = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    out.writeheader()
    out.writerows(flat)
    return text.getvalue().encode()


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a metrics event's numbers, the nested ones under the names of OpenAI's CSV."""
    for name, value in data.items():
        if not isinstance(value, dict):
            yield name, value
    for name, seconds in data.get("timing", {}).get("step", {}).items():
        yield f"{'total' if name == 'full_iteration' else name}_duration", seconds
    for group, under in (("scores", ""), ("errors", "errors/")):
        for one in data.get(group, {}).get("graders", []):
            for name, value in one.items():
                if name not in ("name", "type"):
                    yield f"{group}/graders/{one['type']}/{one['name']}/{under}{name}", value
