"""Curves of an experiment: a line a run, a colour and a name a kind of run."""

import json
from pathlib import Path

import pytest

from bankft.site.curves import chart
from bankft.site.results import NAMES, Names, read_names

ROOT = Path(__file__).parents[2]
PLAIN = Names({"curves": "Solved", "step": "step", "a": "A & B", "b": "the other"}, {}, frozenset())


def test_each_kind_is_named_once_however_many_runs_it_has():
    drawn = chart({"a 1": [[0, 0.2], [5, 0.4]], "a 2": [[0, 0.1], [5, 0.5]]}, PLAIN)
    assert drawn.count(">A &amp; B</text>") == 1
    assert "A &amp; B: 40 %, 50 %" in drawn  # for who cannot see the lines


def test_kinds_have_colours_of_their_own():
    drawn = chart({"a 1": [[0, 0.2], [5, 0.4]], "b 1": [[0, 0.1], [5, 0.5]]}, PLAIN)
    assert "--bft-sft" in drawn
    assert "--bft-rft" in drawn


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_published_curves_have_names(language):
    names = read_names(ROOT / NAMES, language)
    result = json.loads((ROOT / "benchmarks/experiments/reft.json").read_text("utf-8"))
    drawn = chart(result["curves"], names)
    for key in ("reft_same", "reft_more", "step"):
        assert names.keys[key] in drawn
