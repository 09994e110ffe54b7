"""What requests about evals may hold; see ``wire`` for the rules.

Grader objects are checked by ``bankft.graders``, which runs them.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from bankft.service.wire_base import Body

Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]


class Custom(Body):
    """Data of one's own, described by a JSON schema."""

    type: Literal["custom"]
    item_schema: dict[str, Any]
    include_sample_schema: bool = False


class CreateEval(Body):
    """``POST /v1/evals``; of OpenAI's data sources the one that does not need its storage."""

    name: str | None = None
    metadata: Metadata | None = None
    data_source_config: Custom
    testing_criteria: Annotated[list[dict[str, Any]], Field(min_length=1)]


class UpdateEval(Body):
    """``POST /v1/evals/{eval_id}``."""

    name: str | None = None
    metadata: Metadata | None = None


class Row(Body):
    """A line of the data: an item, and for ``jsonl`` the sample that is to be judged."""

    item: dict[str, Any]
    sample: dict[str, Any] | None = None


class FileContent(Body):
    """Lines in the request itself."""

    type: Literal["file_content"]
    content: Annotated[list[Row], Field(min_length=1)]


class FileId(Body):
    """Lines in an uploaded file."""

    type: Literal["file_id"]
    id: str


Source = Annotated[
    Annotated[FileContent, Tag("<file_content>")] | Annotated[FileId, Tag("<file_id>")],
    Discriminator(
        lambda value: "<file_id>" if _of(value, "type") == "file_id" else "<file_content>"
    ),
]


class TemplatePart(Body):
    """A piece of a message's content."""

    type: Literal["input_text", "output_text"]
    text: str


class TemplateMessage(Body):
    """A message whose text may name the item's variables."""

    type: Literal["message"] | None = None
    role: Literal["user", "assistant", "system", "developer"]
    content: Annotated[
        Annotated[str, Tag("<text>")]
        | Annotated[TemplatePart, Tag("<part>")]
        | Annotated[list[TemplatePart], Tag("<parts>")],
        Discriminator(
            lambda value: (
                "<parts>"
                if isinstance(value, list)
                else "<text>"
                if isinstance(value, str)
                else "<part>"
            )
        ),
    ]

    def text(self) -> str:
        """Return the content as one template."""
        if isinstance(self.content, str):
            return self.content
        parts = self.content if isinstance(self.content, list) else [self.content]
        return "".join(part.text for part in parts)


class Template(Body):
    """Messages with placeholders."""

    type: Literal["template"]
    template: Annotated[list[TemplateMessage], Field(min_length=1)]


class ItemReference(Body):
    """Messages that stand in the item."""

    type: Literal["item_reference"]
    item_reference: str


Input = Annotated[
    Annotated[Template, Tag("<template>")] | Annotated[ItemReference, Tag("<item_reference>")],
    Discriminator(
        lambda value: "<item_reference>" if _of(value, "type") == "item_reference" else "<template>"
    ),
]


class TextFormat(Body):
    """The one answer format of this service."""

    type: Literal["text"]


class Sampling(Body):
    """How answers are drawn."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    # The spelling of OpenAI's examples.
    max_completions_tokens: Annotated[int, Field(ge=1)] | None = None
    response_format: TextFormat | None = None
    reasoning_effort: None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None


class Jsonl(Body):
    """Samples that are there already."""

    type: Literal["jsonl"]
    source: Source


class Completions(Body):
    """Samples that a model of this service is asked for."""

    type: Literal["completions"]
    source: Source
    model: str
    input_messages: Input
    sampling_params: Sampling | None = None


class CreateRun(Body):
    """``POST /v1/evals/{eval_id}/runs``."""

    name: str | None = None
    metadata: Metadata | None = None
    data_source: Annotated[
        Annotated[Jsonl, Tag("<jsonl>")] | Annotated[Completions, Tag("<completions>")],
        Discriminator(
            lambda value: "<jsonl>" if _of(value, "type") == "jsonl" else "<completions>"
        ),
    ]


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else getattr(value, key, None)
