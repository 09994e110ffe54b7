"""``python -m bankft.site``: build, watch, translate, check and record the site."""

import os
import subprocess
import sys
from pathlib import Path

import click

from bankft.errors import BankftError
from bankft.site import build as building
from bankft.site import catalogue, recorder


class _Group(click.Group):
    """Prints a user's error as one message, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BankftError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_code)


_language = click.option("--lang", type=click.Choice(["zh", "en"]), help="One language alone.")


@click.group(cls=_Group)
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=Path(), hidden=True)
@click.option("--conf", type=click.Path(path_type=Path, exists=True), hidden=True)
@click.pass_context
def main(context: click.Context, root: Path, conf: Path | None) -> None:
    """Build, watch, translate, check and record the site; run it at the project's root."""
    if not (root / "index.md").exists():
        raise click.UsageError("There is no index.md here: run this at the root of the project.")
    context.obj = (root.resolve(), (conf or root).resolve())


@main.command()
@click.option("--out", type=click.Path(path_type=Path), help="Default: _build/html")
@click.option("--fresh", is_flag=True, help="Forget caches and earlier output.")
@_language
@click.pass_obj
def build(places: tuple[Path, Path], out: Path | None, fresh: bool, lang: str | None) -> None:
    """Build both languages from the recordings, into _build/html."""
    building.build(places[0], out, conf=places[1], only=lang, fresh=fresh)


@main.command()
@click.option("--port", default=8000, show_default=True)
@_language
@click.pass_obj
def live(places: tuple[Path, Path], port: int, lang: str | None) -> None:
    """Build the Chinese site, serve it, and build it again at every change."""
    root, conf = places
    name, work, here = lang or "zh", root / "_build", [sys.executable, "-m"]
    source = root if name == "zh" else work / "src" / "en"
    catalogue.write_english(root, work / "src" / "en")
    arguments = building.arguments(
        name, source, work / "live" / name, root=root, conf=conf, work=work
    )
    ignored = [work, root / ".git", root / "node_modules", root / ".nox", root / ".venv"]
    again = ["--pre-build", f'"{sys.executable}" -m bankft.site english'] if name == "en" else []
    watched = ["--watch", str(root)] if name == "en" else []
    sys.exit(
        subprocess.run(
            [
                *(*here, "sphinx_autobuild", "--port", str(port)),
                *(part for path in ignored for part in ("--ignore", str(path))),
                *again,
                *watched,
                *arguments,
            ],
            cwd=conf,
            env=building.environment(name, root=root, work=work),
            check=False,
        ).returncode
    )


@main.command(hidden=True)
@click.pass_obj
def english(places: tuple[Path, Path]) -> None:
    """Write the English source alone; the live preview calls it."""
    catalogue.write_english(places[0], places[0] / "_build" / "src" / "en")


@main.command()
@click.pass_obj
def translate(places: tuple[Path, Path]) -> None:
    """Bring the .po files up to date, and list what has no English yet."""
    missing = catalogue.refresh(places[0])
    for problem in missing:
        click.echo(str(problem))
    click.echo(f"{len(missing)} to translate." if missing else "Everything is translated.")


@main.command()
@click.pass_obj
def check(places: tuple[Path, Path]) -> None:
    """Check the pages' rules and translations, without building."""
    found = building.check(places[0])
    for problem in found:
        click.echo(str(problem), err=True)
    if found:
        sys.exit(1)
    click.echo("Pages and translations are in order.")


@main.command()
@click.argument("pages", nargs=-1)
@_language
@click.pass_obj
def record(places: tuple[Path, Path], pages: tuple[str, ...], lang: str | None) -> None:
    """Start the service, run PAGES (all unless named) against it, and write the recordings."""
    recorder.record(places[0], pages=list(pages), languages=[lang] if lang else ["zh", "en"])


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    main(prog_name="python -m bankft.site")
