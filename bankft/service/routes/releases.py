"""``/v1/bankft/releases``: the registry of releases, and where aliases lead.

Every change is made in the name of the key that asks for it. While lessons are recorded, each
recording finds an empty registry, and its times are the recording's.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft.errors import UsageError
from bankft.release import Limits, Registry, Released, Route
from bankft.service.auth import caller_of
from bankft.service.body import query, read
from bankft.service.context import Service, recording_of, service_of
from bankft.service.envelope import ApiError, no_such_model
from bankft.service.release_cards import card_of
from bankft.service.wire_releases import (
    AddRelease,
    Approve,
    Canary,
    Guard,
    OfAlias,
    Propose,
    Reasoned,
)

_COMPARED = ("before", "after", "violations", "metrics")  # of a report of `bankft eval compare`


def _open_take(request: Request) -> None:
    """While recording, begin with an empty registry when another recording asks."""
    service, state = service_of(request), request.app.state
    if not service.clock.logical:
        return
    mine = recording_of(request.headers)
    if getattr(state, "releases_of", None) != mine:
        state.releases_of = mine
        service.aliases.registry.forget()
        service.aliases.refresh()


router = APIRouter(prefix="/v1/bankft/releases", dependencies=[Depends(_open_take)])


def _when(request: Request) -> str | None:
    """Return the time to show for every change while recording; None where the real one is."""
    clock = service_of(request).clock
    if not clock.logical:
        return None
    now = datetime.fromtimestamp(clock.now(recording_of(request.headers)), UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _model(one: Released, when: str | None) -> dict[str, Any]:
    shown = {"changed_at": when or one.changed_at, "shut_down": one.shut_down()}
    return {"object": "bankft.release", **asdict(one), **shown}


def _alias(service: Service, route: Route) -> dict[str, Any]:
    # The salt stays here: with it, anybody could tell who is in the canary.
    shown = {name: value for name, value in asdict(route).items() if name != "salt"}
    return {"object": "bankft.alias", **shown, "window": service.aliases.counts(route.alias)}


async def _change(request: Request, change: Callable[[Registry, str], Any]) -> JSONResponse:
    """Change the registry, and answer with how it stands then."""
    service, by = service_of(request), caller_of(request).id

    def made() -> dict[str, Any]:
        try:
            done = change(service.aliases.registry, by)
        except UsageError as problem:
            raise ApiError(400, str(problem), code="release_refused") from None
        service.aliases.refresh()
        if service.auditing is not None:
            service.auditing.look()
        return {**_status(service, _when(request)), "taken_back": done}

    return JSONResponse(await run_in_threadpool(made))


def _status(service: Service, when: str | None) -> dict[str, Any]:
    registry = service.aliases.registry
    return {
        "object": "bankft.release_status",
        "models": [_model(one, when) for one in registry.models()],
        "aliases": [_alias(service, route) for _, route in sorted(registry.routes().items())],
    }


@router.get("")
async def list_releases(request: Request) -> JSONResponse:
    """List the models of the registry, by name."""
    query(request)
    registry = service_of(request).aliases.registry
    when = _when(request)
    models = [_model(one, when) for one in await run_in_threadpool(registry.models)]
    return JSONResponse({"object": "list", "data": models})


@router.get("/status")
async def status(request: Request) -> JSONResponse:
    """Return the models, the aliases, and what the canaries' windows hold."""
    query(request)
    return JSONResponse(await run_in_threadpool(_status, service_of(request), _when(request)))


@router.get("/changes")
async def changes(request: Request) -> JSONResponse:
    """List every change in order, from the one after a number."""
    after = query(request, "after").get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise ApiError(400, "Invalid 'after': it must be the number of a change.", param="after")
    registry = service_of(request).aliases.registry
    found, when = (
        await run_in_threadpool(lambda: registry.changes(after=int(after))),
        _when(request),
    )
    listed = [{**one, "at": when or one["at"]} for one in found]
    return JSONResponse({"object": "list", "data": listed})


@router.post("")
async def add(request: Request) -> JSONResponse:
    """Put a model in as a draft; its card is filled from the job that made it."""
    query(request)
    service = service_of(request)
    wanted = await read(request, AddRelease)
    card = await run_in_threadpool(card_of, service.store, service.bases, wanted.model)
    if card is None:
        raise no_such_model(wanted.model)
    card |= {} if wanted.gate is None else _judged(wanted.gate)
    card |= {"shutdown_date": wanted.shutdown_date} if wanted.shutdown_date else {}
    return await _change(request, lambda registry, by: registry.add(wanted.model, card, by=by))


@router.post("/propose")
async def propose(request: Request) -> JSONResponse:
    """Make a draft a candidate."""
    query(request)
    wanted = await read(request, Propose)
    judged = {} if wanted.gate is None else _judged(wanted.gate)
    return await _change(
        request, lambda registry, by: registry.propose(wanted.model, by=by, **judged)
    )


def _judged(report: dict[str, Any]) -> dict[str, Any]:
    """Return what a card keeps of a comparison: the gate's result, the metrics with intervals."""
    kept = {name: report[name] for name in _COMPARED if name in report}
    return {"gate": _gate(report), **({"evaluation": kept} if kept else {})}


def _gate(report: dict[str, Any]) -> dict[str, Any]:
    """Return the gate's result from a report of a comparison, or as it stands alone."""
    found = report.get("gate", report)
    if not isinstance(found, dict) or not isinstance(found.get("passed"), bool):
        raise ApiError(
            400,
            "Invalid 'gate': it needs 'passed', true or false, as in the report of "
            "`bankft eval compare --gate GATE.toml --json`.",
            param="gate",
            code="invalid_value",
        )
    return found


@router.post("/approve")
async def approve(request: Request) -> JSONResponse:
    """Let a candidate be released; another key must have proposed it."""
    query(request)
    wanted = await read(request, Approve)
    return await _change(request, lambda registry, by: registry.approve(wanted.model, by=by))


@router.post("/canary")
async def canary(request: Request) -> JSONResponse:
    """Let an approved candidate answer a share of an alias's users."""
    query(request)
    service, wanted = service_of(request), await read(request, Canary)
    if any(base.name == wanted.alias for base in service.bases):
        raise ApiError(
            400,
            "Invalid 'alias': a base model is called so already.",
            param="alias",
            code="invalid_value",
        )
    given = {} if wanted.limits is None else wanted.limits.model_dump(exclude_unset=True)

    def change(registry: Registry, by: str) -> None:
        route = registry.routes().get(wanted.alias)
        before = Limits() if route is None else route.limits
        registry.canary(
            wanted.alias,
            wanted.model,
            by=by,
            percent=wanted.percent,
            allow=None if wanted.allow is None else tuple(wanted.allow),
            shadow=wanted.shadow,
            # A limit that is not named stays as it is.
            limits=replace(before, **given) if given else None,
        )

    return await _change(request, change)


@router.post("/promote")
async def promote(request: Request) -> JSONResponse:
    """Let the canary answer everybody."""
    query(request)
    wanted = await read(request, OfAlias)
    return await _change(request, lambda registry, by: registry.promote(wanted.alias, by=by))


@router.post("/rollback")
async def rollback(request: Request) -> JSONResponse:
    """Take the canary back; without one, return to the production model before."""
    query(request)
    wanted = await read(request, Reasoned)
    return await _change(
        request,
        lambda registry, by: registry.rollback(wanted.alias, by=by, reason=wanted.reason),
    )


@router.post("/stop")
async def stop(request: Request) -> JSONResponse:
    """Turn an alias off: it answers nobody."""
    query(request)
    wanted = await read(request, Reasoned)
    return await _change(
        request, lambda registry, by: registry.stop(wanted.alias, by=by, reason=wanted.reason)
    )


@router.post("/start")
async def start(request: Request) -> JSONResponse:
    """Turn an alias on again."""
    query(request)
    wanted = await read(request, Reasoned)
    return await _change(
        request,
        lambda registry, by: registry.stop(
            wanted.alias, by=by, reason=wanted.reason, stopped=False
        ),
    )


@router.post("/guard")
async def guard(request: Request) -> JSONResponse:
    """Set what is done with an answer that breaks a rule."""
    query(request)
    wanted = await read(request, Guard)
    return await _change(
        request, lambda registry, by: registry.guard(wanted.alias, wanted.guard, by=by)
    )
