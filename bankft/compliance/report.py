"""A report on a set of answers: one page that a person reads, signs and files.

The page stands by itself: no script, nothing from another host, light and dark, screen and
paper. The same answers and rules give the same bytes. What it shows of an answer is escaped, so
an answer cannot act on the page; the table can be opened in a spreadsheet without its cells
being run as formulas.
"""

import csv
import io
import itertools
import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.resources import files
from string import Template
from typing import TypeVar

from bankft.compliance.book import PackLike, packs_of
from bankft.compliance.checker import Exempted, Finding, Judgement, digest, rules
from bankft.compliance.rule import Clause, Rule
from bankft.errors import UsageError
from bankft.lang import LANGUAGES
from bankft.rates import trials_needed, upper_bound, wilson

WORDS = tomllib.loads(files(__package__).joinpath("report.toml").read_text(encoding="utf-8"))
LIMIT = 0.001  # the violation rate that the course sets out to reach: 0.1 %
_ALIGNED = {"answers": "n", "share": "n", "findings": "n", "rules_count": "n", "bar": "bar"}
_OPEN = ("insufficient", "evidence_required", "manual_review")


@dataclass(frozen=True)
class Answer:
    """An answer and what the rules say of it.

    Attributes:
        line: Where it stands in its file, from 1.
        text: As it was judged.
        judgement: What `check` returned for this very text.
        hidden: ``(start, end, label)`` of personal data, in order and without overlaps; the
            label is shown in its place.
    """

    line: int
    text: str
    judgement: Judgement
    hidden: tuple[tuple[int, int, str], ...] = ()


def render_report(
    answers: Sequence[Answer],
    *,
    on: date,
    language: str = "zh",
    name: str = "",
    packs: Sequence[PackLike] = (),
    most: int = 200,
) -> str:
    """Return the report on a set of answers as one HTML page.

    Args:
        answers: judged by the rules of ``on``, at least one.
        on: the day whose rules were applied.
        language: of the page: ``zh`` or ``en``.
        name: what was judged, such as the file's name.
        packs: a bank's own packs that were used beside the shipped ones.
        most: how many answers are shown word for word in each part; the table of
            `findings_table` has all.

    Raises:
        UsageError: no answers, or no such language.

    >>> from bankft.compliance import check
    >>> text = "本基金保本。"
    >>> page = render_report([Answer(1, text, check(text))], on=date(2026, 10, 1))
    >>> "<mark>保本</mark>" in page
    True
    """
    if not answers:
        raise UsageError("There is no answer to report on: the file is empty.")
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh or en.")
    page = _Page(answers, on, language, name, packs, most)
    template = Template(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    return template.substitute(
        lang="zh-CN" if language == "zh" else "en",
        title=escape(page.say("title")),
        body="\n".join(page.parts()),
    )


def findings_table(answers: Iterable[Answer], *, language: str = "zh") -> str:
    """Return all findings as CSV: a row a finding, and one for an answer without any.

    It opens in a spreadsheet as it is: it begins with a byte order mark, lines end in CRLF, and
    what would be run as a formula gets an apostrophe before it (OWASP, "CSV injection").

    >>> from bankft.compliance import check
    >>> text = "=1+1 稳赚不赔。"
    >>> "'=1+1" in findings_table([Answer(1, text, check(text))])
    True
    """
    words = WORDS[language]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(words["columns"])
    for answer in answers:
        shown, verdict = _hide(answer, 0, len(answer.text)), words[answer.judgement.verdict]
        for one in answer.judgement.findings:
            row = [
                one.rule,
                one.title[language],
                one.cite(language),
                words[one.severity],
                words[one.verdict],
                words["yes" if one.held_out else "no"],
                one.start,
                one.end,
                _hide(answer, one.start, one.end),
            ]
            table.writerow([answer.line, verdict, *map(_cell, row), _cell(shown)])
        if not answer.judgement.findings:
            table.writerow([answer.line, verdict, *[""] * 9, _cell(shown)])
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> object:
    """Keep a spreadsheet from running a text as a formula."""
    if not isinstance(value, str):
        return value
    text = _visible(value)
    formula = text.lstrip().startswith(tuple("=+-@＝＋－＠")) or text.startswith("\t")
    return f"'{text}" if formula else text


def _hide(answer: Answer, start: int, end: int) -> str:
    """Return ``text[start:end]`` with the labels of hidden parts in their place."""
    out, at = [], start
    for begin, stop, label in answer.hidden:
        if stop > start and begin < end:
            out += [answer.text[at : max(at, begin)], label]
            at = max(at, stop)
    return "".join([*out, answer.text[at:end]])


class _Page:
    """The parts of one report."""

    def __init__(
        self,
        answers: Sequence[Answer],
        on: date,
        language: str,
        name: str,
        packs: Sequence[PackLike],
        most: int,
    ) -> None:
        self.answers, self.on, self.language = answers, on, language
        self.name, self.packs, self.most = name, packs, most
        self.rules = {rule.id: rule for rule in rules(packs=packs)}

    def say(self, key: str, **values: object) -> str:
        """Return the page's own words, with values filled in; nothing is escaped."""
        return str(WORDS[self.language][key]).format(**values)

    def tell(self, key: str, **values: object) -> str:
        """Return the page's own words as a paragraph."""
        return f"<p>{escape(self.say(key, **values))}</p>"

    def parts(self) -> Iterator[str]:
        yield self.head()
        yield self.cards()
        yield from self.by_rule("by_clause", lambda rule: not rule.held_out)
        yield from self.by_rule("held_out", lambda rule: rule.held_out)
        grave = [one for one in self.answers if one.judgement.verdict == "violation"]
        yield from self.listed("violations", grave)
        for verdict in _OPEN:
            yield from self.listed(
                verdict + "_list", [a for a in self.answers if a.judgement.verdict == verdict]
            )
        yield from self.exemptions()
        yield from self.sources()
        yield self.sign_off()

    def head(self) -> str:
        named = f" · {escape(_visible(self.name))}" if self.name else ""
        about = self.say(
            "about",
            on=self.on.isoformat(),
            n=f"{len(self.answers):,}",
            distinct=f"{len({answer.text for answer in self.answers}):,}",
        )
        return (
            f"<h1>{escape(self.say('title'))}</h1>\n"
            f'<p class="muted">{escape(about)}{named}</p>\n'
            f'<p class="note">{escape(self.say("human"))}</p>'
        )

    def cards(self) -> str:
        n = len(self.answers)
        count = Counter(answer.judgement.verdict for answer in self.answers)
        k = count["violation"]
        low, high = wilson(k, n)
        bound, needed = upper_bound(k, n), trials_needed(LIMIT)
        cards = [
            (self.say("rate"), _percent(k / n), self.say("of", k=f"{k:,}", n=f"{n:,}")),
            (self.say("interval"), f"{_percent(low)} – {_percent(high)}", self.say("wilson")),
            (self.say("bound"), "≤ " + _percent(bound, up=True), self.say("exact")),
            (
                self.say("open"),
                f"{sum(count[verdict] for verdict in _OPEN):,}",
                self.say("open_note"),
            ),
        ]
        claim = "claim_holds" if bound <= LIMIT else "claim_zero" if k == 0 else "claim_not"
        rows = [
            f'<tr><td>{self.tag(verdict)}</td><td class="n">{count[verdict]:,}</td>'
            f'<td class="n">{_percent(count[verdict] / n)}</td></tr>'
            for verdict in ("violation", *_OPEN, "advisory", "ok")
        ]
        return (
            '<div class="cards">'
            + "".join(
                f'<div class="card"><small>{escape(a)}</small><strong>{escape(b)}</strong>'
                f"<small>{escape(c)}</small></div>"
                for a, b, c in cards
            )
            + "</div>\n"
            + self.tell(claim, limit="0.1%", needed=f"{needed:,}", n=f"{n:,}")
            + self.tell("independent")
            + self.table(["verdict", "answers", "share"], rows, kind="narrow")
        )

    def by_rule(self, title: str, wanted: Callable[[Rule], bool]) -> Iterator[str]:
        yield f"<h2>{escape(self.say(title))}</h2>{self.tell(title + '_note')}"
        found: Counter[str] = Counter()
        answers: Counter[str] = Counter()
        by_id: dict[str, Finding] = {}
        for answer in self.answers:
            mine = [f for f in answer.judgement.findings if wanted(self.rules[f.rule])]
            found.update(finding.rule for finding in mine)
            answers.update({finding.rule for finding in mine})
            by_id.update({finding.rule: finding for finding in mine})
        if not found:
            yield self.tell("none")
            return
        most = max(answers.values())
        rows = []
        for rule, number in sorted(answers.items(), key=lambda pair: (-pair[1], pair[0])):
            one = by_id[rule]
            rows.append(
                f"<tr><td>{escape(one.title[self.language])}<br><small>{self.clause(one)} · "
                f"<code>{escape(rule)}</code></small></td>"
                f"<td>{escape(self.say(one.severity))}</td><td>{self.tag(one.verdict)}</td>"
                f"{self.number('findings', found[rule])}{self.number('answers', number)}"
                f'<td class="bar">{_bar(number / most, one.verdict)}</td></tr>'
            )
        columns = ["rule", "severity", "verdict", "findings", "answers", "bar"]
        yield self.table(columns, rows, kind="rules")

    def listed(self, title: str, answers: Sequence[Answer]) -> Iterator[str]:
        yield f"<h2>{escape(self.say(title))} · {len(answers):,}</h2>"
        if not answers:
            yield self.tell("none")
            return
        for answer in answers[: self.most]:
            yield self.article(answer)
        if len(answers) > self.most:
            yield self.tell("more", n=f"{len(answers) - self.most:,}")

    def article(self, answer: Answer) -> str:
        lines = "".join(
            f"<li>{self.quoted(answer, *place)}"
            + "<br>".join(
                f"{escape(one.title[self.language])}<br><small>{self.clause(one)} · "
                f"<code>{escape(one.rule)}</code> · {escape(self.say(one.severity))} · "
                f"{escape(self.say(one.verdict))}"
                + (f" · {escape(self.say('never_reward'))}" if one.held_out else "")
                + "</small>"
                for one in found
            )
            + "</li>"
            for place, found in _by_place(answer.judgement.findings)
        )
        lines += "".join(
            f'<li class="muted">{self.quoted(answer, *place)}'
            + "; ".join(
                dict.fromkeys(
                    escape(self.say("exempt", reason=one.reason[self.language])) for one in found
                )
            )
            + f"<br><small>{', '.join(f'<code>{escape(one.rule)}</code>' for one in found)}"
            "</small></li>"
            for place, found in _by_place(answer.judgement.exempted)
        )
        return (
            f"<article><header><span>{escape(self.say('line', line=answer.line))}</span>"
            f"{self.tag(answer.judgement.verdict)}</header>"
            f'<div class="text">{_marked(answer)}</div><ul>{lines}</ul></article>'
        )

    def quoted(self, answer: Answer, start: int, end: int) -> str:
        if start == end:
            return ""
        return f"“{escape(_visible(_hide(answer, start, end)))}” "

    def clause(self, one: Finding) -> str:
        """Return a finding's clause in the page's language."""
        if self.rules[one.rule].basis != "statutory":
            return escape(self.say("practice"))
        return self.cited(self.rules[one.rule])

    def cited(self, rule: Rule) -> str:
        """Return a rule's clause; on an English page the Chinese name explains the English one."""
        clause = rule.clause
        chinese = f'<span lang="zh-CN">{escape(str(clause))}</span>'
        if self.language == "zh" or not clause.english:
            return chinese
        return f'<span title="{escape(str(clause))}">{escape(clause.cite(self.language))}</span>'

    def original(self, name: str, clause: Clause) -> str:
        """Return the law's own name where the page cites it in English."""
        if self.language == "zh" or not clause.english:
            return ""
        return f'<br><span lang="zh-CN">{escape(name)}</span>'

    def number(self, column: str, value: int) -> str:
        label = escape(self.say("column_" + column))
        return f'<td class="n" data-label="{label}">{value:,}</td>'

    def exemptions(self) -> Iterator[str]:
        """Show what was let pass, and why, in the answers that are not shown above."""
        passed = [
            answer
            for answer in self.answers
            if answer.judgement.exempted and answer.judgement.verdict in ("ok", "advisory")
        ]
        yield from self.listed("exempted_list", passed)

    def sources(self) -> Iterator[str]:
        used = {f.rule for answer in self.answers for f in answer.judgement.findings}
        clauses: dict[str, Rule] = {}
        for rule in self.rules.values():
            if rule.id in used and rule.basis == "statutory":
                clauses.setdefault(str(rule.clause), rule)
        rows = []
        for name, rule in sorted(clauses.items()):
            clause = rule.clause
            checked = clause.checked.isoformat() if clause.checked else ""
            rows.append(
                f"<tr><td>{self.cited(rule)}{self.original(name, clause)}<br>"
                f'<small><span lang="zh-CN">{escape(clause.excerpt)}</span></small></td>'
                f'<td><small>{escape(clause.source)}</small></td><td class="day">{checked}</td>'
                f"<td>{escape(self.say('standing_' + (clause.standing or 'U')))}</td></tr>"
            )
        yield f"<h2>{escape(self.say('clauses'))}</h2>{self.tell('clauses_note')}"
        if rows:
            yield self.table(["clause", "source", "checked", "standing"], rows)
        else:
            yield self.tell("none")
        rows = [
            f"<tr><td>{escape(pack.title[self.language])}<br><small><code>{escape(pack.id)}</code>"
            f'</small></td><td>{escape(pack.version)}</td><td class="n">{len(pack.rules):,}</td>'
            f"<td><code>{escape(pack.digest)}</code></td></tr>"
            for pack in packs_of(self.packs)
        ]
        yield f"<h2>{escape(self.say('packs'))}</h2>"
        yield self.table(["pack", "version", "rules_count", "digest"], rows)
        whole = escape(digest(packs=self.packs))
        yield f"<p>{escape(self.say('whole', on=self.on.isoformat()))}<br><code>{whole}</code></p>"

    def sign_off(self) -> str:
        lines = "".join(f"<div>{escape(self.say(key))}</div>" for key in ("who", "when", "sign"))
        return (
            f"<h2>{escape(self.say('sign_off'))}</h2>{self.tell('sign_off_note')}"
            f'<div class="box">{escape(self.say("conclusion"))}</div>'
            f'<div class="sign">{lines}</div>'
        )

    def tag(self, verdict: str) -> str:
        kind = "open" if verdict in _OPEN else verdict
        return f'<span class="tag {kind}">{escape(self.say(verdict))}</span>'

    def table(self, columns: Sequence[str], rows: Iterable[str], *, kind: str = "") -> str:
        heads = "".join(
            f'<th scope="col" class="{_ALIGNED.get(key, "")}">'
            f"{escape(self.say('column_' + key))}</th>"
            for key in columns
        )
        return (
            f'<div class="wide"><table class="{kind}"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>"
        )


_Found = TypeVar("_Found", Finding, Exempted)


def _by_place(found: Sequence[_Found]) -> list[tuple[tuple[int, int], list[_Found]]]:
    """Put together what several rules found in the same words."""
    places: dict[tuple[int, int], list[_Found]] = {}
    for one in found:
        places.setdefault((one.start, one.end), []).append(one)
    return list(places.items())


def _marked(answer: Answer) -> str:
    """Return an answer as HTML: escaped, its findings marked, its hidden parts covered."""
    findings = [f for f in answer.judgement.findings if f.start < f.end]
    exempted = [e for e in answer.judgement.exempted if e.start < e.end]
    edges = {0, len(answer.text)}
    edges |= {edge for f in findings for edge in (f.start, f.end)}
    edges |= {edge for e in exempted for edge in (e.start, e.end)}
    for start, end, _ in answer.hidden:
        edges |= {start, end}
    places = sorted(edges)
    out: list[str] = []
    for start, end in itertools.pairwise(places):
        label = next((lab for s, e, lab in answer.hidden if s <= start < e), None)
        begins = any(s == start for s, _, _ in answer.hidden)
        if label is not None:
            words = f'<span class="hidden">{escape(label)}</span>' if begins else ""
        else:
            words = escape(_visible(answer.text[start:end]))
        over = [f for f in findings if f.start <= start and end <= f.end]
        if any(f.verdict == "violation" for f in over):
            words = f"<mark>{words}</mark>" if words else ""
        elif over:
            words = f'<mark class="open">{words}</mark>' if words else ""
        elif any(e.start <= start and end <= e.end for e in exempted):
            words = f'<mark class="fine">{words}</mark>' if words else ""
        out.append(words)
    return "".join(out).replace("</mark><mark>", "")


def _visible(text: str) -> str:
    """Show control and direction characters as marks: they must not turn the page's text round."""
    return "".join(f"⟨U+{ord(char):04X}⟩" if _unseen(char) else char for char in text)


def _unseen(char: str) -> bool:
    code = ord(char)
    control = code < 0x20 and char not in "\n\t"
    return (
        control
        or 0x7F <= code < 0xA0
        or 0x200B <= code <= 0x200F
        or 0x202A <= code <= 0x202E
        or 0x2060 <= code <= 0x2069
        or code in (0xFEFF, 0xFFFE, 0xFFFF)
        or 0xD800 <= code <= 0xDFFF
    )


def _percent(rate: float, *, up: bool = False) -> str:
    """Write a rate; a bound is rounded up, or it would claim more than is known."""
    digits = 2 if rate < 0.1 else 1
    scaled = rate * 100 * 10**digits
    return f"{(math.ceil(scaled - 1e-9) if up else round(scaled)) / 10**digits:.{digits}f}%"


def _bar(share: float, verdict: str) -> str:
    colour = "var(--bad)" if verdict == "violation" else "var(--warn)"
    return (
        '<svg aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 10">'
        f'<rect width="{100 * share:.1f}" height="10" rx="1.5" fill="{colour}" '
        'fill-opacity=".7"/></svg>'
    )
