"""A database, SQLite or PostgreSQL, whose writers wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from bankft.errors import MissingExtra, UsageError


class Database:
    """Sessions of a database that several processes may share.

    One writes at a time, from the beginning of its transaction on: what it reads before it writes
    is still true when it writes, on PostgreSQL as on SQLite.

    Args:
        url: SQLAlchemy's address: ``sqlite:///state.db``, ``postgresql+psycopg://…``.
        name: What is kept there: writers of another name are not waited for.
        synchronous: SQLite's: ``FULL`` is on the disk at once, ``NORMAL`` may lose the last
            changes, never their order, when the machine loses power.

    Raises:
        UsageError: this is no address of a database, or of one that bankft does not know.
        MissingExtra: the driver of PostgreSQL is not installed.

    """

    def __init__(self, url: str, *, name: str, synchronous: str = "FULL") -> None:
        try:
            kind = make_url(url).get_backend_name()
            if kind not in ("sqlite", "postgresql"):
                raise ArgumentError
            self._engine = create_engine(url, pool_pre_ping=kind == "postgresql")
        except ArgumentError:
            # The address may hold a password, so it is not repeated.
            raise UsageError(
                "This is no address of a database: use sqlite:///FILE, or "
                "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."
            ) from None
        except ModuleNotFoundError as missing:
            raise MissingExtra(
                "A PostgreSQL database", package=missing.name or "psycopg", extra="postgresql"
            ) from None
        looks, self._lock = self._engine, crc32(name.encode())
        if kind == "sqlite":
            self._synchronous = synchronous
            event.listen(self._engine, "connect", self._configure)
        else:
            looks = looks.execution_options(isolation_level="REPEATABLE READ")
        event.listen(self._engine, "begin", self._begin)
        self._read = sessionmaker(looks, expire_on_commit=False)
        self._write = sessionmaker(
            self._engine.execution_options(bankft_writes=True), expire_on_commit=False
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that reads one consistent state."""
        with self._read.begin() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes happen all, or none when it raises."""
        with self._write.begin() as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _configure(self, connection: Any, _: object) -> None:
        # SQLAlchemy says when a transaction begins (below); sqlite3 must not guess it.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Waiting comes first: even the journal's mode is changed under a lock.
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA synchronous={self._synchronous}")
        cursor.close()

    def _begin(self, connection: Connection) -> None:
        # A transaction that will write takes the lock at once: taking it later, after reading,
        # fails instead of waiting (SQLite), or writes over what another wrote (PostgreSQL).
        writes = connection.get_execution_options().get("bankft_writes")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        elif writes:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({self._lock})")
