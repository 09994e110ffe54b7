"""Where state is kept: a database, and a folder of files and weights."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from sqlalchemy import Connection, delete, inspect, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateColumn

from bankft.errors import ServiceError, UsageError
from bankft.release.database import Database
from bankft.service.tables import Checkpoint, Event, File, Job, Model, Table

VARIABLE = "BANKFT_DATABASE_URL"

_FILE = re.compile(r"file-[A-Za-z0-9]{24}")
_JOB = re.compile(r"ftjob-[A-Za-z0-9]{24}")


class Store:
    """State of one service; the API and the worker open one each.

    Args:
        folder: the data folder; made where missing.
        url: SQLAlchemy's address of the database; else what BANKFT_DATABASE_URL names, else
            ``state.db`` in the folder.

    Raises:
        ServiceError: the folder cannot be written, or the database cannot be used.

    """

    def __init__(self, folder: str | Path, url: str | None = None) -> None:
        self.folder = Path(folder).expanduser().resolve()
        try:
            for part in ("files", "jobs"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ServiceError(
                f"The data folder {self.folder} cannot be written ({problem.strerror}): "
                "choose another with --data-dir."
            ) from None
        named = os.environ.get(VARIABLE, "").strip() if url is None else url
        self.url = named or None
        try:
            self._database = Database(
                self.url or self.address("state.db"), name="service", synchronous="NORMAL"
            )
            with self.write() as session:
                Table.metadata.create_all(session.connection())
                _add_columns(session.connection())
        except UsageError as problem:
            raise ServiceError(f"{VARIABLE}: {problem}") from None
        except DatabaseError as problem:
            raise ServiceError(self._unusable(problem)) from None

    def address(self, file: str) -> str:
        """Return SQLAlchemy's address of a database: the named one, else a file in the folder."""
        return self.url or f"sqlite:///{self.folder / file}"

    def _unusable(self, problem: DatabaseError) -> str:
        if self.url is not None:  # what the driver says names host and user, never the password
            why = (str(problem.orig).strip().splitlines() or ["no reason given"])[0]
            return f"The database that {VARIABLE} names cannot be used: {why}"
        return (
            f"The data folder {self.folder} holds a state.db that cannot be opened: "
            "choose another folder with --data-dir, or move that file away."
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that reads one consistent state."""
        with self._database.read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes happen all, or none when it raises."""
        with self._database.write() as session:
            yield session

    def file_path(self, file_id: str) -> Path:
        """Return where a file's bytes lie. Only ids that this service makes are accepted."""
        return self.folder / "files" / _trusted(_FILE, file_id)

    def job_folder(self, job_id: str) -> Path:
        """Return the folder of a job's weights."""
        return self.folder / "jobs" / _trusted(_JOB, job_id)

    def model_folder(self, model: Model) -> Path:
        """Return the folder of a fine-tuned model, never one outside the data folder."""
        folder = (self.folder / model.folder).resolve()
        if not folder.is_relative_to(self.folder / "jobs"):
            raise ServiceError(f"The weights of {model.id} lie outside the data folder.")
        return folder

    def forget(self, recording: str) -> None:
        """Delete what an earlier take of a recording left: a new take replaces it."""
        with self.write() as session:
            jobs = list(session.scalars(select(Job.id).where(Job.recording == recording)))
            files = list(session.scalars(select(File.id).where(File.recording == recording)))
            for table in (Event, Checkpoint):
                session.execute(delete(table).where(table.job_id.in_(jobs)))
            for owner in (Model, File, Job):
                session.execute(delete(owner).where(owner.recording == recording))
        for job_id in jobs:
            rmtree(self.job_folder(job_id), ignore_errors=True)
        for file_id in files:
            self.file_path(file_id).unlink(missing_ok=True)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()


def is_file_id(text: str) -> bool:
    """Say whether a text has the shape of a file's id."""
    return _FILE.fullmatch(text) is not None


def is_job_id(text: str) -> bool:
    """Say whether a text has the shape of a job's id."""
    return _JOB.fullmatch(text) is not None


def _trusted(pattern: re.Pattern[str], identifier: str) -> str:
    if not pattern.fullmatch(identifier):
        raise ServiceError("An id that this service never made was about to become a path.")
    return identifier


def _add_columns(connection: Connection) -> None:
    """Give the tables of a data folder that an earlier version made the columns that are new."""
    quote = connection.dialect.identifier_preparer.quote
    for table in Table.metadata.sorted_tables:
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                what = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {what}")
