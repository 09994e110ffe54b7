"""``bankft data``: from raw conversations to a training file that a bank may use."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import click

from bankft.cli.lazy import LazyGroup

_COMMANDS = {
    "check": "bankft.cli.data_check:check",
    "convert": "bankft.cli.data_convert:convert",
    "redact": "bankft.cli.data_redact:redact",
    "split": "bankft.cli.data_split:split",
    "stats": "bankft.cli.data_check:stats",
}


@click.group(cls=LazyGroup, homes=_COMMANDS)
def data() -> None:
    """Check, redact, split and convert training files.

    \b
    Example:
      bankft data check train.jsonl
    """
