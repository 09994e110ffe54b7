"""Asking a model a whole test set: at once, again where it fails, on where it was interrupted."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bankft.errors import BankftError, UsageError
from bankft.evals.folder import (
    FORMAT,
    Answer,
    Lines,
    Run,
    read_about,
    read_answers,
    read_run,
    write_json,
    write_questions,
)
from bankft.evals.marking import mark
from bankft.evals.questions import Question, TestSet
from bankft.evals.summary import summarise

if TYPE_CHECKING:
    import openai

_BEGUN = {"questions.jsonl", "questions.part", "run.json", "run.part", "answers.jsonl"}
_FOR_ALL = ("model_not_found", "model_not_supported", "unsupported_parameter", "unsupported_value")


@dataclass(frozen=True)
class Sampling:
    """How the answers are drawn.

    Attributes:
        temperature: 0 is the likeliest word each time.
        top_p: the likeliest words that hold this share.
        max_tokens: of an answer; None leaves it to the host.
        seed: of the run; each request's own seed follows from it, the question and the sample.
        logprobs: whether to ask for the tokens' log-probabilities.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int | None = None
    seed: int = 0
    logprobs: bool = False


async def arun_eval(
    client: "openai.OpenAI | openai.AsyncOpenAI",
    model: str,
    questions: TestSet,
    out: str | Path,
    *,
    graders: Sequence[Mapping[str, Any]] = (),
    samples: int = 1,
    sampling: Sampling | None = None,
    limit: int = 32,
    retries: int = 5,
    progress: bool = True,
    grader_models: Mapping[str, str] | None = None,
) -> Run:
    """Ask a model all questions, judge its answers, and keep everything in a folder.

    Each answer is on the disk when it has come. Called again with the same arguments, after
    whatever stopped it, it goes on with the questions that have no answer yet; a folder that holds
    another run is refused.

    Args:
        client: from ``bankft.connect``, or any other; an ``AsyncOpenAI`` is awaited.
        model: its name there, or an alias's; then each answer says which model wrote it.
        questions: of `read_test_set` or `make_test_set`.
        out: the run's folder; made where missing.
        graders: grader objects, each with a name of its own.
        samples: answers to each question.
        sampling: how they are drawn; by default from the model's own distribution.
        limit: requests under way at once; the service writes 32 answers of a model together.
        retries: of a request that failed for a reason that may pass.
        progress: whether to show a bar on stderr.
        grader_models: served models by the names that graders use.

    Raises:
        UsageError: a setting makes no sense, or the folder holds another run.
        DataError: a grader is not fine.
        openai.OpenAIError: the host refuses all requests, or cannot be reached; what was answered
            is kept.
    """
    settings = sampling or Sampling()
    _require(samples, limit, settings, graders)
    folder = Path(out)
    about = _about(model, questions, graders, samples, settings)
    known = read_about(folder)
    if known is None:
        _begin(folder, about, questions)
    elif differs := [key for key in about if about[key] != known.get(key)]:
        if read_answers(folder):
            raise UsageError(
                f"{folder} holds another run (other: {', '.join(differs)}): choose another folder."
            )
        _begin(folder, about, questions)  # nothing was answered: a model's name was wrong, say
    await _ask_all(client, about, questions, folder, limit, retries, progress)
    await mark(
        folder,
        questions,
        graders,
        client=client,
        models=grader_models or {},
        progress=progress,
        limit=limit,
    )
    found = read_run(folder)
    write_json(folder / "summary.json", summarise(found))
    return found


def run_eval(
    client: "openai.OpenAI | openai.AsyncOpenAI",
    model: str,
    questions: TestSet,
    out: str | Path,
    **how: Any,
) -> Run:
    """Ask a model all questions and wait for it: `arun_eval`'s waiting twin, also in a notebook."""
    # In a thread of its own: in a notebook's a loop runs already.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(
            lambda: asyncio.run(arun_eval(client, model, questions, out, **how))
        ).result()


def request_seed(seed: int, question: Question, sample: int) -> int:
    """Return the seed of one request: the same for the same question, whatever stands around it.

    >>> a, b = (Question(n, [{"role": "user", "content": "管理费？"}], cluster="x") for n in (1, 1))
    >>> request_seed(7, a, 1) == request_seed(7, b, 1) != request_seed(7, a, 2)
    True
    """
    named = f"{seed}\0{question.number}\0{sample}"
    return int.from_bytes(sha256(named.encode()).digest()[:4]) % 2**31


# -- Its parts -------------------------------------------------------------------------------------


def _require(
    samples: int, limit: int, sampling: Sampling, graders: Sequence[Mapping[str, Any]]
) -> None:
    from bankft.graders import from_spec

    if samples < 1 or limit < 1:
        raise UsageError("At least one answer to a question, and one request at once.")
    if not (0 <= sampling.temperature <= 2 and 0 < sampling.top_p <= 1):
        raise UsageError("temperature lies between 0 and 2, top_p above 0 and at most 1.")
    names = [from_spec(spec).name for spec in graders]
    if len(set(names)) < len(names) or None in names:
        raise UsageError("Each grader needs a name of its own, under which its figure stands.")


def _about(
    model: str,
    questions: TestSet,
    graders: Sequence[Mapping[str, Any]],
    samples: int,
    sampling: Sampling,
) -> dict[str, Any]:
    """Return what makes a run this one."""
    return {
        "format": FORMAT,
        "model": model,
        "data": {"name": questions.name, "sha256": questions.digest, "questions": len(questions)},
        "clusters": sha256("\0".join(q.cluster for q in questions).encode()).hexdigest()[:16],
        "samples": samples,
        "sampling": asdict(sampling),
        "graders": [dict(spec) for spec in graders],
    }


def _begin(folder: Path, about: Mapping[str, Any], questions: TestSet) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            names = {path.name for path in folder.iterdir()}
            if not names <= _BEGUN:
                raise UsageError(f"{folder} holds something else: choose an empty folder.")
        write_questions(folder / "questions.jsonl", questions)
        write_json(folder / "run.json", about)  # last: from here on it is a run
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from None


async def _ask_all(
    client: Any,
    about: Mapping[str, Any],
    questions: TestSet,
    folder: Path,
    limit: int,
    retries: int,
    progress: bool,
) -> None:
    """Ask what has no answer yet, ``limit`` at once."""
    done = read_answers(folder)
    wanted = [
        (question, sample)
        for question in questions
        for sample in range(1, about["samples"] + 1)
        if f"q{question.number}.s{sample}" not in done
    ]
    if not wanted:
        return
    sampling = Sampling(**about["sampling"])
    asker = _Asker(client, str(about["model"]), sampling, retries, limit)
    waiting = iter(wanted)
    total = len(questions) * int(about["samples"])
    with Lines(folder / "answers.jsonl") as out, _Bar(total, about["model"], progress) as bar:
        bar.add(list(done.values()))

        async def work() -> None:
            for question, sample in waiting:  # shared: each takes the next
                answer = await asker.ask(question, sample)
                line = {key: value for key, value in asdict(answer).items() if value is not None}
                out.write(line)
                bar.add([answer])

        async with asker:
            tasks = [asyncio.create_task(work()) for _ in range(min(limit, len(wanted)))]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    _note_host(folder, asker.host)


def _note_host(folder: Path, host: Mapping[str, str]) -> None:
    about = read_about(folder) or {}
    if host and about.get("host") != host:
        write_json(folder / "run.json", {**about, "host": dict(host)})


class _Asker:
    """Sends one request at a time for each worker; waits and tries again by the SDK's own rules."""

    def __init__(
        self, client: Any, model: str, sampling: Sampling, retries: int, limit: int
    ) -> None:
        import openai

        self._awaited = isinstance(client, openai.AsyncOpenAI)
        # A replay answers a call once: what is recorded is not asked for again.
        self._client = client.with_options(max_retries=retries) if client.max_retries else client
        self._model, self._sampling = model, sampling
        self._pool = None if self._awaited else ThreadPoolExecutor(limit)
        self.host: dict[str, str] = {}

    async def __aenter__(self) -> "_Asker":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def ask(self, question: Question, sample: int) -> Answer:
        import openai

        begun = time.perf_counter()
        seed = request_seed(self._sampling.seed, question, sample)
        head: dict[str, Any] = {"id": f"q{question.number}.s{sample}", "question": question.number}
        try:
            raw = await self._send(self._arguments(question, seed))
            answer = raw.parse()
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            if error.code in _FOR_ALL:
                raise  # every other request would be refused, too
            text = str((error.body or {}).get("message") if isinstance(error.body, dict) else error)
            return Answer(
                **head,
                sample=sample,
                seed=seed,
                seconds=time.perf_counter() - begun,
                error=text[:500],
            )
        if base := raw.headers.get("x-bankft-base-model"):
            self.host = {"base_model": base, "version": raw.headers.get("x-bankft-version", "")}
        if not answer.choices:
            raise BankftError(
                f"The host sent an answer without choices to question {question.number}."
            )
        choice, usage = answer.choices[0], answer.usage
        content = choice.logprobs.content if choice.logprobs else None
        return Answer(
            **head,
            sample=sample,
            text=choice.message.content or "",
            finish_reason=choice.finish_reason,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            seconds=round(time.perf_counter() - begun, 4),
            retries=getattr(raw, "retries_taken", 0),
            seed=seed,
            system_fingerprint=answer.system_fingerprint,
            answered_by=raw.headers.get("x-bankft-model"),
            logprobs=None if content is None else tuple(t.logprob for t in content),
        )

    def _arguments(self, question: Question, seed: int) -> dict[str, Any]:
        one = self._sampling
        asked: dict[str, Any] = {
            "model": self._model,
            "messages": question.messages,
            "temperature": one.temperature,
            "top_p": one.top_p,
            "seed": seed,
        }
        if one.max_tokens is not None:
            asked["max_completion_tokens"] = one.max_tokens
        if one.logprobs:
            asked["logprobs"] = True
        return asked

    async def _send(self, arguments: dict[str, Any]) -> Any:
        create = self._client.chat.completions.with_raw_response.create
        if self._awaited:
            return await create(**arguments)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: create(**arguments))


class _Bar:
    """Shows what is answered, how long the rest takes, and what it has cost."""

    def __init__(self, total: int, model: str, shown: bool) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, desc=model, unit="answer", disable=not shown)
        self._price, self._cost, self._first = _price(model), 0.0, True

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def add(self, answers: Sequence[Answer]) -> None:
        if self._first:  # what was there before must not make the rest look fast
            self._bar.initial = len(answers)
            self._bar.n = len(answers)
            self._bar.refresh()
        else:
            self._bar.update(len(answers))
        self._first = False
        if self._price:
            self._cost += cost_of(answers, self._price)
            self._bar.set_postfix_str(f"${self._cost:.2f}", refresh=False)


def cost_of(answers: Sequence[Answer], price: tuple[float, float]) -> float:
    """Return what answers cost, in US dollars, at the prices of a million tokens in and out.

    >>> cost_of([Answer("q1.s1", 1, 1, prompt_tokens=1_000_000)], (3.0, 12.0))
    3.0
    """
    read, written = price
    return sum(a.prompt_tokens * read + a.completion_tokens * written for a in answers) / 1e6


def _price(model: str) -> tuple[float, float] | None:
    from bankft.cost import find_price

    try:
        found = find_price(model)
    except UsageError:  # a host of one's own has no price list
        return None
    return None if found.input is None or found.output is None else (found.input, found.output)
