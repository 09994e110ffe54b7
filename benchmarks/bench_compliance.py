"""Judge answers of 200 characters: with and without the native matcher, with 10× the rules.

One core, in CPU seconds, so that other programs do not count: how many answers of the running
case, half of them Chinese, half English, `bankft.compliance.check` judges in a second. No answer
is judged twice in one way of judging, so nothing remembered helps. What is compiled for many texts
is loaded before the clock starts; ``loading_seconds`` says what that takes. With ten times the
rules the speed should stay: the cost grows with the text, not with the rules.
``keyword_list`` is a plain search for each of 24 words, which understands nothing, for scale.

Run: ``nox -s bench -- benchmarks/bench_compliance.py``
"""

import json
import random
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


def answers(many: int, *, seed: int) -> list[str]:
    """Return answers of exactly 200 characters: facts and figures, as clients ask for them.

    One in three also answers a leading question (不保本…, no forecast …), whose words the rules
    have to look at twice. All end with the risk notice and the disclaimer.

    Args:
        many: How many, all different.
        seed: Of the draw; others are drawn with another.
    """
    draw = random.Random(seed)
    made: dict[str, None] = {}
    for language in ("zh", "en"):
        plain, leading = (
            [
                question.answer.replace(fundbot.DISCLAIMER[language], "").strip()
                for kind in kinds
                for question in fundbot.questions("train", 1_000, kind=kind, language=language)
            ]
            for kinds in (("fact", "copy"), ("leading",))
        )
        blank, stop = {"zh": ("", "。"), "en": (" ", ".")}[language]
        end = fundbot.RISK_NOTICE[language] + fundbot.DISCLAIMER[language]
        enough = len(made) + many // 2
        while len(made) < enough:
            first = draw.choice(leading) if len(made) % 3 == 0 else ""
            text = blank.join([first, *draw.choices(plain, k=20)]).lstrip()
            room = LENGTH - len(end) - len(blank)
            cut = text[: room - 1].rstrip()  # anywhere, and then a stop, as a sentence has one
            made[cut.ljust(room, stop) + blank + end] = None
    texts = list(made)
    draw.shuffle(texts)
    return texts


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


def speed(judge: Callable[[str], object], rounds: list[list[str]]) -> float:
    """Return texts judged in a second: the median of the rounds behind the first."""
    taken = []
    for texts in rounds:
        began = time.process_time()
        for text in texts:
            judge(text)
        taken.append((time.process_time() - began) / len(texts))
    return 1 / statistics.median(taken[1:])


def rounds_of(texts: list[str]) -> list[list[str]]:
    """Part texts into rounds; the first is longer, so that all that is loaded is loaded in it."""
    size = len(texts) // (ROUNDS + 2)
    return [texts[: 2 * size], *(texts[at : at + size] for at in range(2 * size, len(texts), size))]


def main() -> None:
    """Measure and print JSON."""
    texts = answers(4_200, seed=1)
    assert {len(text) for text in texts} == {LENGTH}
    packs = [more_rules(10)]
    compliance.check(texts[0], packs=packs)
    began = time.process_time()
    for text in answers(1_000, seed=2):
        compliance.check(text)
    loading = time.process_time() - began
    ways: dict[str, Callable[[str], object]] = {
        "native": lambda text: compliance.check(text, native=True),
        "native_10x_rules": lambda text: compliance.check(text, native=True, packs=packs),
        "pure": lambda text: compliance.check(text, native=False),
        "pure_10x_rules": lambda text: compliance.check(text, native=False, packs=packs),
        "keyword_list": lambda text: [word for word in KEYWORDS if word in text],
    }
    result = {
        name: round(speed(judge, rounds_of(answers(4_200, seed=seed))))
        for seed, (name, judge) in enumerate(ways.items(), 3)
    }
    long = ["".join(texts[at : at + 10]) for at in range(0, len(texts), 10)]
    per_character = {
        len(some[0]): speed(ways["native"], rounds_of(some)) * len(some[0])
        for some in (texts, long)
    }
    print(
        json.dumps(
            {
                "what": f"answers of {LENGTH} characters judged on one core",
                "rules": len(compliance.rules()),
                "loading_seconds": round(loading, 2),
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
