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


class TextPart(Body):
    """A piece of a message."""

    type: Literal["text"]
    text: str


_Text = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[list[TextPart], Field(min_length=1), Tag("<parts>")],
    Discriminator(lambda value: "<parts>" if isinstance(value, list) else "<text>"),
]


class Message(Body):
    """One message of a conversation. What an earlier answer carries empty may stay in it."""

    role: Literal["system", "developer", "user", "assistant"]
    content: _Text
    refusal: None = None
    audio: None = None
    tool_calls: None = None
    function_call: None = None
    annotations: Annotated[list[Any], Field(max_length=0)] | None = None

    def plain(self) -> dict[str, str]:
        """Return the message as the engine takes it; a developer's is a system message there."""
        role = "system" if self.role == "developer" else self.role
        if isinstance(self.content, str):
            return {"role": role, "content": self.content}
        return {"role": role, "content": "".join(part.text for part in self.content)}


class StreamOptions(Body):
    """What a stream carries besides text."""

    include_usage: bool = False
    include_obfuscation: Literal[False] = False


# Fields of OpenAI's that this service does not implement, with the values that ask for nothing.
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "audio": (),
    "frequency_penalty": (0,),
    "function_call": ("none",),
    "functions": (),
    "logit_bias": ({},),
    "logprobs": (False,),
    "metadata": ({},),
    "modalities": (["text"],),
    "moderation": (),
    "n": (1,),
    "parallel_tool_calls": (),
    "prediction": (),
    "presence_penalty": (0,),
    "prompt_cache_options": (),
    "prompt_cache_retention": (),
    "reasoning_effort": (),
    "response_format": ({"type": "text"},),
    "service_tier": ("auto", "default"),
    "store": (False,),
    "tool_choice": ("none",),
    "tools": ([],),
    "top_logprobs": (0,),
    "verbosity": (),
    "web_search_options": (),
}


class CreateChat(Body):
    """``POST /v1/chat/completions``."""

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] | None = None
    stop: (
        Annotated[
            Annotated[str, Tag("<text>")]
            | Annotated[list[str], Field(min_length=1, max_length=4), Tag("<parts>")],
            Discriminator(lambda value: "<parts>" if isinstance(value, list) else "<text>"),
        ]
        | None
    ) = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    # Names of the end user and of a cache: by their meaning without effect on an answer.
    user: str | None = None
    safety_identifier: Annotated[str, Field(max_length=64)] | None = None
    prompt_cache_key: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing_ignored(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        for name, neutral in NEUTRAL.items():
            if data.get(name) is not None and data[name] not in neutral:
                advice = " Ask for answers one by one." if name == "n" else ""
                raise refuse(
                    "unsupported_parameter",
                    f"Unsupported parameter: '{name}' is not supported by this service.{advice}",
                    name,
                )
        return {name: value for name, value in data.items() if name not in NEUTRAL}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.max_tokens and self.max_completion_tokens:
            raise refuse(
                "invalid_value",
                "Give 'max_completion_tokens' or the older 'max_tokens', not both.",
                "max_tokens",
            )
        if self.stream_options and not self.stream:
            raise refuse(
                "invalid_value",
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                "stream_options",
            )
        return self

    def limit(self) -> int | None:
        """Return how many tokens may be written, where the request says."""
        return self.max_completion_tokens or self.max_tokens

    def stops(self) -> tuple[str, ...]:
        """Return the texts that end an answer."""
        if self.stop is None:
            return ()
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)


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
