"""Which edge cases a file shows: what a customer leaves out, muddles, drags out or mistypes.

These are heuristics on the wording of questions and answers. They tell what is absent
altogether, not how well it is covered; a person must judge that.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bankft.data.talks import Talk

CASES = ("missing_fields", "ambiguous", "long", "wrong_input")
LEAST = 10  # examples from which absence says something
_LONG = {"zh": 120, "en": 400}  # characters of a question
_MANY_TURNS = 6  # messages of customer and assistant

# The assistant asks back for what is missing …
_ASKS_FOR = re.compile(
    "请(?:您)?(?:先)?(?:提供|告知|告诉|补充|说明|输入)|请问(?:您|是)?.{0,6}(?:哪|什么产品|多少金额)|还(?:需要|缺)"
    "|您(?:还)?没有(?:说|提|写)|please (?:tell|provide|give|specify|state|let)"
    "|(?:which|what) (?:fund|product|account|amount) (?:do|are|would|is)"
    "|(?:is|are) missing|(?:need|missing) (?:the|your|an?) ",
)
# … or what is meant, …
_WHICH = re.compile(
    "您(?:是)?(?:指|想问|问)的?是|是指.{0,30}还是|哪一(?:只|种|个|项)|有(?:几|两|多)(?:种|个)(?:可能|意思|含义)"
    "|do you mean|did you mean|could (?:you )?mean|which (?:of|one)|ambiguous|can mean",
)
# … or says that this is none of its business, or not to be read.
_REFUSES = re.compile(
    "(?:没有|不存在|查不到|找不到|未找到|未查到)(?:这|该|此|名为|相关|您)|无法(?:识别|理解|查询|回答)|不(?:太)?(?:明白|理解|清楚您)"
    "|看不懂|格式(?:不对|有误|错误)|有误|超出.{0,8}范围|不在.{0,10}(?:范围|资料|产品)|不支持|请核对|不能回答"
    "|(?:can(?:not|'t)|unable to|could not|couldn't|do(?:es)? not|don't) "
    "(?:find|recogni[sz]e|understand|answer|help|exist|read|have a fund)"
    "|no (?:such )?(?:fund|product)|there is no |not (?:a )?valid|invalid|out of scope|outside",
)

# One of these stands in whatever the three find; most answers hold none, and are let go at once.
_HINTS = re.compile(
    "[请您哪需缺指有没不无找查]|please|wh(?:ich|at)|missing|need|mean|ambiguous"
    "|not|n't|unable|no |valid|out of scope|outside"
)


class Coverage:
    """How many examples show each edge case."""

    def __init__(self) -> None:
        self._n = 0
        self.seen: Counter[str] = Counter()

    def see(self, talk: Talk) -> None:
        """Count one example."""
        self._n += 1
        for case in cases(talk):
            self.seen[case] += 1

    def found(self) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
        """Yield one notice that names the cases that no example shows."""
        absent = [case for case in CASES if not self.seen[case]]
        if self._n >= LEAST and absent:
            yield 0, "", "not_covered", {"cases": absent}

    def numbers(self) -> dict[str, int]:
        """Return how many examples show each case."""
        return {case: self.seen[case] for case in CASES}


def cases(talk: Talk) -> Iterator[str]:
    """Yield the edge cases that an example seems to show.

    >>> list(cases(Talk(question="费率？", said="请问您想了解哪一只基金？")))
    ['missing_fields', 'ambiguous']
    >>> list(cases(Talk(question="????", said="抱歉，我不太明白。")))
    ['wrong_input']
    """
    said = talk.said.lower()
    hinted = _HINTS.search(said) is not None
    if hinted and _ASKS_FOR.search(said):
        yield "missing_fields"
    if hinted and _WHICH.search(said):
        yield "ambiguous"
    question = talk.question
    limit = _LONG["en" if question.isascii() else "zh"]
    if len(question) > limit or len(talk.turns) > _MANY_TURNS:
        yield "long"
    garbled = bool(question) and not any(map(str.isalpha, question))
    if garbled or (hinted and _REFUSES.search(said)):
        yield "wrong_input"
