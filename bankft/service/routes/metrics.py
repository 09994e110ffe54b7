"""``/metrics``: what the aliases' answers add up to, for Prometheus."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bankft.service.body import query
from bankft.service.context import service_of

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the figures in Prometheus' text format."""
    query(request)
    text = await run_in_threadpool(service_of(request).monitoring.text)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
