"""Prohibited wording in answers, by the rules of `bankft.compliance`.

Training data say the same sentences over and over, so what a sentence holds is remembered.
"""

import re
from functools import lru_cache

from bankft import compliance
from bankft.data.talks import without_set_phrases

_BREAK = re.compile(r"[。！？!?；;\n]+|\.\s")
_REMEMBERED = 50_000  # sentences


def broken_rules(answer: str, said: str | None = None) -> list[str]:
    """Return the ids of the rules that an answer about a public fund violates.

    ``said`` is the answer without set phrases, where the caller has it. What is missing (disclaimer, risk notice) is not looked at here.

    >>> bool(broken_rules("这只基金稳赚不赔。")), broken_rules("这只基金不保本。")
    (True, [])
    """
    if all(map(_is_fine, _BREAK.split(without_set_phrases(answer) if said is None else said))):
        return []
    return _violated(answer)  # what stands beside a sentence may excuse it


@lru_cache(_REMEMBERED)
def _is_fine(sentence: str) -> bool:
    return len(sentence) < 2 or not _violated(sentence)


def _violated(text: str) -> list[str]:
    found = compliance.check(text, product="public_fund").findings
    return sorted(
        {
            one.rule
            for one in found
            if one.verdict == "violation" and not one.rule.startswith("missing-")
        }
    )
