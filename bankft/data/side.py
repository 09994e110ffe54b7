"""The compliance side file: what a bank records of each example and does not upload.

It stands beside the training file (``train.jsonl`` → ``train.compliance.jsonl``), one JSON object
a line, the first for the first line, and so on::

    {"product": "稳健一号", "risk_grade": "R3", "source": "产品说明书 2026-03", "author": "A012",
     "reviewer": "B007"}

``product``, ``risk_grade`` (R1 to R5), ``source`` and ``reviewer`` must be there. ``author`` may
be, and is then someone else than the reviewer. ``sha256`` may be (see `digest`): it proves that
the record belongs to the example, and that the example was not changed after review.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Any

from bankft.data.formats import lines

FIELDS = ("product", "risk_grade", "source", "reviewer")
_GRADE = re.compile("R[1-5]")

Found = tuple[int, str, str, dict[str, Any]]


def digest(example: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an example, whatever the order of its keys and its white space.

    >>> digest({"a": 1, "b": "基"}) == digest({"b": "基", "a": 1})
    True
    """
    text = json.dumps(example, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


class Side:
    """The records of a side file, taken in step with the examples."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a side file.

        Raises:
            DataError: It cannot be read; when the first record is taken.
        """
        records = (line for line in lines(path) if line.code != "blank_line")
        self._records = chain(records, repeat(None))
        self.complete = 0  # examples whose record is complete

    def see(self, line: int, example: Mapping[str, Any] | None) -> Iterator[Found]:
        """Yield what is wrong with the record of the next example; None where it is broken."""
        record = next(self._records)
        if record is None:
            yield line, "", "side_no_row", {}
            return
        if record.code:
            yield line, "", "side_broken_row", {}
            return
        found = list(_wrong(record.example, example))
        self.complete += not found
        for field, code, values in found:
            yield line, field, code, values

    def found(self) -> Iterator[Found]:
        """Yield what is wrong when all examples have been taken."""
        extra = sum(1 for _ in iter(lambda: next(self._records), None))
        if extra:
            yield 0, "", "side_extra_rows", {"n": f"{extra:,}"}


def _wrong(
    record: Mapping[str, Any], example: Mapping[str, Any] | None
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for field in FIELDS:
        value = record.get(field)
        if not isinstance(value, str) or not value.strip():
            yield field, "side_field_missing", {"field": field}
        elif field == "risk_grade" and not _GRADE.fullmatch(value):
            yield field, "side_wrong_grade", {}
    author = record.get("author")
    if isinstance(author, str) and author.strip() and author == record.get("reviewer"):
        yield "reviewer", "side_own_reviewer", {}
    if "sha256" in record and example is not None and record["sha256"] != digest(example):
        yield "sha256", "side_other_example", {}
