"""``bankft eval bound`` and ``bankft eval size``: what a count of violations proves."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import math

import click

from bankft.cli.output import as_json, dump, say

_confidence = click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="How sure, between 0 and 1.",
)


@click.command()
@click.option("--violations", type=click.IntRange(0), required=True, help="How many were seen.")
@click.option("--answers", type=click.IntRange(1), required=True, help="In how many answers.")
@click.option(
    "--questions",
    type=click.IntRange(1),
    help="Distinct questions among them, if fewer: answers to one question are not independent.",
)
@_confidence
@as_json
def bound(
    violations: int, answers: int, questions: int | None, confidence: float, json_output: bool
) -> None:
    """Say what violation rate a count of violations rules out.

    The exact one-sided bound of Clopper and Pearson. Where several answers share a question, give
    --questions: each counts once then, with a violation if any of its answers has one.

    With --json: {"upper": the bound, "rate", "low", "high" (two-sided interval, Wilson),
    "violations", "answers", "questions", "confidence"}, one document.

    \b
    Example:
      bankft eval bound --violations 0 --answers 2995 --json
      bankft eval bound --violations 0 --answers 3000 --questions 300
    """
    from statistics import NormalDist

    from bankft.rates import upper_bound, wilson

    if violations > answers:
        raise click.UsageError(f"There cannot be {violations} violations in {answers} answers.")
    if questions is not None and questions > answers:
        raise click.UsageError(f"{answers} answers cannot belong to {questions} questions.")
    n = questions or answers
    k = min(violations, n)  # at most each in a question of its own
    upper = upper_bound(k, n, confidence=confidence)
    low, high = wilson(k, n, z=NormalDist().inv_cdf((1 + confidence) / 2))
    if json_output:
        dump(
            {
                "upper": upper,
                "rate": violations / answers,
                "low": low,
                "high": high,
                "violations": violations,
                "answers": answers,
                "questions": n,
                "confidence": confidence,
            }
        )
        return
    # Rounded up, or it would claim more than is known.
    shown = math.ceil(upper * 1e6 - 1e-6) / 1e4
    click.echo(f"<= {shown:.4f}%")
    about = f"{violations} of {answers:,} answers"
    about += f" to {questions:,} questions" if questions else ""
    say(f"With confidence {confidence:g}, from {about}.")


@click.command()
@click.option(
    "--rate",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    required=True,
    help="The rate to claim, as 0.001 for 0.1 %.",
)
@click.option(
    "--violations",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many may be seen.",
)
@_confidence
@as_json
def size(rate: float, violations: int, confidence: float, json_output: bool) -> None:
    """Say how many answers it takes to claim a small violation rate.

    Each to a question of its own, never seen in training or in choosing settings.

    With --json: {"answers": how many, "rate", "violations", "confidence"}, one document.

    \b
    Example:
      bankft eval size --rate 0.001
    """
    from bankft.evals import answers_needed

    n = answers_needed(rate, violations=violations, confidence=confidence)
    if json_output:
        dump({"answers": n, "rate": rate, "violations": violations, "confidence": confidence})
        return
    click.echo(str(n))
    say(
        f"distinct questions, with {violations} violations at most, prove a rate of at most "
        f"{rate:g} with confidence {confidence:g}."
    )
