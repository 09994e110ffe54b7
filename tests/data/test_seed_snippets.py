"""Snippets of training data as teaching texts show them, with the verdict that each deserves."""

import json

import pytest

from bankft import data
from bankft.data import readers, records, tasks

# A guide to fine-tuning shows these three. It reached us with characters lost (U+FFFD), and every
# object stands on several lines; the first has bare quotes inside a text as well.
DIALOGUE = """{"messages": [
  {"role": "system", "content": "你是�业客�助手。"},
  {"role": "user", "content": "�么�置密�？"},
  {"role": "assistant", "content": "你�以在登录页点击"忘记密�"，然�按照邮件�示�作。"}
]}
"""
CLASSES = """{"messages": [
  {"role": "system", "content": "对用户�馈进行分类，类别：bug/feature/question/other"},
  {"role": "user", "content": "登录按钮点击没�应"},
  {"role": "assistant", "content": "bug"}
]}
"""
EXTRACTION = r"""{"messages": [
  {"role": "system", "content": "�文本���结�化信�，输出 JSON"},
  {"role": "user", "content": "张三，男，1990年出生，�居北京"},
  {"role": "assistant", "content": "{\"name\": \"张三\", \"gender\": \"男\", \"birth_year\": 1990, \"city\": \"北京\"}"}
]}
"""  # noqa: E501
# The same answer with its quotes as JSON has them, and nothing lost.
SOUND = {
    "messages": [
        {"role": "system", "content": "你是企业客服助手。"},
        {"role": "user", "content": "怎么重置密码？"},
        {"role": "assistant", "content": '你可以在登录页点击"忘记密码"，然后按照邮件提示操作。'},
    ]
}
# An overview of methods shows instruction data, three objects with a blank line between them.
INSTRUCTIONS = """{
  "instruction": "将下面的英文翻译成中文",
  "input": "Machine learning is a subset of artificial intelligence.",
  "output": "机器学习是人工智能的一个子集。"
}

{
  "instruction": "回答以下问题",
  "input": "什么是深度学习？",
  "output": "深度学习是机器学习的一个分支，它使用多层神经网络来学习数据的复杂特征..."
}

{
  "instruction": "写一首关于春天的诗",
  "input": "",
  "output": "春风拂面花争艳，\\n绿柳垂丝燕归来..."
}
"""


def verdicts(tmp_path, text, **options):
    path = tmp_path / "train.jsonl"
    path.write_text(text, encoding="utf-8")
    report = data.check(path, language="en", **options)
    return {(p.line, p.code) for p in report.problems if p.line}


def errors(tmp_path, text, **options):
    found = verdicts(tmp_path, text, **options)
    return {(line, code) for line, code in found if wording_severity(code) == "error"}


def wording_severity(code):
    from bankft.data.wording import severity

    return severity(code)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (DIALOGUE, {(1, "unescaped_quote")}),
        (CLASSES, {(1, "spread_over_lines")}),
        (EXTRACTION, {(1, "spread_over_lines")}),
        (
            DIALOGUE + CLASSES + EXTRACTION,
            {(1, "unescaped_quote"), (6, "spread_over_lines"), (11, "spread_over_lines")},
        ),
        (json.dumps(SOUND, ensure_ascii=False), set()),
        # A syllabus gives the schema with an ellipsis.
        ('{"messages": [...]}', {(1, "not_json")}),
        # The guide's script writes an empty system message where there is none.
        (
            json.dumps({"messages": [{"role": "system", "content": ""}, *SOUND["messages"][1:]]}),
            {(1, "empty_content")},
        ),
        # Older guides have prompt and completion.
        (
            '{"prompt": "怎么重置密码？ ->", "completion": " 点击忘记密码\\n"}',
            {(1, "other_format")},
        ),
        (
            INSTRUCTIONS,
            {(n, code) for n in (1, 7, 13) for code in ("spread_over_lines", "other_format")},
        ),
        # A sample of an evaluation script has instruction and output.
        (
            '{"instruction": "请分析该公司 2023 年的研发投入占比", "output": "占 25.64%。"}',
            {(1, "other_format")},
        ),
    ],
)
def test_verdicts_for_supervised_training(tmp_path, text, wrong):
    assert errors(tmp_path, text) == wrong


def test_lost_characters_are_found_within_what_can_be_read(tmp_path):
    found = verdicts(tmp_path, CLASSES + EXTRACTION)
    assert {(1, "mojibake"), (6, "mojibake")} <= found


def test_the_training_file_of_a_reinforcement_job(tmp_path):
    # A talk on RFT: reports, an instruction, and the right answer, which the model never sees.
    line = {
        "messages": [
            {"role": "user", "content": "病例报告：…… 列出可能的致病基因，按可能性排序。"}
        ],
        "correct_gene": "FOXE3",
    }
    text = json.dumps(line, ensure_ascii=False)
    assert errors(tmp_path, text, method="reinforcement") == set()
    assert errors(tmp_path, text) == {(1, "last_not_assistant")}


def test_instruction_data_is_converted(tmp_path):
    path = tmp_path / "alpaca.json"
    path.write_text(INSTRUCTIONS, encoding="utf-8")
    examples = list(readers.read_examples(path))
    assert [len(example["messages"]) for example in examples] == [2, 2, 2]
    assert examples[0]["messages"][0]["content"].startswith("将下面的英文翻译成中文\nMachine")
    assert examples[2]["messages"][0]["content"] == "写一首关于春天的诗"
    assert errors(tmp_path, "\n".join(map(json.dumps, examples))) == set()


def test_the_kinds_of_task_that_the_guide_shows(tmp_path):
    path = tmp_path / "tasks.jsonl"
    path.write_text(CLASSES + EXTRACTION, encoding="utf-8")
    classes, extraction = readers.read_examples(path)
    labels = tasks.Classification(("bug", "feature", "question", "other"))
    found = tasks.check_task([classes], labels)
    assert {p.code for p in found} == {"unused_label"}  # one example shows one label
    keys = {"name": "string", "gender": "string", "birth_year": "integer", "city": "string"}
    assert tasks.check_task([extraction], tasks.Extraction(keys)) == ()


# The shapes of OpenAI's toy file for data preparation, in our own words: all but the fourth have
# what a fine-tuning file needs, the fourth has no question, the fifth a very long answer.
TOY = [
    [("system", "s"), ("user", "I fell."), ("assistant", "Good exercise!")],
    [("system", "s")] + [("user", "I lost."), ("assistant", "It happens.")] * 4,
    [("user", "My book is gone."), ("assistant", "Read it online!")],
    [("system", "s"), ("assistant", "You did well!")],
    [("system", "s"), ("user", "I'm hungry."), ("assistant", "Take an apple! " * 2_000)],
]


def test_the_toy_file_of_openais_cookbook(tmp_path):
    lines = [
        {"messages": [{"role": role, "content": content} for role, content in turns]}
        for turns in TOY
    ]
    text = "\n".join(map(json.dumps, lines))
    assert errors(tmp_path, text) == set()  # as the notebook says: no errors found
    assert {line for line, code in verdicts(tmp_path, text) if code == "no_question"} == {4}
    path = tmp_path / "train.jsonl"
    whole = [p.code for p in data.check(path).problems if p.severity == "error"]
    assert whole == ["invalid_n_examples"]  # but five are too few to train on


@pytest.mark.parametrize(
    ("line", "code"),
    [  # the notebook's own names for its errors
        ("[]", "not_object"),  # data_type
        ('{"message": []}', "missing_messages"),  # missing_messages_list
        ('{"messages": [{"content": "a"}]}', "unknown_role"),  # message_missing_key
        ('{"messages": [{"role": "user"}]}', "missing_content"),  # message_missing_key
        (
            '{"messages": [{"role": "user", "text": "a"}]}',
            "unknown_key",
        ),  # message_unrecognized_key
        ('{"messages": [{"role": "bot", "content": "a"}]}', "unknown_role"),  # unrecognized_role
        ('{"messages": [{"role": "user", "content": 1}]}', "wrong_content"),  # missing_content
        ('{"messages": [{"role": "user", "content": "a"}]}', "last_not_assistant"),
    ],
)
def test_what_the_cookbook_calls_an_error_is_found(tmp_path, line, code):
    assert (1, code) in verdicts(tmp_path, line)


def test_old_pairs_lose_their_separators():
    old = {"prompt": "怎么重置密码？\n\n###\n\n", "completion": " 点击忘记密码。 END"}
    assert [m["content"] for m in records.convert(old)["messages"]] == [
        "怎么重置密码？",
        "点击忘记密码。",
    ]
