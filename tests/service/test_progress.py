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


def publish(session, job, *messages):
    for message in messages:
        progress.publish(session, job, message)


def paused_and_resumed(store, ahead):
    """Pause a recorded job after one look, the worker so many events ahead; return what shows."""
    with store.write() as session:
        job = make(session, recording="page.zh")
        progress.publish(session, job, "Started", sets={"status": "running"})
        publish(session, job, *map(str, range(19 + ahead)))
        assert progress.show_more(session, job)
        progress.pause(session, job)
        assert (job.status, shown(session)[-1]) == ("paused", "Fine-tuning job paused")
        assert progress.show_more(session, job)  # nothing more comes while it is paused
        assert len(shown(session)) == 21
        progress.resume(session, job)
        assert (job.status, shown(session)[-1]) == ("queued", progress.QUEUED_AGAIN)
        publish(session, job, *map(str, range(19 + ahead, 60)))
        assert progress.show_more(session, job)
        assert job.status == "running"
        assert shown(session)[22:25] == [progress.RESUMED, "19", "20"]
        listed = session.scalars(select(Event).order_by(Event.seq))
        return [(e.id, e.message, e.created_at) for e in listed if e.created_at]


def test_pausing_a_recorded_job_shows_the_same_however_far_the_worker_is(tmp_path):
    """What a client does stands between what was shown and what waits, under the same ids."""
    takes = []
    for ahead in (0, 30):
        store = Store(tmp_path / str(ahead))
        takes.append(paused_and_resumed(store, ahead))
        store.close()
    assert takes[0] == takes[1]
    assert len({event[0] for event in takes[0]}) == len(takes[0])


def test_pausing_a_job_stops_its_worker_and_resuming_queues_it(store):
    with store.write() as session:
        job = make(session)
        progress.publish(session, job, "Started", sets={"status": "running"})
        job.phase = "train"
        progress.pause(session, job)
        assert (job.status, job.phase) == ("paused", "pause")
        progress.resume(session, job)
        assert (job.status, job.phase) == ("queued", "wait")
        assert shown(session) == ["Started", "Fine-tuning job paused", progress.QUEUED_AGAIN]
