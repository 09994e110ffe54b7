"""``bankft eval curves``: what a job's learning curves show."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from dataclasses import asdict

import click

from bankft.cli.output import as_json, client, dump, job_id_argument, say


@click.command()
@job_id_argument
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@as_json
def curves(job_id: str, language: str, json_output: bool) -> None:
    """Say whether a job's model is overfitted, underfitted or saturated, and by what sign.

    With --json: {"steps": how many, "signs": name, reason, step, values each}, one document.

    \b
    Example:
      bankft eval curves ftjob-abc123
    """
    from bankft.evals import diagnose, job_rows

    rows = job_rows(client(), job_id)
    signs = diagnose(rows, language=language)
    if json_output:
        dump({"steps": len(rows), "signs": [asdict(sign) for sign in signs]})
        return
    for sign in signs:
        click.echo(f"{sign.name}: {sign.reason}")
    if not signs:
        say(f"{len(rows)} measured steps are too few to say anything.")
