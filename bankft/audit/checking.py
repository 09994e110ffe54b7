"""Whether a log is whole, and which entry is the first that is not."""

from dataclasses import dataclass
from pathlib import Path

from bankft.audit.entries import START, Entry, lines, read_line
from bankft.audit.stamp import read_anchor


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        ok: Whether nothing is wrong.
        entries: How many entries are fine, from the first on.
        first_bad: The number of the first that is not; None when all are.
        reason: What is wrong with it; empty when nothing is.
        keyed: Whether the keyed checksums were checked. Without the key only the chain is, which
            whoever can write the log can make anew.
        anchored: How many entries the anchor vouches for; None without one.
    """

    ok: bool
    entries: int
    first_bad: int | None
    reason: str
    keyed: bool
    anchored: int | None = None


def verify(log: str | Path, *, key: bytes | None, anchor: str | Path | None = None) -> Verification:
    """Check a log from its first entry to its last.

    Found with the key: every edit, deletion, insertion, new order and duplicate, and a line that
    is not whole. Found with an anchor besides: what was cut off before the anchor's count, and a
    log that was replaced by an older copy of itself. Not found: whole entries cut off at the end
    that no anchor counts, and what was never logged.

    Args:
        log: Its folder, or one of its files.
        key: The log's; None checks the chain alone.
        anchor: The anchor file; None checks without.

    Raises:
        DataError: there is no such log, or no such anchor.

    >>> import tempfile
    >>> from bankft.audit import AuditLog
    >>> folder = tempfile.mkdtemp()
    >>> AuditLog(folder, key=b"k" * 32).close()
    >>> verify(folder, key=b"x" * 32).reason
    'its keyed checksum does not fit'
    """
    kept = None if anchor is None else read_anchor(Path(anchor), key)
    count = None if kept is None else kept.entries
    if kept is not None and kept.fits is False:
        return Verification(False, 0, None, "the anchor's own checksum does not fit", True, count)
    fine = 0
    last: Entry | None = None
    missing = 0  # entries before the first that is there

    def bad(number: int, reason: str) -> Verification:
        return Verification(False, fine, number, reason, key is not None, count)

    for line in lines(Path(log)):
        expected = 1 if last is None else last.n + 1
        entry = read_line(line, key)
        if isinstance(entry, str):
            return bad(expected, entry)
        if last is None and entry.n > 1:
            missing = entry.n - 1  # must be said to have expired, further on
            if entry.kind != "log.segment":
                return bad(1, "the log does not begin with the first entry of a segment")
        elif entry.n != expected:
            return bad(expected, f"entry {entry.n} stands in its place")
        elif entry.prev != (START if last is None else last.digest):
            return bad(expected, "it does not follow from the entry before it")
        if entry.kind == "log.expired" and entry.data.get("through") == missing:
            missing = 0
        if kept is not None and entry.n == kept.entries and entry.digest != kept.head:
            return bad(entry.n, "it is not the one that the anchor vouches for")
        if kept is not None and entry.kind == "log.segment" and entry.data.get("log") != kept.log:
            return bad(entry.n, "the anchor is of another log")
        last = entry
        fine += 1
    reached = 0 if last is None else last.n
    if missing and Path(log).is_dir():
        return bad(1, f"the first {missing} entries are missing and were not told to have expired")
    if kept is not None and reached < kept.entries:
        return bad(reached + 1, f"it is missing: the anchor counts {kept.entries} entries")
    if not reached:
        return bad(1, "the log is empty")
    return Verification(True, fine, None, "", key is not None, count)
