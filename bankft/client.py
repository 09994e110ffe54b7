"""Connect to whatever answers: a recording, the embedded service, or a host that you name."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from bankft.errors import UsageError
from bankft.lang import LANGUAGES
from bankft.lang import language as current_language
from bankft.recording import RecordTransport, ReplayTransport, folder

LOCAL_URL = "http://127.0.0.1:8765/v1"
MODES = ("replay", "record", "live")


def connect(
    name: str | None = None, *, mode: str | None = None, language: str | None = None
) -> openai.OpenAI:
    """Return a plain ``openai.OpenAI`` for the mode.

    ``replay``, the default, answers from a recording, without key or network. ``live`` asks a
    service: the host that ``OPENAI_BASE_URL`` names, with ``OPENAI_API_KEY``; without it the
    embedded service on this machine (``bankft serve``), with ``BANKFT_API_KEY`` or an invented
    key, so that no real key goes to a host that was not named. ``record`` is live plus writing
    down.

    In replay and record a failed call is not tried again: one call is one interaction.

    Args:
        name: The page's recording, such as ``"first-job"``; replay and record need it.
        mode: ``"replay"``, ``"record"`` or ``"live"``; else ``BANKFT_MODE``, else replay.
        language: ``"zh"`` or ``"en"``, a page's recording being one file a language; else
            ``BANKFT_LANG``, else ``"zh"``.

    Raises:
        UsageError: No such mode or language, no name, or an address without its key.
        RecordingMissing: Replay finds no recording; or, from a call, that it holds no answer.
        openai.APIConnectionError: From a call: no service answers.

    >>> import bankft
    >>> bankft.connect("first-job").models.list().data[0].object
    'model'
    """
    way = _way(name, mode, language)
    if way.mode == "replay":
        transport = ReplayTransport(way.recording, base_url=way.base_url)
        return openai.OpenAI(http_client=httpx2.Client(transport=transport), **way.options)
    client: httpx2.Client = _Client(retries=way.options["max_retries"], **_NETWORK)
    if way.mode == "record":
        recorder = RecordTransport(
            way.recording, base_url=way.base_url, client=client, secrets=way.secrets
        )
        client = httpx2.Client(transport=recorder, timeout=openai.DEFAULT_TIMEOUT)
    return openai.OpenAI(http_client=client, **way.options)


def connect_async(
    name: str | None = None, *, mode: str | None = None, language: str | None = None
) -> openai.AsyncOpenAI:
    """Return a plain ``openai.AsyncOpenAI`` for the mode: ``connect``'s async twin."""
    way = _way(name, mode, language)
    if way.mode == "replay":
        transport = ReplayTransport(way.recording, base_url=way.base_url)
        return openai.AsyncOpenAI(
            http_client=httpx2.AsyncClient(transport=transport), **way.options
        )
    client: httpx2.AsyncClient = _AsyncClient(retries=way.options["max_retries"], **_NETWORK)
    if way.mode == "record":
        recorder = RecordTransport(
            way.recording, base_url=way.base_url, client=client, secrets=way.secrets
        )
        client = httpx2.AsyncClient(transport=recorder, timeout=openai.DEFAULT_TIMEOUT)
    return openai.AsyncOpenAI(http_client=client, **way.options)


@dataclass(frozen=True)
class _Way:
    """Where a client is to get its answers."""

    mode: str
    name: str
    language: str
    base_url: str
    api_key: str
    named_host: bool

    @property
    def recording(self) -> Any:
        return folder() / f"{self.name}.{self.language}.jsonl"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.api_key,) if self.named_host else ()

    @property
    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "base_url": self.base_url,
            "api_key": self.api_key,
            "max_retries": openai.DEFAULT_MAX_RETRIES if self.mode == "live" else 0,
        }
        if not self.named_host:
            # The SDK would add what it finds in the environment; it was meant for another host.
            options |= {
                "admin_api_key": "",
                "organization": "",
                "project": "",
                "default_headers": {"Authorization": f"Bearer {self.api_key}"},
            }
        return options


def _way(name: str | None, mode: str | None, language: str | None) -> _Way:
    mode = mode or os.environ.get("BANKFT_MODE") or "replay"
    if mode not in MODES:
        raise UsageError(f"There is no mode {mode!r}: use replay, record or live.")
    language = language or current_language()
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh or en.")
    if mode != "live" and name is None:
        raise UsageError(f'To {mode}, name the recording: connect("first-job"), say.')
    if name is not None and not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name):
        raise UsageError(
            f"{name!r} cannot name a recording: use small letters, digits and single hyphens."
        )
    base_url = os.environ.get("OPENAI_BASE_URL") if mode != "replay" else None
    if not base_url:
        key = os.environ.get("BANKFT_API_KEY") if mode != "replay" else None
        return _Way(mode, name or "", language, LOCAL_URL, key or "bankft-local", False)
    if not re.match("https?://[^/]", base_url):
        raise UsageError(
            f"OPENAI_BASE_URL is {base_url!r}, which is no address such as https://host/v1."
        )
    key = os.environ.get("OPENAI_API_KEY")
    if not key:
        raise UsageError(
            f"OPENAI_BASE_URL names {base_url}, but OPENAI_API_KEY is not set: set it to that "
            "host's key (any word, if it asks for none)."
        )
    return _Way(mode, name or "", language, base_url, key, True)


# What the SDK gives its own client.
_NETWORK: Mapping[str, Any] = {
    "timeout": openai.DEFAULT_TIMEOUT,
    "limits": openai.DEFAULT_CONNECTION_LIMITS,
    "follow_redirects": True,
}


class _Client(httpx2.Client):
    """Says in one sentence that no service answers, once the SDK has no retry left.

    The SDK wraps httpx2's own errors as "Connection error." but lets an OpenAIError pass. On
    this machine a refused connection is final: no service was started, and waiting starts none.
    """

    def __init__(self, *, retries: int, **options: Any) -> None:
        super().__init__(**options)
        self._retries = retries

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        try:
            return super().send(request, **options)
        except httpx2.ConnectError as error:
            if _is_final(request, self._retries):
                raise _no_service(request) from error
            raise


class _AsyncClient(httpx2.AsyncClient):
    """``_Client``'s async twin."""

    def __init__(self, *, retries: int, **options: Any) -> None:
        super().__init__(**options)
        self._retries = retries

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        try:
            return await super().send(request, **options)
        except httpx2.ConnectError as error:
            if _is_final(request, self._retries):
                raise _no_service(request) from error
            raise


def _is_final(request: httpx2.Request, retries: int) -> bool:
    tried = int(request.headers.get("x-stainless-retry-count", "0"))
    return tried >= retries or request.url.host in ("127.0.0.1", "localhost", "::1")


def _no_service(request: httpx2.Request) -> openai.APIConnectionError:
    where = f"{request.url.scheme}://{request.url.netloc.decode()}"
    return openai.APIConnectionError(
        message=f"No service answers at {where}: start one with `bankft serve`, or set "
        "OPENAI_BASE_URL and OPENAI_API_KEY to one that runs.",
        request=request,
    )
