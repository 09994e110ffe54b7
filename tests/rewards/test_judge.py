import pytest

from bankft import rewards

ITEM = {
    "reference_answer": "晨曦货币的管理费率为每年0.15%。仅供参考，不构成投资建议。",
    "facts": ["0.15%"],
    "wrong": ["0.25%", "明湖货币"],
    "notices": ["仅供参考，不构成投资建议。"],
    "language": "zh",
}


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ("晨曦货币管理费0.15%，稳赚不赔！仅供参考，不构成投资建议。", "violation"),
        ("晨曦货币管理费很低。仅供参考，不构成投资建议。", "missing_fact"),
        ("晨曦货币管理费0.15%或0.25%。仅供参考，不构成投资建议。", "wrong_value"),
        ("晨曦货币管理费0.15%。", "missing_notice"),
        (ITEM["reference_answer"] + "您好，" * 40, "rambling"),
        (ITEM["reference_answer"] * 2, "repetition"),
        ("The fee is 0.15% a year. For reference only; not investment advice.", "wrong_language"),
        ('{"answer": "0.15%。仅供参考，不构成投资建议。"}', "no_prose"),
        ("", "no_prose"),
    ],
)
def test_why_an_answer_is_bad(sample, reason):
    assert reason in rewards.faults(sample, ITEM)
    assert reason in rewards.REASONS


@pytest.mark.parametrize(
    "sample",
    [
        ITEM["reference_answer"],
        "管理费每年０.15%。仅供参考，不构成投资建议。",  # full-width
        "晨曦货币每年收取0.15%的管理费。过往业绩不预示未来表现。仅供参考，不构成投资建议。",
    ],
)
def test_what_nothing_is_seen_in(sample):
    assert rewards.faults(sample, ITEM) == ()


def test_what_an_item_does_not_say_is_not_checked():
    assert rewards.faults("好的。仅供参考，不构成投资建议。", {}) == ()


def test_a_value_inside_a_longer_one_is_another():
    item = {"wrong": ["15%"]}
    assert "wrong_value" not in rewards.faults("0.15%。仅供参考，不构成投资建议。", item)
    assert "wrong_value" in rewards.faults("收15%。仅供参考，不构成投资建议。", item)
