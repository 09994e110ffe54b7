"""How a job moves on: every visible change comes with an event.

The worker publishes events; what an event changes (the job's status, a checkpoint, a model, a
result file) becomes visible in the same transaction as the event itself. Normally that is at
once. While recording, published events wait until polls show them, a fixed number each time,
so that a recorded lesson does not depend on how fast this machine trains.
"""

import time
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bankft.service.clock import stable
from bankft.service.tables import Checkpoint, Event, File, Job, Model

QUEUED_AGAIN = "Moving paused job to queued state"
RESUMED = "Fine-tuning job resumed from its last checkpoint"
ENDED = ("succeeded", "failed", "cancelled")
EVENTS_A_POLL = 20
_ROOM = 1000  # numbers an event while recording: what a client does comes between two of them


def find_job(session: Session, job_id: str) -> Job | None:
    """Return a job, locked against other writers where the database can."""
    return session.scalar(select(Job).where(Job.id == job_id).with_for_update())


def publish(
    session: Session,
    job: Job,
    message: str,
    *,
    level: str = "info",
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Append an event to a job's, with what it changes.

    Args:
        session: one that writes.
        job: as ``find_job`` gave it.
        message: for people.
        level: ``info``, ``warn`` or ``error``.
        data: numbers of a metrics event; without it the event is a message.
        changes: ``sets`` (columns to set), ``checkpoint``, ``model``, ``file`` (a row to add
            each) and ``ends`` (True on a job's last event).

    """
    last = session.scalar(select(func.max(Event.seq)).where(Event.job_id == job.id)) or 0
    apart = _ROOM if job.paced else 1
    number = last // apart + 1
    event = Event(
        id=stable("ftevent-", job.id, number),
        job_id=job.id,
        seq=number * apart,
        level=level,
        message=message,
        data=data,
        changes=changes,
    )
    session.add(event)
    if changes.get("ends"):
        job.phase = "done"
    if not job.paced:
        _show(session, job, event, int(time.time()))


def fail(session: Session, job: Job, code: str, message: str, param: str | None = None) -> None:
    """End a job ``failed``, with OpenAI's error object."""
    error = {"code": code, "message": message, "param": param}
    publish(
        session, job, message, level="error", sets={"status": "failed", "error": error}, ends=True
    )


def cancel(session: Session, job: Job) -> None:
    """End a job ``cancelled``; what was published and not yet shown never happened."""
    session.execute(delete(Event).where(Event.job_id == job.id, Event.created_at.is_(None)))
    session.flush()
    publish(session, job, "Fine-tuning job cancelled", sets={"status": "cancelled"}, ends=True)
    if job.paced:
        session.flush()
        _show_waiting(session, job, 1)


def pause(session: Session, job: Job) -> None:
    """Stop a job until ``resume``; its training then goes on from its last checkpoint.

    While recording it is the showing that stops: how far the worker has come is not to be seen.
    """
    sets = {"status": "paused", "estimated_finish": None}
    if job.paced:
        _insert(session, job, "Fine-tuning job paused", sets)
    else:
        publish(session, job, "Fine-tuning job paused", sets=sets)
        job.phase = "pause"


def resume(session: Session, job: Job) -> None:
    """Queue a paused job again."""
    queued = {"status": "queued"}
    if not job.paced:
        publish(session, job, QUEUED_AGAIN, sets=queued)
        job.phase = "wait"
        return
    mine = select(Event).where(Event.job_id == job.id, Event.created_at.is_not(None))
    running = any(
        event.changes.get("sets", {}).get("status") == "running" for event in session.scalars(mine)
    )
    _insert(session, job, QUEUED_AGAIN, queued)
    if running:
        _insert(session, job, RESUMED, {"status": "running"}, shown=False)


def _insert(
    session: Session, job: Job, message: str, sets: dict[str, Any], *, shown: bool = True
) -> None:
    """Put an event of a paced job before those that wait to be shown."""
    mine = select(func.max(Event.seq)).where(Event.job_id == job.id)
    seq = (session.scalar(mine.where(Event.created_at.is_not(None))) or 0) + 1
    event = Event(
        id=stable("ftevent-", job.id, "asked", seq),
        job_id=job.id,
        seq=seq,
        level="info",
        message=message,
        data=None,
        changes={"sets": sets},
    )
    session.add(event)
    session.flush()
    if shown:
        _show(session, job, event, last_shown(session, job))


def show_more(session: Session, job: Job) -> bool:
    """Show the next events of a paced job; False when the worker must publish more first."""
    if job.status in ENDED or job.status == "paused":
        return True
    waiting = session.scalar(
        select(func.count()).where(Event.job_id == job.id, Event.created_at.is_(None))
    )
    if (waiting or 0) < EVENTS_A_POLL and job.phase != "done":
        return False
    _show_waiting(session, job, EVENTS_A_POLL)
    return True


def last_shown(session: Session, job: Job) -> int:
    """Return the time of the latest event that is shown."""
    latest = session.scalar(select(func.max(Event.created_at)).where(Event.job_id == job.id))
    return latest or job.created_at


def _show_waiting(session: Session, job: Job, count: int) -> None:
    waiting = select(Event).where(Event.job_id == job.id, Event.created_at.is_(None))
    for event in session.scalars(waiting.order_by(Event.seq).limit(count)):
        _show(session, job, event, job.created_at + event.seq // _ROOM)


def _show(session: Session, job: Job, event: Event, now: int) -> None:
    event.created_at = now
    for column, value in event.changes.get("sets", {}).items():
        setattr(job, column, value)
    if event.data and job.paced:
        # One logical second an event: the estimate must not depend on this machine's speed.
        job.estimated_finish = job.created_at + event.data["total_steps"] + 10
    if event.changes.get("ends"):
        job.finished_at, job.estimated_finish = now, None
    for name, table in (("checkpoint", Checkpoint), ("model", Model), ("file", File)):
        if name in event.changes:
            session.add(table(created_at=now, **event.changes[name]))
