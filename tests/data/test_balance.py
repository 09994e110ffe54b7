"""What a file as a whole looks like: languages, classes, sameness, terms, edge cases."""

import json

import pytest

from bankft import data
from bankft.data.coverage import cases
from bankft.data.talks import Talk, spoken

END = {"zh": "仅供参考，不构成投资建议。", "en": "For reference only; not investment advice."}


def example(question, answer):
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def notices(examples, **options):
    report = data.check(examples, language="en", **options)
    return {p.code: p.message for p in report.notices}


def asked(n):
    return f"第 {n} 位客户问的是什么？"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("管理费是多少？", "zh"),
        ("What is the fee?", "en"),
        ("ETF 联接基金的 NAV 是多少？", "zh"),  # Latin abbreviations in Chinese
        ("What does 稳健一号 cost a year, and why?", "en"),
        ("1.20%", ""),
        ("", ""),
        ("😀😀", ""),
    ],
)
def test_language(text, language):
    assert spoken(text) == language


def test_two_languages_are_counted():
    zh = [example(f"第 {n} 问：管理费？", f"每年 {n}.20%。{END['zh']}") for n in range(12)]
    en = [
        example(f"Question {n}: the fee?", f"It is {n}.20% a year. {END['en']}") for n in range(3)
    ]
    assert "12 examples in Chinese, 3 in English" in notices(zh + en)["mixed_languages"]
    assert "mixed_languages" not in notices(zh)
    assert data.check(zh + en).statistics["languages"] == {"zh": 12, "en": 3}


@pytest.mark.parametrize("as_intent", [False, True])
def test_classes_out_of_balance(as_intent):
    labels = ["fee"] * 50 + ["redeem"] * 12 + ["complaint"] * 2
    answers = [json.dumps({"intent": one, "n": 1}) if as_intent else one for one in labels]
    examples = [example(asked(n), answer) for n, answer in enumerate(answers)]
    message = notices(examples)["unbalanced_labels"]
    assert "3 classes" in message
    assert "50 examples (such as line 1)" in message
    assert "the smallest 2 (such as line 63)" in message
    report = data.check(examples)
    assert not {p.code for p in report.problems} & {"missing_disclaimer", "answer_language"}
    assert [one["examples"] for one in report.statistics["classes"]] == [50, 12, 2]


def test_balanced_classes_and_free_answers_are_fine():
    labels = ["fee", "redeem", "complaint"] * 20
    assert "unbalanced_labels" not in notices(
        [example(asked(n), one) for n, one in enumerate(labels)]
    )
    free = [example(asked(n), f"第 {n} 种回答。{END['zh']}") for n in range(60)]
    assert not {"unbalanced_labels", "same_answer"} & set(notices(free))
    assert data.check(free).statistics["classes"] == []


def test_a_label_that_may_be_personal_is_not_shown():
    labels = ["fee"] * 30 + ["13800138000"] * 10
    classes = data.check([example(asked(n), one) for n, one in enumerate(labels)]).statistics[
        "classes"
    ]
    assert [one["label"] for one in classes] == ["fee", "…"]


def test_answers_that_are_all_alike():
    same = [example(asked(n), "请联系客户经理了解详情。" + END["zh"]) for n in range(60)]
    assert "100% of the answers are the same (such as line 1)" in notices(same)["same_answer"]
    opening = [
        example(asked(n), f"尊敬的客户您好，感谢您的咨询，第{'甲乙丙丁'[n % 4] * n}。{END['zh']}")
        for n in range(60)
    ]
    assert "same_opening" in notices(opening)
    assert "same_answer" not in notices(same[:20])  # too few to say


def test_terms_side_by_side():
    fee = [f"管理费率为每年{n}%。" for n in range(8)] + [
        "管理费用为每年 9%。",
        "起投金额 100 元，起购金额见合同。",
    ]
    found = data.check(
        [example(asked(n), one + END["zh"]) for n, one in enumerate(fee)], language="zh"
    )
    said = [p.message for p in found.notices if p.code == "mixed_terms"]
    assert said == [
        "回答里同一个概念有几种叫法：管理费率（8 次，如第 1 行）、管理费用（1 次，如第 9 行）。"
        "请统一成一种。",
        "回答里同一个概念有几种叫法：起投金额（1 次，如第 10 行）、起购金额（1 次，如第 10 行）。"
        "请统一成一种。",
    ]
    english = [
        example(f"Question {n}?", f"The Management fees are {n}%. {END['en']}") for n in range(10)
    ]
    assert "mixed_terms" not in notices(english)
    english[3] = example("Question 3?", f"The management charge is 3%. {END['en']}")
    assert "management fee (9 times, such as line 1)" in notices(english)["mixed_terms"]


def test_a_term_does_not_reach_from_one_answer_into_the_next():
    rows = [example(f"问 {n}？", ("按管理", "费率收取")[n % 2]) for n in range(10)]
    rows[3] = example("问 3？", "管理费用")
    rows[4] = example("问 4？", "管理费")
    told = notices(rows)["mixed_terms"]
    assert "管理费用" in told
    assert "管理费率" not in told


def test_a_customers_words_are_not_the_banks():
    rows = [
        example("管理费用、管理费是一回事吗？", f"管理费率为 {n}%。{END['zh']}") for n in range(10)
    ]
    assert "mixed_terms" not in notices(rows)


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        ("管理费多少？", "请问您想了解哪一只基金？", {"missing_fields", "ambiguous"}),
        ("How much?", "Which fund do you mean?", {"missing_fields", "ambiguous"}),
        ("费率？", "请提供基金代码。", {"missing_fields"}),
        ("收益呢？", "您指的是历史业绩还是分红？", {"ambiguous"}),
        ("这" * 200, "好的。", {"long"}),
        ("月亮基金的费率？", "没有这只基金，请核对名称。", {"wrong_input"}),
        (
            "asdf",
            "I do not understand; please give the fund's name.",
            {"wrong_input", "missing_fields"},
        ),
        ("？？？", "好的。", {"wrong_input"}),
        ("稳健一号的管理费率？", "每年 1.20%。", set()),
    ],
)
def test_edge_cases(question, answer, found):
    assert set(cases(Talk(question=question, said=answer))) == found


def test_cases_without_an_example_are_named():
    plain = [example(f"第 {n} 只基金的管理费率？", f"每年 {n}%。{END['zh']}") for n in range(10)]
    assert notices(plain)["not_covered"].startswith(
        "No example seems to cover these edge cases: missing fields (no product named), ambiguous"
    )
    covered = [
        example("管理费？", "请问您想了解哪一只基金？" + END["zh"]),
        example("这" * 200 + "？", "好的。" + END["zh"]),
        example("？？？", "抱歉，看不懂您的问题。" + END["zh"]),
    ]
    assert "not_covered" not in notices(plain + covered)


def test_limits_depend_on_the_model_and_the_method():
    long = [example(asked(n), f"{n}。{END['zh']}") for n in range(9)] + [
        example("长" * 3000, END["zh"])
    ]
    codes = {p.code for p in data.check(long, model="bankft-nano").problems}
    assert "too_long" in codes
    assert "too_long" not in {p.code for p in data.check(long).problems}
