"""The fund assistant of an invented bank, Qinghe Bank (青禾银行), in Chinese and in English.

48 invented funds with eleven attributes each; customers' questions from templates, with the
answer that a compliant assistant gives: the fact, the risk notice where the question touches the
decision to buy, and the disclaimer. Every question belongs to ``train``, ``valid`` or ``test``,
and the three share no template: what is measured on ``test`` is measured on phrasings that
neither the fine-tuning data nor the base model's own corpus has shown.

The data are in ``funds.toml`` and ``wording.<zh|en>.toml``; this package only combines them.

>>> from bankft.cases import fundbot
>>> q = fundbot.questions("test", 1, language="en")[0]
>>> q.truth in q.answer and fundbot.DISCLAIMER["en"] in q.answer
True
"""

from bankft.cases.fundbot.questions import (
    KINDS,
    PARTS,
    Question,
    conversations,
    questions,
    sloppy,
)
from bankft.cases.fundbot.shelf import ATTRIBUTES, Fund, funds
from bankft.cases.fundbot.wording import DISCLAIMER, RISK_NOTICE, system_prompt

__all__ = [
    "ATTRIBUTES",
    "DISCLAIMER",
    "KINDS",
    "PARTS",
    "RISK_NOTICE",
    "Fund",
    "Question",
    "conversations",
    "funds",
    "questions",
    "sloppy",
    "system_prompt",
]
