"""Judge answers of 200 characters: with and without the native matcher, with 10× the rules.

One core, in CPU seconds, so that other programs do not count: how many answers of the running
case, half of them Chinese, half English, `bankft.compliance.check` judges in a second. With ten
times the rules that should stay: the cost grows with the text, not with the rules.
``keyword_list`` is a plain search for each of 24 words, which understands nothing, for scale.

Run: ``nox -s bench -- benchmarks/bench_compliance.py``
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from bankft import compliance
from bankft.cases import fundbot
from bankft.compliance.pattern import compile_patterns

LENGTH = 200
ROUNDS = 5
WORDS = "保本 保收益 稳赚 零风险 无风险 业绩最佳 预期收益 肯定赚 guaranteed risk-free"
KEYWORDS = [*WORDS.split(), *(f"词{number}" for number in range(14))]


def answers(many: int) -> list[str]:
    """Return answers of exactly 200 characters: facts and figures, as clients ask for them.

    One in three also answers a leading question (不保本…, no forecast …), whose words the rules
    have to look at twice. All end with the risk notice and the disclaimer.
    """
    made = []
    for language in ("zh", "en"):
        plain, leading = (
            [
                question.answer.replace(fundbot.DISCLAIMER[language], "").strip()
                for kind in kinds
                for question in fundbot.questions("train", many // 2, kind=kind, language=language)
            ]
            for kinds in (("fact", "copy"), ("leading",))
        )
        end = fundbot.RISK_NOTICE[language] + fundbot.DISCLAIMER[language]
        for at in range(many // 2):
            first = leading[at % len(leading)] if at % 3 == 0 else ""
            rest = "".join(plain[(at + step * 31) % len(plain)] for step in range(20))
            made.append((first + rest)[: LENGTH - len(end)] + end)
    return made[::2] + made[1::2]


def more_rules(times: int) -> compliance.Pack:
    """Return a pack of as many more rules, each with words of its own."""
    shipped = compliance.rules()
    made = []
    for turn in range(1, times):
        for number, rule in enumerate(shipped):
            words = [f"甲{turn}乙{number}丙{part}" for part in range(len(rule.patterns) or 1)]
            patterns = tuple(
                pattern for word in words for pattern in compile_patterns(f"{word}..4款", {})
            )
            made.append(
                replace(rule, id=f"x{turn}-{number}", kind="phrase", patterns=patterns, required=())
            )
    return compliance.Pack("more", "1", {"zh": "更多", "en": "more"}, tuple(made), f"more{times}")


def speed(judge: Callable[[str], object], texts: list[str]) -> float:
    """Return texts judged in a second: the median of a few rounds."""
    judge(texts[0])
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            judge(text)
        taken.append(time.process_time() - began)
    return len(texts) / statistics.median(taken)


def main() -> None:
    """Measure and print JSON."""
    texts = answers(600)
    assert {len(text) for text in texts} == {LENGTH}
    packs = [more_rules(10)]
    ways: dict[str, Callable[[str], object]] = {
        "native": lambda text: compliance.check(text, native=True),
        "native_10x_rules": lambda text: compliance.check(text, native=True, packs=packs),
        "pure": lambda text: compliance.check(text, native=False),
        "pure_10x_rules": lambda text: compliance.check(text, native=False, packs=packs),
        "keyword_list": lambda text: [word for word in KEYWORDS if word in text],
    }
    result = {name: round(speed(judge, texts)) for name, judge in ways.items()}
    short, long = texts[:100], ["".join(texts[at : at + 10]) for at in range(0, 100, 10)]
    per_character = {
        len(some[0]): speed(ways["native"], some) * len(some[0]) for some in (short, long)
    }
    print(
        json.dumps(
            {
                "what": f"answers of {LENGTH} characters judged on one core",
                "rules": len(compliance.rules()),
                "answers_a_second": result,
                "characters_a_second_by_length": {k: round(v) for k, v in per_character.items()},
                "10x_rules_cost": {
                    way: round(result[way] / result[f"{way}_10x_rules"], 2)
                    for way in ("native", "pure")
                },
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
