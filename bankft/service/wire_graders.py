"""What requests about graders may hold; see ``wire`` for the rules.

A grader object itself is checked by ``bankft.graders``, which runs it.
"""

from typing import Any

from bankft.service.wire import Body


class ValidateGrader(Body):
    """``POST /v1/fine_tuning/alpha/graders/validate``."""

    grader: dict[str, Any]


class RunGrader(ValidateGrader):
    """``POST /v1/fine_tuning/alpha/graders/run``."""

    model_sample: str
    item: dict[str, Any] | None = None
