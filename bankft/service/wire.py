"""What requests may hold: OpenAI's fields with the ranges of OpenAI's specification.

Unknown fields are refused, and so is every field of OpenAI's that this service would otherwise
ignore: an answer must never look as if a parameter had been obeyed that was not.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from bankft.service.wire_base import Body, refuse
from bankft.service.wire_methods import HYPERPARAMETERS, Hyperparameters, Method

__all__ = ["Body", "CreateFile", "CreateJob", "Hyperparameters", "Method", "refuse"]

_Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]


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
    bankft: dict[str, Any] | None = None  # by method: see ``wire_methods.OPTIONS``

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
        if self.kind == "reinforcement" and self.validation_file is None:
            raise refuse(
                "missing_required_parameter",
                "Missing required parameter: 'validation_file'. Reinforcement fine-tuning is "
                "measured on questions that it does not learn from.",
                "validation_file",
            )
        return self

    @property
    def kind(self) -> str:
        """The method's name."""
        return self.method.type if self.method else "supervised"

    def settings(self) -> Hyperparameters:
        """Return the hyperparameters, wherever they were given."""
        given = getattr(self.method, self.kind) if self.method else None
        if given is not None:
            found: Hyperparameters = given.hyperparameters
            return found
        return self.hyperparameters or HYPERPARAMETERS[self.kind]()


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
