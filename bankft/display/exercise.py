"""Exercises that check themselves."""

import math
from collections.abc import Callable
from html import escape
from typing import Any

from bankft.display import page
from bankft.lang import language

WORDS = {
    "zh": {"right": "✓ 答对了", "wrong": "✗ 再想想", "hint": "提示", "open": "还没有作答"},
    "en": {"right": "✓ Right", "wrong": "✗ Not yet", "hint": "Hint", "open": "No answer yet"},
}


def check(answer: Any, right: Any | Callable[[Any], bool], *, hint: str) -> bool:
    """Say whether a learner's answer is right; after a wrong one, show the hint.

    Args:
        answer: what the learner wrote; ``...`` or ``None`` is an exercise not yet begun, which
            is not right and earns no hint.
        right: the right answer, or a function that says whether an answer is right. Texts are
            compared without the spaces around them, floats to nine digits.
        hint: one sentence that helps without giving the answer away.

    Returns:
        Whether the answer is right.

    >>> check(3, 3, hint="Count the roles.")  # doctest: +SKIP
    ✓ Right
    True

    """
    words = WORDS[language()]
    if answer is None or answer is ...:
        page.show(f'<div class="bft-check">{page.tag(words["open"], "note")}</div>', words["open"])
        return False
    if _is_right(answer, right):
        page.show(
            f'<div class="bft-check">{page.tag(words["right"], "note")}</div>', words["right"]
        )
        return True
    page.show(
        f'<div class="bft-check">{page.tag(words["wrong"], "warn")} '
        f'<span><span class="bft-small">{words["hint"]}</span> {escape(hint)}</span></div>',
        f"{words['wrong']}  {words['hint']}: {hint}",
    )
    return False


def _is_right(answer: Any, right: Any) -> bool:
    if callable(right):
        try:
            return bool(right(answer))
        except Exception:  # an answer of a kind that the question did not foresee is a wrong one
            return False
    if isinstance(answer, str) and isinstance(right, str):
        return answer.strip() == right.strip()
    if isinstance(answer, float) or isinstance(right, float):
        try:
            return math.isclose(answer, right, rel_tol=1e-9)
        except TypeError:
            return False
    return bool(answer == right)
