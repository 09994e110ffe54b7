"""The measures of a ``text_similarity`` grader, from 0 to 1: BLEU, GLEU, METEOR, ROUGE.

Each is the published formula on one reference. The usual libraries do not fit: NLTK and
sacrebleu load compiled modules, and rouge-score drops every Chinese character. The tests hold
these functions against them. Texts are cut into words; a Chinese character is a word of its own,
as in sacrebleu's ``zh`` tokeniser, so no segmenter's vocabulary decides a reward.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

from bankft.graders.fuzzy import common, fuzzy, index

LONGEST = 10_000  # characters of a text: what is compared is compared in seconds
# A Han character (with extension A, compatibility forms and the planes beyond), a run of other
# letters and digits, or a sign.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+|[^\w\s]|_")


def tokens(text: str, *, signs: bool = True) -> list[str]:
    """Return a text's words; without ``signs``, letters and digits only, in lower case.

    >>> tokens("R2级，稳健 fund!")
    ['R2', '级', '，', '稳', '健', 'fund', '!']
    """
    found = _TOKEN.findall(text if signs else text.lower())
    return found if signs else [token for token in found if token[0].isalnum()]


def bleu(text: str, reference: str) -> float:
    """Return sentence BLEU (Papineni et al. 2002) with up to four words.

    A sentence shorter than four words is measured by what it has, and an order without a match
    counts half of the one before (Chen and Cherry 2014, method 3): sacrebleu's defaults.
    """
    given, wanted = tokens(text), tokens(reference)
    orders = range(1, min(4, len(given)) + 1)
    if not wanted or not orders:
        return float(given == wanted)
    logs, penalty = [], 1.0
    for n in orders:
        of = _grams(given, n)
        hits = float(_hits(of, _grams(wanted, n)))
        if n == 1 and not hits:
            return 0.0
        if not hits:
            penalty *= 2
            hits = 1 / penalty
        logs.append(math.log(hits / of.total()))
    brevity = min(0.0, 1 - len(wanted) / len(given))
    return math.exp(brevity + sum(logs) / len(logs))


def gleu(text: str, reference: str) -> float:
    """Return Google's BLEU (Wu et al. 2016): precision or recall of 1 to 4 words, the smaller."""
    given, wanted = tokens(text), tokens(reference)
    hits = total = 0
    for n in range(1, 5):
        of, to = _grams(given, n), _grams(wanted, n)
        hits += _hits(of, to)
        total += max(of.total(), to.total())
    return hits / total if total else float(given == wanted)


def meteor(text: str, reference: str) -> float:
    """Return METEOR (Banerjee and Lavie 2005) with equal words, NLTK's parameters.

    Stems and synonyms need an English word list; without them English scores a little lower
    than NLTK's, Chinese the same.
    """
    given, wanted = tokens(text.lower()), tokens(reference.lower())
    pairs = _aligned(given, wanted)
    if not pairs:
        return float(given == wanted)
    precision, recall = len(pairs) / len(given), len(pairs) / len(wanted)
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    chunks = 1 + sum((a + 1, b + 1) != after for (a, b), after in pairwise(pairs))
    return mean * (1 - 0.5 * (chunks / len(pairs)) ** 3)


def rouge(text: str, reference: str, *, n: int) -> float:
    """Return ROUGE-N (Lin 2004), the F-measure, on letters and digits in lower case."""
    of, to = (_grams(tokens(t, signs=False), n) for t in (text, reference))
    return _f(_hits(of, to), of.total(), to.total())


def rouge_l(text: str, reference: str) -> float:
    """Return ROUGE-L (Lin 2004), the F-measure of the longest common subsequence of words."""
    given, wanted = (tokens(t, signs=False) for t in (text, reference))
    return _f(common(given, index(wanted)), len(given), len(wanted))


MEASURES: Mapping[str, Callable[[str, str], float]] = {
    "fuzzy_match": fuzzy,
    "bleu": bleu,
    "gleu": gleu,
    "meteor": meteor,
    **{f"rouge_{n}": partial(rouge, n=n) for n in range(1, 6)},
    "rouge_l": rouge_l,
}


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the cosine of two embeddings, 0 where one of them has no direction."""
    lengths = math.hypot(*a) * math.hypot(*b)
    dot = math.fsum(x * y for x, y in zip(a, b, strict=True))
    return max(-1.0, min(1.0, dot / lengths)) if lengths else 0.0


def _grams(words: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def _hits(of: Counter[tuple[str, ...]], to: Counter[tuple[str, ...]]) -> int:
    return (of & to).total()


def _f(hits: int, given: int, wanted: int) -> float:
    return 2 * hits / (given + wanted) if hits else 0.0


def _aligned(given: list[str], wanted: list[str]) -> list[tuple[int, int]]:
    """Pair equal words, the last of each with the last, as NLTK does; in the text's order."""
    places: dict[str, list[int]] = {}
    for j, word in enumerate(wanted):
        places.setdefault(word, []).append(j)
    pairs = [
        (i, places[word].pop()) for i, word in reversed(list(enumerate(given))) if places.get(word)
    ]
    return pairs[::-1]
