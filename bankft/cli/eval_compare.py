"""``bankft eval compare``: two runs beside each other, and the gate."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from pathlib import Path

import click

from bankft.cli.output import as_json, dump, print_table, say
from bankft.errors import UsageError

_RUN = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("run_a", type=_RUN, metavar="RUN_A")
@click.argument("run_b", type=_RUN, metavar="RUN_B")
@click.option(
    "--gate",
    "gate_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="gate.toml",
    help="What RUN_B may not do worse.",
)
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.xml",
    help="Write the gate's checks as JUnit XML.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Of intervals and bounds.  [default: the gate's, else 0.95]",
)
@as_json
def compare(
    run_a: Path,
    run_b: Path,
    gate_file: Path | None,
    junit: Path | None,
    confidence: float | None,
    json_output: bool,
) -> None:
    """Compare RUN_B with RUN_A on the questions that both answered.

    With --gate: exit 1 when a check of the gate fails. A gate is a TOML file with [violations]
    max_bound, bound_may_rise; [quality.METRIC] min, max, max_fall, beyond_chance; [latency]
    max_p50, max_p90, max_p99; confidence.

    With --json: {"before", "after", "violations", "metrics": by name with before, after, value
    (the difference), low, high, p, p_holm, direction; with a gate also "gate": {"passed",
    "checks"}}, one document.

    \b
    Example:
      bankft eval compare runs/v1 runs/v2
      bankft eval compare runs/v1 runs/v2 --gate gate.toml --junit gate.xml
    """
    from dataclasses import asdict

    from bankft.evals import check_gate, compare_runs, read_gate, read_run, to_junit

    if junit and not gate_file:
        raise click.UsageError("--junit tells the checks of a gate: give --gate, too.")
    gate = read_gate(gate_file) if gate_file else None
    sure = confidence or (gate.confidence if gate else 0.95)
    found = compare_runs(read_run(run_a), read_run(run_b), confidence=sure)
    checks = check_gate(found, gate) if gate else []
    passed = all(check.passed for check in checks)
    if junit:
        try:
            junit.write_text(to_junit(checks), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{junit} cannot be written: {error.strerror}.") from None
    if json_output:
        told = found.to_dict()
        if gate:
            told["gate"] = {"passed": passed, "checks": [asdict(check) for check in checks]}
        dump(told)
        click.get_current_context().exit(0 if passed else 1)
    rows = [
        [
            one.name,
            f"{one.difference.before:.4f}",
            f"{one.difference.after:.4f}",
            f"{one.difference.value:+.4f}",
            f"{one.difference.low:+.4f} to {one.difference.high:+.4f}",
            f"{one.p:.3g}",
            one.direction,
        ]
        for one in found.moved
    ]
    columns = ["figure", run_a.name, run_b.name, "difference", "interval", "p (Holm)", ""]
    print_table(rows, columns=columns, empty="There is nothing to compare.")
    old, new = found.violations
    say(f"Violation rate, bound at {sure:g}: {old.upper:.5f} -> {new.upper:.5f}.")
    for check in checks:
        say(f"{'pass' if check.passed else 'FAIL'}  {check.name}: {check.said}")
    click.get_current_context().exit(0 if passed else 1)
