"""What a rule is, and how a pack of rules is read from TOML."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from bankft.compliance.pattern import Node, Pattern, compile_patterns
from bankft.errors import DataError, UsageError

VERDICTS = ("violation", "insufficient", "evidence_required", "manual_review", "advisory", "ok")
SEVERITIES = ("high", "medium", "low")
PRODUCTS = ("public_fund", "private_fund", "wealth", "deposit", "structured_deposit", "insurance")
AUDIENCES = ("public", "qualified", "internal")
MEDIA = ("online", "paper", "video", "call", "branch")
SPEAKERS = ("bot", "staff", "customer")
_SCOPE = {"product": PRODUCTS, "audience": AUDIENCES, "medium": MEDIA, "speaker": SPEAKERS}
_KINDS = ("phrase", "missing", "suitability")
_EXEMPTIONS = ("negation", "quotation", "question", "other_product", "evidence")
SHIPPED = (
    "public_fund",
    "wealth",
    "advertising",
    "online",
    "suitability",
    "bot",
    "private_fund",
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule comes from.

    Attributes:
        law: Name of the law, regulation or house rule.
        article: Article and item, as ``第二十四条第（二）项``; "" where none is cited.
        excerpt: A short verbatim excerpt; "" where none was read.
        source: Address of the text.
        checked: The day on which the text was read.
        standing: ``V`` read in a text, ``V2`` in two independent ones, ``R`` in an index that
            names the official address, ``S`` from a secondary source only, ``U`` unverified.
        english: The law's name in English; "" where the pack gives none.
    """

    law: str
    article: str = ""
    excerpt: str = ""
    source: str = ""
    checked: date | None = None
    standing: str = ""
    english: str = ""

    def __str__(self) -> str:
        return f"{self.law}{self.article}"

    def cite(self, language: str) -> str:
        """Return it as it is cited in ``zh`` or ``en``.

        >>> Clause("广告法", "第二十五条第（一）项", english="Advertising Law").cite("en")
        'Advertising Law, art. 25(1)'
        """
        if language == "zh" or not self.english:
            return str(self)
        return ", ".join(filter(None, (self.english, _english(self.article))))


_UNIT = {"条": "art. ", "款": "para. "}
_PART = re.compile("第(（)?([一二三四五六七八九十百零]+)）?([条款项])")


def _english(article: str) -> str:
    """Return an article in English: 第二十五条第一款第（一）项 is "art. 25, para. 1(1)"."""
    cited = ""
    for item, number, unit in _PART.findall(article):
        counted = _number(number)
        if item or unit == "项":
            cited += f"({counted})"
        else:
            cited += f"{', ' if cited else ''}{_UNIT[unit]}{counted}"
    return cited


def _number(numeral: str) -> int:
    """Return a Chinese numeral below one thousand as a number."""
    total = digit = 0
    for char in numeral:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(char)
    return total + digit


@dataclass(frozen=True, slots=True)
class Unless:
    """A context in which a phrase is not what the rule means, with the reason.

    Attributes:
        before: One matches the end of what stands before the phrase; none asks nothing.
        after: One matches the beginning of what stands after it; none asks nothing.
        near: One stands nearby; none asks nothing.
        reason: Why the phrase is fine there, by language.
    """

    before: tuple[Pattern, ...]
    after: tuple[Pattern, ...]
    near: tuple[Pattern, ...]
    reason: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: Unique; ids of what is missing begin with ``missing-``.
        pack: The pack that it belongs to.
        title: What it asks, by language (``zh``, ``en``).
        clause: Where it comes from.
        basis: ``statutory`` or ``industry_practice``; practice cites no clause.
        severity: ``high``, ``medium`` or ``low``, by rank of what it comes from.
        verdict: What a match means: one of `VERDICTS` but ``ok``.
        start: First day in force; None is always.
        end: Last day in force; None is still.
        scope: For each of product, audience, medium and speaker the values that it applies to.
        kind: ``phrase`` (patterns), ``missing`` (what must stand there, where a trigger does) or
            ``suitability`` (grades against classes).
        patterns: What is looked for; for ``missing`` what makes the required words due.
        required: For ``missing``: what must stand in the answer.
        exemptions: The general exemptions that apply.
        unless: The rule's own exemptions.
        held_out: Whether it is kept for judging and never used as a reward.
        match: Texts in which it must be found; they run as tests.
        no_match: Texts in which it must not be found; they run as tests.
    """

    id: str
    pack: str
    title: Mapping[str, str]
    clause: Clause
    basis: str
    severity: str
    verdict: str
    start: date | None
    end: date | None
    scope: Mapping[str, frozenset[str]]
    kind: str
    patterns: tuple[Pattern, ...]
    required: tuple[Pattern, ...] = ()
    exemptions: frozenset[str] = frozenset()
    unless: tuple[Unless, ...] = ()
    held_out: bool = False
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()

    def applies(self, on: date, **where: str) -> bool:
        """Return whether it is in force on a day, and covers a product, audience, …."""
        in_force = (self.start is None or self.start <= on) and (self.end is None or on <= self.end)
        return in_force and all(value in self.scope[name] for name, value in where.items())


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack of rules.

    Attributes:
        id: Unique name.
        version: As the pack states it.
        title: By language.
        rules: In the file's order.
        digest: ``sha256:…`` of the file and of the shared words.
    """

    id: str
    version: str
    title: Mapping[str, str]
    rules: tuple[Rule, ...]
    digest: str


@cache
def words() -> Mapping[str, Any]:
    """The groups of words that the packs share (``words/phrases``, ``en`` and ``zh``)."""
    shared = tomllib.loads(_resource("words/phrases.toml"))
    for language in ("en", "zh"):
        shared["words"] |= tomllib.loads(_resource(f"words/{language}.toml"))["words"]
    return shared


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _parsed() -> dict[str, Node]:
    """The shared groups that were read; is filled by the patterns that name them."""
    return {}


@cache
def shipped() -> tuple[Pack, ...]:
    """The packs that bankft brings."""
    return tuple(_read(_resource(f"packs/{name}.toml"), f"{name}.toml") for name in SHIPPED)


def load_pack(path: Path | str) -> Pack:
    """Read a bank's own pack of rules.

    Args:
        path: A TOML file of the form of the shipped packs (``bankft/compliance/packs``). Its
            patterns may name the shared groups of words, and groups of its own under ``[words]``.

    Raises:
        DataError: It cannot be read or a rule is not fine; the sentence names file, rule and
            field.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    return _read(text, path.name)


def _read(text: str, name: str) -> Pack:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{name} is not valid TOML: {error}.") from None
    _check_keys(content, {"pack", "words", "rule"}, name)
    head = content.get("pack", {})
    if not isinstance(head, dict) or not isinstance(head.get("id"), str):
        raise DataError(f"{name}: [pack] has no id: give the pack a name of its own.")
    _check_keys(head, {"id", "version", "title", "laws"}, f"{name}, [pack]")
    shared = words()
    own = dict(content.get("words", {}))
    groups = dict(shared["words"]) | own
    common = frozenset(shared["common"])
    rules = content.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise DataError(f"{name}: rules stand under [[rule]].")
    parsed = {} if own else _parsed()  # words of its own may stand within the shared groups
    built = tuple(_Reader(name, head, groups, common, parsed, entry).rule() for entry in rules)
    if len({rule.id for rule in built}) < len(built):
        seen: set[str] = set()
        twice = next(rule.id for rule in built if rule.id in seen or seen.add(rule.id))  # type: ignore[func-returns-value]
        raise DataError(f"{name}, rule {twice}: the id stands twice: give each rule its own.")
    digest = hashlib.sha256((text + repr(shared)).encode()).hexdigest()
    return Pack(
        head["id"],
        str(head.get("version", "")),
        _titles(head.get("title", head["id"]), name),
        built,
        f"sha256:{digest}",
    )


def _titles(value: Any, where: str) -> Mapping[str, str]:
    if isinstance(value, str):
        return {"zh": value, "en": value}
    if isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("zh", "en")):
        return {"zh": value["zh"], "en": value["en"]}
    raise DataError(f"{where}: title must be text, or hold zh and en.")


def _check_keys(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise DataError(
            f"{where}: there is no field {unknown[0]!r}; known are {', '.join(sorted(known))}."
        )


_FIELDS = {
    "id", "title", "law", "article", "excerpt", "basis", "effective", "scope", "severity",
    "verdict", "kind", "patterns", "required", "exemptions", "unless", "held_out", "match",
    "no_match", "standing",
}  # fmt: skip


@dataclass(frozen=True)
class _Reader:
    """Turns one ``[[rule]]`` into a `Rule`, or says what is wrong with it."""

    file: str
    head: Mapping[str, Any]
    groups: Mapping[str, Any]
    common: frozenset[str]
    parsed: dict[str, Node]
    entry: Mapping[str, Any]

    def wrong(self, name: str, what: str) -> DataError:
        rule = self.entry.get("id", "without id")
        return DataError(f"{self.file}, rule {rule}, field {name}: {what}.")

    def rule(self) -> Rule:
        entry = self.entry
        if not isinstance(entry.get("id"), str) or not entry["id"]:
            raise self.wrong("id", "it is missing")
        if unknown := sorted(set(entry) - _FIELDS):
            raise self.wrong(unknown[0], "there is no such field")
        start, end = self.period()
        kind = self.one_of("kind", _KINDS, "phrase")
        patterns = self.patterns("patterns")
        if kind == "phrase" and not patterns:
            raise self.wrong("patterns", "a rule of phrases needs at least one")
        required = self.patterns("required")
        if kind == "missing" and not (required and entry["id"].startswith("missing-")):
            raise self.wrong(
                "required", "a rule of what is missing needs it, and an id beginning with missing-"
            )
        if kind == "phrase" and entry["id"].startswith("missing-"):
            raise self.wrong("id", "missing- begins the ids of kind missing alone")
        clause, basis = self.clause()
        return Rule(
            id=entry["id"],
            pack=self.head["id"],
            title=_titles(entry.get("title"), f"{self.file}, rule {entry['id']}"),
            clause=clause,
            basis=basis,
            severity=self.one_of("severity", SEVERITIES, "medium"),
            verdict=self.one_of("verdict", VERDICTS[:-1], None),
            start=start,
            end=end,
            scope=self.scope(),
            kind=kind,
            patterns=patterns,
            required=required,
            exemptions=self.exemptions(),
            unless=self.unless(),
            held_out=self.flag("held_out"),
            match=self.texts("match"),
            no_match=self.texts("no_match"),
        )

    def one_of(self, name: str, allowed: tuple[str, ...], default: str | None) -> str:
        value = self.entry.get(name, default)
        if value not in allowed:
            raise self.wrong(name, f"it must be one of {', '.join(allowed)}")
        return str(value)

    def flag(self, name: str) -> bool:
        value = self.entry.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "it must be true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.wrong(name, "it must be a list of texts")
        return tuple(value)

    def compiled(self, name: str, source: str) -> tuple[Pattern, ...]:
        try:
            return compile_patterns(
                source,
                self.groups,
                self.common,
                anchored=name in ("patterns", "required"),
                parsed=self.parsed,
            )
        except ValueError as error:
            raise self.wrong(name, f"pattern {source!r}: {error}") from None

    def patterns(self, name: str) -> tuple[Pattern, ...]:
        return tuple(one for source in self.texts(name) for one in self.compiled(name, source))

    def period(self) -> tuple[date | None, date | None]:
        value = self.entry.get("effective", {})
        if not isinstance(value, dict) or set(value) - {"from", "to"}:
            raise self.wrong("effective", "it holds from and to")
        found = [value.get(key) for key in ("from", "to")]
        for day in found:
            if day is not None and type(day) is not date:
                raise self.wrong("effective", "a day is written as 2026-09-30, without quotes")
        return found[0], found[1]

    def scope(self) -> Mapping[str, frozenset[str]]:
        given = self.entry.get("scope", {})
        if not isinstance(given, dict):
            raise self.wrong("scope", "it holds product, audience, medium and speaker")
        scope = {name: frozenset(values) for name, values in _SCOPE.items()}
        scope["speaker"] = frozenset(("bot", "staff"))  # the institution's own words
        for name, values in given.items():
            if name not in _SCOPE:
                raise self.wrong("scope", f"there is no {name!r}; known are {', '.join(_SCOPE)}")
            if not isinstance(values, list) or not values or set(values) - set(_SCOPE[name]):
                raise self.wrong("scope", f"{name} must be a list out of {', '.join(_SCOPE[name])}")
            scope[name] = frozenset(values)
        return scope

    def exemptions(self) -> frozenset[str]:
        value = self.entry.get("exemptions", ["negation", "quotation", "question"])
        if not isinstance(value, list) or set(value) - set(_EXEMPTIONS):
            raise self.wrong("exemptions", f"it must be a list out of {', '.join(_EXEMPTIONS)}")
        return frozenset(value)

    def unless(self) -> tuple[Unless, ...]:
        value = self.entry.get("unless", [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.wrong("unless", "it must be a list of tables")
        found: list[Unless] = []
        for one in value:
            if set(one) - {"before", "after", "near", "reason"} or "reason" not in one:
                raise self.wrong("unless", "it holds before, after or near, and reason")
            context = {
                key: self.compiled("unless", one[key]) if key in one else ()
                for key in ("before", "after", "near")
            }
            if not any(context.values()):
                raise self.wrong("unless", "it needs before, after or near")
            reason = _titles(one["reason"], f"{self.file}, rule {self.entry['id']}, unless")
            found.append(Unless(**context, reason=reason))
        return tuple(found)

    def clause(self) -> tuple[Clause, str]:
        basis = self.one_of("basis", ("statutory", "industry_practice"), "statutory")
        entry = self.entry
        law = entry.get("law")
        if basis == "industry_practice":
            if law is not None or "article" in entry:
                raise self.wrong("basis", "industry practice may not cite a clause")
            return Clause("行业惯例", english="industry practice"), basis
        laws = self.head.get("laws", {})
        if law not in laws:
            raise self.wrong("law", "it must name one of [pack.laws]")
        known = laws[law]
        standing = entry.get("standing", known.get("standing", "U"))
        if standing in ("S", "U") and entry.get("article"):
            raise self.wrong("article", "none may be cited whose standing is S or U")
        return (
            Clause(
                law=known["name"],
                article=entry.get("article", ""),
                excerpt=entry.get("excerpt", ""),
                source=known.get("source", ""),
                checked=known.get("checked"),
                standing=standing,
                english=known.get("english", ""),
            ),
            basis,
        )


def check_scope(**where: str) -> None:
    """Raise UsageError for a product, audience, medium or speaker that no rule knows."""
    for name, value in where.items():
        if value not in _SCOPE[name]:
            raise UsageError(f"There is no {name} {value!r}: use {', '.join(_SCOPE[name])}.")
