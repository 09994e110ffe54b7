"""What a chat's request may hold; see ``wire`` for the rules."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from bankft.service.wire import Body, refuse


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
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
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
        if self.top_logprobs is not None and not self.logprobs:
            raise refuse(
                "invalid_value",
                "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
                "top_logprobs",
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
