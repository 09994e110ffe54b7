"""Which model answers whom."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Literal

from bankft.release.window import Limits

Arm = Literal["production", "canary"]


@dataclass(frozen=True)
class Route:
    """Where an alias leads.

    Attributes:
        alias: What a client asks for, ``fund-bot``.
        production: The model that answers, None while there is none.
        canary: The model that is being tried, if any.
        percent: How many of a hundred users the canary answers, 0–100.
        allow: Users whom it answers in any case: the testers.
        shadow: Whether the canary answers beside production and is compared, never shown.
        salt: Of the hashes of users: another salt, another tenth of them.
        stopped: Whether the alias answers nobody: the kill switch.
        limits: What takes the canary back by itself.
        guard: What is done with an answer that breaks a rule: ``off``, ``append`` (the missing
            disclaimer), ``block``, or ``hand_over`` to a person.
        version: Counts the changes.
    """

    alias: str
    production: str | None = None
    canary: str | None = None
    percent: float = 0.0
    allow: tuple[str, ...] = ()
    shadow: bool = False
    salt: str = ""
    stopped: bool = False
    limits: Limits = field(default_factory=Limits)
    guard: str = "off"
    version: int = 0


def share_of(user: str, salt: str) -> float:
    """Return where a user stands between 0 and 1: always at the same place.

    HMAC-SHA256 of the user by the salt, so that nobody without the salt knows who is chosen, and
    two aliases with salts of their own do not choose the same people.

    >>> round(share_of("user-1", "salt"), 4) == round(share_of("user-1", "salt"), 4)
    True
    """
    digest = hmac.new(salt.encode(), user.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def arm_of(route: Route, user: str) -> Arm:
    """Return which arm answers a user.

    A user of the first ``percent`` of all places is in the canary; when the percentage rises,
    those that were in it stay.

    Args:
        route: Of the alias.
        user: Whatever tells users apart and stays: a customer's number, a session. An empty one
            is production's.

    >>> route = Route("fund-bot", "v1", "v2", percent=10, salt="s")
    >>> sum(arm_of(route, f"u{i}") == "canary" for i in range(10_000)) / 10_000
    0.1016
    """
    if route.canary is None or route.shadow or not user:
        return "production"
    chosen = user in route.allow or share_of(user, route.salt) < route.percent / 100
    return "canary" if chosen else "production"
