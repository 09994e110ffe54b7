"""Preference pairs as a model reads them: a conversation, the better answer and the worse one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bankft.errors import DataError

Pair = Mapping[str, Any]


@dataclass(frozen=True)
class Encoded:
    """Token ids of a pair: what both answers share, then each answer with its end."""

    prompt: list[int]
    better: list[int]
    worse: list[int]


def _answer(pair: Pair, name: str, line: int) -> list[dict[str, Any]]:
    said = pair.get(name) or pair.get(name.replace("output", "completion"))
    if not isinstance(said, list) or not said or said[-1].get("role") != "assistant":
        raise DataError(
            f"Pair {line} has no assistant's message in {name}: "
            "give input.messages, preferred_output and non_preferred_output."
        )
    return said


def read_pair(
    pair: Pair, line: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a pair's conversation, better answer and worse answer, as messages.

    Raises:
        DataError: one of them is missing, or the answers are the same; the message names the line.

    >>> said = lambda text: [{"role": "assistant", "content": text}]
    >>> pair = {"input": {"messages": [{"role": "user", "content": "?"}]},
    ...     "preferred_output": said("R2"), "non_preferred_output": said("R3")}
    >>> [part[-1]["content"] for part in read_pair(pair, 1)]
    ['?', 'R2', 'R3']
    """
    given = pair.get("input")
    asked = given.get("messages") if isinstance(given, Mapping) else None
    if not isinstance(asked, list) or not asked:
        raise DataError(
            f"Pair {line} has no input.messages: "
            "give input.messages, preferred_output and non_preferred_output."
        )
    better = _answer(pair, "preferred_output", line)
    worse = _answer(pair, "non_preferred_output", line)
    if better == worse:
        raise DataError(f"Pair {line} has the same answer twice: remove it, or correct one.")
    return asked, better, worse


def encode_pair(tokenizer: Any, pair: Pair, line: int, room: int) -> Encoded:
    """Encode a pair by the model's chat template.

    Args:
        tokenizer: with a chat template.
        pair: in OpenAI's form.
        line: its number, for messages.
        room: the model's context, in tokens.

    Raises:
        DataError: as `read_pair`; or an answer does not fit into the context.

    """
    asked, better, worse = read_pair(pair, line)
    tools = pair["input"].get("tools")

    def ids(messages: Sequence[dict[str, Any]]) -> list[int]:
        out = tokenizer.apply_chat_template(list(messages), tools=tools, return_dict=True)
        return list(out["input_ids"])

    first, second = ids([*asked, *better]), ids([*asked, *worse])
    opening = list(
        tokenizer.apply_chat_template(
            asked, tools=tools, add_generation_prompt=True, return_dict=True
        )["input_ids"]
    )
    longest = max(len(first), len(second))
    if longest > room:
        raise DataError(
            f"Pair {line} takes {longest} tokens and the model has room for {room}: shorten it."
        )
    # Where the three begin to differ: a template may write an open answer unlike a whole one.
    shared = next(
        (
            i
            for i, three in enumerate(zip(opening, first, second, strict=False))
            if len(set(three)) > 1
        ),
        min(len(opening), len(first) - 1, len(second) - 1),
    )
    return Encoded(first[:shared], first[shared:], second[shared:])


def encode_pairs(tokenizer: Any, pairs: Sequence[Pair], room: int) -> list[Encoded]:
    """Encode pairs; lines count from 1."""
    return [encode_pair(tokenizer, pair, line, room) for line, pair in enumerate(pairs, 1)]
