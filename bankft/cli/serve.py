"""``bankft serve``: the embedded service."""

from pathlib import Path

import click


@click.command()
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
    type=click.Path(path_type=Path),
    help="Folder of the base model.  [default: bankft-nano]",
)
@click.option(
    "--deterministic",
    type=click.IntRange(0, 2**31 - 1),
    metavar="SEED",
    help="Repeat ids, times and answers exactly, for recording.",
)
def serve(
    host: str, port: int, data_dir: str, base: Path | None, deterministic: int | None
) -> None:
    r"""Serve OpenAI's API on this machine: files, fine-tuning jobs, models, chats.

    API keys come from BANKFT_API_KEYS, comma separated. Without any, the service listens on this
    machine alone and accepts every key. Ctrl-C stops it; unfinished jobs go on at its next start.

    \b
    Example:
      bankft serve
      BANKFT_API_KEYS=secret bankft serve --host 0.0.0.0 --data-dir /srv/bankft
    """
    from bankft.service import serve as run

    run(host=host, port=port, data_dir=data_dir, base=base, deterministic=deterministic)
