"""``bankft data redact``: replace personal data by tokens."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import click

from bankft.cli.output import as_json, say
from bankft.errors import DataError, UsageError


@click.command()
@click.argument("file")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write here.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["jsonl", "text"]),
    help="What the file is.  [default: jsonl for .jsonl and .json, else text]",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was found and where, never its value, as JSON.",
)
@click.option("--language", type=click.Choice(["zh", "en"]), help="What the tokens are written in.")
@click.option(
    "--public",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Names that are public, one a line, such as fund managers'.",
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what the tokens stand for, sealed with the key in BANKFT_MAP_KEY.",
)
@as_json
def redact(
    file: str,
    output: Path | None,
    shape: str | None,
    report: Path | None,
    language: str | None,
    public: Path | None,
    map_file: Path | None,
    json_output: bool,
) -> None:
    """Replace personal data in FILE by tokens such as 〈手机1〉; - reads standard input.

    In one conversation (a line of JSON Lines; lines of text up to an empty one) the same value
    gets the same token. A line that cannot be read is named and not written; the others are
    done, and the exit code is 1.

    With --format text --json, a line of JSON for each line of input: its text, and its findings
    with kind, start and end in characters of the raw line.

    With --map, what the tokens stand for is written to a file of its own, each conversation
    sealed with the key in the environment variable BANKFT_MAP_KEY (data.new_key() makes one). Keep
    the key apart: while it exists, the data is de-identified, not anonymised.

    \b
    Example:
      bankft data redact chats.jsonl -o clean.jsonl --report found.json
      echo 我是王小明，手机13800138000 | bankft data redact - --json
    """
    shape = shape or ("jsonl" if Path(file).suffix.lower() in (".jsonl", ".json") else "text")
    if json_output and shape != "text":
        raise UsageError(
            "--json gives findings a line of text: add --format text, or use --report."
        )
    paths = [path.resolve() for path in (output, report, map_file) if path is not None]
    if len(set(paths)) < len(paths):
        raise UsageError("Two of -o, --report and --map name the same file.")
    key = os.environ.get("BANKFT_MAP_KEY", "")
    if map_file is not None and not key:
        raise UsageError("--map needs a key in BANKFT_MAP_KEY: data.new_key() makes one.")
    names = frozenset(public.read_text("utf-8").split("\n")) - {""} if public else frozenset()
    with ExitStack() as stack:
        out = stack.enter_context(_writing(output)) if output else sys.stdout.buffer
        told = _Report(file, stack.enter_context(_writing(report)) if report else None)
        sealed = stack.enter_context(_writing(map_file)) if map_file else None
        keep = _Map(sealed, key) if sealed else None
        for line in _lines(stack, file, shape, language, names):
            told.add(line)
            if keep:
                keep.add(line)
            if json_output:
                out.write(_dump(_as_json(line)))
            elif line.output is not None:
                text = _dump(line.output) if shape == "jsonl" else _bytes(line.output + "\n")
                out.write(text)
        out.flush()
        told.end()
        if keep:
            keep.end()
    told.tell()
    if told.problems:
        raise SystemExit(1)


def _lines(
    stack: ExitStack, file: str, shape: str, language: str | None, names: frozenset[str]
) -> Iterator[Any]:
    from tqdm import tqdm

    from bankft.data import redaction_files

    try:
        source: BinaryIO = (
            sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))  # noqa: SIM115  (closed with the stack)
        )
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.") from None
    size = None if file == "-" else os.fstat(source.fileno()).st_size
    bar = stack.enter_context(
        tqdm(total=size, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False)
    )
    if shape == "text":
        yield from redaction_files.redact_text(
            source, language=language, public=names, progress=bar.update
        )
        return
    path = file
    if file == "-":  # a file is read twice at its beginning, which a pipe cannot be
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = str(Path(folder, "stdin.jsonl"))
        with open(path, "wb") as copy:
            shutil.copyfileobj(source, copy)
    for count, line in enumerate(
        redaction_files.redact_jsonl(path, language=language, public=names), 1
    ):
        if count % 100 == 0 and size:
            bar.set_postfix(lines=line.number)
        yield line


class _Report:
    """Counts, and writes findings to the report as they come: a long file has millions."""

    def __init__(self, name: str, file: "IO[bytes] | None") -> None:
        self.name = name
        self.file = file
        self.kinds: Counter[str] = Counter()
        self.lines = self.hit = 0
        self.problems: list[dict[str, Any]] = []
        self._comma = ""
        if file:
            file.write(
                _bytes('{"file": ' + json.dumps(name, ensure_ascii=False) + ',\n"findings": [')
            )

    def add(self, line: Any) -> None:
        from bankft.data.wording import say as sentence
        from bankft.lang import language

        self.lines += 1
        self.hit += bool(line.found)
        if line.code:
            message = sentence(line.code, language())
            self.problems.append({"line": line.number, "code": line.code, "message": message})
        for placed in line.found:
            one = placed.finding
            self.kinds[one.kind] += 1
            if self.file:
                row = {"line": line.number, "field": placed.field, "kind": one.kind}
                row |= {"start": one.start, "end": one.end}
                self.file.write(_bytes(f"{self._comma}\n{json.dumps(row, ensure_ascii=False)}"))
                self._comma = ","

    def end(self) -> None:
        if self.file:
            rest = {
                "lines": self.lines,
                "lines_with_findings": self.hit,
                "kinds": dict(sorted(self.kinds.items())),
                "problems": self.problems,
            }
            self.file.write(_bytes("\n],\n" + json.dumps(rest, ensure_ascii=False)[1:] + "\n"))

    def tell(self) -> None:
        for problem in self.problems[:20]:
            say(f"{self.name}:{problem['line']}: {problem['message']}")
        if len(self.problems) > 20:
            say(f"… and {len(self.problems) - 20} more lines with a problem.")
        counts = ", ".join(f"{kind} {n}" for kind, n in sorted(self.kinds.items())) or "nothing"
        say(f"{self.lines} lines, {self.hit} with personal data: {counts}.")


class _Map:
    """Writes what the tokens of each conversation stand for, sealed: a line a conversation."""

    def __init__(self, file: "IO[bytes]", key: str) -> None:
        self.file = file
        self.key = key
        self.open: tuple[int, dict[str, str]] | None = None

    def add(self, line: Any) -> None:
        values = line.values
        if values is None:
            return
        if self.open is not None and self.open[1] is not values:
            self.end()
        self.open = (line.number, values)

    def end(self) -> None:
        from bankft.data.redaction import seal

        if self.open is not None and self.open[1]:
            number, values = self.open
            self.file.write(_dump({"last_line": number, "sealed": seal(values, self.key)}))
        self.open = None


def _as_json(line: Any) -> dict[str, Any]:
    findings = [
        {"kind": one.finding.kind, "start": one.finding.start, "end": one.finding.end}
        for one in line.found
    ]
    found = {"text": line.output, "findings": findings}
    return found if line.output is not None else found | {"problem": line.code}


def _dump(value: Any) -> bytes:
    return _bytes(json.dumps(value, ensure_ascii=False) + "\n")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@contextmanager
def _writing(path: Path) -> "Iterator[IO[bytes]]":
    """Open a file that is replaced whole or not at all; only its owner may read it."""
    draft = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
