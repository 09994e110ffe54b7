"""The rules of compliance as tables, drawn from the packs themselves."""

from collections.abc import Iterable
from datetime import date
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft import compliance
from bankft.compliance.rule import shipped

_HEADS = {
    "zh": ("规则", "依据", "生效", "结论"),
    "en": ("Rule", "From", "In force", "Verdict"),
}
_WORDS = {
    "zh": {
        "violation": "违规",
        "insufficient": "信息不足",
        "evidence_required": "须有证据",
        "manual_review": "人工复核",
        "advisory": "提示",
        "V": "读过文本",
        "V2": "两处独立文本一致",
        "R": "读自注明官方网址的索引",
        "S": "只有二手来源",
        "U": "未核实",
        "practice": "行业做法，不引条文",
        "held_out": "不作奖励，只用于评判",
        "from": "{} 起",
        "until": "至 {}",
        "between": "{} 至 {}",
        "always": "一直",
        "count": "{title}：{n} 条，版本 {version}",
    },
    "en": {
        "violation": "violation",
        "insufficient": "insufficient information",
        "evidence_required": "evidence required",
        "manual_review": "manual review",
        "advisory": "advisory",
        "V": "read in a text",
        "V2": "two independent texts agree",
        "R": "read in an index that names the official address",
        "S": "secondary source only",
        "U": "unverified",
        "practice": "industry practice, no clause cited",
        "held_out": "never a reward, only for judging",
        "from": "from {}",
        "until": "until {}",
        "between": "{} to {}",
        "always": "always",
        "count": "{title}: {n} rules, version {version}",
    },
}


class Rulebook(SphinxDirective):
    """The directive ``{rules}``: every rule that ships, a table for each pack."""

    def run(self) -> list[nodes.Node]:
        """Draw the packs in the page's language."""
        for path in sorted(Path(compliance.__file__).parent.glob("packs/*.toml")):
            self.env.note_dependency(str(path))
        language = "zh" if self.config.language.startswith("zh") else "en"
        return [nodes.raw("", tables(shipped(), language), format="html")]


def tables(packs: Iterable[compliance.Pack], language: str) -> str:
    """Draw a table for each pack: rule and title, clause and standing, dates, verdict.

    >>> html = tables(shipped(), "en")
    >>> html.count("<caption>") == len(shipped())
    True
    """
    return "".join(_pack(pack, language) for pack in packs)


def _pack(pack: compliance.Pack, language: str) -> str:
    words = _WORDS[language]
    caption = words["count"].format(
        title=pack.title[language], n=len(pack.rules), version=pack.version
    )
    head = "".join(f'<th scope="col">{word}</th>' for word in _HEADS[language])
    body = "".join(f"<tr>{_row(rule, language)}</tr>" for rule in pack.rules)
    return (
        '<div class="table-wrapper docutils container"><table class="docutils bft-rules">'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>{body}</table></div>"
    )


def _row(rule: compliance.Rule, language: str) -> str:
    words = _WORDS[language]
    verdict = words[rule.verdict]
    if rule.held_out:
        verdict += f"<br><small>{words['held_out']}</small>"
    cells = (
        f"{escape(rule.title[language])}<br><code>{escape(rule.id)}</code>",
        _clause(rule, language),
        _dates(rule.start, rule.end, language),
        verdict,
    )
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _clause(rule: compliance.Rule, language: str) -> str:
    """Name the clause in the page's language, and say how sure the citation is."""
    words, clause = _WORDS[language], rule.clause
    if rule.basis == "industry_practice":
        return words["practice"]
    html = f'<span lang="zh-CN">{escape(str(clause))}</span>'
    if language == "en" and clause.english:
        html = escape(clause.cite("en"))
    if clause.source.startswith("https://") and " " not in clause.source:
        html = f'<a class="reference external" href="{escape(clause.source)}">{html}</a>'
    notes = [words[clause.standing]] if clause.standing else []
    notes += [clause.checked.isoformat()] if clause.checked else []
    if clause.excerpt:
        html += f'<br><q lang="zh-CN">{escape(clause.excerpt)}</q>'
    return f"{html}<br><small>{escape(' · '.join(notes))}</small>" if notes else html


def _dates(start: date | None, end: date | None, language: str) -> str:
    words = _WORDS[language]
    if start and end:
        return words["between"].format(start, end)
    return (
        words["from"].format(start)
        if start
        else words["until"].format(end)
        if end
        else words["always"]
    )


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("rules", Rulebook)
