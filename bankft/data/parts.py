"""Split examples into parts that share nothing."""

from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from random import Random
from typing import TypeVar

from bankft.errors import DataError, UsageError

T = TypeVar("T")
Label = Callable[[T], Hashable] | Sequence[Hashable] | None

PARTS: Mapping[str, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}


def split(
    examples: Sequence[T],
    *,
    parts: Mapping[str, float] = PARTS,
    seed: int = 0,
    group: Label[T] = None,
    by: Label[T] = None,
) -> dict[str, list[T]]:
    """Split examples into parts; the same examples and seed give the same parts anywhere.

    Every example lands in exactly one part, and the given list stays as it is. Without ``group``
    the sizes are exact: each share of the whole, rounded down, and what is left over goes to the
    parts that lost most by rounding. With ``group`` all examples of a group land in the same
    part, so that no paraphrase of a training example is tested; sizes then come as close to
    those as whole groups allow.

    With ``by`` each stratum (a kind of question, a language) is shared out like the whole: to
    the exact example without ``group``, as near as whole groups allow with it. What rounding
    takes from a part in one stratum it gets in the next, so that small strata do not leave a
    part short.

    Args:
        examples: Anything, in any order.
        parts: Name and share of each part; shares are positive and add up to 1.
        seed: Any integer.
        group: Returns the group that an example belongs to, such as its customer, answer or
            template; or a list of the groups, one an example. `together` makes one list of
            several.
        by: Returns the stratum of an example, or a list of the strata, one an example.

    Raises:
        UsageError: The shares do not add up to 1, one is not positive, or a list of labels is
            not as long as the examples.
        DataError: There are too few examples or groups, so a part would be empty.

    >>> {name: len(part) for name, part in split(list(range(25))).items()}
    {'train': 20, 'valid': 3, 'test': 2}
    >>> halves = split("aaaabbbbbb", parts={"train": 0.5, "test": 0.5}, by=str)
    >>> sorted(halves["train"])
    ['a', 'a', 'b', 'b', 'b']
    """
    if not parts or min(parts.values()) <= 0 or not abs(sum(parts.values()) - 1) <= 1e-9:
        raise UsageError(
            f"The shares of parts must be positive and add up to 1, not {dict(parts)}."
        )
    strata = _labels(examples, by, "by", lambda index: 0)
    groups: dict[Hashable, list[int]] = {}
    for index, name in enumerate(_labels(examples, group, "group", lambda index: index)):
        groups.setdefault(name, []).append(index)
    free = _wanted(strata, parts)  # what each part still wants of each stratum
    room = {name: sum(of.values()) for name, of in free.items()}

    rng = Random(seed)
    shuffled = list(groups.values())
    rng.shuffle(shuffled)
    # Large groups first, while there is room for them; each goes where most room is left for
    # what it is made of: that moves the parts' strata nearest to what is wanted (least squares).
    shuffled.sort(key=len, reverse=True)
    result: dict[str, list[T]] = {name: [] for name in parts}
    for members in shuffled:
        made_of: dict[Hashable, int] = {}
        for index in members:
            made_of[strata[index]] = made_of.get(strata[index], 0) + 1

        def fits(name: str, made_of: dict[Hashable, int] = made_of) -> tuple[int, int]:
            return sum(n * free[name][stratum] for stratum, n in made_of.items()), room[name]

        chosen = max(parts, key=fits)
        result[chosen] += [examples[index] for index in members]
        room[chosen] -= len(members)
        for stratum, n in made_of.items():
            free[chosen][stratum] -= n
    for name, part in result.items():
        if not part:
            raise DataError(
                f"{len(examples)} example(s) in {len(groups)} group(s) leave the part {name!r} "
                "empty: give more examples, a larger share, or smaller groups."
            )
        rng.shuffle(part)
    return result


def together(*labels: Sequence[Hashable]) -> list[int]:
    """Return groups in which examples stand together that share any of several labels.

    A customer asks two questions, another customer asks the second one too: then all three
    belong together, or either the customer or the question would be torn. A label that is None
    joins nothing.

    Args:
        labels: Lists of labels, each with one label an example, such as customers and questions.

    Returns:
        One number an example: the index of the first example of its group.

    Raises:
        UsageError: The lists are not equally long.

    >>> together(["An", "An", "Bo", "Cy"], ["fee?", "risk?", "risk?", None])
    [0, 0, 0, 3]
    """
    if len({len(some) for some in labels}) > 1:
        raise UsageError(f"The lists of labels differ in length: {[len(some) for some in labels]}.")
    forest = Forest()
    for _ in labels[0] if labels else ():
        forest.add()
    for some in labels:
        seen: dict[Hashable, int] = {}
        for index, label in enumerate(some):
            if label is not None:
                forest.join(index, seen.setdefault(label, index))
    return forest.roots()


class Forest:
    """Examples that belong together, joined pair by pair (union-find, paths halved).

    >>> forest = Forest()
    >>> a, b, c = forest.add(), forest.add(), forest.add()
    >>> forest.join(c, a)
    >>> forest.roots()
    [0, 1, 0]
    """

    def __init__(self) -> None:
        self._first = array("q")  # where an example was joined to; its own place for a root

    def add(self) -> int:
        """Add an example; return its place."""
        self._first.append(len(self._first))
        return len(self._first) - 1

    def join(self, one: int, other: int) -> None:
        """Say that two examples belong together."""
        low, high = sorted((self._root(one), self._root(other)))
        self._first[high] = low

    def roots(self) -> list[int]:
        """Return for each example the place of the first that it belongs together with."""
        return [self._root(index) for index in range(len(self._first))]

    def _root(self, index: int) -> int:
        first = self._first
        while first[index] != index:
            first[index] = first[first[index]]
            index = first[index]
        return index


def _labels(
    examples: Sequence[T], label: Label[T], name: str, default: Callable[[int], Hashable]
) -> list[Hashable]:
    if label is None:
        return [default(index) for index in range(len(examples))]
    if callable(label):
        found = [label(example) for example in examples]
    elif len(label) != len(examples):
        raise UsageError(
            f"{name} has {len(label)} label(s) for {len(examples)} example(s): give one each."
        )
    else:
        found = list(label)
    for place, one in enumerate(found, 1):
        try:
            hash(one)
        except TypeError:
            raise UsageError(
                f"{name} gives example {place} a {type(one).__name__}, which cannot be compared: "
                "use text or a number."
            ) from None
    return found


def _wanted(
    strata: Sequence[Hashable], parts: Mapping[str, float]
) -> dict[str, dict[Hashable, int]]:
    """Round each stratum's shares to whole numbers by the largest remainders.

    A part's loss by rounding is carried on to the next stratum, so that the totals stay near
    the parts' shares of the whole too.
    """
    counts: dict[Hashable, int] = {}
    for stratum in strata:
        counts[stratum] = counts.get(stratum, 0) + 1
    wanted: dict[str, dict[Hashable, int]] = {name: {} for name in parts}
    owed = dict.fromkeys(parts, 0.0)
    for stratum, n in counts.items():
        exact = {name: round(n * share, 9) for name, share in parts.items()}
        sizes = {name: int(size) for name, size in exact.items()}
        # A share that comes out whole stays as it is, whatever the part is owed.
        by_loss = sorted(
            parts,
            key=lambda name: (
                sizes[name] == exact[name],
                sizes[name] - exact[name] - round(owed[name], 9),
            ),
        )
        for name in by_loss[: n - sum(sizes.values())]:
            sizes[name] += 1
        for name in parts:
            wanted[name][stratum] = sizes[name]
            owed[name] += exact[name] - sizes[name]
    return wanted
