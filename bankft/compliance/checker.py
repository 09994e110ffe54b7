"""Hold a text against the rules in force."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from bankft.compliance import context, disguise, suitability, tenor
from bankft.compliance.book import Book, PackLike, book_of, in_force, packs_of
from bankft.compliance.disguise import Reading
from bankft.compliance.matcher import Candidates
from bankft.compliance.rule import VERDICTS, Clause, Rule, Unless
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
        end: Where they end; ``start`` where something is missing that nothing in it asks for.
        text: The words: ``raw[start:end]``.
        title: What the rule asks, by language.
        held_out: Whether the rule is one never used as a reward.
        source: The clause with its excerpt and standing; not part of the JSON.
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
    source: Clause | None = None

    def cite(self, language: str) -> str:
        """Return the clause as it is cited in ``zh`` or ``en``.

        >>> check("Zero risk!").findings[0].cite("en")
        'Advertising Law, art. 25(1)'
        """
        return self.clause if self.source is None else self.source.cite(language)

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "source"}


@dataclass(frozen=True, slots=True)
class Exempted:
    """Words of a rule that are fine where they stand.

    Attributes:
        rule: The rule's id.
        start: Where the words begin in the raw text.
        end: Where they end.
        text: The words.
        exemption: Its name: ``negation``, ``denial``, ``warning``, ``mention``, ``question``,
            ``customer``, ``other_product``, ``evidence``, ``tenor``, ``structured``, or ``unless``.
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
        more: How many further words of rules are not listed: at most `MOST` findings and as many
            exemptions are. The verdict counts them all.
    """

    verdict: str
    findings: tuple[Finding, ...]
    exempted: tuple[Exempted, ...]
    more: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON; ``more`` only where something is not listed."""
        found: dict[str, Any] = {
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
            "exempted": [exempted.to_dict() for exempted in self.exempted],
        }
        return found | {"more": self.more} if self.more else found


MOST = 1000  # findings of one text, and exemptions, that are listed


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
    question: str | None = None,
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
        question: What the client asked, if it is known: an answer that begins by agreeing to a
            prohibited promise (保本吗？ 是的。) makes it.
        packs: A bank's own packs (`load_pack`) or their paths, beside the shipped ones.
        native: Whether to use the ``fast`` extra; None: where it is installed. The findings are
            the same.

    Raises:
        UsageError: There is no such language, product, audience, medium, speaker or class.
        DataError: A pack is not fine.

    >>> check("本基金稳赚不赔。仅供参考，不构成投资建议。").findings[0].text
    '稳赚不赔'
    >>> check("本基金不保本。仅供参考，不构成投资建议。").exempted[0].exemption
    'negation'
    """
    if language != "auto" and language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh, en or auto.")
    if investor_class is not None and investor_class not in suitability.CLASSES:
        raise UsageError(
            f"There is no investor class {investor_class!r}: use {', '.join(suitability.CLASSES)}."
        )
    book = book_of(packs, native=native)
    # A customer's own words are held against the institution's rules, and then excused.
    spoken_by = "bot" if speaker == "customer" else speaker
    rules = in_force(book, on or date.today(), product, audience, medium, spoken_by)
    if not rules or not text.strip():
        return Judgement("insufficient", (), ())  # nothing to judge, or nothing to judge it by
    reading = disguise.read(text, native=native)
    rest, kept = book.without_notices(reading.text)
    reading = Reading(text, rest, reading.starts, reading.ends)
    findings: list[Finding] = []
    exempted: list[Exempted] = []
    candidates = book.matcher.candidates(reading.text)
    known: Known = {}
    more = 0
    violated = False
    for index, start, end in book.matches(reading.text, candidates, rules):
        if violated and len(findings) >= MOST:
            more += 1  # nothing graver can be found
            continue
        excuse = excused(book.rules[index], reading.text, start, end, speaker, known)
        where = reading.span(start, end)
        if excuse is None:
            findings.append(finding(book.rules[index], reading, *where))
            violated = violated or book.rules[index].verdict == "violation"
        elif len(exempted) >= MOST:
            more += 1
        else:
            words = text[where[0] : where[1]]
            exempted.append(Exempted(book.rules[index].id, *where, words, *excuse))
    if speaker != "customer" and question:
        findings += _agreed(book, question, text, rules)
    if speaker != "customer":
        _missing(book, reading, candidates, rules, kept, findings, exempted)
        _offers(book, reading, rules, investor_class, findings)
        _said(book, reading, candidates, rules, findings)
    findings.sort(key=lambda one: (one.start, one.end, one.rule))
    if not findings:
        return Judgement("ok", (), tuple(exempted), more)
    verdicts = {one.verdict for one in findings}
    return Judgement(
        next((verdict for verdict in VERDICTS if verdict in verdicts), "ok"),
        tuple(findings),
        tuple(exempted),
        more,
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
        rule
        for rule in book_of(packs).rules
        if on is None
        or ((rule.start is None or rule.start <= on) and (rule.end is None or on <= rule.end))
    )


def digest(*, packs: Sequence[PackLike] = ()) -> str:
    """Return ``sha256:…`` of the packs in use: the same rules judge in the same way.

    >>> digest()[:7]
    'sha256:'
    """
    parts = [pack.digest for pack in packs_of(packs)]
    for name in ("context", "disguise", "en", "phrases", "zh"):
        parts.append(files(__package__).joinpath(f"words/{name}.toml").read_text(encoding="utf-8"))
    parts.append(files(__package__).joinpath("words/tenor.json").read_text(encoding="utf-8"))
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


# What the general exemptions say of a place; rules that share a phrase ask the same.
Known = dict[tuple[int, int, frozenset[str]], str | None]


def excused(
    rule: Rule, text: str, start: int, end: int, speaker: str, known: Known | None = None
) -> tuple[str, Mapping[str, str]] | None:
    """Return the exemption of ``text[start:end]`` and its reason, None where there is none."""
    key = (start, end, rule.exemptions)
    if known is not None and key in known:
        name = known[key]
    else:
        name = context.why_exempt(text, start, end, rule.exemptions)
        if known is not None:
            known[key] = name
    if name == "tenor" and (rule.kind != "phrase" or rule.verdict != "violation"):
        name = None  # only violations are weighed
    if name is None:
        for unless in rule.unless:
            if _stands(unless, text, start, end):
                return "unless", unless.reason
        if speaker == "customer":
            name = "customer"
    return None if name is None else (name, context.REASONS[name])


def _stands(unless: Unless, text: str, start: int, end: int) -> bool:
    if unless.before:
        begin = max(0, start - 40)
        if not any(p.ending.search(text, begin, start) for p in unless.before):
            return False
    if unless.after and not any(p.regex.match(text, end) for p in unless.after):
        return False
    if unless.near:
        begin, stop = max(0, start - context.BEFORE), end + context.AFTER
        if not any(p.regex.search(text, begin, stop) for p in unless.near):
            return False
    return True


def finding(rule: Rule, reading: Reading, start: int, end: int, *, base: int = 0) -> Finding:
    """Return the finding of a rule at a place of the reading's raw text, which begins at base."""
    return Finding(
        rule=rule.id,
        clause=str(rule.clause),
        severity=rule.severity,
        verdict=rule.verdict,
        start=base + start,
        end=base + end,
        text=reading.raw[start:end],
        title=rule.title,
        held_out=rule.held_out,
        source=rule.clause,
    )


def _said(
    book: Book,
    reading: Reading,
    candidates: Candidates,
    rules: frozenset[int],
    findings: list[Finding],
) -> None:
    """Report the sentences that say as a whole what no phrase of theirs was found to say."""
    sentences = tenor.said(reading.text, native=book.matcher.native)
    if not sentences or _is_structured(reading.raw):
        return
    others = frozenset(range(len(book.rules))) - rules
    elsewhere = book.matches(reading.text, candidates, others)
    for sentence in sentences:
        where = reading.span(sentence.start, sentence.end)
        inside = [one for one in findings if where[0] <= one.start < one.end <= where[1]]
        if any(
            # What is most of the sentence says already how grave it is.
            one.verdict == "violation" or 2 * (one.end - one.start) >= where[1] - where[0]
            for one in inside
            if not one.rule.startswith("missing-")
        ):
            continue
        lawful = {
            at
            for _, start, end in elsewhere
            if sentence.start <= start < end <= sentence.end
            for at in range(start, end)
        }
        if 2 * len(lawful) >= sentence.end - sentence.start:
            continue  # it is what a rule forbids that does not apply here, or not on this day
        in_force = {book.rules[index].id: book.rules[index] for index in rules}
        if (
            rule := next((in_force[id] for id in sentence.rules if id in in_force), None)
        ) is not None:
            findings.append(finding(rule, reading, *where))


_ASSENT = re.compile(
    "\\s*(?:(?:是|对|会|能|可以|保|没错|不错|当然|肯定|确实|的确|必须)(?:的|是|保|能|会|啊|呀|哦)*"
    "|(?:yes|yeah|yep|sure|right|correct|absolutely|definitely|certainly|of course|indeed|exactly)"
    "(?:,? (?:it is|it does|you are|indeed|sure|absolutely))?)(?=[\\s,.!?，。！;；]|$)",
    re.IGNORECASE,
)


def _agreed(book: Book, question: str, answer: str, rules: frozenset[int]) -> list[Finding]:
    """Report an answer that begins by agreeing to what no one may promise."""
    assent = _ASSENT.match(answer)
    if assent is None:
        return []
    asked = question.rstrip(" 。.?？!！\n") + "？"
    native = book.matcher.native
    reading = disguise.read(asked + answer[: context.AFTER], native=native)
    length = len(disguise.read(asked, native=native).text)
    candidates = book.matcher.candidates(reading.text)
    whole = Reading(answer, answer)
    begin = len(answer) - len(answer.lstrip())
    found: dict[int, Finding] = {}
    for index, start, end in book.matches(reading.text, candidates, rules):
        rule = book.rules[index]
        if start < length and excused(rule, reading.text, start, end, "bot") is None:
            found[index] = finding(rule, whole, begin, assent.end())
    return list(found.values())


def _missing(
    book: Book,
    reading: Reading,
    candidates: Candidates,
    rules: frozenset[int],
    kept: frozenset[int],
    findings: list[Finding],
    exempted: list[Exempted],
) -> None:
    """Report what must stand there and does not."""
    text = reading.text
    kept = book.kept(text, candidates, kept)
    structured: bool | None = None
    for index in book.missing:
        if index not in rules or index in kept:
            continue
        rule = book.rules[index]
        start = end = len(reading.raw)
        if rule.patterns:
            spans = sorted(book.spans(text, candidates, index))
            due = next((span for span in spans if not excused(rule, text, *span, "bot")), None)
            if due is None:
                continue
            start, end = reading.span(*due)
        if structured is None:
            structured = _is_structured(reading.raw)
        if structured:
            words = reading.raw[start:end]
            exempted.append(Exempted(rule.id, start, end, words, "structured", _STRUCTURED))
        else:
            findings.append(finding(rule, reading, start, end))


_STRUCTURED = {
    "zh": "这是给程序看的意图与参数，不是给客户的回答",
    "en": "this is intent and parameters for a program, not an answer to a client",
}


def _is_structured(raw: str) -> bool:
    """Tell whether it is the JSON of an intent and its parameters."""
    if not raw.lstrip().startswith("{"):
        return False
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "intent" in value


def _offers(
    book: Book,
    reading: Reading,
    rules: frozenset[int],
    investor_class: str | None,
    findings: list[Finding],
) -> None:
    """Report offers above the class, and offers to a client whose class is not known."""
    offers = list(suitability.offers(reading.text))
    if not offers:  # as in most answers
        return
    graded = [book.rules[index] for index in book.graded if index in rules]
    for offer in offers:
        target = offer.investor_class or investor_class
        unknown = target is None
        if unknown and offer.grade == "R1":
            continue  # every class may buy it
        if target is not None and suitability.suitable(offer.grade, target):
            continue
        where = reading.span(offer.start, offer.end)
        findings.extend(
            finding(rule, reading, *where)
            for rule in graded
            if (rule.verdict == "insufficient") == unknown
        )
