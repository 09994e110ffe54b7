"""``/v1/models``: the base models and what was trained from them."""

from fastapi import APIRouter, Request
from openai.types import Model as ModelObject
from openai.types import ModelDeleted
from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft.release import Route
from bankft.service import answers, paging
from bankft.service.body import query
from bankft.service.clock import EPOCH
from bankft.service.context import Service, recording_of, service_of
from bankft.service.envelope import ApiError, no_such_model
from bankft.service.known import Known, find
from bankft.service.tables import Model

router = APIRouter(prefix="/v1/models")


def find_model(service: Service, session: Session, name: str) -> Known | None:
    """Return the model of a name: a base model, a fine-tuned one or a checkpoint."""
    return find(service.store, session, service.bases, name)


async def model_of(service: Service, name: str) -> Known:
    """Return the model that answers chats under a name.

    Raises:
        ApiError: 404 where there is none; 400 where it is a reward model.

    """
    found = await _known(service, name)
    if found.kind == "reward":
        raise ApiError(
            400,
            f"The model `{name}` is a reward model: it answers nothing, it scores answers. "
            "Name it as the model of a score_model grader.",
            param="model",
            code="model_not_supported",
        )
    return found


async def _known(service: Service, name: str) -> Known:
    def look() -> Known | None:
        with service.store.read() as session:
            return find_model(service, session, name)

    found = await run_in_threadpool(look)
    if found is None:
        raise no_such_model(name)
    return found


def _shown(service: Service, found: Known) -> ModelObject:
    created = EPOCH if found.base and service.clock.logical else found.created
    return ModelObject(
        id=found.name, object="model", created=created, owned_by=answers.ORGANIZATION
    )


def _alias(service: Service, route: Route) -> ModelObject:
    created = EPOCH if service.clock.logical else service.base.created
    return ModelObject(
        id=route.alias, object="model", created=created, owned_by=answers.ORGANIZATION
    )


@router.get("")
async def list_models(request: Request) -> JSONResponse:
    """List models: the base models, what was trained, in order, and the aliases."""
    service = service_of(request)
    query(request)

    def rows() -> list[ModelObject]:
        wanted = select(Model).order_by(Model.created_at, Model.n)
        if service.clock.logical:
            wanted = wanted.where(Model.recording == recording_of(request.headers))
        with service.store.read() as session:
            bases = [find_model(service, session, base.name) for base in service.bases]
            first = [_shown(service, base) for base in bases if base is not None]
            return [*first, *map(answers.model, session.scalars(wanted))]

    aliases = [_alias(service, route) for route in (await service.aliases.routes()).values()]
    listed = paging.listing([*await run_in_threadpool(rows), *aliases], False)
    del listed["has_more"]  # OpenAI gives this list whole
    return JSONResponse(listed)


@router.get("/{name:path}")
async def retrieve(request: Request, name: str) -> JSONResponse:
    """Return one model."""
    query(request)
    service = service_of(request)
    route = await service.aliases.find(name)
    found = _alias(service, route) if route else _shown(service, await _known(service, name))
    return JSONResponse(found.model_dump(mode="json", exclude_unset=True))


@router.delete("/{name:path}")
async def delete(request: Request, name: str) -> JSONResponse:
    """Delete a fine-tuned model or a checkpoint, with its weights."""
    service = service_of(request)
    query(request)
    found = await _known(service, name)
    if found.base:
        raise ApiError(
            403,
            "A base model cannot be deleted: only fine-tuned models can.",
            param="model",
            code="model_not_deletable",
        )

    routes = (await service.aliases.routes()).values()
    if alias := next((one.alias for one in routes if name in (one.production, one.canary)), None):
        raise ApiError(
            409,
            f"The model answers for the alias {alias}: roll it back or release another first.",
            param="model",
            code="model_in_use",
        )

    def forget() -> None:
        with service.store.write() as session:
            session.execute(remove(Model).where(Model.id == name))
        service.samplers.drop(name)
        # Checkpoints lie in folders inside their job's: they are models of their own, and stay.
        for file in found.folder.glob("*"):
            if file.is_file():
                file.unlink()

    await run_in_threadpool(forget)
    gone = ModelDeleted(id=name, object="model", deleted=True)
    return JSONResponse(gone.model_dump(mode="json"))
