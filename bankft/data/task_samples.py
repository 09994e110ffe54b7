"""Examples of each kind of task, made from the invented funds of ``bankft.cases.fundbot``."""

import json
from collections.abc import Sequence
from typing import Any

from bankft.cases import fundbot
from bankft.data.tasks import Classification, Extraction, Intents, QuestionAnswering, Task
from bankft.errors import UsageError

KINDS = ("qa", "classification", "extraction", "intent")
_SYSTEM = {
    "classification": {
        "zh": "判断客户问的是哪一项，只输出标签：{names}。",
        "en": "Tell what the customer asks about. Answer with one label only: {names}.",
    },
    "extraction": {
        "zh": "从产品说明中抽取信息，只输出 JSON，键为：{names}；没写的填 null。",
        "en": "Extract from the product text. Answer with JSON only, with the keys {names}; "
        "null for what is not said.",
    },
    "intent": {
        "zh": "识别客户的意图和参数，只输出 JSON。意图：{names}。不推荐产品。",
        "en": "Tell the customer's intent and its parameters, as JSON only. Intents: {names}. "
        "Recommend no product.",
    },
}
_TEXT = {
    "zh": (
        "{name}（代码{code}），风险等级{risk}，管理费每年{fee}，基金经理{manager}。",
        "产品：{name}，代码{code}。由{manager}管理，管理费{fee}，属于{risk}。",
        "{name}（{code}）为{risk}级产品，管理费率{fee}。",
    ),
    "en": (
        "{name} ({code}), risk grade {risk}, management fee {fee} a year, managed by {manager}.",
        "Product: {name}, code {code}. {manager} manages it for a fee of {fee}. Grade {risk}.",
        "{name} ({code}) is graded {risk}; its management fee is {fee}.",
    ),
}
_KEYS = {
    "name": "string",
    "code": "string",
    "risk": "string",
    "management_fee": "string",
    "manager": "string?",
}


def samples(kind: str, n: int = 48, *, language: str = "zh") -> tuple[list[dict[str, Any]], Task]:
    """Return examples of a kind of task, and the task that they belong to.

    Args:
        kind: One of ``KINDS``.
        n: How many.
        language: ``"zh"`` or ``"en"``.

    Raises:
        UsageError: There is no such kind.

    >>> examples, task = samples("extraction", 1)
    >>> sorted(json.loads(examples[0]["messages"][-1]["content"]))
    ['code', 'management_fee', 'manager', 'name', 'risk']
    """
    if kind == "qa":
        return fundbot.conversations("train", n, language=language), QuestionAnswering()
    if kind == "extraction":
        return _extraction(n, language), Extraction(_KEYS)
    if kind not in KINDS:
        raise UsageError(f"There is no kind of task {kind!r}: use {', '.join(KINDS)}.")
    questions = fundbot.questions("train", 4 * n, language=language)
    questions = [q for q in questions if q.attribute in fundbot.ATTRIBUTES and q.fund][:n]
    names = {fund.code: fund.name[language] for fund in fundbot.funds()}
    if kind == "classification":
        pairs = [(q.text, q.attribute) for q in questions]
        return _examples(kind, pairs, fundbot.ATTRIBUTES, language), Classification(
            tuple(fundbot.ATTRIBUTES)
        )
    intents = {f"ask_{attribute}": {"fund": "string"} for attribute in fundbot.ATTRIBUTES}
    answers = [
        {"intent": f"ask_{q.attribute}", "parameters": {"fund": names[q.fund]}} for q in questions
    ]
    pairs = [(q.text, _json(a)) for q, a in zip(questions, answers, strict=True)]
    return _examples(kind, pairs, list(intents), language), Intents(intents)


def _extraction(n: int, language: str) -> list[dict[str, Any]]:
    pairs = []
    funds = fundbot.funds()
    for number in range(n):
        fund, form = funds[number % len(funds)], _TEXT[language][number % 3]
        value = {
            "name": fund.name[language],
            "code": fund.code,
            "risk": fund.risk,
            "management_fee": fund.management_fee,
            "manager": fund.manager[language] if "{manager}" in form else None,
        }
        said = form.format(
            name=value["name"],
            code=fund.code,
            risk=fund.risk,
            fee=fund.management_fee,
            manager=value["manager"],
        )
        pairs.append((said, _json(value)))
    return _examples("extraction", pairs, list(_KEYS), language)


def _examples(
    kind: str, pairs: Sequence[tuple[str, str]], names: Sequence[str], language: str
) -> list[dict[str, Any]]:
    mark = "、" if language == "zh" else ", "
    system = _SYSTEM[kind][language].format(names=mark.join(names))
    return [
        {
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": question},
                {"role": "assistant", "content": answer},
            ]
        }
        for question, answer in pairs
    ]


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
