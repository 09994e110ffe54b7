"""How fast a service trains, by what a finished job of its own took."""

from typing import TYPE_CHECKING, Any

from bankft.errors import BankftError

if TYPE_CHECKING:  # reckoning needs no client
    import openai
    from openai.types.fine_tuning import FineTuningJob


def speed_of(client: "openai.OpenAI", job: "FineTuningJob | str") -> float:
    """Return how many tokens a second a finished job trained, from its start to its end.

    A job of the same machine, model and kind of data tells best what the next will take; a
    service's clock counts whole seconds, so one that took a minute tells more than a short one.

    Raises:
        BankftError: The job has not succeeded, or its times cannot be told.

    >>> import bankft
    >>> speed_of(bankft.connect("first-job"), "ftjob-…")
    1900.0
    """
    current = client.fine_tuning.jobs.retrieve(job if isinstance(job, str) else job.id)
    if current.status != "succeeded" or not current.trained_tokens or not current.finished_at:
        raise BankftError(
            f"Fine-tuning job {current.id} tells no speed, its status being {current.status}: "
            "name one that has succeeded."
        )
    began = _began(client, current.id) or current.created_at
    seconds = current.finished_at - began
    if seconds <= 0:
        raise BankftError(
            f"Fine-tuning job {current.id} took less than a second: name one that took longer."
        )
    return current.trained_tokens / seconds


def _began(client: "openai.OpenAI", job_id: str) -> int | None:
    """Return when training began: queueing and checking the files are no training."""
    events: Any = client.fine_tuning.jobs.list_events(job_id)
    for event in events:
        if event.message == "Fine-tuning job started":
            return int(event.created_at)
    return None
