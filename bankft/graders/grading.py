"""Grading samples: one or many, waiting or async, with whatever models and sandbox are given.

``_plan`` says what grading needs, a list of model requests or one run of a source for all
samples, and is sent what came of it; it knows nothing of threads or event loops. Two short loops
drive it. So a batch asks many requests at once and starts one sandbox, and one sample is a batch
of one.
"""

import asyncio
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from bankft.errors import BankftError, DataError, UsageError
from bankft.graders import judge
from bankft.graders.formula import Undefined
from bankft.graders.results import Errors, Result, added, merged
from bankft.graders.sandbox import Limits, Run, run_python
from bankft.graders.similarity import LONGEST, MEASURES, cosine
from bankft.graders.specs import (
    Grader,
    LabelModelGrader,
    MultiGrader,
    PythonGrader,
    ScoreModelGrader,
    StringCheckGrader,
    TextSimilarityGrader,
    from_spec,
    variables,
)
from bankft.graders.template import NotJson, Unknown, render

if TYPE_CHECKING:
    import openai

EMBEDDINGS = "text-embedding-3-large"  # what OpenAI's guide names for cosine
_T = TypeVar("_T")
Sample = str | Mapping[str, Any]
Item = Mapping[str, Any]
_Values = Mapping[str, Any]  # item and sample


@dataclass(frozen=True)
class _Requests:
    """What to ask of models: the client's resource, and the arguments of its ``create``."""

    resource: str
    arguments: list[dict[str, Any]]


@dataclass(frozen=True)
class _Source:
    """A source to run on every sample."""

    text: str
    pairs: list[tuple[Item, Item]]


@dataclass(frozen=True)
class _Said:
    """What came of a request: the API's object, or the error instead."""

    seconds: float
    answer: Any = None
    error: Exception | None = None


_Steps = Generator[_Requests | _Source, Any, list[Result]]


def grade(
    grader: Grader | Mapping[str, Any],
    sample: Sample,
    item: Item | None = None,
    *,
    client: "openai.OpenAI | None" = None,
    models: Mapping[str, str] | None = None,
    sandbox: str = "auto",
    limits: Limits | None = None,
) -> Result:
    """Grade one sample.

    Args:
        grader: a grader, or the object that describes it.
        sample: the model's answer; or a mapping with ``output_text`` and, as graders of tool calls
            need them, ``output_tools`` or ``choices``.
        item: what else templates and sources read: the row that the question came from.
        client: for graders that ask a model.
        models: served models by the names that graders use, as ``{"gpt-4o": "bankft-nano"}``;
            a model that it does not name is asked by its own name.
        sandbox: where a python grader runs; see ``run_python``.
        limits: of a python grader.

    Returns:
        The grade. What goes wrong with this sample is told in its ``errors``.

    Raises:
        DataError: the grader is not fine.
        UsageError: a grader asks a model and no client is given; or no sandbox works here.

    >>> exact = {"type": "string_check", "name": "exact", "operation": "eq",
    ...     "input": "{{ sample.output_text }}", "reference": "{{ item.answer }}"}
    >>> grade(exact, "R2", {"answer": "R2"}).reward
    1.0
    """
    return batch(
        grader, [sample], [item or {}], client=client, models=models, sandbox=sandbox, limits=limits
    )[0]


def batch(
    grader: Grader | Mapping[str, Any],
    samples: Sequence[Sample],
    items: Sequence[Item] | None = None,
    *,
    client: "openai.OpenAI | None" = None,
    models: Mapping[str, str] | None = None,
    limit: int = 8,
    progress: bool = False,
    sandbox: str = "auto",
    limits: Limits | None = None,
) -> list[Result]:
    """Grade many samples: models are asked side by side, a source starts one sandbox for all.

    Args:
        grader: as for ``grade``, like what is not named here.
        samples: the answers.
        items: one for each sample; none where the grader reads no item.
        client: as for ``grade``.
        models: as for ``grade``.
        limit: how many requests are under way at once.
        progress: whether to show a bar on stderr.
        sandbox: as for ``grade``.
        limits: as for ``grade``; of one sample.

    Returns:
        A grade for each sample, in order.

    Raises:
        DataError: as for ``grade``.
        UsageError: as for ``grade``; or there are not as many items as samples.

    >>> exact = {"type": "string_check", "name": "exact", "operation": "eq",
    ...     "input": "{{ sample.output_text }}", "reference": "R2"}
    >>> [result.reward for result in batch(exact, ["R2", "R3"])]
    [1.0, 0.0]
    """
    one = _ready(grader, samples, items, client, limit)
    steps = _plan(one, _rows(samples, items), models or {})
    with _bar(one, len(samples), progress) as told:

        def run(need: _Requests | _Source) -> Any:
            if isinstance(need, _Source):
                return _run(need, sandbox, limits, told)
            with ThreadPoolExecutor(limit) as pool:
                ask = lambda arguments: _ask(client, need.resource, arguments, told)  # noqa: E731
                return list(pool.map(ask, need.arguments))

        need, results = _advance(steps, None)
        while need is not None:
            need, results = _advance(steps, run(need))
    return results


async def agrade(
    grader: Grader | Mapping[str, Any],
    sample: Sample,
    item: Item | None = None,
    *,
    client: "openai.AsyncOpenAI | openai.OpenAI | None" = None,
    models: Mapping[str, str] | None = None,
    sandbox: str = "auto",
    limits: Limits | None = None,
) -> Result:
    """Grade one sample without blocking the event loop; ``grade``'s async twin."""
    found = await abatch(
        grader, [sample], [item or {}], client=client, models=models, sandbox=sandbox, limits=limits
    )
    return found[0]


async def abatch(
    grader: Grader | Mapping[str, Any],
    samples: Sequence[Sample],
    items: Sequence[Item] | None = None,
    *,
    client: "openai.AsyncOpenAI | openai.OpenAI | None" = None,
    models: Mapping[str, str] | None = None,
    limit: int = 8,
    progress: bool = False,
    sandbox: str = "auto",
    limits: Limits | None = None,
) -> list[Result]:
    """Grade many samples without blocking the event loop; ``batch``'s async twin.

    An ``AsyncOpenAI`` is awaited, an ``OpenAI`` asked in threads.
    """
    one = _ready(grader, samples, items, client, limit, awaited=True)
    steps = _plan(one, _rows(samples, items), models or {})
    room = asyncio.Semaphore(limit)
    with _bar(one, len(samples), progress) as told:

        async def ask(resource: str, arguments: dict[str, Any]) -> _Said:
            async with room:
                if _is_async(client):
                    return await _aask(client, resource, arguments, told)
                return await asyncio.to_thread(_ask, client, resource, arguments, told)

        async def run(need: _Requests | _Source) -> Any:
            if isinstance(need, _Source):
                return await asyncio.to_thread(_run, need, sandbox, limits, told)
            return await asyncio.gather(*(ask(need.resource, a) for a in need.arguments))

        # In threads, for comparing long texts takes its time.
        need, results = await asyncio.to_thread(_advance, steps, None)
        while need is not None:
            need, results = await asyncio.to_thread(_advance, steps, await run(need))
    return results


def _advance(steps: _Steps, came: Any) -> tuple[_Requests | _Source | None, list[Result]]:
    """Return what grading needs next; when it needs nothing more, the results."""
    try:
        return steps.send(came), []
    except StopIteration as end:
        return None, end.value


# -- What grading needs ----------------------------------------------------------------------------


def _plan(grader: Grader, rows: list[_Values], models: Mapping[str, str]) -> _Steps:
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


def _by_source(grader: PythonGrader, rows: list[_Values]) -> _Steps:
    runs: list[Run] = yield _Source(grader.source, [(row["sample"], row["item"]) for row in rows])
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
) -> _Steps:
    asked = [_filled(lambda row=row: judge.request(grader, row, models)) for row in rows]  # type: ignore[misc]
    said: list[_Said] = yield _Requests(
        "chat.completions", [arguments for arguments, _ in asked if arguments is not None]
    )
    answers = iter(said)
    return [
        replace(_empty(grader), errors=errors)
        if arguments is None
        else _judged(grader, arguments["model"], next(answers))
        for arguments, errors in asked
    ]


def _judged(grader: ScoreModelGrader | LabelModelGrader, model: str, said: _Said) -> Result:
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
) -> _Steps:
    texts = [
        _filled(lambda row=row: [render(grader.input, row), render(grader.reference, row)])  # type: ignore[misc]
        for row in rows
    ]
    model = models.get(EMBEDDINGS, EMBEDDINGS)
    said: list[_Said] = yield _Requests(
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


def _several(grader: MultiGrader, rows: list[_Values], models: Mapping[str, str]) -> _Steps:
    columns: dict[str, list[Result]] = {}
    for name, member in grader.graders.items():
        columns[name] = yield from _plan(member, rows, models)
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


# -- Its parts -------------------------------------------------------------------------------------


def _ready(
    grader: Grader | Mapping[str, Any],
    samples: Sequence[Sample],
    items: Sequence[Item] | None,
    client: Any,
    limit: int,
    *,
    awaited: bool = False,
) -> Grader:
    one = from_spec(grader) if isinstance(grader, Mapping) else grader
    if items is not None and len(items) != len(samples):
        raise UsageError(f"There are {len(samples)} samples, but {len(items)} items.")
    if limit < 1:
        raise UsageError(f"At least one request must be under way; limit is {limit}.")
    if client is None and (asking := _asking(one)):
        raise UsageError(
            f"The grader '{asking[0].name}' asks a model: give a client that serves one, and "
            "models={…} where it is served under another name."
        )
    if not awaited and _is_async(client):
        raise UsageError("An AsyncOpenAI is awaited: use agrade or abatch.")
    return one


def _parts(grader: Grader) -> list[Any]:
    return list(grader.graders.values()) if isinstance(grader, MultiGrader) else [grader]


def _asking(grader: Grader) -> list[Any]:
    """Return the graders that ask a model."""
    return [
        one
        for one in _parts(grader)
        if isinstance(one, ScoreModelGrader | LabelModelGrader)
        or (isinstance(one, TextSimilarityGrader) and one.evaluation_metric == "cosine")
    ]


def asks_a_model(grader: Grader) -> bool:
    """Return whether grading needs a client.

    >>> asks_a_model(PythonGrader(source="def grade(sample, item): return 1.0"))
    False
    """
    return bool(_asking(grader))


def _rows(samples: Sequence[Sample], items: Sequence[Item] | None) -> list[_Values]:
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


# -- Doing it --------------------------------------------------------------------------------------


def _run(
    need: _Source, sandbox: str, limits: Limits | None, told: Callable[[int], Any]
) -> list[Run]:
    runs = run_python(need.text, need.pairs, sandbox=sandbox, limits=limits)
    told(len(runs))
    return runs


def _create(client: Any, resource: str) -> Any:
    for part in resource.split("."):
        client = getattr(client, part)
    return client.create


def _ask(
    client: Any, resource: str, arguments: dict[str, Any], told: Callable[[int], Any]
) -> _Said:
    import openai

    begun, create = time.perf_counter(), _create(client, resource)
    try:
        try:
            answer = create(**arguments)
        except openai.BadRequestError as error:
            answer = create(**_without_format(arguments, error))
    except (openai.OpenAIError, UnicodeError) as error:  # half a surrogate pair cannot be sent
        return _Said(time.perf_counter() - begun, error=error)
    finally:
        told(1)
    return _Said(time.perf_counter() - begun, answer)


async def _aask(
    client: Any, resource: str, arguments: dict[str, Any], told: Callable[[int], Any]
) -> _Said:
    import openai

    begun, create = time.perf_counter(), _create(client, resource)
    try:
        try:
            answer = await create(**arguments)
        except openai.BadRequestError as error:
            answer = await create(**_without_format(arguments, error))
    except (openai.OpenAIError, UnicodeError) as error:  # half a surrogate pair cannot be sent
        return _Said(time.perf_counter() - begun, error=error)
    finally:
        told(1)
    return _Said(time.perf_counter() - begun, answer)


def _without_format(arguments: dict[str, Any], error: Any) -> dict[str, Any]:
    """Return a request for a host that has no structured outputs; else the error stands."""
    if "response_format" not in arguments or error.param != "response_format":
        raise error
    return {name: value for name, value in arguments.items() if name != "response_format"}


def _is_async(client: Any) -> bool:
    if client is None:
        return False
    import openai

    return isinstance(client, openai.AsyncOpenAI)


@contextmanager
def _bar(grader: Grader, samples: int, shown: bool) -> Iterator[Callable[[int], Any]]:
    """Show how much is done of what takes time; give what counts it up."""
    slow = len(_asking(grader)) + sum(isinstance(one, PythonGrader) for one in _parts(grader))
    if not (shown and slow):
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(total=slow * samples, unit="grade") as bar:
        yield bar.update
