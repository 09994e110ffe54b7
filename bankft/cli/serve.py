"""``bankft serve``: the embedded service."""

import click

from bankft.cli.serve_keys import keys


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--data-dir",
    default="~/.bankft",
    show_default=True,
    envvar="BANKFT_DATA_DIR",
    help="Folder of the database, files and weights.",
)
@click.option(
    "--base",
    "bases",
    multiple=True,
    metavar="NAME=FOLDER",
    help="A base model beside bankft-nano: a local Hugging Face folder. May be repeated; a folder "
    "without a name stands in place of bankft-nano.",
)
@click.option(
    "--deterministic",
    type=click.IntRange(0, 2**31 - 1),
    metavar="SEED",
    help="Repeat ids, times and answers exactly, for recording.",
)
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    data_dir: str,
    bases: tuple[str, ...],
    deterministic: int | None,
) -> None:
    r"""Serve OpenAI's API on this machine: files, fine-tuning jobs, models, chats.

    API keys come from BANKFT_API_KEYS, comma separated, and from `bankft serve keys make`. Without
    any, the service listens on this machine alone and accepts every key. Ctrl-C stops it;
    unfinished jobs go on at its next start. BANKFT_REQUESTS_PER_MINUTE limits what a key may send.
    Jobs on a base of your own train LoRA matrices unless they say otherwise.

    \b
    Example:
      bankft serve
      bankft serve --base qwen=/models/Qwen3-0.6B
      BANKFT_API_KEYS=secret bankft serve --host 0.0.0.0 --data-dir /srv/bankft
    """
    if context.invoked_subcommand is not None:
        context.meta["bankft.data_dir"] = data_dir
        return
    from bankft.service import serve as run

    run(host=host, port=port, data_dir=data_dir, base=bases, deterministic=deterministic)


serve.add_command(keys)
