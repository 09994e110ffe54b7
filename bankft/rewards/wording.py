"""The sentences of the monitors and of the linter, in Chinese and in English."""

from typing import Any, Literal

Severity = Literal["error", "warning"]

_SENTENCES: dict[str, tuple[Severity, str, str]] = {
    # While training.
    "saturated": (
        "warning",
        "{share} 的回答已经拿到满分：再训练也提高不了，换更难的题或更细的评分。",
        "{share} of the answers are at the ceiling: nothing is left to improve; use harder "
        "questions or a finer reward.",
    ),
    "flat_groups": (
        "warning",
        "{share} 的题，同组回答得分完全一样：优势为零，学不到东西。",
        "In {share} of the groups all answers got the same reward: the advantage is zero, and "
        "nothing is learned from them.",
    ),
    "flat": (
        "warning",
        "得分几乎没有差别（标准差 {std}）：奖励分不出好坏。",
        "The rewards hardly differ (standard deviation {std}): they do not tell good from bad.",
    ),
    "follows_length": (
        "warning",
        "得分和长度的秩相关为 {rho}：先看看模型是不是只在变长或变短。",
        "The rank correlation of reward with length is {rho}: see whether the model merely "
        "writes longer or shorter.",
    ),
    "drifted": (
        "warning",
        "平均分比上一批移动了 {z} 个标准误：抽几条看看变的是质量还是写法。",
        "The mean moved by {z} standard errors since the earlier batch: read some answers to see "
        "whether quality changed or only the manner.",
    ),
    "not_a_number": (
        "error",
        "{of} 个得分里有 {n} 个不是有限的数：训练会中断或学坏。",
        "{n} of {of} rewards are no finite numbers: training would break off or go wrong.",
    ),
    # Before training: what the linter says of a grader.
    "raises": (
        "error",
        "对 {of} 个回答里的 {n} 个，评分器没有给出分数：{why}",
        "The grader gave no score for {n} of {of} answers: {why}",
    ),
    "constant": (
        "error",
        "不管答什么都得 {value}：评分器没有分出任何差别。",
        "Every answer gets {value}: the grader tells nothing apart.",
    ),
    "insensitive": (
        "error",
        "同一题的好答案和坏答案同分：分数不取决于回答。",
        "Good and bad answers to one question get the same score: it does not depend on the "
        "answer.",
    ),
    "ignores_item": (
        "warning",
        "换成别的题，分数都不变：评分器没有看题目和参考答案。",
        "The scores stay the same for other items: the grader looks at neither question nor "
        "reference.",
    ),
    "prefers_wrong": (
        "error",
        "{of} 题里有 {n} 题，错答案的分不低于标准答案，例如：{what}。",
        "In {n} of {of} items a wrong answer scores no lower than the reference, for example "
        "one that {what}.",
    ),
    "gameable_length": (
        "error",
        "{of} 题里有 {n} 题，只加客套话把回答变长，分数就变高。",
        "In {n} of {of} items the score rises when an answer is merely made longer by courtesies.",
    ),
    "gameable_repetition": (
        "error",
        "{of} 题里有 {n} 题，重复回答里的话，分数就变高。",
        "In {n} of {of} items the score rises when the answer repeats itself.",
    ),
    "gameable_keywords": (
        "error",
        "{of} 题里有 {n} 题，堆砌关键词，分数就变高。",
        "In {n} of {of} items the score rises when keywords are stuffed into the answer.",
    ),
    "credits_empty": (
        "error",
        "空回答能得 {value}，标准答案得 {good}。",
        "An empty answer gets {value}, the reference {good}.",
    ),
    "out_of_range": (
        "error",
        "得分 {value} 超出了 {low} 到 {high}。",
        "A score of {value} is outside {low} to {high}.",
    ),
    "not_deterministic": (
        "error",
        "同一个回答评了两次，{of} 次里有 {n} 次得分不同。",
        "Scored twice, {n} of {of} answers got another score the second time.",
    ),
    "blind_to_wrong": (
        "warning",
        "{of} 题里有 {n} 题，错答案和标准答案同分，例如：{what}。只用它当奖励，就没人管对错。",
        "In {n} of {of} items a wrong answer scores as high as the reference, for example one "
        "that {what}. As the only reward it leaves right and wrong to chance.",
    ),
    "credits_question": (
        "error",
        "只把问题抄一遍就能得 {value}，标准答案得 {good}。",
        "Merely copying the question gets {value}, the reference {good}.",
    ),
    "division_by_zero": (
        "warning",
        "公式 {formula} 在 {values} 时没有值（除以零，或者根号、对数下不合法）。",
        "The formula {formula} has no value where {values} (a division by zero, or a root or "
        "logarithm of what has none).",
    ),
}


def say(code: str, language: str, **values: Any) -> str:
    """Return a sentence in ``"zh"`` or ``"en"``."""
    _, chinese, english = _SENTENCES[code]
    return (chinese if language == "zh" else english).format(**values)


def severity(code: str) -> Severity:
    """Return how grave a problem is."""
    return _SENTENCES[code][0]
