"""Hold a text against the rules in force."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from bankft.compliance import context, disguise, suitability
from bankft.compliance.disguise import Reading
from bankft.compliance.matcher import Matcher
from bankft.compliance.pattern import Pattern
from bankft.compliance.rule import VERDICTS, Pack, Rule, Unless, check_scope, load_pack, shipped
from bankft.errors import UsageError
from bankft.lang import LANGUAGES


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Attributes:
        rule: The rule's id.
        clause: Law and article, or the practice that it comes from.
        severity: ``high``, ``medium`` or ``low``.
        verdict: What it means: ``violation``, ``insufficient``, ….
        start: Where the words begin in the raw text.
        end: Where they end; ``start`` where something is missing and nothing in the text asks for it.
        text: The words: ``raw[start:end]``.
        title: What the rule asks, by language.
        held_out: Whether the rule is one never used as a reward.
    """

    rule: str
    clause: str
    severity: str
    verdict: str
    start: int
    end: int
    text: str
    title: Mapping[str, str]
    held_out: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Exempted:
    """Words of a rule that are fine where they stand.

    Attributes:
        rule: The rule's id.
        start: Where the words begin in the raw text.
        end: Where they end.
        text: The words.
        exemption: Its name: ``negation``, ``denial``, ``warning``, ``mention``, ``question``,
            ``customer``, ``other_product``, ``evidence``, ``structured``, or ``unless``.
        reason: Why, by language.
    """

    rule: str
    start: int
    end: int
    text: str
    exemption: str
    reason: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a text. A person decides; this is what the person looks at.

    Attributes:
        verdict: The gravest of the findings' verdicts, or ``ok``. Gravest first: ``violation``,
            ``insufficient`` (something must be known before anyone may say more),
            ``evidence_required``, ``manual_review``, ``advisory``.
        findings: By where they stand.
        exempted: Words that would be findings elsewhere, with the reason.
    """

    verdict: str
    findings: tuple[Finding, ...]
    exempted: tuple[Exempted, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
            "exempted": [exempted.to_dict() for exempted in self.exempted],
        }


PackLike = Pack | Path | str


def check(
    text: str,
    *,
    on: date | None = None,
    language: str = "auto",
    product: str = "public_fund",
    audience: str = "public",
    medium: str = "online",
    speaker: str = "bot",
    investor_class: str | None = None,
    packs: Sequence[PackLike] = (),
    native: bool | None = None,
) -> Judgement:
    """Judge a text by the rules in force on a day.

    Args:
        text: Any text.
        on: The day; None is today.
        language: The language of the answer: ``zh``, ``en``, or ``auto`` (by its characters). It
            decides which disclaimer is asked for; both languages' wording is always looked for.
        product: What it is about: ``public_fund``, ``private_fund``, ``wealth`` (银行理财),
            ``deposit``, ``structured_deposit``, ``insurance``.
        audience: ``public``, ``qualified`` (合格投资者) or ``internal``.
        medium: ``online`` (also a chat in an app), ``paper``, ``video``, ``call``, ``branch``.
        speaker: Who says it: ``bot``, ``staff`` or ``customer``.
        investor_class: ``C1`` to ``C5`` of the client; None is unknown.
        packs: A bank's own packs (`load_pack`) or their paths, beside the shipped ones.
        native: Whether to use the ``fast`` extra; None: where it is installed. The findings are
            the same.

    Raises:
        UsageError: There is no such language, product, audience, medium, speaker or class.
        DataError: A pack is not fine.

    >>> check("本基金稳赚不赔。仅供参考，不构成投资建议。").findings[0].text
    '稳赚不赔'
    >>> check("本基金不保本。仅供参考，不构成投资建议。", product="public_fund").exempted[0].exemption
    'negation'
    """
    check_scope(product=product, audience=audience, medium=medium, speaker=speaker)
    if language != "auto" and language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh, en or auto.")
    if investor_class is not None and investor_class not in suitability.CLASSES:
        raise UsageError(
            f"There is no investor class {investor_class!r}: use {', '.join(suitability.CLASSES)}."
        )
    book = _book(_packs(packs), native)
    # A customer's own words are held against the institution's rules, and then excused.
    rules = _in_force(book, on or date.today(), product, audience, medium, _as_speaker(speaker))
    reading = disguise.read(text)
    findings: list[Finding] = []
    exempted: list[Exempted] = []
    candidates = [
        (book.owners[number], number)
        for number in book.matcher.candidates(reading.text)
        if book.owners[number] in rules
    ]
    _phrases(book, reading, candidates, speaker, findings, exempted)
    if speaker != "customer":
        _missing(book, reading, rules, candidates, language, findings, exempted)
        _offers(book, reading, rules, investor_class, findings)
    findings.sort(key=lambda finding: (finding.start, finding.end, finding.rule))
    verdicts = {finding.verdict for finding in findings}
    return Judgement(
        next((verdict for verdict in VERDICTS if verdict in verdicts), "ok"),
        tuple(findings),
        tuple(sorted(exempted, key=lambda one: (one.start, one.end, one.rule))),
    )


def rules(*, on: date | None = None, packs: Sequence[PackLike] = ()) -> tuple[Rule, ...]:
    """Return the rules, in the packs' order.

    Args:
        on: Only those in force on this day; None: all, whenever in force.
        packs: A bank's own packs or their paths, beside the shipped ones.

    >>> any(rule.held_out for rule in rules())
    True
    """
    return tuple(
        rule for rule in _book(_packs(packs), None).rules if on is None or _in_force_on(rule, on)
    )


def digest(*, packs: Sequence[PackLike] = ()) -> str:
    """Return ``sha256:…`` of the packs in use: the same rules judge in the same way.

    >>> digest()[:7]
    'sha256:'
    """
    import hashlib

    joined = "\n".join(pack.digest for pack in _packs(packs))
    parts = [joined]
    from importlib.resources import files

    for name in ("context", "disguise", "phrases"):
        parts.append(files(__package__).joinpath(f"words/{name}.toml").read_text(encoding="utf-8"))
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _in_force_on(rule: Rule, on: date) -> bool:
    return (rule.start is None or rule.start <= on) and (rule.end is None or on <= rule.end)


def _as_speaker(speaker: str) -> str:
    return "bot" if speaker == "customer" else speaker


@lru_cache(maxsize=32)
def _loaded(path: str, modified: int) -> Pack:
    return load_pack(path)


def _packs(packs: Sequence[PackLike]) -> tuple[Pack, ...]:
    if not packs:
        return shipped()
    own = []
    for pack in packs:
        if isinstance(pack, Pack):
            own.append(pack)
        else:
            path = Path(pack)
            own.append(_loaded(str(path), path.stat().st_mtime_ns if path.exists() else 0))
    return (*shipped(), *own)


@dataclass(frozen=True, eq=False)
class _Book:
    """All rules of some packs, and the matcher of all their patterns."""

    rules: tuple[Rule, ...]
    matcher: Matcher
    owners: tuple[int, ...]  # the rule of each pattern, by number


_books: dict[tuple[tuple[str, ...], bool | None], _Book] = {}


def _book(packs: tuple[Pack, ...], native: bool | None) -> _Book:
    key = (tuple(pack.digest for pack in packs), native)
    if key not in _books:
        if len(_books) > 16:
            _books.clear()
        every = tuple(rule for pack in packs for rule in pack.rules)
        ids = [rule.id for rule in every]
        if len(set(ids)) < len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise UsageError(f"Two packs have a rule {twice!r}: rename the one in your own pack.")
        owned = [(index, p) for index, rule in enumerate(every) for p in rule.patterns]
        _books[key] = _Book(
            every,
            Matcher([pattern for _, pattern in owned], native=native),
            tuple(index for index, _ in owned),
        )
    return _books[key]


@lru_cache(maxsize=256)
def _in_force(
    book: _Book, on: date, product: str, audience: str, medium: str, speaker: str
) -> frozenset[int]:
    return frozenset(
        index
        for index, rule in enumerate(book.rules)
        if rule.applies(on, product=product, audience=audience, medium=medium, speaker=speaker)
    )


def _phrases(
    book: _Book,
    reading: Reading,
    candidates: Iterable[tuple[int, int]],
    speaker: str,
    findings: list[Finding],
    exempted: list[Exempted],
) -> None:
    """Search for the patterns that may match, and see what excuses each match."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for index, number in candidates:
        if book.rules[index].kind == "phrase":
            for match in book.matcher.patterns[number].regex.finditer(reading.text):
                spans.setdefault(index, []).append(match.span())
    for index, found in spans.items():
        rule = book.rules[index]
        taken = 0
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            if end <= taken:
                continue  # inside a longer one of the same rule
            taken = end
            excuse = excused(rule, reading.text, start, end, speaker)
            where = reading.span(start, end)
            if excuse is None:
                findings.append(_finding(rule, reading, *where))
            else:
                words = reading.raw[where[0] : where[1]]
                exempted.append(Exempted(rule.id, *where, words, *excuse))


def excused(
    rule: Rule, text: str, start: int, end: int, speaker: str
) -> tuple[str, Mapping[str, str]] | None:
    """Return the exemption of ``text[start:end]`` and its reason, None where there is none."""
    for unless in rule.unless:
        if _stands(unless, text, start, end):
            return "unless", unless.reason
    name = context.why_exempt(text, start, end, rule.exemptions)
    if name is None and speaker == "customer":
        name = "customer"
    return None if name is None else (name, context.REASONS[name])


def _stands(unless: Unless, text: str, start: int, end: int) -> bool:
    if unless.before is not None:
        window = text[max(0, start - unless.before.width) : start]
        if not any(m.end() == len(window) for m in _endings(unless.before, window)):
            return False
    if unless.after is not None and not unless.after.regex.match(text, end):
        return False
    if unless.near is not None:
        window = text[max(0, start - context.BEFORE) : end + context.AFTER]
        if not unless.near.regex.search(window):
            return False
    return True


def _endings(pattern: Pattern, window: str) -> Iterable[Any]:
    for at in range(len(window)):
        match = pattern.regex.match(window, at)
        if match:
            yield match


def _finding(rule: Rule, reading: Reading, start: int, end: int) -> Finding:
    return Finding(
        rule=rule.id,
        clause=str(rule.clause),
        severity=rule.severity,
        verdict=rule.verdict,
        start=start,
        end=end,
        text=reading.raw[start:end],
        title=rule.title,
        held_out=rule.held_out,
    )


def _missing(
    book: _Book,
    reading: Reading,
    active: frozenset[int],
    candidates: Iterable[tuple[int, int]],
    language: str,
    findings: list[Finding],
    exempted: list[Exempted],
) -> None:
    """Report what must stand there and does not."""
    due: dict[int, list[Pattern]] = {}
    for index, number in candidates:
        due.setdefault(index, []).append(book.matcher.patterns[number])
    structured: bool | None = None
    for index in _of_kind(book, "missing"):
        if index not in active:
            continue
        rule = book.rules[index]
        start, end = len(reading.raw), len(reading.raw)
        if rule.patterns:
            match = next(
                (m for p in due.get(index, ()) if (m := p.regex.search(reading.text))), None
            )
            if match is None or excused(rule, reading.text, *match.span(), "bot") is not None:
                continue
            start, end = reading.span(*match.span())
        if any(_required(pattern, reading.text) for pattern in rule.required):
            continue
        if structured is None:
            structured = _is_structured(reading.raw)
        if structured:
            exempted.append(
                Exempted(rule.id, start, end, reading.raw[start:end], "structured", _STRUCTURED)
            )
        else:
            findings.append(_finding(rule, reading, start, end))


_STRUCTURED = {
    "zh": "这是给程序看的意图与参数，不是给客户的回答",
    "en": "this is intent and parameters for a program, not an answer to a client",
}


def _required(pattern: Pattern, text: str) -> bool:
    return pattern.regex.search(text) is not None


def _is_structured(raw: str) -> bool:
    """Tell whether it is the JSON of an intent and its parameters."""
    if not raw.lstrip().startswith("{"):
        return False
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "intent" in value


@lru_cache(maxsize=64)
def _of_kind(book: _Book, kind: str) -> tuple[int, ...]:
    return tuple(index for index, rule in enumerate(book.rules) if rule.kind == kind)


def _offers(
    book: _Book,
    reading: Reading,
    active: frozenset[int],
    investor_class: str | None,
    findings: list[Finding],
) -> None:
    """Report offers above the class, and offers to a client whose class is not known."""
    kinds = [book.rules[index] for index in _of_kind(book, "suitability") if index in active]
    if not kinds or "r" not in reading.text:
        return
    for offer in suitability.offers(reading.text):
        target = offer.investor_class or investor_class
        if target is None:
            chosen = [
                rule for rule in kinds if rule.verdict == "insufficient" and offer.grade > "R1"
            ]
        elif suitability.suitable(offer.grade, target):
            continue
        else:
            chosen = [rule for rule in kinds if rule.verdict != "insufficient"]
        where = reading.span(offer.start, offer.end)
        findings.extend(_finding(rule, reading, *where) for rule in chosen)
