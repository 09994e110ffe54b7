"""One job's training, from ``queued`` to its end."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event as Flag
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bankft.data import read_jsonl
from bankft.engine import Stopped, digest
from bankft.errors import BankftError
from bankft.service import methods, metrics, progress
from bankft.service.clock import stable
from bankft.service.faults import where
from bankft.service.judges import Judges
from bankft.service.known import BaseModel, Known, find, root
from bankft.service.store import Store
from bankft.service.tables import Event, Job

log = logging.getLogger("bankft.service")

_NO_REASONING = (
    "reasoning_effort has no effect here: the model answers at once, it does not reason before."
)


class Training:
    """One run of one job.

    Args:
        store: of the service.
        job_id: of a job in phase ``train``.
        bases: models that are there before any training.
        threads: how many the training may use.
        stopping: set when the process must end; the job then goes back to the queue.

    """

    def __init__(
        self, store: Store, job_id: str, bases: Sequence[BaseModel], threads: int, stopping: Flag
    ) -> None:
        self.store, self.job_id, self.bases = store, job_id, bases
        self.threads, self.stopping = threads, stopping
        self.begun, self.first_step = time.monotonic(), 0
        with store.read() as session:
            found = progress.find_job(session, job_id)
            assert found is not None
            self.job: Job = found
            steps = self._metrics(session)
            self.reached = int(steps[-1]["step"]) if steps else 0  # last step published

    def run(self) -> None:
        """Train; whatever happens, the job ends or goes back to the queue."""
        try:
            self._start()
            result = self._train()
            self._succeed(result)
        except Stopped:
            self._put_back()
        except BankftError as problem:
            self._fail("training_failed", str(problem))
        except Exception as problem:
            log.error("training %s failed: %s", self.job_id, where(problem))
            self._fail("server_error", f"Training failed ({type(problem).__name__}).")

    def _train(self) -> Any:
        job = self.job
        files = [job.training_file, job.validation_file]
        train, valid = (read_jsonl(self.store.file_path(f)) if f else [] for f in files)
        return methods.train(
            job,
            self._from(),
            (train, valid),
            self.store.job_folder(job.id),
            Judges(self._find, self.threads),
            seed=job.seed,
            threads=self.threads,
            on_step=self._step,
            on_checkpoint=self._checkpoint,
            should_stop=self._should_stop,
            resume=job.starts > 0,
        )

    def _from(self) -> Path:
        """Return the folder of the model to start from."""
        found = self._find(self.job.model)
        if found is None:
            raise BankftError(f"The model {self.job.model} was deleted before training began.")
        return found.folder

    def _find(self, name: str) -> Known | None:
        with self.store.read() as session:
            return find(self.store, session, self.bases, name)

    def _start(self) -> None:
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is None or job.phase != "train":
                raise Stopped
            if not job.starts:
                progress.publish(
                    session, job, "Fine-tuning job started", sets={"status": "running"}
                )
                if job.hyperparameters.get("reasoning_effort", "default") != "default":
                    progress.publish(session, job, _NO_REASONING)
            elif self._was_paused(session):
                progress.publish(session, job, progress.RESUMED, sets={"status": "running"})
            else:
                progress.publish(
                    session,
                    job,
                    f"{progress.RESUMED} after an interruption",
                    level="warn",
                    sets={"status": "running"},
                )
            job.starts += 1

    def _was_paused(self, session: Session) -> bool:
        told = select(Event.message).where(Event.job_id == self.job_id)
        return session.scalar(told.order_by(Event.seq.desc()).limit(1)) == progress.QUEUED_AGAIN

    def _step(self, step: Any) -> None:
        self.first_step = self.first_step or step.step
        if step.step <= self.reached:
            return  # done again after an interruption: told already
        self.reached = step.step
        measured = self._measured(step)
        changes: dict[str, Any] = {}
        if not self.job.paced:
            each = (time.monotonic() - self.begun) / (step.step - self.first_step + 1)
            left = each * (step.total_steps - step.step)
            changes["sets"] = {"estimated_finish": int(time.time() + left)}
        self._publish(metrics.told(measured), data=measured, **changes)
        for warning in getattr(step, "warnings", ()):
            self._publish(f"Step {step.step}: {warning}", level="warn")

    def _measured(self, step: Any) -> dict[str, Any]:
        grader = (self.job.asked or {}).get("grader")
        return metrics.measured(step, grader, timed=not self.job.paced)

    def _checkpoint(self, number: int, folder: Path, step: Any) -> None:
        name = f"{self._name()}:ckpt-step-{number}"
        row = self._row(name, folder)  # before others have to wait: weights may be large
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is None or job.phase != "train":
                return
            job.crashes = 0
            told = f"Checkpoint created at step {number}"
            already = select(Event.id).where(Event.job_id == job.id, Event.message == told)
            if session.scalar(already) is not None:
                return
            measured = self._measured(step)
            kept = {k: v for k, v in measured.items() if not isinstance(v, dict)}
            del kept["total_steps"]
            progress.publish(
                session,
                job,
                told,
                checkpoint={
                    "id": stable("ftckpt_", job.id, number),
                    "job_id": job.id,
                    "step": number,
                    "model": name,
                    "metrics": kept,
                },
                model=row,
            )

    def _succeed(self, result: Any) -> None:
        name, file_id = self._name(), stable("file-", self.job_id, "results")
        row = self._row(name, result.folder)
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is None or job.phase != "train":
                return
            table = metrics.table(self._metrics(session), job.method)
            self.store.file_path(file_id).write_bytes(table)
            progress.publish(session, job, "New fine-tuned model created", model=row)
            progress.publish(
                session,
                job,
                "The job has successfully completed",
                file={
                    "id": file_id,
                    "filename": "step_metrics.csv",
                    "bytes": len(table),
                    "purpose": "fine-tune-results",
                    "recording": job.recording,
                },
                sets={
                    "status": "succeeded",
                    "fine_tuned_model": name,
                    "result_files": [file_id],
                    "trained_tokens": result.trained_tokens,
                    "hyperparameters": methods.resolved(job, result),
                },
                ends=True,
            )

    def _fail(self, code: str, message: str) -> None:
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is not None and job.phase == "train":
                progress.fail(session, job, code, message)

    def _put_back(self) -> None:
        """Queue the job again, unless it was cancelled."""
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is not None and job.phase == "train":
                job.phase = "wait"

    def _publish(self, message: str, **event: Any) -> None:
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is not None and job.phase == "train":
                progress.publish(session, job, message, **event)

    def _should_stop(self) -> bool:
        if self.stopping.is_set():
            return True
        with self.store.read() as session:
            return session.scalar(select(Job.phase).where(Job.id == self.job_id)) != "train"

    def _name(self) -> str:
        tag = stable("", self.job_id, "name", length=8)
        return f"ft:{root(self.job.model)}:bankft:{self.job.suffix or ''}:{tag}"

    def _row(self, name: str, folder: Path) -> dict[str, Any]:
        return {
            "id": name,
            "job_id": self.job_id,
            "folder": str(Path(folder).resolve().relative_to(self.store.folder)),
            "digest": digest(folder),
            "kind": methods.kind(self.job),
            "recording": self.job.recording,
        }

    def _metrics(self, session: Any) -> list[dict[str, Any]]:
        every = select(Event).where(Event.job_id == self.job_id).order_by(Event.seq)
        return [event.data for event in session.scalars(every) if event.data]
