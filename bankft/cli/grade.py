"""``bankft grade``: run and check grader objects."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.lazy import LazyGroup
from bankft.cli.output import as_json, client, dump, say
from bankft.errors import DataError

if TYPE_CHECKING:
    from bankft.graders import Result

_COMMANDS = {"lint": "bankft.cli.grade_lint:lint"}
_GRADER = click.argument(
    "grader_file", metavar="GRADER.json", type=click.Path(path_type=Path, allow_dash=True)
)


@click.group(cls=LazyGroup, homes=_COMMANDS)
def grade() -> None:
    """Run, check and lint grader objects.

    \b
    Example:
      bankft grade validate grader.json
    """


def _served(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    if wrong := [name for name, sign, to in pairs if not (name and sign and to)]:
        raise click.BadParameter(f"{wrong[0]!r} is not of the form NAME=SERVED.")
    return {name: to for name, _, to in pairs}


@grade.command()
@_GRADER
@click.option(
    "--item",
    "item_file",
    metavar="ITEM.json",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The row that templates read as item: one JSON object.  [default: an empty one]",
)
@click.option("--sample", required=True, metavar="TEXT", help="The model's answer.")
@click.option(
    "--model",
    "models",
    multiple=True,
    callback=_served,
    metavar="NAME=SERVED",
    help="Ask the model SERVED where the grader names NAME. May be repeated.",
)
@click.option("--unsafe", is_flag=True, help="Let a python grader read this user's files.")
@as_json
def run(
    grader_file: Path,
    item_file: Path | None,
    sample: str,
    models: dict[str, str],
    unsafe: bool,
    json_output: bool,
) -> None:
    """Grade one answer and print its reward.

    A grader that asks a model needs a service. A python grader runs in a sandbox without network
    or a view of your files; where none works it is refused, unless you say --unsafe.

    With --json: the answer of OpenAI's graders/run, one document: reward, sub_rewards, metadata.
    What goes wrong with the answer is told there, under metadata.errors, and its reward is 0.

    \b
    Example:
      bankft grade run grader.json --item item.json --sample 该基金属于中低风险（R2）。 --json
      bankft grade run judge.json --item item.json --sample R2 --model gpt-4o=bankft-nano
    """
    from bankft import graders

    if grader_file == item_file == Path("-"):
        raise click.UsageError("Only one of the grader and the item can come from stdin.")
    spec = _object(grader_file)
    _check(spec, grader_file)
    one = graders.from_spec(spec)
    item = _object(item_file) if item_file else {}
    result = graders.grade(
        one,
        sample,
        item,
        client=client() if graders.asks_a_model(one) else None,
        models=models,
        sandbox="none" if unsafe else "auto",
    )
    if json_output:
        dump(result.to_dict())
    else:
        click.echo(f"{result.reward:g}")
        for name, reward in result.sub_rewards.items():
            say(f"  {name}: {reward:g}")
    _tell(result)


@grade.command()
@_GRADER
@as_json
def validate(grader_file: Path, json_output: bool) -> None:
    """Say what is wrong with a grader object; exit 1 if anything is.

    With --json: {"valid": true or false, "problems": a sentence each}, one document.

    \b
    Example:
      bankft grade validate grader.json
    """
    spec = _object(grader_file)
    if json_output:
        from bankft.graders import validate as problems_of

        problems = problems_of(spec)
        dump({"valid": not problems, "problems": problems})
        click.get_current_context().exit(1 if problems else 0)
    _check(spec, grader_file)
    say(f"{grader_file} is a {spec['type']} grader.")


def _check(spec: dict[str, Any], path: Path) -> None:
    from bankft.graders import validate as problems_of

    if problems := problems_of(spec):
        raise DataError(f"{path}: " + " ".join(problems))


def _object(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file, or of stdin for ``-``."""
    try:
        raw = sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_json)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path} is not JSON: look at line {error.lineno}, column {error.colno}."
        ) from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path} is not JSON that can be read.") from None
    if not isinstance(value, dict):
        raise DataError(f"{path} must hold one JSON object.")
    return value


def _no_json(word: str) -> Any:
    raise ValueError(word)


def _tell(result: "Result") -> None:
    """Say on stderr what went wrong, in words."""
    errors = result.errors
    sentences = {
        "invalid_variable_error": "a template names what neither the item nor the sample holds",
        "sample_parse_error": "the grader reads the sample as JSON, which it is not",
        "formula_parse_error": "the formula has no value for these rewards",
        "python_grader_runtime_error": errors.python_grader_runtime_error_details,
        "python_grader_server_error": errors.python_grader_server_error_type,
        "model_grader_server_error": errors.model_grader_server_error_details,
        "model_grader_refusal_error": "the model refused to answer",
        "model_grader_parse_error": "the model's answer holds no score or label",
        "other_error": "a value cannot be filled into a template",
    }
    for name, sentence in sentences.items():
        if getattr(errors, name):
            say(f"{name}: {str(sentence).rstrip('.')}.")
