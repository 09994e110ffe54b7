"""``bankft data``: from raw conversations to a training file that a bank may use."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from importlib import import_module

import click

_COMMANDS = {
    "check": "bankft.cli.data_check:check",
    "convert": "bankft.cli.data_convert:convert",
    "redact": "bankft.cli.data_redact:redact",
    "split": "bankft.cli.data_split:split",
    "stats": "bankft.cli.data_check:stats",
}


class _Data(click.Group):
    """Imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=_Data)
def data() -> None:
    """Check, redact, split and convert training files.

    \b
    Example:
      bankft data check train.jsonl
    """
