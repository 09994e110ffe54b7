"""Is an answer the answer to its question, and which questions is a model least sure of?

Back-annotation (反向标注): a model reads the answer alone and writes the question; where that is
far from the question that was asked, the pair deserves a second look. What a model judged stays
a model's judgement: nothing here is called a human label.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bankft.data import shapes
from bankft.data.asking import ask_all
from bankft.data.leaks import plain
from bankft.errors import DataError, UsageError
from bankft.lang import language as current_language
from bankft.rates import wilson

if TYPE_CHECKING:
    import openai

Example = Mapping[str, Any]

ASK_BACK = {
    "zh": "下面是客服的一段回答。请写出客户问的那一句话，只写这一句。\n\n{answer}",
    "en": "Below is what a bank's assistant answered. Write the one question that the customer "
    "asked, and nothing else.\n\n{answer}",
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class BackRow:
    """One pair looked at from its answer.

    ``line`` counts the examples from 1; ``similarity`` of the two questions is 0 to 1.
    """

    line: int
    question: str
    regenerated: str
    similarity: float


@dataclass(frozen=True)
class BackAnnotation:
    """What back-annotation found.

    Attributes:
        model: Who wrote the questions. It is a model's judgement, not a person's.
        threshold: The similarity from which a pair counts as agreeing.
        rows: Every pair, the least similar first: the order in which to look at them.
        agreement: The share of pairs that agree, 0 to 1.
        interval: Its 95 % Wilson interval.
        by_chance: The share that agrees when each regenerated question is held against the
            next pair's own question: what the threshold lets pass by itself.
    """

    model: str
    threshold: float
    rows: tuple[BackRow, ...]
    agreement: float
    interval: tuple[float, float]
    by_chance: float


def similarity(one: str, other: str) -> float:
    """Return how alike two short texts are, 0 to 1; 0 where their numbers differ.

    The F1 of their character bigrams, as often as each occurs (the coefficient of L. R. Dice,
    "Measures of the amount of ecologic association between species", Ecology 26 (1945),
    297-302), without case, width, punctuation and white space. It needs no word boundaries, so
    it serves Chinese and English alike; for whole sentences of one's own, choose the threshold
    on pairs that people have judged. 0.50% and 0.80% are different things whatever stands
    around them.

    >>> round(similarity("管理费是多少？", "管理费多少"), 2)
    0.67
    >>> similarity("费率是 0.50% 吗", "费率是 0.80% 吗")
    0.0
    """
    first, second = plain(one), plain(other)
    if first == second:
        return 1.0
    if sorted(_NUMBER.findall(first)) != sorted(_NUMBER.findall(second)):
        return 0.0
    pairs, others = _bigrams(first), _bigrams(second)
    common = sum((pairs & others).values())
    both = sum(pairs.values()) + sum(others.values())
    return 2 * common / both if both else 0.0


def _bigrams(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1))


def back_annotate(
    examples: Sequence[Example],
    client: "openai.OpenAI",
    *,
    model: str,
    threshold: float = 0.5,
    instruction: str | None = None,
    language: str | None = None,
    concurrency: int = 4,
    progress: bool = True,
    **sampling: Any,
) -> BackAnnotation:
    """Let a model write the question to each answer, and compare it with the real one.

    Only the last answer is sent, without its question, and compared with the last thing that the
    user said. A pair that does not agree is not wrong by that: the answer may fit many questions,
    or the model may be weak. It is a pair to look at.

    Args:
        examples: Supervised examples, each ending with the answer.
        client: Any ``openai.OpenAI``.
        model: Better another model than the one that wrote the answers.
        threshold: The similarity from which a pair counts as agreeing.
        instruction: What the model is told, with ``{answer}`` in it.
        language: Of the built-in instruction, ``"zh"`` or ``"en"``; the page's if not given.
        concurrency: How many calls at the same time; 1 for a page that is recorded.
        progress: Draw a bar on stderr.
        sampling: ``temperature`` (0 if not given), ``max_tokens`` and so on.

    Raises:
        DataError: There is no example, or one has no answer or no question.
        UsageError: The instruction has no ``{answer}``, or there is no such language.
        BankftError: A call failed; the message says which.

    >>> import bankft
    >>> back_annotate(examples, bankft.connect("quality"), model="bankft-nano").agreement
    0.8
    """
    told = _with_answer(instruction or instruction_in(ASK_BACK, language))
    pairs = [last_pair(example, line) for line, example in enumerate(examples, 1)]
    if not pairs:
        raise DataError("There is no example to look at.")
    asked = [[{"role": "user", "content": told.replace("{answer}", answer)}] for _, answer in pairs]
    sampling.setdefault("temperature", 0)
    replies = ask_all(
        client, asked, model=model, concurrency=concurrency, progress=progress, **sampling
    )
    rows = [
        BackRow(line, question, reply.text.strip(), similarity(question, reply.text))
        for line, ((question, _), reply) in enumerate(zip(pairs, replies, strict=True), 1)
    ]
    agree = sum(row.similarity >= threshold for row in rows)
    beside = [
        similarity(rows[i - 1].question, row.regenerated) >= threshold for i, row in enumerate(rows)
    ]
    return BackAnnotation(
        model=model,
        threshold=threshold,
        rows=tuple(sorted(rows, key=lambda row: (row.similarity, row.line))),
        agreement=agree / len(rows),
        interval=wilson(agree, len(rows)),
        by_chance=sum(beside) / len(rows) if len(rows) > 1 else 0.0,
    )


def to_ask_back(
    examples: Sequence[Example], *, instruction: str | None = None, language: str | None = None
) -> list[dict[str, Any]]:
    """Return examples that teach a model to write the question to an answer.

    A small model does not know how; fine-tuned on pairs that people have checked, it does, and
    can then be asked about the others. Arguments and errors are those of `back_annotate`.

    >>> pair = [{"role": "user", "content": "Fee?"}, {"role": "assistant", "content": "0.30%"}]
    >>> to_ask_back([{"messages": pair}], instruction="{answer}")[0]["messages"][1]["content"]
    'Fee?'
    """
    told = _with_answer(instruction or instruction_in(ASK_BACK, language))
    pairs = [last_pair(example, line) for line, example in enumerate(examples, 1)]
    return [
        {
            "messages": [
                {"role": "user", "content": told.replace("{answer}", answer)},
                {"role": "assistant", "content": question},
            ]
        }
        for question, answer in pairs
    ]


@dataclass(frozen=True)
class Unsure:
    """A question that a model answers in several ways; ``line`` counts the examples from 1."""

    line: int
    disagreement: float
    answers: tuple[str, ...]


def disagreement(answers: Sequence[str]) -> float:
    """Return how much several answers to one question disagree, 0 (all the same) to 1.

    One minus the mean `similarity` of all pairs. For class labels that is the share of pairs
    with different labels; answers with different numbers disagree altogether.

    Raises:
        UsageError: There are fewer than two answers.

    >>> disagreement(["yes", "yes", "no"])
    0.6666666666666667
    """
    if len(answers) < 2:
        raise UsageError("It takes two answers to disagree: give more samples.")
    pairs = [similarity(one, other) for i, one in enumerate(answers) for other in answers[i + 1 :]]
    return 1 - math.fsum(pairs) / len(pairs)


def ask_least_sure(
    examples: Sequence[Example],
    client: "openai.OpenAI",
    *,
    model: str,
    samples: int = 5,
    concurrency: int = 4,
    progress: bool = True,
    **sampling: Any,
) -> list[Unsure]:
    """Ask a model each question several times; return them with the most disagreement first.

    Active learning by a committee (H. S. Seung, M. Opper, H. Sompolinsky, "Query by committee",
    COLT 1992), the committee being one model's samples: label first what it is least sure of.
    It finds what a model is unsure of, not what it is wrong about with confidence.

    Args:
        examples: Conversations; an answer at the end is left out when asking.
        client: Any ``openai.OpenAI``.
        model: The model to be improved.
        samples: How often each question is asked, from 2.
        concurrency: How many calls at the same time; 1 for a page that is recorded.
        progress: Draw a bar on stderr.
        sampling: ``temperature`` (1 if not given), ``max_tokens`` and so on.

    Raises:
        DataError: An example asks nothing.
        UsageError: ``samples`` is less than 2.
        BankftError: A call failed; the message says which.

    >>> import bankft
    >>> ask_least_sure(examples, bankft.connect("quality"), model="bankft-nano")[0].line
    7
    """
    if samples < 2:
        raise UsageError("It takes two answers to disagree: give more samples.")
    questions = [prompt(example, line) for line, example in enumerate(examples, 1)]
    sampling.setdefault("temperature", 1)
    replies = ask_all(
        client,
        [question for question in questions for _ in range(samples)],
        model=model,
        concurrency=concurrency,
        progress=progress,
        **sampling,
    )
    found = []
    for i in range(len(questions)):
        answers = tuple(reply.text for reply in replies[i * samples : (i + 1) * samples])
        found.append(Unsure(i + 1, disagreement(answers), answers))
    return sorted(found, key=lambda one: (-one.disagreement, one.line))


def least_sure(probabilities: Sequence[Sequence[float]]) -> list[int]:
    """Return the indices of predictions, the least sure first, by the entropy of their classes.

    For models that give probabilities: uncertainty sampling as in B. Settles, "Active learning
    literature survey" (University of Wisconsin, 2009), section 3.1.

    Args:
        probabilities: The classes' probabilities of each example; each adds up to 1.

    Raises:
        UsageError: A row is no distribution.

    >>> least_sure([[0.9, 0.1], [0.5, 0.5], [0.7, 0.3]])
    [1, 2, 0]
    """
    entropies = []
    for number, row in enumerate(probabilities, 1):
        if not row or min(row) < 0 or not abs(math.fsum(row) - 1) <= 1e-6:  # nan too
            raise UsageError(f"Row {number} is no distribution: its shares must add up to 1.")
        entropies.append(-math.fsum(p * math.log2(p) for p in row if p > 0))
    return sorted(range(len(entropies)), key=lambda i: (-entropies[i], i))


def _with_answer(instruction: str) -> str:
    if "{answer}" not in instruction:
        raise UsageError("The instruction lacks {answer}, where the answer is put.")
    return instruction


def instruction_in(instructions: Mapping[str, str], language: str | None) -> str:
    """Return the instruction in a language, the page's if none is given."""
    chosen = language or current_language()
    if chosen not in instructions:
        raise UsageError(f"There is no language {chosen!r}: use zh or en.")
    return instructions[chosen]


def prompt(example: Example, line: int) -> list[dict[str, Any]]:
    """Return an example's messages up to the last question."""
    messages = example.get("messages")
    turns = [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []
    while turns and turns[-1].get("role") == "assistant":
        turns.pop()
    if not turns or not shapes.text(turns[-1]).strip():
        raise DataError(f"Example {line} asks nothing: its messages must end with a question.")
    return [{"role": turn.get("role", "user"), "content": shapes.text(turn)} for turn in turns]


def last_pair(example: Example, line: int) -> tuple[str, str]:
    """Return the last question and the last answer of an example."""
    question = shapes.text(prompt(example, line)[-1])
    messages = example["messages"]
    last = messages[-1]
    answer = shapes.text(last) if last.get("role") == "assistant" else ""
    if not answer.strip():
        raise DataError(f"Example {line} has no answer to look at: it must end with one.")
    return question, answer
