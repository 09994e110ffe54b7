"""Grading samples: one or many, waiting or async, with whatever models and sandbox are given.

``needs.plan`` knows nothing of threads or event loops; two short loops here drive it. So a batch
asks many requests at once and starts one sandbox, and one sample is a batch of one.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bankft.errors import UsageError
from bankft.graders.needs import Item, Requests, Said, Sample, Source, Steps, plan, rows_of
from bankft.graders.results import Result
from bankft.graders.sandbox import Limits, Run, run_python
from bankft.graders.specs import (
    Grader,
    LabelModelGrader,
    MultiGrader,
    PythonGrader,
    ScoreModelGrader,
    TextSimilarityGrader,
    from_spec,
)

if TYPE_CHECKING:
    import openai


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
    steps = plan(one, rows_of(samples, items), models or {})
    with _bar(one, len(samples), progress) as told:

        def run(need: Requests | Source) -> Any:
            if isinstance(need, Source):
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
    steps = plan(one, rows_of(samples, items), models or {})
    room = asyncio.Semaphore(limit)
    with _bar(one, len(samples), progress) as told:

        async def ask(resource: str, arguments: dict[str, Any]) -> Said:
            async with room:
                if _is_async(client):
                    return await _aask(client, resource, arguments, told)
                return await asyncio.to_thread(_ask, client, resource, arguments, told)

        async def run(need: Requests | Source) -> Any:
            if isinstance(need, Source):
                return await asyncio.to_thread(_run, need, sandbox, limits, told)
            return await asyncio.gather(*(ask(need.resource, a) for a in need.arguments))

        # In threads, for comparing long texts takes its time.
        need, results = await asyncio.to_thread(_advance, steps, None)
        while need is not None:
            need, results = await asyncio.to_thread(_advance, steps, await run(need))
    return results


def _advance(steps: Steps, came: Any) -> tuple[Requests | Source | None, list[Result]]:
    """Return what grading needs next; when it needs nothing more, the results."""
    try:
        return steps.send(came), []
    except StopIteration as end:
        return None, end.value


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


# -- Doing it --------------------------------------------------------------------------------------


def _run(
    need: Source, sandbox: str, limits: Limits | None, told: Callable[[int], Any]
) -> list[Run]:
    runs = run_python(need.text, need.pairs, sandbox=sandbox, limits=limits)
    told(len(runs))
    return runs


def _create(client: Any, resource: str) -> Any:
    for part in resource.split("."):
        client = getattr(client, part)
    return client.create


def _ask(client: Any, resource: str, arguments: dict[str, Any], told: Callable[[int], Any]) -> Said:
    import openai

    begun, create = time.perf_counter(), _create(client, resource)
    try:
        try:
            answer = create(**arguments)
        except openai.BadRequestError as error:
            answer = create(**_without_format(arguments, error))
    except (openai.OpenAIError, UnicodeError) as error:  # half a surrogate pair cannot be sent
        return Said(time.perf_counter() - begun, error=error)
    finally:
        told(1)
    return Said(time.perf_counter() - begun, answer)


async def _aask(
    client: Any, resource: str, arguments: dict[str, Any], told: Callable[[int], Any]
) -> Said:
    import openai

    begun, create = time.perf_counter(), _create(client, resource)
    try:
        try:
            answer = await create(**arguments)
        except openai.BadRequestError as error:
            answer = await create(**_without_format(arguments, error))
    except (openai.OpenAIError, UnicodeError) as error:  # half a surrogate pair cannot be sent
        return Said(time.perf_counter() - begun, error=error)
    finally:
        told(1)
    return Said(time.perf_counter() - begun, answer)


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
