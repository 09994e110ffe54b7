"""``bankft comply report``: a page on a set of answers, to be read, signed and filed."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import click

from bankft.cli.comply_check import answers_of
from bankft.cli.output import as_json, dump, say


@click.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The page to write, one HTML file.",
)
@click.option(
    "--csv",
    "table",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write all findings as a table, too.",
)
@click.option("--format", "form", type=click.Choice(["text", "jsonl"]), help="As `comply check`.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Judge by the rules of this day.  [default: today]",
)
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Of the page.  [default: BANKFT_LANG, else zh]",
)
@click.option("--product", default="public_fund", show_default=True, help="What it is about.")
@click.option("--audience", default="public", show_default=True, help="Whom it addresses.")
@click.option(
    "--pack",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A rule pack of your own; may be repeated.",
)
@click.option("--show-personal", is_flag=True, help="Leave personal data readable on the page.")
@as_json
def report(
    file: str,
    output: Path,
    table: Path | None,
    form: str | None,
    on: datetime | None,
    language: str | None,
    product: str,
    audience: str,
    packs: tuple[Path, ...],
    show_personal: bool,
    json_output: bool,
) -> None:
    """Judge a file of answers and write the result as one page for a reviewer.

    The page needs no network and no other file. It gives the violation rate with its interval,
    the findings by clause, the answers with marked words, what was let pass and why, and the
    rules' digest. Answers are judged as they are; personal data in them are covered on the page
    and in the table unless --show-personal is given. Ends with 0 whatever was found: the
    conclusion is the reviewer's.

    With --json: {"answers", "violations", "rate", "interval", "upper_bound", "verdicts", "on",
    "digest", "report", "csv"}, one document.

    \b
    Example:
      bankft comply report answers.jsonl -o report.html --csv findings.csv --on 2026-10-01
    """
    from bankft import compliance
    from bankft.compliance.report import Answer, findings_table, render_report
    from bankft.errors import DataError
    from bankft.lang import language as current_language
    from bankft.rates import upper_bound, wilson

    chosen = language or current_language()
    day = on.date() if on else date.today()
    answers = []
    for line, text in answers_of(file, form):
        judgement = compliance.check(text, on=day, product=product, audience=audience, packs=packs)
        answers.append(
            Answer(line, text, judgement, () if show_personal else _personal(text, chosen))
        )
    page = render_report(
        answers, on=day, language=chosen, name="" if file == "-" else Path(file).name, packs=packs
    )
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
        say(f"{n} answers, {k} with a violation: {output}")


def _personal(text: str, language: str) -> tuple[tuple[int, int, str], ...]:
    """Return where personal data stand, and what is shown instead."""
    from bankft.data import find_personal
    from bankft.data.wording import say_kind

    left, right = "〈〉" if language == "zh" else "[]"
    return tuple(
        (found.start, found.end, f"{left}{say_kind(found.kind, language)}{right}")
        for found in find_personal(text)
    )
