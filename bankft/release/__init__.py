"""Releasing a model: who let it out, to whom, and when it is taken back.

A model goes from ``draft`` to ``candidate`` (proposed), is approved by another key than proposed
it, answers a share of the users (``canary``), then all (``production``), and is ``retired``. An
alias such as ``fund-bot`` names what answers. The same user always gets the same arm, and more
percent take nobody out of the canary (`arm_of`). What the canary's answers show over a sliding
window of time (`Window`) may take it back at once.

Why not a die for each request, and a counter of errors? A die gives one user two models within a
conversation. A counter that never forgets trips in the end whatever the model does, and one that
is compared with zero trips at the first error. A rate over a window, with its bound, does neither.
"""

from typing import TYPE_CHECKING, Any

from bankft.release.routing import Arm, Route, arm_of, share_of
from bankft.release.stability import Drift, Profile, drift, profile
from bankft.release.window import Limits, Outcome, Window

if TYPE_CHECKING:
    from bankft.release.registry import Registry, Released

__all__ = [
    "Arm",
    "Drift",
    "Limits",
    "Outcome",
    "Profile",
    "Registry",
    "Released",
    "Route",
    "Window",
    "arm_of",
    "drift",
    "profile",
    "share_of",
]


def __getattr__(name: str) -> Any:
    if name not in ("Registry", "Released"):
        raise AttributeError(f"module 'bankft.release' has no attribute {name!r}")
    from bankft.release import registry  # SQLAlchemy is loaded when a registry is opened

    return getattr(registry, name)
