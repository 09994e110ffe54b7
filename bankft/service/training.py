"""One job's training, from ``queued`` to its end."""

import logging
import time
from pathlib import Path
from threading import Event as Flag
from typing import Any

from sqlalchemy import select

from bankft.data import read_jsonl
from bankft.engine import SFTResult, Step, Stopped, digest, train_sft
from bankft.errors import BankftError
from bankft.service import metrics, progress
from bankft.service.clock import stable
from bankft.service.frame import where
from bankft.service.store import Store
from bankft.service.tables import Event, Job, Model

log = logging.getLogger("bankft.service")


class Training:
    """One run of one job.

    Args:
        store: of the service.
        job_id: of a job in phase ``train``.
        base: folder and name of the base model.
        threads: how many the training may use.
        stopping: set when the process must end; the job then goes back to the queue.

    """

    def __init__(
        self, store: Store, job_id: str, base: tuple[Path, str], threads: int, stopping: Flag
    ) -> None:
        self.store, self.job_id, self.base = store, job_id, base
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

    def _train(self) -> SFTResult:
        job = self.job
        files = [job.training_file, job.validation_file]
        train, valid = (read_jsonl(self.store.file_path(f)) if f else [] for f in files)
        return train_sft(
            self._from(),
            train,
            valid,
            self.store.job_folder(job.id),
            **job.hyperparameters,
            seed=job.seed,
            threads=self.threads,
            on_step=self._step,
            on_checkpoint=self._checkpoint,
            should_stop=self._should_stop,
            resume=job.starts > 0,
        )

    def _from(self) -> Path:
        """Return the folder of the model to start from."""
        folder, name = self.base
        if self.job.model == name:
            return folder
        with self.store.read() as session:
            row = session.scalar(select(Model).where(Model.id == self.job.model))
            if row is None:
                raise BankftError(f"The model {self.job.model} was deleted before training began.")
            return self.store.model_folder(row)

    def _start(self) -> None:
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is None or job.phase != "train":
                raise Stopped
            if not job.starts:
                progress.publish(
                    session, job, "Fine-tuning job started", sets={"status": "running"}
                )
            else:
                progress.publish(
                    session,
                    job,
                    "Fine-tuning job resumed from its last checkpoint after an interruption",
                    level="warn",
                    sets={"status": "running"},
                )
            job.starts += 1

    def _step(self, step: Step) -> None:
        self.first_step = self.first_step or step.step
        if step.step <= self.reached:
            return  # done again after an interruption: told already
        self.reached = step.step
        measured = metrics.measured(step)
        changes: dict[str, Any] = {}
        if not self.job.paced:
            each = (time.monotonic() - self.begun) / (step.step - self.first_step + 1)
            left = each * (step.total_steps - step.step)
            changes["sets"] = {"estimated_finish": int(time.time() + left)}
        self._publish(metrics.told(step), data=measured, **changes)

    def _checkpoint(self, number: int, folder: Path, step: Step) -> None:
        name = f"{self._name()}:ckpt-step-{number}"
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is None or job.phase != "train":
                return
            job.crashes = 0
            told = f"Checkpoint created at step {number}"
            already = select(Event.id).where(Event.job_id == job.id, Event.message == told)
            if session.scalar(already) is not None:
                return
            measured = metrics.measured(step)
            del measured["total_steps"]
            progress.publish(
                session,
                job,
                told,
                checkpoint={
                    "id": stable("ftckpt_", job.id, number),
                    "job_id": job.id,
                    "step": number,
                    "model": name,
                    "metrics": measured,
                },
                model=self._row(name, folder),
            )

    def _succeed(self, result: SFTResult) -> None:
        name, file_id = self._name(), stable("file-", self.job_id, "results")
        with self.store.write() as session:
            job = progress.find_job(session, self.job_id)
            if job is None or job.phase != "train":
                return
            table = metrics.table(self._metrics(session))
            self.store.file_path(file_id).write_bytes(table)
            progress.publish(
                session, job, "New fine-tuned model created", model=self._row(name, result.folder)
            )
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
                    "hyperparameters": {
                        "n_epochs": result.n_epochs,
                        "batch_size": result.batch_size,
                        "learning_rate_multiplier": result.learning_rate_multiplier,
                    },
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
        root = self.job.model.split(":")[1] if self.job.model.startswith("ft:") else self.job.model
        tag = stable("", self.job_id, "name", length=8)
        return f"ft:{root}:bankft:{self.job.suffix or ''}:{tag}"

    def _row(self, name: str, folder: Path) -> dict[str, Any]:
        return {
            "id": name,
            "job_id": self.job_id,
            "folder": str(Path(folder).resolve().relative_to(self.store.folder)),
            "digest": digest(folder),
            "recording": self.job.recording,
        }

    def _metrics(self, session: Any) -> list[dict[str, Any]]:
        every = select(Event).where(Event.job_id == self.job_id).order_by(Event.seq)
        return [event.data for event in session.scalars(every) if event.data]
