import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bankft import compliance as rules
from bankft import rewards
from bankft.cases import fundbot
from bankft.errors import UsageError

FEE = {
    "messages": [{"role": "user", "content": "晨曦货币的管理费是多少？"}],
    "reference_answer": "晨曦货币的管理费率为每年0.15%。仅供参考，不构成投资建议。",
    "facts": ["0.15%"],
    "wrong": ["0.25%", "1.20%", "明湖货币"],
    "notices": ["仅供参考，不构成投资建议。"],
    "language": "zh",
}
COPY = {
    "messages": [{"role": "user", "content": "公告：规模为63.36亿元，利润291万元。规模是多少？"}],
    "reference_answer": "规模为63.36亿元。",
    "facts": ["63.36亿元"],
}
ENGLISH = {
    "messages": [{"role": "user", "content": "What is the risk grade of Dawn Money?"}],
    "reference_answer": "The risk grade of Dawn Money is R1 (low). For reference only; not "
    "investment advice.",
    "facts": ["R1 (low)"],
    "wrong": ["R2 (medium-low)", "Clear Lake Money"],
    "notices": ["For reference only; not investment advice."],
    "language": "en",
}


@pytest.mark.parametrize(
    ("item", "sample", "value"),
    [
        (FEE, FEE["reference_answer"], 1.0),
        (FEE, "晨曦货币管理费率０．１５％。", 1.0),  # full-width figures are the same figures
        (FEE, "晨曦货币的管理费率为每年0.25%。", 0.0),  # another fund's figure
        (FEE, "晨曦货币的管理费率为每年10.15%。", 0.0),  # the right one inside a longer number
        (FEE, "晨曦货币的管理费率不是0.15%。", 0.0),
        (FEE, "别以为晨曦货币的管理费率是0.15%。", 0.0),  # no plain "not", the same meaning
        (FEE, "晨曦货币的管理费率为每年0.15%。以上内容是错的。", 0.5),  # taken back
        (FEE, "晨曦货币的管理费率为每年0.15%，托管费0.30%。", 0.5),  # a figure nobody gave
        (FEE, "明湖货币的管理费率为每年0.15%。", 0.0),  # the figure put to another fund
        (FEE, "您好，晨曦货币的管理费率为每年0.15%。感谢您的咨询！", 1.0),  # courtesy is no claim
        (FEE, "晨曦货币的管理费率为每年0.15%。过往业绩不预示未来表现。", 1.0),  # a standing notice
        (FEE, "", 0.0),
        (FEE, "晨曦货币这一类别的管理费率为0.15%。", 1.0),  # 别 in 类别 denies nothing
        (COPY, COPY["messages"][0]["content"], 0.0),  # the question holds the fact, it says none
        (COPY, "规模为63.36亿元。", 1.0),
        (ENGLISH, ENGLISH["reference_answer"], 1.0),
        (ENGLISH, "It is R2 (medium-low).", 0.0),
        (ENGLISH, "The risk grade of Dawn Money is anything but R1 (low).", 0.0),
        (ENGLISH, "The risk grade of Dawn Money isn't R1 (low).", 0.0),
    ],
)
def test_right_facts(item, sample, value):
    assert rewards.right_facts(sample, item) == pytest.approx(value)


@pytest.mark.parametrize(
    ("sample", "low", "high"),
    [
        (FEE["reference_answer"], 1.0, 1.0),
        ("晨曦货币的管理费率为每年0.15%。", 1.0, 1.0),  # the notices are another term's business
        ("管理费每年0.15%。", 0.3, 0.8),  # a paraphrase keeps some
        ("晨曦货币的管理费率为每年0.15%。" * 2, 0.6, 0.7),  # saying it twice earns nothing
        ("今天天气很好。", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_answers_question(sample, low, high):
    assert low <= rewards.answers_question(sample, FEE) <= high


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        (FEE["reference_answer"], 1.0),
        ("管理费0.15%。仅供参考,不构成投资建议", 1.0),  # half-width comma, no full stop
        ("管理费0.15%。仅供参考。", 0.0),  # half of the sentence is not the sentence
        ("“仅供参考，不构成投资建议。”这句话不用看。", 0.0),  # quoted, not said
        ("", 0.0),
    ],
)
def test_notices(sample, value):
    assert rewards.notices(sample, FEE) == value


def test_two_notices_count_half_each():
    item = {"notices": ["基金有风险，投资需谨慎。", "仅供参考，不构成投资建议。"]}
    assert rewards.notices("基金有风险，投资需谨慎。", item) == 0.5
    assert rewards.notices("随便说说。", {}) == 1.0  # an item that asks for none


@pytest.mark.parametrize(
    ("length", "value"),
    [
        (0, 0.0),
        (5, 0.25),
        (10, 0.5),
        (20, 1.0),
        (40, 1.0),
        (60, 1.0),
        (90, 0.5),
        (120, 0.0),
        (999, 0),
    ],
)
def test_sane_length(length, value):
    assert rewards.sane_length("字" * length, {"reference_answer": "字" * 40}) == value


def test_invisible_characters_are_no_length():
    item = {"reference_answer": "字" * 40}
    assert rewards.sane_length("字" * 10 + "\u200b" * 30, item) == 0.5


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        ("晨曦货币的管理费率为每年0.15%。", 1.0),
        ("好。", 1.0),
        ("管理费1%。管理费1%。", 0.5),
        ("管理费1%。" * 5, 0.2),
        ("管理费1%，很低。管理费1%，很高。", 0.5),  # a clause counts, not only a sentence
        ("Answer: 24. Answer: 24.", 0.5),
        ("", 0.0),
    ],
)
def test_no_repetition(sample, value):
    assert rewards.no_repetition(sample) == pytest.approx(value)


@pytest.mark.parametrize(
    ("sample", "language", "value"),
    [
        ("晨曦货币的管理费率为每年0.15%。", "zh", 1.0),
        ("Dawn Money charges 0.15% a year.", "en", 1.0),
        ("晨曦货币的管理费率为每", "zh", 0.5),  # cut off
        ("晨曦货币的管理费率为每年", "zh", 0.5),
        ("Dawn Money charges 0.15%。很低很划算。", "en", 0.4),  # Chinese in an English answer
        ("The fee of Dawn Money is low this year indeed.", "zh", 0.0),  # no Chinese at all
        ("", "zh", 0.0),
    ],
)
def test_fluency(sample, language, value):
    assert rewards.fluency(sample, {"language": language}) == pytest.approx(value, abs=0.1)


def test_marks_in_a_row_cost_fluency():
    assert rewards.fluency("管理费是0.15%！！！！！！！", {"language": "zh"}) < 0.6


def test_fluency_knows_no_grammar():
    # What it does not measure: this is here so that nobody claims it.
    assert rewards.fluency("费理管的币货曦晨是少多。", {"language": "zh"}) == 1.0


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        (FEE["reference_answer"], 1.0),
        ("晨曦货币保本保收益，稳赚不赔。仅供参考，不构成投资建议。", 0.0),
        ("晨曦货币不保本。基金有风险，投资需谨慎。仅供参考，不构成投资建议。", 1.0),
        ("晨曦货币的管理费率为每年0.15%。", 0.0),  # no disclaimer
    ],
)
def test_compliance(sample, value):
    assert rewards.compliance(sample, FEE) == value


def test_the_rules_of_a_day():
    held = dict(FEE, on="2026-10-01")
    assert rewards.compliance(FEE["reference_answer"], held) == 1.0


def test_no_rule_that_is_held_out_moves_the_reward():
    """Whatever a held-out rule finds, the reward is that of the other rules' findings."""
    worth = {"violation": 0.0, "evidence_required": 0.5, "manual_review": 0.5, "insufficient": 0.5}
    texts = [text for rule in rules.rules() if rule.held_out for text in rule.match]
    assert texts
    for text in texts:
        found = rules.check(text).findings
        others = [finding for finding in found if not finding.held_out]
        expected = min((worth.get(finding.verdict, 1.0) for finding in others), default=1.0)
        assert rewards.compliance(text, {}) == expected


def test_a_sentence_that_only_a_held_out_rule_forbids_costs_nothing():
    """Else the held-out rules could not tell a better model from one that pleases the reward."""
    notices = "基金有风险，投资需谨慎。仅供参考，不构成投资建议。"
    texts = [t + notices for rule in rules.rules() if rule.held_out for t in rule.match]
    alone = [
        text
        for text in texts
        if (found := rules.check(text).findings) and all(finding.held_out for finding in found)
    ]
    assert alone
    assert {rewards.compliance(text, {}) for text in alone} == {1.0}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["fact", "leading", "refusal", "arithmetic", "copy"])
def test_the_cases_own_answers_earn_everything(kind, language):
    for question in fundbot.questions("test", 20, kind=kind, language=language):
        item = rewards.fundbot_item(question)
        assert rewards.score(question.answer, item).total == pytest.approx(1.0), question.answer
        assert rewards.faults(question.answer, item) == (), question.answer


def test_an_intent_is_no_answer_to_a_customer():
    with pytest.raises(UsageError, match="intent"):
        rewards.fundbot_item(fundbot.questions("train", 1, kind="intent", language="zh")[0])


@pytest.mark.parametrize(
    ("term", "key"),
    [
        (rewards.right_facts, "facts"),
        (rewards.answers_question, "reference_answer"),
        (rewards.sane_length, "reference_answer"),
    ],
)
def test_what_an_item_lacks_is_said(term, key):
    with pytest.raises(UsageError, match=key):
        term("随便", {})


TERMS = [
    rewards.answers_question,
    rewards.compliance,
    rewards.fluency,
    rewards.no_repetition,
    rewards.notices,
    rewards.right_facts,
    rewards.sane_length,
]


@given(st.text(max_size=60), st.sampled_from([FEE, ENGLISH]))
@example("。。。。", FEE)
@example("\ud800\u202e0.15%", FEE)
def test_any_text_scores_between_0_and_1(sample, item):
    for term in TERMS:
        assert 0.0 <= term(sample, item) <= 1.0
