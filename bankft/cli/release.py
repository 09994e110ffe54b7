"""``bankft release``: from a trained model to one that answers customers, and back."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
from pathlib import Path
from typing import Any

import click

from bankft.cli.output import as_json, client, dump, print_table, say
from bankft.errors import DataError, UsageError

_LIMITS = {
    "seconds": float,
    "min_answers": int,
    "error_rate": float,
    "latency_p95_ms": float,
    "violation_rate": float,
    "confidence": float,
}
_gate = click.option(
    "--gate",
    "gate_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="REPORT.json",
    help="What `bankft eval compare --gate gate.toml --json` printed.",
)
_reason = click.option("--reason", required=True, help="Why, for the log.")


@click.group()
def release() -> None:
    """Let a model out: add, propose, approve, canary, promote, roll back.

    Every command speaks to the running service in the name of OPENAI_API_KEY's key. Whoever
    proposed a model cannot approve it: another person, with another key, must.

    \b
    Example:
      bankft release add ft:bankft-nano:bankft:fund-bot:Ab3dE5gH
      bankft release canary fund-bot ft:bankft-nano:bankft:fund-bot:Ab3dE5gH --percent 10
      bankft release promote fund-bot
    """


def _report(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        raise DataError(f"{path} cannot be read as JSON.") from None
    if not isinstance(value, dict):
        raise DataError(f"{path} is no report of a comparison: it is not a JSON object.")
    return value


def _send(path: str, json_output: bool, **body: Any) -> dict[str, Any]:
    """Ask for a change; return how the registry stands then."""
    asked = {name: value for name, value in body.items() if value is not None}
    told: dict[str, Any] = client().post(
        f"/bankft/releases{path}", body=asked, cast_to=dict[str, Any]
    )
    if json_output:
        dump(told)
    return told


def _lead(path: str, json_output: bool, alias: str, **body: Any) -> None:
    """Ask for a change of an alias; tell where it leads then."""
    told = _send(path, json_output, alias=alias, **body)
    if json_output:
        return
    if gone := told["taken_back"]:
        say(f"{gone} was taken back, and is a draft.")
    _say(next(one for one in told["aliases"] if one["alias"] == alias))


def _say(alias: dict[str, Any]) -> None:
    """Tell in a sentence where an alias leads."""
    name, production = alias["alias"], alias["production"] or "nothing yet"
    said = f"{name} leads to {production}"
    if alias["canary"]:
        how = " in its shadow" if alias["shadow"] else f" for {alias['percent']:g} % of the users"
        said += f", and to {alias['canary']}{how}"
    if alias["stopped"]:
        said = f"{name} is stopped and answers nobody"
    say(f"{said}.")


@release.command()
@click.argument("model")
@_gate
@click.option("--shutdown-date", metavar="YYYY-MM-DD", help="When its base is shut down.")
@as_json
def add(model: str, gate_file: Path | None, shutdown_date: str | None, json_output: bool) -> None:
    """Put MODEL into the registry as a draft.

    Its card is filled by the service: base, digests of the weights and of the files that it was
    trained on, recipe, seed, metrics.

    With --json (of every command here that changes something): how the registry then stands, as
    `bankft release status` prints it.

    \b
    Example:
      bankft release add ft:bankft-nano:bankft:fund-bot:Ab3dE5gH --gate report.json
    """
    _send("", json_output, model=model, gate=_report(gate_file), shutdown_date=shutdown_date)
    if not json_output:
        say(f"{model} is a draft. Next: bankft release propose {model}")


@release.command()
@click.argument("model")
@_gate
@as_json
def propose(model: str, gate_file: Path | None, json_output: bool) -> None:
    """Propose MODEL for release; refused where its regression gate failed.

    \b
    Example:
      bankft release propose ft:bankft-nano:bankft:fund-bot:Ab3dE5gH
    """
    _send("/propose", json_output, model=model, gate=_report(gate_file))
    if not json_output:
        say(f"{model} is a candidate. Another key must approve it.")


@release.command()
@click.argument("model")
@as_json
def approve(model: str, json_output: bool) -> None:
    """Approve MODEL, which another key proposed.

    \b
    Example:
      OPENAI_API_KEY=$RISK_OFFICER bankft release approve ft:bankft-nano:bankft:fund-bot:Ab3dE5gH
    """
    _send("/approve", json_output, model=model)
    if not json_output:
        say(f"{model} may be released. Next: bankft release canary ALIAS {model} --percent 10")


def _limits(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for value in values:
        name, _, number = value.partition("=")
        try:
            found[name] = _LIMITS[name](number)
        except (KeyError, ValueError):
            raise click.BadParameter(
                f"{value!r} is no limit: use NAME=NUMBER with one of {', '.join(_LIMITS)}."
            ) from None
    return found


@release.command()
@click.argument("alias")
@click.argument("model", required=False)
@click.option(
    "--percent", type=click.FloatRange(0, 100), required=True, help="Of the users, 0 to 100."
)
@click.option("--allow", multiple=True, metavar="USER", help="In it in any case; may be repeated.")
@click.option("--shadow", is_flag=True, help="Answer unseen, to be compared.")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    callback=_limits,
    metavar="NAME=NUMBER",
    help="What takes it back by itself: seconds, min_answers, error_rate, latency_p95_ms, "
    "violation_rate, confidence. May be repeated.",
)
@as_json
def canary(
    alias: str,
    model: str | None,
    percent: float,
    allow: tuple[str, ...],
    shadow: bool,
    limits: dict[str, float],
    json_output: bool,
) -> None:
    """Let MODEL answer a share of ALIAS's users; without MODEL, change the canary's share.

    The same user always gets the same model. More percent take nobody out. A limit that is not
    named stays as it is; without --shadow, the canary's answers are shown.

    \b
    Example:
      bankft release canary fund-bot ft:bankft-nano:bankft:fund-bot:Ab3dE5gH --percent 10
      bankft release canary fund-bot --percent 20
    """
    _lead(
        "/canary",
        json_output,
        alias,
        model=model,
        percent=percent,
        allow=list(allow) or None,
        shadow=shadow,
        limits=limits or None,
    )


@release.command()
@click.argument("alias")
@as_json
def promote(alias: str, json_output: bool) -> None:
    """Let ALIAS's canary answer everybody; the model before it is retired.

    \b
    Example:
      bankft release promote fund-bot
    """
    _lead("/promote", json_output, alias)


@release.command()
@click.argument("alias")
@_reason
@as_json
def rollback(alias: str, reason: str, json_output: bool) -> None:
    """Take ALIAS's canary back; without one, return to the production model before.

    \b
    Example:
      bankft release rollback fund-bot --reason "customers complain about wrong fees"
    """
    _lead("/rollback", json_output, alias, reason=reason)


@release.command()
@click.argument("alias")
@_reason
@as_json
def stop(alias: str, reason: str, json_output: bool) -> None:
    """Turn ALIAS off at once: it answers nobody.

    \b
    Example:
      bankft release stop fund-bot --reason "wrong fund prices"
    """
    _lead("/stop", json_output, alias, reason=reason)


@release.command()
@click.argument("alias")
@_reason
@as_json
def start(alias: str, reason: str, json_output: bool) -> None:
    """Turn ALIAS on again.

    \b
    Example:
      bankft release start fund-bot --reason "prices mended"
    """
    _lead("/start", json_output, alias, reason=reason)


@release.command()
@click.argument("alias")
@click.argument("how", type=click.Choice(["off", "append", "block", "hand_over"]))
@as_json
def guard(alias: str, how: str, json_output: bool) -> None:
    """Set what is done with an answer of ALIAS that breaks a rule.

    append adds a missing disclaimer or risk notice; block also stops before a prohibited phrase;
    hand_over says instead of such an answer that a person will take over.

    \b
    Example:
      bankft release guard fund-bot block
    """
    _send("/guard", json_output, alias=alias, guard=how)
    if not json_output:
        say(f"The guard of {alias} is {how}.")


@release.command()
@click.argument("alias", required=False)
@as_json
def status(alias: str | None, json_output: bool) -> None:
    """Show the models, where the aliases lead, and what the canaries' windows hold.

    With --json: {"object", "models", "aliases"}; with ALIAS that alias's object alone.

    \b
    Example:
      bankft release status
      bankft release status fund-bot --json
    """
    told: dict[str, Any] = client().get("/bankft/releases/status", cast_to=dict[str, Any])
    if alias is not None:
        told = {**told, "aliases": [one for one in told["aliases"] if one["alias"] == alias]}
        if not told["aliases"]:
            raise UsageError(f"There is no alias {alias}: `bankft release status` lists them.")
    if json_output:
        dump(told if alias is None else told["aliases"][0])
        return
    if alias is None:
        rows = [[one["id"], one["status"], one["changed_at"]] for one in told["models"]]
        print_table(rows, columns=["model", "status", "since"], empty="The registry is empty.")
    for one in told["aliases"]:
        _say(one)
        if window := one["window"]:
            say(
                f"  its canary's last answers: {window['answers']:.0f}, {window['failed']:.0f} "
                f"failed, {window['violating']:.0f} with a violation, 95 of 100 within "
                f"{window['latency_p95_ms']:.0f} ms"
            )
