"""Read conversations from the text that a chat window or a service desk exports."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bankft.data.wording import say
from bankft.lang import language

Turn = tuple[str, str]  # speaker or role, what was said
Talk = tuple[int, list[dict[str, Any]] | None, str]  # its first line, messages, what is wrong

_ROLES = {
    "user": "客户|用户|顾客|访客|来访者|咨询者|提问|问|我|user|customer|client|visitor|human|q",
    "assistant": (
        "客服|坐席|座席|顾问|理财经理|客户经理|投资顾问|机器人|智能助手|助手|助理|小助手|银行|答复|回答|答|"
        "assistant|bot|chatbot|agent|advisor|adviser|support|ai|bank|a"
    ),
    "system": "系统|系统消息|系统提示|system",
}
# 客服001, 客服-7, 客户（手机端), Agent 3
_TAIL = r"[ ]?(?:[-_ ]?\d{1,6}|[（(][^）)]{0,20}[）)])?"
_KNOWN = {role: re.compile(rf"(?:{names}){_TAIL}", re.IGNORECASE) for role, names in _ROLES.items()}
_DATE = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?"
_TIME = r"(?:[上下]午\s*)?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?:\s*[AaPp][Mm])?"
_WHEN = rf"[\[(（【]?(?:{_DATE}[ T,]*(?:{_TIME})?|{_TIME})[\])）】]?"
_SAID = re.compile(rf"\s*(?:({_WHEN})\s*[-–]?\s*)?([^:：\n]{{1,30}}?)\s*[:：]\s*(.*)", re.DOTALL)
_HEAD = re.compile(rf"\s*(?:({_WHEN})\s+(\S{{1,30}})|(\S{{1,30}})\s+({_WHEN}))\s*")
_RULE = re.compile(r"\s*(?:[-=*_—]{3,}|#{3,})\s*")


def role(speaker: str, names: Mapping[str, str] | None = None) -> str | None:
    """Return who a speaker is: ``user``, ``assistant``, ``system``; None where it is not known.

    >>> role("客服001"), role("Customer"), role("李雷")
    ('assistant', 'user', None)
    """
    for known, name in (names or {}).items():
        if speaker == name:
            return known
    matches = (known for known, pattern in _KNOWN.items() if pattern.fullmatch(speaker))
    return next(matches, None)


def talks(lines: Iterable[str], names: Mapping[str, str] | None = None) -> Iterator[Talk]:
    """Yield the conversations of a chat log: first line, messages, or what is wrong.

    A line names its speaker before a colon, or above the text, with the time if it has one. What
    has no speaker goes on from the line before. A blank line or a rule ends a conversation,
    unless the answer goes on behind it. A greeting before the first question and a question
    without an answer at the end are left out, since nothing is learnt from them; several
    messages of one side in a row become one.

    Args:
        lines: The text.
        names: ``{"user": …, "assistant": …}``, where speakers go by their names.

    >>> list(talks(["客户：起购金额？", "客服：1 元。"]))[0][1]
    [{'role': 'user', 'content': '起购金额？'}, {'role': 'assistant', 'content': '1 元。'}]
    """
    turns: list[Turn] = []
    begins, gap = 0, 0
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n")
        if not line.strip() or _RULE.fullmatch(line):
            gap += 1
            continue
        turn = _turn(line, names)
        if turn is None:
            if turns:
                speaker, text = turns[-1]
                between = "\n" * (1 + bool(gap)) if text else ""
                turns[-1] = (speaker, text + between + line.strip())
            gap = 0
            continue
        answered = any(_role_of(speaker, names) != "user" for speaker, _ in turns)
        if gap and answered and _role_of(turn[0], names) != "assistant":
            yield begins, *_messages(turns, names)
            turns = []
        if not turns:
            begins = number
        turns.append(turn)
        gap = 0
    if turns:
        yield begins, *_messages(turns, names)


def _turn(line: str, names: Mapping[str, str] | None) -> Turn | None:
    """Return speaker and text of a line that begins what somebody says."""
    if match := _HEAD.fullmatch(line):
        return match.group(2) or match.group(3), ""
    match = _SAID.fullmatch(line)
    if match is None:
        return None
    when, speaker, text = match.groups()
    if when or role(speaker, names):
        return speaker, text.strip()
    return None  # a colon within a text


def _role_of(speaker: str, names: Mapping[str, str] | None) -> str:
    return role(speaker, names) or speaker


def _messages(
    turns: list[Turn], names: Mapping[str, str] | None
) -> tuple[list[dict[str, Any]] | None, str]:
    roles = {speaker: role(speaker, names) for speaker, _ in turns}
    unknown = [speaker for speaker, known in roles.items() if known is None]
    taken = set(roles.values())
    if len(unknown) == 1 and len(taken & {"user", "assistant"}) == 1:
        # Two people talk and one is known, so that the other is known, too.
        roles[unknown[0]] = "user" if "assistant" in taken else "assistant"
    elif unknown:
        return None, say("unknown_speakers", language())
    messages: list[dict[str, Any]] = []
    for speaker, text in turns:
        who = roles[speaker]
        if not text or (who == "system" and messages):
            continue  # such as "the customer has left"
        if who == "assistant" and all(message["role"] == "system" for message in messages):
            continue
        if messages and messages[-1]["role"] == who:
            messages[-1]["content"] += "\n" + text
        else:
            messages.append({"role": who, "content": text})
    while messages and messages[-1]["role"] != "assistant":
        messages.pop()
    if not messages:
        return None, say("nobody_answers", language())
    return messages, ""
