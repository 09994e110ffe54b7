"""The checker: verdicts, offsets, exemptions, days, scopes, and that it never breaks."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft import compliance
from bankft.cases import fundbot
from bankft.errors import UsageError
from tests.compliance.sentences import COMPLIANT, VIOLATING, listed

DISCLAIMER = "仅供参考，不构成投资建议。"


def rules_of(judgement):
    return {one.rule for one in judgement.findings}


def spoken(judgement):
    """Return the findings of rules on what is said, rather than on what is missing."""
    return [one for one in judgement.findings if not one.rule.startswith("missing-")]


@pytest.mark.parametrize("text", listed(VIOLATING))
def test_a_violation_is_found(text):
    judgement = compliance.check(text)
    assert "violation" in {one.verdict for one in spoken(judgement)}, judgement
    assert judgement.verdict == "violation"


@pytest.mark.parametrize("text", listed(COMPLIANT))
def test_what_is_fine_is_let_pass(text):
    assert spoken(compliance.check(text)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", fundbot.KINDS)
def test_the_reference_answers_of_the_running_case_are_fine(kind, language):
    many = {"refusal": 12}.get(kind, 300)
    for part in ("train", "test"):
        for question in fundbot.questions(part, many, kind=kind, language=language):
            judgement = compliance.check(question.answer)
            assert judgement.verdict == "ok", (question.answer, judgement.findings)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_its_disclaimer_a_reference_answer_is_flagged_for_just_that(language):
    for question in fundbot.questions("test", 100, language=language):
        bare = question.answer.replace(fundbot.DISCLAIMER[language], "").strip()
        assert rules_of(compliance.check(bare)) == {"missing-disclaimer"}


def test_a_missing_risk_notice_is_reported_by_its_own_rule():
    judgement = compliance.check("晨曦货币的申购费率为0%。" + DISCLAIMER)
    assert rules_of(judgement) == {"missing-risk-notice"}


@pytest.mark.parametrize(
    ("text", "exemption", "words"),
    [
        ("本基金不保本。", "negation", "保本"),
        ("保本？不可能。", "denial", "保本"),
        ("“保本”一词不得使用。", "warning", "保本"),
        ("“保本”是指到期返还本金。", "mention", "保本"),
        ("您是问这只基金是否保本吗？", "question", "保本"),
        ("存款保本，基金不保本。", "other_product", "保本"),
        ("按“立即购买”按钮。", "unless", "立即购买"),
        ("据银河证券统计，本基金业绩优良。", "evidence", "业绩优良"),
    ],
)
def test_an_exemption_says_why(text, exemption, words):
    first = compliance.check(text).exempted[0]
    assert (first.exemption, first.text) == (exemption, words)
    assert text[first.start : first.end] == words
    assert first.reason["zh"]
    assert first.reason["en"]


@pytest.mark.parametrize(
    "text", ["这只基金保本吗？", "我想买保本的。", "稳赚不赔吧？", "is it guaranteed?"]
)
def test_what_the_customer_says_is_not_the_banks_wording(text):
    judgement = compliance.check(text, speaker="customer")
    assert judgement.verdict == "ok"
    assert judgement.exempted


def test_offsets_are_those_of_the_raw_text():
    text = "亲，這只　保\u200b *本* ，ｓｕｒｅ　profit！"
    found = {one.text for one in compliance.check(text).findings}
    assert {"保\u200b *本", "ｓｕｒｅ　profit"} <= found


# The law differs on the two days, so the verdict does. (Online marketing; suitability of banks.)
@pytest.mark.parametrize(
    ("text", "product", "before", "after", "rule"),
    [
        ("低门槛、秒到账、无成本。", "public_fund", (2026, 9, 29), (2026, 9, 30), "online-puffery"),
        ("近一周收益排名第一。", "public_fund", (2026, 9, 29), (2026, 9, 30), "online-performance"),
        ("您先买，测评后面再补。", "wealth", (2026, 1, 31), (2026, 2, 1), "wealth-sales-conduct"),
        ("您是C2，推荐您购买R4理财。", "wealth", (2026, 1, 31), (2026, 2, 1), None),
        ("保本保收益。", "wealth", (2021, 6, 26), (2021, 6, 27), "wealth-guarantee"),
    ],
)
def test_a_day_has_its_own_law(text, product, before, after, rule):
    earlier = compliance.check(text, product=product, on=date(*before))
    later = compliance.check(text, product=product, on=date(*after))
    assert rules_of(earlier) < rules_of(later)
    if rule:
        assert rules_of(later) - rules_of(earlier) == {rule}


def test_the_verdict_itself_differs_between_the_days():
    text = "低门槛、秒到账、无成本。" + DISCLAIMER
    verdicts = [
        compliance.check(text, on=date(2026, 9, day)).verdict if day < 31 else None
        for day in (29, 30)
    ]
    assert verdicts == ["ok", "violation"]


def test_without_the_investors_class_an_offer_cannot_be_judged():
    offer = "推荐您了解R4的产品，您可以购买。基金有风险，投资需谨慎。" + DISCLAIMER
    assert compliance.check(offer).verdict == "insufficient"
    assert compliance.check(offer, investor_class="C4").verdict == "ok"
    assert compliance.check(offer, investor_class="C3").verdict == "violation"
    assert compliance.check(offer + "稳赚不赔！").verdict == "violation"  # which outranks it


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("本基金业绩优良。", "evidence_required"),
        ("这是最大的基金。", "advisory"),
    ],
)
def test_lesser_verdicts(text, verdict):
    assert compliance.check(text + DISCLAIMER).verdict == verdict


def test_a_structured_deposit_may_be_said_to_return_the_principal():
    judgement = compliance.check("保本浮动收益型。" + DISCLAIMER, product="structured_deposit")
    assert judgement.verdict == "manual_review"
    assert compliance.check("存款保本。" + DISCLAIMER, product="deposit").verdict == "ok"


def test_an_intent_for_a_program_needs_no_disclaimer():
    judgement = compliance.check('{"intent": "purchase", "fund": "晨曦货币", "amount": 100}')
    assert judgement.verdict == "ok"
    assert {one.exemption for one in judgement.exempted} == {"structured"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"product": "bond"},
        {"audience": "all"},
        {"medium": "radio"},
        {"speaker": "robot"},
        {"language": "fr"},
        {"investor_class": "C6"},
    ],
)
def test_an_unknown_context_is_refused(wrong):
    with pytest.raises(UsageError, match=str(next(iter(wrong.values())))):
        compliance.check("基金", **wrong)


def test_the_digest_names_the_rules():
    assert compliance.digest() == compliance.digest()
    assert len(compliance.digest()) == len("sha256:") + 64


# Pieces that the rules are about, so that random texts meet them.
ZH = "保本 不 稳 赚 收益 保证 ， 。 ？ 「 推荐 亏 本金 不会 不得 有人说 确实 当然 吗 风险 零 没有"
EN = "guaranteed not risk -free R4 C2 zuan 5% * buy now l00% no t İ ① ⑤ —"
PIECES = st.sampled_from([*ZH.split(), *EN.split(), " ", "\n", "\u200b", "\ud800", "\u00ad"])
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(alphabet=st.characters(), max_size=60),  # with lone surrogates
    st.lists(PIECES, max_size=24).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_no_text_raises_and_offsets_slice_it(text):
    judgement = compliance.check(text)
    for one in (*judgement.findings, *judgement.exempted):
        assert 0 <= one.start <= one.end <= len(text)
        assert text[one.start : one.end] == one.text
    assert all(one.text for one in spoken(judgement))


@pytest.mark.fast
@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_with_and_without_the_native_matcher_the_findings_are_the_same(text):
    assert compliance.check(text, native=True) == compliance.check(text, native=False)
