"""What requests may hold: OpenAI's fields with the ranges of OpenAI's specification.

Unknown fields are refused, and so is every field of OpenAI's that this service would otherwise
ignore: an answer must never look as if a parameter had been obeyed that was not.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError


class Body(BaseModel):
    """Base of all requests: nothing is converted, nothing unknown is let in."""

    model_config = ConfigDict(extra="forbid", strict=True)


def refuse(code: str, message: str, param: str) -> PydanticCustomError:
    """Return an error of our own about one field."""
    return PydanticCustomError(
        "bankft", "{message}", {"message": message, "code": code, "param": param}
    )


def _kind(value: object) -> str:
    return "<auto>" if isinstance(value, str) else "<number>"


_Auto = Annotated[Literal["auto"], Tag("<auto>")]
_Batch = Annotated[
    _Auto | Annotated[int, Field(ge=1, le=256), Tag("<number>")], Discriminator(_kind)
]
_Rate = Annotated[_Auto | Annotated[float, Field(gt=0), Tag("<number>")], Discriminator(_kind)]
_Epochs = Annotated[
    _Auto | Annotated[int, Field(ge=1, le=50), Tag("<number>")], Discriminator(_kind)
]
_Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]


class Hyperparameters(Body):
    """How long and how strongly to train; ``auto`` leaves it to the service."""

    batch_size: _Batch = "auto"
    learning_rate_multiplier: _Rate = "auto"
    n_epochs: _Epochs = "auto"


class Supervised(Body):
    """Settings of supervised fine-tuning."""

    hyperparameters: Hyperparameters = Hyperparameters()


class Method(Body):
    """How to train. This service trains ``supervised`` jobs."""

    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Supervised | None = None
    dpo: Any = None
    reinforcement: Any = None

    @model_validator(mode="after")
    def _only_what_is_trained(self) -> Self:
        if self.type != "supervised":
            raise refuse(
                "unsupported_value",
                f"This service does not train the method '{self.type}' yet: use 'supervised'.",
                "method",
            )
        for other in ("dpo", "reinforcement"):
            if getattr(self, other) is not None:
                raise refuse(
                    "invalid_value",
                    f"The method is 'supervised', so 'method.{other}' must not be given.",
                    f"method.{other}",
                )
        return self


class CreateJob(Body):
    """``POST /v1/fine_tuning/jobs``."""

    model: str
    training_file: str
    validation_file: str | None = None
    # OpenAI allows any characters; here the suffix becomes part of a name that stands in
    # addresses, so it keeps to plain ones.
    suffix: (
        Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]*$")] | None
    ) = None
    seed: Annotated[int, Field(ge=0, le=2147483647)] | None = None
    method: Method | None = None
    hyperparameters: Hyperparameters | None = None
    metadata: _Metadata | None = None
    integrations: list[Any] | None = None

    @model_validator(mode="after")
    def _one_place_for_settings(self) -> Self:
        if self.method and self.hyperparameters:
            raise refuse(
                "invalid_value",
                "Give 'hyperparameters' inside 'method' alone: the top-level field is deprecated "
                "and cannot stand beside it.",
                "hyperparameters",
            )
        if self.integrations:
            raise refuse(
                "unsupported_parameter",
                "Unsupported parameter: this service sends nothing to other hosts, "
                "so 'integrations' must be empty.",
                "integrations",
            )
        return self

    def settings(self) -> Hyperparameters:
        """Return the hyperparameters, wherever they were given."""
        if self.method and self.method.supervised:
            return self.method.supervised.hyperparameters
        return self.hyperparameters or Hyperparameters()


class CreateFile(Body):
    """The fields of the form of ``POST /v1/files``; ``file`` stands for the upload itself."""

    model_config = ConfigDict(extra="forbid", strict=False, populate_by_name=True)

    file: str
    purpose: Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
    anchor: Literal["created_at"] | None = Field(None, alias="expires_after[anchor]")
    seconds: Annotated[int, Field(ge=3600, le=2592000)] | None = Field(
        None, alias="expires_after[seconds]"
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.anchor is None) != (self.seconds is None):
            raise refuse(
                "missing_required_parameter",
                "'expires_after' needs both 'anchor' and 'seconds'.",
                "expires_after",
            )
        return self
