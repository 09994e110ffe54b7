"""The checker held against sentences that were written without sight of its rules."""

import json
import re
import sys
from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).parents[2] / "benchmarks" / "experiments"
sys.path.insert(0, str(EXPERIMENTS))

from compliance_accuracy import HALVES, LABELLED, rows, score, violated  # noqa: E402  (a script)


def every(half):
    lines = (LABELLED / f"{half}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


# What the rules reach today; it may only rise. The goal is 0.98 and 0.97 on both halves: on
# sentences that nobody has looked at, violations in other words are still missed.
@pytest.mark.parametrize(
    ("half", "recall", "precision"), [("dev", 0.97, 0.98), ("held_out", 0.77, 0.94)]
)
def test_violations_are_found_and_only_they(half, recall, precision):
    result = score((row, bool(violated(row))) for row in rows(half))
    assert result["recall"] >= recall
    assert result["precision"] >= precision


def test_the_set_is_large_hard_and_of_both_languages():
    both = [row for half in HALVES for row in every(half)]
    assert len(both) >= 2_000
    assert sum(row["hard"] != "plain" for row in both) / len(both) >= 0.5
    assert 0.55 <= sum(row["language"] == "zh" for row in both) / len(both) <= 0.65
    assert sum(row["note"] == "template" for row in both) / len(both) <= 1 / 3
    # either verdict alone would be easy to please
    assert 0.4 <= sum(row["violating"] is True for row in both) / len(both) <= 0.6


def test_no_sentence_stands_in_both_halves_however_it_is_varied():
    def bare(text):  # without punctuation, spaces, digits and case
        return re.sub(r"[\W\d_]", "", text).lower()

    dev, held_out = ({bare(row["text"]) for row in every(half)} - {""} for half in HALVES)
    assert not dev & held_out
    identities = [row["id"] for half in HALVES for row in every(half)]
    assert len(identities) == len(set(identities))


@pytest.mark.parametrize("half", HALVES)
def test_a_violation_has_a_kind_and_nothing_else_has_one(half):
    for row in every(half):
        assert bool(row["kinds"]) == (row["violating"] is not False), row["id"]
        assert row["note"] or row["violating"] is not None, row["id"]
