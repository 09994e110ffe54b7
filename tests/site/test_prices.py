"""The tables of prices say what the price file says."""

import re

import pytest

pytest.importorskip("sphinx")

from bankft import cost
from bankft.site import prices


def cells(html):
    return re.findall(r"<td>(.*?)</td>", html)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_model_its_price_and_its_end(language):
    html = prices._models(prices._WORDS[language], language)
    for price in cost.price_list():
        assert price.model in html
        assert str(price.shut) in html
    for source in ("openai-pricing", "openai-deprecations-mirror"):
        assert cost.read_prices()["sources"][source]["url"] in html


def test_the_worked_example_is_reckoned():
    found = cells(prices._supervised(prices._WORDS["en"], "en"))
    trained = 3 * cost.read_prices()["example"]["tokens"]
    at = found.index("<code>gpt-4.1-mini-2025-04-14</code>")
    assert found[at + 1] == f"{trained:,}"
    assert found[at + 3] == f"${trained * 5 / 1e6:.2f}"
    assert not any("o4-mini" in cell or "nano-2025" in cell for cell in found)  # shut


def test_reinforcement_adds_up():
    found = cells(prices._reinforcement(prices._WORDS["zh"], "zh"))
    loop, grading, both = (float(cell.strip("$").replace(",", "")) for cell in found[2::3])
    assert loop == 200
    assert both == pytest.approx(loop + grading)


def test_both_languages_have_the_same_words():
    assert prices._WORDS["zh"].keys() == prices._WORDS["en"].keys()
