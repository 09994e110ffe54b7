"""When the events of a replayed stream came, while it was recorded.

Replay does not wait, so that what plays a stream to a reader needs the times from elsewhere: the
response carries them in its extensions, where httpx2 keeps what a transport says of an answer.
"""

from collections.abc import Iterable
from typing import Any

EXTENSION = "bankft_offsets"


def offsets(stream: Iterable[Any]) -> tuple[int, ...] | None:
    """Return the recorded time of each event of a stream, in milliseconds since its start.

    The events stand in order, ``[DONE]`` included. The embedded service's stand 20 ms apart,
    nominally (see ``RecordTransport``).

    Args:
        stream: What the SDK returned for ``stream=True``.

    Returns:
        None where there is no such time: a live stream, or one that is not the SDK's own.

    >>> offsets(iter(())) is None
    True
    """
    extensions = getattr(getattr(stream, "response", None), "extensions", {})
    return extensions.get(EXTENSION)
