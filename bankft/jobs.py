"""Follow jobs and runs of evals, read metrics, find models: on any OpenAI-compatible host."""

import base64
import binascii
import contextlib
import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import openai
from openai.types.evals import RunCreateResponse, RunRetrieveResponse
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent

from bankft.errors import BankftError, JobFailed, UsageError

ENDED = ("succeeded", "failed", "cancelled")
RUN_ENDED = ("completed", "failed", "canceled")
POLL_S = 1.0  # where a server does not say how long to wait
MAX_POLL_S = 60.0


def follow(
    client: openai.OpenAI, job: FineTuningJob | str, *, progress: bool = True
) -> Iterator[FineTuningJobEvent]:
    """Yield a job's events until it ends: oldest first, each once.

    Waits between looks as long as the server says (``openai-poll-after-ms``; a replay says 0),
    else 1 s. A paused job is waited for. The status is read before the events, so that none is
    lost when the job ends in between.

    Args:
        client: From ``bankft.connect``, or any other.
        job: The job or its id.
        progress: Draw a bar on stderr from the events' steps, if tqdm is installed;
            ``TQDM_DISABLE=1`` keeps it away.

    Raises:
        JobFailed: After the last event, if the job failed or was cancelled; with its message.

    >>> import bankft
    >>> client = bankft.connect("first-job")
    >>> [event.message for event in follow(client, "ftjob-…")][-1]
    'The job has successfully completed'
    """
    job_id = job if isinstance(job, str) else job.id
    seen: set[str] = set()
    with _Bar(job_id, progress) as bar:
        while True:
            raw = client.fine_tuning.jobs.with_raw_response.retrieve(job_id)
            current = raw.parse()
            for event in _new_events(client, job_id, seen):
                bar.show(event)
                yield event
            if current.status in ENDED:
                break
            time.sleep(_wait(raw.headers.get("openai-poll-after-ms")))
    if current.status != "succeeded":
        said = current.error.message if current.error and current.error.message else None
        raise JobFailed(
            f"Fine-tuning job {job_id} was cancelled."
            if current.status == "cancelled"
            else f"Fine-tuning job {job_id} failed: {said or 'the service gives no reason.'}"
        )


def follow_run(
    client: openai.OpenAI,
    run: RunCreateResponse,
    *,
    total: int | None = None,
    progress: bool = True,
) -> RunRetrieveResponse:
    """Wait until an eval's run has ended, and return it.

    Args:
        client: From ``bankft.connect``, or any other.
        run: What ``client.evals.runs.create`` returned.
        total: How many answers it judges, for the bar; it does not say so itself.
        progress: As for :func:`follow`: a bar, of the answers judged so far.

    Raises:
        JobFailed: The run failed or was canceled; with its message.

    >>> import bankft
    >>> client = bankft.connect("rft-evaluate")  # doctest: +SKIP
    >>> follow_run(client, client.evals.runs.create(…)).result_counts.passed  # doctest: +SKIP
    297
    """
    with _Bar(run.name, progress, unit="answer") as bar:
        while True:
            raw = client.evals.runs.with_raw_response.retrieve(run.id, eval_id=run.eval_id)
            current = raw.parse()
            bar.move(current.result_counts.total, total)
            if current.status in RUN_ENDED:
                break
            time.sleep(_wait(raw.headers.get("openai-poll-after-ms")))
    if current.status != "completed":
        said = current.error.message if current.error and current.error.message else None
        raise JobFailed(f"The run {run.id} is {current.status}: {said or 'no reason is given.'}")
    return current


def _new_events(client: openai.OpenAI, job_id: str, seen: set[str]) -> list[FineTuningJobEvent]:
    """Return the events that are not yet seen, oldest first; a page lists the newest first."""
    new: list[FineTuningJobEvent] = []
    for page in client.fine_tuning.jobs.list_events(job_id).iter_pages():
        fresh = [event for event in page.data if event.id not in seen]
        seen.update(event.id for event in fresh)
        new += fresh
        if len(fresh) < len(page.data):  # from here on, all of them were seen before
            break
    return new[::-1]


def _wait(header: str | None) -> float:
    try:
        seconds = float(header or "") / 1000
    except ValueError:
        return POLL_S
    return min(seconds, MAX_POLL_S) if seconds >= 0 else POLL_S


_SHOWN = {  # beside the bar, in this order
    "train_loss": "loss",
    "train_reward_accuracy": "accuracy",
    "train_mean_reward": "reward",
    "full_valid_mean_reward": "valid reward",
    "kl": "KL",
}


class _Bar:
    """A progress bar from events that carry a step; nothing where it is not wanted."""

    def __init__(self, name: str, wanted: bool, *, unit: str = "step") -> None:
        self._bar: Any = None
        self._name = name
        self._wanted = wanted
        self._unit = unit

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, event: FineTuningJobEvent) -> None:
        data = event.data if isinstance(event.data, dict) else {}
        step, total = data.get("step"), data.get("total_steps")
        if not isinstance(step, (int, float)) or not total:
            return
        self.move(int(step), int(total))
        if self._bar is None:
            return
        shown = [f"{word} {data[name]:.3f}" for name, word in _SHOWN.items() if name in data]
        if shown:
            self._bar.set_postfix_str(", ".join(shown))

    def move(self, done: int, total: int | None) -> None:
        """Show that so much is done."""
        if not self._wanted:
            return
        if self._bar is None:
            try:
                from tqdm import tqdm
            except ImportError:  # the events tell the same, so a bar is no reason to fail
                self._wanted = False
                return
            self._bar = tqdm(total=total, desc=self._name, unit=self._unit)
        self._bar.update(done - self._bar.n)


def metrics(client: openai.OpenAI, job: FineTuningJob | str) -> list[dict[str, Any]]:
    """Return the rows of a job's result file, a step each.

    Numbers come as ``int`` or ``float``, and what was not measured at a step as ``None``. Losses
    are nats a token (of preference pairs: nats a pair), accuracies shares from 0 to 1, rewards on
    the grader's own scale, ``kl`` nats a token. A reinforcement job's parts of the reward stand
    under names such as ``scores/graders/python/short/train_reward_mean``.

    Raises:
        BankftError: The job has no result file (yet).

    >>> import bankft
    >>> metrics(bankft.connect("first-job"), "ftjob-…")[0]
    {'step': 1, 'train_loss': 5.1, 'train_mean_token_accuracy': 0.2, 'valid_loss': None}
    """
    # A job in hand may be the one that was created, long before its result.
    current = client.fine_tuning.jobs.retrieve(job if isinstance(job, str) else job.id)
    if not current.result_files:
        raise BankftError(
            f"Fine-tuning job {current.id} has no result file, its status being {current.status}: "
            "follow it until it has succeeded."
        )
    text = _text(client.files.content(current.result_files[0]).content)
    return [
        {name: _number(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


def _text(content: bytes) -> str:
    """Decode a result file; some hosts have given it in base64, in which a comma cannot be."""
    if b"," not in content:
        with contextlib.suppress(binascii.Error):
            content = base64.b64decode(content, validate=True)
    return content.decode("utf-8-sig")


def _number(cell: str | None) -> int | float | str | None:
    if not cell:
        return None
    for number in (int, float):
        try:
            return number(cell)
        except ValueError:
            continue
    return cell


def find_model(client: openai.OpenAI, **metadata: str) -> str:
    """Return the name of the newest fine-tuned model whose job has these metadata.

    Raises:
        UsageError: No metadata are given.
        BankftError: No job that has them has succeeded; the message says how to train one.

    >>> import bankft
    >>> find_model(bankft.connect("first-job"), case="fundbot", version="v1")
    'ft:bankft-nano:bankft:fund-bot-v1:…'
    """
    if not metadata:
        raise UsageError('Say which model: find_model(client, case="fundbot", version="v1"), say.')
    for job in client.fine_tuning.jobs.list(metadata=metadata):
        # A host may not know how to filter by metadata, and then lists every job.
        wanted = metadata.items() <= (job.metadata or {}).items()
        if wanted and job.status == "succeeded" and job.fine_tuned_model:
            return job.fine_tuned_model
    given = ", ".join(f"{name}={value}" for name, value in metadata.items())
    raise BankftError(
        f"No fine-tuning job with metadata {given} has succeeded on {client.base_url}: train the "
        f"model first, by running the lesson that makes it against the same service, or with "
        f"client.fine_tuning.jobs.create(…, metadata={metadata})."
    )
