"""Check a folder of recordings without running a page."""

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bankft.data import formats
from bankft.errors import RecordingError
from bankft.recording import call, lines, secrets, store

CARD = Path(__file__).parents[1] / "engine" / "nano" / "card.json"  # of the shipped base model


def check(folder: Path | None = None, *, today: date | None = None) -> list[str]:
    """Return what is wrong with the recordings in a folder, one sentence a problem.

    Checked: the format, down to the byte that bankft would write; every key; secrets and
    personal data; that the SDK's major version is the installed one; that the embedded service
    answered with the base model that is shipped; that no model in use is shut.

    Args:
        folder: Where the ``*.jsonl`` files are; ``store.folder()`` if not given.
        today: Decides which models are shut; today if not given.

    Raises:
        RecordingError: There is no such folder.
    """
    folder = folder or store.folder()
    if not folder.is_dir():
        raise RecordingError(f"There is no folder {folder}, so no recording can be checked.")
    return [
        f"{path.name}:{line}: {problem}"
        for path in sorted(folder.glob("*.jsonl"))
        for line, problem in _file(path, today or date.today())
    ]


def _file(path: Path, today: date) -> Iterator[tuple[int, str]]:
    redo = f"record it again with `nox -s record -- {path.name.split('.')[0]}`."
    try:
        recording = store.load(path)
    except RecordingError as error:
        line, _, problem = str(error).removeprefix(f"{path.name}:").partition(": ")
        yield (int(line), problem) if line.isdigit() else (1, str(error))
        return
    for number, raw in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        if not _as_written(raw.decode()):
            yield number, f"this line is not as bankft writes it (was it edited?): {redo}"
            return
    for problem in _about(recording.about):
        yield 1, f"{problem}: {redo}"
    for interaction in recording.interactions:
        if interaction.key != call.key(interaction.request):
            yield interaction.line, f"the key is not that of the request: {redo}"
        described = {"request": interaction.request, "response": interaction.response}
        for found in secrets.scan(described):
            yield interaction.line, f"{found.place} holds what looks like {found.kind}: {redo}"
        if shut := _retired(interaction, today):
            yield interaction.line, shut


def _as_written(text: str) -> bool:
    try:
        return text == lines.dump(formats.loads(text)) + "\n"
    except formats.JSONProblem:  # a byte order mark, say
        return False


def _about(about: dict[str, Any]) -> Iterator[str]:
    recorded, installed = str(about.get("openai")), version("openai")
    if recorded.split(".")[0] != installed.split(".")[0]:
        yield f"recorded with openai {recorded}, but {installed} is installed"
    if base_model := about.get("base_model"):
        if not CARD.is_file():
            yield f"the base model's card {CARD.name} is not shipped, so its digest is unknown"
        elif str(base_model).partition("@")[2] != formats.loads(CARD.read_text("utf-8"))["digest"]:
            yield f"answered by {base_model}, which is not the base model that is shipped"


def _retired(interaction: store.Interaction, today: date) -> str | None:
    """Return that an answered call used a model that is shut; a refusal may show just that."""
    body = interaction.request.get("json")
    if interaction.response["status"] >= 400 or not isinstance(body, dict):
        return None
    model = str(body.get("model", ""))
    base = model.split(":")[1] if model.startswith("ft:") and ":" in model[3:] else model
    shut = _retirements()["shut"].get(base)
    if shut is None or shut > today:
        return None
    return f"the model {model} is shut since {shut}: use one that is offered, and record again."


@cache
def _retirements() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("retired.toml").read_text("utf-8"))
