import json
from pathlib import Path

import pytest

from bankft import data
from bankft.data import task_samples, tasks
from bankft.errors import UsageError

SAMPLES = Path(__file__).parent / "samples"
TEXT = "稳健一号（代码QH1250），风险等级Ｒ２，起购金额1,000元，2021年3月成立。"
EXTRACTION = tasks.Extraction(
    {
        "name": "string",
        "risk": "string",
        "minimum": "integer",
        "inception": "date",
        "manager": "string?",
    }
)
VALUE = {"name": "稳健一号", "risk": "R2", "minimum": 1000, "inception": "2021-03", "manager": None}
INTENTS = tasks.Intents(
    {"buy": {"fund": "string", "amount": "number", "when": "date?"}, "other": {}}
)
LABELS = tasks.Classification(("bug", "question"))


def codes(question, answer, task):
    answer = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    found = tasks.check_task([{"messages": turns}], task, language="en")
    return [problem.code for problem in found if problem.line]


@pytest.mark.parametrize(
    ("question", "answer", "task", "found"),
    [
        ("费率？", "每年 1.20%。", tasks.QuestionAnswering(), []),
        ("费率？", " 费率? ", tasks.QuestionAnswering(), ["answer_repeats"]),
        ("登录没反应", "bug", LABELS, []),
        ("登录没反应", "Bug", LABELS, ["label_spelling"]),
        ("登录没反应", "这是 bug", LABELS, ["unknown_label"]),
        (TEXT, VALUE, EXTRACTION, []),  # the text has full-width letters, commas, its own date form
        (TEXT, "```json\n{}\n```", EXTRACTION, ["answer_not_json"]),
        (TEXT, [VALUE], EXTRACTION, ["answer_not_json"]),
        (TEXT, VALUE | {"name": "稳健二号"}, EXTRACTION, ["not_in_source"]),
        (TEXT, VALUE | {"minimum": 2000}, EXTRACTION, ["not_in_source"]),
        (TEXT, VALUE | {"minimum": "1000"}, EXTRACTION, ["wrong_type"]),
        (TEXT, VALUE | {"risk": None}, EXTRACTION, ["wrong_type"]),
        (TEXT, VALUE | {"inception": "2021-04"}, EXTRACTION, ["not_in_source"]),
        (TEXT, VALUE | {"fee": "1%"}, EXTRACTION, ["extra_key"]),
        (TEXT, {k: v for k, v in VALUE.items() if k != "manager"}, EXTRACTION, ["missing_key"]),
        ("买入", {"intent": "buy", "parameters": {"fund": "A", "amount": 1}}, INTENTS, []),
        (
            "买入",
            {"intent": "buy", "parameters": {"fund": "A", "amount": True}},
            INTENTS,
            ["wrong_type"],
        ),
        ("买入", {"intent": "buy", "parameters": {"fund": "A"}}, INTENTS, ["missing_key"]),
        (
            "买入",
            {"intent": "buy", "parameters": {"fund": "A", "amount": 1, "x": 1}},
            INTENTS,
            ["extra_key"],
        ),
        ("买入", {"intent": "sell", "parameters": {}}, INTENTS, ["unknown_intent"]),
        ("买入", {"intent": "buy", "parameters": []}, INTENTS, ["wrong_intent"]),
        ("买入", {"intent": "other", "parameters": {}, "why": "?"}, INTENTS, ["wrong_intent"]),
    ],
)
def test_each_kind_of_answer(question, answer, task, found):
    assert codes(question, answer, task) == found


def test_the_set_as_a_whole():
    def one(label):
        turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": label}]
        return {"messages": turns}

    labels = tasks.Classification(("bug", "question", "other"))
    found = tasks.check_task([one("bug")] * 22 + [one("question")] * 2, labels, language="en")
    assert [(p.line, p.code, p.severity) for p in found] == [
        (0, "unused_label", "warning"),
        (0, "unbalanced", "warning"),
    ]
    assert "22 of bug, but 2 of question" in found[1].message
    with pytest.raises(UsageError, match="no type 'text'"):
        tasks.check_task([], tasks.Extraction({"a": "text"}))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", task_samples.KINDS)
def test_the_samples_pass_their_own_checks_and_are_current(kind, language):
    examples, task = task_samples.samples(kind, 120, language=language)
    assert tasks.check_task(examples, task) == ()
    assert not [p for p in data.check(examples).problems if p.severity == "error"]
    file = data.read_jsonl(SAMPLES / f"{kind}.{language}.jsonl")
    assert file == task_samples.samples(kind, 12, language=language)[0]
