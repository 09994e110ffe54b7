"""The embedded service: a server on your own machine that speaks OpenAI's API and really trains."""

import os
from importlib.util import find_spec
from pathlib import Path

from bankft.errors import MissingExtra

__all__ = ["serve"]

_NEEDED = ("torch", "transformers", "fastapi", "uvicorn", "python_multipart", "sqlalchemy")


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    data_dir: str | Path,
    base: str | Path | None = None,
    deterministic: int | None = None,
) -> None:
    """Serve OpenAI's API until SIGINT or SIGTERM arrives.

    Keys come from the environment variable ``BANKFT_API_KEYS``, comma separated. Without any,
    the service listens on this machine alone and accepts every key.

    Args:
        host: address to listen on.
        port: 0 to 65535; 0 takes a free one, and the service says which.
        data_dir: folder of the database, files and weights; made where missing.
        base: folder of the base model; bankft-nano where not given.
        deterministic: seed with which ids, times and answers repeat exactly, for recording.

    Raises:
        MissingExtra: a package of the service extra is not installed.
        BaseModelUnreadable: the base model's folder is not fine.
        PortInUse: another program listens there.
        ServiceError: no keys on an address that other machines reach, or no usable data folder.

    Example::

        serve(data_dir="~/.bankft")

    """
    for package in _NEEDED:
        if find_spec(package) is None:
            raise MissingExtra("bankft serve", package=package, extra="service")
    # Nothing is fetched from anywhere, and torch must find this before it is imported.
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    from bankft.engine import digest, nano_path
    from bankft.service.context import BaseModel
    from bankft.service.server import run

    folder = Path(base).expanduser().resolve() if base else nano_path()
    model = BaseModel(
        name=folder.name if base else "bankft-nano",
        folder=folder,
        digest=digest(folder),
        created=int((folder / "config.json").stat().st_mtime),
    )
    run(host=host, port=port, data_dir=data_dir, base=model, seed=deterministic)
