"""Split a training file into files, its side file with it, and look for leaks in what was written.

The lines are written as they were read, byte for byte; in memory stand digests, not examples.
"""

import json
import os
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from bankft.data.formats import BOM, lines
from bankft.data.leaks import (
    Leak,
    answer,
    answer_field,
    asked,
    digest,
    find_leaks,
    pick,
    plain,
)
from bankft.data.near import Index
from bankft.data.parts import PARTS, Forest, split
from bankft.data.side import digest as example_digest
from bankft.data.wording import say
from bankft.errors import DataError, UsageError
from bankft.lang import language

SIDE = ".compliance.jsonl"
MAX_LEAKS = 1_000  # listed; more mean the same


@dataclass(frozen=True)
class Parts:
    """What a split made.

    Attributes:
        paths: File of each part.
        examples: Examples of each part.
        groups: How many groups of inseparable examples there were; as many as examples where
            nothing stands together.
        largest: Examples in the largest group.
        strata: Examples of each stratum in each part; one stratum, None, without ``by``. A
            stratum is a value of the field, in JSON if it is no text.
        unlabelled: Fields that stand in some lines only, with the number of lines without.
        leaks: What parts share all the same, at most 1,000 of them.
        side_files: Side file of each part; empty where the file has none.
    """

    paths: dict[str, Path]
    examples: dict[str, int]
    groups: int
    largest: int
    strata: dict[str | None, dict[str, int]]
    unlabelled: dict[str, int]
    leaks: tuple[Leak, ...]
    side_files: dict[str, Path]


def side_file(path: str | os.PathLike[str]) -> Path:
    """Return where the side file of a training file stands, whether there is one or not.

    >>> side_file("data/train.jsonl").name
    'train.compliance.jsonl'
    """
    return Path(path).with_suffix(SIDE)


def split_file(
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    parts: Mapping[str, float] = PARTS,
    by: str | None = None,
    group: str | None = None,
    method: str = "supervised",
    answers: str | bool = True,
    similar: bool = False,
    seed: int = 0,
) -> Parts:
    """Split a JSON Lines file into one file a part; the same file and seed give the same bytes.

    One question never stands in two parts, whatever its case, width or punctuation; nor do, for
    ``reinforcement``, two lines with one answer. A line that was made from another
    (``made_from`` in the side file) stays with it. A side file beside the file
    (``train.compliance.jsonl``, one line an example, in the same order) is split alike.

    Args:
        path: The training file.
        folder: Where the parts go, as ``train.jsonl`` and so on; made if missing.
        parts: Name and share of each part.
        by: Field whose values are shared out evenly, such as ``metadata.intent``; looked up in
            the example, else in its line of the side file.
        group: Field whose values never stand in two parts, such as ``customer``; a line without
            it is held together with none.
        method: ``supervised``, ``dpo`` or ``reinforcement``.
        answers: For reinforcement: the field of the answer, True for the usual names
            (``reference_answer`` …), False to let parts share answers: right where the answers
            are a few classes.
        similar: Keep questions together that are alike (see `find_leaks`): paraphrases mostly.
        seed: Any integer.

    Raises:
        DataError: A line cannot be read, the side file does not match, or there are too few
            groups for the parts; the message says which.
        UsageError: No line has the field asked for, or the parts' names are no file names.
    """
    source, out = Path(path), Path(folder)
    side = side_file(source) if side_file(source).is_file() else None
    targets = {name: out / f"{name}.jsonl" for name in parts}
    _check_names(source, targets)
    stale = [side_file(target) for target in targets.values() if side_file(target).exists()]
    if side is None and stale:
        raise UsageError(
            f"{stale[0]} stands there from before, and would belong to other examples now: "
            "choose another folder, or remove it."
        )
    compared = answers if method == "reinforcement" else False
    with closing(Index()) as index:
        table = _read(source, side, by, group, compared, index if similar else None)
    labels = table.together.roots()
    try:
        chosen = split(range(len(labels)), parts=parts, seed=seed, group=labels, by=table.strata)
    except DataError as error:
        raise DataError(f"{source}: {str(error).rstrip('.')}. {table.why()}") from None
    _write(source, {targets[name]: rows for name, rows in chosen.items()}, table.offsets)
    sides = {}
    if side is not None:
        sides = {name: side_file(target) for name, target in targets.items()}
        _write(side, {sides[name]: rows for name, rows in chosen.items()}, table.side_offsets)

    strata: dict[str | None, dict[str, int]] = {
        stratum: dict.fromkeys(parts, 0) for stratum in sorted(set(table.strata), key=str)
    }
    for name, rows in chosen.items():
        for row in rows:
            strata[table.strata[row]][name] += 1
    n_groups, largest = len(set(labels)), max(Counter(labels).values())
    examples = {name: len(rows) for name, rows in chosen.items()}
    answers, unlabelled = table.answers, table.unlabelled
    del chosen, labels, table  # make room for the second reading
    found = find_leaks(
        {name: _examples(target) for name, target in targets.items()},
        answers=answers,
    )
    return Parts(
        paths=targets,
        examples=examples,
        groups=n_groups,
        largest=largest,
        strata=strata,
        unlabelled=unlabelled,
        leaks=tuple(islice(found, MAX_LEAKS)),
        side_files=sides,
    )


@dataclass
class _Table:
    """What is kept of each example."""

    offsets: "array[int]"
    side_offsets: "array[int]"
    strata: list[str | None]
    together: Forest
    distinct: dict[str, int]  # what must not be torn, and how many of each there are
    unlabelled: dict[str, int]
    answers: str | bool = False

    def why(self) -> str:
        """Say what keeps examples together."""
        counts = ", ".join(f"{n:,} {name}" for name, n in self.distinct.items() if n)
        advice = ""
        if self.answers:
            advice = (
                " Where answers are a few classes, let the parts share them (--shared-answers)."
            )
        return f"What must not be torn: {counts}.{advice}"


def _read(
    source: Path,
    side: Path | None,
    by: str | None,
    group: str | None,
    answers: str | bool,
    index: Index | None,
) -> _Table:
    table = _Table(array("Q"), array("Q"), [], Forest(), {}, {})
    member_name = f"value(s) of {group}"
    seen: dict[str, dict[bytes, int]] = {}  # by kind: digest, and the first example with it
    missing: Counter[str] = Counter()
    records = _records(side) if side is not None else None
    for offset, number, example in _records(source):
        table.offsets.append(offset)
        row = table.together.add()
        record: Mapping[str, Any] = {}
        if records is not None:
            try:
                side_offset, _, record = next(records)
            except StopIteration:
                raise DataError(
                    f"{side} ends before line {number} of {source}: give each example one line."
                ) from None
            table.side_offsets.append(side_offset)
        if answers is True:
            answers = answer_field(example)
        table.strata.append(_field(example, record, by, missing))
        text = asked(example)
        own = {"question(s)": plain(text), member_name: _field(example, record, group, missing)}
        if answers:
            own["answer(s)"] = answer(example, answers)
            if own["answer(s)"] is None:
                missing[answers] += 1
        if records is not None:  # without a side file nothing says what was made from what
            own["origin(s)"] = record.get("made_from") or example_digest(example)
        for name, key in own.items():
            if key:
                first = seen.setdefault(name, {}).setdefault(digest(str(key)), row)
                table.together.join(row, first)
        if index is not None:
            index.add(text)
    n = len(table.offsets)
    if records is not None and next(records, None) is not None:
        raise DataError(f"{side} has more lines than the {n} of {source}: they must go together.")
    if n == 0:
        raise DataError(f"{source} holds no example.")
    for field in (by, group):
        if field is not None and missing[field] == n:
            raise UsageError(f"No line of {source} or of its side file has a field {field}.")
    if index is not None:
        for earlier, later in index.pairs():
            table.together.join(earlier, later)
    table.distinct = {name: len(keys) for name, keys in seen.items()}
    table.unlabelled = dict(missing)
    table.answers = answers
    return table


def _field(
    example: Mapping[str, Any], record: Mapping[str, Any], field: str | None, missing: Counter[str]
) -> str | None:
    if field is None:
        return None
    value = pick(example, field)
    if value is None:
        value = pick(record, field)
    if value is None or value == "":
        missing[field] += 1
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _records(path: Path) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield offset in bytes, line number and object of each line that is not blank."""
    offset = 0
    with path.open("rb") as file:
        for line in lines(path):
            if line.code is not None and line.code != "blank_line":
                raise DataError(
                    f"{path}:{line.number}: {say(line.code, language())} "
                    "`bankft data check` names every such line."
                )
            if line.code is None:
                yield offset, line.number, line.example
            offset += len(file.readline())


def _examples(path: Path) -> Iterator[dict[str, Any]]:
    return (example for _, _, example in _records(path))


def _check_names(source: Path, targets: Mapping[str, Path]) -> None:
    for name, target in targets.items():
        if not name or Path(name).name != name or name in (".", ".."):
            raise UsageError(f"{name!r} cannot name a part: it becomes the name of a file.")
        for file in (target, side_file(target)):
            if file.resolve() in (source.resolve(), side_file(source).resolve()):
                raise UsageError(
                    f"The part {name!r} would replace {file}, which it is made from: "
                    "choose another folder."
                )


def _write(source: Path, targets: Mapping[Path, Sequence[int]], offsets: Sequence[int]) -> None:
    """Copy lines to files that are replaced whole, all of them or none."""
    drafts = {target: target.with_name(target.name + ".part") for target in targets}
    try:
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as file:
            for target, rows in targets.items():
                with drafts[target].open("wb") as draft:
                    _copy(file, draft, rows, offsets)
        for target, draft_path in drafts.items():
            draft_path.replace(target)
    except OSError as error:
        raise DataError(f"{error.filename or source}: {error.strerror}.") from None
    finally:
        for draft_path in drafts.values():
            draft_path.unlink(missing_ok=True)


def _copy(file: BinaryIO, draft: BinaryIO, rows: Sequence[int], offsets: Sequence[int]) -> None:
    for row in rows:
        file.seek(offsets[row])
        line = file.readline()
        if offsets[row] == 0:
            line = line.removeprefix(BOM)
        draft.write(line.rstrip(b"\r\n") + b"\n")
