"""What a training file shares with the files that measure it, and what stands in it twice."""

import pytest

from bankft import data

DISCLAIMER = "仅供参考，不构成投资建议。"


def example(question, answer="按合同约定。"):
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer + DISCLAIMER},
        ]
    }


FUNDS = (
    "梧桐混合",
    "青岚混合",
    "锦程混合",
    "沧浪股票",
    "鹿鸣混合",
    "远山混合",
    "麦浪指数",
    "石桥短债",
)
ASKED = ("管理费率", "成立时间", "基金经理", "风险等级")
TRAIN = [
    example(f"{fund}的{what}？", f"{fund}的{what}见合同。") for fund in FUNDS for what in ASKED
]


def found(train, **options):
    report = data.check(train, language="en", **options)
    return [(p.line, p.code) for p in report.problems + report.notices if p.code in CODES]


CODES = {
    "leaked_question",
    "leaked_answer",
    "near_leak",
    "near_duplicate",
    "duplicate_example",
    "contradicting_answers",
    "contradicting_preference",
}


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        ("梧桐混合的管理费率？", "梧桐混合的管理费率见合同。", "leaked_question"),  # the same line
        ("梧桐混合的管理费率？", "不知道。", "leaked_question"),  # the question is enough
        (" 梧桐混合的 管理费率?", "不知道。", "leaked_question"),  # width, spaces, punctuation
        ("请问梧桐混合的管理费率？", "梧桐混合的管理费率见合同。", "near_leak"),  # a paraphrase
        ("云帆全球的申购费率？", "云帆全球的申购费率见合同。", None),  # another fund
    ],
)
def test_leaks_into_another_part(question, answer, code):
    expected = [] if code is None else [(1, code)]
    assert found(TRAIN, against={"validation": [example(question, answer)]}) == expected


def test_a_leak_names_file_and_line_and_is_an_error(tmp_path):
    test = data.write_jsonl([example("完全不同的问题"), TRAIN[2]], tmp_path / "test.jsonl")
    report = data.check(TRAIN, against={"validation": [], "test": test}, language="en")
    (problem,) = report.problems
    assert (problem.line, problem.field, problem.severity) == (3, "messages", "error")
    assert problem.message.startswith("The same question as line 2 of the test file")
    assert not report.ok
    (problem,) = data.check(TRAIN, against={"test": test}, language="zh").problems
    assert problem.message.startswith("问题与测试集第 2 行相同")


def test_other_parts_own_repetitions_are_theirs():
    assert found(TRAIN, against={"test": [example("新问题", "新回答")] * 3}) == []


def test_reinforcement_shares_no_answer():
    def ask(question, reference):
        messages = [{"role": "user", "content": question}]
        return {"messages": messages, "reference_answer": reference}

    train = [ask(f"{fund}的{what}？", f"{fund}{what}") for fund in FUNDS for what in ASKED]
    valid = [ask("换一种说法：梧桐的费用", "梧桐混合管理费率")]
    options = {"method": "reinforcement", "against": {"validation": valid}}
    assert found(train, **options) == [(1, "leaked_answer")]


def test_a_preference_must_not_be_turned_round():
    def pair(question, liked, other):
        say = [[{"role": "assistant", "content": text + DISCLAIMER}] for text in (liked, other)]
        return {
            "input": {"messages": [{"role": "user", "content": question}]},
            "preferred_output": say[0],
            "non_preferred_output": say[1],
        }

    pairs = [
        pair(f"{fund}的{what}？", f"{fund}好。", f"{fund}见合同。")
        for fund in FUNDS
        for what in ASKED
    ]
    pairs.append(pair("梧桐混合的管理费率？", "梧桐混合见合同。", "梧桐混合好。"))
    assert (33, "contradicting_preference") in found(pairs, method="dpo")


@pytest.mark.parametrize(
    ("question", "answer", "codes"),
    [
        ("梧桐混合的管理费率？", "梧桐混合的管理费率见合同。", ["duplicate_example"]),
        ("梧桐混合的管理费率？", "改了。", ["contradicting_answers"]),
        ("梧桐混合 的管理费率?", "改了。", ["contradicting_answers"]),  # the same to a reader
        ("请问梧桐混合的管理费率？", "梧桐混合的管理费率见合同。", ["near_duplicate"]),
        ("梧桐混合的管理费率？", "梧桐混合的管理费率 见合同。", ["near_duplicate"]),  # a space
    ],
)
def test_repetition_in_the_file_itself(question, answer, codes):
    assert found([*TRAIN, example(question, answer)]) == [(33, code) for code in codes]


def test_plain_python_finds_the_same(monkeypatch):
    train = [
        *TRAIN,
        TRAIN[5],
        example("青岚混合的管理费率？", "改了。"),
        example("请问沧浪股票的基金经理？"),
    ]
    options = {
        "against": {
            "test": [TRAIN[9], example("问：麦浪指数的风险等级？", "麦浪指数的风险等级见合同。")]
        }
    }
    fast = data.check(train, **options)
    monkeypatch.setattr("bankft.data.near.numpy", lambda: None)
    assert data.check(train, **options) == fast
