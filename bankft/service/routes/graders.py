"""``/v1/fine_tuning/alpha/graders``: trying a grader before a model is trained on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import openai
from fastapi import APIRouter, Request
from openai.types.fine_tuning.alpha import GraderRunResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from bankft import graders
from bankft.service.body import query, read
from bankft.service.context import recording_of, service_of
from bankft.service.envelope import ApiError
from bankft.service.wire_graders import RunGrader, ValidateGrader

router = APIRouter(prefix="/v1/fine_tuning/alpha/graders")


@router.post("/run")
async def run(request: Request) -> JSONResponse:
    """Grade one sample; what goes wrong with it is told in the answer's metadata."""
    query(request)
    wanted = await read(request, RunGrader)
    one = await _checked(wanted.grader)
    async with _own_models(request) as client:
        try:
            result = await graders.agrade(
                one, wanted.model_sample, wanted.item or {}, client=client
            )
        except graders.Unavailable as problem:
            raise ApiError(
                503, str(problem), type="server_error", code="sandbox_unavailable"
            ) from None
    if service_of(request).clock.logical:
        result = replace(result, seconds=0.0)  # the logical clock does not move meanwhile
    answer = GraderRunResponse.model_validate(result.to_dict())
    return JSONResponse(answer.model_dump(mode="json", by_alias=True, exclude_unset=True))


@router.post("/validate")
async def validate(request: Request) -> JSONResponse:
    """Return a grader that is fine; refuse one that is not."""
    query(request)
    wanted = await read(request, ValidateGrader)
    await _checked(wanted.grader)
    # As it came: the SDK's own types read the graders of a multi grader as one string check.
    return JSONResponse({"grader": wanted.grader})


async def _checked(spec: dict[str, Any]) -> graders.Grader:
    problems = await run_in_threadpool(graders.validate, spec)
    if problems:
        raise ApiError(
            400, f"Invalid 'grader': {' '.join(problems)}", param="grader", code="invalid_grader"
        )
    one = await run_in_threadpool(graders.from_spec, spec)
    parts = one.graders.values() if isinstance(one, graders.MultiGrader) else [one]
    for part in parts:
        if isinstance(part, graders.TextSimilarityGrader) and part.evaluation_metric == "cosine":
            raise ApiError(
                400,
                "Invalid 'grader': 'cosine' needs embeddings, which this service does not make; "
                "OpenAI has it for evals alone. Choose another evaluation_metric.",
                param="grader",
                code="unsupported_value",
            )
    return one


@asynccontextmanager
async def _own_models(request: Request) -> AsyncIterator[openai.AsyncOpenAI]:
    """Give a client of this very service, which asks it without a network.

    The caller has shown a key already; the request stays part of the caller's recording.
    """
    transport = httpx2.ASGITransport(app=request.app)
    headers = {"x-bankft-recording": recording_of(request.headers)}
    async with openai.AsyncOpenAI(
        base_url="http://service/v1",
        api_key="own",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=transport, headers=headers),
    ) as client:
        yield client
