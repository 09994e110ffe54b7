"""``bankft eval``: measure a model, compare two, and say how sure the figures are."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import click

from bankft.cli.lazy import LazyGroup

# Imported when the command runs.
_COMMANDS = {
    "bound": "bankft.cli.eval_bounds:bound",
    "compare": "bankft.cli.eval_compare:compare",
    "curves": "bankft.cli.eval_curves:curves",
    "report": "bankft.cli.eval_report:report",
    "review": "bankft.cli.eval_review:review",
    "run": "bankft.cli.eval_run:run",
    "size": "bankft.cli.eval_bounds:size",
}


@click.group(cls=LazyGroup, homes=_COMMANDS)
def eval() -> None:
    """Ask a model a test set, judge its answers, and say how sure the figures are.

    \b
    Example:
      bankft eval run --model bankft-nano --data test.jsonl -o runs/base
      bankft eval compare runs/v1 runs/v2 --gate gate.toml
      bankft eval report runs/v1 runs/v2 -o report.html
    """
