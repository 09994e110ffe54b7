"""What the reinforcement experiment is said to show: counted, never more than it shows."""

import pytest

from bankft import rates
from bankft.site.rft_result import WORDS, render, render_brief, sentences, verdict


def counted(violations, n, right):
    return {
        "n": n,
        "violations": violations,
        "violation_rate": violations / n,
        "upper95": rates.upper_bound(violations, n),
        "upper95_clustered": rates.upper_bound(violations, n // 2),
        "field": right / n,
        "field_interval": list(rates.wilson(right, n)),
        "seconds": 30.0,
    }


def row(language="zh", seed=1, v1=(90, 3300, 2900), v2=(0, 10_000, 9_900)):
    before, after = counted(*v1), counted(*v2)
    return {
        "language": language,
        "seed": seed,
        "v1": {"seconds": 12.0, "served": before, "T1": before},
        "v2": {"seconds": 240.0, "kl": 0.0312, "served": after, "T1": after},
    }


@pytest.mark.parametrize(
    ("v1", "v2", "measure", "told"),
    [
        ((90, 3300, 2900), (0, 10_000, 9_900), "violations", "better"),
        ((0, 3300, 2900), (200, 10_000, 9_900), "violations", "worse"),
        ((1, 3300, 2900), (2, 10_000, 9_900), "violations", "same"),  # too few to tell
        ((0, 3300, 2900), (0, 10_000, 9_900), "field", "better"),
        ((0, 3300, 3200), (0, 10_000, 8_000), "field", "worse"),
        ((0, 3300, 3267), (0, 10_000, 9_900), "field", "same"),  # the intervals overlap
    ],
)
def test_only_intervals_apart_tell_better_from_worse(v1, v2, measure, told):
    assert verdict(row(v1=v1, v2=v2), measure, "served") == told


def test_bounds_are_counted_against_one_in_a_thousand():
    rows = [row(), row(seed=2, v2=(12, 10_000, 9_900))]
    served, warm, _ = sentences(rows, WORDS["en"])
    assert "at most 0.1\u202f% in 1 of 2 runs" in served
    assert served.startswith("As served")
    assert warm.startswith("Temperature 1")


def test_what_did_not_improve_is_said():
    *_, last = sentences([row(), row(seed=2, v2=(0, 10_000, 8_800))], WORDS["en"])
    assert last == (
        "Not visibly better in every run: facts right · as served (in 1 of 2), "
        "facts right · temperature 1 (in 1 of 2)."
    )
    *_, last = sentences([row()], WORDS["zh"])
    assert last == WORDS["zh"]["none"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_run_is_shown(language):
    rows = [row(one, seed) for one in ("zh", "en") for seed in (1, 2, 3)]
    html = render({"rows": rows}, language)
    assert html.count("0 / 10,000") == 6 + 12  # the main table, and all figures
    assert "0.031" in html


def test_in_brief_a_model_has_one_line_a_language_from_lowest_to_highest():
    rows = [row(), row(seed=2, v2=(12, 10_000, 9_800)), row("en")]
    rows[1]["v2"]["seconds"] = 300.0
    html = render_brief({"rows": rows}, "en")
    assert html.count("<td>v2</td>") == 2
    assert "<td>0.00\u202f% – 0.12\u202f%</td><td>98.0\u202f% – 99.0\u202f%</td>" in html
    assert "<td>English</td><td>v2</td><td>240</td><td>0.00\u202f%</td>" in html  # one seed
    assert "<td>Chinese</td><td>v2</td><td>300</td>" in html  # the slowest run
    assert "at most 0.1\u202f% in 2 of 3 runs" in html  # the sentences stay
