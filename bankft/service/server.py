"""Starting and stopping the service."""

import errno
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn
from sqlalchemy import select
from sqlalchemy.engine import make_url

from bankft.errors import PortInUse, ServiceError
from bankft.service import progress
from bankft.service.app import create_app
from bankft.service.auditing import auditing_of, started
from bankft.service.auth import Keys, is_loopback
from bankft.service.clock import Clock, LogicalClock
from bankft.service.context import Service
from bankft.service.frame import version
from bankft.service.inference import Samplers
from bankft.service.known import BaseModel
from bankft.service.limits import RateLimits, configured
from bankft.service.store import Store
from bankft.service.supervisor import Supervisor
from bankft.service.tables import Job

log = logging.getLogger("bankft.service")


def run(
    *,
    host: str,
    port: int,
    data_dir: str | Path,
    base: BaseModel,
    more_bases: tuple[BaseModel, ...] = (),
    seed: int | None,
) -> None:
    """Serve until SIGINT or SIGTERM; see ``bankft.service.serve``."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    limits = RateLimits(configured(os.environ))
    new = not Path(data_dir).expanduser().exists()
    if new and not is_loopback(host) and not os.environ.get("BANKFT_API_KEYS", "").strip(", "):
        raise _no_keys(host)
    store = Store(data_dir)
    keys = Keys(os.environ.get("BANKFT_API_KEYS", "").split(","), store)
    if not keys and not is_loopback(host):
        raise _no_keys(host)
    listening = _listen(host, port)
    training, chat = _threads()
    samplers = Samplers(chat)
    worker = Supervisor(store.folder, (base, *more_bases), training, lambda: _give_up_jobs(store))
    clock = Clock() if seed is None else LogicalClock(seed)
    service = Service(store, clock, keys, base, samplers, worker, more_bases, limits=limits)
    server = _Server(service)
    # From here on a signal stops the service in order, even while the model is being read.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    try:
        if seed is None:
            service.auditing = auditing_of(store, service.aliases.registry, os.environ)
            bases = [(one.name, one.digest) for one in service.bases]
            service.auditing.note("service.start", started(bases, version()))
        worker.start()
        samplers.get(base.name, base.folder)
        if not server.should_exit:
            _say(service, listening, seed)
            server.run(sockets=[listening])
    finally:
        service.closing.set()
        samplers.close()
        worker.stop()
        service.aliases.close()
        if service.auditing is not None:
            service.auditing.note("service.stop", {})
            service.auditing.close()
        store.close()
        listening.close()


def _no_keys(host: str) -> ServiceError:
    return ServiceError(
        f"Other machines can reach {host}, so the service needs API keys: set BANKFT_API_KEYS "
        "(comma separated), make some with `bankft serve keys make`, or listen on 127.0.0.1."
    )


class _Server(uvicorn.Server):
    """uvicorn, ending quietly: a signal is an ordinary end."""

    def __init__(self, service: Service) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(service),
                log_config=None,
                access_log=False,  # the frame logs, without what could be personal
                log_level="warning",
                server_header=False,
                date_header=False,
                ws="none",
                timeout_graceful_shutdown=5,
            )
        )
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.closing.set()
        self._service.samplers.closing.set()  # answers being written end, so connections close
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise ServiceError(f"There is no address {host} on this machine: try 127.0.0.1.") from None
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError as problem:
        listening.close()
        if problem.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Another program listens on {host}:{port}: stop it, or choose another --port."
            ) from None
        raise ServiceError(
            f"The service cannot listen on {host}:{port} ({problem.strerror})."
        ) from None
    return listening


def _threads() -> tuple[int, int]:
    """Return how many threads training and chats may use.

    Training takes every core, but at a lower priority (the worker's ``nice``), so that chats go
    first where both want one. A chat gains little from more than half of the cores.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, cores or 1), max(1, (cores or 1) // 2)


def _give_up_jobs(store: Store) -> None:
    with store.write() as session:
        for job in session.scalars(select(Job).where(Job.phase.not_in(("done", "pause")))):
            progress.fail(
                session,
                job,
                "server_error",
                "The training process cannot run on this machine: the service's log says why.",
            )


def _say(service: Service, listening: socket.socket, seed: int | None) -> None:
    host, port = listening.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    print(f"bankft serves OpenAI's API at http://{host}:{port}/v1")
    print(f"  data folder  {service.store.folder}")
    if service.store.url is not None:
        print(f"  database     {make_url(service.store.url).render_as_string()}")
    for base in service.bases:
        print(f"  base model   {base.name} {base.digest}")
    if seed is not None:
        print(f"  deterministic, seed {seed}: for recording")
    if not service.keys:
        print(
            "  warning: no BANKFT_API_KEYS are set and none were made, so any key is accepted",
            file=sys.stderr,
        )
    sys.stdout.flush()
