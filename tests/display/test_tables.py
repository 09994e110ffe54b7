import pytest

from bankft.display import table, text_table
from bankft.errors import UsageError


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([1, 20], ["1", "20"]),
        ([0.5, 1.25], ["0.50", "1.25"]),  # a column shares its decimals
        ([0.123456], ["0.1235"]),  # four at most
        ([5e-05, 0.1], ["5e-05", "0.1"]),  # a learning rate is not rounded away
        ([0.0, None, 2], ["0", "–", "2"]),
        ([True, False], ["是", "否"]),
        (["x", None], ["x", "–"]),
        ([float("nan"), 1.5], ["nan", "1.5"]),
    ],
)
def test_cells(values, cells):
    lines = text_table([{"v": value} for value in values]).splitlines()
    assert [line.strip() for line in lines[1:]] == cells


def test_text_is_aligned_for_wide_characters():
    assert text_table([{"名称": "基座", "n": 5}, {"名称": "v1", "n": 120}]).splitlines() == [
        "名称    n",
        "基座    5",
        "v1    120",
    ]


def test_a_line_break_in_a_cell_does_not_break_the_text():
    assert text_table([["a\nb", "c"]], columns=["x", "y"]) == "x    y\na b  c"


def test_only_columns_of_short_words_stay_on_a_line(shown):
    rows = [{"level": "错误", "message": "内容是空的：请补上文字，或删去这条样本。"}]
    (output,) = shown(lambda: table(rows))
    assert output["text/html"].count('<td class="bft-short">') == 1


def test_html(shown):
    rows = [{"题": "<管理费>", "n": 3, "rest": 1}]
    (output,) = shown(lambda: table(rows, columns={"题": "问&题", "n": "次数"}, caption="抽<查>"))
    assert output["text/html"] == (
        '<div class="bft"><div class="bft-scroll" role="region" tabindex="0" '
        'aria-label="抽&lt;查&gt;"><table class="bft-table"><caption>抽&lt;查&gt;</caption>'
        '<thead><tr><th scope="col" class="bft-short">问&amp;题</th>'
        '<th scope="col" class="bft-num">次数</th></tr>'
        "</thead>\n<tbody>\n"
        '<tr><td class="bft-short">&lt;管理费&gt;</td><td class="bft-num">3</td></tr>\n'
        "</tbody></table></div></div>"
    )
    assert output["text/plain"] == "抽<查>\n问&题     次数\n<管理费>     3"


@pytest.mark.parametrize(("language", "words"), [("zh", "没有数据"), ("en", "No rows")])
def test_no_rows(monkeypatch, capsys, language, words):
    monkeypatch.setenv("BANKFT_LANG", language)
    table([])
    assert capsys.readouterr().out == f"{words}\n"


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([{"a": 1}, {"b": 2}], None, "Row 2 has no 'a'"),
        ([{"a": 1}], ["z"], "Row 1 has no 'z'"),
        ([[1, 2]], None, "name their heads"),
        ([[1, 2]], ["a"], "Row 1 has 2 cells where 1 columns stand"),
    ],
)
def test_bad_rows_are_named(rows, columns, message):
    with pytest.raises(UsageError, match=message):
        text_table(rows, columns=columns)
