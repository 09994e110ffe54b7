"""``bankft jobs``: create, follow, pause, cancel fine-tuning jobs; their metrics."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import csv
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from bankft.cli import job_settings
from bankft.cli.files import upload
from bankft.cli.output import as_json, client, dump, job_id_argument, local_time, print_table, say

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent


@click.group()
def jobs() -> None:
    """Create, follow, pause, cancel fine-tuning jobs; print their metrics.

    \b
    Example:
      bankft jobs create --training-file train.jsonl --follow
    """


def _metadata(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    if wrong := [key for key, sign, _ in pairs if not (key and sign)]:
        raise click.BadParameter(f"{wrong[0]!r} is not of the form key=value.")
    return {key: value for key, _, value in pairs}


def _file_id(api: "OpenAI", named: str) -> str:
    """Return the id of a training file; a local one is uploaded first."""
    path = Path(named)
    if path.is_file():
        return upload(api, path).id
    if named.startswith("file-"):
        return named
    raise click.UsageError(
        f"There is no file {named!r} here, and an uploaded one's id starts with file-."
    )


def _require_budget(api: "OpenAI", training_file: str, **job: Any) -> None:
    """Say what a job will cost, and end here if that is more than its budget."""
    from bankft.cost import estimate

    with TemporaryDirectory() as folder:
        path = Path(training_file)
        if not path.is_file():
            file_id = _file_id(api, training_file)
            path = Path(folder, f"{file_id}.jsonl")
            path.write_bytes(api.files.content(file_id).content)
        found = estimate(path, **job)
    found.require_fit()
    say(found.verdict())


@jobs.command()
@click.option(
    "--training-file",
    required=True,
    metavar="PATH|ID",
    help="A local file, or an uploaded one's id.",
)
@click.option("--validation-file", metavar="PATH|ID", help="The same, for measuring only.")
@click.option(
    "--method",
    type=click.Choice(job_settings.METHODS),
    default="supervised",
    show_default=True,
    help="How to train.",
)
@click.option(
    "--grader",
    metavar="GRADER.json",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The grader object that reinforcement learns from.",
)
@click.option(
    "--response-format",
    metavar="FORMAT.json",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The form that reinforcement holds answers to; others earn nothing.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    callback=job_settings.settings,
    metavar="KEY=VALUE",
    help="Any other hyperparameter, or setting of bankft's own. May be repeated.",
)
@click.option("--model", default="bankft-nano", show_default=True, help="The model to start from.")
@click.option("--suffix", help="A word in the new model's name.")
@click.option(
    "--epochs", type=click.IntRange(1), help="Passes over the training file.  [default: auto]"
)
@click.option("--batch-size", type=click.IntRange(1), help="Examples a step.  [default: auto]")
@click.option(
    "--learning-rate-multiplier",
    type=click.FloatRange(0, min_open=True),
    help="Scales the learning rate.  [default: auto]",
)
@click.option("--seed", type=int, help="The same seed and data train the same model.")
@click.option(
    "--metadata", multiple=True, callback=_metadata, metavar="KEY=VALUE", help="May be repeated."
)
@click.option(
    "--budget",
    type=click.FloatRange(0),
    metavar="USD",
    help="Stop before anything is uploaded if the job may cost more.",
)
@click.option(
    "--price",
    type=click.FloatRange(0),
    metavar="USD",
    help="Of a million trained tokens.  [default: from the price file]",
)
@click.option(
    "--follow", "follow_it", is_flag=True, help="Stay until it ends, then print the model's name."
)
@as_json
def create(
    training_file: str,
    validation_file: str | None,
    method: str,
    grader: Path | None,
    response_format: Path | None,
    settings: dict[str, Any],
    model: str,
    suffix: str | None,
    epochs: int | None,
    batch_size: int | None,
    learning_rate_multiplier: float | None,
    seed: int | None,
    metadata: dict[str, str],
    budget: float | None,
    price: float | None,
    follow_it: bool,
    json_output: bool,
) -> None:
    """Start a fine-tuning job and print its id.

    Preference pairs train by --method dpo, a grader's rewards by --method reinforcement, which
    needs a validation file. --set names OpenAI's hyperparameters (beta, eval_interval, …); other
    names are bankft's own and go with the request as such: objective=reward_model, kl=0.05,
    lora.r=16.

    With --json: the job, one document; with --follow too, JSON Lines: the job, each event, and
    the finished job.

    \b
    Example:
      bankft jobs create --training-file train.jsonl --validation-file valid.jsonl \\
          --suffix fundbot-v1 --epochs 3 --metadata case=fundbot --metadata version=v1
      bankft jobs create --training-file pairs.jsonl --method dpo --set beta=0.2
      bankft jobs create --training-file items.jsonl --validation-file held.jsonl \\
          --method reinforcement --grader grader.json --set eval_interval=5 --set kl=0.05
    """
    if price is not None and budget is None:
        raise click.UsageError("--price is what --budget is reckoned with: give both.")
    hyperparameters = {
        "n_epochs": epochs,
        "batch_size": batch_size,
        "learning_rate_multiplier": learning_rate_multiplier,
    }
    given = {name: value for name, value in hyperparameters.items() if value is not None}
    if twice := given.keys() & settings.keys():
        raise click.UsageError(f"{min(twice)} is given twice: once as an option, once by --set.")
    settings |= given
    how = job_settings.request(method, settings, grader, response_format)
    api = client()
    if budget is not None:
        _require_budget(
            api,
            training_file,
            model=model,
            method=method,
            n_epochs=settings.get("n_epochs", "auto"),
            batch_size=settings.get("batch_size", "auto"),
            budget=budget,
            price=price,
        )
    request: dict[str, Any] = {
        "model": model,
        "training_file": _file_id(api, training_file),
        **how,
    }
    if validation_file is not None:
        request["validation_file"] = _file_id(api, validation_file)
    optional = {"suffix": suffix, "seed": seed, "metadata": metadata or None}
    request |= {name: value for name, value in optional.items() if value is not None}
    job = api.fine_tuning.jobs.create(**request)
    if json_output:
        dump(job, line=follow_it)
    elif follow_it:
        say(f"Created {job.id}.")
    else:
        click.echo(job.id)
    if follow_it:
        _follow(api, job.id, json_output)


@jobs.command("list")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many."
)
@as_json
def list_jobs(limit: int, json_output: bool) -> None:
    """List jobs, newest first.

    With --json: a list of jobs, one document.

    \b
    Example:
      bankft jobs list --limit 5
    """
    found = list(islice(client().fine_tuning.jobs.list(limit=limit), limit))
    if json_output:
        dump(found)
        return
    rows = [[j.id, j.status, j.model, j.fine_tuned_model, local_time(j.created_at)] for j in found]
    columns = ["id", "status", "from", "model", "created"]
    print_table(rows, columns=columns, empty="No job was created yet.")


@jobs.command()
@job_id_argument
@as_json
def follow(job_id: str, json_output: bool) -> None:
    """Show a job's messages and progress until it ends, then print the model's name.

    With --json, JSON Lines: each event, and the finished job.

    \b
    Example:
      model=$(bankft jobs follow ftjob-8a41)
    """
    _follow(client(), job_id, json_output)


def _follow(api: "OpenAI", job_id: str, json_output: bool) -> None:
    import bankft

    at_terminal = sys.stderr.isatty()
    for event in bankft.follow(api, job_id, progress=at_terminal and not json_output):
        if json_output:
            dump(event, line=True)
        else:
            _tell(event, bar=at_terminal)
    job = api.fine_tuning.jobs.retrieve(job_id)
    if json_output:
        dump(job, line=True)
    else:
        click.echo(job.fine_tuned_model)


def _tell(event: "FineTuningJobEvent", *, bar: bool) -> None:
    """Print an event's message above the bar; the bar itself tells the metrics."""
    if not bar:
        say(event.message)
    elif event.type != "metrics":
        from tqdm import tqdm

        tqdm.write(event.message, file=sys.stderr)


@jobs.command()
@job_id_argument
@as_json
def cancel(job_id: str, json_output: bool) -> None:
    """Stop a job.

    With --json: the job, one document.

    \b
    Example:
      bankft jobs cancel ftjob-8a41
    """
    _show_status(client().fine_tuning.jobs.cancel(job_id), json_output)


@jobs.command()
@job_id_argument
@as_json
def pause(job_id: str, json_output: bool) -> None:
    """Stop a job until it is resumed; it keeps its last checkpoint.

    With --json: the job, one document.

    \b
    Example:
      bankft jobs pause ftjob-8a41
    """
    _show_status(client().fine_tuning.jobs.pause(job_id), json_output)


@jobs.command()
@job_id_argument
@as_json
def resume(job_id: str, json_output: bool) -> None:
    """Queue a paused job again; it goes on from its last checkpoint.

    With --json: the job, one document.

    \b
    Example:
      bankft jobs resume ftjob-8a41
    """
    _show_status(client().fine_tuning.jobs.resume(job_id), json_output)


def _show_status(job: "FineTuningJob", json_output: bool) -> None:
    if json_output:
        dump(job)
    else:
        click.echo(job.status)


@jobs.command()
@job_id_argument
@as_json
def results(job_id: str, json_output: bool) -> None:
    """Print a finished job's metrics as CSV, a row a step.

    With --json: a list of rows, one document; what was not measured is null.

    \b
    Example:
      bankft jobs results ftjob-8a41 > metrics.csv
    """
    from bankft.jobs import metrics

    rows = metrics(client(), job_id)
    if json_output:
        dump(rows)
        return
    table = csv.DictWriter(
        sys.stdout, fieldnames=list(rows[0]) if rows else [], lineterminator="\n"
    )
    table.writeheader()
    table.writerows(rows)
