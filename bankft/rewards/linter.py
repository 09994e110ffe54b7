"""Lint a grader before it becomes a reward: what training would exploit or choke on.

The grader is asked, not read: it scores reference answers, spoiled ones and answers to other
questions, and what it gives is compared. Only formulas are looked at as text.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bankft import graders
from bankft.errors import BankftError, UsageError
from bankft.graders.formula import Undefined, read_formula
from bankft.rewards.attacks import ATTACKS, Scene
from bankft.rewards.bridge import own_reward
from bankft.rewards.search import Reward
from bankft.rewards.terms import Item, question, reference
from bankft.rewards.watch import watch_rewards
from bankft.rewards.weighing import Score
from bankft.rewards.wording import Severity, say, severity

_MORE = 0.05  # of the range: a rise that training would follow
_OFTEN = 0.2  # share of the items on which something happens before it is said
_EXAMPLES = {attack.name: attack for attack in ATTACKS}
_WRONG = ("wrong_value", "deny", "other_answer", "take_back")
_LONGER, _REPEATED, _STUFFED = ("pad",), ("repeat_all", "repeat_sentence"), ("keywords",)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a grader.

    Attributes:
        code: A short name for programs, such as ``gameable_length``.
        severity: ``"error"``: do not train on it; ``"warning"``: know it, and decide.
        zh: The sentence in Chinese.
        en: The sentence in English.
    """

    code: str
    severity: Severity
    zh: str
    en: str


def lint_grader(
    grader: Mapping[str, Any] | graders.Grader | Reward,
    items: Sequence[Item],
    *,
    most: int = 20,
    bounds: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    **models: Any,
) -> tuple[Problem, ...]:
    """Look for what is wrong with a grader as a reward.

    Args:
        grader: an OpenAI grader object (a mapping, or what `bankft.graders.from_spec` returns),
            or a function ``(sample, item) -> float``.
        items: lines of an RFT file, each with a right answer (``reference_answer``, ``answer``,
            ``reference``, or the last assistant message). ``wrong``, ``facts`` and ``notices``
            make sharper probes; ``samples``, a list of answers that a model gave, shows whether
            the scores are saturated.
        most: how many items are probed, at about thirty answers each.
        bounds: the least and the most that the grader may give.
        seed: of the probes.
        models: ``client``, ``models``, ``sandbox``, … as for `bankft.graders.batch`.

    Returns:
        What was found, errors first; empty where nothing was.

    Raises:
        UsageError: fewer than two items, or one without a right answer.

    >>> items = [{"reference_answer": "管理费1%。"}, {"reference_answer": "托管费2%。"}]
    >>> [problem.code for problem in lint_grader(lambda sample, item: 1.0, items)]
    ['constant']
    """
    asked = [_with_reference(item) for item in items[:most]]
    if len(asked) < 2 or not all(reference(item) for item in asked):
        raise UsageError(
            "Give at least two items, each with a right answer in its field reference_answer: "
            "what a grader lets through shows only beside one."
        )
    if callable(grader):
        found = list(_Probe(_by_function(grader), asked, bounds, seed).problems(False))
    else:
        ready = graders.from_spec(grader) if isinstance(grader, Mapping) else grader
        spec = graders.to_spec(ready)
        one_by_one = own_reward(spec)
        score = _by_function(one_by_one) if one_by_one else _by_grader(ready, models)
        probe = _Probe(score, asked, bounds, seed)
        found = [*probe.problems(graders.asks_a_model(ready)), *_formula_problems(spec)]
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


# All answers at once, since a batch starts one sandbox and asks models side by side: a number
# for each, or why there is none.
_Scores = list[float | str]
_ScoreAll = Callable[[list[str], list[Item]], _Scores]


def _by_function(reward: Reward) -> _ScoreAll:
    def one(sample: str, item: Item) -> float | str:
        try:
            value = reward(sample, item)
            return float(value.total if isinstance(value, Score) else value)
        except (BankftError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            return f"{type(error).__name__}: {error}"

    return lambda samples, items: list(map(one, samples, items))


def _by_grader(grader: graders.Grader, models: Mapping[str, Any]) -> _ScoreAll:
    def score(samples: list[str], items: list[Item]) -> _Scores:
        results = graders.batch(grader, samples, [dict(item) for item in items], **models)
        return [
            ", ".join(name for name, value in asdict(result.errors).items() if value is True)
            or result.reward
            for result in results
        ]

    return score


def _with_reference(item: Item) -> Item:
    """Give an item whose right answer has another name the one that the probes read."""
    if item.get("reference_answer"):
        return item
    for name in ("answer", "reference", "ideal", "expected"):
        if isinstance(item.get(name), str) and item[name]:
            return {**item, "reference_answer": item[name]}
    for message in reversed(item.get("messages") or ()):
        if message.get("role") == "assistant" and isinstance(message.get("content"), str):
            return {**item, "reference_answer": message["content"]}
    return item


class _Probe:
    """What the grader gives for the probes: rewards by (item, name of the probe)."""

    def __init__(
        self, score: _ScoreAll, items: Sequence[Item], bounds: tuple[float, float], seed: int
    ) -> None:
        self.items, self.seed = items, seed
        self.low, self.high = bounds
        asked = list(self._asked())
        scores = score([text for _, text, _ in asked], [item for _, _, item in asked])
        self.calls = len(asked)
        self.failed = [value for value in scores if isinstance(value, str)]
        self.given: dict[tuple[int, str], float] = {}
        self.samples: list[tuple[int, float, int]] = []  # item, reward, length
        self.changed = 0
        for ((number, name), text, _), value in zip(asked, scores, strict=True):
            if isinstance(value, str):
                continue
            if name == "sample":
                self.samples.append((number, value, len(text)))
            elif name == "again":
                self.changed += value != self.given.get((number, "good"), value)
            else:
                self.given[number, name] = value

    def _asked(self) -> Iterator[tuple[tuple[int, str], str, Item]]:
        """Yield everything that the grader is asked: item and name of the probe, answer, item."""
        for number, item in enumerate(self.items):
            others = [other for other in self.items if other is not item]
            scene = Scene(item, others, random.Random(f"lint {self.seed} {number}"))
            good, weak = reference(item), scene.say("refuse")
            yield (number, "good"), good, item
            yield (number, "weak"), weak, item
            yield (number, "foreign"), good, others[number % len(others)]
            for attack in ATTACKS:
                text = attack.apply(good, scene)
                if text != good and (text or attack.name == "empty"):
                    yield (number, attack.name), text, item
            for name in (*_LONGER, *_REPEATED, *_STUFFED):
                yield (number, f"weak {name}"), _EXAMPLES[name].apply(weak, scene), item
            yield (number, "again"), good, item
            for sample in item.get("samples") or ():
                yield (number, "sample"), str(sample), item

    def problems(self, from_model: bool) -> Iterator[Problem]:
        """Yield what the scores show."""
        n = len(self.items)
        if self.failed:
            why = max(set(self.failed), key=self.failed.count)
            yield _problem("raises", n=len(self.failed), of=self.calls, why=why)
        values = list(self.given.values())
        if not values:
            return
        odd = sum(not math.isfinite(value) for value in values)
        if odd:
            yield _problem("not_a_number", n=odd, of=len(values))
        outside = [v for v in values if math.isfinite(v) and not self.low <= v <= self.high]
        if outside:
            worst = max(outside, key=lambda v: abs(v - (self.low + self.high) / 2))
            yield _problem("out_of_range", value=f"{worst:.4g}", low=self.low, high=self.high)
        if self.changed:
            kind: Severity = "warning" if from_model else "error"
            yield _problem("not_deterministic", kind, n=self.changed, of=n)
        if max(values) - min(values) < 1e-9:
            yield _problem("constant", value=f"{values[0]:.4g}")
            return  # all that follows is a consequence
        if all(self._spread(number) < 1e-9 for number in range(n)):
            yield _problem("insensitive")
            return
        yield from self._prefers()
        yield from self._games()
        yield from self._credits()
        yield from self._samples()

    def _spread(self, number: int) -> float:
        mine = [v for (i, name), v in self.given.items() if i == number and name != "foreign"]
        return max(mine) - min(mine) if mine else 0.0

    def _prefers(self) -> Iterator[Problem]:
        n = len(self.items)
        higher, equal = [], []
        for number in range(n):
            good = self.given.get((number, "good"), math.nan)
            wrong = {a: self.given[number, a] for a in _WRONG if (number, a) in self.given}
            worst = max(wrong, key=lambda name: wrong[name], default=None)
            if worst and wrong[worst] > good + 1e-9:
                higher.append(worst)
            elif worst and wrong[worst] > good - 1e-9:
                equal.append(worst)
        for code, names in (("prefers_wrong", higher), ("blind_to_wrong", equal)):
            if len(names) >= max(1, _OFTEN * n):
                which = _EXAMPLES[max(sorted(set(names)), key=names.count)]
                yield Problem(
                    code,
                    severity(code),
                    say(code, "zh", n=len(names), of=n, what=which.zh),
                    say(code, "en", n=len(names), of=n, what=which.en),
                )
        pairs = [
            (self.given[i, "good"], self.given[i, "foreign"])
            for i in range(n)
            if (i, "good") in self.given and (i, "foreign") in self.given
        ]
        if pairs and all(abs(good - foreign) < 1e-9 for good, foreign in pairs):
            yield _problem("ignores_item")

    def _games(self) -> Iterator[Problem]:
        more = _MORE * (self.high - self.low)
        for code, names in (
            ("gameable_length", _LONGER),
            ("gameable_repetition", _REPEATED),
            ("gameable_keywords", _STUFFED),
        ):
            hit = 0
            for number in range(len(self.items)):
                rises = [
                    self.given.get((number, f"{weak}{name}"), -math.inf)
                    - self.given.get((number, base), math.inf)
                    for name in names
                    for base, weak in (("good", ""), ("weak", "weak "))
                ]
                hit += max(rises) > more
            if hit >= max(1, _OFTEN * len(self.items)):
                yield _problem(code, n=hit, of=len(self.items))

    def _credits(self) -> Iterator[Problem]:
        for code, name in (("credits_empty", "empty"), ("credits_question", "copy_question")):
            both = [
                (self.given[i, name], self.given[i, "good"])
                for i, item in enumerate(self.items)
                if (i, name) in self.given and (i, "good") in self.given
                if name == "empty" or question(item)
            ]
            if not both:
                continue
            bad = sum(value for value, _ in both) / len(both) - self.low
            good = sum(value for _, value in both) / len(both) - self.low
            if good > 0 and bad >= good / 2:
                value, full = f"{bad + self.low:.2f}", f"{good + self.low:.2f}"
                yield _problem(code, value=value, good=full)

    def _samples(self) -> Iterator[Problem]:
        if len(self.samples) < 2:
            return
        numbers, rewards, lengths = zip(*self.samples, strict=True)
        groups = numbers if len(set(numbers)) < len(numbers) else None
        seen = watch_rewards(
            rewards, groups=groups, lengths=lengths, floor=self.low, ceiling=self.high
        )
        for alert in seen.alerts:
            if alert.code != "not_a_number":
                yield Problem(alert.code, severity(alert.code), alert.zh, alert.en)


def _problem(code: str, kind: Severity | None = None, **values: Any) -> Problem:
    return Problem(
        code, kind or severity(code), say(code, "zh", **values), say(code, "en", **values)
    )


def _formula_problems(spec: Mapping[str, Any]) -> Iterator[Problem]:
    """Try a multi grader's formula where its parts are 0, a half or 1."""
    text = spec.get("calculate_output")
    if not isinstance(text, str):
        return
    formula = read_formula(text)
    names = sorted(formula.variables)
    corners = itertools.product((0.0, 1.0, 0.5), repeat=len(names))
    for corner in itertools.islice(corners, 2187):  # seven parts in full
        values = dict(zip(names, corner, strict=True))
        try:
            formula(values)
        except Undefined:
            where = ", ".join(f"{name} = {value:g}" for name, value in values.items())
            yield _problem("division_by_zero", formula=text, values=where)
            return
