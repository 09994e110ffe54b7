"""What the commands share: the client, JSON, and times that a person reads."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bankft.display import text_table

if TYPE_CHECKING:
    from openai import OpenAI
    from pydantic import BaseModel

as_json = click.option("--json", "json_output", is_flag=True, help="Print JSON for programs.")


def _filled(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("it is empty.")
    return value


# An empty shell variable must not become an empty path in the address.
job_id_argument = click.argument("job_id", callback=_filled)


def client() -> "OpenAI":
    """Return a client of the live service, closed when the command ends: none replays."""
    from bankft.client import connect

    return click.get_current_context().with_resource(connect(mode="live"))


def dump(value: "BaseModel | list[Any] | dict[str, Any]", *, line: bool = False) -> None:
    """Print one JSON document, or with ``line`` one line of JSON Lines.

    An object of the API is printed as the service sent it, unset fields left out.
    """
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=None if line else 2)
    click.echo(text)


def _plain(value: "BaseModel") -> Any:
    return (
        value.to_dict(mode="json") if hasattr(value, "to_dict") else value.model_dump(mode="json")
    )


def print_table(rows: list[list[Any]], *, columns: list[str], empty: str) -> None:
    """Print rows aligned, or say that there are none; stdout then stays empty."""
    if rows:
        click.echo(text_table(rows, columns=columns))
    else:
        say(empty)


def local_time(seconds: int) -> str:
    """Return a Unix time as the reader's clock shows it."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def say(sentence: str) -> None:
    """Tell a person what happens; programs read stdout only."""
    click.echo(sentence, err=True)
