import pytest

from bankft.display import bars
from bankft.errors import UsageError


@pytest.mark.parametrize(("k", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_no_rate_is_refused(k, n):
    with pytest.raises(UsageError, match="not one"):
        bars({"base": (k, n)})


def test_text(capsys, monkeypatch):
    monkeypatch.setenv("BANKFT_LANG", "en")
    bars({"base": (0, 20), "v1": (20, 20)}, title="Exact match")
    assert capsys.readouterr().out == (
        "Exact match\n"
        "base: 0 of 20 = 0.0% (95% interval 0.0% – 16.1%)\n"
        "v1: 20 of 20 = 100.0% (95% interval 83.9% – 100.0%)\n"
    )


def test_html_says_everything_in_words_and_draws_in_the_themes_colours(shown):
    (output,) = shown(lambda: bars({"基<座>": (5, 20), "v1": (20, 20)}, title="逐字<一致>"))
    html = output["text/html"]
    assert "基&lt;座&gt;" in html
    assert "逐字&lt;一致&gt;" in html
    assert "<b>5 / 20 = 25.0%</b>" in html
    assert "95% 区间 11.2% – 46.9%" in html
    assert 'width="25.00%"' in html
    assert html.index("var(--bft-muted,") < html.index("var(--bft-sft,")


@pytest.mark.parametrize(
    ("rates", "kwargs", "message"),
    [
        ({}, {}, "not 0"),
        (dict.fromkeys("abcde", (1, 2)), {}, "not 5"),
        ({"a": (1, 2)}, {"colours": ["red"]}, "'red'"),
    ],
)
def test_misuse(rates, kwargs, message):
    with pytest.raises(UsageError, match=message):
        bars(rates, **kwargs)
