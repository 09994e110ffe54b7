"""``bankft grade lint``: what training would exploit in a grader."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from pathlib import Path

import click

from bankft.cli.grade import _GRADER as GRADER
from bankft.cli.grade import _object as read_object
from bankft.cli.grade import _served as served
from bankft.cli.output import as_json, client, dump, say


@click.command()
@GRADER
@click.option(
    "--items",
    "items_file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="ITEMS.jsonl",
    help="Lines of an RFT file, each with a right answer (reference_answer).",
)
@click.option(
    "--most",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="Probe so many items at most.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    callback=served,
    metavar="NAME=SERVED",
    help="Ask the model SERVED where the grader names NAME. May be repeated.",
)
@click.option("--unsafe", is_flag=True, help="Let a python grader read this user's files.")
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Of the sentences.  [default: BANKFT_LANG, else zh]",
)
@as_json
def lint(
    grader_file: Path,
    items_file: Path,
    most: int,
    models: dict[str, str],
    unsafe: bool,
    language: str | None,
    json_output: bool,
) -> None:
    """Find what makes a grader a bad reward, before a model is trained on it.

    The grader scores right answers, spoiled ones and answers to other questions: constant
    scores, credit for nothing, scores that rise with length or repetition, and more are named.
    A grader that asks a model asks the service that OPENAI_BASE_URL names, about thirty times an
    item. An item may hold samples, a list of answers that a model gave: they show whether the
    scores are saturated.

    With --json: a list of {"code", "severity", "message"}, one document. Ends with 1 if there is
    an error among them; warnings alone are fine.

    \b
    Example:
      bankft grade lint grader.json --items valid.jsonl
    """
    from bankft import graders
    from bankft.data import read_jsonl
    from bankft.lang import language as current_language
    from bankft.rewards import lint_grader

    chosen = language or current_language()
    grader = graders.from_spec(read_object(grader_file))
    problems = lint_grader(
        grader,
        read_jsonl(items_file),
        most=most,
        client=client() if graders.asks_a_model(grader) else None,
        models=models,
        sandbox="none" if unsafe else "auto",
    )
    rows = [
        {
            "code": problem.code,
            "severity": problem.severity,
            "message": problem.zh if chosen == "zh" else problem.en,
        }
        for problem in problems
    ]
    if json_output:
        dump(rows)
    elif rows:
        for row in rows:
            click.echo(f"{row['severity']}  {row['code']}  {row['message']}")
    else:
        say("没有发现问题。" if chosen == "zh" else "No problem was found.")
    if any(row["severity"] == "error" for row in rows):
        click.get_current_context().exit(1)
