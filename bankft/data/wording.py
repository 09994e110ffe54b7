"""What each problem of a data file is called, how grave it is, and what to do about it."""

from typing import Any, Literal

from bankft.data.wording_sets import CASES, PARTS, SET_PROBLEMS, SIDE_FIELDS

Severity = Literal["error", "warning"]

# code: severity, Chinese, English. An error keeps a file from being trained on.
_PROBLEMS: dict[str, tuple[Severity, str, str]] = {
    "not_utf8": (
        "error",
        "这一行不是 UTF-8 文本：请把文件另存为 UTF-8。",
        "This line is not UTF-8 text: save the file as UTF-8.",
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
    "gb18030": (
        "error",
        "这一行是 GB18030（GBK）编码，不是 UTF-8：请用 bankft data convert 转换。",
        "This line is in GB 18030 (GBK), not in UTF-8: convert the file with bankft data convert.",
    ),
    "utf_16": (
        "error",
        "文件是 UTF-16 编码，不是 UTF-8：请用 bankft data convert 转换。",
        "The file is in UTF-16, not in UTF-8: convert it with bankft data convert.",
    ),
    "nul": (
        "error",
        "这一行含有零字节，不是文本：文件可能损坏，请重新导出。",
        "This line holds zero bytes and is no text: the file may be damaged, export it again.",
    ),
    "not_text_file": (
        "error",
        "开头的 100 行都不是文本，检查到此为止：请检查是不是选错了文件。",
        "The first 100 lines are no text, so checking stops here: is this the right file?",
    ),
    "cr_line_ends": (
        "error",
        "换行用的是 CR，而不是 LF：请用 bankft data convert 转换。",
        "Its lines end with CR instead of LF: convert the file with bankft data convert.",
    ),
    "bom_inside": (
        "error",
        "行首有字节顺序标记（BOM），多半来自拼接文件：请删去，或用 bankft data convert 转换。",
        "A byte order mark begins this line, as when files were joined: remove it, "
        "or convert the file with bankft data convert.",
    ),
    "json_array": (
        "error",
        "文件是一个 JSON 数组，不是一行一个对象：请用 bankft data convert 转换。",
        "The file is one JSON array instead of an object a line: convert it with "
        "bankft data convert.",
    ),
    "spread_over_lines": (
        "error",
        "一个对象占了几行：请写成一行，或用 bankft data convert 转换。",
        "One object stands on several lines: write it on one, or convert the file with "
        "bankft data convert.",
    ),
    "several_objects": (
        "error",
        "一行里有几个对象：请一行一个，或用 bankft data convert 转换。",
        "Several objects stand on one line: write one a line, or convert the file with "
        "bankft data convert.",
    ),
    "cut_off": (
        "error",
        "这一行不是完整的 JSON：中途断了，请补全，或重新导出。",
        "This line is not valid JSON: it ends too early, complete it or export it again.",
    ),
    "trailing_comma": (
        "error",
        "这一行不是合法的 JSON：最后一项后面多了逗号，请删去。",
        "This line is not valid JSON: remove the comma after the last item.",
    ),
    "comment": (
        "error",
        "这一行不是合法的 JSON：JSON 里不能有注释，请删去。",
        "This line is not valid JSON: JSON knows no comments, remove it.",
    ),
    "wrong_punctuation": (
        "error",
        "这一行不是合法的 JSON：引号、冒号、逗号和括号要用英文半角的。",
        "This line is not valid JSON: quotes, colons, commas and brackets must be the plain "
        "ASCII ones.",
    ),
    "unescaped_quote": (
        "error",
        '这一行不是合法的 JSON：文字里的引号要写成 \\"，或用中文引号。',
        'This line is not valid JSON: write a quote within a text as \\", or use curly ones.',
    ),
    "single_quotes": (
        "error",
        "这一行像 Python，不像 JSON：请用双引号、true、false 和 null，最好用 json.dumps 写出。",
        "This line is Python rather than JSON: use double quotes, true, false and null, "
        "or better, json.dumps.",
    ),
    "control_character": (
        "error",
        "文字里有未转义的控制字符（如制表符）：请写成 \\t、\\n 等。",
        "A text holds a bare control character, such as a tab: write \\t, \\n and the like.",
    ),
    "wrong_escape": (
        "error",
        "反斜杠后面的字符不对：反斜杠本身要写成 \\\\。",
        "A backslash stands before a character that it cannot escape: write it as \\\\.",
    ),
    "huge_number": (
        "error",
        "数字太长，无法读取：请写成文字。",
        "A number has too many digits to be read: write it as text.",
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
    "no_question": (
        "warning",
        "assistant 先开口，前面没有 user 的问题：请确认是有意的。",
        "The assistant speaks first, and nobody has asked: make sure that this is meant.",
    ),
    "last_not_assistant": (
        "error",
        "最后一条消息必须是 assistant 的回答：模型学的就是它。",
        "The last message must be the assistant's answer: that is what the model learns.",
    ),
    "wrong_weight": ("error", "weight 只能是 0 或 1。", "weight must be 0 or 1."),
    "weight_ignored": (
        "warning",
        "只有 assistant 消息的 weight 有用：这里的请删去。",
        "Only an assistant message's weight has an effect: remove this one.",
    ),
    "nothing_learnt": (
        "error",
        "所有 assistant 消息的 weight 都是 0，模型什么也学不到：至少留一条为 1。",
        "Every assistant message has weight 0, so nothing is learnt: give at least one a 1.",
    ),
    "not_text": (
        "error",
        "{kind} 不是文字，而这里的模型只读文字：请改写成文字，或删去这条样本。",
        "{kind} is not text, and this model reads text only: describe it in words, "
        "or remove the example.",
    ),
    "missing_name": (
        "error",
        "function 消息要写明函数名 name。",
        "A function message must have the function's name.",
    ),
    "wrong_name": (
        "error",
        "name 应当是不含空格和 < | \\ / > 的文字。",
        "name must be text without spaces and without < | \\ / >.",
    ),
    "unknown_key": (
        "warning",
        "API 没有 {key} 这个键：请检查拼写；合规字段请放在不上传的附表里。",
        "The API knows no key {key} here: check its spelling; keep compliance fields in the side "
        "file that is not uploaded.",
    ),
    "wrong_method": (
        "error",
        "这一行含 {shape}，不是 {method} 方法的格式：请换方法，或改写这一行。",
        "This line holds {shape}, which is not the format of the method {method}: "
        "choose another method, or rewrite the line.",
    ),
    "other_format": (
        "error",
        "这一行是 {format} 格式：请先用 bankft data convert 转换。",
        "This line is in the {format} format: convert the file first with bankft data convert.",
    ),
    "last_not_user": (
        "error",
        "最后一条消息必须是 user 的问题：回答由模型来写，或写在另外的字段里。",
        "The last message must be the user's question: the answer is the model's to write, "
        "or stands in a field of its own.",
    ),
    "no_reference": (
        "warning",
        "除了 messages 和 tools 没有别的字段：评分器没有可比对的参考答案。",
        "There is no field besides messages and tools: a grader has no reference to compare with.",
    ),
    "empty_reference": (
        "warning",
        "参考字段是空的：评分器没有可比对的内容。",
        "This reference field is empty: a grader has nothing to compare with.",
    ),
    "missing_input": (
        "error",
        '缺少 input，或它不是对象：请写成 {{"input": {{"messages": […]}}, …}}。',
        'input is missing, or is not an object: write {{"input": {{"messages": […]}}, …}}.',
    ),
    "wrong_output": (
        "error",
        "这里应当是只有一条 assistant 消息的列表。",
        "This must be a list with exactly one assistant message.",
    ),
    "output_not_assistant": (
        "error",
        "偏好对的回答必须是 assistant 的消息。",
        "The answers of a preference pair must be the assistant's messages.",
    ),
    "identical_outputs": (
        "error",
        "两个回答相同，学不到偏好：请换一个，或删去这条样本。",
        "Both answers are the same, so there is nothing to prefer: change one, "
        "or remove the example.",
    ),
    "old_key": (
        "warning",
        "这是旧的键名：现在写作 preferred_output 和 non_preferred_output。",
        "This is an old name: write preferred_output and non_preferred_output.",
    ),
    "wrong_tools": (
        "error",
        "这里应当是非空的工具列表；没有工具就删去这个键。",
        "This must be a list with at least one tool; without tools, remove the key.",
    ),
    "wrong_tool": (
        "error",
        '工具要写成 {{"type": "function", "function": {{"name": …, "parameters": …}}}}。',
        'Write a tool as {{"type": "function", "function": {{"name": …, "parameters": …}}}}.',
    ),
    "wrong_tool_name": (
        "error",
        "工具名只能由字母、数字、下划线和连字符组成，最多 64 个。",
        "A tool's name may have letters a–z, digits, underscores and dashes, at most 64.",
    ),
    "duplicate_tool": (
        "error",
        "同名的工具出现了两次：请只留一个。",
        "A tool of this name was listed before: keep one of them.",
    ),
    "wrong_parameters": (
        "error",
        "parameters 应当是 type 为 object 的 JSON Schema。",
        "parameters must be a JSON Schema of type object.",
    ),
    "wrong_parallel_tool_calls": (
        "error",
        "parallel_tool_calls 只能是 true 或 false。",
        "parallel_tool_calls must be true or false.",
    ),
    "legacy_functions": (
        "warning",
        "functions 和 function_call 已停用：请改用 tools 和 tool_calls。",
        "functions and function_call are deprecated: use tools and tool_calls.",
    ),
    "wrong_tool_calls": (
        "error",
        "只有 assistant 消息可以调用工具，而且要写成非空的列表。",
        "Only an assistant message calls tools, and its calls are a list with something in it.",
    ),
    "wrong_tool_call": (
        "error",
        '调用要写成 {{"id": …, "type": "function", "function": {{"name": …, "arguments": …}}}}。',
        'Write a call as {{"id": …, "type": "function", "function": {{"name": …, '
        '"arguments": …}}}}.',
    ),
    "arguments_not_json": (
        "error",
        "arguments 应当是一个文字，内容是 JSON 对象；没有参数就写 {{}}。",
        "arguments must be a string that holds a JSON object; without arguments write {{}}.",
    ),
    "missing_tools": (
        "warning",
        "调用了工具，却没有列出 tools：请列出，模型才知道有哪些工具。",
        "A tool is called, but tools does not list it: list it, so that the model knows it.",
    ),
    "unknown_tool": (
        "error",
        "调用的工具不在 tools 里：请检查名字。",
        "The tool called is not in tools: check its name.",
    ),
    "wrong_tool_call_id": (
        "error",
        "tool_call_id 与前面等待结果的调用都对不上：每个调用恰好对应一个结果。",
        "tool_call_id matches no call that waits for its result: each call has exactly one.",
    ),
    "unanswered_call": (
        "error",
        "这里的调用没有结果：每个调用之后都要有一条 tool 消息。",
        "A call made here has no result: a tool message must follow for each call.",
    ),
    "duplicate_call_id": (
        "error",
        "同一条消息里有两个调用的 id 相同：请各用一个。",
        "Two calls of this message have the same id: give each its own.",
    ),
    "mojibake": (
        "warning",
        "含有乱码（用错了编码），或有字符已经丢失："
        "bankft data convert --repair 能恢复没有丢字节的部分。",
        "Holds text read in the wrong encoding, or lost characters: bankft data convert --repair "
        "restores it where no byte is lost.",
    ),
    "full_width": (
        "warning",
        "含有全角字母或数字：bankft data convert --normalize 会改成半角。",
        "Holds letters or digits of double width: bankft data convert --normalize makes them "
        "ordinary ones.",
    ),
    "zero_width": (
        "warning",
        "含有看不见的字符：bankft data convert --normalize 会删去。",
        "Holds invisible characters: bankft data convert --normalize removes them.",
    ),
    "no_columns": (
        "error",
        "没有问题列和答案列（表头是：{found}）：请指明，例如 question=问题,answer=答案。",
        "It has no columns for question and answer (found: {found}): name them, for example "
        "question=Ask,answer=Reply.",
    ),
    "empty_question": ("error", "问题是空的。", "Its question is empty."),
    "empty_answer": ("error", "答案是空的。", "Its answer is empty."),
    "broken_csv": (
        "error",
        "引号没有配对，或单元格太长：请重新导出。",
        "Its quotes do not close, or a cell is far too long: export the file again.",
    ),
    "formula": (
        "error",
        "公式没有存下结果：请用 Excel 打开、保存，再试一次。",
        "A formula has no stored value: open the file in Excel, save it, and try again.",
    ),
    "unknown_speakers": (
        "error",
        "从名字看不出谁问谁答：请指明，例如 user=…,assistant=…。",
        "Who asks and who answers cannot be told from the names: say so, for example "
        "user=…,assistant=….",
    ),
    "nobody_answers": ("error", "这段对话没有人回答。", "Nobody answers in this conversation."),
    "not_this_format": (
        "error",
        "这不是 {format} 格式。",
        "This is not the {format} format.",
    ),
    "unknown_format": (
        "error",
        "没有 messages，没有问题和答案，也不是别的已知格式：请指明键名，"
        "例如 question=ask,answer=reply。",
        "It has no messages, no question and answer, nor any other format that is known: name "
        "its keys, for example question=ask,answer=reply.",
    ),
    "no_conversation": (
        "error",
        "这是偏好对，不是对话，目标格式放不下。",
        "A preference pair is no conversation, and the format cannot hold it.",
    ),
    "calls_tools": (
        "error",
        "调用了工具，目标格式放不下。",
        "It calls tools in a way that the format cannot hold.",
    ),
    "not_in_turn": (
        "error",
        "不是一问一答，目标格式放不下。",
        "It does not go from question to answer in turn, and the format cannot hold it.",
    ),
    "several_questions": (
        "error",
        "有几轮问答，而一行只放一轮。",
        "It has several questions, and a row holds one.",
    ),
    "answer_repeats": (
        "error",
        "回答与问题一样：请写出真正的回答。",
        "The answer repeats the question: write a real answer.",
    ),
    "unknown_label": (
        "error",
        "回答不是规定的标签：请只写 {labels} 中的一个。",
        "The answer is not one of the labels: write one of {labels}, and nothing else.",
    ),
    "label_spelling": (
        "error",
        "标签的写法不一致：请写成 {label}。",
        "The label is spelt in another way: write {label}.",
    ),
    "unused_label": (
        "warning",
        "标签 {label} 没有样本：请补充，或从标签表删去。",
        "There is no example of {label}: add some, or take it off the list.",
    ),
    "unbalanced": (
        "warning",
        "类别不均衡：{most} 有 {n} 条，{least} 只有 {m} 条，请补充少的一类。",
        "The classes are out of balance: {n} of {most}, but {m} of {least}; add to the smaller.",
    ),
    "answer_not_json": (
        "error",
        "回答不是 JSON 对象：请只写 JSON，前后不加文字和代码块标记。",
        "The answer is not a JSON object: write JSON only, without words or a code fence.",
    ),
    "missing_key": (
        "error",
        "回答缺少 {key}：没有这项信息就写 null。",
        "The answer lacks {key}: write null where nothing is said.",
    ),
    "extra_key": (
        "error",
        "回答有规定以外的键：只能有 {keys}。",
        "The answer has keys that are not agreed on: only {keys}.",
    ),
    "wrong_type": (
        "error",
        "{key} 的类型不对：应当是 {type}。",
        "{key} has the wrong type: it should be {type}.",
    ),
    "not_in_source": (
        "error",
        "{key} 的值在原文里找不到：抽取的内容必须出自原文。",
        "The value of {key} is not in the text: what is extracted must stand there.",
    ),
    "wrong_intent": (
        "error",
        '回答要写成 {{"intent": …, "parameters": {{…}}}}。',
        'Write the answer as {{"intent": …, "parameters": {{…}}}}.',
    ),
    "unknown_intent": (
        "error",
        "没有这个意图：请用 {intents}。",
        "There is no such intent: use {intents}.",
    ),
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
        "约 {tokens} 个词元，超过每条 {limit} 个的上限（{model}），多出的部分会被截掉。",
        "About {tokens} tokens, more than the {limit} of one example ({model}): the rest would be "
        "cut off.",
    ),
    "and_more": (
        "warning",
        "同类问题（{kind}）还有 {n} 个，未列出。",
        "{n} more problems of this kind ({kind}) are not listed.",
    ),
}

_PROBLEMS |= SET_PROBLEMS

KINDS = {
    "id_card": ("身份证号", "an identity card number"),
    "bank_card": ("银行卡号", "a bank card number"),
    "mobile": ("手机号", "a mobile number"),
    "landline": ("固定电话", "a landline number"),
    "passport": ("护照号", "a passport number"),
    "uscc": ("统一社会信用代码", "a unified social credit code"),
    "email": ("电子邮箱", "an e-mail address"),
    "plate": ("车牌号", "a licence plate"),
    "wechat": ("微信号", "a WeChat ID"),
    "qq": ("QQ 号", "a QQ number"),
    "account": ("账号", "an account number"),
    "name": ("姓名", "a person's name"),
    "address": ("地址", "an address"),
}


def severity(code: str) -> Severity:
    """Return how grave a problem is."""
    return _PROBLEMS[code][0]


def say(code: str, language: str, **values: Any) -> str:
    """Return a problem's sentence in ``"zh"`` or ``"en"``."""
    chinese = language == "zh"
    shown = {name: _name(name, value, chinese) for name, value in values.items()}
    return _PROBLEMS[code][1 if chinese else 2].format(**shown)


def _name(name: str, value: Any, chinese: bool) -> Any:
    """Return what a value that is a word of ours is called; others are shown as they are."""
    if name == "part" and value in PARTS:
        return PARTS[value][not chinese]
    if name == "field" and value in SIDE_FIELDS:
        return SIDE_FIELDS[value][not chinese]
    if name == "cases":
        return ("、" if chinese else ", ").join(CASES[case][not chinese] for case in value)
    if name == "terms":
        return ("、" if chinese else ", ").join(_term(term, chinese) for term in value)
    return value


def _term(term: dict[str, Any], chinese: bool) -> str:
    uses, line = f"{term['uses']:,}", f"{term['line']:,}"
    if chinese:
        return f"{term['name']}（{uses} 次，如第 {line} 行）"
    return f"{term['name']} ({uses} times, such as line {line})"


def say_kind(kind: str, language: str) -> str:
    """Return what a kind of personal data is called."""
    return KINDS[kind][0 if language == "zh" else 1]
