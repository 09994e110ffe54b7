"""The landing page's figures, computed from rows whose sums are easily made by hand."""

import json

import pytest

from bankft.site.figures import conditions, figures, read


def model(n, violations, upper, clustered, right, seconds):
    served = {
        "n": n,
        "violation_rate": violations / n,
        "upper95": upper,
        "upper95_clustered": clustered,
        "field": right / n,
    }
    return {"served": served, "seconds": seconds}


def row(language, seed, v1, v2):
    return {"language": language, "seed": seed, "threads": 2, "v1": model(*v1), "v2": model(*v2)}


RESULT = {
    "samplings": {"served": [0.7, 0.95]},
    "rows": [
        row("zh", 1, (100, 5, 1, 1, 80, 10), (1000, 0, 0.0003, 0.0003, 900, 200)),
        row("zh", 2, (300, 25, 1, 1, 280, 30), (1000, 1, 0.0005, 0.0011, 950, 100)),
        row("zh", 3, (100, 0, 1, 1, 90, 20), (1000, 0, 0.0003, 0.0003, 1000, 400)),
        row("en", 1, (50, 50, 1, 1, 0, 1), (50, 50, 1, 1, 0, 1)),
    ],
}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "rft.json"
    file.write_text(json.dumps(RESULT), "utf-8")
    return file


def test_rates_are_over_all_answers_and_the_bound_is_the_worst_seeds(path):
    found = figures(read(path, "zh"), "zh")
    assert [one.value.replace("\u202f", " ") for one in found] == [
        "6 % → 0.033 %",  # 30 of 500, 1 of 3000: not the mean of three rates
        "0.11 %",  # by template, where that is higher
        "90.0 % → 95.0 %",
        "30 秒，6.7 分钟",  # the slowest run of each
    ]
    assert found[0].note == "v1 500 个回答，v2 3,000 个"
    assert found[1].note.replace("\u202f", " ") == "3 个种子里最高的；不超过 0.1 % 的有 2 个"


def test_each_language_has_the_figures_of_its_own_bot(path):
    found = figures(read(path, "en"), "en")
    assert found[0].value.replace("\u202f", " ") == "100 % → 100 %"
    assert conditions(read(path, "en"), "en").startswith("The English bot, 1 random seed")


def test_a_missing_result_says_what_to_run(tmp_path, path):
    with pytest.raises(ValueError, match=r"no result rft\.json: run .*rft\.py"):
        read(tmp_path / "nowhere" / "rft.json", "zh")
    path.write_text(json.dumps(RESULT | {"rows": RESULT["rows"][:1]}), "utf-8")
    with pytest.raises(ValueError, match="no row of the language en"):
        read(path, "en")
