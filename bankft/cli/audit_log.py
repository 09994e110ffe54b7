"""What the commands about the audit log share: which log, and its key."""

from pathlib import Path

import click

from bankft.errors import DataError, UsageError

log_argument = click.argument("log", type=click.Path(exists=True, path_type=Path), metavar="LOG")
key_option = click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The log's key file.  [default: where the service keeps it]",
)
anchor_option = click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The anchor file: finds what was cut off at the end.",
)


def key_of(log: Path, key_file: Path | None) -> bytes | None:
    """Return the log's key: of the file, else from where the service keeps it; None without."""
    from bankft.audit import find_key, read_entries, read_key

    if key_file is not None:
        return read_key(key_file)
    try:
        first = next(read_entries(log), None)
    except DataError:
        first = None  # a first line that cannot be read is for `verify` to name
    named = None if first is None else first.data.get("key")
    return find_key(log, named if isinstance(named, str) else None) or find_key(log)


def folder_and_key(log: Path, key_file: Path | None) -> bytes:
    """Return the key of a log that must be named by its folder.

    Raises:
        UsageError: it is one file alone.
        DataError: there is no key.

    """
    if not log.is_dir():
        raise UsageError("Name the log's folder: what was said lies in it, too.")
    key = key_of(log, key_file)
    if key is None:
        raise DataError("The log's key was not found: name it with --key.")
    return key
