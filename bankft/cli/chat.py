"""``bankft chat``: talk to a model."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import click

from bankft.cli.output import as_json, client, dump, say

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk


@click.command()
@click.argument("model")
@click.argument("message", required=False)
@click.option("--system", help="What the model is told before the message.")
@click.option(
    "--temperature", type=click.FloatRange(0, 2), help="0 always gives the likeliest answer."
)
@click.option("--max-tokens", type=click.IntRange(1), help="The answer's length at most.")
@click.option("--seed", type=int, help="The same seed gives the same answer.")
@as_json
def chat(
    model: str,
    message: str | None,
    system: str | None,
    temperature: float | None,
    max_tokens: int | None,
    seed: int | None,
    json_output: bool,
) -> None:
    """Send MESSAGE (else what stdin holds) to MODEL and print the answer as it comes.

    With --json, JSON Lines: the chunks of the stream.

    \b
    Example:
      bankft chat bankft-nano 稳健型客户能买 R4 的基金吗？ --temperature 0
      bankft chat bankft-nano --system 你是基金客服。 < question.txt
    """
    if message is None:
        if sys.stdin.isatty():
            raise click.UsageError("There is no message: give one, or send it through stdin.")
        message = sys.stdin.read()
    if not message.strip():
        raise click.UsageError("The message is empty.")
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": message})
    optional = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed}
    request: dict[str, Any] = {k: v for k, v in optional.items() if v is not None}
    stream: Iterable[ChatCompletionChunk] = client().chat.completions.create(
        model=model, messages=cast("Any", messages), stream=True, **request
    )
    finish = None
    try:
        for chunk in stream:
            if json_output:
                dump(chunk, line=True)
                continue
            for choice in chunk.choices[:1]:
                click.echo(choice.delta.content or "", nl=False)
                finish = choice.finish_reason or finish
    finally:
        if not json_output:
            click.echo()
    if finish == "length":
        say("The answer was cut at its length limit (--max-tokens).")
