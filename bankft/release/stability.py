"""Whether clients ask something else than the model was trained on, without embeddings.

The population stability index: both sets are put into the same bins, and
``Σ (p - q) · ln(p / q)`` is summed over them. Under 0.1 is taken for stable, above 0.25 for
shifted: thresholds of practice in credit scoring (N. Siddiqi, *Credit Risk Scorecards*, 2006).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bankft.errors import UsageError
from bankft.text import see_through

SHIFTED = 0.25
_BINS = 10
_WORDS = 60  # pairs of characters that are told apart
_LEAST = 1e-4  # share of an empty bin, or one question would make the index infinite


@dataclass(frozen=True)
class Profile:
    """What a set of questions looks like.

    Attributes:
        n: How many questions.
        edges: Upper ends of the bins of length, in characters: tenths of the set.
        pairs: The commonest pairs of characters.
        shares: For each feature the share of questions (of pairs, for ``pairs``) in each bin.
    """

    n: int
    edges: tuple[int, ...]
    pairs: tuple[str, ...]
    shares: dict[str, tuple[float, ...]]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "n": self.n,
            "edges": list(self.edges),
            "pairs": list(self.pairs),
            "shares": {name: list(some) for name, some in self.shares.items()},
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Profile":
        """Return what `to_dict` kept."""
        shares = {name: tuple(some) for name, some in kept["shares"].items()}
        return cls(int(kept["n"]), tuple(kept["edges"]), tuple(kept["pairs"]), shares)


@dataclass(frozen=True)
class Drift:
    """How far questions have moved: the index of each feature, 0 and above.

    Attributes:
        length: Of the questions' lengths.
        language: Of Chinese against other writing.
        pairs: Of the commonest pairs of characters: what is asked about.
    """

    length: float
    language: float
    pairs: float

    @property
    def shifted(self) -> bool:
        """Whether one of them lies above 0.25."""
        return max(self.length, self.language, self.pairs) > SHIFTED


def profile(questions: Iterable[str]) -> Profile:
    """Return what training questions look like.

    Raises:
        UsageError: there are none.

    """
    texts = [_plain(question) for question in questions]
    if not texts:
        raise UsageError("Drift needs questions to compare with: the training file has none.")
    lengths = sorted(len(text) for text in texts)
    edges = tuple(
        dict.fromkeys(lengths[len(lengths) * tenth // _BINS] for tenth in range(1, _BINS))
    )
    counted = Counter(pair for text in texts for pair in _pairs(text))
    common = tuple(pair for pair, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0])))
    return _shared(texts, edges, common[:_WORDS])


def drift(trained: Profile, questions: Sequence[str]) -> Drift:
    """Compare questions with those of training.

    Raises:
        UsageError: there are no questions.

    >>> about_fees = profile(f"{name}的管理费率是多少？" for name in ("晨曦", "明湖", "金穗") * 20)
    >>> asked = [f"{name}的管理费率是多少？" for name in ("金穗", "晨曦", "明湖") * 12]
    >>> drift(about_fees, asked).shifted
    False
    >>> drift(about_fees, ["How do I close my account, please?"] * 40).shifted
    True
    """
    if not questions:
        raise UsageError("There are no questions to compare with those of training.")
    now = _shared([_plain(question) for question in questions], trained.edges, trained.pairs)
    return Drift(
        **{name: _index(trained.shares[name], now.shares[name]) for name in trained.shares}
    )


def _shared(texts: Sequence[str], edges: tuple[int, ...], pairs: tuple[str, ...]) -> Profile:
    lengths = Counter(sum(len(text) > edge for edge in edges) for text in texts)
    chinese = sum(any("一" <= char <= "鿿" for char in text) for text in texts)
    known = set(pairs)
    found = Counter(pair if pair in known else "" for text in texts for pair in _pairs(text))
    every = max(1, sum(found.values()))
    n = len(texts)
    return Profile(
        n,
        edges,
        pairs,
        {
            "length": tuple(lengths[place] / n for place in range(len(edges) + 1)),
            "language": (chinese / n, 1 - chinese / n),
            "pairs": tuple(found[pair] / every for pair in (*pairs, "")),
        },
    )


def _index(before: Sequence[float], now: Sequence[float]) -> float:
    both = [(max(p, _LEAST), max(q, _LEAST)) for p, q in zip(before, now, strict=True)]
    return math.fsum((p - q) * math.log(p / q) for p, q in both)


def _plain(text: str) -> str:
    return "".join(see_through(text).text.lower().split())


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]
