"""What the problems of a whole file are called: repetition, leaks, balance, terms, records."""

from typing import Literal

# code: severity, Chinese, English; see bankft.data.wording.
SET_PROBLEMS: dict[str, tuple[Literal["error", "warning"], str, str]] = {
    "near_duplicate": (
        "warning",
        "与第 {first} 行几乎相同：若没有新内容，请删去一条；若是同一问题的另一种说法，"
        "切分时要放进同一份。",
        "Almost the same as line {first}: remove one if it adds nothing; if it is a paraphrase, "
        "keep both in the same part when splitting.",
    ),
    "contradicting_preference": (
        "warning",
        "与第 {first} 行是同一对回答，偏好却相反：请统一口径。",
        "The same pair of answers as on line {first}, preferred the other way round: "
        "make them agree.",
    ),
    "leaked_question": (
        "error",
        "问题与{part}第 {other} 行相同，那里的成绩就不作数了：请从其中一个文件删去。",
        "The same question as line {other} of the {part} file, whose results then mean nothing: "
        "remove it from one of the two.",
    ),
    "leaked_answer": (
        "warning",
        "参考答案与{part}第 {other} 行相同：强化微调的训练集和验证集不该共用答案。",
        "The same reference answer as line {other} of the {part} file: in reinforcement "
        "fine-tuning, training and validation should share no answer.",
    ),
    "near_leak": (
        "warning",
        "与{part}第 {other} 行几乎相同：同一问题的各种说法要放进同一份。",
        "Almost the same as line {other} of the {part} file: keep all phrasings of one question "
        "in one part.",
    ),
    "prohibited_wording": (
        "warning",
        "回答里有违规用语（规则 {rule}，可用 bankft comply 查看条文）：请改写，模型会照着学。",
        "The answer holds prohibited wording ({rule}; bankft comply shows the clause): "
        "rewrite it, or the model learns it.",
    ),
    "answer_language": (
        "warning",
        "问题和回答不是同一种语言：若非有意，请改成一致。",
        "Question and answer are not in the same language: unless it is meant, make them agree.",
    ),
    "too_many_examples": (
        "warning",
        "有 {n} 条样本，多于 {method} 方法的上限 {limit} 条：请抽取一部分。",
        "There are {n} examples, more than the {limit} of the method {method}: take a sample.",
    ),
    "mixed_languages": (
        "warning",
        "文件里混着两种语言：中文 {zh} 条，英文 {en} 条。若非有意，请按语言分成两个文件。",
        "Two languages are mixed: {zh} examples in Chinese, {en} in English. Unless it is meant, "
        "make one file of each.",
    ),
    "unbalanced_labels": (
        "warning",
        "{labels} 个类别不均衡：最多的有 {most} 条（如第 {often} 行），最少的只有 {least} 条"
        "（如第 {rarely} 行）。请补充少的类别，或减少多的。",
        "The {labels} classes are out of balance: the largest has {most} examples (such as line "
        "{often}), the smallest {least} (such as line {rarely}). Add to the small ones, or take "
        "from the large.",
    ),
    "same_answer": (
        "warning",
        "{share} 的回答一模一样（如第 {line} 行）：模型会学成不管问什么都这样答。"
        "请补充不同的回答。",
        "{share} of the answers are the same (such as line {line}): the model learns to say it "
        "whatever is asked. Add different answers.",
    ),
    "same_opening": (
        "warning",
        "{share} 的回答用同一句话开头（如第 {line} 行）：模型会学成套话。请换几种写法。",
        "{share} of the answers open with the same words (such as line {line}): the model learns "
        "a set phrase. Write them in several ways.",
    ),
    "mixed_terms": (
        "warning",
        "回答里同一个概念有几种叫法：{terms}。请统一成一种。",
        "The answers name one thing in several ways: {terms}. Keep to one.",
    ),
    "not_covered": (
        "warning",
        "没有看到这类边界情况的样本：{cases}。请各补几条，否则模型遇到时只能猜。",
        "No example seems to cover these edge cases: {cases}. Add a few of each, or the model "
        "can only guess when it meets one.",
    ),
    "side_missing": (
        "warning",
        "没有合规附表：请为每条样本写明产品、风险等级、来源和复核人，一行一条，"
        "存成 {file}（不上传）。",
        "There is no compliance side file: name product, risk grade, source and reviewer of each "
        "example, a line each, in {file} (it is not uploaded).",
    ),
    "side_no_row": (
        "warning",
        "合规附表没有这条样本的一行。",
        "The compliance side file has no line for this example.",
    ),
    "side_extra_rows": (
        "warning",
        "合规附表比训练文件多 {n} 行：两个文件要逐行对应。",
        "The compliance side file has {n} more lines than the training file: "
        "they must go together, line by line.",
    ),
    "side_broken_row": (
        "warning",
        "合规附表的这一行不是合法的 JSON 对象。",
        "This line of the compliance side file is no valid JSON object.",
    ),
    "side_field_missing": (
        "warning",
        "合规附表的这一行缺少{field}。",
        "This line of the compliance side file lacks the {field}.",
    ),
    "side_wrong_grade": (
        "warning",
        "合规附表的风险等级应当是 R1 到 R5。",
        "The risk grade in the compliance side file must be one of R1 to R5.",
    ),
    "side_own_reviewer": (
        "warning",
        "合规附表里复核人就是作者：请由另一个人复核。",
        "In the compliance side file the reviewer is the author: have someone else review it.",
    ),
    "side_other_example": (
        "warning",
        "合规附表这一行的 sha256 不是这条样本的：两个文件没有对齐，或样本后来改过。",
        "The sha256 on this line of the compliance side file is not this example's: the files "
        "are out of step, or the example was changed.",
    ),
}

PARTS = {
    "valid": ("验证集", "validation"),
    "validation": ("验证集", "validation"),
    "test": ("测试集", "test"),
    "train": ("训练集", "training"),
}
CASES = {
    "missing_fields": ("缺少字段（没说是哪只产品）", "missing fields (no product named)"),
    "ambiguous": ("有歧义", "ambiguous questions"),
    "long": ("长文本", "long questions"),
    "wrong_input": ("错误输入", "wrong input"),
}
SIDE_FIELDS = {
    "product": ("产品", "product"),
    "risk_grade": ("风险等级", "risk grade"),
    "source": ("来源", "source"),
    "reviewer": ("复核人", "reviewer"),
}
