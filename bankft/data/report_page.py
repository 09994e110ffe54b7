"""A check's report as one HTML page that needs no other file and no network."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from bankft.data.findings import Report
from bankft.data.report import WORDS, Group, charts, grouped

_ROW = 26  # pixels of a bar with its gap
_NAMES, _BARS, _COUNTS = 130, 230, 70  # pixels of the columns of a chart


def as_page(report: Report, name: str, language: str) -> str:
    """Return a report as an HTML page: light and dark, charts as SVG with text as text.

    It holds no text of the examples. Labels of classes are the one exception, where they are
    plain words or frequent, and no personal data.

    Args:
        report: What `check` returned.
        name: Of the file.
        language: ``"zh"`` or ``"en"``.
    """
    word = WORDS[language]
    groups = grouped(report)
    errors = sum(group.count for group in groups if group.severity == "error")
    warnings = sum(group.count for group in groups) - errors
    tokens = report.statistics["tokens"]
    encoding = tokens["encoding"] if tokens["exact"] else word["estimated"]
    figures = [
        (word["examples"], report.examples, ""),
        (word["error"], errors, "bad" if errors else ""),
        (word["warning"], warnings, "warn" if warnings else ""),
        (f"{word['total_tokens']} · {encoding}", tokens["total"], ""),
    ]
    template = files(__package__).joinpath("report.html").read_text(encoding="utf-8")
    return Template(template).substitute(
        lang="zh-CN" if language == "zh" else "en",
        title=escape(word["title"]),
        name=escape(name),
        state="bad" if not report.ok else "good",
        verdict=escape(
            word["verdict"][not report.ok].format(errors=f"{errors:,}", warnings=f"{warnings:,}")
        ),
        figures="\n".join(
            f'<div class="stat {tone}"><small>{escape(label)}</small>'
            f"<strong>{value:,}</strong></div>"
            for label, value, tone in figures
        ),
        problems_head=escape(word["problems"]),
        problems=_problems(groups, word),
        numbers_head=escape(word["numbers"]),
        charts="\n".join(
            _chart(title, bars) for title, bars in charts(report.statistics, language)
        ),
        roles=_roles(report.statistics["roles"], word),
        foot=escape(word["foot"]),
    )


def _problems(groups: list[Group], word: dict[str, Any]) -> str:
    if not groups:
        return f'<p class="none">{escape(word["none"])}</p>'
    parts = []
    for group in groups:
        tone = "bad" if group.severity == "error" else "warn"
        rows = "".join(
            f"<tr><td>{problem.line or '–'}</td><td><code>{escape(problem.field)}</code></td>"
            f"<td>{escape(problem.message)}</td></tr>"
            for problem in group.shown
        )
        more = group.count - len(group.shown)
        rest = f'<p class="more">+ {more:,}</p>' if more > 0 else ""
        head = "".join(f"<th>{escape(one)}</th>" for one in _HEADS[word is WORDS["en"]])
        first = group.shown[0]
        label = f'<span class="tag {tone}">{group.count:,}</span> <b>{escape(group.code)}</b>'
        said = f'<span class="said">{escape(first.message)}</span>'
        if group.count == 1:  # nothing to unfold
            place = word["line"].format(line=f"{first.line:,}") if first.line else ""
            where = f'<span class="where">{place} <code>{escape(first.field)}</code></span>'
            parts.append(f'<div class="kind one">{label} {where}{said}</div>')
            continue
        parts.append(
            f'<details class="kind"{" open" if tone == "bad" else ""}><summary>{label}{said}'
            f'</summary><div class="scroll"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>{rest}</details>"
        )
    return "\n".join(parts)


_HEADS = (("行", "字段", "问题"), ("line", "field", "problem"))


def _chart(title: str, bars: list[tuple[str, int]]) -> str:
    most = max(count for _, count in bars) or 1
    high = _ROW * len(bars)
    wide = _NAMES + _BARS + _COUNTS
    drawn = []
    for place, (name, count) in enumerate(bars):
        middle = _ROW * place + _ROW / 2
        length = max(_BARS * count / most, 1 if count else 0)
        label = escape(name if len(name) <= 16 else f"{name[:15]}…")
        drawn.append(
            f'<text class="name" x="{_NAMES - 8}" y="{middle + 5:g}" text-anchor="end">'
            f"{label}</text>"
            f'<rect x="{_NAMES}" y="{middle - 8:g}" width="{length:.1f}" height="16" rx="3"/>'
            f'<text x="{_NAMES + length + 6:.1f}" y="{middle + 5:g}">{count:,}</text>'
        )
    said = escape(f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in bars))
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {wide} {high}" '
        f'width="{wide}" role="img" aria-label="{said}">{"".join(drawn)}</svg></figure>'
    )


def _roles(roles: dict[str, dict[str, int]], word: dict[str, Any]) -> str:
    if not roles:
        return ""
    head = "".join(f"<th>{escape(one)}</th>" for one in word["roles"])
    rows = "".join(
        f"<tr><td>{escape(role)}</td>"
        + "".join(f"<td>{n:,}</td>" for n in counts.values())
        + "</tr>"
        for role, counts in roles.items()
    )
    table = f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="scroll">{table}</div>'
