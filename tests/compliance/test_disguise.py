"""What is seen through, and what is left alone."""

import pytest

from bankft.compliance.disguise import read


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("保 本", "保本"),
        ("保.本", "保本"),
        ("保*本", "保本"),
        ("保夲", "保本"),
        ("０风险", "0风险"),
        ("零風險", "零风险"),
        ("穩賺", "稳赚"),
        ("稳zuan", "稳赚"),
        ("wen赚", "稳赚"),
        ("baoben", "保本"),
        ("bǎo běn", "保本"),
        ("保\u200b本", "保本"),
        ("保😀本", "保本"),
        ("l00%", "100%"),
        ("保、本、保、息", "保本保息"),
        ("保【本】", "保本"),
        ("亻呆本", "保本"),
        ("r1sk", "risk"),
        ("guarаnteed", "guaranteed"),  # a Cyrillic а
        ("g.u.a.r.a.n.t.e.e", "guarantee"),
        ("guar*anteed", "guaranteed"),
        # left alone
        ("风险等级为R3，请谨慎", "风险等级为r3,请谨慎"),
        ("确保，本基金", "确保,本基金"),
        ("1. 本基金", "1. 本基金"),
        ("a risk-free rate", "a risk free rate"),
        ("T+1日到账", "t+1日到账"),
        ("基金ETF和LOF", "基金etf和lof"),
        ("The bank is open", "the bank is open"),
    ],
)
def test_reading(raw, meant):
    assert read(raw).text == meant


def test_the_way_back():
    reading = read("我说：保 *本、稳 zuan！")
    start = reading.text.index("保")
    assert reading.raw[slice(*reading.span(start, start + 2))] == "保 *本"
    start = reading.text.index("稳")
    assert reading.raw[slice(*reading.span(start, start + 2))] == "稳 zuan"
