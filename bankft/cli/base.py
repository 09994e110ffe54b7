"""``bankft base``: build the base model from nothing, print its card."""

# ruff: noqa: D301  (\b in a docstring tells click not to rewrap)

from pathlib import Path

import click

from bankft.errors import BaseModelUnreadable, MissingExtra


@click.group()
def base() -> None:
    """Build the built-in base model again, or read its card.

    \b
    Example:
      bankft base card
    """


@base.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--threads", default=2, show_default=True, help="CPU threads.")
@click.option("--steps", type=click.IntRange(min=1), help="Fewer steps make a quick, poorer model.")
def build(folder: Path, threads: int, steps: int | None) -> None:
    """Write corpus, tokenizer, weights, measured limits and card into DIR (about 15 minutes).

    \b
    Example:
      bankft base build /tmp/nano
    """
    try:
        from bankft import engine

        settings = engine.Settings(**({"steps": steps} if steps else {}))
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "bankft base build", package=error.name or "torch", extra="service"
        ) from error

    def show(now: engine.Progress) -> None:
        left = f"{now.seconds_left // 60:.0f}:{now.seconds_left % 60:02.0f}"
        click.echo(
            f"step {now.step}/{now.steps}  loss {now.loss:.3f}  "
            f"{now.tokens_per_second:,.0f} tokens/s  {left} left"
        )

    click.echo("writing the corpus and the tokenizer: about a minute before the first step")
    card = engine.build(folder, settings=settings, threads=threads, on_progress=show)
    click.echo(f"{card['digest']}  {folder}")


@base.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
def card(folder: Path | None) -> None:
    """Print the model card of the shipped base model, or of the one in DIR.

    \b
    Example:
      bankft base card /tmp/nano
    """
    from bankft.engine import nano_path

    readme = (folder or nano_path()) / "README.md"
    if not readme.is_file():
        raise BaseModelUnreadable(f"The model folder {readme.parent.name} has no README.md.")
    click.echo(readme.read_text(encoding="utf-8"))
