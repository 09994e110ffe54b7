"""What the service remembers: five tables."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON, str: Text, int: BigInteger}  # noqa: RUF012


# SQLite counts rows by itself only where the key is a plain INTEGER.
_Key = BigInteger().with_variant(Integer, "sqlite")


class File(Table):
    """An uploaded file or a job's result; its bytes lie at ``files/<id>`` in the data folder."""

    __tablename__ = "files"

    n: Mapped[int] = mapped_column(_Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    filename: Mapped[str]  # as the client named it: shown, never used as a path
    bytes: Mapped[int]
    purpose: Mapped[str]
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    recording: Mapped[str | None] = mapped_column(index=True)


class Job(Table):
    """A fine-tuning job, as it is shown, and where the worker is with it.

    ``status`` and what else the API shows change only with an event that is shown; ``phase``
    is the worker's own: ``check``, ``wait``, ``train``, ``pause``, ``done``.
    """

    __tablename__ = "jobs"

    n: Mapped[int] = mapped_column(_Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int]
    finished_at: Mapped[int | None]
    estimated_finish: Mapped[int | None]
    model: Mapped[str]
    training_file: Mapped[str]
    validation_file: Mapped[str | None]
    suffix: Mapped[str | None]
    seed: Mapped[int]
    meta: Mapped[dict[str, Any] | None]
    hyperparameters: Mapped[dict[str, Any]]  # as asked, then as resolved
    method: Mapped[str] = mapped_column(server_default="supervised", default="supervised")
    asked: Mapped[dict[str, Any] | None]  # a reinforcement job's grader and response_format
    options: Mapped[dict[str, Any] | None]  # what was asked for under ``bankft``
    eval_id: Mapped[str | None]  # a reinforcement job's: its grader, to judge models by
    status: Mapped[str] = mapped_column(default="validating_files")
    error: Mapped[dict[str, Any] | None]
    fine_tuned_model: Mapped[str | None]
    result_files: Mapped[list[str]] = mapped_column(default=list)
    trained_tokens: Mapped[int | None]
    recording: Mapped[str | None] = mapped_column(index=True)

    phase: Mapped[str] = mapped_column(default="check", index=True)
    starts: Mapped[int] = mapped_column(default=0)  # how often training was begun or resumed
    crashes: Mapped[int] = mapped_column(default=0)  # since the last checkpoint

    @property
    def paced(self) -> bool:
        """Whether events are shown by polling (recording), not as they happen."""
        return self.recording is not None


class Event(Table):
    """Something that happened to a job; ``created_at`` is empty until it is shown."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("job_id", "seq"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    seq: Mapped[int]
    created_at: Mapped[int | None]
    level: Mapped[str]
    message: Mapped[str]
    data: Mapped[dict[str, Any] | None]
    changes: Mapped[dict[str, Any]]  # what becomes visible with it


class Checkpoint(Table):
    """A model kept at an epoch's end; of reinforcement, at each validation."""

    __tablename__ = "checkpoints"

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    created_at: Mapped[int]
    step: Mapped[int]
    model: Mapped[str]
    metrics: Mapped[dict[str, Any]]


class Model(Table):
    """A fine-tuned model or a checkpoint; its weights lie in ``folder`` of the data folder."""

    __tablename__ = "models"

    n: Mapped[int] = mapped_column(_Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int]
    job_id: Mapped[str]
    folder: Mapped[str]
    digest: Mapped[str]
    # ``chat`` answers, ``reward`` scores answers: a reward model.
    kind: Mapped[str] = mapped_column(server_default="chat", default="chat")
    recording: Mapped[str | None] = mapped_column(index=True)
