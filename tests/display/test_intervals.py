import math
import re

import pytest

from bankft.display import interval_chart
from bankft.errors import UsageError

pytest.importorskip("matplotlib")

POINTS = [(0, 0.0, math.inf), *((n, 1.4 - 8 / n, 1.4 + 8 / n) for n in range(10, 201, 10))]


def drawn(shown, points=POINTS, **more):
    about = {"x": "客户", "y": "几率比", "title": "点击"} | more
    (output,) = shown(lambda: interval_chart(points, **about))
    return output


@pytest.mark.parametrize(("language", "word"), [("zh", "区间是 1.36 到 1.44"), ("en", "1.36 to")])
def test_it_says_where_the_interval_ends(shown, monkeypatch, language, word):
    monkeypatch.setenv("BANKFT_LANG", language)
    output = drawn(shown, level=1)
    assert word in output["text/plain"]
    assert [
        one for one in (">1.36<", ">1.44<", ">客户<", ">几率比<") if one not in output["text/html"]
    ] == []


def test_what_is_infinite_is_drawn_to_the_edge(shown):
    html = drawn(shown)["text/html"]
    assert "inf" not in html
    assert "nan" not in html


def test_no_stand_in_and_no_fixed_colour_is_left(shown):
    html = drawn(shown, level=1)["text/html"]
    assert "@" not in html.replace("@container", "")
    bare = re.sub(r"var\(--bft-[a-z]+, #[0-9a-f]{6}\)", "", html)
    assert re.findall(r"#[0-9a-f]{6}\b", bare) == []


def test_the_same_data_are_the_same_bytes(shown):
    first, second = (drawn(shown)["text/html"] for _ in range(2))
    body = [
        re.sub(r"bft-[0-9a-f]{8}(-\d+)?|<style.*?</style>\n?", "", one, flags=re.S)
        for one in (first, second)
    ]
    assert body[0] == body[1]


@pytest.mark.parametrize("points", [[], [(1, 0.5, 2.0)], [(1, 0.0, math.inf), (2, 0.0, math.inf)]])
def test_there_must_be_something_to_draw(points):
    with pytest.raises(UsageError, match="two points"):
        interval_chart(points, x="n", y="y", title="t")
