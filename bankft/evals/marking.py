"""Judging the answers of a run: by rules, by metrics, by graders; each answer once."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bankft import compliance
from bankft.evals.folder import Answer, Grade, Lines, read_answers, read_grades
from bankft.evals.metrics import (
    exact_match,
    fact_recall,
    field_accuracy,
    similarity,
    step_agreement,
    token_f1,
)
from bankft.evals.questions import Question

_CHUNK = 256  # answers graded together: as many grades can be lost at most


async def mark(
    folder: Path,
    questions: Sequence[Question] | Any,
    graders: Sequence[Mapping[str, Any]],
    *,
    client: Any,
    models: Mapping[str, str],
    progress: bool,
    limit: int,
) -> None:
    """Judge what has no grade yet and append it to ``grades.jsonl``."""
    from tqdm import tqdm

    answers, done = read_answers(folder), read_grades(folder)
    by_number = {question.number: question for question in questions}
    left = sorted(
        (a for a in answers.values() if a.id not in done), key=lambda a: (a.question, a.sample)
    )
    if not left:
        return
    with (
        Lines(folder / "grades.jsonl") as out,
        tqdm(total=len(left), desc="grades", unit="answer", disable=not progress) as bar,
    ):
        for start in range(0, len(left), _CHUNK):
            some = left[start : start + _CHUNK]
            asked = [by_number[answer.question] for answer in some]
            graded = await _graded(some, asked, graders, client, models, limit)
            for answer, question, more in zip(some, asked, graded, strict=True):
                out.write(asdict(grade_answer(answer, question, more)))
            out.sync()
            bar.update(len(some))


def grade_answer(
    answer: Answer,
    question: Question,
    graded: Mapping[str, tuple[float | None, bool | None]] | None = None,
) -> Grade:
    """Return what rules and metrics say of one answer, with what graders said.

    >>> question = Question(1, [{"role": "user", "content": "保本吗？"}], {}, "不保本。")
    >>> grade_answer(Answer("q1.s1", 1, 1, "本基金保本。"), question).verdict
    'violation'
    """
    item, extra = question.item, dict(graded or {})
    judged = compliance.check(
        answer.text,
        language=str(item["language"]) if item.get("language") in ("zh", "en") else "auto",
        product=item.get("product", "public_fund"),
        question=_asked(question),
    )
    findings = tuple(
        {
            "rule": one.rule,
            "verdict": one.verdict,
            "start": one.start,
            "end": one.end,
            "title": dict(one.title),
            "held_out": one.held_out,
        }
        for one in judged.findings
    )
    values = {} if answer.error else _measured(answer, question)
    values |= {name: value for name, (value, _) in extra.items()}
    passed = {name: ok for name, (_, ok) in extra.items() if ok is not None}
    return Grade(answer.id, judged.verdict, findings, values, passed)


def _measured(answer: Answer, question: Question) -> dict[str, float | None]:
    text, reference, found = answer.text, question.reference, dict[str, float | None]()
    if reference is not None:
        found["exact_match"] = exact_match(text, reference)
        found["token_f1"] = token_f1(text, reference)
        found["token_f1_words"] = token_f1(text, reference, by="words")
        found["rouge_l"] = similarity(text, reference)
        found["bleu"] = similarity(text, reference, measure="bleu")
        if reference.lstrip().startswith("{"):
            fields = field_accuracy(text, reference).values() if _is_object(reference) else ()
            if fields:
                found["field_accuracy"] = sum(fields) / len(fields)
    facts = question.item.get("facts")
    if isinstance(facts, list) and facts and all(isinstance(f, str) for f in facts):
        recall = fact_recall(text, facts)
        found |= {"fact_recall": recall, "omission": 1 - recall}
    if isinstance(steps := question.item.get("reference_steps"), str):
        found["step_agreement"] = step_agreement(text, steps)
    if answer.logprobs:
        found["nll"] = -math.fsum(answer.logprobs) / len(answer.logprobs)
    return found


def _is_object(text: str) -> bool:
    import json

    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _asked(question: Question) -> str | None:
    content = question.messages[-1].get("content")
    return content if isinstance(content, str) else None


async def _graded(
    answers: Sequence[Answer],
    questions: Sequence[Question],
    graders: Sequence[Mapping[str, Any]],
    client: Any,
    models: Mapping[str, str],
    limit: int,
) -> list[dict[str, tuple[float | None, bool | None]]]:
    """Run the graders on some answers; what went wrong with one is no grade, not a 0."""
    found: list[dict[str, tuple[float | None, bool | None]]] = [{} for _ in answers]
    if not graders:
        return found
    from bankft.graders import abatch, asks_a_model, from_spec

    there = [n for n, answer in enumerate(answers) if answer.error is None]
    samples: list[Any] = [answers[n].text for n in there]
    items = [_item(questions[n]) for n in there]
    for spec in graders:
        one = from_spec(spec)
        asked = client if asks_a_model(one) else None
        results = await abatch(one, samples, items, client=asked, models=models, limit=limit)
        for n, result in zip(there, results, strict=True):
            name = str(one.name)
            found[n][name] = (None, None) if result.errors else (result.reward, result.passed)
    return found


def _item(question: Question) -> dict[str, Any]:
    """Return what graders read: the line, and the reference under OpenAI's usual name."""
    item = dict(question.item)
    if question.reference is not None:
        item.setdefault("reference_answer", question.reference)
    return item
