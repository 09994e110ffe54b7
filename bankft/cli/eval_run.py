"""``bankft eval run``: ask a model a whole test set and judge its answers."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from bankft.cli.output import as_json, dump, print_table, say
from bankft.errors import DataError


@click.command()
@click.option("--model", required=True, help="The model to ask.")
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE|-",
    help="The test set, JSON Lines.",
)
@click.option(
    "--grader",
    "graders",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="G.json",
    help="A grader object; may be repeated.",
)
@click.option(
    "--samples", type=click.IntRange(1), default=1, show_default=True, help="Answers a question."
)
@click.option(
    "--temperature",
    type=click.FloatRange(0, 2),
    default=1.0,
    show_default=True,
    help="0 is greedy.",
)
@click.option(
    "--top-p",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="The likeliest words that hold this share.",
)
@click.option("--max-tokens", type=click.IntRange(1), help="Of an answer.  [default: the host's]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the run.")
@click.option("--logprobs", is_flag=True, help="Ask for them: perplexity and calibration.")
@click.option("--cluster", metavar="KEY", help="Lines with one value of KEY belong together.")
@click.option(
    "--limit", type=click.IntRange(1, 256), default=32, show_default=True, help="Requests at once."
)
@click.option(
    "--retries", type=click.IntRange(0), default=5, show_default=True, help="Of a failed request."
)
@click.option(
    "--grader-model",
    "grader_models",
    multiple=True,
    metavar="NAME=SERVED",
    help="Ask the model SERVED where a grader names NAME. May be repeated.",
)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), metavar="RUN_DIR")
@as_json
def run(
    model: str,
    data: str,
    graders: tuple[Path, ...],
    out: Path,
    grader_models: tuple[str, ...],
    json_output: bool,
    **how: Any,
) -> None:
    """Ask MODEL the questions of FILE, judge its answers, and keep everything in RUN_DIR.

    A line of FILE is a training example (the last answer is the reference), or has messages that
    end with the user's and other keys, or question and answer. Whatever stops the run, the same
    command goes on where it stopped, and asks nothing again.

    RUN_DIR holds run.json (settings, model, digests), questions.jsonl, answers.jsonl, grades.jsonl
    and summary.json; every figure names the answers that it comes from by their id. MODEL may be an
    alias. Exit 1 when there is not one answer.

    With --json: the summary, one document: violations, metrics, latency, tokens, each rate with
    low, high, upper.

    \b
    Example:
      bankft eval run --model bankft-nano --data test.jsonl --grader exact.json -o runs/base
      bankft eval run --model bankft-nano --data test.jsonl --samples 4 --temperature 0.7 -o runs/s4
    """
    from openai import OpenAIError

    from bankft.cli.eval_words import figure_rows
    from bankft.evals import Sampling, arun_eval, read_test_set
    from bankft.evals.folder import read_answers

    questions = read_test_set(data, cluster=how.pop("cluster"))
    specs = [_grader(path) for path in graders]
    limit, retries, samples = how.pop("limit"), how.pop("retries"), how.pop("samples")
    models = dict(_pair(value) for value in grader_models)
    try:
        found = asyncio.run(
            _run(
                arun_eval,
                model,
                questions,
                out,
                graders=specs,
                samples=samples,
                sampling=Sampling(**how),
                limit=limit,
                retries=retries,
                grader_models=models,
            )
        )
    except (OpenAIError, KeyboardInterrupt):
        if kept := len(read_answers(out)):
            say(f"{kept} answers are kept in {out}: the same command goes on where it stopped.")
        raise
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    code = 0 if summary["answers"] else 1  # not one answer: there is nothing to measure
    if json_output:
        dump(summary)
        click.get_current_context().exit(code)
    print_table(
        figure_rows(summary),
        columns=["figure", "value", "interval", "answers", "questions"],
        empty="There is no answer to measure.",
    )
    say(f"{len(found.answers)} answers in {out}.")
    if summary["errors"]:
        say(f"{summary['errors']} questions got no answer: their error stands in answers.jsonl.")
    click.get_current_context().exit(code)


async def _run(start: Any, *given: Any, **named: Any) -> Any:
    from bankft.client import connect_async

    async with connect_async(mode="live") as client:
        return await start(client, *given, **named)


def _grader(path: Path) -> dict[str, Any]:
    from bankft.graders import validate

    try:
        spec = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raise DataError(f"{path} is not a JSON file that can be read.") from None
    if problems := validate(spec):
        raise DataError(f"{path}: " + " ".join(problems))
    spec.setdefault("name", path.stem)
    return dict(spec)


def _pair(value: str) -> tuple[str, str]:
    name, sign, served = value.partition("=")
    if not (name and sign and served):
        raise click.BadParameter(f"{value!r} is not of the form NAME=SERVED.")
    return name, served
