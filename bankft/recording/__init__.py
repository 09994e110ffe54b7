"""Record what an API answers, and replay it: the same SDK, the same page, no network.

``bankft.connect`` puts the transports in place. A recording is one JSON Lines file; ``store``
describes it, ``call`` what makes two requests the same, ``events`` how a stream is kept.
"""

from bankft.recording.checks import check
from bankft.recording.pace import offsets
from bankft.recording.plays import compare_plays
from bankft.recording.secrets import Found, scan
from bankft.recording.store import Interaction, Recording, folder, load
from bankft.recording.transport import RecordTransport, ReplayTransport

__all__ = [
    "Found",
    "Interaction",
    "RecordTransport",
    "Recording",
    "ReplayTransport",
    "check",
    "compare_plays",
    "folder",
    "load",
    "offsets",
    "scan",
]
