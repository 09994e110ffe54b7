"""Names of people: rarer surnames, names by their sound, and what only looks like a name."""

import pytest

from bankft.data import find_personal


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("姓名：农振兴", ["农振兴"]),  # a word that is hardly ever a surname, behind a label
        ("我妹夫叫普学军", ["普学军"]),  # the same behind a relative
        ("收款人逄春生，请核对", ["逄春生"]),  # a rare surname that is no word
        ("继承人为其子褚亮、其女褚颖", ["褚亮", "褚颖"]),
        ("卓玛央金的贷款到期了", ["卓玛央金"]),  # Tibetan, without a surname
        ("组长顿珠，明天到", ["顿珠"]),  # one part of such a name needs a word before it
        ("please ask Nie Haibo about it", ["Nie Haibo"]),  # by its sound
        ("from LIANG SHUFEN, family support", ["LIANG SHUFEN"]),
        ("my name is tomasz wieczorek", ["tomasz wieczorek"]),
        ("Signed by Zbigniew Nowak", ["Zbigniew Nowak"]),
        ("保险箱业务每年收费三百元", []),  # 收 is no label here
        ("在农行普通柜台操作", []),
        ("my name is not on the card", []),
        ("the Long Range plan of Ping An", []),
        ("YOU MAY LOSE ALL OF IT", []),
    ],
)
def test_names(text, names):
    found = [text[one.start : one.end] for one in find_personal(text) if one.kind == "name"]
    assert found == names
