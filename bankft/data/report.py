"""A check's report for people and programs: as text, as JSON, as one HTML page."""

from dataclasses import asdict, dataclass
from typing import Any

from bankft.data.findings import Problem, Report

LINES = 8  # examples of lines shown of each kind of problem
_BAR = 28  # characters of the longest bar


@dataclass(frozen=True)
class Group:
    """The problems of one kind.

    Attributes:
        code: Their kind.
        severity: Theirs.
        count: How many there are, listed or not.
        shown: The first few of them.
    """

    code: str
    severity: str
    count: int
    shown: tuple[Problem, ...]


def grouped(report: Report) -> list[Group]:
    """Return the problems and notices by kind: errors first, then the most frequent."""
    kinds: dict[str, list[Problem]] = {}
    for problem in (*report.problems, *report.notices):
        if problem.code != "and_more":
            kinds.setdefault(problem.code, []).append(problem)
    counts = report.statistics.get("problems", {})
    groups = [
        Group(code, found[0].severity, counts.get(code, len(found)), tuple(found[:LINES]))
        for code, found in kinds.items()
    ]
    return sorted(groups, key=lambda group: (group.severity != "error", -group.count))


def as_json(report: Report) -> dict[str, Any]:
    """Return what programs read: ``examples``, ``problems`` with the notices, ``statistics``."""
    found = sorted((*report.problems, *report.notices), key=lambda one: one.line or float("inf"))
    return {
        "examples": report.examples,
        "problems": [asdict(problem) for problem in found],
        "ok": report.ok,
        "statistics": dict(report.statistics),
    }


def as_text(report: Report, name: str, language: str) -> str:
    """Return a report for a terminal.

    Args:
        report: What `check` returned.
        name: Of the file.
        language: ``"zh"`` or ``"en"``.
    """
    word = WORDS[language]
    groups = grouped(report)
    errors = sum(group.count for group in groups if group.severity == "error")
    warnings = sum(group.count for group in groups) - errors
    parts = [word["head"].format(name=name, n=f"{report.examples:,}")]
    parts.append(
        word["verdict"][not report.ok].format(errors=f"{errors:,}", warnings=f"{warnings:,}")
    )
    for severity in ("error", "warning"):
        chosen = [group for group in groups if group.severity == severity]
        if chosen:
            parts += ["", word[severity]]
        for group in chosen:
            places = _places(group, word)
            parts.append(f"  {group.code} × {group.count:,}{f'  {places}' if places else ''}")
            parts.append(f"    {group.shown[0].message}")
    parts += ["", numbers_as_text(report.statistics, language)]
    return "\n".join(parts)


def _places(group: Group, word: dict[str, Any]) -> str:
    lines = [problem.line for problem in group.shown if problem.line]
    if not lines:
        return ""
    shown = ", ".join(map(str, dict.fromkeys(lines)))
    more = " …" if group.count > len(group.shown) else ""
    return f"{word['lines'].format(lines=shown)}{more}"


def numbers_as_text(statistics: Any, language: str) -> str:
    """Return a file's numbers and histograms for a terminal."""
    word = WORDS[language]
    tokens = statistics["tokens"]
    parts = [
        word["tokens"].format(
            encoding=tokens["encoding"] if tokens["exact"] else word["estimated"],
            total=f"{tokens['total']:,}",
        )
    ]
    if tokens["bins"]:
        parts.append(word["spread"].format(**tokens))
        parts.append(_bars([(_range(one), one[2]) for one in tokens["bins"]]))
    rows = [
        (role, f"{n['messages']:,}", f"{n['characters']:,}", f"{n['tokens']:,}")
        for role, n in statistics["roles"].items()
    ]
    if rows:
        parts += ["", _table([tuple(word["roles"]), *rows])]
    for title, counts in charts(statistics, language)[1:]:
        parts += ["", title, _bars(counts)]
    return "\n".join(parts)


def charts(statistics: Any, language: str) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return what is drawn: titles, and the bars with their names and counts."""
    word = WORDS[language]
    drawn = [(word["per_example"], _spread(statistics["tokens"]))]
    drawn += [
        (word[key], _spread(statistics[key]))
        for key in ("question_characters", "answer_characters", "messages")
    ]
    languages = statistics["languages"]
    drawn.append(
        (word["languages"], [(word["spoken"].get(key, key), n) for key, n in languages.items()])
    )
    classes = statistics["classes"][:20]
    labels = [
        (one["label"] if one["label"] != "…" else f"… ({one['line']})", one["examples"])
        for one in classes
    ]
    drawn.append((word["classes"], labels))
    drawn.append(
        (word["edge"], [(word["cases"][key], n) for key, n in statistics["edge_cases"].items()])
    )
    return [(title, bars) for title, bars in drawn if bars]


def _spread(numbers: Any) -> list[tuple[str, int]]:
    return [(_range(one), one[2]) for one in numbers["bins"]]


def _range(one: list[int]) -> str:
    low, end, _ = one
    return f"{low:,}" if end == low + 1 else f"{low:,}–{end - 1:,}"


def _bars(bars: list[tuple[str, int]]) -> str:
    most = max((count for _, count in bars), default=0) or 1
    wide = max(width(name) for name, _ in bars)
    number = max(len(f"{count:,}") for _, count in bars)
    return "\n".join(
        f"  {' ' * (wide - width(name))}{name}  {count:>{number},}  "
        + ("█" * round(_BAR * count / most) or ("▏" if count else ""))
        for name, count in bars
    )


def _table(rows: list[tuple[str, ...]]) -> str:
    wide = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  "
        + "  ".join(
            cell + " " * (wide[at] - width(cell))
            if at == 0
            else " " * (wide[at] - width(cell)) + cell
            for at, cell in enumerate(row)
        ).rstrip()
        for row in rows
    )


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal: two for an ideograph."""
    return sum(2 if char >= "\u2e80" else 1 for char in text)


WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "head": "{name}：{n} 条样本",
        "verdict": (
            "可以训练：没有错误，{warnings} 个警告",
            "不能训练：{errors} 个错误，{warnings} 个警告",
        ),
        "error": "错误",
        "warning": "警告",
        "line": "第 {line} 行",
        "lines": "第 {lines} 行",
        "tokens": "词元（{encoding}）：共 {total}",
        "estimated": "估计",
        "spread": "每条 {min:,}–{max:,}，中位数 {median:,}，95% 的样本不超过 {p95:,}",
        "roles": ("角色", "消息", "字符", "词元"),
        "per_example": "每条样本的词元",
        "question_characters": "问题的字符数",
        "answer_characters": "回答的字符数",
        "messages": "每条样本的消息数",
        "languages": "语言",
        "spoken": {"zh": "中文", "en": "英文", "other": "其他"},
        "classes": "类别",
        "edge": "边界情况",
        "cases": {
            "missing_fields": "缺少字段",
            "ambiguous": "有歧义",
            "long": "长文本",
            "wrong_input": "错误输入",
        },
        "title": "数据检查报告",
        "examples": "样本",
        "total_tokens": "词元",
        "problems": "问题",
        "numbers": "统计",
        "kind": "问题",
        "count": "数量",
        "where": "位置",
        "what": "怎么办",
        "none": "没有发现问题。",
        "foot": "由 bankft data check 生成。本页不含数据的内容，只有行号、种类、数量和类别名。",
    },
    "en": {
        "head": "{name}: {n} examples",
        "verdict": (
            "Fit to train on: no errors, {warnings} warnings",
            "Not fit to train on: {errors} errors, {warnings} warnings",
        ),
        "error": "Errors",
        "warning": "Warnings",
        "line": "line {line}",
        "lines": "lines {lines}",
        "tokens": "Tokens ({encoding}): {total} in all",
        "estimated": "estimated",
        "spread": "{min:,}–{max:,} an example, median {median:,}, 95% have {p95:,} at most",
        "roles": ("role", "messages", "characters", "tokens"),
        "per_example": "Tokens of an example",
        "question_characters": "Characters of a question",
        "answer_characters": "Characters of an answer",
        "messages": "Messages of an example",
        "languages": "Languages",
        "spoken": {"zh": "Chinese", "en": "English", "other": "other"},
        "classes": "Classes",
        "edge": "Edge cases",
        "cases": {
            "missing_fields": "missing fields",
            "ambiguous": "ambiguous",
            "long": "long",
            "wrong_input": "wrong input",
        },
        "title": "Data check",
        "examples": "examples",
        "total_tokens": "tokens",
        "problems": "Problems",
        "numbers": "Numbers",
        "kind": "problem",
        "count": "count",
        "where": "where",
        "what": "what to do",
        "none": "No problems found.",
        "foot": "Made by bankft data check. This page holds nothing of what the data say but "
        "the names of classes: only line numbers, kinds and counts.",
    },
}
