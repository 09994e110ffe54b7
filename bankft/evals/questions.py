"""A test set: questions with what a right answer is, from a file of examples."""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bankft.data import read_jsonl
from bankft.errors import DataError

_ASKED = ("question", "prompt", "input")
_REFERENCES = ("reference_answer", "reference", "answer", "expected")


@dataclass(frozen=True)
class Question:
    """A question of a test set.

    Attributes:
        number: its place in the test set, from 1.
        messages: what the model is sent.
        item: the line of the file: what graders read.
        reference: a right answer; None where the file has none.
        cluster: what answers share that are not independent of one another: the messages' digest,
            or the value of a key that the caller names.
    """

    number: int
    messages: list[dict[str, Any]]
    item: Mapping[str, Any] = field(default_factory=dict)
    reference: str | None = None
    cluster: str = ""


@dataclass(frozen=True)
class TestSet:
    """The questions of a file, and the file's digest."""

    name: str
    digest: str
    questions: tuple[Question, ...]
    __test__ = False  # no test of pytest's

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)


def read_test_set(path: str | Path, *, cluster: str | None = None) -> TestSet:
    """Read a test set from JSON Lines; ``-`` is standard input.

    A line is an example of supervised fine-tuning (the last message, the assistant's, is the
    reference), one of reinforcement fine-tuning (``messages`` that end with the user's, and other
    keys), a line of an evals file (``{"item": {…}}``), or has ``question`` (else ``prompt``, else
    ``input``). The reference may also stand under ``reference_answer``, ``reference``, ``answer``
    or ``expected``.

    Args:
        path: of the file.
        cluster: a key of the lines: those with the same value belong together, as ``template``.

    Raises:
        DataError: the file cannot be read, or a line holds no question; with the line.

    >>> import json, tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp(), "test.jsonl")
    >>> _ = path.write_text(json.dumps({"question": "管理费？", "answer": "0.15%"}))
    >>> [(q.messages[0]["content"], q.reference) for q in read_test_set(path)]
    [('管理费？', '0.15%')]
    """
    if str(path) == "-":
        raw, name = sys.stdin.buffer.read(), "-"
        lines = _parse(raw)
    else:
        lines = read_jsonl(path)
        raw, name = Path(path).read_bytes(), Path(path).name
    if not lines:
        raise DataError(f"{name} holds no question: write one JSON object a line.")
    questions = tuple(_question(n, line, name, cluster) for n, line in enumerate(lines, 1))
    return TestSet(name, hashlib.sha256(raw).hexdigest(), questions)


def make_test_set(lines: Sequence[Mapping[str, Any]], *, cluster: str | None = None) -> TestSet:
    """Return the test set of lines in memory, as `read_test_set` reads them.

    Raises:
        DataError: a line holds no question.

    >>> len(make_test_set([{"question": "管理费？", "answer": "0.15%"}]))
    1
    """
    raw = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
    questions = tuple(_question(n, line, "items", cluster) for n, line in enumerate(lines, 1))
    return TestSet("items", hashlib.sha256(raw.encode()).hexdigest(), questions)


def _parse(raw: bytes) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode("utf-8-sig"))
        except ValueError:
            raise DataError(f"-:{number}: this line is not JSON in UTF-8.") from None
        if not isinstance(value, dict):
            raise DataError(f"-:{number}: a line must be a JSON object: {{…}}.")
        found.append(value)
    return found


def _question(number: int, line: Mapping[str, Any], name: str, cluster: str | None) -> Question:
    item = line["item"] if isinstance(line.get("item"), dict) else line
    given = item.get("messages")
    reference = next((item[key] for key in _REFERENCES if isinstance(item.get(key), str)), None)
    if given is None:
        asked = next((item[key] for key in _ASKED if isinstance(item.get(key), str)), None)
        if asked is None:
            raise DataError(
                f"{name}, example {number}: no question: give messages, or {', '.join(_ASKED)}."
            )
        messages = [{"role": "user", "content": asked}]
    else:
        messages = _messages(given, f"{name}, example {number}")
        if messages[-1]["role"] == "assistant":
            content = messages.pop().get("content")
            reference = content if isinstance(content, str) and reference is None else reference
        if not messages:
            raise DataError(f"{name}, example {number}, messages: nobody asks anything.")
    sent = json.dumps(messages, ensure_ascii=False, sort_keys=True)
    group = hashlib.sha256(sent.encode()).hexdigest()[:16]
    if cluster is not None:
        if item.get(cluster) is None:
            raise DataError(f"{name}, example {number}: it has no field {cluster!r} to group by.")
        group = str(item[cluster])
    return Question(number, messages, dict(item), reference, group)


def _messages(given: Any, where: str) -> list[dict[str, Any]]:
    fine = isinstance(given, list) and bool(given)
    if not fine or any(
        not isinstance(m, dict) or not isinstance(m.get("role"), str) or "content" not in m
        for m in given
    ):
        raise DataError(f"{where}, messages: each must be an object with role and content.")
    return [{key: value for key, value in m.items() if key != "weight"} for m in given]
