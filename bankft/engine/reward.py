"""Rewards of training: any grader object, unchanged, or any function that scores answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bankft import graders
from bankft.errors import BankftError, DataError
from bankft.graders.formula import Formula, Undefined, read_formula
from bankft.rewards.bridge import own_reward

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """An answer to grade: the conversation it answers, the item's other keys, text and tokens."""

    messages: Sequence[Mapping[str, Any]]
    item: Item
    text: str
    ids: tuple[int, ...] = ()


class Asking(NamedTuple):
    """A grader that asks a model: its name and type, and the model's name.

    Where several graders of a multi grader ask one model, the names of all, by commas.
    """

    name: str
    type: str
    model: str


@dataclass(frozen=True)
class Graded:
    """A sample's reward; ``scores`` of its parts by name; ``errors`` that happened, by name.

    ``tokens`` are those of the models that were asked: ``prompt_tokens``, ``cached_tokens`` and
    ``completion_tokens``.
    """

    reward: float
    scores: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)
    tokens: Mapping[Asking, Mapping[str, int]] = field(default_factory=dict)


Reward = Callable[[Sequence[Sample]], Sequence[Graded]]
Scorer = Callable[[Sequence[Sequence[Mapping[str, Any]]]], Sequence[float]]


def as_reward(grader: Reward | graders.Grader | Mapping[str, Any], **models: Any) -> Reward:
    """Return a grader object as the reward of training; a reward is returned as it is.

    Args:
        grader: a reward; or an OpenAI grader object, or what `bankft.graders.from_spec` returns.
        models: ``client``, ``models``, ``sandbox``, … as for `bankft.graders.batch`.

    Returns:
        The reward. Grader objects of `bankft.rewards.to_grader` are computed without the sandbox,
        with the same result; python graders of others run in it, one for all answers of a step.

    Raises:
        DataError: the object is no grader.

    >>> exact = {"type": "string_check", "name": "exact", "operation": "eq",
    ...     "input": "{{ sample.output_text }}", "reference": "{{ item.answer }}"}
    >>> as_reward(exact)([Sample([], {"answer": "R2"}, "R2")])[0].reward
    1.0
    """
    if isinstance(grader, Mapping):
        ready = graders.from_spec(grader)
    elif callable(grader):
        return grader
    else:
        ready = grader
    parts: dict[str, graders.Grader] = {ready.name or ready.type: ready}
    formula = None
    if isinstance(ready, graders.MultiGrader):
        parts, formula = dict(ready.graders), read_formula(ready.calculate_output)
    own = {name: own_reward(graders.to_spec(part)) for name, part in parts.items()}
    functions = {name: function for name, function in own.items() if function is not None}
    if len(functions) == len(parts):
        return lambda samples: _once(lambda one: _own(functions, formula, one), samples)

    asking = _asking(parts)

    def reward(samples: Sequence[Sample]) -> list[Graded]:
        results = graders.batch(
            ready, [one.text for one in samples], [one.item for one in samples], **models
        )
        return [
            Graded(
                one.reward,
                dict(one.sub_rewards) or {one.name: one.reward},
                {name: value for name, value in vars(one.errors).items() if value},
                {asking[model]: used for model, used in one.token_usage.items()},
            )
            for one in results
        ]

    return reward


def _asking(parts: Mapping[str, graders.Grader]) -> dict[str, Asking]:
    """Return who asks a model, by the model's name."""
    found: dict[str, Asking] = {}
    for name, part in parts.items():
        if isinstance(part, graders.ScoreModelGrader | graders.LabelModelGrader):
            others = [found[part.model].name] if part.model in found else []
            found[part.model] = Asking(", ".join([*others, name]), part.type, part.model)
    return found


def _once(grade: Callable[[Sample], Graded], samples: Sequence[Sample]) -> list[Graded]:
    """Grade equal answers to one item once: a sure policy repeats itself."""
    distinct = {(id(one.item), one.text): one for one in samples}
    grades = {key: grade(one) for key, one in distinct.items()}
    return [grades[id(one.item), one.text] for one in samples]


def _own(
    functions: Mapping[str, Callable[[str, Item], float]], formula: Formula | None, one: Sample
) -> Graded:
    try:
        scores = {name: function(one.text, one.item) for name, function in functions.items()}
    except BankftError as error:  # in the sandbox it would be the source that raises
        details = {"python_grader_runtime_error_details": str(error)}
        return Graded(0.0, {}, {"python_grader_runtime_error": True, **details})
    try:
        return Graded(formula(scores) if formula else next(iter(scores.values())), scores)
    except Undefined:
        return Graded(0.0, scores, {"formula_parse_error": True})


def by_model(score: Scorer, name: str = "reward_model") -> Reward:
    """Return a model that scores whole conversations as a reward, as `RewardModel.score` does.

    Raises:
        DataError: (the reward, when called) the scores are not as many as the answers.

    >>> lengths = lambda talks: [float(len(talk[-1]["content"])) for talk in talks]
    >>> by_model(lengths)([Sample([{"role": "user", "content": "?"}], {}, "abc")])[0].reward
    3.0
    """

    def reward(samples: Sequence[Sample]) -> list[Graded]:
        # A sure policy repeats itself: equal answers to one prompt are scored once.
        distinct = {(id(one.messages), one.text): one for one in samples}
        talks = [
            [*one.messages, {"role": "assistant", "content": one.text}] for one in distinct.values()
        ]
        scores = score(talks)
        if len(scores) != len(talks):
            raise DataError(f"The model gave {len(scores)} scores for {len(talks)} answers.")
        of = {key: float(value) for key, value in zip(distinct, scores, strict=True)}
        values = [of[id(one.messages), one.text] for one in samples]
        return [Graded(value, {name: value}) for value in values]

    return reward
