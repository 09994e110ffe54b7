"""How long entries and contents are kept."""

from datetime import UTC, datetime, timedelta

from bankft.audit.contents import Contents
from bankft.audit.log import AuditLog
from bankft.errors import UsageError


def retain(
    log: AuditLog,
    contents: Contents,
    *,
    entry_days: int | None = None,
    content_days: int | None = None,
    now: datetime | None = None,
) -> dict[str, int]:
    """Delete what is older than it may be; the log says so, and stays whole.

    Entries go by whole segments, of which each day has its own. Contents go by when they were last
    kept; the log keeps their digests.

    Args:
        log: Open for writing.
        contents: That lie beside it.
        entry_days: How many days entries are kept, from 1 on; None: for ever.
        content_days: How many days contents are kept, from 1 on; None: for ever.
        now: The time to count from, with its zone; None is the present.

    Returns:
        How many ``segments`` and ``contents`` were deleted.

    Raises:
        UsageError: a number of days is below 1.
        DataError: a segment cannot be read.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with AuditLog(folder, key=b"k" * 32) as log:
    ...     retain(log, Contents(f"{folder}/contents", key=b"k" * 32), content_days=30)
    {'segments': 0, 'contents': 0}
    """
    if any(days is not None and days < 1 for days in (entry_days, content_days)):
        raise UsageError("Entries and contents are kept for one day or more.")
    present = now or datetime.now(UTC)
    segments = erased = 0
    if content_days is not None:
        erased = contents.expire((present - timedelta(days=content_days)).timestamp())
        if erased:
            log.append("content.expired", {"contents": erased, "days": content_days})
    if entry_days is not None:
        segments = log.expire((present.astimezone(UTC) - timedelta(days=entry_days)).date())
    return {"segments": segments, "contents": erased}
