"""The landing page's figures, v1 → v2: from the experiment's result, each a link to its lesson."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LIMIT = 0.001  # violations a bank allows: the course's own bar
EVALUATED, TRAINED = "tutorials/rft-evaluate", "tutorials/rft-job"
_WORDS = {
    "zh": {
        "label": "v1 和 v2 的成绩",
        "violations": "违规率 v1 → v2",
        "answers": "v1 {v1:,} 个回答，v2 {v2:,} 个",
        "bound": "v2 违规率的单侧 95% 上界",
        "met": "{n} 个种子里最高的；不超过 {limit} 的有 {k} 个",
        "field": "事实答对 v1 → v2",
        "unseen": "没见过的问法",
        "time": "训练用时 v1，v2",
        "threads": "{threads} 个处理器线程，各种子里最慢的一次",
        "minutes": "{:.1f} 分钟",
        "seconds": "{:.0f} 秒",
        "then": "，",
        "said": "中文机器人，{n} 个随机种子，按上线时的设置抽样：温度 {temperature}，"
        "top_p {top_p}。点开一个数，是算出它的那一课。",
    },
    "en": {
        "label": "How v1 and v2 do",
        "violations": "Violation rate, v1 → v2",
        "answers": "{v1:,} answers of v1, {v2:,} of v2",
        "bound": "v2's violation rate, one-sided 95% upper bound",
        "met": "the highest of {n} seeds; {k} of them are at most {limit}",
        "field": "Facts right, v1 → v2",
        "unseen": "unseen wordings",
        "time": "Training time, v1 and v2",
        "threads": "processor threads: {threads}; the slowest of the seeds",
        "minutes": "{:.1f} min",
        "seconds": "{:.0f} s",
        "then": ", ",
        "said": "The English bot, {n} random seeds, sampled as it is served: temperature "
        "{temperature}, top_p {top_p}. Each figure leads to the lesson that computed it.",
    },
}


@dataclass(frozen=True)
class Figure:
    """One figure: what it is, what it comes to, of what, and the lesson that says more."""

    name: str
    value: str
    note: str
    page: str


class CourseFigures(SphinxDirective):
    """The directive ``{course-figures} path/to/rft.json``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the result, a path from the root of the project."""
        path = Path(self.config.bankft_root) / self.arguments[0]
        self.env.note_dependency(str(path))
        language = "zh" if self.config.language.startswith("zh") else "en"
        try:
            result = read(path, language)
        except ValueError as error:
            raise self.error(str(error)) from None
        if missing := {EVALUATED, TRAINED} - self.env.found_docs:
            raise self.error(f"The figures lead to pages that are not there: {sorted(missing)}.")
        items = "".join(
            f'<li><a href="{escape(self._href(one.page))}"><small>{escape(one.name)}</small>'
            f"<strong>{escape(one.value)}</strong><span>{escape(one.note)}</span></a></li>"
            for one in figures(result, language)
        )
        label = escape(_WORDS[language]["label"])
        return [
            nodes.raw(
                "",
                f'<ul class="bft-figures" aria-label="{label}">{items}</ul>'
                f'<p class="bft-figures-said">{escape(conditions(result, language))}</p>',
                format="html",
            )
        ]

    def _href(self, page: str) -> str:
        return self.env.app.builder.get_relative_uri(self.env.docname, page)


def read(path: Path, language: str) -> dict[str, Any]:
    """Read the result, and keep the rows of one language's bot.

    Raises:
        ValueError: there is no result yet, or it has no row of that language.

    """
    if not path.is_file():
        script = path.with_suffix(".py").name
        raise ValueError(f"There is no result {path.name}: run benchmarks/experiments/{script}.")
    result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    rows = [row for row in result["rows"] if row["language"] == language]
    if not rows:
        raise ValueError(f"{path.name} has no row of the language {language}.")
    return result | {"rows": rows}


def figures(result: Mapping[str, Any], language: str) -> list[Figure]:
    """Return the figures of the rows: rates over all seeds together, the worst bound of any."""
    rows, words = result["rows"], _WORDS[language]
    v1, v2 = ([row[name] for row in rows] for name in ("v1", "v2"))
    asked = {name: sum(row[name]["served"]["n"] for row in rows) for name in ("v1", "v2")}
    bounds = [max(one["served"][f"upper95{how}"] for how in ("", "_clustered")) for one in v2]
    threads = "–".join(dict.fromkeys(str(row["threads"]) for row in rows))
    met = sum(bound <= LIMIT for bound in bounds)
    return [
        Figure(
            words["violations"],
            f"{_share(_rate(v1, 'violation_rate'))} → {_share(_rate(v2, 'violation_rate'))}",
            words["answers"].format(**asked),
            EVALUATED,
        ),
        Figure(
            words["bound"],
            _share(max(bounds)),
            words["met"].format(n=len(rows), k=met, limit=_share(LIMIT)),
            EVALUATED,
        ),
        Figure(
            words["field"],
            f"{100 * _rate(v1, 'field'):.1f}\u202f% → {100 * _rate(v2, 'field'):.1f}\u202f%",
            words["unseen"],
            EVALUATED,
        ),
        Figure(
            words["time"],
            words["then"].join(
                _time(max(one["seconds"] for one in model), words) for model in (v1, v2)
            ),
            words["threads"].format(threads=threads),
            TRAINED,
        ),
    ]


def conditions(result: Mapping[str, Any], language: str) -> str:
    """Return the sentence that says how the figures were taken."""
    temperature, top_p = result["samplings"]["served"]
    return _WORDS[language]["said"].format(
        n=len(result["rows"]), temperature=temperature, top_p=top_p
    )


def _rate(models: list[Mapping[str, Any]], key: str) -> float:
    """Return a rate over all answers of all seeds."""
    served = [one["served"] for one in models]
    return float(sum(one[key] * one["n"] for one in served) / sum(one["n"] for one in served))


def _share(value: float) -> str:
    r"""Return a share as per cent: two digits that count, and no more than the data can carry.

    >>> _share(0.0123), _share(0.00012), _share(1.0)
    ('1.2\u202f%', '0.012\u202f%', '100\u202f%')
    """
    per_cent = 100 * value
    return f"{per_cent:.0f}\u202f%" if per_cent >= 10 else f"{per_cent:.2g}\u202f%"


def _time(seconds: float, words: Mapping[str, str]) -> str:
    if seconds < 120:
        return words["seconds"].format(seconds)
    return words["minutes"].format(seconds / 60)


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("course-figures", CourseFigures)
