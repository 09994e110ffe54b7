"""``/v1/fine_tuning/alpha/graders``: trying a grader before a model is trained on it."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from openai.types.fine_tuning.alpha import GraderRunResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft import graders
from bankft.service import rewarding
from bankft.service.body import query, read
from bankft.service.context import Service, service_of
from bankft.service.envelope import ApiError
from bankft.service.known import Known
from bankft.service.own_models import own_models
from bankft.service.routes.models import find_model
from bankft.service.wire_graders import RunGrader, ValidateGrader

router = APIRouter(prefix="/v1/fine_tuning/alpha/graders")


@router.post("/run")
async def run(request: Request) -> JSONResponse:
    """Grade one sample; what goes wrong with it is told in the answer's metadata."""
    query(request)
    wanted = await read(request, RunGrader)
    one = await _checked(service_of(request), wanted.grader)
    service = service_of(request)
    async with own_models(request) as client:
        try:
            result = await graders.agrade(
                service.judges.ready(one), wanted.model_sample, wanted.item or {}, client=client
            )
        except graders.Unavailable as problem:
            raise ApiError(
                503, str(problem), type="server_error", code="sandbox_unavailable"
            ) from None
    if service.clock.logical:
        result = replace(result, seconds=0.0)  # the logical clock does not move meanwhile
    answer = GraderRunResponse.model_validate(result.to_dict())
    return JSONResponse(answer.model_dump(mode="json", by_alias=True, exclude_unset=True))


@router.post("/validate")
async def validate(request: Request) -> JSONResponse:
    """Return a grader that is fine; refuse one that is not."""
    query(request)
    wanted = await read(request, ValidateGrader)
    await _checked(service_of(request), wanted.grader)
    # As it came: the SDK's own types read the graders of a multi grader as one string check.
    return JSONResponse({"grader": wanted.grader})


async def _checked(service: Service, spec: dict[str, Any]) -> graders.Grader:
    def find(name: str) -> Known | None:
        with service.store.read() as session:
            return find_model(service, session, name)

    return await run_in_threadpool(rewarding.check, spec, find)
