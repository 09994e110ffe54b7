"""A job's method from the command line: which settings are OpenAI's, and which are ours."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bankft.cli.grade import _check
from bankft.cli.grade import _object as read_object

METHODS = ("supervised", "dpo", "reinforcement")
# OpenAI's hyperparameters, by the methods that have them beside those of every method; any other
# setting is one of ours, which goes under ``bankft``.
_EVERY = ("n_epochs", "batch_size", "learning_rate_multiplier")
_MORE: Mapping[str, tuple[str, ...]] = {
    "supervised": (),
    "dpo": ("beta",),
    "reinforcement": ("reasoning_effort", "compute_multiplier", "eval_interval", "eval_samples"),
}


def settings(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    """Read ``key=value`` pairs; a value is JSON where it is any, else a text."""
    found: dict[str, Any] = {}
    for value in values:
        key, sign, text = value.partition("=")
        if not (key.strip(".") and sign):
            raise click.BadParameter(f"{value!r} is not of the form key=value.")
        if key in found:
            raise click.BadParameter(f"{key} is given twice.")
        try:
            found[key] = json.loads(text, parse_constant=str)
        except ValueError:
            found[key] = text
    return found


def request(
    method: str, given: Mapping[str, Any], grader: Path | None, response_format: Path | None
) -> dict[str, Any]:
    """Return the parts of a job's request that say how to train.

    Args:
        method: ``supervised``, ``dpo`` or ``reinforcement``.
        given: settings by name; a dot reaches into one of ours, as ``lora.r``.
        grader: file of a reinforcement job's grader object; ``-`` is stdin.
        response_format: file of a reinforcement job's ``response_format``.

    Raises:
        UsageError: a file is missing, or is none of this method's.
        DataError: a file holds no JSON object.

    >>> request("dpo", {"beta": 0.2, "lora.r": 4}, None, None)["extra_body"]
    {'bankft': {'lora': {'r': 4}}}
    """
    if (method == "reinforcement") != (grader is not None):
        raise click.UsageError(
            "Reinforcement takes a reward: give --grader GRADER.json."
            if grader is None
            else "A --grader is what --method reinforcement learns from."
        )
    if response_format is not None and method != "reinforcement":
        raise click.UsageError("A --response-format is one of --method reinforcement.")
    theirs = {k: v for k, v in given.items() if k in (*_EVERY, *_MORE[method])}
    body: dict[str, Any] = {"hyperparameters": theirs}
    for name, path in (("grader", grader), ("response_format", response_format)):
        if path is not None:
            body[name] = read_object(path)
    if grader is not None:
        _check(body["grader"], grader)
    found: dict[str, Any] = {"method": {"type": method, method: body}}
    ours: dict[str, Any] = {}
    for key, value in given.items():
        if key not in theirs:
            _put(ours, key, value)
    return found | ({"extra_body": {"bankft": ours}} if ours else {})


def _put(into: dict[str, Any], key: str, value: Any) -> None:
    first, _, rest = key.partition(".")
    if not rest:
        into[first] = value
        return
    inner = into.setdefault(first, {})
    if not isinstance(inner, dict):
        raise click.UsageError(f"{key} is set inside {first}, which has a value already.")
    _put(inner, rest, value)
