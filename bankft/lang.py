"""Which language a lesson speaks."""

import os

from bankft.errors import UsageError

LANGUAGES = ("zh", "en")


def language() -> str:
    """Return the language of the running page: ``"zh"`` (the default) or ``"en"``.

    A page runs once per language; data, prompts, answers, table heads and chart labels come in
    the one that ``BANKFT_LANG`` names.

    Raises:
        UsageError: ``BANKFT_LANG`` names a language that bankft does not have.

    >>> import os; os.environ["BANKFT_LANG"] = "en"
    >>> language()
    'en'
    """
    chosen = os.environ.get("BANKFT_LANG") or "zh"
    if chosen not in LANGUAGES:
        raise UsageError(
            f"BANKFT_LANG is {chosen!r}, which is not a language of bankft: use zh or en."
        )
    return chosen
