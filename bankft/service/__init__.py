"""The embedded service: a server on your own machine that speaks OpenAI's API and really trains."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bankft.errors import MissingExtra

__all__ = ["serve"]

_NEEDED = (
    "torch",
    "transformers",
    "fastapi",
    "uvicorn",
    "python_multipart",
    "sqlalchemy",
    "prometheus_client",
)


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    data_dir: str | Path,
    base: str | Path | Sequence[str | Path] = (),
    deterministic: int | None = None,
) -> None:
    """Serve OpenAI's API until SIGINT or SIGTERM arrives.

    Keys come from the environment variable ``BANKFT_API_KEYS``, comma separated. Without any,
    the service listens on this machine alone and accepts every key.

    Args:
        host: address to listen on.
        port: 0 to 65535; 0 takes a free one, and the service says which.
        data_dir: folder of the database, files and weights; made where missing.
        base: base models beside bankft-nano, each ``NAME=FOLDER``. One that is called
            ``bankft-nano``, or a folder without a name, stands in its place.
        deterministic: seed with which ids, times and answers repeat exactly, for recording.

    Raises:
        MissingExtra: a package of the service extra is not installed.
        BaseModelUnreadable: a base model's folder is not fine.
        PortInUse: another program listens there.
        ServiceError: no keys on an address that other machines reach, or no usable data folder.
        UsageError: a base's name is no plain word, or given twice.

    Example::

        serve(data_dir="~/.bankft")

    """
    for package in _NEEDED:
        if find_spec(package) is None:
            raise MissingExtra("bankft serve", package=package, extra="service")
    # Nothing is fetched from anywhere, and torch must find this before it is imported.
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    from bankft.service.known import base_models
    from bankft.service.server import run

    first, *more = base_models([base] if isinstance(base, str | Path) else base)
    run(
        host=host,
        port=port,
        data_dir=data_dir,
        base=first,
        more_bases=tuple(more),
        seed=deterministic,
    )
