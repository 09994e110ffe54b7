"""A report on one or several runs: one page that stands by itself, on a screen and on paper.

No script, nothing from another host; light, dark and print. What it shows of a question or an
answer is escaped, and personal data in it stand as tokens (`bankft.data.redact`): the page may go
to people who must not see the run's folder. Each figure is a link to the answers that it is made
of, by their id in ``answers.jsonl``; ids whose answer stands on the page lead on to it.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import pairwise
from string import Template
from typing import Any

from bankft.data import Tokens, redact
from bankft.errors import UsageError
from bankft.evals.comparison import compare_runs, less_is_better
from bankft.evals.folder import Answer, Grade, Run
from bankft.evals.summary import confidence_of, is_right, summarise, value_of
from bankft.lang import LANGUAGES
from bankft.rates import trials_needed

LIMIT = 0.001  # the violation rate that the course sets out to reach: 0.1 %
_IDS = 400  # listed for a figure; the file has all
_BINS = 10  # of `calibration`


def render_runs(
    runs: Sequence[Run], *, language: str = "zh", confidence: float = 0.95, worst: int = 20
) -> str:
    """Return the report on runs as one HTML page.

    Args:
        runs: of `read_run`, from the oldest model to the newest; neighbours are compared.
        language: of the page: ``zh`` or ``en``.
        confidence: of intervals and bounds.
        worst: how many worst cases are shown side by side.

    Raises:
        UsageError: no runs, two of one name, or no such language.
    """
    if not runs:
        raise UsageError("There is no run to report on.")
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh or en.")
    if len({run.name for run in runs}) < len(runs):
        raise UsageError("Two of the runs have one name: rename one of their folders.")
    page = _Page(runs, language, confidence, worst)
    template = Template(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    return template.substitute(
        lang="zh-CN" if language == "zh" else "en",
        title=escape(page.say("title")),
        body="\n".join(page.parts()),
    )


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("report.toml").read_text(encoding="utf-8"))


class _Page:
    """The parts of one report."""

    def __init__(self, runs: Sequence[Run], language: str, confidence: float, worst: int) -> None:
        self.runs, self.language, self.confidence, self.worst = runs, language, confidence, worst
        self.words = _words()[language]
        self.figures = [summarise(run, confidence=confidence) for run in runs]
        self.cited: set[tuple[int, str]] = set()
        self.cases: set[str] = set()  # the anchors of the answers that stand on the page

    def say(self, key: str, **values: object) -> str:
        return str(self.words[key]).format(**values)

    def tell(self, key: str, kind: str = "", **values: object) -> str:
        return f'<p class="{kind}">{escape(self.say(key, **values))}</p>'

    def name(self, metric: str) -> str:
        """Return what a figure is called; a grader by its own name."""
        return str(self.words["names"].get(metric, metric))

    def parts(self) -> Iterator[str]:
        yield f"<h1>{escape(self.say('title'))}</h1>"
        yield self.head()
        yield from self.table_of_figures()
        for before, after in pairwise(range(len(self.runs))):
            yield from self.comparison(before, after)
        yield from self.attributes()
        yield from self.calibrations()
        yield from self.worst_cases()
        yield from self.traces()
        yield f"<h2>{escape(self.say('files'))}</h2>{self.tell('files_note', 'muted')}"

    def head(self) -> str:
        rows: list[str] = []
        for run, one in zip(self.runs, self.figures, strict=True):
            sampling = {**run.about["sampling"], "samples": run.about["samples"]}
            host = run.about.get("host", {}).get("base_model", "")
            prints = ", ".join([*one["fingerprints"], host]).strip(", ")
            by = ", ".join(f"{model} ({n:,})" for model, n in one.get("answered_by", {}).items())
            behind = f"<br><small>{escape(by)}</small>" if by else ""
            errors = f"{one['errors']:,}"
            if one["errors"]:
                errors = f'<a href="#{self.cite(len(rows), "errors")}">{errors}</a>'
            rows.append(
                f"<tr><td>{escape(run.name)}</td><td>{escape(run.model)}{behind}</td>"
                f"<td>{escape(self.say('settings', **sampling))}</td>"
                f"<td><code>{escape(prints)}</code></td>"
                f"<td>{escape(one['data']['name'])}<br><code>{one['data']['sha256'][:12]}</code></td>"
                f'<td class="n">{one["answers"]:,}</td><td class="n">{one["questions"]:,}</td>'
                f'<td class="n">{errors}</td></tr>'
            )
        heads = ["", "model", "sampling", "digest", "data", "answers", "questions", "errors"]
        return self.table(heads, rows)

    # -- Figures -----------------------------------------------------------------------------------

    def table_of_figures(self) -> Iterator[str]:
        yield f'<h2 id="figures">{escape(self.say("figures"))}</h2>'
        yield self.tell("figures_note", "muted")
        rows = []
        for name in self.metric_names():
            for n, (run, summary) in enumerate(zip(self.runs, self.figures, strict=True)):
                figure = _figure(summary, name)
                if figure is None:
                    continue
                rows.append(self.figure_row(n, run, name, figure))
        for name in ("perplexity", "p50", "p90", "p99", "use"):
            for n, (run, summary) in enumerate(zip(self.runs, self.figures, strict=True)):
                if (value := _number(summary, name)) is not None:
                    link = f'<a href="#{self.cite(n, _MADE_OF.get(name, name))}">{{}}</a>'
                    source = f"{summary['answers']:,}"
                    rows.append(
                        f"<tr><td>{escape(self.name(name))}</td><td>{escape(run.name)}</td>"
                        f'<td class="n">{link.format(escape(_shown(name, value)))}</td>'
                        f"<td></td><td></td><td>{link.format(source)}</td></tr>"
                    )
        heads = ["figure", "", "value", "interval", "", "from"]
        yield self.table(heads, rows)
        for run, summary in zip(self.runs, self.figures, strict=True):
            if "violations" not in summary:
                continue
            one = summary["violations"]
            needed = trials_needed(LIMIT, confidence=self.confidence)
            holds = one["upper"] <= LIMIT
            said = self.say(
                "claim_holds" if holds else "claim_not",
                confidence=f"{self.confidence:.0%}",
                upper=_percent(one["upper"], up=True),
                needed=f"{needed:,}",
            )
            kind = "good" if holds else "bad"
            yield f'<p class="note {kind}"><b>{escape(run.name)}</b>: {escape(said)}</p>'

    def metric_names(self) -> list[str]:
        names: dict[str, None] = {"violation": None}
        for summary in self.figures:
            names.update(dict.fromkeys(summary.get("metrics", {})))
        return list(names)

    def figure_row(self, n: int, run: Run, name: str, figure: Mapping[str, Any]) -> str:
        low, high, value = figure["low"], figure["high"], figure["value"]
        if figure["kind"] == "rate":
            source = self.say("hits_of", k=f"{figure['hits']:,}", n=f"{figure['answers']:,}")
            shown, ends = _percent(value), f"{_percent(low)} – {_percent(high)}"
        else:
            source = f"{figure['answers']:,}"
            shown = f"{value:.3f}"
            ends = "" if low is None else f"{low:.3f} – {high:.3f}"
        if name == "violation":
            bound = _percent(figure["upper"], up=True)
            ends += f"<br><small>{escape(self.say('bound'))} ≤ {bound}</small>"
        link = f'<a href="#{self.cite(n, name)}">{{}}</a>'
        return (
            f"<tr><td>{escape(self.name(name))}</td><td>{escape(run.name)}</td>"
            f'<td class="n">{link.format(escape(shown))}</td><td class="n">{ends}</td>'
            f'<td class="chart">{_interval(low, value, high, n)}</td>'
            f"<td>{link.format(escape(source))} · {figure['questions']:,} "
            f"{escape(self.say('asked'))}</td></tr>"
        )

    def cite(self, n: int, name: str) -> str:
        """Return the anchor of the answers behind a figure, and see that they are listed."""
        self.cited.add((n, name))
        return f"from-{n}-{_slug(name)}"

    def comparison(self, before: int, after: int) -> Iterator[str]:
        a, b = self.runs[before], self.runs[after]
        found = compare_runs(a, b, confidence=self.confidence)
        yield f"<h2>{escape(self.say('compare', a=a.name, b=b.name))}</h2>"
        yield self.tell("compare_note", "muted")
        rows = []
        for one in found.moved:
            change = one.difference
            ends = f"{change.low:+.4f} – {change.high:+.4f}"
            old, new = self.cite(before, one.name), self.cite(after, one.name)
            verdict = escape(self.say(one.direction))
            rows.append(
                f"<tr><td>{escape(self.name(one.name))}</td>"
                f'<td class="n"><a href="#{old}">{change.before:.4f}</a></td>'
                f'<td class="n"><a href="#{new}">{change.after:.4f}</a></td>'
                f'<td class="n">{change.value:+.4f}</td><td class="n">{ends}</td>'
                f'<td class="n">{one.p:.3g}</td>'
                f'<td><span class="tag {one.direction}">{verdict}</span></td>'
                f'<td class="n">{change.questions:,}</td></tr>'
            )
        heads = [
            "figure",
            "before",
            "after",
            "difference",
            "interval",
            "p",
            "direction",
            "questions",
        ]
        yield self.table(heads, rows)

    def attributes(self) -> Iterator[str]:
        names = sorted({name for one in self.figures for name in one.get("by_attribute", {})})
        if not names:
            return
        yield f"<h2>{escape(self.say('by_attribute'))}</h2>"
        rows = []
        for name in names:
            for n, (run, summary) in enumerate(zip(self.runs, self.figures, strict=True)):
                if one := summary.get("by_attribute", {}).get(name):
                    anchor = self.cite(n, f"attribute:{name}")
                    low, high = one["low"], one["high"]
                    hits = self.say("hits_of", k=f"{one['hits']:,}", n=f"{one['answers']:,}")
                    rows.append(
                        f"<tr><td>{escape(name)}</td><td>{escape(run.name)}</td>"
                        f'<td class="n"><a href="#{anchor}">{_percent(one["value"])}</a></td>'
                        f'<td class="n">{_percent(one["low"])} – {_percent(one["high"])}</td>'
                        f'<td class="chart">{_interval(low, one["value"], high, n)}</td>'
                        f"<td>{escape(hits)}</td></tr>"
                    )
        yield self.table(["attribute", "", "value", "interval", "", "from"], rows)

    def calibrations(self) -> Iterator[str]:
        for n, (run, summary) in enumerate(zip(self.runs, self.figures, strict=True)):
            if (one := summary.get("calibration")) is None:
                continue
            yield f"<h2>{escape(self.say('calibration'))} · {escape(run.name)}</h2>"
            ece, brier = f"{one['ece']:.3f}", f"{one['brier']:.3f}"
            yield self.tell("calibration_note", "muted", ece=ece, brier=brier)
            rows = []
            for bin in one["bins"]:
                place = self.cite(n, f"confidence:{bin['low']:g}")
                rows.append(
                    f'<tr><td class="n">{_percent(bin["confidence"])}</td>'
                    f'<td class="n"><a href="#{place}">{_percent(bin["right"])}</a></td>'
                    f'<td class="chart">{_gap(bin)}</td>'
                    f'<td class="n"><a href="#{place}">{bin["answers"]:,}</a></td></tr>'
                )
            yield self.table(["confidence_head", "right", "", "answers"], rows)

    # -- Cases -------------------------------------------------------------------------------------

    def worst_cases(self) -> Iterator[str]:
        yield f"<h2>{escape(self.say('worst'))}</h2>{self.tell('worst_note', 'muted')}"
        last = self.runs[-1]
        order = sorted(
            (answer for answer in last.answers.values() if answer.error is None),
            key=lambda answer: (
                *_badness(last.grades[answer.id], self._first(answer)),
                answer.question,
            ),
        )
        for answer in order[: self.worst]:
            yield self.case(answer)

    def _first(self, answer: Answer) -> Grade | None:
        """Return the grade that the first run has for the same question, if it asked it."""
        if len(self.runs) == 1:
            return None
        found = self._same(self.runs[0], answer)
        return None if found is None else self.runs[0].grades[found.id]

    def _same(self, run: Run, answer: Answer) -> Answer | None:
        """Return a run's answer to the question of another run's, by the messages sent."""
        wanted = self.runs[-1].questions[answer.question].messages
        there = run.questions.get(answer.question)
        if there is None or there.messages != wanted:
            return None
        found = run.answers.get(f"q{answer.question}.s{answer.sample}")
        found = found or run.answers.get(f"q{answer.question}.s1")
        return None if found is None or found.error is not None else found

    def case(self, answer: Answer) -> str:
        question = self.runs[-1].questions[answer.question]
        content = question.messages[-1].get("content")
        # One set of tokens a case: the same customer is the same one in question and answers.
        tokens = Tokens(self.language)
        asked = marked(content if isinstance(content, str) else "", (), tokens)
        sides = ""
        for n, run in enumerate(self.runs):
            other = answer if run is self.runs[-1] else self._same(run, answer)
            if other is None:
                continue
            grade = run.grades[other.id]
            anchor = _anchor(n, other.id)
            self.cases.add(anchor)
            sides += (
                f'<div id="{anchor}"><h4>{escape(run.name)} · '
                f"{escape(other.id)}</h4>"
                f'<div class="text">{marked(other.text, grade.findings, tokens)}</div>'
                f"{self.findings(grade)}</div>"
            )
        reference = (
            f"<h4>{escape(self.say('reference'))}</h4>"
            f'<div class="text muted">{marked(question.reference, (), tokens)}</div>'
            if question.reference
            else ""
        )
        return (
            f"<article><header>{escape(self.say('question'))} {answer.question}</header>"
            f'<div class="text"><b>{asked}</b></div>'
            f"{reference}"
            f'<div class="sides">{sides}</div></article>'
        )

    def findings(self, grade: Grade) -> str:
        lines = [
            f"<li>{escape(one['title'][self.language])} <small><code>{escape(one['rule'])}</code>"
            + (f" · {escape(self.say('held_out'))}" if one.get("held_out") else "")
            + "</small></li>"
            for one in grade.findings
        ]
        return f"<ul>{''.join(lines)}</ul>" if lines else ""

    # -- Where figures come from -------------------------------------------------------------------

    def traces(self) -> Iterator[str]:
        yield f"<h2>{escape(self.say('traces'))}</h2>{self.tell('traces_note', 'muted')}"
        for n, name in sorted(self.cited):
            kind, sign, rest = name.partition(":")
            title = self.name(rest if kind == "attribute" else kind)
            title += f" {rest}" if sign and kind == "confidence" else ""
            yield (
                f'<h3 id="from-{n}-{_slug(name)}">{escape(self.runs[n].name)} · '
                f"{escape(title)}</h3>{self.trace(n, name)}"
            )

    def trace(self, n: int, name: str) -> str:
        run = self.runs[n]
        values = [
            (answer.id, value)
            for answer in sorted(run.answers.values(), key=lambda a: (a.question, a.sample))
            if (value := _traced(run, answer, name)) is not None
        ]
        if all(value in (0, 1) for _, value in values):
            hits = [(one, "") for one, value in values if value == 1]
            head = f"{self.say('yes')} {len(hits):,} / {len(values):,}: "
            others = [(one, "") for one, value in values if value == 0]
            listed = hits
            if len(others) < len(hits):  # the shorter list tells the same
                listed, head = others, f"{self.say('no')} {len(others):,} / {len(values):,}: "
        else:
            values.sort(key=lambda pair: pair[1], reverse=less_is_better(name) or name == "seconds")
            head = f"{self.say('values')} ({len(values):,}): "
            listed = [(one, f"={value:.3f}") for one, value in values]
        more = len(listed) - _IDS
        tail = (
            " · " + self.say("more", n=f"{more:,}", file=f"{run.name}/grades.jsonl")
            if more > 0
            else ""
        )
        body = " ".join(self.place(n, one) + text for one, text in listed[:_IDS])
        return f'<p class="ids">{escape(head)}{body or escape(self.say("none"))}{escape(tail)}</p>'

    def place(self, n: int, answer_id: str) -> str:
        """Return an answer's id, as a link where the answer stands on the page."""
        anchor = _anchor(n, answer_id)
        shown = escape(answer_id)
        return f'<a href="#{anchor}">{shown}</a>' if anchor in self.cases else shown

    def table(self, heads: Sequence[str], rows: Iterable[str]) -> str:
        named = "".join(
            f'<th scope="col">{escape(self.say(key)) if key else ""}</th>' for key in heads
        )
        return (
            f'<div class="wide"><table><thead><tr>{named}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>"
        )


def marked(text: str, findings: Sequence[Mapping[str, Any]], tokens: Tokens | None = None) -> str:
    """Return a text as HTML: escaped, what the rules found marked, personal data as tokens.

    >>> marked("本基金保本。", [{"start": 3, "end": 5, "verdict": "violation"}])
    '本基金<mark>保本</mark>。'
    >>> marked("王小明先生，手机13800138000", (), Tokens("zh"))
    '〈姓名1〉先生，手机〈手机1〉'
    """
    tokens = Tokens() if tokens is None else tokens
    hidden: list[tuple[int, int, str]] = []
    for one in redact(text, tokens=tokens).findings:
        if hidden and one.start < hidden[-1][1]:
            hidden[-1] = (hidden[-1][0], max(one.end, hidden[-1][1]), hidden[-1][2])
        else:
            hidden.append((one.start, one.end, one.kind))
    spans = [(f["start"], f["end"], f["verdict"]) for f in findings if f["start"] < f["end"]]
    inner = {edge for start, end, _ in spans for edge in (start, end)}
    edges = {0, len(text), *(e for e in inner if not any(a < e < b for a, b, _ in hidden))}
    edges |= {edge for start, end, _ in hidden for edge in (start, end)}
    kinds = {start: kind for start, _, kind in hidden}
    out = []
    for start, end in pairwise(sorted(edges)):
        over = [verdict for a, b, verdict in spans if a < end and start < b]
        words = text[start:end]
        words = escape(visible(tokens.of(kinds[start], words) if start in kinds else words))
        if "violation" in over:
            words = f"<mark>{words}</mark>"
        elif over:
            words = f'<mark class="open">{words}</mark>'
        out.append(words)
    return "".join(out).replace("</mark><mark>", "")


def visible(text: str) -> str:
    """Show control and direction characters as marks: they must not turn the page's text round."""
    return "".join(f"⟨U+{ord(c):04X}⟩" if _unseen(ord(c)) else c for c in text)


def _unseen(code: int) -> bool:
    return (
        (code < 0x20 and code not in (9, 10))
        or 0x7F <= code < 0xA0
        or 0x200B <= code <= 0x200F
        or 0x202A <= code <= 0x202E
        or 0x2060 <= code <= 0x2069
        or code in (0xFEFF, 0xFFFE, 0xFFFF)
        or 0xD800 <= code <= 0xDFFF
    )


def _figure(summary: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    if name == "violation":
        one = summary.get("violations")
        return None if one is None else {"kind": "rate", **one}
    one = summary.get("metrics", {}).get(name)
    return None if one is None or one["kind"] == "none" else dict(one)


def _number(summary: Mapping[str, Any], name: str) -> float | None:
    if name == "perplexity":
        return summary.get("perplexity")
    if name == "use":
        found: float | None = summary.get("tokens", {}).get("use")
        return found
    one: float | None = summary.get("latency", {}).get(name)
    return one


def _shown(name: str, value: float) -> str:
    if name == "use":
        return _percent(value)
    return f"{value:.3f}" + (" s" if name.startswith("p") and name[1:].isdigit() else "")


_MADE_OF = {"perplexity": "nll", "p50": "seconds", "p90": "seconds", "p99": "seconds"}


def _traced(run: Run, answer: Answer, name: str) -> float | None:
    """Return what an answer contributes to a figure; None where it has no part in it."""
    if name == "errors":
        return float(answer.error is not None)
    if answer.error is not None:
        return None
    grade = run.grades[answer.id]
    kind, _, rest = name.partition(":")
    right = is_right(grade)
    if kind == "attribute":
        mine = run.questions[answer.question].item.get("attribute") == rest
        return float(right) if mine and right is not None else None
    if kind == "confidence":
        if not answer.logprobs or right is None:
            return None
        bin = min(_BINS - 1, int(confidence_of(answer.logprobs) * _BINS))
        return float(right) if f"{bin / _BINS:g}" == rest else None
    if name == "seconds":
        return answer.seconds
    if name == "use":
        return float(answer.completion_tokens if right and grade.verdict != "violation" else 0)
    return value_of(grade, name)


def _badness(grade: Grade, first: Grade | None) -> tuple[float, float]:
    """Order answers: violations first, then by how far their figures fell, then by how low."""
    mean = _mean(grade)
    fallen = mean - _mean(first) if first is not None else 0.0
    return (0.0 if grade.verdict == "violation" else 1.0), fallen + mean


def _mean(grade: Grade) -> float:
    values = [v for name, v in grade.values.items() if v is not None and not less_is_better(name)]
    return math.fsum(values) / len(values) if values else 0.0


def _interval(low: float | None, value: float, high: float | None, n: int) -> str:
    """Draw an interval and its estimate on a line from 0 to 1; nothing where it does not fit."""
    if low is None or high is None or not (0 <= value <= 1):
        return ""
    a, b = (max(0.0, min(1.0, x)) * 190 + 5 for x in (min(low, high), max(low, high)))
    label = f"{low:.4f} – {high:.4f}"
    return (
        f'<svg viewBox="0 0 200 26" role="img" aria-label="{label}"><title>{label}</title>'
        '<line class="axis" x1="5" y1="13" x2="195" y2="13"/>'
        f'<line class="run{min(n, 3)}" x1="{a:.1f}" y1="13" x2="{b:.1f}" y2="13"/>'
        f'<circle class="run{min(n, 3)}" cx="{value * 190 + 5:.1f}" cy="13" r="4.5"/></svg>'
    )


def _gap(bin: Mapping[str, Any]) -> str:
    """Draw how far confidence is from the share that was right, which is the dot."""
    return _interval(bin["right"], bin["right"], bin["confidence"], 0)


def _percent(rate: float, *, up: bool = False) -> str:
    """Write a rate; a bound is rounded up, or it would claim more than is known."""
    digits = 3 if rate < 0.01 else 2 if rate < 0.1 else 1
    scaled = rate * 100 * 10**digits
    return f"{(math.ceil(scaled - 1e-9) if up else round(scaled)) / 10**digits:.{digits}f}%"


def _anchor(n: int, answer_id: str) -> str:
    return f"answer-{n}-{answer_id.replace('.', '-')}"


def _slug(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"-{ord(c):x}-" for c in name)
