"""``bankft serve keys``: make, list and revoke the keys that open the service."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.output import as_json, dump, local_time, print_table, say

if TYPE_CHECKING:
    from bankft.service.key_tables import ApiKey
    from bankft.service.store import Store

_SCOPES = ("read", "train", "infer", "approve")
data_dir_option = click.option(
    "--data-dir",
    help="Folder of the service's database.  [default: that of bankft serve]",
)


@click.group()
def keys() -> None:
    """Make, list and revoke API keys; a running service follows within a second.

    What a key may do is in its scopes: read (look at everything), train (upload, train, evaluate,
    delete, propose a release), infer (chat), approve (approve releases and route users to them).
    As soon as there is a key, the service accepts no other, but for those of BANKFT_API_KEYS,
    which have every scope.

    \b
    Example:
      bankft serve keys make --name app --scope infer
      bankft serve keys list
    """


@contextmanager
def _store(data_dir: str | None) -> Iterator["Store"]:
    from importlib.util import find_spec

    from bankft.errors import MissingExtra

    if find_spec("sqlalchemy") is None or find_spec("fastapi") is None:
        raise MissingExtra("bankft serve keys", package="sqlalchemy", extra="service")
    from bankft.service import key_tables  # noqa: F401  (its table must be known)
    from bankft.service.store import Store

    named = click.get_current_context().meta.get("bankft.data_dir", "~/.bankft")
    store = Store(data_dir or named)
    try:
        yield store
    finally:
        store.close()


def _shown(row: "ApiKey") -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": list(row.scopes),
        "created_at": row.created_at,
        "revoked_at": row.revoked_at,
    }


@keys.command()
@click.option("--name", required=True, help="Whose it is.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(_SCOPES),
    help="What it may do; may be repeated.",
)
@data_dir_option
@as_json
def make(name: str, scopes: tuple[str, ...], data_dir: str | None, json_output: bool) -> None:
    """Make a key and print it, this once: only its digest is stored.

    With --json: id, name, scopes, created_at, revoked_at, key.

    \b
    Example:
      bankft serve keys make --name trainer --scope read --scope train
    """
    with _store(data_dir) as store:
        from bankft.service import keys as made

        row, key = made.make(store, name, scopes)
    if json_output:
        dump({**_shown(row), "key": key})
        return
    say(f"{row.id} of {row.name}: {', '.join(row.scopes)}. Keep the key: it is shown only now.")
    click.echo(key)


@keys.command("list")
@data_dir_option
@as_json
def list_keys(data_dir: str | None, json_output: bool) -> None:
    """List the keys that were made, the revoked ones too; never the keys themselves.

    With --json: a list of id, name, scopes, created_at, revoked_at, one document.

    \b
    Example:
      bankft serve keys list --json
    """
    with _store(data_dir) as store:
        from bankft.service import keys as made

        rows = made.listing(store)
    if json_output:
        dump([_shown(row) for row in rows])
        return
    shown = [
        [
            row.id,
            row.name,
            ",".join(row.scopes),
            local_time(row.created_at),
            local_time(row.revoked_at) if row.revoked_at else "",
        ]
        for row in rows
    ]
    columns = ["id", "name", "scopes", "made", "revoked"]
    print_table(shown, columns=columns, empty="No key was made: make one with `keys make`.")


@keys.command()
@click.argument("key_id")
@data_dir_option
@as_json
def revoke(key_id: str, data_dir: str | None, json_output: bool) -> None:
    """Let a key open nothing any more.

    With --json: id, name, scopes, created_at, revoked_at.

    \b
    Example:
      bankft serve keys revoke key-0123456789ab
    """
    with _store(data_dir) as store:
        from bankft.service import keys as made

        row = made.revoke(store, key_id)
    if json_output:
        dump(_shown(row))
        return
    say(f"{row.id} of {row.name} opens nothing from {datetime.now(UTC):%H:%M:%S} UTC on.")
