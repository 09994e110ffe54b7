"""Fee and yield word problems whose answers a program can verify: the task of ReFT.

Whole thousands of yuan and tenths of a per cent, so that the fee is a product of a number of two
digits and one of one digit: 24,000 yuan at 0.3 % is 24 × 3 yuan. The worked solution takes the
steps apart. No pair of numbers and no phrasing of ``train`` occurs in ``valid`` or ``test``, and
pairs of the latter are kept from the base model's corpus too.

T. Q. Luong et al., "ReFT: reasoning with reinforced fine-tuning", arXiv 2401.08967 (2024).
"""

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bankft.cases import fundbot
from bankft.errors import UsageError
from bankft.lang import language as current_language

KINDS = ("fee", "yield")


@dataclass(frozen=True)
class WordProblem:
    """A problem: ``text`` asks, ``solution`` is worked out and ends in the answer.

    ``thousands`` × ``tenths`` = ``result``, in yuan; ``answer`` is the last sentence as it must
    stand; ``template`` is the phrasing's id (``fee.test.1``).
    """

    text: str
    solution: str
    answer: str
    thousands: int
    tenths: int
    template: str
    language: str

    @property
    def result(self) -> int:
        """The right number of yuan."""
        return self.thousands * self.tenths


@cache
def _wording(language: str) -> dict[str, Any]:
    text = files(__package__).joinpath("problems.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)[language]
    return found


def word_problems(
    part: str, n: int, *, seed: int = 0, language: str | None = None
) -> list[WordProblem]:
    """Draw ``n`` distinct problems.

    Args:
        part: ``train``, ``valid`` or ``test``; one pair of numbers in five is not ``train``'s.
        n: how many.
        seed: the same seed gives the same problems.
        language: ``zh`` or ``en``; the current one if None.

    Raises:
        UsageError: an unknown part, or fewer than ``n`` distinct problems exist.

    >>> one = word_problems("test", 1, language="en")[0]
    >>> one.solution.endswith(one.answer), str(one.result) in one.answer
    (True, True)
    """
    if part not in fundbot.PARTS:
        raise UsageError(f"{part!r} is not a part: use {', '.join(fundbot.PARTS)}.")
    chosen = language or current_language()
    words = _wording(chosen)
    every = [
        (kind, i, a, b)
        for kind in KINDS
        for i in range(len(words[kind][part]))
        for a in range(11, 100)
        for b in range(2, 10)
        if ((a * 7 + b) % 5 == 0) == (part != "train")
    ]
    if n > len(every):
        raise UsageError(f"There are {len(every)} problems in {part}: ask for no more.")
    rng = random.Random(f"problems {part} {chosen} {seed}")
    return [
        _problem(words, chosen, kind, f"{part}.{i}", words[kind][part][i], a, b)
        for kind, i, a, b in rng.sample(every, n)
    ]


def _problem(
    words: dict[str, Any], language: str, kind: str, number: str, phrase: str, a: int, b: int
) -> WordProblem:
    tens, ones = a // 10 * 10, a % 10
    steps = [f"1000×0.{b}%={b}", f"{tens}×{b}={tens * b}"]
    if ones:
        steps += [f"{ones}×{b}={ones * b}", f"{tens * b}+{ones * b}={a * b}"]
    answer = words["answer"].format(v=a * b)
    text = phrase.format(a=words["yuan"].format(n=a * 1000), r=f"0.{b}%")
    return WordProblem(
        text=text,
        solution=words["comma"].join(steps) + words["stop"] + answer,
        answer=answer,
        thousands=a,
        tenths=b,
        template=f"{kind}.{number}",
        language=language,
    )


def problem_item(problem: WordProblem) -> dict[str, Any]:
    """Return a line of an RFT file: the conversation, and the answer for `verifier`."""
    system = fundbot.system_prompt(problem.language)
    return {
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": problem.text},
        ],
        "answer": problem.answer,
        "language": problem.language,
    }


def problem_conversation(problem: WordProblem) -> dict[str, Any]:
    """Return a line of a supervised file: the conversation with the worked solution."""
    asked = problem_item(problem)["messages"]
    return {"messages": [*asked, {"role": "assistant", "content": problem.solution}]}


def verifier() -> dict[str, Any]:
    """Return the grader object of the task: 1 where the answer's sentence stands in the sample.

    It does not see an answer beside a wrong one; `solved`, which judges, does.
    """
    return {
        "type": "string_check",
        "name": "verifier",
        "operation": "like",
        "input": "{{ sample.output_text }}",
        "reference": "{{ item.answer }}",
    }


def solved(sample: str, problem: WordProblem) -> bool:
    """Whether a sample gives one answer, the right one, at its end.

    >>> one = word_problems("test", 1, language="zh")[0]
    >>> solved(one.solution, one), solved("答案：1。" + one.solution, one)
    (True, False)
    """
    head = _wording(problem.language)["answer"].split("{v}")[0].strip()
    return sample.rstrip().endswith(problem.answer) and sample.count(head) == 1
