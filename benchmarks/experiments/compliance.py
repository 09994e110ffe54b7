"""How often is the compliance checker right, beside a plain list of keywords?

Both judge the labelled sentences of tests/compliance/labelled, which were written without sight
of the rules. A sentence counts as judged violating when any rule says "violation", except the
rules for what is missing (ids "missing-…"): a sentence is no whole answer. What asks for evidence
or a person's judgement is no violation, and sentences labelled so are not counted.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from result import ROOT, write

from bankft import compliance
from bankft.rates import wilson

LABELLED = ROOT / "tests/compliance/labelled"
HALVES = ("dev", "held_out")
ON = date(2026, 11, 21)  # the law of one day, so that the same code measures the same
SOURCES = [
    "benchmarks/experiments/compliance.py",
    "bankft/text.py",
    "bankft/compliance/**/*.py",
    "bankft/compliance/**/*.toml",
    "tests/compliance/labelled/*.jsonl",
]

# What a compliance officer would write down: the words that the clauses name, and those that
# everybody knows from complaints. Case does not matter.
ZH_KEYWORDS = """
保本 保息 保收益 本金无忧 本金安全 本金不受损失 本金有保障 兜底 刚兑 刚性兑付
稳赚 包赚 必赚 只赚不赔 旱涝保收 躺赚 坐享财富增长 安心享受成长 尽享牛市
零风险 无风险 没有风险 没有任何风险 绝对安全 万无一失 高枕无忧 零亏损
保证收益 承诺收益 收益有保障 保底收益 高收益 只涨不跌 必涨 稳涨
预期收益 预期年化 目标收益率 预测收益
最佳 国家级 最高级 专家推荐 教授推荐 协会推荐
欲购从速 申购良机 机不可失 手慢无 赶紧买 先到先得 已为您下单 已为您申购
""".split()
EN_KEYWORDS = (
    """
guarantee, risk-free, risk free, no risk, zero risk, without risk, can't lose, cannot lose,
sure thing, principal-protected, principal protected, capital protected, 100% safe, absolutely safe,
expected return, will definitely, only go up, best fund, best-performing, buy now, act now,
don't miss out, last chance, experts recommend, economists recommend, easy money, no-lose,
high returns
""".replace("\n", " ")
    .strip()
    .split(", ")
)
KEYWORDS = (*ZH_KEYWORDS, *EN_KEYWORDS)

Row = dict[str, Any]


def rows(half: str) -> list[Row]:
    """Read a half of the labelled sentences, without those that have no verdict."""
    lines = (LABELLED / f"{half}.jsonl").read_text(encoding="utf-8").split("\n")
    return [row for row in map(json.loads, filter(None, lines)) if row["violating"] is not None]


def violated(row: Row) -> set[str]:
    """Return the rules that say that a sentence violates them."""
    judgement = compliance.check(row["text"], on=ON, product=row["product"], speaker=row["speaker"])
    return {
        finding.rule
        for finding in judgement.findings
        if finding.verdict == "violation" and not finding.rule.startswith("missing-")
    }


def listed(row: Row) -> bool:
    """Tell whether the list of keywords stops a sentence; a customer's own words it lets pass."""
    text = row["text"].lower()
    return row["speaker"] != "customer" and any(word in text for word in KEYWORDS)


def score(said: Iterable[tuple[Row, bool]]) -> dict[str, Any]:
    """Count recall and precision, each with its 95 % Wilson interval; None where there is none."""
    counted = Counter((row["violating"], judged) for row, judged in said)
    hits, missed, false = counted[True, True], counted[True, False], counted[False, True]
    result: dict[str, Any] = {"sentences": counted.total(), "violating": hits + missed}
    for name, n in (("recall", hits + missed), ("precision", hits + false)):
        low, high = wilson(hits, n) if n else (None, None)
        result |= {name: hits / n if n else None, f"{name}_low": low, f"{name}_high": high}
    return result


def by(key: str, judged: list[tuple[Row, set[str], bool]]) -> list[dict[str, Any]]:
    """Score each value of a field: the checker's row, then the list's."""
    table = []
    for value in sorted({row[key] for row, _, _ in judged}):
        mine = [one for one in judged if one[0][key] == value]
        table.append({key: value} | both(mine)[0])
        table.append({key: value} | both(mine)[1])
    return table


def both(judged: list[tuple[Row, set[str], bool]]) -> list[dict[str, Any]]:
    """Score the checker and the list of keywords."""
    return [
        {"judge": "checker"} | score((row, bool(found)) for row, found, _ in judged),
        {"judge": "keywords"} | score((row, stopped) for row, _, stopped in judged),
    ]


def found_of(judged: list[tuple[Row, set[str], bool]]) -> list[dict[str, Any]]:
    """For each kind of violation, how much of it is found, by the checker and by the list."""
    table = []
    for kind in sorted({kind for row, _, _ in judged for kind in row["kinds"]}):
        mine = [one for one in judged if kind in one[0]["kinds"] and one[0]["violating"]]
        checker, keywords = both(mine)
        table.append(
            {"kind": kind, "violating": len(mine)}
            | {name: checker[name] for name in ("recall", "recall_low", "recall_high")}
            | {"recall_keywords": keywords["recall"]}
        )
    return table


def right_of(judged: list[tuple[Row, set[str], bool]]) -> list[dict[str, Any]]:
    """For each rule, how many of the sentences that it stops do violate."""
    table = []
    for rule in sorted({rule for _, found, _ in judged for rule in found}):
        mine = [row["violating"] for row, found, _ in judged if rule in found]
        low, high = wilson(sum(mine), len(mine))
        table.append(
            {"rule": rule, "stopped": len(mine), "precision": sum(mine) / len(mine)}
            | {"precision_low": low, "precision_high": high}
        )
    return table


def main() -> None:
    """Judge both halves, write what came out."""
    judged = {half: [(row, violated(row), listed(row)) for row in rows(half)] for half in HALVES}
    unseen = judged["held_out"]
    overall = [{"half": half} | one for half in HALVES for one in both(judged[half])]
    for one in overall:
        print(json.dumps(one))
    print(
        write(
            __file__,
            SOURCES,
            {
                "on": ON.isoformat(),
                "rules": len(compliance.rules(on=ON)),
                "digest": compliance.digest(),
                "keywords": len(KEYWORDS),
                "overall": overall,
                "by_language": by("language", unseen),
                "by_hard": by("hard", unseen),
                "by_kind": found_of(unseen),
                "by_rule": right_of(unseen),
            },
        )
    )


if __name__ == "__main__":
    main()
