"""What grading needs, and what it makes of what came: nothing here waits or asks by itself.

``plan`` is a generator: it yields what is needed, a list of model requests or one run of a source
for all samples, and is sent what came of it. ``grading`` drives it.
"""

import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bankft.errors import BankftError, DataError
from bankft.graders import judge
from bankft.graders.formula import Undefined
from bankft.graders.results import Errors, Result, added, merged
from bankft.graders.sandbox import Run
from bankft.graders.similarity import LONGEST, MEASURES, cosine
from bankft.graders.specs import (
    Grader,
    LabelModelGrader,
    MultiGrader,
    PythonGrader,
    ScoreModelGrader,
    StringCheckGrader,
    TextSimilarityGrader,
    variables,
)
from bankft.graders.template import NotJson, Unknown, render

EMBEDDINGS = "text-embedding-3-large"  # what OpenAI's guide names for cosine
_T = TypeVar("_T")
Sample = str | Mapping[str, Any]
Item = Mapping[str, Any]
_Values = Mapping[str, Any]  # item and sample


@dataclass(frozen=True)
class Requests:
    """What to ask of models: the client's resource, and the arguments of its ``create``."""

    resource: str
    arguments: list[dict[str, Any]]


@dataclass(frozen=True)
class Source:
    """A source to run on every sample."""

    text: str
    pairs: list[tuple[Item, Item]]


@dataclass(frozen=True)
class Said:
    """What came of a request: the API's object, or the error instead."""

    seconds: float
    answer: Any = None
    error: Exception | None = None


Steps = Generator[Requests | Source, Any, list[Result]]


def plan(grader: Grader, rows: list[_Values], models: Mapping[str, str]) -> Steps:
    """Yield what grading rows needs, and return their results in the end."""
    if isinstance(grader, MultiGrader):
        return (yield from _several(grader, rows, models))
    if isinstance(grader, PythonGrader):
        return (yield from _by_source(grader, rows))
    if isinstance(grader, ScoreModelGrader | LabelModelGrader):
        return (yield from _by_model(grader, rows, models))
    if isinstance(grader, TextSimilarityGrader) and grader.evaluation_metric == "cosine":
        return (yield from _by_embeddings(grader, rows, models))
    return [_by_text(grader, row) for row in rows]


def _by_text(grader: StringCheckGrader | TextSimilarityGrader, row: _Values) -> Result:
    begun = time.perf_counter()
    result = _empty(grader)
    given, errors = _filled(lambda: (render(grader.input, row), render(grader.reference, row)))
    if given is None:
        return replace(result, errors=errors)
    text, reference = given
    if isinstance(grader, StringCheckGrader):
        holds = {
            "eq": lambda: text == reference,
            "ne": lambda: text != reference,
            "like": lambda: reference in text,
            "ilike": lambda: reference.casefold() in text.casefold(),
        }[grader.operation]()
        result = replace(result, reward=float(holds), passed=holds)
    elif max(len(text), len(reference)) > LONGEST:
        result = replace(result, errors=Errors(truncated_observation_error=True))
    else:
        reward = MEASURES[grader.evaluation_metric](text, reference)
        result = replace(result, reward=reward, passed=_passes(grader, reward))
    seconds = time.perf_counter() - begun
    return replace(result, seconds=seconds)


def _by_source(grader: PythonGrader, rows: list[_Values]) -> Steps:
    runs: list[Run] = yield Source(grader.source, [(row["sample"], row["item"]) for row in rows])
    results = []
    for run in runs:
        errors = Errors()
        if run.error == "Server":
            errors = Errors(
                python_grader_server_error=True, python_grader_server_error_type=run.details
            )
        elif run.score is None:
            errors = Errors(
                python_grader_runtime_error=True, python_grader_runtime_error_details=run.details
            )
        found = replace(_empty(grader), errors=errors, seconds=run.seconds, sandbox=run.sandbox)
        if run.score is not None:
            found = replace(found, reward=run.score, passed=_passes(grader, run.score))
        results.append(found)
    return results


def _by_model(
    grader: ScoreModelGrader | LabelModelGrader, rows: list[_Values], models: Mapping[str, str]
) -> Steps:
    asked = [_filled(lambda row=row: judge.request(grader, row, models)) for row in rows]  # type: ignore[misc]
    said: list[Said] = yield Requests(
        "chat.completions", [arguments for arguments, _ in asked if arguments is not None]
    )
    answers = iter(said)
    return [
        replace(_empty(grader), errors=errors)
        if arguments is None
        else _judged(grader, arguments["model"], next(answers))
        for arguments, errors in asked
    ]


def _judged(grader: ScoreModelGrader | LabelModelGrader, model: str, said: Said) -> Result:
    result = replace(_empty(grader), seconds=said.seconds, sampled_model_name=model)
    if said.error is not None:
        return replace(result, errors=_refused(said.error))
    choices = getattr(said.answer, "choices", None)
    if not isinstance(choices, list):
        return replace(result, errors=_refused(BankftError("Its answer is no chat completion.")))
    model = said.answer.model or model
    result = replace(
        result, sampled_model_name=model, token_usage={model: _usage(said.answer.usage)}
    )
    message = choices[0].message if choices else None
    if getattr(message, "refusal", None):
        return replace(result, errors=Errors(model_grader_refusal_error=True))
    text = getattr(message, "content", None) or ""
    if isinstance(grader, LabelModelGrader):
        label, errors = judge.read_label(text, grader)
        passed = label in grader.passing_labels
        return replace(result, reward=float(passed), passed=passed, label=label, errors=errors)
    reward, errors = judge.read_score(text, grader)
    passes = None if errors else _passes(grader, reward)
    return replace(result, reward=reward, errors=errors, passed=passes)


def _by_embeddings(
    grader: TextSimilarityGrader, rows: list[_Values], models: Mapping[str, str]
) -> Steps:
    texts = [
        _filled(lambda row=row: [render(grader.input, row), render(grader.reference, row)])  # type: ignore[misc]
        for row in rows
    ]
    model = models.get(EMBEDDINGS, EMBEDDINGS)
    said: list[Said] = yield Requests(
        "embeddings", [{"model": model, "input": pair} for pair, _ in texts if pair is not None]
    )
    answers, results = iter(said), []
    for pair, errors in texts:
        result = replace(_empty(grader), errors=errors)
        if pair is not None:
            one = next(answers)
            result = replace(result, seconds=one.seconds, sampled_model_name=model)
            vectors = getattr(one.answer, "data", None)
            if one.error is not None:
                result = replace(result, errors=_refused(one.error))
            elif not isinstance(vectors, list) or len(vectors) != 2:
                error = BankftError("Its answer holds no two embeddings.")
                result = replace(result, errors=_refused(error))
            else:
                reward = cosine(*(vector.embedding for vector in vectors))
                result = replace(result, reward=reward, passed=_passes(grader, reward))
        results.append(result)
    return results


def _several(grader: MultiGrader, rows: list[_Values], models: Mapping[str, str]) -> Steps:
    columns: dict[str, list[Result]] = {}
    for name, member in grader.graders.items():
        columns[name] = yield from plan(member, rows, models)
    formula, known = grader.formula, variables(grader)
    results = []
    for number in range(len(rows)):
        found = {name: column[number] for name, column in columns.items()}
        rewards = {name: one.reward for name, one in found.items()}
        errors = merged(one.errors for one in found.values())
        try:
            reward = formula({name: rewards[whose] for name, whose in known.items()})
        except Undefined:
            reward, errors = 0.0, replace(errors, formula_parse_error=True)
        used: dict[str, Mapping[str, int]] = {}
        for one in found.values():
            for model, tokens in one.token_usage.items():
                used[model] = added([used.get(model, {}), tokens])
        results.append(
            replace(
                _empty(grader),
                reward=reward,
                errors=errors,
                seconds=sum(one.seconds for one in found.values()),
                sub_rewards=rewards,
                token_usage=used,
                sandbox=next((one.sandbox for one in found.values() if one.sandbox), None),
            )
        )
    return results


def rows_of(samples: Sequence[Sample], items: Sequence[Item] | None) -> list[_Values]:
    """Return what templates and sources read, for each sample."""
    return [
        {"item": items[number] if items else {}, "sample": _sample(sample)}
        for number, sample in enumerate(samples)
    ]


def _sample(sample: Sample) -> dict[str, Any]:
    """Return the ``sample`` namespace; it has ``output_json`` where the answer is JSON."""
    given: dict[str, Any] = {"output_text": sample} if isinstance(sample, str) else dict(sample)
    text = given.setdefault("output_text", "")
    given.setdefault("output_tools", [])
    if "output_json" not in given:
        with suppress(ValueError, TypeError, RecursionError):
            given["output_json"] = json.loads(text, parse_constant=_refuse)
    if "choices" not in given:
        message = {"role": "assistant", "content": text, "tool_calls": given["output_tools"]}
        given["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return given


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _filled(fill: Callable[[], _T]) -> tuple[_T | None, Errors]:
    try:
        return fill(), Errors()
    except Unknown:
        return None, Errors(invalid_variable_error=True)
    except NotJson:
        return None, Errors(sample_parse_error=True)
    except DataError:
        return None, Errors(other_error=True)


def _empty(grader: Grader) -> Result:
    return Result(reward=0.0, name=grader.name or grader.type, type=grader.type)


def _passes(grader: Any, reward: float) -> bool | None:
    return None if grader.pass_threshold is None else reward >= grader.pass_threshold


def _refused(error: Exception) -> Errors:
    details = str(getattr(error, "message", None) or error)
    return Errors(model_grader_server_error=True, model_grader_server_error_details=details)


def _usage(usage: Any) -> dict[str, int]:
    if usage is None:
        return {}
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)
    counts = ("prompt_tokens", "total_tokens", "completion_tokens")
    return {**{name: getattr(usage, name, 0) for name in counts}, "cached_tokens": cached or 0}
