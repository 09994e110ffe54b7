"""What an answer is measured by: plain functions of a text and what a right one is, 0 to 1.

BLEU, GLEU, METEOR and ROUGE are those of the graders (`bankft.graders`, ``text_similarity``),
which are held against sacrebleu, NLTK and rouge-score.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bankft.errors import UsageError
from bankft.graders.similarity import MEASURES, tokens
from bankft.rewards.texts import figures, plain, states

_STEP = re.compile(
    r"(?:^|\n)\s*(?:第[一二三四五六七八九十\d]+步|步骤\s*[一二三四五六七八九十\d]+|step\s*\d+|"
    r"\(?\d+[.)、）:：]|[-*•])\s*[:：.、]?\s*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?；;\n]+|\.(?=\s|$)")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]")
_ALIKE = 0.6  # token F1 from which two steps say the same


def exact_match(text: str, reference: str) -> float:
    """Return 1 where an answer is the reference, else 0.

    As P. Rajpurkar et al., "SQuAD" (2016), with Chinese in mind: width, case, white space and the
    signs at the end do not count.

    >>> exact_match("0.15％。", "0.15%")
    1.0
    """
    return float(_bare(text) == _bare(reference))


def token_f1(
    text: str,
    reference: str,
    *,
    by: str = "characters",
    cut: Callable[[str], Sequence[str]] | None = None,
) -> float:
    """Return how far the tokens of an answer are those of the reference: F1 (SQuAD, 2016).

    Args:
        text: the answer.
        reference: a right one.
        by: ``characters``: each Chinese character is a token, as is each run of other letters and
            digits; ``words``: Chinese is cut into pairs of neighbouring characters, as Lucene's
            CJK analyser does, so that no segmenter's vocabulary decides a figure.
        cut: a segmenter of your own for ``words``, as ``jieba.lcut``.

    Raises:
        UsageError: no such way to count.

    >>> token_f1("管理费0.15%", "管理费率0.15%")
    0.9090909090909091
    >>> round(token_f1("管理费0.15%", "管理费率0.15%", by="words"), 2)
    0.89
    """
    if by not in ("characters", "words"):
        raise UsageError(f"Tokens cannot be counted by {by!r}: use characters or words.")
    split = _characters if by == "characters" else (cut or _words)
    given, wanted = (Counter(t for t in split(plain(x)) if t.strip()) for x in (text, reference))
    hits = (given & wanted).total()
    total = given.total() + wanted.total()
    return 2 * hits / total if total else 1.0


def similarity(text: str, reference: str, *, measure: str = "rouge_l") -> float:
    """Return how alike two texts are by a measure of the graders.

    Args:
        text: the answer.
        reference: a right one.
        measure: ``bleu``, ``gleu``, ``meteor``, ``rouge_1`` … ``rouge_5``, ``rouge_l``,
            ``fuzzy_match``.

    Raises:
        UsageError: no such measure.

    >>> similarity("管理费率为每年0.15%", "管理费率为每年0.15%", measure="bleu")
    1.0
    """
    if measure not in MEASURES:
        raise UsageError(f"There is no measure {measure!r}: use one of {', '.join(MEASURES)}.")
    return MEASURES[measure](text, reference)


def fact_recall(text: str, facts: Sequence[str]) -> float:
    """Return the share of facts that an answer states; a *not* in the same clause denies one.

    Raises:
        UsageError: there are no facts.

    >>> fact_recall("风险等级为R2，起购10元。", ["R2", "10元", "T+1"])
    0.6666666666666666
    """
    if not facts:
        raise UsageError("There are no facts to look for.")
    said = plain(text)
    return sum(states(said, fact) for fact in facts) / len(facts)


def omissions(text: str, facts: Sequence[str]) -> list[str]:
    """Return the facts that an answer leaves out.

    >>> omissions("风险等级为R2。", ["R2", "10元"])
    ['10元']
    """
    said = plain(text)
    return [fact for fact in facts if not states(said, fact)]


def field_accuracy(text: str, reference: str | Mapping[str, Any]) -> dict[str, bool]:
    """Return, for each field of a reference object, whether an answer in JSON has it right.

    Numbers are compared by value, texts without width, case and white space. An answer that is no
    JSON object has no field right; fields that the reference lacks come back as wrong, for they
    are invented.

    Raises:
        UsageError: the reference is no JSON object.

    >>> wanted = {"intent": "purchase", "amount": 10}
    >>> field_accuracy('{"intent": "purchase", "amount": 100}', wanted)
    {'intent': True, 'amount': False}
    """
    wanted = reference if isinstance(reference, Mapping) else _object(reference)
    if wanted is None:
        raise UsageError("The reference is no JSON object, so it has no fields.")
    given = _object(text) or {}
    found = {name: name in given and _same(given[name], value) for name, value in wanted.items()}
    return found | {name: False for name in given if name not in wanted}


def step_agreement(text: str, reference: str) -> float:
    r"""Return how far the steps of a reasoning agree with those of the reference, in order.

    Steps are numbered or listed lines, else sentences. Two are the same where their tokens agree
    (F1 from 0.6 on) and their figures are equal. The longest common sequence of steps, doubled,
    over both numbers of steps: F1 as in ROUGE-L (C.-Y. Lin, 2004), with steps for words.

    >>> right = "1. 费用=10000×0.15%\n2. 费用为15元"
    >>> step_agreement("1. 费用=10000×0.15%\n2. 费用为150元", right)
    0.5
    """
    given, wanted = steps(text), steps(reference)
    if not given or not wanted:
        return float(given == wanted)
    row = [0] * (len(wanted) + 1)
    for one in given:
        before, row = row, [0]
        for place, other in enumerate(wanted):
            longer = before[place] + 1 if _same_step(one, other) else 0
            row.append(max(longer, before[place + 1], row[place]))
    return 2 * row[-1] / (len(given) + len(wanted))


def steps(text: str) -> list[str]:
    r"""Return the steps of a reasoning.

    >>> steps("第一步：看费率。第二步：乘以金额。"), steps("1. 看费率\n2. 乘以金额")
    (['第一步：看费率', '第二步：乘以金额'], ['看费率', '乘以金额'])
    """
    marks = list(_STEP.finditer(text))
    if len(marks) > 1:
        edges = [*(mark.end() for mark in marks)]
        ends = [*(mark.start() for mark in marks[1:]), len(text)]
        parts = [text[start:end] for start, end in zip(edges, ends, strict=True)]
    else:
        parts = _SENTENCE.split(text)
    return [part.strip(" \t\n。.；;") for part in parts if part.strip(" \t\n。.；;")]


def _same_step(one: str, other: str) -> bool:
    figured = [Counter(figures(plain(text))) for text in (one, other)]
    return figured[0] == figured[1] and token_f1(one, other) >= _ALIKE


def _bare(text: str) -> str:
    return "".join(plain(text).split()).rstrip("。.!！?？;；,，")


def _characters(text: str) -> list[str]:
    return tokens(text, signs=False)


def _words(text: str) -> list[str]:
    """Cut into words; a run of Chinese characters into pairs, a lone one stands for itself."""
    found: list[str] = []
    run: list[str] = []
    for token in [*tokens(text, signs=False), ""]:
        if _HAN.fullmatch(token):
            run.append(token)
            continue
        found += ["".join(pair) for pair in pairwise(run)] if len(run) > 1 else run
        run = []
        found += [token] if token else []
    return found


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return _bare(one) == _bare(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
