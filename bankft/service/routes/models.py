"""``/v1/models``: the base model and what was trained from it."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from openai.types import Model as ModelObject
from openai.types import ModelDeleted
from sqlalchemy import delete as remove
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft.service import answers, paging
from bankft.service.body import query
from bankft.service.clock import EPOCH
from bankft.service.context import Service, recording_of, service_of
from bankft.service.envelope import ApiError, no_such_model
from bankft.service.tables import Model

router = APIRouter(prefix="/v1/models")


@dataclass(frozen=True)
class Found:
    """A model that can be asked or trained further."""

    shown: ModelObject
    folder: Path
    digest: str


def find_model(service: Service, session: Session, name: str) -> Found | None:
    """Return the model of a name: the base model, a fine-tuned one or a checkpoint."""
    base = service.base
    if name == base.name:
        created = EPOCH if service.clock.logical else base.created
        shown = ModelObject(id=name, object="model", created=created, owned_by=answers.ORGANIZATION)
        return Found(shown, base.folder, base.digest)
    row = session.scalar(select(Model).where(Model.id == name))
    if row is None:
        return None
    return Found(answers.model(row), service.store.model_folder(row), row.digest)


async def model_of(service: Service, name: str) -> Found:
    """Return the model of a name.

    Raises:
        ApiError: 404 where there is none.

    """

    def look() -> Found | None:
        with service.store.read() as session:
            return find_model(service, session, name)

    found = await run_in_threadpool(look)
    if found is None:
        raise no_such_model(name)
    return found


@router.get("")
async def list_models(request: Request) -> JSONResponse:
    """List models: the base model, then what was trained, in order."""
    service = service_of(request)
    query(request)

    def rows() -> list[ModelObject]:
        wanted = select(Model).order_by(Model.created_at, Model.n)
        if service.clock.logical:
            wanted = wanted.where(Model.recording == recording_of(request.headers))
        with service.store.read() as session:
            base = find_model(service, session, service.base.name)
            assert base is not None
            return [base.shown, *map(answers.model, session.scalars(wanted))]

    listed = paging.listing(await run_in_threadpool(rows), False)
    del listed["has_more"]  # OpenAI gives this list whole
    return JSONResponse(listed)


@router.get("/{name:path}")
async def retrieve(request: Request, name: str) -> JSONResponse:
    """Return one model."""
    query(request)
    found = await model_of(service_of(request), name)
    return JSONResponse(found.shown.model_dump(mode="json", exclude_unset=True))


@router.delete("/{name:path}")
async def delete(request: Request, name: str) -> JSONResponse:
    """Delete a fine-tuned model or a checkpoint, with its weights."""
    service = service_of(request)
    query(request)
    found = await model_of(service, name)
    if name == service.base.name:
        raise ApiError(
            403,
            "The base model cannot be deleted: only fine-tuned models can.",
            param="model",
            code="model_not_deletable",
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
