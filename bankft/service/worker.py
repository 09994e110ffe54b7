"""The process that trains: ``python -m bankft.service.worker`` (the service starts it).

One thread checks the files of new jobs, so that a job is queued soon even while another trains;
the main thread trains, one job after another, in the order in which they were created.
"""

import fcntl
import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

from sqlalchemy import select

from bankft.service import progress
from bankft.service.faults import where
from bankft.service.intake import check_files, delete_expired
from bankft.service.known import BaseModel
from bankft.service.store import Store
from bankft.service.supervisor import LOCK
from bankft.service.tables import Job

log = logging.getLogger("bankft.service")

_CRASHES = 3  # without a checkpoint in between; then the job is the likely reason
_LOOK = 0.1  # seconds between looks for work


class Worker:
    """What the worker process does, in its threads.

    Args:
        store: of the service.
        bases: models that are there before any training.
        threads: how many the training may use.

    """

    def __init__(self, store: Store, bases: list[BaseModel], threads: int) -> None:
        self.store, self.bases, self.threads = store, bases, threads
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work until told to stop; put an unfinished job back."""
        self._recover()
        checker = threading.Thread(target=self._check, name="check", daemon=True)
        checker.start()
        while not self.stopping.is_set():
            job_id = self._take()
            if job_id is None:
                # Not stopping.wait(): the signal handler runs in this thread, and its set()
                # would wait for the lock that the wait() which it interrupts holds.
                time.sleep(_LOOK)
                continue
            # Here, and not at the top: until a first job comes, no memory and no start is spent
            # on what trains it.
            from bankft.service.training import Training

            Training(self.store, job_id, self.bases, self.threads, self.stopping).run()
        checker.join(5)

    def _check(self) -> None:
        cleaned = 0.0
        while not self.stopping.wait(_LOOK):
            with self.store.read() as session:
                oldest = select(Job.id).where(Job.phase == "check").order_by(Job.n)
                waiting = list(session.scalars(oldest))
            for job_id in waiting:
                try:
                    check_files(self.store, job_id)
                except Exception as problem:
                    log.error("checking the files of %s failed: %s", job_id, where(problem))
                    with self.store.write() as session:
                        if (job := progress.find_job(session, job_id)) and job.phase == "check":
                            progress.fail(
                                session, job, "server_error", "The files could not be checked."
                            )
            if time.monotonic() - cleaned > 60:
                delete_expired(self.store)
                cleaned = time.monotonic()

    def _take(self) -> str | None:
        oldest = select(Job).where(Job.phase == "wait").order_by(Job.n).limit(1)
        with self.store.read() as session:  # looking must not hold up those who write
            if session.scalar(oldest) is None:
                return None
        with self.store.write() as session:
            job = session.scalar(oldest.with_for_update(skip_locked=True))
            if job is None:
                return None
            job.phase = "train"
            return job.id

    def put_back(self) -> None:
        """Queue the job at hand again: it was no fault of its own that it stopped."""
        with self.store.write() as session:
            for job in session.scalars(select(Job).where(Job.phase == "train")):
                job.phase = "wait"

    def _recover(self) -> None:
        """Take care of the job that a dead worker left."""
        with self.store.write() as session:
            for job in session.scalars(select(Job).where(Job.phase == "train")):
                job.crashes += 1
                if job.crashes < _CRASHES:
                    job.phase = "wait"
                    continue
                progress.fail(
                    session,
                    job,
                    "server_error",
                    f"The training process ended unexpectedly {_CRASHES} times on this job, "
                    "perhaps for want of memory: try a smaller batch_size or shorter examples.",
                )


def watch_parent(worker: Worker) -> None:
    """End this process when the service is gone: its end of our standard input closes."""
    os.read(0, 1)  # not sys.stdin: its lock would outlive this daemon thread
    worker.stopping.set()
    time.sleep(3)  # for the step at hand
    worker.put_back()
    os._exit(0)


def main(data_dir: str, bases: str, threads: str) -> None:
    """Run the worker of a data folder; a second one waits until the first has ended."""
    models = [BaseModel(**{**one, "folder": Path(one["folder"])}) for one in json.loads(bases)]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(message)s")
    warnings.simplefilter("ignore", FutureWarning)  # about the training libraries' own options
    for noisy in ("httpx", "httpx2", "transformers", "datasets", "accelerate"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    os.nice(5)  # answers come before training where both want the processor
    store = Store(data_dir)
    with (store.folder / LOCK).open("a+") as lock:
        worker = Worker(store, models, int(threads))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stopping.set())
        threading.Thread(target=watch_parent, args=[worker], daemon=True).start()
        while not worker.stopping.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_LOOK)
            else:
                # Whose lock it is: by this the supervisor knows a worker that could start.
                lock.truncate(0)
                lock.write(str(os.getpid()))
                lock.flush()
                worker.run()
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
