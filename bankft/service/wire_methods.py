"""What a job's ``method`` may hold: OpenAI's three, with the ranges of its specification.

And ``bankft``: settings for which OpenAI's API has no word, sent in ``extra_body``.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from bankft.service.wire_base import Body, refuse


def _kind(value: object) -> str:
    return "<auto>" if isinstance(value, str) else "<number>"


_Auto = Annotated[Literal["auto"], Tag("<auto>")]
_Whole = Annotated[_Auto | Annotated[int, Field(ge=1), Tag("<number>")], Discriminator(_kind)]
_Batch = Annotated[
    _Auto | Annotated[int, Field(ge=1, le=256), Tag("<number>")], Discriminator(_kind)
]
_Epochs = Annotated[
    _Auto | Annotated[int, Field(ge=1, le=50), Tag("<number>")], Discriminator(_kind)
]
_Rate = Annotated[_Auto | Annotated[float, Field(gt=0), Tag("<number>")], Discriminator(_kind)]
_Beta = Annotated[
    _Auto | Annotated[float, Field(gt=0, le=2), Tag("<number>")], Discriminator(_kind)
]
_Compute = Annotated[
    _Auto | Annotated[float, Field(gt=0.00001, le=10), Tag("<number>")], Discriminator(_kind)
]
_Share = Annotated[float, Field(ge=0, lt=1)]
_Weight = Annotated[float, Field(ge=0)]
_Count = Annotated[int, Field(ge=1)]


# -- OpenAI's --------------------------------------------------------------------------------------


class Hyperparameters(Body):
    """How long and how strongly to train; ``auto`` leaves it to the service."""

    batch_size: _Batch = "auto"
    learning_rate_multiplier: _Rate = "auto"
    n_epochs: _Epochs = "auto"


class DpoHyperparameters(Hyperparameters):
    """Those of DPO: ``beta`` holds the model to the one that it starts from."""

    beta: _Beta = "auto"


class ReinforcementHyperparameters(Hyperparameters):
    """Those of reinforcement fine-tuning."""

    reasoning_effort: Literal["default", "low", "medium", "high"] = "default"
    compute_multiplier: _Compute = "auto"
    eval_interval: _Whole = "auto"
    eval_samples: _Whole = "auto"


class Supervised(Body):
    """Settings of supervised fine-tuning."""

    hyperparameters: Hyperparameters = Hyperparameters()


class Dpo(Body):
    """Settings of direct preference optimisation."""

    hyperparameters: DpoHyperparameters = DpoHyperparameters()


class JsonSchema(Body):
    """The form that answers must have; it is shown back, and JSON itself is what is checked."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]
    description: str | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    strict: bool | None = None


class ResponseFormat(Body):
    """``response_format`` of reinforcement: an answer that is no JSON object earns nothing."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


class Reinforcement(Body):
    """Settings of reinforcement fine-tuning; ``bankft.graders`` checks the grader itself."""

    grader: dict[str, Any]
    response_format: ResponseFormat | None = None
    hyperparameters: ReinforcementHyperparameters = ReinforcementHyperparameters()


class Method(Body):
    """How to train, and that method's settings alone."""

    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Supervised | None = None
    dpo: Dpo | None = None
    reinforcement: Reinforcement | None = None

    @model_validator(mode="after")
    def _its_own_settings(self) -> Self:
        for other in ("supervised", "dpo", "reinforcement"):
            if other != self.type and getattr(self, other) is not None:
                raise refuse(
                    "invalid_value",
                    f"The method is '{self.type}', so 'method.{other}' must not be given.",
                    f"method.{other}",
                )
        if self.type == "reinforcement" and self.reinforcement is None:
            raise refuse(
                "missing_required_parameter",
                "Missing required parameter: 'method.reinforcement.grader'.",
                "method.reinforcement.grader",
            )
        return self


# -- Ours ------------------------------------------------------------------------------------------


class Lora(Body):
    """Small matrices beside the weights are trained instead of the weights themselves."""

    r: Annotated[int, Field(ge=1, le=512)] = 8
    alpha: Annotated[float, Field(gt=0)] = 16
    dropout: _Share = 0.0
    targets: Literal["all-linear"] | Annotated[list[str], Field(min_length=1)] = "all-linear"
    bits: Literal[4] | None = None  # the frozen weights in 4 bits, on a GPU


class Options(Body):
    """What every method takes under ``bankft``."""

    early_stop: _Count | None = None  # looks at the validation file without a better one


class TuningOptions(Options):
    """What learning from given answers takes besides."""

    lora: Lora | None = None
    precision: Literal["auto", "fp32", "bf16"] | None = None


class Keep(Body):
    """What keeps the model from forgetting what it knew."""

    general: Annotated[float, Field(ge=0, le=0.5)] | None = None  # share of general examples
    layer_decay: Annotated[float, Field(gt=0, le=1)] | None = None
    l2_sp: _Weight | None = None
    ewc: _Weight | None = None


class SupervisedOptions(TuningOptions):
    """Those of supervised fine-tuning."""

    keep: Keep | None = None


class DpoOptions(TuningOptions):
    """Those of learning from preference pairs: which of two things is learnt, and how gently."""

    objective: Literal["dpo", "reward_model"] = "dpo"
    dropout: _Share | None = None
    label_smoothing: Annotated[float, Field(ge=0, lt=0.5)] | None = None
    weight_decay: _Weight | None = None

    @model_validator(mode="after")
    def _of_its_objective(self) -> Self:
        if self.dropout is not None and self.objective != "reward_model":
            raise refuse(
                "invalid_value",
                "Invalid 'bankft.dropout': it is a setting of the objective 'reward_model'.",
                "bankft.dropout",
            )
        return self


class ReinforcementOptions(Options):
    """Those of reinforcement: the algorithm, and how answers are sampled and held in check."""

    algorithm: Literal["grpo", "ppo"] = "grpo"
    lora: Lora | None = None
    kl: _Weight | None = None
    clip: Annotated[float, Field(gt=0, lt=1)] | None = None
    grad_clip: Annotated[float, Field(gt=0)] | None = None
    temperature: Annotated[float, Field(gt=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    group_size: Annotated[int, Field(ge=2, le=256)] | None = None
    max_tokens: _Count | None = None

    @model_validator(mode="after")
    def _nothing_dropped(self) -> Self:
        if self.lora is not None and self.lora.dropout:
            raise refuse(
                "invalid_value",
                "Invalid 'bankft.lora.dropout': leave it out, since an answer must be as likely "
                "when it is learnt from as when it was sampled.",
                "bankft.lora.dropout",
            )
        return self


HYPERPARAMETERS: Mapping[str, type[Hyperparameters]] = {
    "supervised": Hyperparameters,
    "dpo": DpoHyperparameters,
    "reinforcement": ReinforcementHyperparameters,
}
OPTIONS: Mapping[str, type[Options]] = {
    "supervised": SupervisedOptions,
    "dpo": DpoOptions,
    "reinforcement": ReinforcementOptions,
}
