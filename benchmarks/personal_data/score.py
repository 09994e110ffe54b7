"""Recall and precision of what was found against what is labelled, kind by kind."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from labelled import Labelled

Span = tuple[str, int, int]


def score(
    lines: Iterable[Labelled], find: Callable[[Labelled], list[Span]]
) -> dict[tuple[str, str], dict[str, int]]:
    """Count, by language and kind.

    A labelled span is *hit* when findings of its kind cover more than half of it, and *exact* when
    one has the same ends; a finding is *right* when it overlaps a labelled span of its kind.
    """
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(
        lambda: {"labelled": 0, "hit": 0, "exact": 0, "found": 0, "right": 0}
    )
    for line in lines:
        found = find(line)
        for kind, start, end in line.spans:
            count = counts[line.language, kind]
            count["labelled"] += 1
            covered = sum(max(0, min(end, e) - max(start, s)) for k, s, e in found if k == kind)
            count["hit"] += 2 * covered > end - start
            count["exact"] += (kind, start, end) in found
        for kind, start, end in found:
            count = counts[line.language, kind]
            count["found"] += 1
            count["right"] += any(k == kind and s < end and e > start for k, s, e in line.spans)
    return dict(counts)


def rates(count: dict[str, int]) -> dict[str, Any]:
    """Return recall, exact recall and precision; None where there is nothing to divide by."""
    return {
        "recall": count["hit"] / count["labelled"] if count["labelled"] else None,
        "exact": count["exact"] / count["labelled"] if count["labelled"] else None,
        "precision": count["right"] / count["found"] if count["found"] else None,
    }
