"""Append to the audit log: how many entries a second, durable and batched, as JSON.

``durable`` waits for the disk after every entry; ``threads`` does so from 16 threads at once,
which share an ``fsync``; ``batched`` brings 200 entries to the disk with one ``fsync``.
``waiting`` is the service: 64 requests at once, each of which waits until its entry is on the disk.
``sqlite`` is the peer: one durable row a transaction (synchronous=FULL), without any chain or
checksum; ``durable_over_sqlite`` above 1 says how many times more entries the log takes in the
same run on the same disk. ``verified`` is entries checked a second, with the key.

Run: ``nox -s bench -- benchmarks/bench_audit.py``
"""

import json
import sqlite3
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bankft.audit import AuditLog, verify
from bankft.release import Registry
from bankft.service.auditing import Auditing
from bankft.service.store import Store

ENTRIES = 300
BATCH = 200
ROUNDS = 5
KEY = b"k" * 32
DATA = {
    "alias": "fund-bot",
    "model": "ft:bankft-nano:bankft:fund-bot:Ab3dE5gH",
    "digest": "sha256:" + "0" * 64,
    "settings": {"temperature": 0.0, "top_p": 1.0, "max_tokens": 128, "seed": 7},
    "messages": "hmac-sha256:" + "1" * 64,
    "answer": "hmac-sha256:" + "2" * 64,
    "verdict": "ok",
    "latency_ms": 210,
}


def durable(folder: Path) -> float:
    """Return entries a second, each on the disk before the next."""
    with AuditLog(folder, key=KEY) as log:
        begun = time.perf_counter()
        for _ in range(ENTRIES):
            log.append("answer", DATA)
        return ENTRIES / (time.perf_counter() - begun)


def threads(folder: Path) -> float:
    """Return entries a second of 16 threads that each wait for the disk."""
    with AuditLog(folder, key=KEY) as log, ThreadPoolExecutor(16) as pool:
        begun = time.perf_counter()
        list(pool.map(lambda _: log.append("answer", DATA), range(ENTRIES)))
        return ENTRIES / (time.perf_counter() - begun)


def batched(folder: Path) -> float:
    """Return entries a second that are brought to the disk together."""
    with AuditLog(folder, key=KEY) as log:
        begun = time.perf_counter()
        for _ in range(10):
            log.append_all(("answer", DATA) for _ in range(BATCH))
        return 10 * BATCH / (time.perf_counter() - begun)


def waiting(folder: Path) -> float:
    """Return entries a second of 64 askers of the service, who each wait for their own."""
    store = Store(folder)
    registry = Registry(store.address("releases.db"))
    auditing = Auditing(store, registry)
    with ThreadPoolExecutor(64) as pool:
        begun = time.perf_counter()
        list(pool.map(lambda _: auditing.note("answer", DATA).result(), range(4 * ENTRIES)))
        taken = time.perf_counter() - begun
    auditing.close()
    registry.close()
    store.close()
    return 4 * ENTRIES / taken


def sqlite(folder: Path) -> float:
    """Return rows a second, each in a transaction of its own."""
    folder.mkdir()
    with sqlite3.connect(folder / "log.db", isolation_level=None) as log:
        log.execute("PRAGMA journal_mode=WAL")
        log.execute("PRAGMA synchronous=FULL")
        log.execute("CREATE TABLE entries (n INTEGER PRIMARY KEY, kind TEXT, data TEXT)")
        begun = time.perf_counter()
        for _ in range(ENTRIES):
            log.execute(
                "INSERT INTO entries (kind, data) VALUES (?, ?)", ("answer", json.dumps(DATA))
            )
        taken = time.perf_counter() - begun
    log.close()
    return ENTRIES / taken


def verified(log: Path) -> float:
    """Return entries checked a second."""
    begun = time.perf_counter()
    found = verify(log, key=KEY)
    assert found.ok
    return found.entries / (time.perf_counter() - begun)


def main() -> None:
    """Measure, the ways in turn, and print the medians."""
    ways = {way.__name__: way for way in (durable, threads, batched, waiting, sqlite)}
    found: dict[str, list[float]] = {name: [] for name in (*ways, "verified")}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            for name, way in ways.items():
                found[name].append(way(Path(folder, f"{name}-{number}")))
            found["verified"].append(verified(Path(folder, f"batched-{number}")))
    told = {name: round(statistics.median(values)) for name, values in found.items()}
    ratios = [a / b for a, b in zip(found["durable"], found["sqlite"], strict=True)]
    print(
        json.dumps(
            {"per_second": told, "durable_over_sqlite": round(statistics.median(ratios), 2)},
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
