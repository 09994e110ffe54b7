"""``/v1/evals``: what answers are judged by, and runs that judge thousands of them."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft.data import read_jsonl
from bankft.errors import DataError
from bankft.service import eval_answers, eval_runs, paging, rewarding
from bankft.service.body import check, query, read
from bankft.service.clock import Stamp
from bankft.service.context import Service, recording_of, service_of, stamp_of
from bankft.service.envelope import ApiError, no_such_model, shown
from bankft.service.eval_tables import Eval, EvalRun, OutputItem
from bankft.service.known import Known
from bankft.service.routes import files
from bankft.service.routes.models import find_model
from bankft.service.wire_evals import (
    Completions,
    CreateEval,
    CreateRun,
    ItemReference,
    Row,
    UpdateEval,
)

router = APIRouter(prefix="/v1/evals")

_ORDERS = ("asc", "desc")
_RUN_STATES = ("queued", "in_progress", "completed", "canceled", "failed")


def start(app: FastAPI, service: Service) -> None:
    """Start carrying out runs, those first that an earlier service left."""
    app.state.evals = eval_runs.Runner(service)
    app.state.evals.start()


@router.post("")
async def create(request: Request) -> JSONResponse:
    """Make an eval."""
    service = _service(request)
    query(request)
    wanted = await read(request, CreateEval)
    stamp = await stamp_of(request)

    def add() -> Eval:
        _check_schema(wanted.data_source_config.item_schema)
        _check_criteria(service, wanted.testing_criteria)
        with service.store.write() as session:
            now = stamp.tick()
            row = Eval(
                id=stamp.id("eval_", 32),
                created_at=now,
                updated_at=now,
                name=wanted.name or "Eval",
                meta=wanted.metadata,
                data_source=wanted.data_source_config.model_dump(),
                criteria=wanted.testing_criteria,
                recording=stamp.recording,
            )
            session.add(row)
        return row

    return JSONResponse(eval_answers.evaluation(await run_in_threadpool(add)), 201)


@router.get("")
async def list_evals(request: Request) -> JSONResponse:
    """List evals, oldest first unless asked otherwise."""
    service, asked = _service(request), query(request, "after", "limit", "order", "order_by")
    by = _one_of(asked, "order_by", ("created_at", "updated_at"))
    mine = recording_of(request.headers)

    def rows() -> list[Eval]:
        wanted = select(Eval).order_by(getattr(Eval, by), Eval.n)
        if service.clock.logical:
            wanted = wanted.where(Eval.recording == mine)
        with service.store.read() as session:
            return _ordered(list(session.scalars(wanted)), asked)

    found, more = paging.page(await run_in_threadpool(rows), asked, 20)
    return JSONResponse(_listing([eval_answers.evaluation(row) for row in found], more))


@router.get("/{eval_id}")
async def retrieve(request: Request, eval_id: str) -> JSONResponse:
    """Return an eval."""
    query(request)
    row = await _read(request, lambda session: _eval(session, eval_id))
    return JSONResponse(eval_answers.evaluation(row))


@router.post("/{eval_id}")
async def update(request: Request, eval_id: str) -> JSONResponse:
    """Rename an eval, or give it other metadata."""
    service = _service(request)
    query(request)
    wanted = await read(request, UpdateEval)
    stamp = await stamp_of(request)

    def change() -> Eval:
        with service.store.write() as session:
            row = _eval(session, eval_id)
            if wanted.name is not None:
                row.name = wanted.name
            if "metadata" in wanted.model_fields_set:
                row.meta = wanted.metadata
            row.updated_at = stamp.tick()
        return row

    return JSONResponse(eval_answers.evaluation(await run_in_threadpool(change)))


@router.delete("/{eval_id}")
async def delete(request: Request, eval_id: str) -> JSONResponse:
    """Delete an eval with all its runs."""
    service = _service(request)
    query(request)

    def drop() -> None:
        with service.store.write() as session:
            eval_runs.remove(session, _eval(session, eval_id))

    await run_in_threadpool(drop)
    return JSONResponse({"object": "eval.deleted", "deleted": True, "eval_id": eval_id})


@router.post("/{eval_id}/runs")
async def create_run(request: Request, eval_id: str) -> JSONResponse:
    """Take a run; a thread of this service carries it out."""
    service = _service(request)
    query(request)
    wanted = await read(request, CreateRun)
    stamp = await stamp_of(request)

    def add() -> dict[str, Any]:
        with service.store.read() as session:
            row = _eval(session, eval_id)
        rows = _rows(service, wanted, stamp)
        _check_rows(rows, row, wanted)
        model = _check_model(service, wanted)
        with service.store.write() as session:
            _eval(session, eval_id)
            run = EvalRun(
                id=stamp.id("evalrun_", 32),
                eval_id=eval_id,
                created_at=stamp.tick(),
                name=wanted.name or model or "Run",
                meta=wanted.metadata,
                data_source=wanted.data_source.model_dump(exclude_none=True),
                model=model,
                seed=_seed(wanted, stamp),
                total=len(rows),
                recording=stamp.recording,
            )
            session.add(run)
            session.flush()
            return eval_answers.run(session, run, _base(request))

    made = await run_in_threadpool(add)
    request.app.state.evals.wake()
    return JSONResponse(made, 201, headers=_pace(service))


@router.get("/{eval_id}/runs")
async def list_runs(request: Request, eval_id: str) -> JSONResponse:
    """List an eval's runs, oldest first unless asked otherwise."""
    service, asked = _service(request), query(request, "after", "limit", "order", "status")
    status = _one_of({"status": "", **asked}, "status", ("", *_RUN_STATES))

    def rows() -> dict[str, Any]:
        with service.store.read() as session:
            _eval(session, eval_id)
            wanted = select(EvalRun).where(EvalRun.eval_id == eval_id).order_by(EvalRun.n)
            found = [run for run in session.scalars(wanted) if status in ("", run.status)]
            some, more = paging.page(_ordered(found, asked), asked, 20)
            listed = [eval_answers.run(session, run, _base(request)) for run in some]
        return _listing(listed, more)

    return JSONResponse(await run_in_threadpool(rows), headers=_pace(service))


@router.get("/{eval_id}/runs/{run_id}")
async def retrieve_run(request: Request, eval_id: str, run_id: str) -> JSONResponse:
    """Return a run; while recording, show its next items first, waiting for them."""
    service = _service(request)
    query(request)

    def look() -> dict[str, Any] | None:
        with service.store.read() as session:
            run = _run(session, eval_id, run_id)
            if not (service.clock.logical and run.paced):
                return eval_answers.run(session, run, _base(request))
            if not eval_runs.has_more(run):
                return None
        with service.store.write() as session:
            run = _run(session, eval_id, run_id)
            eval_runs.show_more(run)
            service.clock.reach(run.recording, run.created_at + run.polls)
            session.flush()
            return eval_answers.run(session, run, _base(request))

    while (found := await run_in_threadpool(look)) is None:
        if service.closing.is_set() or await request.is_disconnected():
            raise ApiError(
                503, "The service is being stopped.", type="server_error", code="stopped"
            )
        await asyncio.sleep(0.05)
    return JSONResponse(found, headers=_pace(service))


@router.post("/{eval_id}/runs/{run_id}/cancel")  # where the SDK asks
@router.post("/{eval_id}/runs/{run_id}")  # where the specification has it
async def cancel_run(request: Request, eval_id: str, run_id: str) -> JSONResponse:
    """Cancel a run that has not ended."""
    service = _service(request)
    query(request)

    def stop() -> dict[str, Any]:
        with service.store.write() as session:
            run = _run(session, eval_id, run_id)
            if run.status in eval_runs.ENDED:
                raise ApiError(
                    400,
                    f"The run has already ended: its status is '{run.status}'.",
                    code="invalid_state",
                )
            eval_runs.cancel(session, run)
            session.flush()
            return eval_answers.run(session, run, _base(request))

    return JSONResponse(await run_in_threadpool(stop))


@router.delete("/{eval_id}/runs/{run_id}")
async def delete_run(request: Request, eval_id: str, run_id: str) -> JSONResponse:
    """Delete a run with its items."""
    service = _service(request)
    query(request)

    def drop() -> None:
        with service.store.write() as session:
            eval_runs.remove_run(session, _run(session, eval_id, run_id))

    await run_in_threadpool(drop)
    return JSONResponse({"object": "eval.run.deleted", "deleted": True, "run_id": run_id})


@router.get("/{eval_id}/runs/{run_id}/output_items")
async def list_items(request: Request, eval_id: str, run_id: str) -> JSONResponse:
    """List what a run has judged so far, in the data's order unless asked otherwise."""
    service, asked = _service(request), query(request, "after", "limit", "order", "status")
    status = _one_of({"status": "", **asked}, "status", ("", "fail", "pass"))

    def rows() -> dict[str, Any]:
        with service.store.read() as session:
            run = _run(session, eval_id, run_id)
            mine = select(OutputItem).where(
                OutputItem.run_id == run.id, OutputItem.number < run.shown
            )
            if status:
                mine = mine.where(OutputItem.status == status)
            descends = _one_of({"order": "asc", **asked}, "order", _ORDERS) == "desc"
            if "after" in asked:
                after = session.get(OutputItem, asked["after"])
                if after is None or after.run_id != run.id:
                    raise ApiError(
                        400,
                        "Invalid 'after': it must be the id of an item of this list.",
                        param="after",
                        code="invalid_value",
                    )
                behind = OutputItem.number < after.number if descends else None
                mine = mine.where(OutputItem.number > after.number if behind is None else behind)
            count = paging.limit(asked, 20)
            order = OutputItem.number.desc() if descends else OutputItem.number
            found = list(session.scalars(mine.order_by(order).limit(count + 1)))
        listed = [eval_answers.output_item(run, row) for row in found[:count]]
        return _listing(listed, len(found) > count)

    return JSONResponse(await run_in_threadpool(rows))


@router.get("/{eval_id}/runs/{run_id}/output_items/{item_id}")
async def retrieve_item(request: Request, eval_id: str, run_id: str, item_id: str) -> JSONResponse:
    """Return one item of a run."""
    query(request)

    def look(session: Session) -> dict[str, Any]:
        run = _run(session, eval_id, run_id)
        row = session.get(OutputItem, item_id)
        if row is None or row.run_id != run.id or row.number >= run.shown:
            raise _missing("output item", item_id)
        return eval_answers.output_item(run, row)

    return JSONResponse(await _read(request, look))


# -- Its parts -------------------------------------------------------------------------------------


def _service(request: Request) -> Service:
    request.app.state.evals.open_take(recording_of(request.headers))
    return service_of(request)


async def _read(request: Request, look: Callable[[Session], Any]) -> Any:
    service = _service(request)

    def held() -> Any:
        with service.store.read() as session:
            return look(session)

    return await run_in_threadpool(held)


def _eval(session: Session, eval_id: str) -> Eval:
    row = session.scalar(select(Eval).where(Eval.id == eval_id))
    if row is None:
        raise _missing("eval", eval_id)
    return row


def _run(session: Session, eval_id: str, run_id: str) -> EvalRun:
    run = eval_runs.find_run(session, run_id)
    if run is None or run.eval_id != eval_id:
        raise _missing("run", run_id)
    return run


def _missing(what: str, named: str) -> ApiError:
    return ApiError(404, f"There is no {what} {shown(named)}.", code="not_found")


def _one_of(asked: dict[str, str], name: str, known: tuple[str, ...]) -> str:
    value = asked.get(name, known[0])
    if value not in known:
        words = ", ".join(word for word in known if word)
        raise ApiError(
            400, f"Invalid '{name}': it must be one of {words}.", param=name, code="invalid_value"
        )
    return value


def _ordered(rows: list[Any], asked: dict[str, str]) -> list[Any]:
    return rows[::-1] if _one_of(asked, "order", _ORDERS) == "desc" else rows


def _listing(data: list[dict[str, Any]], more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": data,
        "has_more": more,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }


def _pace(service: Service) -> dict[str, str]:
    return {"openai-poll-after-ms": "0" if service.clock.logical else "1000"}


def _base(request: Request) -> str:
    # While recording, the port must not stand in the answer.
    if service_of(request).clock.logical:
        return "http://127.0.0.1/v1"
    return str(request.base_url).rstrip("/") + "/v1"


def _seed(wanted: CreateRun, stamp: Stamp) -> int:
    source = wanted.data_source
    how = source.sampling_params if isinstance(source, Completions) else None
    return stamp.seed() if how is None or how.seed is None else how.seed


def _check_schema(schema: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as problem:
        place = ".".join(map(str, problem.absolute_path))
        raise _refusal(
            "data_source_config.item_schema",
            f"it is no JSON schema{f' (at {place})' if place else ''}.",
        ) from None


def _check_criteria(service: Service, criteria: list[dict[str, Any]]) -> None:
    def find(name: str) -> Known | None:
        with service.store.read() as session:
            return find_model(service, session, name)

    for number, spec in enumerate(criteria):
        param = f"testing_criteria[{number}]"
        if not isinstance(spec.get("name"), str) or not spec["name"]:
            raise ApiError(
                400,
                f"Missing required parameter: '{param}.name'.",
                param=f"{param}.name",
                code="missing_required_parameter",
            )
        if spec.get("type") == "multi":
            raise _refusal(param, "'multi' is for training; give an eval its graders one by one.")
        if spec.get("type") == "text_similarity" and spec.get("pass_threshold") is None:
            raise ApiError(
                400,
                f"Missing required parameter: '{param}.pass_threshold'.",
                param=f"{param}.pass_threshold",
                code="missing_required_parameter",
            )
        rewarding.check(spec, find, param)


def _rows(service: Service, wanted: CreateRun, stamp: Stamp) -> list[Row]:
    """Return the lines of a run's data, whether they came with it or were uploaded."""
    source = wanted.data_source.source
    if source.type == "file_content":
        return source.content
    with service.store.read() as session:
        file = files.find(session, source.id, service.clock.now(stamp.recording))
    param = "data_source.source.id"
    if file is None:
        raise _refusal(param, f"there is no file {shown(source.id)}.")
    try:
        lines = read_jsonl(service.store.file_path(source.id))
    except DataError as problem:
        raise _refusal(param, str(problem).replace(f"{service.store.folder}/files/", "")) from None
    if not lines:
        raise _refusal(param, "the file is empty.")
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(check(line, Row))
        except ApiError as problem:
            raise _refusal(param, f"line {number}: {problem}") from None
    return found


def _check_rows(rows: list[Row], row: Eval, wanted: CreateRun) -> None:
    from jsonschema import Draft202012Validator

    schema = Draft202012Validator(row.data_source["item_schema"])
    wants_samples = row.data_source["include_sample_schema"]
    for number, line in enumerate(rows):
        param = f"data_source.source.content[{number}]"
        problem = next(schema.iter_errors(line.item), None)
        if problem is not None:
            place = ".".join(["item", *map(str, problem.absolute_path)])
            raise _refusal(
                param, f"'{place}' does not fit the eval's item_schema ({problem.validator})."
            )
        if wanted.data_source.type == "jsonl" and wants_samples and line.sample is None:
            raise _refusal(param, "it has no 'sample', which the eval's criteria read.")
        if wanted.data_source.type == "completions" and line.sample is not None:
            raise _refusal(param, "a 'sample' is given, but the model is to be asked for it.")


def _check_model(service: Service, wanted: CreateRun) -> str:
    source = wanted.data_source
    if not isinstance(source, Completions):
        return ""
    model, route = source.model, service.aliases.registry.routes().get(source.model)
    if route is not None:
        if route.stopped or route.production is None:
            raise _refusal(
                "data_source.model", "the alias is stopped or not released: it answers none."
            )
        model = route.production
    with service.store.read() as session:
        found = find_model(service, session, model)
    if found is None:
        raise no_such_model(source.model)
    if found.kind == "reward":
        raise _refusal("data_source.model", "a reward model gives scores and answers no chats.")
    if isinstance(source.input_messages, ItemReference):
        named = source.input_messages.item_reference
        if not named.strip("{} ").startswith("item."):
            raise _refusal(
                "data_source.input_messages.item_reference",
                "name a variable of the item, as in 'item.input_trajectory'.",
            )
    else:
        from bankft.graders.template import problems

        for number, message in enumerate(source.input_messages.template):
            for problem in problems(message.text()):
                raise _refusal(f"data_source.input_messages.template[{number}].content", problem)
    return source.model


def _refusal(param: str, what: str) -> ApiError:
    return ApiError(400, f"Invalid '{param}': {what}", param=param, code="invalid_value")
