"""The service's audit log: one writer, in a thread of its own, so that no chat waits for a disk."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bankft.audit import AuditLog, Contents, make_key, retain
from bankft.errors import BankftError, ServiceError
from bankft.release import Registry
from bankft.service.envelope import ApiError
from bankft.service.faults import where
from bankft.service.key_tables import ApiKey
from bankft.service.release_cards import file_digest
from bankft.service.store import Store
from bankft.service.tables import Job, Table

log = logging.getLogger("bankft.service")

POLICIES = ("digest", "redacted", "full")
_LOOK = 1.0  # seconds between looks for what happened elsewhere
_TOGETHER = 1000  # entries that are written with one fsync
_MAKERS = 8  # contents that are brought to the disk at the same time
_TIDY = 3600.0  # seconds between looks for what has become too old
_ENDED = ("succeeded", "failed", "cancelled")

Entry = tuple[str, Mapping[str, Any]]
Asked = tuple[Callable[[], Entry | None], Future[None]]


class Noted(Table):
    """What is in the log already, of what the service finds by looking."""

    __tablename__ = "audit_noted"

    what: Mapped[str] = mapped_column(primary_key=True)


class Auditing:
    """The log, its contents, and the thread that writes it.

    Args:
        store: of the service.
        registry: of the releases.
        policy: what is kept of what people said: ``digest``, ``redacted`` or ``full``.
        key_file: of the log; made where missing.
        anchor: the file that is told how long the log is, within a second, if any.
        entry_days: how long entries are kept; None: for ever.
        content_days: how long contents are kept; None: for ever.

    Raises:
        BankftError: the log cannot be written, or another service writes it.

    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        policy: str = "digest",
        key_file: Path | None = None,
        anchor: Path | None = None,
        entry_days: int | None = None,
        content_days: int | None = None,
    ) -> None:
        if policy not in POLICIES:
            raise ServiceError(f"BANKFT_AUDIT_CONTENT is none of {', '.join(POLICIES)}.")
        folder = store.folder / "audit"
        key = make_key(key_file or store.folder / "audit.key")
        # The thread tells the anchor: where that fails, the log must go on.
        self._log = AuditLog(folder, key=key, anchor=anchor, anchor_every=2**62)
        self._contents = Contents(folder / "contents", key=key)
        self._store, self._registry, self._policy = store, registry, policy
        self._retain = partial(
            retain, self._log, self._contents, entry_days=entry_days, content_days=content_days
        )
        self._tidied = float("-inf")
        self._queue: SimpleQueue[Asked | None] = SimpleQueue()
        self._asked = Event()
        self._makers = ThreadPoolExecutor(_MAKERS, thread_name_prefix="audit contents")
        self._thread = Thread(target=self._write, name="audit", daemon=True)
        self._thread.start()

    def note(self, kind: str, data: Mapping[str, Any]) -> "Future[None]":
        """Have an entry written; the future is done when it is on the disk."""
        done: Future[None] = Future()
        self.note_later(lambda: (kind, data), done)
        return done

    def note_later(self, entry: Callable[[], Entry | None], done: "Future[None]") -> None:
        """Have an entry written that is made only then: its contents are kept before it is.

        Args:
            entry: makes it.
            done: told when it is on the disk, or why it cannot be written.

        """
        self._queue.put((entry, done))

    def look(self) -> None:
        """Look at once for what happened."""
        self._asked.set()
        self.note_later(lambda: None, Future())

    def content(self, said: Any) -> str:
        """Keep what somebody said as the policy has it; return its keyed digest."""
        if self._policy == "digest":
            return self._contents.digest(said)
        if self._policy == "redacted":
            from bankft.data import redact_example

            said, _ = redact_example(said)
        return self._contents.keep(said)

    def pseudonym(self, user: str) -> str | None:
        """Return what stands for a user in the log: a keyed digest."""
        return self._contents.digest({"user": user}) if user else None

    @property
    def policy(self) -> str:
        """What is kept of what people said."""
        return self._policy

    def close(self) -> None:
        """Write what is still to be written, and close the log."""
        self._queue.put(None)
        self._thread.join(30)
        self._makers.shutdown()
        self._log.close()

    def _write(self) -> None:
        looked = float("-inf")
        while True:
            asked, over = self._taken(max(0.0, looked + _LOOK - time.monotonic()))
            made = self._makers.map(_made, [make for make, _ in asked])
            entries = [entry for entry in made if entry is not None]
            found: list[str] = []
            look = over or self._asked.is_set() or time.monotonic() - looked >= _LOOK
            if look:
                looked = time.monotonic()
                self._asked.clear()
                entries += self._happened(found)
            problem = self._appended(entries, found)
            for _, done in asked:
                with suppress(InvalidStateError):  # whoever waited has gone
                    done.set_result(None) if problem is None else done.set_exception(problem)
            if look:
                self._tidy()
            if over:
                return

    def _appended(self, entries: list[Entry], found: list[str]) -> Exception | None:
        """Bring entries to the disk, all with one fsync; return why that cannot be done."""
        try:
            if entries:
                self._log.append_all(entries)
            if found:
                with self._store.write() as session:
                    session.add_all(Noted(what=what) for what in found)
        except Exception as problem:
            log.error("the audit log could not be written: %s", problem)
            return problem
        return None

    def _tidy(self) -> None:
        """Tell the anchor how long the log is; delete what has become too old."""
        try:
            self._log.anchor()
            if time.monotonic() - self._tidied >= _TIDY:
                self._tidied = time.monotonic()
                gone = self._retain()
                if any(gone.values()):
                    log.info("the audit log let go of %s", gone)
        except Exception as problem:
            log.error("the audit log could not be anchored or shortened: %s", problem)

    def _taken(self, wait: float) -> tuple[list[Asked], bool]:
        """Return what waits to be written, and whether that was all there will be.

        What comes while one write waits for the disk is written with the next.
        """
        taken: list[Asked] = []
        try:
            one = self._queue.get(timeout=wait) if wait else self._queue.get_nowait()
            while one is not None:
                taken.append(one)
                if len(taken) == _TOGETHER:
                    return taken, False
                one = self._queue.get_nowait()
        except Empty:
            return taken, False
        return taken, True

    def _happened(self, found: list[str]) -> Iterator[Entry]:
        """Yield what happened to keys, jobs and releases and is not in the log yet."""
        try:
            with self._store.read() as session:
                known = set(session.scalars(select(Noted.what)))
                entries = [*_keys(session), *_jobs(self._store, session, known)]
            entries += [*_changes(self._registry, known), *_shut_down(self._registry)]
        except Exception as problem:
            log.error("what happened could not be read for the audit log: %s", problem)
            return
        for what, kind, data in entries:
            if what not in known:
                found.append(what)
                if kind == "shutdown.reached":
                    log.warning("%s answers, and its base is shut down: retrain it", data["model"])
                yield kind, data


def _made(make: Callable[[], Entry | None]) -> Entry | None:
    try:
        return make()
    except Exception as problem:
        log.error("an audit entry could not be made: %s", where(problem))
        return "log.failed", {"why": where(problem)}


def _keys(session: Session) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for row in session.scalars(select(ApiKey).order_by(ApiKey.n)):
        said = {"key": row.id, "name": row.name, "scopes": row.scopes}
        yield f"key.made {row.id}", "key.made", {**said, "at": row.created_at}
        if row.revoked_at is not None:
            yield f"key.revoked {row.id}", "key.revoked", {"key": row.id, "at": row.revoked_at}


def _jobs(
    store: Store, session: Session, known: set[str]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for row in session.scalars(select(Job).order_by(Job.n)):
        if f"job.created {row.id}" not in known:
            named = {"training_file": row.training_file, "validation_file": row.validation_file}
            files = {
                key: {"id": file_id, "digest": file_digest(store.file_path(file_id))}
                for key, file_id in named.items()
                if file_id
            }
            said = {"job": row.id, "base": row.model, "method": row.method, "seed": row.seed}
            yield f"job.created {row.id}", "job.created", {**said, **files, "at": row.created_at}
        if row.status in _ENDED:
            said = {"job": row.id, "status": row.status, "model": row.fine_tuned_model}
            yield f"job.ended {row.id}", "job.ended", {**said, "at": row.finished_at}


def _changes(registry: Registry, known: set[str]) -> list[tuple[str, str, dict[str, Any]]]:
    last = max((int(what.split()[1]) for what in known if what.startswith("release ")), default=0)
    return [
        (f"release {one['n']}", f"release.{one['action']}", one)
        for one in registry.changes(after=last)
    ]


def _shut_down(registry: Registry) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the models that answer although the day has come on which their base ends."""
    for one in registry.models():
        if one.status in ("canary", "production") and one.shut_down():
            said = {"model": one.id, "shutdown_date": one.card["shutdown_date"]}
            yield f"shutdown {one.id} {said['shutdown_date']}", "shutdown.reached", said


def auditing_of(store: Store, registry: Registry, environment: Mapping[str, str]) -> Auditing:
    """Open the log as the environment asks for it.

    Raises:
        ServiceError: it cannot be opened.

    """
    key, anchor = (
        environment.get(f"BANKFT_AUDIT_{name}", "").strip() for name in ("KEY_FILE", "ANCHOR")
    )
    try:
        return Auditing(
            store,
            registry,
            policy=environment.get("BANKFT_AUDIT_CONTENT", "").strip() or "digest",
            key_file=Path(key).expanduser() if key else None,
            anchor=Path(anchor).expanduser() if anchor else None,
            entry_days=_days(environment, "BANKFT_AUDIT_DAYS"),
            content_days=_days(environment, "BANKFT_AUDIT_CONTENT_DAYS"),
        )
    except (BankftError, OSError) as problem:
        raise ServiceError(f"The audit log cannot be written: {problem}") from None


def _days(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 36_500):
        raise ServiceError(f"{name} is no number of days: use 365, or leave it out for no limit.")
    return int(text)


async def durable(done: "Future[None]") -> None:
    """Wait until an entry is on the disk.

    Raises:
        ApiError: 500, where it cannot be written: an answer that is not in the log is not given.

    """
    try:
        await asyncio.wrap_future(done)
    except Exception:
        raise ApiError(
            500,
            "The answer could not be written to the audit log, so it is not given: whoever runs "
            "the service finds the reason in its log.",
            type="server_error",
            code="audit_failed",
        ) from None


def started(bases: Sequence[tuple[str, str]], version: str) -> dict[str, Any]:
    """Return what the log says of a service's start."""
    from bankft.compliance import digest

    return {
        "version": version,
        "rules": digest(),
        "bases": [{"name": name, "digest": found} for name, found in bases],
        "process": os.getpid(),
    }
