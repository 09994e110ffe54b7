"""A command group that imports some of its commands when they are called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Finds its commands by name, so that the help of one does not load the others.

    Args:
        homes: For each command where it stands: ``bankft.cli.eval_run:run``.
        given: As click's group takes it.
    """

    def __init__(self, *, homes: Mapping[str, str], **given: Any) -> None:
        super().__init__(**given)
        self.homes = homes

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in order."""
        return sorted({*super().list_commands(ctx), *self.homes})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command; None where there is none of this name."""
        if name not in self.homes:
            return super().get_command(ctx, name)
        module, _, attribute = self.homes[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
