"""Which recorded calls a page played: the docs build compares it with the recording.

While ``BANKFT_PLAYS`` names a file, replay appends the key of every call that is made, one a
line, recorded or not.
"""

import os
from collections import Counter
from pathlib import Path

from bankft.recording import store


def note(key: str) -> None:
    """Append a call's key to the file that ``BANKFT_PLAYS`` names, if it names one."""
    if path := os.environ.get("BANKFT_PLAYS"):
        with open(path, "a", encoding="utf-8", newline="\n") as file:
            file.write(key + "\n")


def compare_plays(plays: Path, recording: Path) -> list[str]:
    """Return what does not fit between the calls that a page made and its recording.

    Args:
        plays: The file that ``BANKFT_PLAYS`` named while the page ran; it need not exist if the
            page made no call.
        recording: The page's recording.

    Returns:
        One sentence a problem, with the recording's line: calls that were not recorded, recorded
        calls that were not played, and calls that were made more often than recorded.

    Raises:
        RecordingError: The recording is missing or cannot be read.
    """
    keys = plays.read_text(encoding="utf-8").split() if plays.is_file() else []
    played = Counter(keys)
    recorded: dict[str, list[store.Interaction]] = {}
    for interaction in store.load(recording).interactions:
        recorded.setdefault(interaction.key, []).append(interaction)

    problems = [
        f"{recording.name}: a call that was made {_times(number)} is not recorded ({key})."
        for key, number in played.items()
        if key not in recorded
    ]
    for key, interactions in recorded.items():
        number, wanted, first = played[key], len(interactions), interactions[0]
        if number != wanted:
            where = interactions[number].line if number < wanted else interactions[-1].line
            problems.append(
                f"{recording.name}:{where}: {first.request['method']} {first.request['path']} is "
                f"recorded {_times(wanted)} and was played {_times(number)}."
            )
    return problems


def _times(number: int) -> str:
    return {0: "0 times", 1: "once", 2: "twice"}.get(number, f"{number} times")
