"""Errors as OpenAI sends them: ``{"error": {message, type, param, code}}``."""

import re
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9:._-]{0,127}")


class ApiError(Exception):
    """An answer that is an error.

    Args:
        status: of HTTP.
        message: one or two sentences for the person who called; never a value they sent
            that may be personal data.
        param: the field that is wrong, as ``method.supervised.hyperparameters.n_epochs``.
        code: for programs.

    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        type: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": type, "param": param, "code": code}


def answer(problem: ApiError, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the response that carries an error."""
    return JSONResponse({"error": problem.error}, problem.status, headers)


def no_such_model(model: str) -> ApiError:
    """Return OpenAI's answer to a model that does not exist."""
    return ApiError(
        404,
        f"The model `{shown(model)}` does not exist or you do not have access to it.",
        param="model",
        code="model_not_found",
    )


def shown(name: str) -> str:
    """Return a name that a client sent, where it is a plain one; others are not repeated."""
    return name if _PLAIN.fullmatch(name) else "(unusual name)"


def install(app: FastAPI) -> None:
    """Make every error that leaves the app an envelope."""
    handlers: dict[Any, Any] = {ApiError: _refused, HTTPException: _http}
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _refused(request: Request, problem: ApiError) -> JSONResponse:
    return answer(problem)


def _http(request: Request, problem: HTTPException) -> JSONResponse:
    if problem.status_code == 405:
        refusal = ApiError(
            405,
            "This route does not answer that HTTP method; the Allow header names those it does.",
            code="method_not_supported",
        )
    elif problem.status_code == 404:
        refusal = ApiError(
            404,
            "Invalid URL: this service has no such route. Its routes start with /v1, "
            "as /v1/models does.",
            code="unknown_url",
        )
    else:
        refusal = ApiError(problem.status_code, str(problem.detail))
    return answer(refusal, dict(problem.headers or {}))
