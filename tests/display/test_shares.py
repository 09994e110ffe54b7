import pytest

from bankft.display import shares
from bankft.errors import UsageError


def test_text(capsys):
    shares({"start": {"A": 0.3, "B": 0.7}, "end": {"A": 1.0, "B": 0.0}}, title="Policy")
    assert capsys.readouterr().out == ("Policy\nA  B\nstart: 30.0% · 70.0%\nend: 100.0% · 0.0%\n")


def test_html_says_everything_in_words_and_draws_in_the_themes_colours(shown):
    (output,) = shown(lambda: shares({"β<1>": {"甲&": 0.25, "乙": 0.75}}, colours=("sft", "rules")))
    html = output["text/html"]
    assert "β&lt;1&gt;" in html
    assert "甲&amp;" in html
    assert "25.0% · 75.0%" in html
    assert '<rect x="25.00%" width="75.00%"' in html  # the second part begins where the first ends
    assert html.index("var(--bft-sft,") < html.index("var(--bft-rules,")


def test_a_softmax_adds_up_in_spite_of_rounding(capsys):
    shares({"even": dict.fromkeys("ABC", 1 / 3)})
    assert "33.3% · 33.3% · 33.3%" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "kwargs", "message"),
    [
        ({}, {}, "not 0"),
        ({"a": {}}, {}, "not 0"),
        ({"a": dict.fromkeys("abcde", 0.2)}, {}, "not 5"),
        ({"a": {"x": 1.0}}, {"colours": ["red"]}, "'red'"),
        ({"a": {"x": 1.0}, "b": {"y": 1.0}}, {}, "'b' has the parts"),  # bars would not compare
        ({"a": {"x": 0.5, "y": 0.4}}, {}, "add up to 0.9"),  # no distribution
        ({"a": {"x": 1.5, "y": -0.5}}, {}, "must make 1"),
    ],
)
def test_misuse(rows, kwargs, message):
    with pytest.raises(UsageError, match=message):
        shares(rows, **kwargs)
