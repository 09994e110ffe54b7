"""How a number is spread over a file: kept as counts, so that memory does not grow with it."""

from collections import Counter
from typing import Any

_EXACT = 4096  # larger numbers are kept to three significant digits


class Spread:
    """Counts of a whole number seen many times.

    >>> spread = Spread()
    >>> for tokens in (12, 15, 15, 40):
    ...     spread.add(tokens)
    >>> spread.numbers()["median"], spread.numbers()["total"]
    (15, 82)
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._total = 0
        self._largest = 0

    def add(self, number: int) -> None:
        """Count a number of 0 or more."""
        self._total += number
        if number > self._largest:
            self._largest = number
        if number > _EXACT:
            step = 10 ** (len(str(number)) - 3)
            number -= number % step
        self._counts[number] += 1

    def numbers(self) -> dict[str, Any]:
        """Return ``total``, ``min``, ``mean``, ``median``, ``p95``, ``max`` and ``bins``.

        A bin is ``[from, up to and without, count]``; those between the first and last that hold
        something are all there.
        """
        if not self._counts:
            return {"total": 0, "bins": []}
        ordered = sorted(self._counts)
        n = self._counts.total()
        return {
            "total": self._total,
            "min": ordered[0],
            "mean": round(self._total / n, 1),
            "median": self._at(ordered, (n + 1) // 2),
            "p95": self._at(ordered, -(-95 * n // 100)),
            "max": self._largest,
            "bins": self._bins(ordered),
        }

    def _at(self, ordered: list[int], rank: int) -> int:
        for number in ordered:
            rank -= self._counts[number]
            if rank <= 0:
                return number
        return ordered[-1]

    def _bins(self, ordered: list[int]) -> list[list[int]]:
        """Return about ten bins of one round width, the last one open for the few far ones."""
        n = self._counts.total()
        reach = self._at(ordered, -(-99 * n // 100))  # a single giant must not flatten the rest
        width = _round_width((reach - ordered[0]) / 10)
        start = ordered[0] // width * width
        last = max(start, reach // width * width)
        counts: Counter[int] = Counter()
        for number in ordered:
            counts[min(number // width * width, last)] += self._counts[number]
        bins = [[low, low + width, counts[low]] for low in range(start, last + 1, width)]
        bins[-1][1] = max(bins[-1][1], self._largest + 1)
        return bins


def _round_width(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … that is no less."""
    width = 1
    while width < least:
        for factor in (1, 2, 5):
            if width * factor >= least:
                return width * factor
        width *= 10
    return width
