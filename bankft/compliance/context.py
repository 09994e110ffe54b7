"""What stands around a phrase, and whether it makes the phrase harmless.

A negation governs what follows in its clause, unless another one takes it back (不是不保本) or the
thought turns (不承诺保息，但保本). A prohibition or a warning governs the sentence; a judgement may
follow (有人说稳赚，这是违规的), and may itself be taken back (稳赚不是神话) or be followed by an
endorsement (有人说稳赚，确实如此). A question is none when it is rhetorical.

The word lists are in ``words/context.toml``. Only a bounded stretch on each side is looked at
(`BEFORE`, `AFTER` characters), so that a stream knows when a judgement is final.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from bankft.compliance import tenor

BEFORE, AFTER = 90, 60
EXCEPTED = 40  # within so much of what follows a denial may be taken back

REASONS = {
    "negation": {"zh": "前文否定了这个说法", "en": "what stands before it denies it"},
    "denial": {"zh": "后文否定了这个说法", "en": "what stands after it denies it"},
    "warning": {"zh": "这是禁止或警示的内容", "en": "it is named in order to forbid or warn"},
    "mention": {
        "zh": "只是提到或解释这个词",
        "en": "the words are mentioned or explained, not said",
    },
    "question": {"zh": "这是提问，不是陈述", "en": "it is a question, not a statement"},
    "customer": {"zh": "这是客户说的话", "en": "the customer says it"},
    "other_product": {
        "zh": "说的是存款等其他产品",
        "en": "it is said of deposits or another product",
    },
    "tenor": {
        "zh": "整句话说的不是这个意思",
        "en": "the sentence as a whole does not say so",
    },
    "evidence": {"zh": "同时给出了数据来源", "en": "the source of the data stands beside it"},
}

_CHINESE = re.compile("[一-鿿]")
_EVIDENCE = re.compile(
    "(?:数据|资料|信息|业绩|评级|排名)?来源(?:于|为|:|是)|数据截至|截至[0-9]{4}年"
    "|根据.{2,16}(?:发布|出具|公布|统计|评级)"
    "|据.{2,16}(?:统计|数据|评级)|(?:银河证券|海通证券|晨星|济安金信|wind|万得|中债"
    "|中证).{0,8}(?:数据|评级|排名|统计)"
    "|sources?: |according to [a-z]|as of [0-9a-z]"
)


@dataclass(frozen=True)
class _Words:
    """The word lists of one language, compiled."""

    pseudo: re.Pattern[str]
    negator: re.Pattern[str]
    adjacent: re.Pattern[str]
    parallel: re.Pattern[str]
    reset: re.Pattern[str]
    prohibition: re.Pattern[str]
    prohibition_near: re.Pattern[str]
    prohibition_reset: re.Pattern[str]
    denial: re.Pattern[str]
    pejorative: re.Pattern[str]
    negated_pejorative: re.Pattern[str]
    endorsement: re.Pattern[str]
    question_left: re.Pattern[str]
    question_right: re.Pattern[str]
    rhetorical_question: re.Pattern[str]
    affirmation: re.Pattern[str]
    definition: re.Pattern[str]
    meta: re.Pattern[str]
    defining: re.Pattern[str]
    rejection: re.Pattern[str]
    wish: re.Pattern[str]
    wish_right: re.Pattern[str]
    refusal: re.Pattern[str]
    exception_right: re.Pattern[str]
    exception_left: re.Pattern[str]


def _any(*lists: list[str]) -> str:
    """Return an alternation that tries long alternatives first."""
    return "|".join(sorted({word for words in lists for word in words}, key=len, reverse=True))


_CONTRACTED = (
    "n't(?![a-z])|(?<![a-z])"
    "(?:do|does|did|is|are|was|were|wo|ca|could|would|should|must)nt(?![a-z])"
)


@cache
def _words(language: str) -> _Words:
    text = files(__package__).joinpath("words/context.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)[language]
    find = re.compile
    chinese = language == "zh"
    edge, end = ("", "") if chinese else (r"(?<![a-z])", r"(?![a-z])")
    speech = "不(?:承诺|保证|担保|预测|做|作|提供|构成|代表|得|能|会|宣传|说)"
    fillers = _any(words.get("fillers", ["x"]))
    return _Words(
        pseudo=find(f"{edge}(?:{_any(words['pseudo'])}){end}"),
        negator=find(
            f"{edge}(?:{_any(words['negators'], words['rhetorical'])})"
            if chinese
            else f"(?:{edge}(?:{_any(words['negators'], words['rhetorical'])}){end}|{_CONTRACTED})"
        ),
        adjacent=find(f"(?:{_any(words.get('adjacent', ['x^']))})(?:{fillers}){{0,6}}$"),
        parallel=find(f"{speech}[、和或及与,也均都 ]{{0,2}}(?={speech})"),
        reset=find(f"{edge}(?:{_any(words['resets'])}){end}"),
        prohibition=find(f"{edge}(?:{_any(words['prohibitions'])}){end}"),
        prohibition_near=find(f"(?:{_any(words.get('prohibitions_near', ['x^']))})"),
        prohibition_reset=find(f"(?:{_any(words['prohibition_resets'])})"),
        denial=find(_denial(words["denials"], chinese)),
        pejorative=find(f"{edge}(?:{_any(words['pejoratives'])}){end}"),
        negated_pejorative=find(f"(?:{_any(words['negated_pejoratives'])})"),
        endorsement=find(f"{edge}(?:{_any(words['endorsements'])})"),
        question_left=find(f"(?:{_any(words['questions_left'])})"),
        question_right=find(f"(?:{_any(words['questions_right'])})"),
        rhetorical_question=find(f"{edge}(?:{_any(words['rhetorical_questions'])}){end}"),
        affirmation=find(f'[ ”"」]*(?:{_any(words["affirmations"])})'),
        definition=find(f"(?:{_any(words['definitions_right'])})"),
        meta=find(f"(?:{_any(words['meta_right'])})"),
        defining=find(f"(?:{_any(words['defining_left'])})"),
        rejection=find(f"{edge}(?:{_any(words['rejections'])}){end}"),
        wish=find(f"{edge}(?:{_any(words['wishes'])}){end}"),
        wish_right=find(f"(?:{_any(words['wishes_right'])})"),
        refusal=find(f"(?:{_any(words['refusals'])}){end}"),
        exception_right=find(f"(?:{_any(words['exceptions_right'])})"),
        exception_left=find(f"(?:{_any(words['exceptions_left'])})"),
    )


def _denial(denials: list[str], chinese: bool) -> str:
    if chinese:
        return (
            '[”"」』]?(?:的)?(?:话|事|说法|产品|基金|理财|收益|投资|好事|承诺)?[,:]?(?:吗|么|呢)?\\??[”"」]?'
            "(?:是|都|那是|这是|根本|完全|绝|基本|显然|当然|答案是|在.{1,6}|现实中|,)*"
            f"(?:{_any(denials)})"
        )
    return (
        "[”\"'s]{0,2}(?: (?:returns?|funds?|products?|investments?|claims?))?[,:?.]? ?"
        f"(?:that is |that's |it is |this is |is |are |would be "
        f"|the answer is )?(?:{_any(denials)})"
    )


# Nothing further away is looked at: so far behind a phrase a quotation may close and be judged.
_BEHIND = 2 * AFTER + 2


def why_exempt(text: str, start: int, end: int, exemptions: frozenset[str]) -> str | None:
    """Return which of `REASONS` makes ``text[start:end]`` harmless, None where nothing does.

    Args:
        text: The view's text: NFKC, lower case.
        start: Where the phrase begins.
        end: Where it ends.
        exemptions: Which general exemptions its rule allows.
    """
    begin = max(0, start - BEFORE)
    return _why_exempt(text[begin : end + _BEHIND], start - begin, end - begin, exemptions)


@lru_cache(maxsize=4096)  # what is repeated a thousand times is judged once
def _why_exempt(text: str, start: int, end: int, exemptions: frozenset[str]) -> str | None:
    if (
        "negation" in exemptions
        and text[start - 1 : start] == "不"
        and _PLAINLY_NOT.search(text, max(0, start - 24), start)
    ):
        after = text[end : end + 12]
        if _PLAIN_END.match(after) and not _excepted("", text[end : end + AFTER], _words("zh")):
            return "negation"  # 本基金不保本，…: by far the most frequent, and beyond doubt
    chinese = bool(_CHINESE.search(text, start, end))
    words = _words("zh" if chinese else "en")
    before = _sentence_before(text, start, chinese)
    after = text[end : end + AFTER]
    if "other_product" in exemptions and (_is_deposit if chinese else _is_debt)(before):
        return "other_product"
    if "evidence" in exemptions and _EVIDENCE.search(before + text[start:end] + after):
        return "evidence"
    if "negation" in exemptions:
        negations = _negations(before, words, chinese)
        if negations % 2 and not (_contradicted(after) or _excepted(before, after, words)):
            return "negation"
        if negations:
            return None  # denied twice, or denied and then confirmed
        fellows = _FELLOWS.match(after)
        denial = words.denial.match(after[fellows.end() :] if fellows else after)
        if denial and _confirms(text[start:end], after):
            denial = None  # "Never loses. Never will."
        if denial and not _negated_judgement(after, words):
            return "denial"
    if "quotation" in exemptions:
        found = _quoted(before, after, words)
        if found is None and _reported(text, start, end, words):
            found = "mention"
        if found is None and _refused(before, after, words):
            found = "denial"
        if found is not None:
            return found
    if "question" in exemptions and _asked(before, text[start:end], after, words):
        return "question"
    if "quotation" in exemptions and tenor.denies(_said_around(text, start, end)):
        return "tenor"
    return None


def _said_around(text: str, start: int, end: int) -> str:
    """Return the sentence that the phrase stands in, as far as it may be looked at."""
    chinese = bool(_CHINESE.search(text, start, end))
    after = text[end : end + AFTER]
    stop = (_END_ZH if chinese else _END_EN).search(after)
    return (
        _sentence_before(text, start, chinese)
        + text[start:end]
        + after[: stop.end() if stop else None]
    )


# 保本（保息）的承诺都不是我们作出的: what else is said in one breath.
_FELLOWS = re.compile(
    '(?:[、和或及与/"”“]|保息|保本|保收益|保底|无风险|零风险|稳赚(?:不赔)?|高息|高收益)+'
)
_OWN_NEGATION = re.compile("(?:no|not|never|can'?t|cannot|won'?t|nothing|nobody|zero)(?![a-z])")

_AGAIN = re.compile("[.,;!] ?(?:no|not|never|ever)(?![a-z])")


def _confirms(phrase: str, after: str) -> bool:
    """Tell whether a second "never" repeats the one in the phrase itself."""
    return bool(_OWN_NEGATION.match(phrase) and _AGAIN.match(after))


_PLAINLY_NOT = re.compile(
    "(?:\\A|[,。;:!?\\n])[^不非没无未难谁怎莫勿别说否何岂,。;:!?\\n]{0,20}(?:并不|不)\\Z"
)
_PLAIN_END = re.compile("[。,](?![那这]?(?:是|绝|根本|可)?(?:不可能|怎么|没|才怪|我们))")
# An example belongs to what it is an example of.
_END_ZH = re.compile("[。!?\\n](?!(?:例如|比如|譬如|诸如|包括))")
_END_EN = re.compile("[.!?](?= (?!for example|e\\.g|such as|including)|\\n)|[\\n。]")


def _sentence_before(text: str, start: int, chinese: bool) -> str:
    before = text[max(0, start - BEFORE) : start]
    ends = [match.end() for match in (_END_ZH if chinese else _END_EN).finditer(before)]
    return before[ends[-1] :] if ends else before


def _after_last(pattern: re.Pattern[str], text: str) -> str:
    last = 0
    for match in pattern.finditer(text):
        last = match.end()
    return text[last:]


_CLAUSE_ZH = re.compile("[,;:]|——")
_CLAUSE_EN = re.compile("[;:]| - |—")
# "do not and cannot", "neither … nor", "not …, nor", "does not and may not": one negation.
_COORDINATED = re.compile(
    r"(?<![a-z])nor(?=[^.;]*(?<![a-z])nor(?![a-z]))"
    r"|(?<![a-z])(?:not|n't|cannot|never|neither"
    r"|no)(?![a-z])(?=[^.;]{0,30}(?:(?<![a-z])(?:nor|or|and)(?![a-z]) ?(?:\w+ )?"
    r"(?:not|cannot|never|can't|don't|won't|no)?))(?=[^.;]*(?<![a-z])(?:nor|(?:and"
    r"|or) (?:\w+ ){0,2}(?:not|cannot|never|can't|don't|won't|no))(?![a-z]))"
)


_OURS = re.compile(
    " (?:and |so )?(?:ours?|we|you|your|this (?:fund|one|product)|here|with us)(?![a-z])"
)
_CONTINUED = re.compile(" ?(?:n?or|and (?:not|never)|even|however)(?![a-z])")


def _excepted(before: str, after: str, words: _Words) -> bool:
    """Tell whether the denial leaves the speaker out (没有谁敢承诺收益，除了我们)."""
    return (
        # What is cut off is not the end of the text.
        words.exception_right.match(after[:EXCEPTED] + "x" * (len(after) > EXCEPTED)) is not None
        or words.exception_left.search(before) is not None
    )


def _negations(before: str, words: _Words, chinese: bool) -> int:
    """Count the negations that govern what follows."""
    clause = _after_last(_CLAUSE_ZH if chinese else _CLAUSE_EN, before)
    # A double negation or a look-alike is none; a mark in its place keeps its neighbours apart.
    clause = _after_last(words.reset, words.pseudo.sub("〇", clause))
    if not chinese:
        commas = clause.split(",")
        alone = len(commas) == 2 and not _CONTINUED.match(commas[-1])
        if alone or (_OURS.match(commas[-1]) and "that" not in clause):
            clause = commas[
                -1
            ]  # "No fees, guaranteed returns": what stood before is another matter
        found = list(words.negator.finditer(_COORDINATED.sub(" ", clause)))
        return len(found) if found and len(clause) - found[-1].end() <= 60 else 0
    clause = words.parallel.sub("", clause)
    count = 0
    tail = clause
    wide = list(words.negator.finditer(clause))
    if wide and len(clause) - wide[-1].end() <= 24:
        count = len(wide)
        tail = clause[wide[-1].end() :]
    if words.adjacent.search(tail):
        count += 1
    return count


# 不保本？不可能！ 不赚才怪。 不保本我们赔。
_CONTRADICTED = re.compile(
    '[”"」]?(?:的|的话|吗|么|呢)?(?:[,]?(?:才怪|就怪|都难|怎么行|包赔|(?:我们?|银行|公司)(?:全额)?(?:赔|补|退)|赔[你您]|算我|全额退款)'
    "|[?](?:完全|纯属)?(?:多余|多虑|想多|大可放心|放心)|(?:又|还)?(?:能)?是什么[?]"
    "|[,?!]?(?:那|这)?(?:是|绝|根本|可|完全)?(?:不可能|没可能|不存在的?(?=[。!,]|$)"
    "|没有的事|怎么可能|没道理))"
    "|[”\"']?\\??[ ,.!]{0,2}(?:that is |that's |it is |it's )?(?:impossible|not possible"
    "|no way|out of the question|never)"
)


def _contradicted(after: str) -> bool:
    return _CONTRADICTED.match(after) is not None


def _negated_judgement(after: str, words: _Words) -> bool:
    return words.negated_pejorative.search(_stretch(after, 24)) is not None


_STRETCH = re.compile("[。!?;\\n]|\\. ")


def _stretch(after: str, most: int) -> str:
    """Return what follows, up to the end of the sentence."""
    end = _STRETCH.search(after)
    return after[: min(end.start() if end else len(after), most)]


_ANAPHORA = re.compile(
    '[,。!?;.][”"」』 ]*(?:但|而|不过|然而)?(?:这|那|此|该|均|都|属|是|皆|系|上述|以上|此类'
    "|往往|多半|大多|一律"
    "|就|请|要|我们?(?:并|均|都)?[不未无]|听听|别|务必|应|切勿|谨防|当心|小心|警惕|也?不[得能可]|千万|其实|实际上|根本|否则"
    "|this|that|these|those|such|it|they|which|are|is|and (?:this|that|such)|beware|avoid"
    "|be (?:careful|wary))"
)


def _quoted(before: str, after: str, words: _Words) -> str | None:
    """Tell whether the words are forbidden, warned of, judged, mentioned or explained."""
    if _negated_judgement(after, words):
        return None
    plain = words.pseudo.sub("〇", before)
    endorsed = words.endorsement.search(_next(after))
    governed = _after_last(words.prohibition_reset, plain)
    if words.prohibition.search(governed):
        return None if endorsed else "warning"
    near = re.split("[,;]", governed)[-1]
    if words.prohibition_near.search(near):
        return None if endorsed else "warning"
    right = words.pseudo.sub("〇", after)
    stretch = _stretch(right, 40)
    clause = re.split(",", stretch)[0]
    judged = words.pejorative.search(clause[:32])
    if not judged and (linked := _ANAPHORA.search(right[:36])):
        judged = words.pejorative.search(right[linked.start() + 1 : linked.end() + 18])
    if judged:
        return (
            None if words.endorsement.search(right[judged.end() : judged.end() + 30]) else "warning"
        )
    if endorsed:
        return None
    if words.definition.match(after) or words.meta.match(after):
        return "mention"
    if words.defining.search(before) and not _SPEAKER.search(before):
        return "mention"
    return None


_SPEAKER = re.compile(
    "我们|我行|本行|本基金|本产品|这只|这款|您|咱|(?<![a-z])(?:our|we|us|this fund|you)(?![a-z])"
)


def _refused(before: str, after: str, words: _Words) -> bool:
    """Tell whether a wish of the client's is named in order to refuse it, or only supposed."""
    wish = words.wish.search(before)
    if not wish and not words.wish_right.match(after):
        return False
    right = words.pseudo.sub("〇", after)
    refused = words.refusal.search(right)
    if not refused:
        return False
    between = right[: refused.start()]
    return not (_OFFERED.search(between) or words.endorsement.search(_next(after)))


_OFFERED = re.compile(
    "就(?:选|买|是|来|找|对|能|看)|[选买]它|认准|快|赶紧|我们(?:有|能|可以|保|就|给)|(?:这|本)(?:只|款|基金)"
    "|满足您|没问题|(?<![a-z])(?:choose|buy|look no further|we (?:have|can|do|offer)"
    "|this (?:fund|one|is)"
    "|here it is|you (?:got|found)|then)(?![a-z])"
)


_OPEN, _CLOSE = "“「『‘《\"'", "”」』’》\"'"
_REPORT = re.compile(
    "说|称|宣传|宣称|承诺|写|叫|例如|比如|词|语|违规|处罚|约谈|投诉|举报|错误|谣言|被|删除"
    "|整改|不是|并不|回复|拒绝|重复|留言|听说|误|警|谨防|意思|问|话术|案例|法|规|第.条|号称"
    "|名为|概念|看到|收到|以"
    "|(?<![a-z])(?:says?|said|told|claim(?:s|ed)?|calls?|called|words?|phrases?|terms?"
    "|advertis|shout|offer|wrong|true or false|mistake|prohibit|ban|breach|article|regulat"
    "|mean|stand for|wrote|written|exam|question|example|complain|report|fined|quote)"
)
_OWNED = re.compile(
    "我们(?:当之|深表|向|对|就|能|可以|真|敢|说到|承诺|保证|的承诺|的)|向您(?:保证|承诺)"
    "|郑重|就是我们|当之无愧|赞同|认同|您就|确实|的确|是真的|没错|放心|您懂|懂的|别当真"
    "|其实|真能|(?<!不)属实|千真万确|不假|就是(?:它|这)|做到"
    "|(?<![a-z])(?:our (?:solemn |firm )?promise|promise to you|we (?:mean|stand|deliver"
    "|promise|say)|is right|are right|is true|and it is|you know it|indeed|believe it"
    "|that'?s us|ours is|we can|let'?s just|to you)(?![a-z])"
)


def _reported(text: str, start: int, end: int, words: _Words) -> bool:
    """Tell whether the words stand in quotation marks, and somebody else is reported with them."""
    begin = max(0, start - BEFORE)
    opened = max(text.rfind(mark, begin, start) for mark in _OPEN)
    if opened >= 0 and text[opened] == "'" and text[opened - 1 : opened].isalnum():
        opened = -1  # an apostrophe
    if opened < 0:
        return False
    mark = text[opened]
    closing = _CLOSE[_OPEN.index(mark)]
    closed = text.find(closing, end, end + AFTER)
    if closed < 0 or closing in text[opened + 1 : start]:
        return False
    outside = text[begin:opened], text[closed + 1 : closed + 1 + AFTER]
    if any(_OWNED.search(part) for part in outside):
        return False
    if words.negated_pejorative.search(outside[1][:24]):
        return False
    said_next = re.split("[,。.!?;] ?(?:and )?", outside[1])
    if any(words.endorsement.match(part.lstrip()) for part in said_next):
        return False
    if any(_REPORT.search(part) for part in outside):
        return True
    for part in outside:  # turned down in the same sentence or the next
        rejected = words.rejection.search(part)
        if rejected and not _NOT_REJECTED.search(part, 0, rejected.start()):
            return True
    return False


_NOT_REJECTED = re.compile(
    "(?:不|没|没有|未|无需|不用|不必|不会|不会被|从未|从未被|从不|不是|并非)$"
    "|(?:not|n't|never|no|needn't|without|nothing)(?: be| been| a| to be| being)? $"
)


def _next(after: str) -> str:
    """Return the beginning of what is said next: where an endorsement would stand."""
    match = re.search('[,。!?;.][”"」』 ]*', after[:40])
    return after[match.end() : match.end() + 32] if match else ""


def _asked(before: str, phrase: str, after: str, words: _Words) -> bool:
    """Tell whether the phrase is part of a question that leaves the answer open."""
    clause = re.split("[,;:。]", before)[-1]
    rhetorical = words.rhetorical_question.search(clause + phrase)
    if words.endorsement.search(_next(after)):
        return False
    choice = clause.startswith("请问") or _CHOICE.match(after)
    if rhetorical and not choice and not _OPEN_QUESTION.search(clause, rhetorical.end()):
        return False
    right = words.question_right.match(after)
    left = words.question_left.search(clause)
    if not left and not right:
        # A question mark soon after, in the same clause.
        right = re.match("[^,;:。!?\\n]{0,10}(?:吗|么|呢)?\\?|[^,;:.!?\\n]{0,30}\\?", after)
    if not left and not right:
        return False
    mark = re.search("\\?|吗[,。]?", after[:40])
    answer = after[mark.end() :].lstrip('”"」』 \n?') if mark else ""
    answer = _ASKER.sub("", answer)
    return words.affirmation.match(answer) is None


_CHOICE = re.compile("[^。!?]{0,12}还是")
_ASKER = re.compile("\\A(?:you|they|clients?|people) (?:may |might |will )?(?:ask|wonder)[.,!]? ?")
_OPEN_QUESTION = re.compile("是否|能否|可否|会不会|能不能|是不是|有没有|(?<![a-z])whether(?![a-z])")


def _is_deposit(before: str) -> bool:
    clause = re.split("[,;:。]", before)[-1]
    found = re.search(
        "(?:存款(?:类)?(?:产品)?|存单|国债|储蓄)(?:产品|本身|利息|本息|到期|一般|通常|才"
        "|可以|可|能|会|是|的|在.{1,12}内|享有|受.{0,10}|[0-9]+万元?以?内?)*$",
        clause,
    )
    if not found:
        return False
    return not re.search(
        "(?:像|跟|和|同|与|如|比|堪比|媲美|相当于|等同于|类似|好比|就是|当作|当成|替代|胜过"
        "|不输)[^,。]{0,6}$",
        clause[: found.start()],
    )


def _is_debt(before: str) -> bool:
    """Tell whether it is said of a bond, a loan or a deposit."""
    found = _DEBT.search(re.split("[,;:]", before)[-1])
    return found is not None and not _LIKENED.search(found[0])


_DEBT = re.compile(
    r"(?<![a-z])(?:bonds?|notes?|loans?|debts?|mortgages?|deposits?|treasur(?:y|ies)"
    r"|savings accounts?|annuit(?:y|ies)|warrant(?:y|ies)|rents?)(?: (?!fund)[a-z]+){0,4} "
    r"(?:is|are|was|were|be|may|can|might) (?:[a-z]+ )?$"
)
_LIKENED = re.compile(
    "(?<![a-z])(?:like|as|than|unlike|fund|funds|it|we|you|your|capital|principal)(?![a-z])"
)
