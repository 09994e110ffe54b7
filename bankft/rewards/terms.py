"""What a reward is made of: plain functions of an answer and its item, each from 0 to 1.

An *item* is a line of an RFT training file: a JSON object with ``messages`` (the conversation;
the last one is the customer's) and whatever the grader needs beside it. These keys are read:

=====================  ==========================================================================
``reference_answer``   a right answer, notices included
``facts``              what a right answer must say, as short texts
``wrong``              what no right answer says: other values of the same field, other products
``notices``            sentences that the answer must carry: the disclaimer, the risk notice
``language``           ``"zh"`` or ``"en"``
``product``            for the rules; ``"public_fund"`` if not given
``on``                 ``YYYY-MM-DD``: the rules of that day; today's if not given
=====================  ==========================================================================

Limits, so that nobody reads more into a score than there is: facts are compared as texts, so a
right value in other words (百分之一 for 1%) counts as missing; `answers_question` prefers the
reference's wording; `fluency` knows no grammar.
"""

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from bankft import compliance as rules
from bankft.errors import UsageError
from bankft.rewards.texts import DENIES, clauses, figures, plain, sentences, states, tokens

Item = Mapping[str, Any]

_WORTH = {
    "violation": 0.0,
    "evidence_required": 0.5,
    "manual_review": 0.5,
    "insufficient": 0.5,
    "advisory": 1.0,
    "ok": 1.0,
}


def compliance(sample: str, item: Item) -> float:
    """Return what the rules leave of an answer: 1 fine, 0.5 for a person to look at, 0 violation.

    A missing disclaimer or risk notice is a finding like any other. Rules that are held out
    (``held_out = true`` in their pack) take no part: they judge what was trained on this.

    Source of the rules: the clauses that each rule of `bankft.compliance` names.

    >>> item = {"language": "zh"}
    >>> compliance("这只基金保本，稳赚不赔。仅供参考，不构成投资建议。", item)
    0.0
    """
    judgement = rules.check(
        sample,
        on=date.fromisoformat(item["on"]) if item.get("on") else None,
        language=item.get("language", "auto"),
        product=item.get("product", "public_fund"),
    )
    verdicts = [finding.verdict for finding in judgement.findings if not finding.held_out]
    return min((_WORTH[verdict] for verdict in verdicts), default=1.0)


def right_facts(sample: str, item: Item) -> float:
    """Return how right an answer's facts are: what is wanted is said, and nothing else is claimed.

    A product of three: the share of ``item["facts"]`` that the answer says, without a *not* in
    the same clause, and beside what it copies from the question; the share of its figures
    (numbers, codes, R1–R5, T+1) that reference, facts or question hold too; and 1 / (1 + u) for
    u sentences of its own (see `unsupported`). 0 where it says any of ``item["wrong"]``.

    Raises:
        UsageError: the item has no facts: what is right is then not known.

    >>> item = {"facts": ["0.15%"], "reference_answer": "管理费率为每年0.15%。"}
    >>> right_facts("每年管理费率0.15%。", item), right_facts("每年管理费率0.15%或1.2%。", item)
    (1.0, 0.5)
    """
    facts = item.get("facts") or ()
    if not facts:
        raise UsageError(
            "The item names no facts: put what a right answer must say into its field facts."
        )
    text = plain(sample)
    if any(states(text, wrong) for wrong in item.get("wrong") or ()):
        return 0.0
    asked = plain(question(item))
    own = text.replace(asked, " ") if asked else text
    said = sum(states(own, fact) for fact in facts) / len(facts)
    known = {*figures(plain(" ".join([*facts, reference(item), question(item)])))}
    found = figures(text)
    precision = sum(figure in known for figure in found) / len(found) if found else 1.0
    return said * precision / (1 + len(unsupported(sample, item)))


def unsupported(sample: str, item: Item) -> list[str]:
    """Return the sentences of an answer that stand on nothing the item knows.

    A sentence is supported if at least 0.4 of its pairs of tokens occur in the reference, the
    question or the notices, and it denies nothing that these do not. Greetings and thanks are
    not counted, nor the standing notices of the trade (past performance, loss of capital). What
    goes beyond the product's facts may be true; nobody has checked it.

    >>> item = {"reference_answer": "管理费率为每年0.15%。"}
    >>> unsupported("您好，管理费率为每年0.15%。以上内容是错的。", item)
    ['以上内容是错的']
    """
    known = plain(" ".join([reference(item), question(item), *(item.get("notices") or ())]))
    pairs, denials = _pairs(known), Counter(DENIES.findall(known))
    found = []
    for sentence in sentences(plain(sample)):
        rest = _COURTESY.sub(" ", _STANDING.sub(" ", sentence))
        ours = Counter(itertools.pairwise(tokens(rest)))
        if not ours:
            continue
        share = sum(n for pair, n in ours.items() if pair in pairs) / ours.total()
        if share < 0.4 or Counter(DENIES.findall(rest)) - denials:
            found.append(sentence)
    return found


def answers_question(sample: str, item: Item) -> float:
    """Return how far an answer says what the reference says, beside the notices.

    The F1 of pairs of neighbouring tokens (a Chinese character, a word, a number), each counted
    as often as the other text has it, so that repeating earns nothing and padding costs.

    Source: ROUGE-N, C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries", 2004.

    Raises:
        UsageError: the item has no ``reference_answer``.

    >>> item = {"reference_answer": "管理费率为每年0.15%。"}
    >>> answers_question("管理费率为每年0.15%。", item), answers_question("今天天气很好。", item)
    (1.0, 0.0)
    """
    if not reference(item):
        raise UsageError("The item has no reference_answer, which tells what the question wants.")
    ours = _pairs(without_notices(sample, item))
    theirs = _pairs(without_notices(reference(item), item))
    shared = (ours & theirs).total()
    return 2 * shared / (ours.total() + theirs.total()) if shared else 0.0


def notices(sample: str, item: Item) -> float:
    """Return the share of ``item["notices"]`` that stand in the answer, not as a quotation.

    Source: the seeds of the course: 输出需附“仅供参考，不构成投资建议”.

    >>> notices("管理费1%。仅供参考，不构成投资建议。", {"notices": ["仅供参考，不构成投资建议。"]})
    1.0
    """
    wanted = item.get("notices") or ()
    if not wanted:
        return 1.0
    text = plain(sample)
    return sum(_carries(text, plain(notice)) for notice in wanted) / len(wanted)


def sane_length(sample: str, item: Item) -> float:
    """Return 1 for half to one and a half times the reference's length, falling to 0 beside it.

    Below, it falls in proportion; above, to 0 at three times the length. Lengths are those of
    the text as a reader sees it, so invisible characters neither fill nor stretch it. The range
    is a convention of ours.

    Raises:
        UsageError: the item has no ``reference_answer``.

    >>> sane_length("四个字。", {"reference_answer": "四个字。"})
    1.0
    """
    if not reference(item):
        raise UsageError("The item has no reference_answer, which tells how long an answer is.")
    ratio = len(plain(sample)) / len(plain(reference(item)))
    return max(0.0, min(1.0, 2 * ratio, (3 - ratio) / 1.5))


def no_repetition(sample: str, item: Item | None = None) -> float:
    """Return how far an answer says everything once.

    The lesser of two: the share of its runs of four tokens that occur for the first time, and
    1 / n where its most frequent clause or sentence (of two tokens or more) occurs n times.
    1 for a few words, 0 for an empty answer.

    Source of the first: distinct-n, J. Li et al., "A diversity-promoting objective function for
    neural conversation models", NAACL 2016; n = 4, as pairs of characters repeat in any Chinese
    text.

    >>> no_repetition("管理费1%。"), no_repetition("管理费1%。管理费1%。")
    (1.0, 0.5)
    """
    text = plain(sample)
    units = tokens(text)
    if not units:
        return 0.0
    runs = [tuple(units[i : i + 4]) for i in range(max(1, len(units) - 3))]
    often = [
        max(Counter(part for part in parts if len(tokens(part)) > 1).values(), default=1)
        for parts in (clauses(text), sentences(text))
    ]
    return min(len(set(runs)) / len(runs), 1 / max(often))


def fluency(sample: str, item: Item) -> float:
    """Return how far an answer reads like a finished text: the least of four plain signs.

    It ends as a sentence does; it does not repeat itself (`no_repetition`); its characters are
    words and ordinary punctuation, not in runs (。。。！！); it is in the item's language, by the
    share of Chinese characters among its letters. It knows no grammar: a fluent-looking text
    that means nothing scores 1.

    >>> fluency("管理费率为每年0.15%。", {"language": "zh"})
    1.0
    >>> fluency("管理费率为每", {"language": "zh"})
    0.5
    """
    text = plain(sample)
    if not tokens(text):
        return 0.0
    ends = 1.0 if _END.search(text) else 0.5
    odd = sum(len(match[0]) for match in _ODD.finditer(text))
    return min(ends, no_repetition(text), 1 - odd / len(text), _in_language(text, item))


def reference(item: Item) -> str:
    """Return the item's right answer, or "" where it has none."""
    return str(item.get("reference_answer") or "")


def question(item: Item) -> str:
    """Return what the customer asked last, or "" where the item has no conversation."""
    for message in reversed(item.get("messages") or ()):
        if message.get("role") == "user" and isinstance(message.get("content"), str):
            return str(message["content"])
    return ""


def without_notices(text: str, item: Item) -> str:
    """Return a plain text without the item's notices."""
    seen = plain(text)
    for notice in item.get("notices") or ():
        seen = seen.replace(plain(notice).rstrip("。."), " ")
    return seen


def _carries(text: str, notice: str) -> bool:
    bare = notice.rstrip("。.!！")
    start = text.find(bare)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(bare) :][:1]
        if before not in _QUOTES or not before:
            return not after or not after.isalnum()
        start = text.find(bare, start + 1)
    return False


def _pairs(text: str) -> Counter[tuple[str, str]]:
    units = tokens(text)
    # The ends count as tokens, or an answer of one word had no pair.
    return Counter(itertools.pairwise(["", *units, ""])) if units else Counter()


def _in_language(text: str, item: Item) -> float:
    chinese, latin = len(_CHINESE.findall(text)), len(_LATIN.findall(text))
    if not chinese + latin or item.get("language") not in ("zh", "en"):
        return 1.0
    share = chinese / (chinese + latin)
    # A Chinese answer may hold a code or a Latin name; an English one has no Chinese in it.
    return min(1.0, 2 * share) if item["language"] == "zh" else 1 - share


_CHINESE = re.compile("[一-鿿]")
_LATIN = re.compile("[a-z]+")
_END = re.compile(r"[。.!?)」』”\"’'…}]$")
_COURTESY = re.compile(
    r"您好|你好|亲|哈喽|请问|感谢.{0,12}|谢谢.{0,8}|不客气|祝您.{0,10}|很高兴.{0,12}|还有别的问题吗"
    r"|\b(?:hi|hello|dear|sure|ok|thank you|thanks|you are welcome|good (?:morning|afternoon))\b"
)
_STANDING = re.compile(
    r"(?:基金的?|产品的?)?(?:过往|历史)业绩(?:并?不)(?:预示|代表)[^。,]{0,12}"
    r"|(?:基金|投资|市场)有风险,?|(?:投资|入市)需谨慎|本金(?:可能|或会?)[^。,]{0,4}(?:亏损|损失)"
    r"|仅供参考,?|不构成(?:任何)?投资建议"
    r"|past performance[^.;]{0,40}|funds? carry risk|invest with care"
    r"|you may lose (?:your )?capital"
    r"|for reference only|(?:this is )?not investment advice"
)
_QUOTES = "“\"「『《‘'"
_ODD = re.compile(
    r"[^\w\s%.,;:!?()。、“”‘’「」『』《》\"'/+\-–—~×=¥$&#·]"  # no word, no punctuation
    r"|([。、!?.,;~])\1+"  # a run of one mark
)
