"""A client of the very service that it stands in: graders ask its models without a network."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import openai
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from bankft.errors import BankftError
from bankft.service.context import Service, recording_of, service_of
from bankft.service.routes.models import find_model


@asynccontextmanager
async def own_models(request: Request) -> AsyncIterator[openai.AsyncOpenAI]:
    """Give a client that asks this service's chat models, and its reward models for scores.

    The caller has shown a key already; the requests stay part of the caller's recording.
    """
    transport = _Transport(service_of(request), httpx2.ASGITransport(app=request.app))
    headers = {"x-bankft-recording": recording_of(request.headers)}
    async with openai.AsyncOpenAI(
        base_url="http://service/v1",
        api_key="own",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=transport, headers=headers),
    ) as client:
        yield client


class _Transport(httpx2.AsyncBaseTransport):
    """Lets a reward model score what a chat would be asked; all else goes to the app."""

    def __init__(self, service: Service, app: httpx2.AsyncBaseTransport) -> None:
        self._service, self._app = service, app

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = json.loads(request.content or b"{}")
        if not await run_in_threadpool(self._scores, asked.get("model")):
            return await self._app.handle_async_request(request)
        try:
            (answer,) = await run_in_threadpool(self._service.judges.complete, [asked])
        except BankftError as problem:
            error = {"message": str(problem), "type": "invalid_request_error"}
            return httpx2.Response(400, json={"error": {**error, "param": None, "code": None}})
        return httpx2.Response(200, json=answer.model_dump(mode="json"))

    def _scores(self, name: object) -> bool:
        with self._service.store.read() as session:
            found = find_model(self._service, session, str(name))
        return found is not None and found.kind == "reward"
