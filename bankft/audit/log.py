"""Writing the log: one writer, whole lines, on the disk before anyone is told."""

import hashlib
import os
import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from bankft.audit.disk import sync_names
from bankft.audit.entries import START, Entry, read_entries, read_line, segments, write_line
from bankft.audit.keys import key_id
from bankft.audit.stamp import read_anchor, write_anchor
from bankft.errors import DataError, UsageError

_TAIL = 2**20  # bytes that are read at the end of a segment, more if a line is longer


class AuditLog:
    """A log that is open for writing.

    A line that a crash cut short is taken out of the log when it is opened again, kept in a file
    beside it, and an entry ``log.repaired`` says so.

    Args:
        folder: Of its segments; made if it is not there. One process at a time may write.
        key: 32 bytes, kept elsewhere (`make_key`).
        anchor: A file that is told the number of entries and the hash of the last one, at every
            ``anchor_every`` entries and at the end. Keep it where a person who may write the log
            may not: what was cut off after the last anchor is not found. A log that is not
            what its anchor vouches for is not gone on with.
        anchor_every: Entries between two anchors.
        segment_bytes: When a segment is longer, the next entry begins another; a day does, too.

    Raises:
        UsageError: another process writes this log.
        DataError: the log was written with another key, its end cannot be read, or it is not the
            one that the anchor vouches for.

    """

    def __init__(
        self,
        folder: str | Path,
        *,
        key: bytes,
        anchor: str | Path | None = None,
        anchor_every: int = 100,
        segment_bytes: int = 64 * 2**20,
    ) -> None:
        self.folder, self._key = Path(folder), key
        self._anchor = None if anchor is None else Path(anchor)
        self._every, self._segment_bytes = anchor_every, segment_bytes
        self.folder.mkdir(parents=True, exist_ok=True)
        self.id: str
        self._synced: int
        self._anchored: int
        self._writing, self._syncing, self._anchoring = (threading.Lock() for _ in range(3))
        self._held = _lock(self.folder / "lock")
        try:
            self._open()
        except BaseException:
            self._held.close()
            raise

    def append(self, kind: str, data: Mapping[str, Any], *, durable: bool = True) -> int:
        """Write an entry; return its number.

        Args:
            kind: What it is about, in a word or two joined by dots.
            data: What it says: JSON. No personal data: put those among the `Contents`.
            durable: Whether it is on the disk when this returns. Threads that wait at the same
                time share one ``fsync``. If not, `sync` does it later.

        Raises:
            UsageError: the data are not JSON, or the log was closed.
            OSError: the disk does not take it; nothing of it is then in the log. After an
                ``fsync`` that failed the log is closed: nobody knows what is on the disk.

        """
        return self.append_all([(kind, data)], durable=durable)

    def append_all(
        self, entries: Iterable[tuple[str, Mapping[str, Any]]], *, durable: bool = True
    ) -> int:
        """Write entries one after another; return the last one's number.

        Raises:
            UsageError, OSError: as for `append`; none of them is then written.

        """
        with self._writing:
            if self._file.closed:
                raise UsageError("The audit log was closed: open it again to write.")
            at = _now()
            if self._size > self._segment_bytes or at[:10] > self._day:
                self._next_segment()
            n, prev, out = self.entries, self.head, bytearray()
            for kind, data in entries:
                n += 1
                line = write_line(n, at, kind, data, prev, self._key)
                prev = _digest(line)
                out += line
            self._write(bytes(out), n, prev)
            due = self._anchor is not None and self.entries - self._anchored >= self._every
        if durable or due:
            self.sync()
        if due:
            self.anchor()
        return n

    def sync(self) -> None:
        """Bring what was written to the disk.

        Raises:
            OSError: the disk does not take it.

        """
        wanted = self.entries
        with self._syncing:
            if self._synced >= wanted:
                return  # another thread's fsync took ours along
            with self._writing:
                # A file of our own: the log's may be closed meanwhile, for the next segment.
                written, number = self.entries, os.dup(self._file.fileno())
            try:
                os.fsync(number)
            except OSError:
                self._file.close()
                raise
            finally:
                os.close(number)
            self._synced = written

    def anchor(self) -> None:
        """Tell the anchor file how long the log is, and the hash of its last entry."""
        if self._anchor is not None:
            with self._anchoring:
                with self._writing:
                    count, head = self.entries, self.head
                if count != self._anchored:
                    self.sync()  # an anchor must never count what a crash may take away
                    write_anchor(self._anchor, self.id, count, head, _now(), self._key)
                    self._anchored = count

    def expire(self, before: date) -> int:
        """Delete the segments whose last entry was written before a day; return how many.

        The newest stays. An entry ``log.expired`` tells up to where, without which the log would
        be found to lack its beginning.

        Raises:
            DataError: a segment cannot be read.

        """
        gone = []
        for segment in segments(self.folder)[:-1]:
            last = _last(segment, self._key)
            if last is None or last.at[:10] >= before.isoformat():
                break
            gone.append((segment, last.n))
        if gone:
            self.append("log.expired", {"through": gone[-1][1], "before": before.isoformat()})
        for segment, _ in gone:
            segment.unlink()
        return len(gone)

    def close(self) -> None:
        """Sync, anchor and let another process write."""
        try:
            if not self._file.closed:
                self.sync()
                self.anchor()
        finally:
            self._file.close()
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> None:
        self.entries, self.head, self.id = 0, START, secrets.token_hex(8)
        self._synced = self._anchored = 0
        torn, newest = 0, self._path(1)
        if any(self.folder.glob("audit-*.jsonl")):
            newest = segments(self.folder)[-1]
            torn = self._repair(newest)
            last = _last(newest, self._key)
            if last is None:  # cut off before its first entry was whole
                newest.unlink()
                rest = sorted(self.folder.glob("audit-*.jsonl"))
                last = _last(rest[-1], self._key) if rest else None
                newest = rest[-1] if rest else newest
            if last is not None:
                self.entries, self.head = last.n, last.digest
                begun = next(read_entries(newest))
                self.id, self._day = str(begun.data["log"]), begun.at[:10]
        self._check_anchor()
        self._begin(newest if self.entries else self._path(1))
        if not self.entries:
            self._head_entry()
        if torn:
            self.append("log.repaired", {"bytes": torn, "after": self.entries})

    def _check_anchor(self) -> None:
        """Make sure that nothing was cut off: the next anchor would hide it."""
        if self._anchor is None or not self._anchor.exists():
            return
        kept = read_anchor(self._anchor, self._key)
        files = segments(self.folder) if self.entries else []
        begun = [file for file in files if int(file.stem.removeprefix("audit-")) <= kept.entries]
        there = next(
            (one for one in read_entries(begun[-1]) if one.n == kept.entries)
            if begun
            else iter(()),
            None,
        )
        if not kept.fits or kept.log != self.id or there is None or there.digest != kept.head:
            raise DataError(
                f"The audit log is not the one that the anchor {self._anchor.name} vouches for, "
                f"with {kept.entries:,} entries: verify it against the anchor, and begin a new log "
                "in another folder, with an anchor of its own."
            )
        self._anchored = kept.entries

    def _repair(self, segment: Path) -> int:
        """Take a line out that a crash cut short; return its length."""
        plain = segment.read_bytes()
        whole = plain.rfind(b"\n") + 1
        if torn := plain[whole:]:
            saved = segment.with_name(f"torn-{segment.stem}-{len(plain)}.bin")
            saved.write_bytes(torn)
            with segment.open("r+b") as out:
                out.truncate(whole)
                os.fsync(out.fileno())
        return len(torn)

    def _path(self, first: int) -> Path:
        return self.folder / f"audit-{first:012}.jsonl"

    def _begin(self, segment: Path) -> None:
        self._file: IO[bytes] = segment.open("ab", buffering=0)
        self._size = segment.stat().st_size

    def _head_entry(self) -> None:
        """Write the first entry of a segment: whose it is, and which key fits."""
        n = self.entries + 1
        data = {"log": self.id, "version": 1, "key": key_id(self._key)}
        at = _now()
        line = write_line(n, at, "log.segment", data, self.head, self._key)
        self._write(line, n, _digest(line))
        self._day = at[:10]
        sync_names(self.folder)

    def _next_segment(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()
        self._begin(self._path(self.entries + 1))
        self._head_entry()

    def _write(self, plain: bytes, entries: int, head: str) -> None:
        rest = memoryview(plain)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            try:
                os.ftruncate(self._file.fileno(), self._size)  # half a line would spoil the rest
            except OSError:
                self._file.close()
            raise
        self._size += len(plain)
        self.entries, self.head = entries, head


def _last(segment: Path, key: bytes) -> Entry | None:
    """Return the last entry of a segment, None when it has none."""
    with segment.open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        back = min(size, _TAIL)
        while True:
            opened.seek(size - back)
            tail = opened.read(back)
            begun = tail.rfind(b"\n", 0, -1) + 1
            if begun or back == size:
                break
            back = min(size, back * 16)
    if not tail:
        return None
    entry = read_line(tail[begun:], key)
    if isinstance(entry, str):
        raise DataError(
            f"The last entry of {segment.name} cannot be gone on from ({entry}): was the log "
            "written with another key? Verify it, and begin a new log in another folder."
        )
    return entry


def _lock(path: Path) -> IO[bytes]:
    """Make sure that nobody else writes, until the returned file is closed."""
    held = path.open("a+b")
    try:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            held.seek(0)
            msvcrt.locking(held.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise UsageError("Another process writes this audit log: only one may at a time.") from None
    return held


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
