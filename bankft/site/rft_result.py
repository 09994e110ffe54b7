"""The directive ``{rft-result}``: what reinforcement brought, told by the experiment's own numbers.

Also what it did not bring: which runs are better, worse, or not to be told apart follows from the
intervals when the page is built, so no sentence outlives the measurement it was written for.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft.rates import wilson

LIMIT = 0.001  # violations a bank allows: the course's own bar
MODELS = ("v1", "v2")
SAMPLINGS = ("served", "T1")
VERDICTS = ("better", "same", "worse")

WORDS = {
    "zh": {
        "language": "语言", "zh": "中文", "en": "英文", "seed": "种子", "model": "模型",
        "sampling": "抽样", "served": "上线设置", "T1": "温度 1",
        "v1": "v1", "v2": "v2",
        "violations": "违规", "upper": "违规率上界", "clustered": "按问法聚类的上界",
        "field": "事实答对", "kl": "KL",
        "better": "变好", "same": "分不出", "worse": "变差", "what": "v2 和 v1 比，{n} 次里",
        "main": "按上线设置抽样：违规的回答数",
        "bound": "{sampling}：v2 违规率的单侧 95% 上界，{n} 次里有 {k} 次不超过 {limit}，"
        "最高 {most}；按问法聚类算，{n} 次里有 {c} 次，最高 {cmost}。",
        "none": "每一次都看得出变好。",
        "not": "不是每次都看得出变好的：{those}。",
        "item": "{what}（{n} 次里 {k} 次）",
        "join": "、",
        "all": "全部数字",
        "brief": "各个种子的最低和最高，按上线设置抽样",
        "training": "训练用时（秒，最慢的一次）", "rate": "违规率",
    },
    "en": {
        "language": "Language", "zh": "Chinese", "en": "English", "seed": "Seed",
        "model": "Model", "sampling": "Sampling", "served": "as served", "T1": "temperature 1",
        "v1": "v1", "v2": "v2",
        "violations": "violations", "upper": "upper bound", "clustered": "bound by wording",
        "field": "facts right", "kl": "KL",
        "better": "better", "same": "cannot tell", "worse": "worse",
        "what": "v2 against v1, of {n} runs",
        "main": "Sampled as served: answers that violate",
        "bound": "{sampling}: the one-sided 95% upper bound of v2's violation rate is at most "
        "{limit} in {k} of {n} runs, {most} at its highest; counted by wording in {c} of {n}, "
        "{cmost} at its highest.",
        "none": "Every run is visibly better.",
        "not": "Not visibly better in every run: {those}.",
        "item": "{what} (in {k} of {n})",
        "join": ", ",
        "all": "All figures",
        "brief": "Lowest and highest of the seeds, sampled as served",
        "training": "Training (seconds, the slowest run)", "rate": "Violation rate",
    },
}  # fmt: skip

Row = Mapping[str, Any]
Words = Mapping[str, str]


class RftResult(SphinxDirective):
    """The directive ``{rft-result} path/to/rft.json``; ``:brief:`` leaves the single runs out."""

    required_arguments = 1
    option_spec: ClassVar = {"brief": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Read the result, a path from the root of the project."""
        path = Path(self.config.bankft_root) / self.arguments[0]
        if not path.is_file():
            raise self.error(f"There is no result {self.arguments[0]}.")
        self.env.note_dependency(str(path))
        language = "zh" if self.config.language.startswith("zh") else "en"
        draw = render_brief if "brief" in self.options else render
        html = draw(json.loads(path.read_text("utf-8")), language)
        return [nodes.raw("", html, format="html")]


def render(result: Mapping[str, Any], language: str) -> str:
    """Draw the result of ``benchmarks/experiments/rft.py`` for a page in ``zh`` or ``en``."""
    rows, words = list(result["rows"]), WORDS[language]
    said = "".join(f"<p>{escape(one)}</p>" for one in sentences(rows, words))
    folded = _table("", *_everything(rows, words))
    return (
        f"{said}{_table(words['main'], *_main(rows, words))}{_table('', *_compared(rows, words))}"
        f"<details><summary>{escape(words['all'])}</summary>{folded}</details>"
    )


def render_brief(result: Mapping[str, Any], language: str) -> str:
    """Draw what the runs allow saying, and v1 and v2 side by side over the seeds."""
    rows, words = list(result["rows"]), WORDS[language]
    said = "".join(f"<p>{escape(one)}</p>" for one in sentences(rows, words))
    heads = [words[name] for name in ("language", "model", "training", "rate", "field")]
    body = []
    for tongue in dict.fromkeys(row["language"] for row in rows):
        for model in MODELS:
            some = [row[model] for row in rows if row["language"] == tongue]
            served = [one["served"] for one in some]
            body.append(
                [
                    words[tongue],
                    words[model],
                    f"{max(one['seconds'] for one in some):,.0f}",
                    _range([_rate(one) for one in served], served, "violation_rate"),
                    _range([f"{100 * one['field']:.1f}\u202f%" for one in served], served, "field"),
                ]
            )
    return _table(words["brief"], heads, body) + said


def verdict(row: Row, measure: str, sampling: str) -> str:
    """Return whether v2 is ``better`` than v1 in a run, ``worse``, or the ``same``.

    Only two 95 % intervals that do not overlap tell better from worse.
    """
    v1, v2 = (_interval(row[model][sampling], measure) for model in ("v1", "v2"))
    if v1[0] <= v2[1] and v2[0] <= v1[1]:
        return "same"
    return "better" if (v2[0] > v1[1]) == (measure == "field") else "worse"


def sentences(rows: list[Row], words: Words) -> Iterator[str]:
    """Yield what the runs allow saying: the bounds, and what is not visibly better."""
    for sampling in SAMPLINGS:
        both = [
            [row["v2"][sampling][name] for row in rows] for name in ("upper95", "upper95_clustered")
        ]
        (k, most), (c, cmost) = ((sum(one <= LIMIT for one in some), max(some)) for some in both)
        yield words["bound"].format(
            sampling=words[sampling].capitalize(), n=len(rows), limit=_share(LIMIT),
            k=k, most=_share(most), c=c, cmost=_share(cmost),
        )  # fmt: skip
    missed = [
        words["item"].format(what=what, k=len(rows) - counted["better"], n=len(rows))
        for what, counted in _counted(rows, words)
        if counted["better"] < len(rows)
    ]
    yield words["not"].format(those=words["join"].join(missed)) if missed else words["none"]


def _counted(rows: list[Row], words: Words) -> Iterator[tuple[str, Counter[str]]]:
    for measure in ("violations", "field"):
        for sampling in SAMPLINGS:
            found = Counter(verdict(row, measure, sampling) for row in rows)
            yield f"{words[measure]} · {words[sampling]}", found


def _compared(rows: list[Row], words: Words) -> tuple[list[str], list[list[str]]]:
    heads = [words["what"].format(n=len(rows)), *(words[name] for name in VERDICTS)]
    body = [
        [what, *(str(counted[name]) for name in VERDICTS)]
        for what, counted in _counted(rows, words)
    ]
    return heads, body


def _main(rows: list[Row], words: Words) -> tuple[list[str], list[list[str]]]:
    heads = [words["language"], words["seed"], *(words[model] for model in MODELS)]
    heads += [f"v2 {words[name]}" for name in ("upper", "clustered")]
    body = []
    for row in rows:
        v2 = row["v2"]["served"]
        body.append(
            [words[row["language"]], str(row["seed"])]
            + [_of(row[model]["served"]) for model in MODELS]
            + [_share(v2["upper95"]), _share(v2["upper95_clustered"])]
        )
    return heads, body


def _everything(rows: list[Row], words: Words) -> tuple[list[str], list[list[str]]]:
    columns: dict[str, Callable[[Row, str, str], str]] = {
        "language": lambda row, model, sampling: words[row["language"]],
        "seed": lambda row, model, sampling: str(row["seed"]),
        "model": lambda row, model, sampling: words[model],
        "sampling": lambda row, model, sampling: words[sampling],
        "violations": lambda row, model, sampling: _of(row[model][sampling]),
        "upper": lambda row, model, sampling: _share(row[model][sampling]["upper95"]),
        "clustered": lambda row, model, sampling: _share(row[model][sampling]["upper95_clustered"]),
        "field": lambda row, model, sampling: _field(row[model][sampling]),
        "kl": lambda row, model, sampling: f"{row[model]['kl']:.3f}" if "kl" in row[model] else "–",
    }
    body = [
        [column(row, model, sampling) for column in columns.values()]
        for row in rows
        for model in MODELS
        for sampling in SAMPLINGS
    ]
    return [words[name] for name in columns], body


def _interval(one: Row, measure: str) -> tuple[float, float]:
    if measure == "field":
        low, high = one["field_interval"]
        return low, high
    return wilson(one["violations"], one["n"])


def _of(one: Row) -> str:
    return f"{one['violations']:,} / {one['n']:,}"


def _share(value: float) -> str:
    return f"{100 * value:.3g}\u202f%"


def _field(one: Row) -> str:
    low, high = one["field_interval"]
    return f"{100 * one['field']:.1f}\u202f% ({100 * low:.1f}–{100 * high:.1f})"


def _rate(one: Row) -> str:
    return f"{100 * one['violation_rate']:.2f}\u202f%"


def _range(said: list[str], some: list[Row], key: str) -> str:
    """Return the lowest and the highest of what is said, by the key's values; one if the same."""
    in_order = [text for _, text in sorted(zip((one[key] for one in some), said, strict=True))]
    return " – ".join(dict.fromkeys([in_order[0], in_order[-1]]))


def _table(caption: str, heads: list[str], body: list[list[str]]) -> str:
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in body
    )
    return (
        '<div class="table-wrapper docutils container"><table class="docutils bft-card-results">'
        f"{title}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("rft-result", RftResult)
