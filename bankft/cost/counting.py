"""How many tokens a training file is to a host, and how often it is gone through."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from bankft.cost.prices import EMBEDDED
from bankft.data.shapes import text

Auto = Literal["auto"]
Count = Callable[[str], int]

MAX_TOKENS = 65_536  # of one example on OpenAI; what is longer is cut off, and not billed
# Where no tokenizer is installed: a file's true count lies between these shares of the estimate.
# Measured on the fund case, OpenAI's guide and other prose, zh and en: 0.75 to 1.06 (o200k_base),
# 0.43 to 0.93 (bankft-nano, whose vocabulary knows the case's own words).
ESTIMATE_BOUNDS = {"o200k_base": (0.7, 1.15), EMBEDDED: (0.4, 1.1)}


def hosted_epochs(examples: int) -> int:
    """Return the epochs that OpenAI's Cookbook gives as the default for so many examples.

    Source: the notebook "Data preparation and analysis for chat model fine-tuning" in OpenAI's
    Cookbook, cell "Pricing and default n_epochs estimate". The service may choose otherwise.

    >>> [hosted_epochs(n) for n in (10, 50, 400, 20_000, 60_000)]
    [10, 3, 3, 1, 1]
    """
    if examples * 3 < 100:
        return min(25, 100 // examples)
    if examples * 3 > 25_000:
        return max(1, 25_000 // examples)
    return 3


def embedded_epochs(examples: int, batch_size: int | Auto = "auto") -> int:
    """Return the epochs that the embedded engine takes where they are left to it.

    >>> embedded_epochs(400), embedded_epochs(12)
    (3, 7)
    """
    # The rule of bankft.engine.resolve, which a lower room cannot import; a test compares them.
    largest = 2 ** int(math.log2(max(1, examples // 20)))
    batch = min(16, largest) if batch_size == "auto" else batch_size
    return min(10, max(3, math.ceil(75 / math.ceil(examples / batch))))


def _conversations(example: Mapping[str, Any], method: str) -> list[tuple[Sequence[Any], int]]:
    """Return the message lists of an example, each with how often it is trained on at most."""
    source = example.get("input") if method == "dpo" else example
    messages = source.get("messages") if isinstance(source, Mapping) else None
    found: list[tuple[Sequence[Any], int]] = [
        (messages if isinstance(messages, list) else [], 2 if method == "dpo" else 1)
    ]
    if method == "dpo":
        found += [
            (answer, 1)
            for key in ("preferred_output", "non_preferred_output")
            if isinstance(answer := example.get(key), list)
        ]
    return found


def hosted_tokens(example: Mapping[str, Any], method: str, count: Count) -> tuple[int, int]:
    """Return least and most tokens: the content alone; with what frames it, as the Cookbook counts.

    It counts three tokens a message, its role, one more for a name, and three for the answer's
    start. A pair (DPO) may be billed with its prompt once or twice: no page says.
    """
    source = example.get("input") if method == "dpo" else example
    tools = source.get("tools") if isinstance(source, Mapping) else None
    content = framing = count(json.dumps(tools, ensure_ascii=False)) if tools else 0
    for messages, times in _conversations(example, method):
        once = sum(_message_tokens(message, count) for message in messages)
        content += once
        named = sum(isinstance(m, Mapping) and "name" in m for m in messages)
        framing += times * (once + 4 * len(messages) + named)
    return min(content, MAX_TOKENS), min(framing + 3, MAX_TOKENS)


def _message_tokens(message: Any, count: Count) -> int:
    calls = message.get("tool_calls") if isinstance(message, Mapping) else None
    called = count(json.dumps(calls, ensure_ascii=False)) if calls else 0
    return count(text(message)) + called


def embedded_tokens(example: Mapping[str, Any], method: str, count: Count) -> tuple[int, int]:
    """Return the tokens of the base model's chat template: a start, two marks a message."""
    tools = example.get("tools")
    total = 1 + (2 + count(json.dumps(tools, ensure_ascii=False)) if tools else 0)
    for messages, times in _conversations(example, method):
        for message in messages:
            shown = text(message).replace("<|", "< |")
            calls = message.get("tool_calls") if isinstance(message, Mapping) else None
            shown += json.dumps(calls, ensure_ascii=False) if calls else ""
            total += times * (2 + count(shown))
    return total, total
