"""What happens to files before training: checked, or deleted when they expire."""

import time

from sqlalchemy import select

from bankft.data import Problem, check
from bankft.errors import DataError
from bankft.lang import language
from bankft.service import progress
from bankft.service.store import Store
from bankft.service.tables import File


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
        if file_id and failure is None and (found := _problem(store, param, file_id, speaks)):
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


def _problem(store: Store, param: str, file_id: str, speaks: str) -> tuple[str, str] | None:
    """Return the code and message of what makes a file unusable."""
    what = param.replace("_", " ")
    try:
        report = check(store.file_path(file_id), language=speaks)
    except DataError:
        return f"invalid_{param}", f"The job failed because its {what} was deleted."
    errors = [problem for problem in report.problems if problem.severity == "error"]
    few = [problem for problem in errors if problem.code == "invalid_n_examples"]
    broken = [problem for problem in errors if problem not in few]
    if broken:
        return f"invalid_{param}", (
            f"The job failed due to an invalid {what}. Invalid file format. "
            f"{_place(broken[0])}{broken[0].message}"
        )
    # Measuring, unlike learning, makes sense from one example on.
    least = 10 if param == "training_file" else 1
    if report.examples < least:
        return "invalid_n_examples", (
            f"{what.capitalize()} has {report.examples} example(s), "
            f"but must have at least {least} example{'s' if least > 1 else ''}"
        )
    return None


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
