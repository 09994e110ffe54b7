"""What requests about releases may hold."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bankft.service.wire_base import Body

_Rate = Annotated[float, Field(ge=0, lt=1)]
_Alias = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]


class AddRelease(Body):
    """``POST /v1/bankft/releases``."""

    model: str
    gate: dict[str, Any] | None = None  # a report of `bankft eval compare --gate --json`
    shutdown_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class Propose(Body):
    """``POST /v1/bankft/releases/propose``."""

    model: str
    gate: dict[str, Any] | None = None


class Approve(Body):
    """``POST /v1/bankft/releases/approve``."""

    model: str


class CanaryLimits(Body):
    """What takes a canary back by itself; see ``bankft.release.Limits``."""

    seconds: Annotated[float, Field(gt=0)] = 300.0
    min_answers: Annotated[int, Field(ge=1)] = 50
    error_rate: _Rate = 0.02
    latency_p95_ms: Annotated[float, Field(gt=0)] | None = 5000.0
    violation_rate: _Rate = 0.001
    confidence: _Rate = 0.95


class Canary(Body):
    """``POST /v1/bankft/releases/canary``."""

    alias: _Alias
    model: str | None = None
    percent: Annotated[float, Field(ge=0, le=100)]
    allow: list[str] | None = None
    shadow: bool = False
    limits: CanaryLimits | None = None


class OfAlias(Body):
    """``POST /v1/bankft/releases/promote``."""

    alias: _Alias


class Reasoned(Body):
    """``POST /v1/bankft/releases/rollback``, ``stop`` and ``start``."""

    alias: _Alias
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class Guard(Body):
    """``POST /v1/bankft/releases/guard``."""

    alias: _Alias
    guard: Literal["off", "append", "block", "hand_over"]
