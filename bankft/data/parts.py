"""Split examples into parts that share nothing."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from random import Random
from typing import TypeVar

from bankft.errors import DataError, UsageError

T = TypeVar("T")

PARTS: Mapping[str, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}


def split(
    examples: Sequence[T],
    *,
    parts: Mapping[str, float] = PARTS,
    seed: int = 0,
    group: Callable[[T], Hashable] | None = None,
) -> dict[str, list[T]]:
    """Split examples into parts; the same examples and seed give the same parts anywhere.

    Every example lands in exactly one part, and the given list stays as it is. Without ``group``
    the sizes are exact: each share of the whole, rounded down, and what is left over goes to the
    parts that lost most by rounding. With ``group`` all examples of a group land in the same
    part, so that no paraphrase of a training example is tested; sizes then come as close to
    those as whole groups allow.

    Args:
        examples: Anything, in any order.
        parts: Name and share of each part; shares are positive and add up to 1.
        seed: Any integer.
        group: Returns the group that an example belongs to, such as its answer or template.

    Raises:
        UsageError: The shares do not add up to 1, or one is not positive.
        DataError: There are too few examples or groups, so a part would be empty.

    >>> {name: len(part) for name, part in split(list(range(25))).items()}
    {'train': 20, 'valid': 3, 'test': 2}
    """
    if not parts or min(parts.values()) <= 0 or abs(sum(parts.values()) - 1) > 1e-9:
        raise UsageError(
            f"The shares of parts must be positive and add up to 1, not {dict(parts)}."
        )
    free = _sizes(len(examples), parts)
    groups: dict[Hashable, list[T]] = {}
    for index, example in enumerate(examples):
        groups.setdefault(index if group is None else group(example), []).append(example)

    rng = Random(seed)
    shuffled = list(groups.values())
    rng.shuffle(shuffled)
    # Large groups first, while there is room for them; each goes where most room is left.
    shuffled.sort(key=len, reverse=True)
    result: dict[str, list[T]] = {name: [] for name in parts}
    for members in shuffled:
        name = max(free, key=free.__getitem__)
        result[name] += members
        free[name] -= len(members)
    for name, part in result.items():
        if not part:
            raise DataError(
                f"{len(examples)} example(s) in {len(groups)} group(s) leave the part {name!r} "
                "empty: give more examples, a larger share, or smaller groups."
            )
        rng.shuffle(part)
    return result


def _sizes(n: int, parts: Mapping[str, float]) -> dict[str, int]:
    """Round shares of n to whole numbers that add up to n (largest remainder method)."""
    exact = {name: round(n * share, 9) for name, share in parts.items()}
    sizes = {name: int(size) for name, size in exact.items()}
    by_loss = sorted(parts, key=lambda name: sizes[name] - exact[name])
    for name in by_loss[: n - sum(sizes.values())]:
        sizes[name] += 1
    return sizes
