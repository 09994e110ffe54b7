"""``bankft data split``: a file into training, validation and test files that share nothing."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.output import as_json, dump, print_table, say

if TYPE_CHECKING:
    from bankft.data import Parts

SHOWN = 20  # strata in the table; with more, the rest is one row
FAR = 0.05  # a part this far from its share is worth a word


def _shares(_ctx: click.Context, _param: click.Parameter, value: str) -> dict[str, float]:
    shares: dict[str, float] = {}
    for pair in value.split(","):
        name, _, share = pair.partition("=")
        try:
            shares[name.strip()] = float(share)
        except ValueError:
            raise click.BadParameter(f"{pair!r} is not of the form train=0.8.") from None
    if len(shares) < value.count(",") + 1:
        raise click.BadParameter("a part is named twice.")
    return shares


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--parts",
    default="train=0.8,valid=0.1,test=0.1",
    show_default=True,
    callback=_shares,
    metavar="NAME=SHARE,…",
    help="Name and share of each part.",
)
@click.option("--by", metavar="FIELD", help="Share out each value of this field evenly.")
@click.option("--group", metavar="FIELD", help="Never tear a value of this field, say a customer.")
@click.option("--similar", is_flag=True, help="Keep questions together that are almost the same.")
@click.option(
    "--method",
    type=click.Choice(["supervised", "dpo", "reinforcement"]),
    default="supervised",
    show_default=True,
    help="With reinforcement, no answer stands in two parts.",
)
@click.option("--answer", metavar="FIELD", help="Where the answer stands.  [default: found out]")
@click.option("--shared-answers", is_flag=True, help="Let parts share answers: they are classes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, other parts.")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the parts go.  [default: FILE without its ending]",
)
@as_json
def split(
    file: str,
    parts: dict[str, float],
    by: str | None,
    group: str | None,
    similar: bool,
    method: str,
    answer: str | None,
    shared_answers: bool,
    seed: int,
    folder: Path | None,
    json_output: bool,
) -> None:
    """Split FILE (JSON Lines; - is standard input) into DIR/train.jsonl and so on.

    The same question never stands in two parts. FIELD is a key of the line or of its line in the
    side file (train.compliance.jsonl beside train.jsonl, split alike), or a path such as
    metadata.customer or messages[0].content. The same file and seed give the same parts.

    With --json: one document: examples, seed, groups, parts (path, examples, strata), leaks.
    Exit code 1 if parts share a question or, for reinforcement, an answer all the same.

    \b
    Example:
      bankft data split fund-qa.jsonl --by intent --group customer --seed 7
    """
    if answer and shared_answers:
        raise click.UsageError("--answer and --shared-answers contradict each other.")
    if file == "-" and folder is None:
        raise click.UsageError("Say where the parts go with -o: standard input has no name.")
    from bankft.data import split_file

    options: dict[str, Any] = {"parts": parts, "by": by, "group": group, "seed": seed}
    options |= {"method": method, "answers": answer or not shared_answers, "similar": similar}
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(file)
        if file == "-":
            path = Path(temporary, "stdin.jsonl")
            with path.open("wb") as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
        made = split_file(path, folder or path.with_suffix(""), **options)
    _remark(made, parts)
    if json_output:
        dump(_document(made, seed))
    else:
        _tables(made)
    if any(leak.kind != "near_question" for leak in made.leaks):
        raise click.exceptions.Exit(1)


def _label(stratum: str | None) -> str:
    """Return a stratum as it may be shown: what may be personal data is not."""
    from bankft.data import find_personal

    if stratum is None:
        return "–"
    return "…" if find_personal(stratum) else stratum


def _document(made: "Parts", seed: int) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, path in made.paths.items():
        strata: Counter[str] = Counter()
        for stratum, sizes in made.strata.items():
            strata[_label(stratum)] += sizes[name]
        side = made.side_files.get(name)
        parts[name] = {
            "path": str(path),
            "examples": made.examples[name],
            "strata": {} if set(made.strata) == {None} else dict(strata),
            "side_file": str(side) if side else None,
        }
    return {
        "examples": sum(made.examples.values()),
        "seed": seed,
        "groups": made.groups,
        "parts": parts,
        "unlabelled": made.unlabelled,
        "leaks": [asdict(leak) for leak in made.leaks],
    }


def _tables(made: "Parts") -> None:
    names = list(made.paths)
    rows: list[list[Any]] = []
    if set(made.strata) != {None}:
        largest = sorted(made.strata.items(), key=lambda item: -sum(item[1].values()))
        rows = [[_label(stratum), *sizes.values()] for stratum, sizes in largest[:SHOWN]]
        if rest := largest[SHOWN:]:
            rows.append([f"{len(rest)} more", *(sum(s[n] for _, s in rest) for n in names)])
    rows.append(["all", *made.examples.values()])
    print_table(rows, columns=["", *names], empty="")
    for name, path in made.paths.items():
        side = made.side_files.get(name)
        click.echo(f"{path}" + (f" and {side.name}" if side else ""))


def _remark(made: "Parts", shares: dict[str, float]) -> None:
    """Say on stderr what a person should know of the result."""
    whole = sum(made.examples.values())
    if made.groups < whole:
        say(f"{whole:,} examples in {made.groups:,} groups; the largest has {made.largest:,}.")
    for name, share in shares.items():
        if abs(made.examples[name] / whole - share) > FAR:
            say(
                f"{name} has {made.examples[name] / whole:.0%} instead of {share:.0%}: "
                "the groups are too large for better."
            )
    for field, n in made.unlabelled.items():
        say(f"{n:,} line(s) have no {field}.")
    kinds = Counter(leak.kind for leak in made.leaks)
    for kind, n in kinds.items():
        first = next(leak for leak in made.leaks if leak.kind == kind)
        say(
            f"{n:,} example(s) share a {kind.replace('_', ' ')} with an earlier part, the first "
            f"in line {first.other_line} of {first.other_part} with line {first.line} of "
            f"{first.part}."
        )
