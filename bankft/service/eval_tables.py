"""What the service remembers of evals: the evals, their runs, and the runs' output items."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bankft.service.tables import Table, _Key


class Eval(Table):
    """An eval: what its data look like and what its answers are judged by."""

    __tablename__ = "evals"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  (n is never used twice)

    n: Mapped[int] = mapped_column(_Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int]
    updated_at: Mapped[int]
    name: Mapped[str]
    meta: Mapped[dict[str, Any] | None]
    data_source: Mapped[dict[str, Any]]  # as it was asked for
    criteria: Mapped[list[Any]] = mapped_column(JSON)
    job_id: Mapped[str | None] = mapped_column(index=True)  # the job that it was made for
    recording: Mapped[str | None] = mapped_column(index=True)


class EvalRun(Table):
    """A run of an eval.

    ``status`` and ``shown`` are what the API shows; ``phase`` (``wait``, ``run``, ``done``) and
    ``finished`` are where the runner is. They differ only while lessons are recorded, when a poll
    shows a fixed number of items more.
    """

    __tablename__ = "eval_runs"

    n: Mapped[int] = mapped_column(_Key, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    eval_id: Mapped[str] = mapped_column(ForeignKey("evals.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int]
    name: Mapped[str]
    meta: Mapped[dict[str, Any] | None]
    data_source: Mapped[dict[str, Any]]
    model: Mapped[str]
    seed: Mapped[int]
    total: Mapped[int]
    status: Mapped[str] = mapped_column(default="queued")
    shown: Mapped[int] = mapped_column(default=0)
    polls: Mapped[int] = mapped_column(default=0)
    phase: Mapped[str] = mapped_column(default="wait", index=True)
    finished: Mapped[int] = mapped_column(default=0)  # items that have been judged
    totals: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of these, what they add up to
    starts: Mapped[int] = mapped_column(default=0)  # by a service, since the last judged item
    error: Mapped[dict[str, Any] | None]  # why it failed
    recording: Mapped[str | None] = mapped_column(index=True)

    @property
    def paced(self) -> bool:
        """Whether items are shown by polling (recording), not as they are judged."""
        return self.recording is not None


class OutputItem(Table):
    """One item of a run: what was asked, what came, and how it was judged."""

    __tablename__ = "eval_output_items"
    __table_args__ = (Index("eval_output_items_of_run", "run_id", "number", unique=True),)

    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("eval_runs.id", ondelete="CASCADE"))
    number: Mapped[int]  # from 0, as in the data source
    created_at: Mapped[int]
    status: Mapped[str]  # pass, fail or error
    item: Mapped[dict[str, Any]]
    results: Mapped[list[Any]] = mapped_column(JSON)
    sample: Mapped[dict[str, Any]]
