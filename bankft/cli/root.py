"""The ``bankft`` command, and how every error leaves it."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

import os
import sys
from importlib import import_module
from typing import Any

import click

from bankft.errors import BankftError

# Imported when the command runs, so that `bankft --help` starts at once, without openai or torch.
_COMMANDS = {
    "audit": "bankft.cli.audit:audit",
    "base": "bankft.cli.base:base",
    "chat": "bankft.cli.chat:chat",
    "comply": "bankft.cli.comply:comply",
    "cost": "bankft.cli.cost:cost",
    "data": "bankft.cli.data:data",
    "eval": "bankft.cli.eval:eval",
    "files": "bankft.cli.files:files",
    "grade": "bankft.cli.grade:grade",
    "jobs": "bankft.cli.jobs:jobs",
    "recordings": "bankft.cli.recordings:recordings",
    "release": "bankft.cli.release:release",
    "serve": "bankft.cli.serve:serve",
}


class _Root(click.Group):
    """Finds commands by name without importing the others, and turns errors into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List nothing: the docstring names the commands by task, without importing them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a closed pipe shows here rather than while Python exits
            return result
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:
            # The reader (head, less) has had enough. What is still buffered goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except BankftError as error:
            raise _refusal(str(error), error.exit_code) from None
        except Exception as error:
            if (sentence := _api_sentence(error)) is None:
                raise
            raise _refusal(sentence, 1) from None


def _refusal(sentence: str, exit_code: int) -> click.ClickException:
    """Return what click prints as one line on stderr, without a traceback."""
    refusal = click.ClickException(sentence)
    refusal.exit_code = exit_code  # type: ignore[misc]  # click reads it from the instance
    return refusal


def _api_sentence(error: Exception) -> str | None:
    """Return one sentence for an error on the way to the service, None for a bug."""
    if "openai" not in sys.modules:
        return None
    import httpx2
    import openai

    if isinstance(error, openai.APITimeoutError):
        return f"{error.request.url} did not answer in time."
    if isinstance(error, openai.APIConnectionError) and error.message != "Connection error.":
        return error.message  # bankft.client's own sentence: nothing answers at this address
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
        # The SDK lets what breaks in the middle of a stream pass as it is.
        return f"The connection to {error.request.url} broke off: is the service still running?"
    if isinstance(error, openai.APIStatusError):
        code = f"HTTP {error.status_code}" + (f", {error.code}" if error.code else "")
        body = error.body if isinstance(error.body, dict) else {}
        message = str(body.get("message") or f"{error.request.url} gave no reason").rstrip(". ")
        return f"{message} ({code})."
    if isinstance(error, openai.APIError):
        return f"The service broke off its answer: {error.message}"
    if isinstance(error, openai.OpenAIError):
        return str(error)
    return None


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bankft", message="%(prog)s %(version)s")
def main() -> None:
    """Fine-tune language models inside a bank.

    \b
    Run the service:
      serve        start the embedded service (OpenAI's API, real training)
      base         build and look at the base model
    \b
    Prepare data:
      data         check, redact, split, convert a training file; its statistics
      cost         what a job will cost, and what fits a budget
    \b
    Judge answers:
      comply       hold answers against the rules on fund marketing
      grade        run and validate grader objects
      eval         measure a model on a test set, compare two, say how sure it is
    \b
    Fine-tune:
      files        upload training files and list them
      jobs         create, follow, cancel fine-tuning jobs; their metrics
      chat         talk to a model
    \b
    Release and audit:
      release      let a model out to a share of the users, to all, or take it back
      audit        check the audit log, look into it, ask a logged request again
    \b
    Keep the course honest:
      recordings   check the recordings that the lessons replay

    Every command talks to the service that OPENAI_BASE_URL names, else to the local one. What a
    command found goes to stdout, what it says meanwhile to stderr; with --json, stdout is JSON.
    Exit codes: 0 fine; 1 what you asked about is not fine; 2 used wrongly; 130 interrupted.

    \b
    Example:
      bankft serve &
      model=$(bankft jobs create --training-file train.jsonl --follow)
      bankft chat "$model" 管理费是多少？
    """
