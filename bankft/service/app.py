"""The app: routes in their frame."""

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from bankft.service.context import Service
from bankft.service.envelope import ApiError, answer, install
from bankft.service.frame import Frame
from bankft.service.routes import (
    chat,
    evals,
    files,
    graders,
    health,
    jobs,
    metrics,
    models,
    releases,
)
from bankft.service.scopes import require_known

ROUTES = (health, files, jobs, models, chat, graders, evals, releases, metrics)


def create_app(service: Service) -> ASGIApp:
    """Return the ASGI app of a service."""
    # No pages about the API: its description is OpenAI's, and every route needs a key.
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.service = service
    install(app)
    app.add_exception_handler(Exception, _failed)
    for module in ROUTES:
        app.include_router(module.router)
        require_known(routes_of(module.router))
    evals.start(app, service)
    return Frame(app, service)


def routes_of(router: APIRouter) -> list[tuple[str, str]]:
    """Return every method and path that a router answers."""
    routes = [route for route in router.routes if isinstance(route, Route)]
    return [(method, route.path) for route in routes for method in sorted(route.methods or ())]


async def _failed(request: Request, problem: Exception) -> JSONResponse:
    return answer(
        ApiError(
            500,
            "The server had an error while processing your request. Its log names the place, "
            "under the id in the header x-request-id of this answer.",
            type="server_error",
            code="server_error",
        )
    )
