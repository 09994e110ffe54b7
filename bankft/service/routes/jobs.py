"""``/v1/fine_tuning/jobs``: asking for training and following it."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft.service import answers, paging, progress, rewarding
from bankft.service.body import check, query, read
from bankft.service.context import Service, recording_of, service_of, stamp_of
from bankft.service.envelope import ApiError, no_such_model, shown
from bankft.service.eval_runs import create_for_job
from bankft.service.known import Known, root
from bankft.service.routes import files
from bankft.service.routes.models import find_model
from bankft.service.store import is_job_id
from bankft.service.tables import Checkpoint, Event, Job
from bankft.service.wire import CreateJob
from bankft.service.wire_methods import OPTIONS, DpoHyperparameters, DpoOptions, Lora, Options

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
    options = check(wanted.bankft or {}, OPTIONS[wanted.kind], "bankft")
    await run_in_threadpool(_check_method, service, wanted, options)

    def add() -> Job:
        with service.store.write() as session:
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
                method=wanted.kind,
                asked=_asked(wanted),
                options=_options(service, wanted, options),
                recording=stamp.recording,
            )
            session.add(job)
            session.flush()
            if wanted.kind == "reinforcement":
                job.eval_id = create_for_job(
                    session,
                    job_id=job.id,
                    name=f"{job.suffix or job.model}: {job.id}",
                    grader=(job.asked or {})["grader"],
                    created_at=job.created_at,
                    recording=job.recording,
                )
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

    def stop(session: Session, job: Job) -> None:
        if job.status in progress.ENDED:
            raise _wrong_state("The job has already ended", job)
        progress.cancel(session, job)

    return await _change(request, job_id, stop)


@router.post("/{job_id}/pause")
async def pause(request: Request, job_id: str) -> JSONResponse:
    """Stop a job's training until it is resumed."""

    def stop(session: Session, job: Job) -> None:
        if job.status not in ("queued", "running"):
            raise _wrong_state("A job can be paused while it is queued or running", job)
        progress.pause(session, job)

    return await _change(request, job_id, stop)


@router.post("/{job_id}/resume")
async def resume(request: Request, job_id: str) -> JSONResponse:
    """Queue a paused job again."""

    def go_on(session: Session, job: Job) -> None:
        if job.status != "paused":
            raise _wrong_state("Only a paused job can be resumed", job)
        progress.resume(session, job)

    return await _change(request, job_id, go_on)


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

    def rows() -> list[Checkpoint]:
        with service.store.read() as session:
            mine = select(Checkpoint).where(Checkpoint.job_id == _job(session, job_id).id)
            return list(session.scalars(mine.order_by(Checkpoint.step.desc())))

    every = await run_in_threadpool(rows)
    places = answers.ranked(every)
    found, more = paging.page(every, asked, 10)
    listed = [answers.checkpoint(row, places.get(row.id)) for row in found]
    return JSONResponse(paging.listing(listed, more, ends=True), headers=_pace(service))


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
    service: Service, wanted: Any, show: Any, asked: dict[str, str], default: int
) -> JSONResponse:
    def rows() -> list[Any]:
        with service.store.read() as session:
            return list(session.scalars(wanted))

    found, more = paging.page(await run_in_threadpool(rows), asked, default)
    listed = paging.listing([show(row) for row in found], more)
    return JSONResponse(listed, headers=_pace(service))


async def _change(
    request: Request, job_id: str, change: Callable[[Session, Job], None]
) -> JSONResponse:
    """Change a job at once, and return it."""
    service = service_of(request)
    query(request)

    def act() -> Job:
        with service.store.write() as session:
            job = _job(session, job_id)
            change(session, job)
            session.flush()
            service.clock.reach(job.recording, progress.last_shown(session, job))
        return job

    return _one(service, await run_in_threadpool(act))


def _wrong_state(what: str, job: Job) -> ApiError:
    return ApiError(400, f"{what}: its status is '{job.status}'.", code="invalid_state")


def _check_method(service: Service, wanted: CreateJob, options: Options) -> None:
    """Make sure that a job's model, grader and settings go together.

    Raises:
        ApiError: 404 where there is no such model, else 400.

    """

    def find(name: str) -> Known | None:
        with service.store.read() as session:
            return find_model(service, session, name)

    found = find(wanted.model)
    if found is None:
        raise no_such_model(wanted.model)
    if found.kind == "reward":
        raise ApiError(
            400,
            f"The model `{wanted.model}` is a reward model: train the model that answers.",
            param="model",
            code="model_not_supported",
        )
    if wanted.method and wanted.method.reinforcement:
        grader = wanted.method.reinforcement.grader
        rewarding.check_job(grader, find, "method.reinforcement.grader")
    settings = wanted.settings()
    rewards = isinstance(options, DpoOptions) and options.objective == "reward_model"
    if rewards and isinstance(settings, DpoHyperparameters) and settings.beta != "auto":
        raise ApiError(
            400,
            "Invalid 'method.dpo.hyperparameters.beta': a reward model has no reference to stay "
            "near; leave it out.",
            param="method.dpo.hyperparameters.beta",
            code="invalid_value",
        )
    if options.early_stop is not None and wanted.validation_file is None:
        raise ApiError(
            400,
            "Invalid 'bankft.early_stop': it looks at the validation file; give one.",
            param="bankft.early_stop",
            code="invalid_value",
        )


def _asked(wanted: CreateJob) -> dict[str, Any] | None:
    """Return what a reinforcement job names beside its hyperparameters, as it came."""
    if wanted.method is None or wanted.method.reinforcement is None:
        return None
    given = wanted.method.reinforcement.model_dump(
        by_alias=True, exclude_unset=True, exclude={"hyperparameters"}
    )
    return {name: value for name, value in given.items() if value is not None}


def _options(service: Service, wanted: CreateJob, options: Options) -> dict[str, Any] | None:
    """Return what stands under ``bankft``; a base of one's own is trained by LoRA unless told."""
    given = options.model_dump(exclude_unset=True)
    for name in ("lora", "keep"):
        if given.get(name) is not None:
            given[name] = getattr(options, name).model_dump(exclude_none=True)
    own = {base.name for base in service.bases if not base.shipped}
    if root(wanted.model) in own and "lora" in type(options).model_fields:
        given.setdefault("lora", Lora().model_dump())
    return given or None


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
    return JSONResponse(answers.job(job), headers=_pace(service))
