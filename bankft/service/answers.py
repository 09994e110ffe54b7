"""What is stored, as the SDK's own types: that half of the contract is imported, not retyped."""

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


def job(row: Job) -> FineTuningJob:
    """Return a job as OpenAI shows it."""
    return FineTuningJob.model_validate(
        {
            "id": row.id,
            "object": "fine_tuning.job",
            "created_at": row.created_at,
            "finished_at": row.finished_at,
            "estimated_finish": row.estimated_finish,
            "model": row.model,
            "fine_tuned_model": row.fine_tuned_model,
            "organization_id": f"org-{ORGANIZATION}",
            "status": row.status,
            "error": row.error,
            "training_file": row.training_file,
            "validation_file": row.validation_file,
            "result_files": row.result_files,
            "trained_tokens": row.trained_tokens,
            "seed": row.seed,
            "hyperparameters": row.hyperparameters,
            "method": {
                "type": "supervised",
                "supervised": {"hyperparameters": row.hyperparameters},
            },
            "metadata": row.meta,
            "integrations": [],
            "user_provided_suffix": row.suffix,
        }
    )


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


def checkpoint(row: Checkpoint) -> FineTuningJobCheckpoint:
    """Return a checkpoint as OpenAI shows it."""
    return FineTuningJobCheckpoint.model_validate(
        {
            "id": row.id,
            "object": "fine_tuning.job.checkpoint",
            "created_at": row.created_at,
            "fine_tuned_model_checkpoint": row.model,
            "fine_tuning_job_id": row.job_id,
            "metrics": row.metrics,
            "step_number": row.step,
        }
    )


def model(row: Model) -> ModelObject:
    """Return a fine-tuned model as OpenAI shows it."""
    return ModelObject(id=row.id, object="model", created=row.created_at, owned_by=ORGANIZATION)
