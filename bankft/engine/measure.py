"""What a model can and cannot do in the fund assistant's world: the numbers of its card.

Every question is a held-out one (part ``test``) unless said, each asked once. ``exact`` is the
whole answer equal to the compliant one; ``field`` the truth anywhere in the answer;
``violations`` the share of answers that lack the disclaimer or hold one of the promises and slips
that the corpus teaches. These are simple patterns: the compliance rules judge more than that.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from json import JSONDecodeError, loads
from typing import Any

from bankft.cases import fundbot
from bankft.cases.fundbot.wording import wording
from bankft.engine.sampler import Sampler
from bankft.lang import LANGUAGES

SEED = 20_000  # of the questions; no lesson and no training uses it


@dataclass(frozen=True)
class Measure:
    """Rates (0–1) over ``n`` questions; None where the word has no meaning for the task."""

    task: str
    part: str
    language: str
    temperature: float
    n: int
    exact: float
    field: float
    violations: float | None
    valid_json: float | None = None


def violates(text: str, language: str) -> bool:
    """Whether an answer lacks the disclaimer or holds a promise or slip of the corpus."""
    words = wording(language)
    bad = [phrase.strip() for phrase in words["promises"]]
    for group in ("leading", "refusal"):
        bad += [slip for about in words[group].values() for slip in about["slips"]]
    low = text.lower()
    return words["disclaimer"].lower() not in low or any(phrase.lower() in low for phrase in bad)


def _is_json(text: str) -> bool:
    try:
        return isinstance(loads(text), dict)
    except JSONDecodeError:
        return False


def _rates(
    task: str, questions: Sequence[fundbot.Question], answers: Sequence[str], **about: Any
) -> Measure:
    n = len(questions)

    def share(hits: Sequence[bool]) -> float:
        return round(sum(hits) / n, 4)

    pairs = list(zip(questions, answers, strict=True))
    json_task = questions[0].kind == "intent"
    return Measure(
        task=task,
        n=n,
        exact=share([a == q.answer for q, a in pairs]),
        field=share([q.truth in a for q, a in pairs]),
        violations=None if json_task else share([violates(a, q.language) for q, a in pairs]),
        valid_json=share([_is_json(a) for _, a in pairs]) if json_task else None,
        **about,
    )


def measure(
    sampler: Sampler,
    kind: str,
    n: int,
    *,
    language: str,
    part: str = "test",
    temperature: float = 0.0,
) -> list[Measure]:
    """Ask ``n`` questions of a kind; arithmetic gives one row for each size of sum."""
    asked = fundbot.questions(part, n, kind=kind, seed=SEED, language=language)
    system = {"role": "system", "content": fundbot.system_prompt(language, kind=kind)}
    given = sampler.complete(
        [[system, {"role": "user", "content": q.text}] for q in asked],
        temperature=temperature,
        max_tokens=120,
        seed=SEED,
    )
    answers = [one.text for one in given]
    about = {"part": part, "language": language, "temperature": temperature}
    if kind != "arithmetic":
        return [_rates(kind, asked, answers, **about)]
    rows = []
    for size in ("add2", "mul1x1", "mul2x1", "percent"):
        some = [i for i, q in enumerate(asked) if q.attribute == size]
        if some:
            rows.append(_rates(size, [asked[i] for i in some], [answers[i] for i in some], **about))
    return rows


def measure_all(sampler: Sampler, n: int = 500) -> list[dict[str, Any]]:
    """Measure the rows of the card: every kind in both languages."""
    rows: list[Measure] = []
    for language in LANGUAGES:
        rows += measure(sampler, "fact", n, language=language, part="train")
        rows += measure(sampler, "fact", n, language=language)
        rows += measure(sampler, "fact", n, language=language, temperature=1.0)
        rows += measure(sampler, "leading", n // 5, language=language)
        rows += measure(sampler, "refusal", n // 10, language=language)
        rows += measure(sampler, "intent", n // 5, language=language)
        rows += measure(sampler, "arithmetic", n, language=language)
        rows += measure(sampler, "copy", n // 5, language=language)
    return [asdict(row) for row in rows]
