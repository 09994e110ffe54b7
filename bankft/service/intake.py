"""What happens to files before training: checked, or deleted when they expire."""

import time
from typing import cast

from sqlalchemy import select

from bankft.data import Problem, check
from bankft.data.shapes import Method
from bankft.errors import DataError
from bankft.lang import language
from bankft.service import progress
from bankft.service.store import Store
from bankft.service.tables import File, Job

# Examples of reinforcement fine-tuning, as OpenAI has it.
_MOST = {("reinforcement", "training_file"): 50_000, ("reinforcement", "validation_file"): 1000}


def check_files(store: Store, job_id: str) -> None:
    """Check a job's files and queue it, or end it ``failed`` with OpenAI's error."""
    with store.read() as session:
        job = progress.find_job(session, job_id)
        if job is None:
            return
        named = {"training_file": job.training_file, "validation_file": job.validation_file}
        speaks = job.recording.rpartition(".")[2] if job.recording else language()
    failure = None
    for param, file_id in named.items():
        if file_id and failure is None and (found := _problem(store, job, param, speaks)):
            failure = (*found, param)
    with store.write() as session:
        job = progress.find_job(session, job_id)
        if job is None or job.phase != "check":
            return  # cancelled or deleted meanwhile
        if failure:
            progress.fail(session, job, *failure)
            return
        job.phase = "wait"
        progress.publish(
            session,
            job,
            "Files validated, moving job to queued state",
            sets={"status": "queued"},
        )


def _problem(store: Store, job: Job, param: str, speaks: str) -> tuple[str, str] | None:
    """Return the code and message of what makes a file unusable."""
    what, file_id = param.replace("_", " "), getattr(job, param)
    try:
        report = check(store.file_path(file_id), method=cast(Method, job.method), language=speaks)
    except DataError:
        return f"invalid_{param}", f"The job failed because its {what} was deleted."
    errors = [problem for problem in report.problems if problem.severity == "error"]
    few = [problem for problem in errors if problem.code == "invalid_n_examples"]
    broken = [problem for problem in errors if problem not in few]
    if broken:
        said = f"{_place(broken[0])}{broken[0].message}"
        if shape := _other_method(broken[0], job.method):
            said = (
                f"Input file {file_id} is in the {shape[0]} format, but the specified fine-tuning "
                f"job is not using '{shape[1]}' as the training method (provided "
                f"method={job.method})."
            )
        return f"invalid_{param}", (
            f"The job failed due to an invalid {what}. Invalid file format. {said}"
        )
    # Measuring, unlike learning, makes sense from one example on.
    least = 10 if param == "training_file" else 1
    if report.examples < least:
        return "invalid_n_examples", (
            f"{what.capitalize()} has {report.examples} example(s), "
            f"but must have at least {least} example{'s' if least > 1 else ''}"
        )
    most = _MOST.get((job.method, param), report.examples)
    if report.examples > most:
        return "invalid_n_examples", (
            f"{what.capitalize()} has {report.examples} examples, but may have at most {most:,} "
            "examples"
        )
    return None


def _other_method(problem: Problem, method: str) -> tuple[str, str] | None:
    """Return which format a file of another method is in, and that method, as OpenAI says it."""
    if method != "supervised" and problem.code == "last_not_user":
        return "fine-tune-chat", "supervised"
    if problem.code != "wrong_method":
        return None
    return ("fine-tune-chat", "supervised") if method == "dpo" else ("fine-tune-preference", "dpo")


def _place(problem: Problem) -> str:
    if not problem.line:
        return ""
    return f"Line {problem.line}{f', {problem.field}' if problem.field else ''}: "


def delete_expired(store: Store) -> None:
    """Delete the files whose time is over."""
    with store.write() as session:
        over = select(File).where(File.expires_at <= int(time.time()), File.recording.is_(None))
        for file in session.scalars(over):
            store.file_path(file.id).unlink(missing_ok=True)
            session.delete(file)
