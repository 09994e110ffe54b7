"""``/v1/fine_tuning/jobs``: asking for training and following it."""

import asyncio
import re
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft.service import answers, paging, progress
from bankft.service.body import query, read
from bankft.service.context import Service, recording_of, service_of, stamp_of
from bankft.service.envelope import ApiError, no_such_model, shown
from bankft.service.routes import files
from bankft.service.routes.models import find_model
from bankft.service.store import is_job_id
from bankft.service.tables import Checkpoint, Event, Job
from bankft.service.wire import CreateJob

router = APIRouter(prefix="/v1/fine_tuning/jobs")

_METADATA = re.compile(r"metadata\[(.{1,64})\]", re.DOTALL)


@router.post("")
async def create(request: Request) -> JSONResponse:
    """Take a job; the worker checks its files and trains."""
    service = service_of(request)
    query(request)
    wanted = await read(request, CreateJob)
    stamp = await stamp_of(request)
    now = service.clock.now(stamp.recording)

    def add() -> Job:
        with service.store.write() as session:
            if find_model(service, session, wanted.model) is None:
                raise no_such_model(wanted.model)
            for param in ("training_file", "validation_file"):
                _check_file(session, param, getattr(wanted, param), now)
            job = Job(
                id=stamp.id("ftjob-"),
                created_at=stamp.tick(),
                model=wanted.model,
                training_file=wanted.training_file,
                validation_file=wanted.validation_file,
                suffix=wanted.suffix,
                seed=stamp.seed() if wanted.seed is None else wanted.seed,
                meta=wanted.metadata,
                hyperparameters=wanted.settings().model_dump(),
                recording=stamp.recording,
            )
            session.add(job)
            session.flush()
            progress.publish(session, job, f"Created fine-tuning job: {job.id}")
            and_validation = f" and validation file: {job.validation_file}"
            progress.publish(
                session,
                job,
                f"Validating training file: {job.training_file}"
                + (and_validation if job.validation_file else ""),
            )
        return job

    return _one(service, await run_in_threadpool(add))


@router.get("")
async def list_jobs(request: Request) -> JSONResponse:
    """List jobs, newest first; ``metadata[key]=value`` chooses."""
    service = service_of(request)
    keys = [name for name in request.query_params if _METADATA.fullmatch(name)]
    asked = query(request, "after", "limit", "metadata", *keys)
    if asked.get("metadata", "null") != "null":
        raise ApiError(
            400,
            "Invalid 'metadata': filter as 'metadata[key]=value', or 'metadata=null' for none.",
            param="metadata",
            code="invalid_value",
        )
    chosen = {key[len("metadata[") : -1]: asked[key] for key in keys}

    def rows() -> list[Job]:
        newest = [Job.created_at.desc(), (Job.id if service.clock.logical else Job.n).desc()]
        wanted = select(Job).order_by(*newest)
        mine = recording_of(request.headers)
        if service.clock.logical:
            wanted = wanted.where(Job.recording.like(f"%.{mine.rpartition('.')[2]}"))
        with service.store.read() as session:
            found = list(session.scalars(wanted))
        if "metadata" in asked:
            found = [job for job in found if not job.meta]
        found = [job for job in found if chosen.items() <= (job.meta or {}).items()]
        if not service.clock.logical:
            return found
        # A page sees its own jobs alone, unless it asks by metadata for one that only the other
        # pages of its language made.
        own = [job for job in found if job.recording == mine]
        return own or (found if chosen else [])

    found, more = paging.page(await run_in_threadpool(rows), asked, 20)
    return JSONResponse(paging.listing([answers.job(job) for job in found], more))


@router.get("/{job_id}")
async def retrieve(request: Request, job_id: str) -> JSONResponse:
    """Return a job as it is now."""
    query(request)
    return _one(service_of(request), await _follow(request, job_id))


@router.post("/{job_id}/cancel")
async def cancel(request: Request, job_id: str) -> JSONResponse:
    """Cancel a job that has not ended."""
    service = service_of(request)
    query(request)

    def stop() -> Job:
        with service.store.write() as session:
            job = _job(session, job_id)
            if job.status in progress.ENDED:
                raise ApiError(
                    400,
                    f"The job has already ended: its status is '{job.status}'.",
                    code="invalid_state",
                )
            progress.cancel(session, job)
            service.clock.reach(job.recording, progress.last_shown(session, job))
        return job

    return _one(service, await run_in_threadpool(stop))


@router.get("/{job_id}/events")
async def events(request: Request, job_id: str) -> JSONResponse:
    """List a job's events, newest first."""
    service, asked = service_of(request), query(request, "after", "limit")
    job = await _follow(request, job_id)
    shown_events = (
        select(Event)
        .where(Event.job_id == job.id, Event.created_at.is_not(None))
        .order_by(Event.seq.desc())
    )
    return await _page(service, shown_events, answers.event, asked, 20)


@router.get("/{job_id}/checkpoints")
async def checkpoints(request: Request, job_id: str) -> JSONResponse:
    """List a job's checkpoints, newest first."""
    service, asked = service_of(request), query(request, "after", "limit")

    def known() -> Job:
        with service.store.read() as session:
            return _job(session, job_id)

    job = await run_in_threadpool(known)
    wanted = select(Checkpoint).where(Checkpoint.job_id == job.id).order_by(Checkpoint.step.desc())
    return await _page(service, wanted, answers.checkpoint, asked, 10, ends=True)


async def _follow(request: Request, job_id: str) -> Job:
    """Return a job; while recording, show its next events first, waiting for the worker."""
    service = service_of(request)

    def look() -> tuple[Job, bool]:
        # Turning to an older page of a list shows nothing new.
        if not service.clock.logical or "after" in request.query_params:
            with service.store.read() as session:
                return _job(session, job_id), True
        with service.store.write() as session:
            job = _job(session, job_id)
            if not job.paced or not progress.show_more(session, job):
                return job, not job.paced
            session.flush()
            service.clock.reach(job.recording, progress.last_shown(session, job))
            return job, True

    while True:
        job, ready = await run_in_threadpool(look)
        if ready or service.closing.is_set() or await request.is_disconnected():
            return job
        await asyncio.sleep(0.05)


async def _page(
    service: Service, wanted: Any, show: Any, asked: dict[str, str], default: int, **how: Any
) -> JSONResponse:
    def rows() -> list[Any]:
        with service.store.read() as session:
            return list(session.scalars(wanted))

    found, more = paging.page(await run_in_threadpool(rows), asked, default)
    listed = paging.listing([show(row) for row in found], more, **how)
    return JSONResponse(listed, headers=_pace(service))


def _job(session: Session, job_id: str) -> Job:
    job = progress.find_job(session, job_id) if is_job_id(job_id) else None
    if job is None:
        raise ApiError(
            404,
            f"Could not find fine tune: {shown(job_id)}",
            param="fine_tuning_job_id",
            code="fine_tune_not_found",
        )
    return job


def _check_file(session: Session, param: str, file_id: str | None, now: int) -> None:
    if file_id is None:
        return
    file = files.find(session, file_id, now)
    if file is None:
        raise ApiError(400, f"invalid {param}: {shown(file_id)}", param=param)
    if file.purpose != "fine-tune":
        raise ApiError(
            400,
            f"invalid {param}: {file.id} was uploaded with another purpose than 'fine-tune'",
            param=param,
        )


def _pace(service: Service) -> dict[str, str]:
    return {"openai-poll-after-ms": "0" if service.clock.logical else "500"}


def _one(service: Service, job: Job) -> JSONResponse:
    shown_job = answers.job(job).model_dump(mode="json", exclude_unset=True)
    return JSONResponse(shown_job, headers=_pace(service))
