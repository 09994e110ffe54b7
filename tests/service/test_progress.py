"""Events and what they change: at once, or poll by poll."""

import pytest
from sqlalchemy import select

from bankft.service import progress
from bankft.service.store import Store
from bankft.service.tables import Event, File, Job

pytestmark = pytest.mark.service


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    yield store
    store.close()


def make(session, recording=None) -> Job:
    job = Job(
        id="ftjob-" + "a" * 24,
        created_at=1000,
        model="bankft-nano",
        training_file="file-" + "a" * 24,
        seed=1,
        hyperparameters={},
        recording=recording,
    )
    session.add(job)
    session.flush()
    return job


def finish(session, job):
    row = {
        "id": "file-" + "b" * 24,
        "filename": "r.csv",
        "bytes": 1,
        "purpose": "fine-tune-results",
    }
    progress.publish(session, job, "Done", file=row, sets={"status": "succeeded"}, ends=True)


def shown(session):
    return [e.message for e in session.scalars(select(Event).order_by(Event.seq)) if e.created_at]


def test_changes_come_with_their_event(store):
    with store.write() as session:
        job = make(session)
        progress.publish(session, job, "Queued", sets={"status": "queued"})
        assert (job.status, job.finished_at) == ("queued", None)
        finish(session, job)
        assert (job.status, job.phase) == ("succeeded", "done")
        assert job.finished_at is not None
        assert session.scalar(select(File.purpose)) == "fine-tune-results"
        assert shown(session) == ["Queued", "Done"]


def test_paced_job_shows_a_fixed_number_a_poll(store):
    with store.write() as session:
        job = make(session, "page.zh")
        for step in range(1, 26):
            data = {"step": step, "total_steps": 25}
            progress.publish(session, job, f"Step {step}", data=data, sets={"status": "running"})
        assert shown(session) == []
        assert job.status == "validating_files"
        assert progress.show_more(session, job)
        assert shown(session) == [f"Step {n}" for n in range(1, 21)]
        assert (job.status, job.estimated_finish) == ("running", 1035)
        # Five are not enough for a poll, and more may come: the worker must go on first.
        assert not progress.show_more(session, job)
        finish(session, job)
        assert job.status == "running"  # it has ended, but nobody has seen it
        assert session.scalar(select(File.id)) is None
        assert progress.show_more(session, job)
        assert (job.status, job.finished_at, job.estimated_finish) == ("succeeded", 1026, None)
        assert session.scalar(select(File.created_at)) == 1026
        assert progress.last_shown(session, job) == 1026
        assert progress.show_more(session, job)  # nothing left: no waiting either
        assert len(shown(session)) == 26


def test_cancelling_a_paced_job_hides_what_was_not_seen(store):
    with store.write() as session:
        job = make(session, "page.zh")
        for step in range(30):
            progress.publish(session, job, f"Step {step}")
        progress.show_more(session, job)
        progress.cancel(session, job)
        assert shown(session)[-2:] == ["Step 19", "Fine-tuning job cancelled"]
        assert (job.status, job.finished_at) == ("cancelled", 1021)


def test_failing(store):
    with store.write() as session:
        job = make(session)
        progress.fail(session, job, "invalid_n_examples", "Too few.", "training_file")
        assert job.status == "failed"
        assert job.error == {
            "code": "invalid_n_examples",
            "message": "Too few.",
            "param": "training_file",
        }
