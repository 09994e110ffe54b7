"""A run's folder: what was asked and how, each answer, each judgement; all of it JSON to read.

::

    run.json          the model, the sampling settings, the test set's digest, the graders
    questions.jsonl   a question a line
    answers.jsonl     an answer a line, in the order in which they came
    grades.jsonl      what rules, metrics and graders say of each answer
    summary.json      the figures, each with its interval
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bankft.errors import DataError
from bankft.evals.questions import Question

FORMAT = 1
_BATCH = 64  # answers between two calls of fsync


@dataclass(frozen=True)
class Answer:
    """One answer of a model.

    Attributes:
        id: ``q<question>.s<sample>``, by which every figure names its answers.
        question: the question's number, from 1.
        sample: which of the answers to the question, from 1.
        text: what the model wrote; empty where it failed.
        finish_reason: ``stop``, ``length``, …; None where it failed.
        prompt_tokens: that were read.
        completion_tokens: that were written.
        seconds: from asking to the whole answer, retries included.
        retries: how often the request was sent again.
        seed: that was asked for.
        system_fingerprint: what the host calls the weights that answered.
        answered_by: the model behind an alias that wrote it; None where no alias was asked.
        logprobs: natural logarithm of each token's probability; None where not asked for.
        error: why there is no answer.
    """

    id: str
    question: int
    sample: int
    text: str = ""
    finish_reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    retries: int = 0
    seed: int | None = None
    system_fingerprint: str | None = None
    answered_by: str | None = None
    logprobs: tuple[float, ...] | None = None
    error: str | None = None


@dataclass(frozen=True)
class Grade:
    """What is said of one answer.

    Attributes:
        id: the answer's.
        verdict: of the rules: ``ok``, ``violation``, ….
        findings: of the rules, each with rule, verdict, start, end, title.
        values: of the metrics and graders by name, as ``exact_match``; None where grading failed.
        passed: of graders that set a threshold.
    """

    id: str
    verdict: str
    findings: tuple[Mapping[str, Any], ...]
    values: Mapping[str, float | None]
    passed: Mapping[str, bool]


@dataclass(frozen=True)
class Run:
    """A run that was read from its folder; ``answers`` and ``grades`` by id."""

    folder: Path
    about: Mapping[str, Any]
    questions: Mapping[int, Question]
    answers: Mapping[str, Answer]
    grades: Mapping[str, Grade]

    @property
    def name(self) -> str:
        """What the run is called: its folder's name."""
        return self.folder.name

    @property
    def model(self) -> str:
        """The model that answered."""
        return str(self.about["model"])


class Lines:
    """A file that lines are appended to, so that each survives the end of this process.

    A line is with the operating system when `write` returns; every 64 lines, and at the end, it is
    on the disk, too. A line that an earlier process left unfinished is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab+")
        self._cut()
        self._waiting = 0

    def _cut(self) -> None:
        end = self._file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            self._file.seek(start)
            at = self._file.read(end - start).rfind(b"\n")
            if at >= 0:
                end = start + at + 1
                break
            end = start
        self._file.truncate(end)

    def write(self, value: Mapping[str, Any]) -> None:
        """Append one object."""
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._file.write(line.encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()
        self._waiting += 1
        if self._waiting >= _BATCH:
            self.sync()

    def sync(self) -> None:
        """Wait until all lines are on the disk."""
        os.fsync(self._file.fileno())
        self._waiting = 0

    def close(self) -> None:
        """Put the last lines on the disk and close."""
        self.sync()
        self._file.close()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document whole or not at all."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def write_questions(path: Path, questions: Iterable[Question]) -> None:
    """Write the questions of a run."""
    beside = path.with_suffix(".part")
    with beside.open("w", encoding="utf-8", newline="\n") as out:
        for question in questions:
            out.write(json.dumps(asdict(question), ensure_ascii=False) + "\n")
    beside.replace(path)


def read_about(folder: Path) -> dict[str, Any] | None:
    """Return what ``run.json`` of a folder says; None where there is none.

    Raises:
        DataError: it is not a run's.
    """
    try:
        about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise DataError(f"{folder / 'run.json'} cannot be read: is {folder} a run?") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise DataError(
            f"{folder / 'run.json'} is of no format that this version reads: run it again."
        )
    return about


def read_answers(folder: Path) -> dict[str, Answer]:
    """Return the answers of a folder, by id; the last of several to one request."""
    found = {}
    for line in _objects(folder / "answers.jsonl"):
        logprobs = line.pop("logprobs", None)
        answer = Answer(**line, logprobs=None if logprobs is None else tuple(logprobs))
        found[answer.id] = answer
    return found


def read_grades(folder: Path) -> dict[str, Grade]:
    """Return the grades of a folder, by id."""
    return {
        line["id"]: Grade(**{**line, "findings": tuple(line["findings"])})
        for line in _objects(folder / "grades.jsonl")
    }


def read_run(folder: str | Path) -> Run:
    """Return a run from its folder.

    Raises:
        DataError: the folder holds no run, or none that has ended.

    """
    folder = Path(folder)
    about = read_about(folder)
    if about is None:
        raise DataError(
            f"{folder} holds no run: make one with bankft eval run --model … --data … -o {folder}."
        )
    questions = {line["number"]: Question(**line) for line in _objects(folder / "questions.jsonl")}
    answers, grades = read_answers(folder), read_grades(folder)
    missing = len(questions) * int(about["samples"]) - len(answers)
    if missing > 0 or not (answers.keys() <= grades.keys()):
        raise DataError(
            f"{folder} is not finished ({max(missing, 0)} answers to come): run the same "
            "bankft eval run again, and it goes on where it stopped."
        )
    return Run(folder, about, questions, answers, grades)


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file; a last line without its end is not one yet."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    for number, line in enumerate(raw.split(b"\n")[:-1], 1):
        try:
            value = json.loads(line)
        except ValueError:
            raise DataError(f"{path}:{number}: this line is not JSON; was it edited?") from None
        if not isinstance(value, dict):
            raise DataError(f"{path}:{number}: this line is no JSON object; was it edited?")
        yield value
