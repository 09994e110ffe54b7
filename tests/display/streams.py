"""Streams of real chunks, as the openai package gives them."""

from openai.types.chat import ChatCompletionChunk

import bankft
from bankft import recording


def chunk(content: str | None, finish: str | None = None) -> ChatCompletionChunk:
    return ChatCompletionChunk.model_validate(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "bankft-nano",
            "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}],
        }
    )


def stream(text: str, finish: str = "stop"):
    """A role-only chunk, a chunk a character, the finish reason, and the usage chunk."""
    yield chunk(None)
    for character in text:
        yield chunk(character)
    yield chunk(None, finish)
    yield chunk("").model_copy(update={"choices": []})


def replayed(language: str) -> list:
    """The streams of a lesson's recording, asked for again."""
    name = "first-job"
    path = recording.folder() / f"{name}.{language}.jsonl"
    client = bankft.connect(name, mode="replay", language=language)
    return [
        client.chat.completions.create(**interaction.request["json"])
        for interaction in recording.load(path).interactions
        if "events" in interaction.response
    ]
