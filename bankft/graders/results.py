"""What grading a sample gives: the answer of OpenAI's ``graders/run``, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Errors:
    """What went wrong, by OpenAI's names; the reward is then 0 and says nothing of the sample.

    Attributes:
        formula_parse_error: ``calculate_output`` has no value for these rewards.
        sample_parse_error: ``sample.output_json`` was asked for, and the sample is not JSON.
        truncated_observation_error: a text is too long to be compared.
        invalid_variable_error: a template names what neither item nor sample holds.
        python_grader_server_error: the sandbox failed, or none is there.
        python_grader_runtime_error: the source raised, returned no finite number, or broke a limit.
        model_grader_server_error: the model's host refused or could not be reached.
        model_grader_refusal_error: the model refused to answer.
        model_grader_parse_error: the model's answer is no number, or none of the labels.

    """

    formula_parse_error: bool = False
    sample_parse_error: bool = False
    truncated_observation_error: bool = False
    unresponsive_reward_error: bool = False
    invalid_variable_error: bool = False
    other_error: bool = False
    python_grader_server_error: bool = False
    python_grader_server_error_type: str | None = None
    python_grader_runtime_error: bool = False
    python_grader_runtime_error_details: str | None = None
    model_grader_server_error: bool = False
    model_grader_refusal_error: bool = False
    model_grader_parse_error: bool = False
    model_grader_server_error_details: str | None = None

    def __bool__(self) -> bool:
        """Whether anything went wrong."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class Result:
    """One sample's grade.

    Attributes:
        reward: in the grader's own range; 0 where something went wrong (of a ``multi`` grader, its
            formula with 0 for that part).
        name: the grader's.
        type: the grader's.
        errors: what went wrong.
        seconds: that grading took.
        sub_rewards: of a ``multi`` grader, by name.
        token_usage: by the name of each model that was asked.
        sampled_model_name: the model that was asked, where it was one.
        passed: whether the reward reaches ``pass_threshold``; of a string check, whether it holds;
            of a label, whether it passes; None where the grader sets no threshold.
        label: that a ``label_model`` grader's model chose.
        sandbox: that a python grader ran in.

    """

    reward: float
    name: str
    type: str
    errors: Errors = field(default_factory=Errors)
    seconds: float = 0.0
    sub_rewards: Mapping[str, float] = field(default_factory=dict)
    token_usage: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sampled_model_name: str | None = None
    passed: bool | None = None
    label: str | None = None
    sandbox: str | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        """The answer's ``metadata``; what OpenAI has no field for stands under ``bankft``."""
        used = [one.get("total_tokens", 0) for one in self.token_usage.values()]
        more = {"sandbox": self.sandbox, "passed": self.passed, "label": self.label}
        found = {
            "name": self.name,
            "type": self.type,
            "errors": asdict(self.errors),
            "execution_time": self.seconds,
            "scores": dict(self.sub_rewards),
            "token_usage": sum(used) if used else None,
            "sampled_model_name": self.sampled_model_name,
        }
        more = {name: value for name, value in more.items() if value is not None}
        return {**found, "bankft": more} if more else found

    def to_dict(self) -> dict[str, Any]:
        """Return the answer of ``graders/run``."""
        return {
            "reward": self.reward,
            "metadata": self.metadata,
            "sub_rewards": dict(self.sub_rewards),
            "model_grader_token_usage_per_model": {
                name: dict(used) for name, used in self.token_usage.items()
            },
        }


def merged(errors: Iterable[Errors]) -> Errors:
    """Return what went wrong anywhere; of texts, the first."""
    several = list(errors)
    found: dict[str, Any] = {
        one.name: next((v for e in several if (v := getattr(e, one.name))), one.default)
        for one in fields(Errors)
    }
    return Errors(**found)


def added(used: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums of token counts."""
    total: dict[str, int] = {}
    for one in used:
        for name, count in one.items():
            total[name] = total.get(name, 0) + count
    return total
