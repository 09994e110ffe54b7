"""Keeping the worker running: started with the service, restarted when it dies."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger("bankft.service")

_SHORT_LIFE = 10.0  # seconds; a worker that dies younger than this may be unable to start
_HOPELESS = 4  # short lives in a row after which waiting jobs are told


class Supervisor:
    """One worker process and the thread that watches it.

    The worker notices the end of its parent by the end of its standard input.

    Args:
        data_dir: the service's data folder.
        base: folder and name of the base model.
        threads: how many the training may use.
        on_hopeless: called when the worker cannot be kept running.

    """

    def __init__(
        self, data_dir: Path, base: tuple[Path, str], threads: int, on_hopeless: Callable[[], None]
    ) -> None:
        folder, name = map(str, base)
        module = [sys.executable, "-m", "bankft.service.worker"]
        self._command = [*module, str(data_dir), folder, name, str(threads)]
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
        short = 0
        while not self._stopping.is_set():
            born = time.monotonic()
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
            short = short + 1 if time.monotonic() - born < _SHORT_LIFE else 0
            log.warning("the worker ended (code %d); it is started again", code)
            if short >= _HOPELESS:
                log.error("the worker ends right after its start: jobs fail until it can run")
                self._on_hopeless()
            self._stopping.wait(min(10.0, 0.2 * 2**short))
