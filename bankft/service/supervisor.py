"""Keeping the worker running: started with the service, restarted when it dies."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from bankft.service.known import BaseModel

log = logging.getLogger("bankft.service")

LOCK = "worker.lock"  # in the data folder; the worker that runs writes its process id there
_HOPELESS = 3  # workers in a row that could not even start, after which waiting jobs are told


class Supervisor:
    """One worker process and the thread that watches it.

    The worker notices the end of its parent by the end of its standard input.

    Args:
        data_dir: the service's data folder.
        bases: models that are there before any training.
        threads: how many the training may use.
        on_hopeless: called when the worker cannot be kept running.

    """

    def __init__(
        self,
        data_dir: Path,
        bases: Sequence[BaseModel],
        threads: int,
        on_hopeless: Callable[[], None],
    ) -> None:
        known = json.dumps([asdict(base) for base in bases], default=str)
        module = [sys.executable, "-m", "bankft.service.worker"]
        self._lock = data_dir / LOCK
        self._command = [*module, str(data_dir), known, str(threads)]
        self._environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(threads),
            "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1",  # nothing is fetched while training
            "TRANSFORMERS_OFFLINE": "1",
        }
        self._on_hopeless = on_hopeless
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="worker watch", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether a worker runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The worker's process id."""
        return self._process.pid if self._process else None

    def stop(self, patience: float = 10.0) -> None:
        """Stop the worker: it puts its job back; one that does not obey is killed."""
        self._stopping.set()
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _watch(self) -> None:
        unable = 0
        while not self._stopping.is_set():
            # A session of its own: Ctrl-C goes to the service, which stops the worker in order.
            process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.PIPE, start_new_session=True
            )
            self._process = process
            if self._stopping.is_set():  # stop() may have looked before there was a process
                process.terminate()
            code = process.wait()
            if process.stdin:
                process.stdin.close()
            if self._stopping.is_set():
                return
            unable = 0 if self._started(process.pid) else unable + 1
            log.warning("the worker ended (code %d); it is started again", code)
            if unable >= _HOPELESS:
                log.error("the worker ends right after its start: jobs fail until it can run")
                self._on_hopeless()
            self._stopping.wait(min(10.0, 0.2 * 2**unable))

    def _started(self, pid: int) -> bool:
        return self._lock.exists() and self._lock.read_text() == str(pid)
