"""Rewards as grader objects, and grader objects as rewards.

Reinforcement fine-tuning takes its reward as a grader object. Ours become one of python graders:
a few readable lines that import this package. They run in the sandbox of `bankft.graders` where
bankft is installed beside Python; a host that does not have it cannot run them. Here they are
known by their text and called directly, which is the same computation without the sandbox.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bankft import graders
from bankft.errors import UsageError
from bankft.graders.formula import read_formula
from bankft.rewards import terms, weighing
from bankft.rewards.terms import Item
from bankft.rewards.weighing import WEIGHTS

_SOURCE = """\
from bankft.rewards import {name}


def grade(sample, item):
    return {name}(sample["output_text"], item)
"""

_FUNCTIONS: dict[str, Callable[[str, Item], float]] = {
    **{name: getattr(terms, name) for name in WEIGHTS},
    "fluency": terms.fluency,
    "total": weighing.total,
    "triple_bottom_line": weighing.triple_bottom_line,
}
_OURS = {_SOURCE.format(name=name): function for name, function in _FUNCTIONS.items()}


def to_grader(weights: Mapping[str, float] | None = WEIGHTS) -> dict[str, Any]:
    """Return a reward as an OpenAI grader object, for ``method.reinforcement.grader``.

    Args:
        weights: term → weight. The grader is then a ``multi`` one with a part for each term, so
            that the job's metrics show every term, and the weights stand in its formula. None
            gives the triple bottom line, one ``python`` grader.

    Raises:
        UsageError: an unknown term, or no weight above 0.

    >>> to_grader({"compliance": 0.8, "right_facts": 0.2})["calculate_output"]
    '0.8 * compliance + 0.2 * right_facts'
    """
    if weights is None:
        return _python("triple_bottom_line")
    unknown = [name for name in weights if name not in (*WEIGHTS, "fluency")]
    if unknown or not any(weight > 0 for weight in weights.values()):
        raise UsageError(
            f"A reward needs weights above 0 for some of its terms ({', '.join(WEIGHTS)}, fluency)."
        )
    return {
        "type": "multi",
        "name": "compliance_and_value",
        "graders": {name: _python(name) for name in weights},
        "calculate_output": " + ".join(f"{weight:g} * {name}" for name, weight in weights.items()),
    }


def _python(name: str) -> dict[str, Any]:
    return {"type": "python", "name": name, "source": _SOURCE.format(name=name)}


def grader_reward(
    grader: Mapping[str, Any] | graders.Grader, **models: Any
) -> Callable[[str, Item], float]:
    """Return a grader object as a reward function.

    Args:
        grader: an OpenAI grader object, or what `bankft.graders.from_spec` returns.
        models: ``client``, ``models``, ``sandbox``, … as for `bankft.graders.grade`.

    Returns:
        ``(sample, item) -> float``. What the grader cannot score is 0, as in training; a grader
        of `to_grader` is computed without the sandbox, with the same result.

    Raises:
        DataError: the object is no grader.

    >>> reward = grader_reward(to_grader({"no_repetition": 1}))
    >>> reward("管理费1%。管理费1%。", {})
    0.5
    """
    ready = graders.from_spec(grader) if isinstance(grader, Mapping) else grader
    own = own_reward(graders.to_spec(ready))
    if own is not None:
        return own

    def reward(sample: str, item: Item) -> float:
        return graders.grade(ready, sample, item, **models).reward

    return reward


def own_reward(spec: Mapping[str, Any]) -> Callable[[str, Item], float] | None:
    """Return the function of a grader that this module wrote, None for any other."""
    if spec.get("type") == "python":
        return _OURS.get(str(spec.get("source")))
    parts = spec.get("graders")
    if spec.get("type") != "multi" or not isinstance(parts, Mapping):
        return None
    functions = {
        name: own_reward(part) for name, part in parts.items() if isinstance(part, Mapping)
    }
    known = {name: function for name, function in functions.items() if function is not None}
    if len(known) < len(parts):
        return None
    formula = read_formula(str(spec.get("calculate_output")))
    if not formula.variables <= known.keys():
        return None  # the grader's own error says it better
    return lambda sample, item: formula(
        {name: function(sample, item) for name, function in known.items()}
    )
