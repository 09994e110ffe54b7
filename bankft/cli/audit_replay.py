"""``bankft audit replay``: a logged answer, asked again."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.audit_log import folder_and_key, key_option, log_argument
from bankft.cli.output import as_json, client, dump, say
from bankft.errors import DataError, UsageError

if TYPE_CHECKING:
    from bankft.audit import Contents, Entry

_PARTS = ("messages", "answer")


@click.command()
@log_argument
@click.option("--entry", type=click.IntRange(1), required=True, help="The number of the answer.")
@key_option
@as_json
def replay(log: Path, entry: int, key_file: Path | None, json_output: bool) -> None:
    """Ask a logged request again, of the same model with the same settings and seed.

    LOG is the log's folder. What was said must have been kept: BANKFT_AUDIT_CONTENT=full, and not
    erased since. The service of OPENAI_BASE_URL answers; it must have the model with the same
    digest. The log is checked up to the entry first. Ends with exit code 1 if the answer is
    another.

    With --json: {"entry", "at", "model", "digest", "same", "answer", "again", "then" and "today":
    {"on", "verdict", "findings"} under the rules of that day and of today, "logged" (the verdict
    in the log), "rules_same" (whether the rule packs are the very same)}.

    \b
    Example:
      bankft audit replay ~/.bankft/audit --entry 1234
    """
    from bankft import compliance
    from bankft.audit import Contents

    found, key = _entry(log, entry, key_file)
    said = _said(found, Contents(log / "contents", key=key))
    again = _ask(found, said["messages"]["messages"])
    answer = str(said["answer"]["content"])
    question = next(
        (one["content"] for one in reversed(said["messages"]["messages"]) if one["role"] == "user"),
        None,
    )
    # The log judged what the model wrote with the notices that a guard had added.
    text = answer + str(found.data["guard"].get("added", ""))

    def verdict(on: date) -> dict[str, Any]:
        judged = compliance.check(text, question=question, on=on)
        return {
            "on": on.isoformat(),
            "verdict": judged.verdict,
            "findings": list(dict.fromkeys(one.rule for one in judged.findings)),
        }

    told = {
        "entry": entry,
        "at": found.at,
        "model": found.data["model"],
        "digest": found.data["digest"],
        # One that was broken off, by a guard or because the client left, is a beginning.
        "same": again == answer if found.data["finish_reason"] else again.startswith(answer),
        "answer": answer,
        "again": again,
        "then": verdict(date.fromisoformat(found.at[:10])),
        "today": verdict(date.today()),
        "logged": found.data["verdict"],
        "rules_same": found.data["rules"] == compliance.digest(),
    }
    if json_output:
        dump(told)
    else:
        _print(told)
    if not told["same"]:
        sys.exit(1)


def _entry(log: Path, number: int, key_file: Path | None) -> tuple["Entry", bytes]:
    """Return an answer's entry and the log's key, once the log is found whole up to it."""
    from bankft.audit import read_entries, verify

    key = folder_and_key(log, key_file)
    checked = verify(log, key=key)
    if checked.first_bad is not None and checked.first_bad <= number:
        raise DataError(
            f"The log is not whole: entry {checked.first_bad}, {checked.reason}. What follows it "
            "proves nothing."
        )
    found = next((one for one in read_entries(log) if one.n == number), None)
    if found is None:
        raise UsageError(f"The log has no entry {number}: `bankft audit show` lists them.")
    if found.kind not in ("answer", "answer.shadow"):
        raise UsageError(
            f"Entry {number} is no answer but {found.kind}: `bankft audit show LOG --kind answer` "
            "lists the answers."
        )
    return found, key


def _said(found: "Entry", contents: "Contents") -> dict[str, Any]:
    """Return the messages and the answer of an entry."""
    policy = found.data["content"]
    if policy != "full":
        raise DataError(
            f"Entry {found.n} cannot be asked again: only a digest of what was said was kept."
            if policy == "digest"
            else f"Entry {found.n} cannot be asked again: it was kept without its personal data, "
            "so the question would be another."
        )
    said = {part: contents.get(found.data[part]) for part in _PARTS}
    if None in said.values():
        raise DataError(f"Entry {found.n} cannot be asked again: what was said was erased.")
    return said


def _ask(found: "Entry", messages: list[Any]) -> str:
    """Ask the entry's model again, and make sure that it is the very same one."""
    settings = dict(found.data["settings"])
    asked = client().chat.completions.create(
        model=found.data["model"],
        messages=messages,
        temperature=settings["temperature"],
        top_p=settings["top_p"],
        seed=settings["seed"],
        max_completion_tokens=settings["max_tokens"],
        stop=list(settings["stop"]) or None,
    )
    fingerprint = f"fp_{found.data['digest'].rpartition(':')[2][:10]}"
    if asked.system_fingerprint != fingerprint:
        raise DataError(
            f"The service's model {found.data['model']} is not the one that answered: its weights "
            "have another digest."
        )
    return asked.choices[0].message.content or ""


def _print(told: dict[str, Any]) -> None:
    say(f"{told['model']} ({told['digest'][:19]}…), logged at {told['at']}")
    click.echo("same answer" if told["same"] else "another answer")
    if not told["same"]:
        click.echo(f"  logged: {told['answer']}")
        click.echo(f"  again:  {told['again']}")
    for name in ("then", "today"):
        one = told[name]
        rules = f" ({', '.join(one['findings'])})" if one["findings"] else ""
        click.echo(f"rules of {one['on']}: {one['verdict']}{rules}")
    if not told["rules_same"]:
        say("The rule packs were changed since: the verdict of that day is by today's packs.")
    if told["then"]["verdict"] != told["logged"]:
        say(f"The log says {told['logged']}.")
