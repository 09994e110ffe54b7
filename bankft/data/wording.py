"""What each problem of a data file is called, how grave it is, and what to do about it."""

from typing import Any, Literal

Severity = Literal["error", "warning"]

# code: severity, Chinese, English. An error keeps a file from being trained on.
_PROBLEMS: dict[str, tuple[Severity, str, str]] = {
    "not_utf8": (
        "error",
        "这一行不是 UTF-8 文本，检查到此为止：请把文件另存为 UTF-8。",
        "This line is not UTF-8 text, so checking stops here: save the file as UTF-8.",
    ),
    "line_too_long": (
        "error",
        "这一行超过 16 MiB，不会是一段对话：请检查换行。",
        "This line is longer than 16 MiB, which is no conversation: check the line breaks.",
    ),
    "blank_line": ("warning", "空行：请删去。", "A blank line: remove it."),
    "not_json": (
        "error",
        "这一行不是合法的 JSON：请检查引号、逗号和括号，一行只放一个对象。",
        "This line is not valid JSON: check quotes, commas and brackets; one object a line.",
    ),
    "too_deep": (
        "error",
        "括号嵌套太深，无法读取：请改成平直的结构。",
        "Brackets are nested too deeply to be read: make the structure flat.",
    ),
    "not_finite": (
        "error",
        "JSON 里不能有 NaN 或无穷大：请换成有限的数。",
        "JSON knows no NaN or infinity: use a finite number.",
    ),
    "duplicate_key": (
        "error",
        "同一个键在一个对象里出现了两次：请只留一个。",
        "A key stands twice in one object: keep one of them.",
    ),
    "broken_character": (
        "error",
        "有半个字符（单独的代理码位）：请重新写出这一行。",
        "Half a character (a lone surrogate) stands in this line: write the line again.",
    ),
    "not_object": (
        "error",
        '这一行不是对象：请写成 {{"messages": […]}}。',
        'This line is not an object: write {{"messages": […]}}.',
    ),
    "missing_messages": (
        "error",
        "缺少 messages，或它不是一个非空的列表。",
        "messages is missing, or is not a list with something in it.",
    ),
    "message_not_object": (
        "error",
        "这条消息不是对象：请写成含 role 和 content 的对象。",
        "This message is not an object: give it a role and a content.",
    ),
    "unknown_role": (
        "error",
        "没有这种角色{role}：请用 system、developer、user、assistant、tool 或 function。",
        "There is no role{role}: use system, developer, user, assistant, tool or function.",
    ),
    "missing_content": (
        "error",
        "消息没有内容：请补上 content。",
        "This message has no content: add it.",
    ),
    "wrong_content": (
        "error",
        "content 应当是文字，或由 text 部分组成的列表。",
        "content must be text, or a list of text parts.",
    ),
    "empty_content": (
        "error",
        "内容是空的：请补上文字，或删去这条样本。",
        "The content is empty: add text, or remove the example.",
    ),
    "role_order": (
        "error",
        "角色的顺序不对：system 只在开头，然后从 user 开始，user 和 assistant 轮流，"
        "tool 跟在调用它的 assistant 之后。",
        "The roles are out of order: system first if at all, then user and assistant in turn, "
        "tool after the assistant that called it.",
    ),
    "last_not_assistant": (
        "error",
        "最后一条消息必须是 assistant 的回答：模型学的就是它。",
        "The last message must be the assistant's answer: that is what the model learns.",
    ),
    "wrong_weight": ("error", "weight 只能是 0 或 1。", "weight must be 0 or 1."),
    "invalid_n_examples": (
        "error",
        "训练文件只有 {n} 条样本，至少要有 {least} 条。",
        "Training file has {n} example(s), but must have at least {least} examples",
    ),
    "duplicate_example": (
        "warning",
        "与第 {first} 行完全相同：请删去一条。",
        "Exactly the same as line {first}: remove one of them.",
    ),
    "contradicting_answers": (
        "warning",
        "问题与第 {first} 行相同，回答却不同：请统一口径。",
        "The same question as on line {first}, with another answer: make them agree.",
    ),
    "missing_disclaimer": (
        "warning",
        "回答里没有免责声明“{disclaimer}”：请补上。",
        'The answer lacks the disclaimer "{disclaimer}": add it.',
    ),
    "personal_data": (
        "warning",
        "含有疑似{kind}：请先脱敏。",
        "Holds what looks like {kind}: redact it first.",
    ),
    "too_long": (
        "warning",
        "约 {tokens} 个词元，超过每条 {limit} 个的上限，多出的部分会被截掉。",
        "About {tokens} tokens, more than the {limit} of one example: the rest would be cut off.",
    ),
    "and_more": (
        "warning",
        "同类问题（{kind}）还有 {n} 个，未列出。",
        "{n} more problems of this kind ({kind}) are not listed.",
    ),
}

KINDS = {
    "id_card": ("身份证号", "an identity card number"),
    "bank_card": ("银行卡号", "a bank card number"),
    "mobile": ("手机号", "a mobile number"),
    "email": ("电子邮箱", "an e-mail address"),
}


def severity(code: str) -> Severity:
    """Return how grave a problem is."""
    return _PROBLEMS[code][0]


def say(code: str, language: str, **values: Any) -> str:
    """Return a problem's sentence in ``"zh"`` or ``"en"``."""
    _, chinese, english = _PROBLEMS[code]
    return (chinese if language == "zh" else english).format(**values)


def say_kind(kind: str, language: str) -> str:
    """Return what a kind of personal data is called."""
    return KINDS[kind][0 if language == "zh" else 1]
