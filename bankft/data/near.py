"""Find texts that are almost the same, in a file of any size: MinHash with banding (LSH).

A text is taken as the set of its runs of three neighbouring Chinese characters, or of two
neighbouring words where most of it is written in words. The likeness of two texts is the share
of runs that they have in common (Jaccard). Comparing all pairs is out of the question, so each
text gets 32 minimum hashes (one-permutation hashing: P. Li, A. Owen, C.-H. Zhang, NIPS 2012, empty
bins filled by rotation: A. Shrivastava, P. Li, ICML 2014) in 8 bands of 4; texts that agree in a
band are compared exactly, on their sets, which wait in a temporary file.

Two texts with different numbers are never almost the same: 0.50% is not 0.80%.

With NumPy (extra ``fast``) the hashes are made in batches; without it they are the same ones.
"""

import os
import re
import tempfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import IO, Any

from bankft.text import see_through

THRESHOLD = 0.8  # share of runs in common from which two texts count as almost the same
BINS = 32  # minimum hashes of a text: the top five bits of a hash tell its bin
BANDS = 8
_ROWS = BINS // BANDS
_BATCH = 1024
_COMPARED = 4  # texts of one bucket that a later one is compared with
_AT_ONCE = 2**18  # runs compared at once with NumPy
_SKETCH = 128  # bits
_SHARES = 8  # into which numbers are divided by their top bits: each is put in order by itself

_MASK = 2**64 - 1
_CHARACTER = [pow(0x9E3779B97F4A7C15, n + 1, 2**64) for n in range(64)]  # odd: invertible
_RUN = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)
_BAND = 0xFF51AFD7ED558CCD
_IDEOGRAPH = 0x2E80  # from here on a character stands for a word of its own
_SOUNDLESS = re.compile(r"[\W_]+")
_UNITS = re.compile("[^ \u2e80-\U0010ffff]+|[\u2e80-\U0010ffff]")
_NUMBERS = re.compile("[0-9]+")


class Index:
    """Texts, numbered from 0 as they are added, and the pairs among them that are alike.

    Memory is 60 bytes a text with NumPy, else 44; the sets of runs wait in a temporary file
    without a name.

    >>> index = Index()
    >>> for text in ("请问稳健一号的管理费是多少？", "请问稳健一号的管理费是多少呢？", "起购？"):
    ...     index.add(text)
    >>> list(index.pairs())
    [(0, 1)]
    """

    def __init__(self) -> None:
        self._np = numpy()
        self._waiting: list[str] = []
        self._bands = [array("I") for _ in range(BANDS)]
        self._sizes = array("I")
        self._sketches = bytearray()  # of each set, with NumPy alone
        self._starts = array("Q")
        self._sets: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._end = 0

    def __len__(self) -> int:
        return len(self._sizes) + len(self._waiting)

    def close(self) -> None:
        """Give the temporary file back; the index cannot be used after that."""
        self._sets.close()

    def add(self, text: str) -> None:
        """Add a text; one without a word in it is like no other."""
        self.add_words(words(text))

    def add_words(self, text: str) -> None:
        """Add a text that is as `words` returns it."""
        self._waiting.append(text)
        if len(self._waiting) == _BATCH:
            self._flush()

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of alike texts, the earlier number first, in the order of the later one's.

        Each text is paired with one earlier text at most. Equal texts are alike too.
        """
        self._flush()
        of = array("I", bytes(4 * len(self._sizes)))  # each text's earlier one, plus 1
        pair = self._pair_singly if self._np is None else self._pair_together
        for band in self._bands:
            pair(band, of)
        for number, leader in enumerate(of):
            if leader:
                yield leader - 1, number

    def _pair_singly(self, band: "array[int]", of: "array[int]") -> None:
        """Compare each text with up to four earlier ones of its bucket that are like no other."""
        for bucket in same(band):
            leaders: dict[int, set[int]] = {}
            for number in bucket:
                if of[number] or not self._sizes[number]:
                    continue
                runs = self._set(number)
                for leader, known in leaders.items():
                    common = len(known & runs)
                    if common >= THRESHOLD * (len(known) + len(runs) - common):
                        of[number] = leader + 1
                        break
                else:
                    if len(leaders) < _COMPARED:
                        leaders[number] = runs

    def _pair_together(self, band: "array[int]", of: "array[int]") -> None:
        """Do what `_pair_singly` does for all buckets at once, one leader of each a round."""
        np = self._np
        leader_of = np.frombuffer(of, dtype=np.uint32)
        sizes = np.frombuffer(self._sizes, dtype=np.uint32)
        keys = np.frombuffer(band, dtype=np.uint32)
        for share in _shares(np, keys):
            left = share[(leader_of[share] == 0) & (sizes[share] > 0)]
            left = left[np.argsort(keys[left], kind="stable")]
            self._pair_share(left, keys, leader_of, sizes)

    def _pair_share(self, left: Any, keys: Any, leader_of: Any, sizes: Any) -> None:
        np = self._np
        for _ in range(_COMPARED):
            starts = np.concatenate(([True], keys[left[1:]] != keys[left[:-1]]))[: len(left)]
            if starts.all():
                return
            leaders = left[starts][np.cumsum(starts) - 1][~starts]
            left = left[~starts]
            alike = np.minimum(sizes[leaders], sizes[left]) >= THRESHOLD * np.maximum(
                sizes[leaders], sizes[left]
            )  # else too few can be in common, whatever they are
            alike[alike] = self._may_be_alike(leaders[alike], left[alike], sizes)
            common = self._common(leaders[alike], left[alike], sizes)
            union = sizes[leaders[alike]] + sizes[left[alike]] - common
            alike[alike] = common >= THRESHOLD * union
            leader_of[left[alike]] = leaders[alike] + 1
            left = left[~alike]

    def _may_be_alike(self, ones: Any, others: Any, sizes: Any) -> Any:
        """Return whether each of the texts may be alike to its other, by their sketches.

        A bit that one has and the other has not stands for a run at least that is not in common.
        """
        np = self._np
        sketches = np.frombuffer(self._sketches, dtype=np.uint64).reshape(-1, _SKETCH // 64)
        one, other = sketches[ones], sketches[others]
        most = np.minimum(
            sizes[ones] - np.bitwise_count(one & ~other).sum(axis=1, dtype=np.int64),
            sizes[others] - np.bitwise_count(other & ~one).sum(axis=1, dtype=np.int64),
        )
        return most >= THRESHOLD * (sizes[ones].astype(np.int64) + sizes[others] - most)

    def _common(self, ones: Any, others: Any, sizes: Any) -> Any:
        """Return how many runs each of the texts has in common with its other."""
        np = self._np
        common = np.zeros(len(ones), dtype=np.int64)
        parts = (np.cumsum(sizes[ones].astype(np.int64) + sizes[others]) // _AT_ONCE).tolist()
        begin = 0
        for _, group in groupby(parts):
            end = begin + sum(1 for _ in group)
            numbers = np.concatenate((ones[begin:end], others[begin:end]))
            many = sizes[numbers]
            runs = self._runs(numbers.tolist())
            pair = np.repeat(np.tile(np.arange(end - begin, dtype=np.uint64), 2), many)
            both = np.sort(pair << np.uint64(32) | runs)
            twice = both[1:][both[1:] == both[:-1]] >> np.uint64(32)
            common[begin:end] = np.bincount(twice.astype(np.int64), minlength=end - begin)
            begin = end
        return common

    def _runs(self, numbers: list[int]) -> Any:
        """Return the sets of these texts, one after another.

        They are read, not mapped: the pages of a mapped file count as memory, and each that is
        touched brings its neighbours.
        """
        self._sets.flush()
        starts, sizes = self._starts, self._sizes
        if hasattr(os, "pread"):
            read, file = os.pread, self._sets.fileno()
            parts = [read(file, 4 * sizes[number], starts[number]) for number in numbers]
        else:
            parts = []
            for number in numbers:
                self._sets.seek(starts[number])
                parts.append(self._sets.read(4 * sizes[number]))
        return self._np.frombuffer(b"".join(parts), dtype="<u4")

    def _set(self, number: int) -> set[int]:
        self._sets.seek(self._starts[number])
        found = array("I")
        found.frombytes(self._sets.read(4 * self._sizes[number]))
        return set(found)

    def _flush(self) -> None:
        if not self._waiting:
            return
        texts = self._waiting
        salts = [zlib.crc32(" ".join(_NUMBERS.findall(text)).encode()) for text in texts]
        make = _make_singly if self._np is None else _make_together
        sets, sizes, bands = make(texts, salts)
        if self._np is not None:
            self._sketches += _sketched(self._np, sets, sizes)
        self._sets.seek(self._end)
        self._sets.write(sets)
        for size in sizes:
            self._starts.append(self._end)
            self._end += 4 * size
        self._sizes.extend(sizes)
        for band, keys in zip(self._bands, bands, strict=True):
            band.extend(keys)
        self._waiting = []


def words(raw: str) -> str:
    """Return a text's words and characters, spaces between: what is compared of it.

    >>> words("费率：０．３０％，  Fee")
    '费率 0 30 fee'
    """
    return _SOUNDLESS.sub(" ", see_through(raw).text.casefold()).strip()


def same(values: "array[int]", np: Any = None) -> Iterator[list[int]]:
    """Yield the places of each value that stands more than once, ascending, by the value.

    Args:
        values: Numbers.
        np: The NumPy module, if there is one: ten times as fast.
    """
    if np is None:
        order = sorted(range(len(values)), key=values.__getitem__)
        for _, group in groupby(order, key=values.__getitem__):
            places = list(group)
            if len(places) > 1:
                yield places
        return
    if not values:
        return
    given = np.frombuffer(values, dtype=f"u{values.itemsize}")
    for share in _shares(np, given):
        order = share[np.argsort(given[share], kind="stable")]
        ordered = given[order]
        edges = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        starts = np.concatenate(([0], edges))
        ends = np.concatenate((edges, [len(order)]))
        many = ends - starts > 1
        for start, end in zip(starts[many].tolist(), ends[many].tolist(), strict=True):
            yield order[start:end].tolist()


def _shares(np: Any, values: Any) -> Iterator[Any]:
    """Yield the places of numbers with the same top bits, least first: what is sorted at once."""
    top = values >> np.array(8 * values.itemsize - _SHARES.bit_length() + 1, dtype=values.dtype)
    top = top.astype(np.uint8)
    for share in range(_SHARES):
        places = np.flatnonzero(top == share)
        if len(places):
            yield places


def numpy() -> Any:
    """Return the NumPy module, or None where it is not installed."""
    try:
        import numpy as np
    except ImportError:
        return None
    return np


_Made = tuple[bytes, Sequence[int], Sequence[Sequence[int]]]  # sets, their sizes, keys by band


def _make_singly(texts: list[str], salts: list[int]) -> _Made:
    """Hash texts one by one: what `_make_together` does, in plain Python."""
    sets = array("I")
    sizes: list[int] = []
    bands: list[list[int]] = [[] for _ in range(BANDS)]
    for text, salt in zip(texts, salts, strict=True):
        units = [
            sum(ord(char) * _CHARACTER[place & 63] for place, char in enumerate(unit)) & _MASK
            for unit in _UNITS.findall(text)
        ]
        width = _width(text, len(units))
        runs = sorted({_run(units[at : at + width]) for at in range(len(units) - width + 1)})
        sets.extend(runs)
        sizes.append(len(runs))
        minima = [-1] * BINS
        for run in reversed(runs):
            minima[run >> 27] = run
        _fill(minima)
        for number, band in enumerate(bands):
            key = salt
            for value in minima[number * _ROWS : (number + 1) * _ROWS]:
                key = (key * _BAND + value) & _MASK
            band.append(key >> 32)
    return sets.tobytes(), sizes, bands


def _width(text: str, units: int) -> int:
    """Return how many neighbours make a run: three characters, or two words."""
    ideographs = sum(char >= "\u2e80" for char in text)
    return max(1, min(3 if 2 * ideographs >= units else 2, units))


def _run(units: list[int]) -> int:
    mixed = sum(unit * factor for unit, factor in zip(units, _RUN, strict=False)) & _MASK
    return ((mixed ^ (mixed >> 29)) * _BAND & _MASK) >> 32


def _fill(minima: list[int]) -> None:
    """Give each empty bin what the next one has, plus one a step, so that it matches rarely."""
    if max(minima) < 0:
        return
    for at in [*range(BINS - 1, -1, -1), *range(BINS - 1, -1, -1)]:
        if minima[at] < 0 and minima[(at + 1) % BINS] >= 0:
            minima[at] = minima[(at + 1) % BINS] + 1


def _make_together(texts: list[str], salts: list[int]) -> _Made:
    """Hash a batch of texts with NumPy."""
    np = numpy()
    n = len(texts)
    joined = "\0".join(texts) + "\0"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    owner = np.cumsum(codes == 0) - (codes == 0)
    blank = (codes == 0) | (codes == 32)
    ideograph = codes >= _IDEOGRAPH
    # A unit starts at each ideograph, and where a word starts.
    before = np.concatenate(([True], blank[:-1] | ideograph[:-1]))
    starts = np.flatnonzero(~blank & (ideograph | before))
    if not len(starts):
        return b"", [0] * n, _keys(np, np.full((n, BINS), -1, dtype=np.int64), salts)
    of_unit = np.cumsum(~blank & (ideograph | before)) - 1
    place = np.arange(len(codes)) - starts[np.maximum(of_unit, 0)]
    factor = np.array(_CHARACTER, dtype=np.uint64)[place & 63]
    weighed = np.where(blank, np.uint64(0), codes.astype(np.uint64) * factor)
    units = np.add.reduceat(weighed, starts)
    owners = owner[starts]
    count = np.bincount(owners, minlength=n)
    ideographs = np.bincount(owner[ideograph], minlength=n)
    width = np.clip(np.where(2 * ideographs >= count, 3, 2), 1, np.maximum(count, 1))
    # The runs: a unit and its one or two neighbours, as far as the text goes.
    padded = np.concatenate((units, np.zeros(2, dtype=np.uint64)))
    wide = width[owners]
    mixed = units * np.uint64(_RUN[0])
    mixed += np.where(wide > 1, padded[1:-1], np.uint64(0)) * np.uint64(_RUN[1])
    mixed += np.where(wide > 2, padded[2:], np.uint64(0)) * np.uint64(_RUN[2])
    runs = ((mixed ^ (mixed >> np.uint64(29))) * np.uint64(_BAND)) >> np.uint64(32)
    first = np.cumsum(count) - count
    inside = np.arange(len(units)) - first[owners] <= count[owners] - wide
    found = np.sort((owners[inside].astype(np.uint64) << np.uint64(32)) | runs[inside])
    found = found[np.concatenate(([True], found[1:] != found[:-1]))]
    owners, runs = (found >> np.uint64(32)).astype(np.int64), found & np.uint64(0xFFFFFFFF)
    sizes = np.bincount(owners, minlength=n)
    # They are sorted, so the first of a bin (its top five bits) is its minimum.
    bins = found >> np.uint64(27)
    lowest = np.concatenate(([True], bins[1:] != bins[:-1]))
    minima = np.full((n, BINS), -1, dtype=np.int64)
    minima[owners[lowest], (bins[lowest] & np.uint64(31)).astype(np.int64)] = runs[lowest]
    for _ in range(BINS - 1):
        empty = minima < 0
        beside = np.roll(minima, -1, axis=1)
        fill = empty & (beside >= 0)
        if not fill.any():
            break
        minima[fill] = beside[fill] + 1
    return runs.astype("<u4").tobytes(), sizes.tolist(), _keys(np, minima, salts)


def _sketched(np: Any, sets: bytes, sizes: Sequence[int]) -> bytes:
    """Return 128 bits a set: those that its runs stand for."""
    bits = np.zeros((len(sizes), _SKETCH), dtype=bool)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    bits[owners, np.frombuffer(sets, dtype="<u4") % _SKETCH] = True
    sketches: bytes = np.packbits(bits, axis=1).tobytes()
    return sketches


def _keys(np: Any, minima: Any, salts: list[int]) -> list[list[int]]:
    bands = []
    values = minima.astype(np.uint64)
    for number in range(BANDS):
        key = np.array(salts, dtype=np.uint64)
        for row in range(number * _ROWS, (number + 1) * _ROWS):
            key = key * np.uint64(_BAND) + values[:, row]
        bands.append((key >> np.uint64(32)).tolist())
    return bands
