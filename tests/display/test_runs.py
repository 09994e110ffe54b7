import itertools
import re

import pytest

from bankft.display import runs_chart
from bankft.errors import UsageError

pytest.importorskip("matplotlib")


def metrics(n, end):
    """A run of n steps that validates every ten, whose accuracy goes from a half to the end."""
    return [
        {
            "step": step,
            "kl": 0.01 * step,
            "train_accuracy": step % 2,  # a batch is all right or all wrong
            "valid_accuracy": 0.5 + (end - 0.5) * step / n if step % 10 == 0 else None,
        }
        for step in range(1, n + 1)
    ]


RUNS = {"松": metrics(40, 0.7), "紧": metrics(30, 0.9)}


def html_of(shown, *args, **kwargs):
    (output,) = shown(lambda: runs_chart(*args, **kwargs))
    return output["text/html"]


def test_each_run_has_its_colour_and_its_last_value(shown):
    html = html_of(shown, RUNS, "kl", title="KL", y="奈特/词元")
    texts = dict(re.findall(r'<text [^>]*fill="var\(--bft-(\w+),[^>]*>((?:松|紧)[^<]+)<', html))
    assert texts == {"rft": "松 0.400", "sft": "紧 0.300"}
    assert ">奈特/词元<" in html
    assert "stroke-dasharray" not in html
    assert "虚线" not in html


def test_validation_is_solid_and_training_the_mean_between_two_looks(shown):
    html = html_of(shown, RUNS, "train_accuracy", "valid_accuracy", title="准确率", percent=True)
    assert html.count("stroke-dasharray: ") == 2
    assert ">松 70.0%<" in html
    assert ">100%<" in html
    assert "虚线是训练" in html
    heads = re.findall(r"<th [^>]*>([^<]+)</th>", html)
    assert heads == ["训练步", "松（训练）", "松（验证）", "紧（训练）", "紧（验证）"]
    first, *_, last = re.findall(r"<tr>(<td.*?)</tr>", html)
    # Of ten batches, five were all right.
    assert re.findall(r">([^<]+)<", first) == ["10", "0.5", "0.55", "0.5", "0.6333"]
    # The shorter run has ended by then.
    assert re.findall(r">([^<]+)<", last) == ["40", "0.5", "0.70", "–", "–"]


def test_labels_at_one_height_are_pushed_apart(shown):
    alike = {name: metrics(20, 0.0) for name in "甲乙丙丁"}
    html = html_of(shown, alike, "valid_accuracy", title="到底")
    heights = sorted(
        float(y) for y in re.findall(r'<text x="[^"]+" y="([\d.]+)"[^>]*>[甲乙丙丁] ', html)
    )
    assert len(heights) == 4
    assert all(lower - upper >= 20 for upper, lower in itertools.pairwise(heights))


def test_words_follow_the_language_and_a_terminal_gets_the_description(capsys, monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    runs_chart({"loose": RUNS["松"]}, "kl", title="KL")
    assert capsys.readouterr().out == "KL\nloose: from 0.010 to 0.400.\n"


def test_a_long_run_is_thinned_in_the_table_and_its_end_stays(shown):
    html = html_of(shown, {"松": metrics(301, 1.0)}, "kl", title="KL")
    steps = [int(step) for step in re.findall(r'<tr><td class="bft-num">(\d+)</td>', html)]
    assert len(steps) < 70
    assert steps[-1] == 301
    assert "每 6 步一行" in html


@pytest.mark.parametrize(
    ("runs", "key", "said"),
    [
        ({}, "kl", "1 to 4 runs, not 0"),
        (dict.fromkeys("abcde", RUNS["松"]), "kl", "1 to 4 runs, not 5"),
        (RUNS, "entropy", "no row of '松' has a value for entropy"),
        ({"空": []}, "kl", "no row of '空' has a value for kl"),
    ],
)
def test_what_cannot_be_drawn_is_said(runs, key, said):
    with pytest.raises(UsageError, match=said):
        runs_chart(runs, key, title="x")
