"""Do intervals, bounds and the sequential test hold what they claim? 10,000 simulated runs each.

Coverage is how often an interval holds the rate that the runs were drawn from. The sequential
test is looked at after every pair of customers; its error is how often it ever names a winner
where there is none. Beside it stands the test that most people would peek at.
"""

import math
from typing import Any

import numpy
from result import write

from bankft.evals import clopper_pearson, clustered_bound, log_evidence, log_harm
from bankft.rates import upper_bound, wilson

RUNS = 10_000
PAIRS = 5_000  # customers an arm, each of them a look
RATES = [(300, 0.003), (1000, 0.001), (2995, 0.001), (3000, 0.01), (500, 0.05), (2000, 0.02)]
SOURCES = [
    "benchmarks/experiments/interval_coverage.py",
    "bankft/rates.py",
    "bankft/evals/statistics.py",
    "bankft/evals/sequential.py",
]


def coverage(n: int, p: float) -> dict[str, Any]:
    """Draw runs of n independent answers and count how often each interval holds the truth."""
    seen = numpy.random.default_rng(7).binomial(n, p, RUNS)
    found: dict[str, Any] = {"answers": n, "rate": p, "expected_hits": n * p}
    kinds = {"bound": upper_bound, "clopper_pearson": clopper_pearson, "wilson": wilson}
    for name, interval in kinds.items():
        held = {}
        for k in numpy.unique(seen).tolist():
            ends = interval(k, n)
            low, high = ends if isinstance(ends, tuple) else (0.0, ends)
            held[k] = low <= p <= high
        found[name] = sum(held[k] for k in seen.tolist()) / RUNS
    return found


def clustered(share: float, inside: float) -> dict[str, Any]:
    """Draw runs of 300 questions with ten answers each, alike to a stated extent."""
    draw = numpy.random.default_rng(3)
    bad = draw.random((RUNS, 300)) < share
    hits = draw.binomial(10, inside, (RUNS, 300)) * bad
    truth = share * inside
    by_question, by_answer = (hits > 0).sum(1).tolist(), hits.sum(1).tolist()
    right = {
        k: clustered_bound([1] * k + [0] * (300 - k), [10] * 300) >= truth for k in set(by_question)
    }
    naive = {k: upper_bound(k, 3000) >= truth for k in set(by_answer)}
    return {
        "bad_questions": share,
        "bad_answers_to_them": inside,
        "by_question": sum(right[k] for k in by_question) / RUNS,
        "answers_as_if_independent": sum(naive[k] for k in by_answer) / RUNS,
        "claims_a_thousandth": sum(
            clustered_bound([1] * k + [0] * (300 - k), [10] * 300) <= 0.001
            for k in set(by_question)
        ),
    }


def least(evidence: Any, level: float) -> numpy.ndarray:
    """Return, for each number of pairs, the smallest count that is evidence enough."""
    found, start = [], 0
    for n in range(PAIRS + 1):
        k = max(start, (n + 1) // 2)
        while k <= n and evidence(k, n) < level:
            k += 1
        found.append(k)
        start = k - 1
    return numpy.array(found)


def crossings(ends: numpy.ndarray, a: float, b: float, *, two_sided: bool) -> dict[str, float]:
    """Return how often a run ever crosses, and after how many pairs in the middle."""
    draw = numpy.random.default_rng(11)
    alone_a, alone_b = a * (1 - b), b * (1 - a)
    hit, first = 0, []
    for _ in range(20):  # in parts, to spare memory
        u = draw.random((RUNS // 20, PAIRS))
        k_b = numpy.cumsum(u < alone_b, axis=1, dtype=numpy.int32)
        n = numpy.cumsum(u < alone_a + alone_b, axis=1, dtype=numpy.int32)
        over = k_b >= ends[n]
        if two_sided:
            over |= (n - k_b) >= ends[n]
        crossed = over.any(axis=1)
        hit += int(crossed.sum())
        first += (over.argmax(axis=1)[crossed] + 1).tolist()
    return {"ever": hit / RUNS, "median_pairs": float(numpy.median(first)) if first else 0.0}


def main() -> None:
    """Simulate and write the result."""
    level = least(log_evidence, -math.log(0.05))
    guard = least(log_harm, -math.log(0.01))
    naive = numpy.array([n // 2 + math.ceil(1.96 * math.sqrt(n) / 2) + 1 for n in range(PAIRS + 1)])
    write(
        __file__,
        SOURCES,
        {
            "runs": RUNS,
            "coverage": [coverage(n, p) for n, p in RATES],
            "clustered": [clustered(0.01, 1.0), clustered(0.02, 0.5), clustered(0.004, 0.2)],
            "peeking": {
                "looks": PAIRS,
                "alpha": 0.05,
                "alike": [
                    {
                        "rate": p,
                        "sequential": crossings(level, p, p, two_sided=True)["ever"],
                        "fixed_size_test": crossings(naive, p, p, two_sided=True)["ever"],
                    }
                    for p in (0.05, 0.2, 0.5)
                ],
                "different": [
                    {"a": a, "b": b, **crossings(level, a, b, two_sided=True)}
                    for a, b in ((0.20, 0.23), (0.20, 0.26))
                ],
            },
            "guard": {
                "alpha": 0.01,
                "harmless": crossings(guard, 0.01, 0.01, two_sided=False)["ever"],
                "harmful": crossings(guard, 0.01, 0.03, two_sided=False),
            },
        },
    )


if __name__ == "__main__":
    main()
