"""``bankft comply``: hold answers against the rules on fund marketing."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bankft.cli.lazy import LazyGroup
from bankft.cli.output import as_json, dump, print_table, say
from bankft.errors import DataError

if TYPE_CHECKING:
    from bankft.compliance import Judgement, Rule

_COMMANDS = {"report": "bankft.cli.comply_report:report"}
_PATH = click.Path(exists=True, dir_okay=False, allow_dash=True)
_AROUND = 16  # characters shown on each side of a phrase


@click.group(cls=LazyGroup, homes=_COMMANDS)
def comply() -> None:
    """Hold answers against the rules on fund marketing.

    What a rule finds is for a person to look at: the conclusion is always human.

    \b
    Example:
      bankft comply check answers.txt
    """


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date() if value is not None else None
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a day: write it as 2026-09-30.") from None


on_day = click.option(
    "--on", callback=_day, metavar="YYYY-MM-DD", help="Judge as of this day.  [default: today]"
)
own_packs = click.option(
    "--pack",
    "packs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A bank's own pack of rules (TOML), beside the shipped ones; may be repeated.",
)


@comply.command()
@click.argument("file", type=_PATH, metavar="FILE|-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl"]),
    help="An answer a line, or JSON Lines.  [default: jsonl for FILE.jsonl, else text]",
)
@on_day
@click.option("--language", type=click.Choice(["zh", "en", "auto"]), default="auto")
@click.option("--product", default="public_fund", show_default=True, help="What it is about.")
@click.option("--audience", default="public", show_default=True, help="Whom it is said to.")
@click.option("--medium", default="online", show_default=True, help="Where it is said.")
@click.option("--speaker", default="bot", show_default=True, help="Who says it.")
@click.option("--investor-class", metavar="C1…C5", help="The client's; unknown if not given.")
@own_packs
@as_json
def check(
    file: str,
    form: str | None,
    on: date | None,
    language: str,
    product: str,
    audience: str,
    medium: str,
    speaker: str,
    investor_class: str | None,
    packs: tuple[Path, ...],
    json_output: bool,
) -> None:
    """Judge the answers in FILE, one a line; - is standard input.

    A line of JSON Lines is a conversation (messages: those of the assistant are judged) or holds
    text or answer. Ends with exit code 1 if there is a violation, or a line that cannot be read:
    that line says so (problem), and the others are judged all the same.

    With --json: JSON Lines, one object a line of input: verdict, findings (rule, clause,
    severity, verdict, start, end, text, title), exempted (rule, start, end, text, exemption,
    reason). start and end count characters of the line; in JSON Lines those of the string that
    field names, such as messages[2].content.

    \b
    Example:
      bankft comply check answers.jsonl --on 2026-09-29 --json
    """
    from bankft import compliance

    context: dict[str, Any] = {
        "on": on,
        "language": language,
        "product": product,
        "audience": audience,
        "medium": medium,
        "speaker": speaker,
        "investor_class": investor_class,
        "packs": packs,
    }
    as_jsonl = (form or ("jsonl" if file.endswith(".jsonl") else "text")) == "jsonl"
    count: Counter[str] = Counter()
    for number, line in enumerate(_lines(file), 1):
        try:
            if isinstance(line, DataError):
                raise line
            texts = _texts(line, file, number) if as_jsonl else [("", line)]
        except DataError as error:
            count["unreadable"] += 1
            if json_output:
                _print_json(
                    {
                        "verdict": "insufficient",
                        "problem": str(error),
                        "findings": [],
                        "exempted": [],
                    }
                )
            click.echo(str(error), err=True)
            continue
        asked = _questions(line) if as_jsonl else {}
        judged = [
            (
                field,
                text,
                compliance.check(text, question=asked.get(field.partition(".")[0]), **context),
            )
            for field, text in texts
        ]
        verdict = _gravest([judgement.verdict for _, _, judgement in judged])
        count[verdict] += 1
        if json_output:
            _print_json(_together(verdict, judged))
        elif verdict != "ok":
            _print(number, verdict, judged)
    if not json_output:
        told = ", ".join(f"{many} {verdict}" for verdict, many in count.most_common())
        say(f"{sum(count.values()):,} answers: {told or 'none'}. A person decides what follows.")
    if count["violation"] or count["unreadable"]:
        sys.exit(1)


def _lines(file: str) -> Iterator[str | DataError]:
    """Yield the lines of a UTF-8 file; for one that is not, what is wrong with it."""
    name = "standard input" if file == "-" else file
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}.") from None
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode().removesuffix("\r")
        except UnicodeDecodeError:
            yield DataError(f"{name}, line {number}: it is not UTF-8 text: save it as UTF-8.")


def _texts(line: str, file: str, number: int) -> list[tuple[str, str]]:
    """Return what a line of JSON Lines says, each with the field that it stands in."""
    where = f"{'standard input' if file == '-' else file}, line {number}"
    if not line.strip():
        return []
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise DataError(f"{where}: it is not JSON: one object a line, please.") from None
    if isinstance(value, dict):
        for field in ("text", "answer"):
            if isinstance(value.get(field), str):
                return [(field, value[field])]
        if isinstance(value.get("messages"), list):
            return list(_said(value["messages"]))
        if "messages" in value:
            raise DataError(f"{where}: its messages are not a list: write [{{…}}, {{…}}].")
    raise DataError(f"{where}: it has neither messages, nor a text or an answer.")


def _questions(line: str) -> dict[str, str]:
    """Return what the client asked just before each message of the assistant, by its field."""
    value = json.loads(line) if line.strip() else None
    messages = value.get("messages") if isinstance(value, dict) else None
    asked: dict[str, str] = {}
    last = ""
    for index, message in enumerate(messages if isinstance(messages, list) else []):
        if not isinstance(message, dict):
            continue
        content = message.get("content")
        if message.get("role") == "user" and isinstance(content, str):
            last = content
        elif message.get("role") == "assistant" and last:
            asked[f"messages[{index}]"] = last
            last = ""
    return asked


def _said(messages: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield what the assistant says in a conversation."""
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") != "assistant":
            continue
        content = message.get("content")
        if isinstance(content, str):
            yield f"messages[{index}].content", content
        elif isinstance(content, list):
            for at, part in enumerate(content):
                if isinstance(part, dict) and isinstance(part.get("text"), str):
                    yield f"messages[{index}].content[{at}].text", part["text"]


def _gravest(verdicts: list[str]) -> str:
    from bankft.compliance.rule import VERDICTS

    # Without anything to judge nobody may say that it is fine.
    return next(
        (verdict for verdict in VERDICTS if verdict in verdicts),
        "ok" if verdicts else "insufficient",
    )


def _together(verdict: str, judged: list[tuple[str, str, "Judgement"]]) -> dict[str, Any]:
    """Return one line's object: what was found in each of its fields."""
    found: dict[str, list[dict[str, Any]]] = {"findings": [], "exempted": []}
    for field, _, judgement in judged:
        named = {"field": field} if field else {}
        for name, parts in found.items():
            parts.extend(one | named for one in judgement.to_dict()[name])
    more = sum(judgement.more for _, _, judgement in judged)
    return {"verdict": verdict, **found} | ({"more": more} if more else {})


def _print_json(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    # Half a character cannot be written as UTF-8: it leaves as an escape.
    click.echo(re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text))


def _print(number: int, verdict: str, judged: list[tuple[str, str, "Judgement"]]) -> None:
    """Print a line's findings: the phrase marked in its surroundings, rule and clause."""
    click.echo(f"{number}  {click.style(verdict, bold=True)}")
    for field, text, judgement in judged:
        for one in judgement.findings:
            before = text[max(0, one.start - _AROUND) : one.start]
            after = text[one.end : one.end + _AROUND]
            marked = f"{before}【{click.style(one.text, bold=True)}】{after}" if one.text else "—"
            spoken = "zh" if re.search("[一-鿿]", text) else "en"
            shown = re.sub(r"\s|[\ud800-\udfff]", " ", marked)
            click.echo(f"    {f'{field}: ' if field else ''}{shown}")
            clause = one.cite(spoken)
            click.echo(f"      {one.verdict}  {one.rule}  {one.title[spoken]}  ({clause})")


@comply.command()
@on_day
@click.option("--product", help="Only what applies to it.")
@own_packs
@as_json
def rules(on: date | None, product: str | None, packs: tuple[Path, ...], json_output: bool) -> None:
    """List the rules; with --on those in force on a day.

    With --json: a list of rules, one document.

    \b
    Example:
      bankft comply rules --on 2026-09-30 --product wealth
    """
    from bankft import compliance
    from bankft.compliance.rule import check_scope

    if product is not None:
        check_scope(product=product)
    chosen = [
        rule
        for rule in compliance.rules(on=on, packs=packs)
        if product is None or product in rule.scope["product"]
    ]
    if json_output:
        dump([_described(rule) for rule in chosen])
        return
    rows = [
        [rule.id, rule.verdict, rule.severity, rule.start or "", rule.title["zh"], rule.clause]
        for rule in chosen
    ]
    columns = ["id", "verdict", "severity", "from", "title", "clause"]
    print_table(rows, columns=columns, empty="No rule applies.")


def _described(rule: "Rule") -> dict[str, Any]:
    clause = rule.clause
    return {
        "id": rule.id,
        "pack": rule.pack,
        "title": dict(rule.title),
        "clause": {
            "law": clause.law,
            "article": clause.article,
            "excerpt": clause.excerpt,
            "source": clause.source,
            "checked": clause.checked and clause.checked.isoformat(),
            "standing": clause.standing,
        },
        "basis": rule.basis,
        "kind": rule.kind,
        "severity": rule.severity,
        "verdict": rule.verdict,
        "effective": {
            "from": rule.start and rule.start.isoformat(),
            "to": rule.end and rule.end.isoformat(),
        },
        "scope": {name: sorted(values) for name, values in rule.scope.items()},
        "exemptions": sorted(rule.exemptions),
        "held_out": rule.held_out,
    }
