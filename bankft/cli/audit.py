"""``bankft audit``: whether the audit log is whole, what it says, an answer asked again."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
import sys
from collections import deque
from pathlib import Path

import click

from bankft.cli.audit_log import anchor_option, folder_and_key, key_of, key_option, log_argument
from bankft.cli.audit_replay import replay
from bankft.cli.output import as_json, dump, print_table, say
from bankft.errors import UsageError


@click.group()
def audit() -> None:
    """Look at the audit log: whether it is whole, what it says; ask a logged request again.

    LOG is the log's folder, <data folder>/audit of the service, or one of its files.

    \b
    Example:
      bankft audit verify ~/.bankft/audit --anchor /mnt/other/anchor.json
      bankft audit show ~/.bankft/audit --kind release --last 20
    """


@audit.command()
@log_argument
@anchor_option
@key_option
@as_json
def verify(log: Path, anchor: Path | None, key_file: Path | None, json_output: bool) -> None:
    """Check LOG from its first entry to its last; name the first that is not fine.

    Ends with exit code 1 if one is not. Without the key only the chain is checked, and whoever
    can write the log can make a chain anew.

    With --json: ok, entries (how many are fine), first_bad (its number, null when all are),
    reason, keyed, anchored (how many entries the anchor vouches for).

    \b
    Example:
      bankft audit verify ~/.bankft/audit --anchor /mnt/other/anchor.json --json
    """
    from bankft.audit import verify as check

    key = key_of(log, key_file)
    if key is None:
        say("The log's key was not found, so only the chain is checked: name it with --key.")
    found = check(log, key=key, anchor=anchor)
    if json_output:
        names = ("ok", "entries", "first_bad", "reason", "keyed", "anchored")
        dump({name: getattr(found, name) for name in names})
    elif found.ok:
        vouched = "" if found.anchored is None else f", {found.anchored:,} of them by the anchor"
        click.echo(f"{found.entries:,} entries, all whole{vouched}.")
    else:
        at = "" if found.first_bad is None else f"Entry {found.first_bad:,}: "
        click.echo(f"{at}{found.reason}. {found.entries:,} entries before it are whole.")
    if not found.ok:
        sys.exit(1)


@audit.command()
@log_argument
@click.option("--kind", help="Only entries about this: answer, or release for release.approve, ….")
@click.option("--last", type=click.IntRange(1), help="Only the last so many.")
@as_json
def show(log: Path, kind: str | None, last: int | None, json_output: bool) -> None:
    """Print the entries of LOG, without checking that it is whole.

    With --json: JSON Lines, one entry a line: n, at, kind, data.

    \b
    Example:
      bankft audit show ~/.bankft/audit --kind answer --last 5 --json
    """
    from bankft.audit import read_entries

    entries = (
        entry
        for entry in read_entries(log)
        if kind is None or entry.kind == kind or entry.kind.startswith(f"{kind}.")
    )
    # The last ones are found without keeping the others in memory.
    chosen = entries if last is None else iter(deque(entries, maxlen=last))
    if json_output:
        for one in chosen:
            dump({"n": one.n, "at": one.at, "kind": one.kind, "data": dict(one.data)}, line=True)
        return
    rows = [
        [one.n, one.at, one.kind, json.dumps(one.data, ensure_ascii=False)[:120]] for one in chosen
    ]
    print_table(rows, columns=["n", "at", "kind", "data"], empty="No entry is of that kind.")


@audit.command()
@log_argument
@click.option("--days", type=click.IntRange(1), help="Keep entries so many days.")
@click.option("--content-days", type=click.IntRange(1), help="Keep what was said so many days.")
@anchor_option
@key_option
@as_json
def expire(
    log: Path,
    days: int | None,
    content_days: int | None,
    anchor: Path | None,
    key_file: Path | None,
    json_output: bool,
) -> None:
    """Delete from LOG what is older than it may be; the log says so, and stays whole.

    For a log that no service writes now. A running service does the same every hour by
    BANKFT_AUDIT_DAYS and BANKFT_AUDIT_CONTENT_DAYS.

    With --json: segments and contents, how many files of each were deleted.

    \b
    Example:
      bankft audit expire ~/.bankft/audit --days 3650 --content-days 180
    """
    from bankft.audit import AuditLog, Contents, retain

    if days is None and content_days is None:
        raise UsageError("Say how long to keep what: --days, --content-days, or both.")
    key = folder_and_key(log, key_file)
    with AuditLog(log, key=key, anchor=anchor) as opened:
        contents = Contents(log / "contents", key=key)
        gone = retain(opened, contents, entry_days=days, content_days=content_days)
    if json_output:
        dump(gone)
    else:
        say(f"{gone['segments']} segments and {gone['contents']} contents were deleted.")


audit.add_command(replay)
