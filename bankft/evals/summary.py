"""The figures of a run, each with its interval and the answers that it is made of."""

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from bankft.evals.folder import Answer, Grade, Run
from bankft.evals.likelihood import calibration, latency, perplexity, token_use
from bankft.evals.statistics import mean, rate

_SCALE = ("token_f1", "token_f1_words", "rouge_l", "bleu", "step_agreement", "nll")


def summarise(run: Run, *, confidence: float = 0.95) -> dict[str, Any]:
    """Return the figures of a run as JSON.

    Args:
        run: of `read_run`.
        confidence: of the intervals and of the violation rate's bound.

    Returns:
        ``violations`` (see `Rate`), ``metrics`` by name (see `Rate` where all values are 0 or 1,
        else `Mean`), ``by_attribute`` where the questions have attributes, ``perplexity``,
        ``calibration``, ``latency``, ``tokens``, ``errors``; ``answered_by`` where an alias was
        asked: the models behind it, with how many answers each wrote.
    """
    good = [answer for answer in run.answers.values() if answer.error is None]
    clusters = [run.questions[a.question].cluster for a in good]
    found: dict[str, Any] = {
        "model": run.model,
        "answers": len(good),
        "errors": len(run.answers) - len(good),
        "questions": len(set(clusters)),
        "confidence": confidence,
        "sampling": run.about["sampling"],
        "fingerprints": sorted({a.system_fingerprint for a in good if a.system_fingerprint}),
        "data": run.about["data"],
    }
    if behind := [answer.answered_by for answer in good if answer.answered_by]:
        found["answered_by"] = _counts(behind)
    if not good:
        return found
    grades = [run.grades[answer.id] for answer in good]
    flags = [grade.verdict == "violation" for grade in grades]
    found["violations"] = asdict(rate(flags, clusters, confidence=confidence))
    found["verdicts"] = _counts(grade.verdict for grade in grades)
    found["metrics"] = {
        name: _figure(grades, clusters, name, confidence) for name in metric_names(run)
    }
    passing = sorted({name for grade in grades for name in grade.passed})
    for name in passing:
        chosen = [
            (g.passed[name], c) for g, c in zip(grades, clusters, strict=True) if name in g.passed
        ]
        found["metrics"][f"{name}_passed"] = {
            "kind": "rate",
            **asdict(rate([ok for ok, _ in chosen], [c for _, c in chosen], confidence=confidence)),
        }
    found["by_attribute"] = _by_attribute(run, good, confidence)
    found |= _of_tokens(good, grades)
    return found


def metric_names(run: Run) -> list[str]:
    """Return the metrics and graders of a run, those of the answers first."""
    names: dict[str, None] = {}
    for grade in run.grades.values():
        names.update(dict.fromkeys(grade.values))
    return list(names)


def values_by_question(run: Run, name: str) -> dict[str, list[float]]:
    """Return a metric's values by question cluster; ``violation`` is 1 where a rule is broken."""
    found: dict[str, list[float]] = {}
    for answer in sorted(run.answers.values(), key=lambda a: (a.question, a.sample)):
        if answer.error is not None:
            continue
        value = value_of(run.grades[answer.id], name)
        if value is not None:
            found.setdefault(run.questions[answer.question].cluster, []).append(value)
    return found


def value_of(grade: Grade, name: str) -> float | None:
    """Return one metric of one answer; None where it has none."""
    if name == "violation":
        return float(grade.verdict == "violation")
    if name.endswith("_passed") and name.removesuffix("_passed") in grade.passed:
        return float(grade.passed[name.removesuffix("_passed")])
    return grade.values.get(name)


def _figure(
    grades: list[Grade], clusters: list[str], name: str, confidence: float
) -> dict[str, Any]:
    kept = [
        (value, cluster)
        for grade, cluster in zip(grades, clusters, strict=True)
        if (value := grade.values.get(name)) is not None
    ]
    failed = sum(name in grade.values for grade in grades) - len(kept)
    if not kept:
        return {"kind": "none", "failed": failed}
    values, named = [value for value, _ in kept], [cluster for _, cluster in kept]
    if name not in _SCALE and all(value in (0, 1) for value in values):
        counted = asdict(rate([value == 1 for value in values], named, confidence=confidence))
        return {"kind": "rate", **counted, "failed": failed}
    figure = asdict(mean(values, named, confidence=confidence))
    if not math.isfinite(figure["low"]):  # one question alone: no interval
        figure["low"] = figure["high"] = None
    elif all(0 <= value <= 1 for value in values):  # then the mean lies there, too
        figure["low"], figure["high"] = max(0.0, figure["low"]), min(1.0, figure["high"])
    return {"kind": "mean", **figure, "failed": failed}


def _by_attribute(run: Run, answers: list[Answer], confidence: float) -> dict[str, Any]:
    """Return field accuracy: the share of right answers to questions about each attribute."""
    judged: dict[str, list[tuple[bool, str]]] = {}
    for answer in answers:
        question = run.questions[answer.question]
        attribute = question.item.get("attribute")
        right = is_right(run.grades[answer.id])
        if isinstance(attribute, str) and right is not None:
            judged.setdefault(attribute, []).append((right, question.cluster))
    return {
        attribute: asdict(rate([ok for ok, _ in some], [c for _, c in some], confidence=confidence))
        for attribute, some in sorted(judged.items())
    }


def is_right(grade: Grade) -> bool | None:
    """Return whether an answer is right by the best measure that there is."""
    for name in ("fact_recall", "field_accuracy", "exact_match"):
        if (value := grade.values.get(name)) is not None:
            return value == 1
    return None


def _of_tokens(answers: list[Answer], grades: list[Grade]) -> dict[str, Any]:
    spent = [answer.prompt_tokens + answer.completion_tokens for answer in answers]
    right = [is_right(grade) for grade in grades]
    found: dict[str, Any] = {
        "latency": asdict(latency([answer.seconds for answer in answers])),
        "tokens": {
            "prompt": sum(answer.prompt_tokens for answer in answers),
            "completion": sum(answer.completion_tokens for answer in answers),
            "cut_short": sum(answer.finish_reason == "length" for answer in answers),
        },
    }
    if sum(spent) and None not in right:
        useful = [
            answer.completion_tokens if ok and grade.verdict != "violation" else 0
            for answer, grade, ok in zip(answers, grades, right, strict=True)
        ]
        found["tokens"]["use"] = token_use(useful, spent)
    scored = [(a.logprobs, ok) for a, ok in zip(answers, right, strict=True) if a.logprobs]
    if scored:
        found["perplexity"] = perplexity([logprobs for logprobs, _ in scored])
        known = [(confidence_of(logprobs), ok) for logprobs, ok in scored if ok is not None]
        if known:
            found["calibration"] = asdict(calibration([c for c, _ in known], [o for _, o in known]))
    return found


def confidence_of(logprobs: tuple[float, ...]) -> float:
    """Return an answer's confidence: the geometric mean of its tokens' probabilities."""
    return min(1.0, math.exp(math.fsum(logprobs) / len(logprobs)))


def _counts(verdicts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for verdict in verdicts:
        found[verdict] = found.get(verdict, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))
