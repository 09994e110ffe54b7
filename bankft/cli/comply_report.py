"""``bankft comply report``: a page on a set of answers, to be read, signed and filed."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from bankft.cli import comply
from bankft.cli.output import as_json, dump, say
from bankft.errors import DataError

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("file", type=comply._PATH, metavar="FILE|-")
@click.option("-o", "--output", required=True, type=_FILE, help="The page to write: HTML.")
@click.option("--csv", "table", type=_FILE, help="Write all findings as a table, too.")
@click.option("--format", "form", type=click.Choice(["text", "jsonl"]), help="As `comply check`.")
@comply.on_day
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Of the page.  [default: BANKFT_LANG, else zh]",
)
@click.option("--product", default="public_fund", show_default=True, help="What it is about.")
@click.option("--audience", default="public", show_default=True, help="Whom it is said to.")
@click.option("--medium", default="online", show_default=True, help="Where it is said.")
@click.option("--investor-class", metavar="C1…C5", help="The client's; unknown if not given.")
@comply.own_packs
@click.option("--show-personal", is_flag=True, help="Leave personal data readable.")
@as_json
def report(
    file: str,
    output: Path,
    table: Path | None,
    form: str | None,
    on: date | None,
    language: str | None,
    product: str,
    audience: str,
    medium: str,
    investor_class: str | None,
    packs: tuple[Path, ...],
    show_personal: bool,
    json_output: bool,
) -> None:
    """Judge the answers in FILE and write the result as one page for a reviewer.

    The page needs no network and no other file. It gives the violation rate with its interval,
    the findings by clause, the answers with marked words, what was let pass and why, and the
    rules' digest. Answers are judged as they are; personal data in them are covered on the page
    and in the table, unless --show-personal is given. Ends with 0 whatever was found: the
    conclusion is the reviewer's.

    With --json, one document: answers, violations, rate, interval, upper_bound, verdicts, on,
    digest, report, csv.

    \b
    Example:
      bankft comply report answers.jsonl -o report.html --csv findings.csv --on 2026-10-01
    """
    from bankft import compliance
    from bankft.compliance.report import Answer, findings_table, render_report
    from bankft.lang import language as current_language
    from bankft.rates import upper_bound, wilson

    _apart(file, output, table)
    chosen, day = language or current_language(), on or date.today()
    context: dict[str, Any] = {
        "on": day,
        "product": product,
        "audience": audience,
        "medium": medium,
        "investor_class": investor_class,
        "packs": packs,
    }
    answers = [
        Answer(
            line,
            text,
            compliance.check(text, **context),
            () if show_personal else _personal(text, chosen),
        )
        for line, text in _answers(file, form)
    ]
    name = "" if file == "-" else Path(file).name
    page = render_report(answers, on=day, language=chosen, name=name, packs=packs)
    try:
        output.write_bytes(page.encode())
        if table is not None:
            table.write_bytes(findings_table(answers, language=chosen).encode())
    except OSError as error:
        raise DataError(f"{error.filename} cannot be written: {error.strerror}.") from None
    count = Counter(answer.judgement.verdict for answer in answers)
    k, n = count["violation"], len(answers)
    if json_output:
        dump(
            {
                "answers": n,
                "violations": k,
                "rate": k / n,
                "interval": list(wilson(k, n)),
                "upper_bound": upper_bound(k, n),
                "verdicts": dict(sorted(count.items())),
                "on": day.isoformat(),
                "digest": compliance.digest(packs=packs),
                "report": str(output),
                "csv": None if table is None else str(table),
            }
        )
    else:
        say(f"{n:,} answers, {k:,} with a violation: {output}. A person decides what follows.")


def _apart(file: str, output: Path, table: Path | None) -> None:
    """Refuse to write over what is read, or two things to one place."""
    if file != "-" and Path(file).resolve() in {path.resolve() for path in (output, table) if path}:
        raise click.UsageError(f"{file} is the input: write the report to another file.")
    if table is not None and table.resolve() == output.resolve():
        raise click.UsageError(f"-o and --csv both name {output}: give each its own file.")


def _answers(file: str, form: str | None) -> Iterator[tuple[int, str]]:
    """Yield line and text of each answer, read as `comply check` reads them; no blank lines."""
    as_jsonl = (form or ("jsonl" if file.endswith(".jsonl") else "text")) == "jsonl"
    for number, line in enumerate(comply._lines(file), 1):
        if isinstance(line, DataError):
            raise line
        if not line.strip():
            continue
        if not as_jsonl:
            yield number, line
            continue
        for _, text in comply._texts(line, file, number):
            yield number, text


def _personal(text: str, language: str) -> tuple[tuple[int, int, str], ...]:
    """Return where personal data stand, and what is shown instead."""
    from bankft.data import find_personal
    from bankft.data.wording import say_kind

    left, right = "〈〉" if language == "zh" else "[]"
    return tuple(
        (found.start, found.end, f"{left}{say_kind(found.kind, language)}{right}")
        for found in find_personal(text)
    )
