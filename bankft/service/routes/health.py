"""Whether the service can do its work."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from bankft.service.context import service_of
from bankft.service.frame import version

router = APIRouter()


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """Answer 200 when chats and jobs can run, 503 while the worker is being restarted."""
    service = service_of(request)
    running = service.worker.alive and not service.closing.is_set()
    report = {
        "status": "ok" if running else "degraded",
        "worker": "running" if service.worker.alive else "restarting",
        "base_model": f"{service.base.name}@{service.base.digest}",
        "version": version(),
    }
    return JSONResponse(report, 200 if running else 503)
