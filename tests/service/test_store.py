"""The store: paths from trusted ids alone, all or nothing, two processes at once."""

import subprocess
import sys

import pytest
from sqlalchemy import func, select

from bankft.errors import ServiceError
from bankft.service.clock import stable
from bankft.service.store import Store, is_file_id, is_job_id
from bankft.service.tables import File, Job, Model

pytestmark = pytest.mark.service


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "data")
    yield store
    store.close()


def file(**fields) -> File:
    defaults = {"filename": "a.jsonl", "bytes": 1, "purpose": "fine-tune", "created_at": 1}
    return File(**{"id": stable("file-", fields), **defaults, **fields})


GOOD = "file-" + "a" * 24


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "file-",
        GOOD + "a",
        GOOD + "\n",
        "../" + GOOD,
        GOOD[:-1] + "/",
        GOOD[:-1] + "é",
        "ftjob-" + "a" * 24,
        "/etc/passwd",
    ],
)
def test_only_our_own_ids_become_paths(store, bad):
    assert not is_file_id(bad)
    with pytest.raises(ServiceError):
        store.file_path(bad)
    with pytest.raises(ServiceError):
        store.job_folder(bad.replace("ftjob", "file"))


def test_our_ids_become_paths_inside(store):
    assert store.file_path(GOOD) == store.folder / "files" / GOOD
    job = "ftjob-" + "b" * 24
    assert is_job_id(job)
    assert store.job_folder(job) == store.folder / "jobs" / job


@pytest.mark.parametrize(
    "folder", ["../outside", "/etc", "jobs/../..", "jobs-of-others/x", "files/x"]
)
def test_weights_outside_are_not_read(store, folder):
    with pytest.raises(ServiceError):
        store.model_folder(Model(id="ft:x", folder=folder))


def test_all_or_nothing(store):
    def half():
        with store.write() as session:
            session.add(file())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 0


def test_state_survives(store):
    with store.write() as session:
        session.add(file(filename="名字.jsonl"))
    again = Store(store.folder)
    with again.read() as session:
        assert session.scalar(select(File.filename)) == "名字.jsonl"
    again.close()


_ADD = """
import sys
from bankft.service.store import Store
from bankft.service.tables import Job
store = Store(sys.argv[1])
for _ in range(50):
    with store.write() as session:
        job = session.get(Job, 1)
        job.crashes += 1
"""


def test_two_processes_lose_no_change(store):
    with store.write() as session:
        job = {"training_file": GOOD, "seed": 1, "hyperparameters": {}, "created_at": 1}
        session.add(Job(id="ftjob-" + "a" * 24, model="m", **job))
    command = [sys.executable, "-c", _ADD, str(store.folder)]
    writers = [subprocess.Popen(command) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with store.read() as session:
        assert session.get(Job, 1).crashes == 100


def test_forgetting_a_recording_leaves_the_others(store):
    kept = []
    for recording in ("a.zh", "b.zh", None):
        row = file(recording=recording)
        kept.append(row.id)
        store.file_path(row.id).write_bytes(b"x")
        with store.write() as session:
            session.add(row)
    store.forget("a.zh")
    with store.read() as session:
        assert set(session.scalars(select(File.id))) == set(kept[1:])
    assert not store.file_path(kept[0]).exists()
    assert store.file_path(kept[1]).exists()


def test_a_data_folder_of_an_earlier_version_is_taken_on(tmp_path):
    """Columns that are new are added; what the folder holds stays."""
    store = Store(tmp_path)
    with store.write() as session:
        session.add(
            Job(
                id="ftjob-" + "a" * 24,
                created_at=1,
                model="bankft-nano",
                training_file="file-" + "a" * 24,
                seed=1,
                hyperparameters={},
            )
        )
        session.flush()
        for column in ("method", "asked", "options"):
            session.connection().exec_driver_sql(f"ALTER TABLE jobs DROP COLUMN {column}")
        session.connection().exec_driver_sql("ALTER TABLE models DROP COLUMN kind")
    store.close()
    again = Store(tmp_path)
    with again.read() as session:
        job = session.scalar(select(Job))
        assert (job.method, job.asked, job.options) == ("supervised", None, None)
    again.close()
