"""What is stored, as the SDK's own types: that half of the contract is imported, not retyped."""

from collections.abc import Sequence
from typing import Any

from openai.types import FileObject
from openai.types import Model as ModelObject
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint

from bankft.service.tables import Checkpoint, Event, File, Job, Model

ORGANIZATION = "bankft"


def file(row: File) -> FileObject:
    """Return a file as OpenAI shows it."""
    # `construct`: the SDK's list of purposes lacks "evals", which OpenAI accepts.
    return FileObject.construct(
        id=row.id,
        object="file",
        bytes=row.bytes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        filename=row.filename,
        purpose=row.purpose,
        status="processed",
        status_details=None,
    )


def job(row: Job) -> dict[str, Any]:
    """Return a job as OpenAI shows it."""
    supervised = row.method == "supervised"
    shown = FineTuningJob.model_validate(
        {
            "id": row.id,
            "object": "fine_tuning.job",
            "created_at": row.created_at,
            "finished_at": row.finished_at,
            "estimated_finish": row.estimated_finish,
            "model": row.model,
            "fine_tuned_model": row.fine_tuned_model,
            "organization_id": f"org-{ORGANIZATION}",
            # The SDK's list of states lacks the one that OpenAI's own example of pausing shows.
            "status": "running" if row.status == "paused" else row.status,
            "error": row.error,
            "training_file": row.training_file,
            "validation_file": row.validation_file,
            "result_files": row.result_files,
            "trained_tokens": row.trained_tokens,
            "seed": row.seed,
            # OpenAI shows them here for supervised jobs alone.
            "hyperparameters": row.hyperparameters if supervised else {},
            "metadata": row.meta,
            "integrations": [],
            "user_provided_suffix": row.suffix,
        }
    ).model_dump(mode="json", exclude_unset=True)
    # As it came: the SDK's own types read the graders of a multi grader as one string check.
    settings = {**(row.asked or {}), "hyperparameters": row.hyperparameters}
    shown |= {"status": row.status, "method": {"type": row.method, row.method: settings}}
    shown |= {"eval_id": row.eval_id} if row.eval_id else {}
    return shown | ({"bankft": row.options} if row.options else {})


def event(row: Event) -> FineTuningJobEvent:
    """Return a job's event as OpenAI shows it."""
    return FineTuningJobEvent.model_validate(
        {
            "id": row.id,
            "object": "fine_tuning.job.event",
            "created_at": row.created_at,
            "level": row.level,
            "message": row.message,
            "type": "metrics" if row.data else "message",
            "data": row.data or {},
        }
    )


def ranked(rows: Sequence[Checkpoint]) -> dict[str, int]:
    """Return the place of each checkpoint by its reward on the validation file, 1 the best.

    OpenAI keeps a reinforcement job's best three; here all are kept, and this tells which those
    are. Empty for the other methods.
    """
    rewards = {row.id: row.metrics.get("full_valid_mean_reward") for row in rows}
    measured = {key: reward for key, reward in rewards.items() if reward is not None}
    order = sorted(measured, key=lambda key: -measured[key])
    return {key: place for place, key in enumerate(order, 1)}


def checkpoint(row: Checkpoint, place: int | None = None) -> FineTuningJobCheckpoint:
    """Return a checkpoint as OpenAI shows it, with its place among those of its job."""
    return FineTuningJobCheckpoint.model_validate(
        {
            "id": row.id,
            "object": "fine_tuning.job.checkpoint",
            "created_at": row.created_at,
            "fine_tuned_model_checkpoint": row.model,
            "fine_tuning_job_id": row.job_id,
            "metrics": row.metrics if place is None else {**row.metrics, "valid_rank": place},
            "step_number": row.step,
        }
    )


def model(row: Model) -> ModelObject:
    """Return a fine-tuned model as OpenAI shows it."""
    return ModelObject(id=row.id, object="model", created=row.created_at, owned_by=ORGANIZATION)
