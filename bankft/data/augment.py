"""More ways to ask for the same answer, written by a model and marked as such.

Each generated example keeps its origin's answer; only the question is new. Where it came from
stands in its record of the side file, never in the line that is uploaded: which model wrote it,
from which example, and that no person has reviewed it yet.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankft.data.asking import Reply, ask_all
from bankft.data.formats import write_jsonl
from bankft.data.leaks import plain
from bankft.data.part_files import side_file
from bankft.data.personal import find_personal
from bankft.data.quality import instruction_in, last_pair, similarity
from bankft.data.side import digest
from bankft.errors import DataError, UsageError
from bankft.text import see_through

if TYPE_CHECKING:
    import openai

Example = Mapping[str, Any]

PARAPHRASE = {
    "zh": "请把客户的这句话换一种说法，意思、产品名和数字都不变，只写这一句。\n\n{question}",
    "en": "Say what this customer asks in another way. Keep the meaning, the products' names and "
    "all numbers, and write nothing else.\n\n{question}",
}
CONTEXT = {
    "zh": "客户问：{question}\n\n请替客户把话说完整：先用一两句话说明自己的情况，再问同一个问题。"
    "产品名和数字不变，不添新的数字，不写回答。",
    "en": "A customer asks: {question}\n\nWrite it as the customer would with the background: one "
    "or two sentences on their situation, then the same question. Keep the products' names and "
    "all numbers, add no number, and do not answer.",
}
# What a record of the side file passes on: it is about the answer, which stays the same.
INHERITED = ("product", "risk_grade", "source")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WRAPPED = re.compile(r"""^["'“”「『]+|["'“”」』]+$""")


@dataclass(frozen=True)
class Generated:
    """What a model wrote.

    Attributes:
        examples: The new examples, in OpenAI's form.
        records: Their records for the side file: ``generated_by``, ``method``, ``made_from`` (the
            SHA-256 of the origin), and what the origin's record says of product, risk grade and
            source. There is no ``reviewer`` until a person has looked.
        origins: The line of each one's origin, from 1.
        refused: Why some were not taken, and how many: ``empty``, ``cut_off``, ``unchanged``,
            ``repeated``, ``other_numbers``, ``name_lost``, ``unrelated`` (no two characters in a
            row in common), ``tells_answer`` (more like the answer than like the question),
            ``personal_data``.
    """

    examples: tuple[dict[str, Any], ...]
    records: tuple[dict[str, Any], ...]
    origins: tuple[int, ...]
    refused: dict[str, int]


def paraphrase(
    examples: Sequence[Example],
    client: "openai.OpenAI",
    *,
    model: str,
    n: int = 1,
    records: Sequence[Mapping[str, Any]] | None = None,
    keep: Iterable[str] = (),
    instruction: str | None = None,
    language: str | None = None,
    concurrency: int = 4,
    progress: bool = True,
    **sampling: Any,
) -> Generated:
    """Let a model put each last question in other words (同义改写); the answers stay.

    What changes a number, loses a name, repeats a question, tells the answer, or holds personal
    data is not taken. Whether the meaning stayed is for a person, or `back_annotate`, to say:
    review before training.

    Args:
        examples: Supervised examples, each ending with the answer.
        client: Any ``openai.OpenAI``.
        model: Who writes.
        n: How many ways of each question to ask for.
        records: The examples' records of the side file, if there is one.
        keep: Words that must stand in the new question where they stand in the old one, such as
            the names of products.
        instruction: What the model is told, with ``{question}`` in it.
        language: Of the built-in instruction, ``"zh"`` or ``"en"``; the page's if not given.
        concurrency: How many calls at the same time; 1 for a page that is recorded.
        progress: Draw a bar on stderr.
        sampling: ``temperature`` (1 if not given), ``max_tokens`` and so on.

    Raises:
        DataError: An example has no question or no answer.
        UsageError: The instruction has no ``{question}``, or the records are not one an example.
        BankftError: A call failed; the message says which.

    >>> import bankft
    >>> made = paraphrase(examples, bankft.connect("quality"), model="bankft-nano")
    >>> made.records[0]["generated_by"]
    'bankft-nano'
    """
    told = instruction or instruction_in(PARAPHRASE, language)
    options = {"concurrency": concurrency, "progress": progress, **sampling}
    return _generate("paraphrase", told, examples, client, model, n, records, keep, options)


def expand_context(
    examples: Sequence[Example],
    client: "openai.OpenAI",
    *,
    model: str,
    n: int = 1,
    records: Sequence[Mapping[str, Any]] | None = None,
    keep: Iterable[str] = (),
    instruction: str | None = None,
    language: str | None = None,
    concurrency: int = 4,
    progress: bool = True,
    **sampling: Any,
) -> Generated:
    """Let a model tell the customer's situation before each last question (上下文扩展).

    Customers rarely ask in one clean sentence. The arguments, what is refused and what is raised
    are those of `paraphrase`.

    >>> import bankft
    >>> made = expand_context(examples, bankft.connect("quality"), model="bankft-nano")
    >>> made.records[0]["method"]
    'context'
    """
    told = instruction or instruction_in(CONTEXT, language)
    options = {"concurrency": concurrency, "progress": progress, **sampling}
    return _generate("context", told, examples, client, model, n, records, keep, options)


def write_generated(made: Generated, path: Path | str) -> Path:
    """Write generated examples and, beside them, their side file; return the examples' path.

    Raises:
        DataError: A file cannot be written.
    """
    write_jsonl(made.records, side_file(path))
    return write_jsonl(made.examples, path)


def _generate(
    method: str,
    told: str,
    examples: Sequence[Example],
    client: "openai.OpenAI",
    model: str,
    n: int,
    records: Sequence[Mapping[str, Any]] | None,
    keep: Iterable[str],
    options: dict[str, Any],
) -> Generated:
    if "{question}" not in told:
        raise UsageError("The instruction lacks {question}, where the question is put.")
    if n < 1:
        raise UsageError(f"n is {n}: use a whole number from 1.")
    if records is not None and len(records) != len(examples):
        raise UsageError(
            f"{len(records)} record(s) for {len(examples)} example(s): give one each, in step."
        )
    pairs = [last_pair(example, line) for line, example in enumerate(examples, 1)]
    places = [_last_user(example, line) for line, example in enumerate(examples, 1)]
    options.setdefault("temperature", 1)
    asked = [
        [{"role": "user", "content": told.replace("{question}", question)}]
        for question, _ in pairs
        for _ in range(n)
    ]
    replies = ask_all(client, asked, model=model, **options)

    words = tuple(keep)
    known = {plain(question) for question, _ in pairs}
    made: list[tuple[dict[str, Any], dict[str, Any], int]] = []
    refused: Counter[str] = Counter()
    for number, reply in enumerate(replies):
        index = number // n
        question, answer = pairs[index]
        new = _WRAPPED.sub("", reply.text.strip()).strip()
        why = _refusal(reply, new, question, answer, words, known)
        if why:
            refused[why] += 1
            continue
        known.add(plain(new))
        record = {
            "generated_by": model,
            "method": method,
            "made_from": digest(examples[index]),
            **({key: records[index][key] for key in INHERITED if key in records[index]}
               if records is not None else {}),
        }  # fmt: skip
        messages = list(examples[index]["messages"])
        messages[places[index]] = {**messages[places[index]], "content": new}
        made.append(({**examples[index], "messages": messages}, record, index + 1))
    return Generated(
        examples=tuple(example for example, _, _ in made),
        records=tuple(record for _, record, _ in made),
        origins=tuple(line for _, _, line in made),
        refused=dict(refused),
    )


def _refusal(
    reply: Reply,
    new: str,
    question: str,
    answer: str,
    words: tuple[str, ...],
    known: set[str],
) -> str | None:
    """Return why a new question is not taken, None if it is."""
    if not plain(new):
        return "empty"
    if not reply.whole:
        return "cut_off"
    if plain(new) == plain(question):
        return "unchanged"
    if plain(new) in known:
        return "repeated"
    if _numbers(new) != _numbers(question):
        return "other_numbers"
    if any(word in question and word not in new for word in words):
        return "name_lost"
    own = similarity(new, question)
    if not own:
        return "unrelated"
    if plain(answer) in plain(new) or similarity(new, answer) > own:
        return "tells_answer"
    return "personal_data" if find_personal(new) else None


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(see_through(text).text))


def _last_user(example: Example, line: int) -> int:
    """Return where the question stands that the last answer answers."""
    messages = example["messages"]
    last = max(i for i, message in enumerate(messages) if message.get("role") != "assistant")
    if messages[last].get("role") != "user":
        raise DataError(f"Example {line} does not end with a user's question and its answer.")
    return last
