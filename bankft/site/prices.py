"""What fine-tuning costs, drawn from the price file of ``bankft.cost``."""

from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bankft import cost
from bankft.cost import Price

_WORDS = {
    "zh": {
        "model": "模型",
        "training": "训练",
        "use": "使用（输入 / 缓存 / 输出）",
        "shut": "关闭日期",
        "a million": "每百万词元",
        "an hour": "每小时",
        "closed": "已关闭",
        "footer": "单位美元，{} 核对；使用价是微调后的模型每百万词元的价格。来源",
        "grader": "评分的模型",
        "read": "读（每百万词元）",
        "written": "写（每百万词元）",
        "trained": "训练的词元",
        "price": "单价",
        "cost": "费用",
        "seconds": "{}–{} 秒（测于：{}）",
        "step": "步骤",
        "loop": "训练主循环",
        "grading": "{} 评分",
        "hours": "{} 小时 × {}",
        "calls": "{} 条 × {} 次 × （{} 读 + {} 写）词元",
        "sum": "合计",
    },
    "en": {
        "model": "Model",
        "training": "Training",
        "use": "Use (input / cached / output)",
        "shut": "Shut on",
        "a million": "a million tokens",
        "an hour": "an hour",
        "closed": "shut",
        "footer": "US dollars, as checked on {}; use is a million tokens of the fine-tuned model. "
        "Sources",
        "grader": "Model that grades",
        "read": "Reads (a million tokens)",
        "written": "Writes (a million tokens)",
        "trained": "Trained tokens",
        "price": "Price",
        "cost": "Cost",
        "seconds": "{} to {} seconds, measured on {}",
        "step": "Step",
        "loop": "Core training loop",
        "grading": "Grading by {}",
        "hours": "{} hours × {}",
        "calls": "{} examples × {} answers × ({} read + {} written) tokens",
        "sum": "Together",
    },
}


class Prices(SphinxDirective):
    """The directive ``{prices} models|graders|supervised|reinforcement``: a table of each."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw one table; the page is built again when the price file changes."""
        self.env.note_dependency(str(Path(cost.__file__).with_name("prices.toml")))
        language = "zh" if str(self.config.language).startswith("zh") else "en"
        draw = {
            "models": _models,
            "graders": _graders,
            "supervised": _supervised,
            "reinforcement": _reinforcement,
        }.get(self.arguments[0])
        if draw is None:
            raise self.error(f"There is no table of prices called {self.arguments[0]}.")
        return [nodes.raw("", draw(_WORDS[language], language), format="html")]


def _models(say: dict[str, str], language: str) -> str:
    data = cost.read_prices()
    today = data["checked"]
    rows = []
    for price in cost.price_list():
        used = " / ".join(_usd(one) for one in (price.input, price.output) if one is not None)
        row = next(row for row in data["model"] if row["name"] == price.model)
        if "cached" in row:
            used = " / ".join(_usd(row[key]) for key in ("input", "cached", "output"))
        shut = str(price.shut or "–")
        if price.shut is not None and price.shut <= today:
            shut += f' <span class="bft-state">{say["closed"]}</span>'
        rows.append([f"<code>{escape(price.model)}</code>", _training(price, say), used, shut])
    head = [say["model"], say["training"], say["use"], say["shut"]]
    used_sources = [row[key] for row in data["model"] for key in ("source", "shut_source")]
    return _table(head, rows) + _sources(used_sources, say, language)


def _graders(say: dict[str, str], language: str) -> str:
    rows = [
        [f"<code>{escape(row['name'])}</code>", _usd(row["input"]), _usd(row["output"])]
        for row in cost.read_prices()["grader"]
    ]
    return _table([say["grader"], say["read"], say["written"]], rows)


def _supervised(say: dict[str, str], language: str) -> str:
    data = cost.read_prices()
    example = data["example"]
    trained = example["tokens"] * example["epochs"]
    rows = []
    for price in cost.price_list():
        if price.training is None or (price.shut and price.shut <= data["checked"]):
            continue
        rows.append(
            [
                f"<code>{escape(price.model)}</code>",
                f"{trained:,}",
                _training(price, say),
                _sum(trained * price.training / 1e6),
            ]
        )
    own = example["embedded_tokens"] * example["epochs"]
    low, high = cost.embedded_speed()
    seconds = say["seconds"].format(
        round(own / high), round(own / low), data["embedded"]["machine"][language]
    )
    rows.append(["<code>bankft-nano</code>", f"{own:,}", escape(seconds), _sum(0)])
    return _table([say["model"], say["trained"], say["price"], say["cost"]], rows)


def _reinforcement(say: dict[str, str], language: str) -> str:
    data = cost.read_prices()
    example, spec = data["example"], data["example"]["reinforcement"]
    price = next(one for one in cost.price_list() if one.hour is not None)
    assert price.hour is not None
    loop = spec["hours"] * price.hour
    read, written = cost.grader_price(spec["grader"])
    answers = example["examples"] * spec["samples"]
    grading = answers * (spec["read"] * read + spec["written"] * written) / 1e6
    calls = say["calls"].format(example["examples"], spec["samples"], spec["read"], spec["written"])
    rows = [
        [say["loop"], say["hours"].format(spec["hours"], _usd(price.hour)), _sum(loop)],
        [say["grading"].format(f"<code>{spec['grader']}</code>"), calls, _sum(grading)],
        [say["sum"], "", _sum(loop + grading)],
    ]
    return _table([say["step"], "", say["cost"]], rows)


def _training(price: Price, say: dict[str, str]) -> str:
    if price.hour is not None:
        return f"{_usd(price.hour)} {say['an hour']}"
    return f"{_usd(price.training)} {say['a million']}"


def _usd(amount: float | None) -> str:
    """Write a price with as many digits as it has, two at least."""
    if amount is None:
        return "–"
    return f"${amount:,.3f}" if round(amount, 2) != amount else f"${amount:,.2f}"


def _sum(amount: float) -> str:
    return f"${amount:,.2f}"


def _sources(names: list[str], say: dict[str, str], language: str) -> str:
    data = cost.read_prices()
    items = "".join(
        f'<li>{escape(one["title"][language])}: <a href="{escape(one["url"])}">'
        f"{escape(one['url'])}</a></li>"
        for name, one in data["sources"].items()
        if name in names
    )
    return f"<p>{say['footer'].format(data['checked'])}:</p><ol>{items}</ol>"


def _table(head: list[str], rows: list[list[Any]]) -> str:
    top = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        '<div class="table-wrapper docutils container"><table class="docutils bft-card-results">'
        f"<thead><tr>{top}</tr></thead>{body}</table></div>"
    )


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("prices", Prices)
