"""Runs first in the kernel of a page that is being built: no page may use the network.

An audit hook cannot be taken off again, and it sees every library's sockets.
"""

import sys
from typing import Any


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        raise PermissionError("a page may not use the network while it is built")
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # Windows makes its socket pairs from loopback connections.
        loopback = sys.platform == "win32" and address[0] in ("127.0.0.1", "::1")
        if isinstance(address, tuple) and not loopback:
            raise PermissionError("a page may not use the network while it is built")


sys.addaudithook(_refuse)
