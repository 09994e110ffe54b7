"""The service's log: an entry is on the disk before whoever waits for it goes on."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bankft.audit import read_entries, verify
from bankft.errors import ServiceError
from bankft.release import Registry
from bankft.service.auditing import Auditing, auditing_of, durable
from bankft.service.envelope import ApiError
from bankft.service.store import Store

pytestmark = pytest.mark.service


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def registry(store):
    registry = Registry(store.address("releases.db"))
    yield registry
    registry.close()


def logged(store, kind):
    return [one.data for one in read_entries(store.folder / "audit") if one.kind == kind]


def test_an_entry_is_in_the_file_when_its_future_is_done(store, registry):
    auditing = Auditing(store, registry)

    def write(i):
        auditing.note("answer", {"i": i}).result(60)
        return {"i": i} in logged(store, "answer")

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write, range(64)))
    auditing.close()
    checked = verify(store.folder / "audit", key=(auditing._contents._key))
    assert (checked.ok, checked.entries) == (True, 65)


def test_many_who_wait_share_one_fsync(store, registry, monkeypatch):
    import os

    auditing = Auditing(store, registry)
    synced = []
    real = os.fsync

    def slow(number):
        synced.append(number)
        time.sleep(0.05)
        real(number)

    monkeypatch.setattr("bankft.audit.log.os.fsync", slow)
    for done in [auditing.note("answer", {"i": i}) for i in range(200)]:
        done.result(60)
    assert len(synced) < 20
    monkeypatch.undo()
    auditing.close()


def test_an_answer_that_cannot_be_logged_is_refused(store, registry, monkeypatch):
    auditing = Auditing(store, registry)
    with monkeypatch.context() as broken:

        def full(_number):
            raise OSError(28, "No space left on device")

        broken.setattr("bankft.audit.log.os.fsync", full)

        async def wait():
            await durable(auditing.note("answer", {}))

        with pytest.raises(ApiError) as problem:
            asyncio.run(wait())
    assert (problem.value.status, problem.value.error["code"]) == (500, "audit_failed")
    auditing.close()


def test_the_anchor_follows_within_a_second(store, registry, tmp_path):
    anchor = tmp_path / "anchor.json"
    auditing = Auditing(store, registry, anchor=anchor)
    auditing.note("answer", {}).result(60)
    end = time.monotonic() + 30
    while not anchor.exists() or b'"entries": 2' not in anchor.read_bytes():
        assert time.monotonic() < end
        time.sleep(0.05)
    auditing.close()


@pytest.mark.parametrize("days", ["0", "-1", "a year", "1.5", "999999"])
@pytest.mark.parametrize("name", ["BANKFT_AUDIT_DAYS", "BANKFT_AUDIT_CONTENT_DAYS"])
def test_what_is_no_number_of_days(store, registry, name, days):
    with pytest.raises(ServiceError, match=f"{name} is no number of days"):
        auditing_of(store, registry, {name: days})
