"""Carrying out the runs of evals: in a thread of the service, some items at a time.

The thread has a lower priority than the answers to chats. What is judged is stored, so a run goes
on after a restart; items are answered in the same groups with the same seeds, so it ends as it
would have ended.
"""

import asyncio
import atexit
import hashlib
import json
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bankft import graders
from bankft.data import read_jsonl
from bankft.engine import Piece, Sampler
from bankft.errors import BankftError
from bankft.graders.template import look_up, render
from bankft.service.clock import stable
from bankft.service.context import Service
from bankft.service.eval_tables import Eval, EvalRun, OutputItem
from bankft.service.faults import where
from bankft.service.guarding import Decision, guarded
from bankft.service.routes.models import find_model
from bankft.service.wire_evals import Completions, TemplateMessage

log = logging.getLogger("bankft.service")

ENDED = ("completed", "canceled", "failed")
ITEMS_A_POLL = 1000  # shown more by each poll, while recording
_GROUP = 64  # items answered and judged together; stopping waits for them
_LONGEST = 1024  # tokens of an answer where the run says nothing
_STARTS = 3  # of a run without any progress in between; then it is the likely reason
_LOOK = 0.2  # seconds between looks for work

Messages = list[dict[str, str]]


class Runner:
    """The thread that carries out runs, oldest first.

    Args:
        service: whose models it asks.

    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._wake = threading.Event()
        self._takes: set[str] = set()
        self._lock = threading.Lock()
        with service.store.read() as session:  # what is there belongs to earlier takes
            self._before = session.scalar(select(func.max(Eval.n))) or 0
        self._loaded: tuple[str, Sampler] | None = None
        self._thread = threading.Thread(target=self._work, name="evals", daemon=True)

    def start(self) -> None:
        """Start the thread; this process waits for it before it ends."""
        self._thread.start()
        atexit.register(self._thread.join, 30)  # torn off inside torch, it could end in a crash

    def wake(self) -> None:
        """Say that there is a new run."""
        self._wake.set()

    def open_take(self, recording: str) -> None:
        """On the first call of a recording, drop what an earlier take of it left."""
        with self._lock:
            if not self.service.clock.logical or recording in self._takes:
                return
            self._takes.add(recording)
            with self.service.store.write() as session:
                mine = select(Eval).where(Eval.recording == recording, Eval.n <= self._before)
                for row in session.scalars(mine):
                    remove(session, row)

    def _work(self) -> None:
        with suppress(OSError, AttributeError):  # this thread alone, where the system can
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
        base = self.service.base
        with suppress(BankftError):  # the service says itself that its model cannot be read
            # One thread at a time: transformers' parts are imported when they are first used, and
            # of two threads that do so at once one fails.
            self.service.samplers.get(base.name, base.folder)
        self._recover()
        while not self.service.closing.is_set():
            try:
                run_id = self._oldest()
                if run_id is not None:
                    self._carry_out(run_id)
                    continue
            except Exception as problem:  # the database, for a moment
                log.error("looking for eval runs failed: %s", where(problem))
            self._wake.wait(_LOOK)
            self._wake.clear()

    def _recover(self) -> None:
        """Queue what an earlier service left; give up on what ended it again and again."""
        with self.service.store.write() as session:
            for run in session.scalars(select(EvalRun).where(EvalRun.phase == "run")):
                run.phase = "wait"
                if run.starts >= _STARTS:
                    _fail(run, "The service ended unexpectedly several times during this run.")

    def _oldest(self) -> str | None:
        oldest = select(EvalRun.id).where(EvalRun.phase == "wait").order_by(EvalRun.n).limit(1)
        with self.service.store.read() as session:
            return session.scalar(oldest)

    def _carry_out(self, run_id: str) -> None:
        """Judge a run's items until it ends, is cancelled, or the service closes."""
        with self.service.store.write() as session:
            run = find_run(session, run_id)
            if run is None or run.phase != "wait":
                return
            run.phase, run.starts = "run", run.starts + 1
            if not run.paced:
                run.status = "in_progress"
            criteria = session.scalar(select(Eval.criteria).where(Eval.id == run.eval_id)) or []
        try:
            judge = [graders.from_spec(one) for one in criteria]
            rows = self._rows(run)
            while run.finished < run.total:
                if self.service.closing.is_set():
                    return  # it stays `run`, and the next service goes on
                some = rows[run.finished : run.finished + _GROUP]
                items = self._judged(run, run.finished, some, criteria, judge)
                if not self._keep(run, items):
                    return
        except BankftError as problem:
            self._end(run_id, str(problem))
        except Exception as problem:
            log.error("eval run %s failed: %s", run_id, where(problem))
            self._end(run_id, f"The run failed ({type(problem).__name__}).")
        else:
            self._end(run_id)

    def _rows(self, run: EvalRun) -> list[dict[str, Any]]:
        source = run.data_source["source"]
        if source["type"] == "file_content":
            return list(source["content"])
        path = self.service.store.file_path(source["id"])
        if not path.exists():
            raise BankftError("The run's data file was deleted before the run had ended.")
        return read_jsonl(path)[: run.total]

    def _keep(self, run: EvalRun, items: list[dict[str, Any]]) -> bool:
        """Store judged items; False where the run was cancelled or deleted meanwhile."""
        with self.service.store.write() as session:
            row = find_run(session, run.id)
            if row is None or row.phase != "run":
                return False
            now = row.created_at if row.paced else int(time.time())
            for item in items:
                session.add(OutputItem(created_at=now, **item))
            row.finished += len(items)
            row.totals = add_up(row.totals, items)
            row.starts = 1
            if not row.paced:
                row.shown = row.finished
            run.finished = row.finished
        return True

    def _end(self, run_id: str, error: str | None = None) -> None:
        with self.service.store.write() as session:
            run = find_run(session, run_id)
            if run is None or run.phase != "run":
                return
            run.phase = "done"
            if error is not None:
                _fail(run, error)
            elif not run.paced:
                run.status = "completed"

    # -- One group of items ------------------------------------------------------------------------

    def _judged(
        self,
        run: EvalRun,
        first: int,
        rows: Sequence[Mapping[str, Any]],
        criteria: Sequence[Mapping[str, Any]],
        judge: Sequence[graders.Grader],
    ) -> list[dict[str, Any]]:
        samples = self._samples(run, first, rows)
        texts = [_graded_sample(row, sample) for row, sample in zip(rows, samples, strict=True)]
        there = [n for n, sample in enumerate(samples) if sample["error"] is None]
        results: list[list[dict[str, Any]]] = [[] for _ in rows]
        failed: set[int] = {n for n in range(len(rows)) if n not in set(there)}
        for spec, label, one in zip(criteria, labels(criteria), judge, strict=True):
            found = self.service.judges.batch(
                one, [texts[n] for n in there], [dict(rows[n]["item"]) for n in there]
            )
            for n, result in zip(there, found, strict=True):
                results[n].append(_result(label, spec, result))
                if result.errors:
                    failed.add(n)
        return [
            {
                "id": stable("outputitem_", run.id, first + n, length=32),
                "run_id": run.id,
                "number": first + n,
                "status": "error"
                if n in failed
                else "pass"
                if all(one["passed"] for one in results[n])
                else "fail",
                "item": dict(rows[n]["item"]),
                "results": results[n],
                "sample": samples[n],
            }
            for n in range(len(rows))
        ]

    def _samples(
        self, run: EvalRun, first: int, rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        if run.data_source["type"] == "jsonl":
            return [_given(row, run.seed) for row in rows]
        wanted = Completions.model_validate(run.data_source)
        return self._answered(run, wanted, first, rows)

    def _answered(
        self, run: EvalRun, wanted: Completions, first: int, rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Ask the model for the samples of a group, together; an alias's as it would answer."""
        model, guard = self._behind(run.model)
        sampler, how = self._sampler(model), wanted.sampling_params
        temperature = 1.0 if how is None or how.temperature is None else how.temperature
        top_p = 1.0 if how is None or how.top_p is None else how.top_p
        limit = (how and (how.max_completion_tokens or how.max_completions_tokens)) or _LONGEST
        found: list[dict[str, Any]] = []
        talks: list[Messages] = []
        for row in rows:
            head = {
                "model": model,
                "seed": run.seed,
                "temperature": temperature,
                "top_p": top_p,
                "max_completion_tokens": limit,
            }
            sample = _sample(head)
            try:
                sample["input"] = messages_of(wanted, row["item"])
                room = sampler.context - sampler.prompt_tokens(sample["input"])
                if room < 1:
                    raise BankftError(
                        f"The model has room for {sampler.context} tokens, and the messages take "
                        "all of them: shorten them."
                    )
                talks.append(sample["input"])
            except BankftError as problem:
                sample["error"] = {"code": "invalid_input", "message": str(problem)}
            found.append(sample)
        pieces = iter(
            sampler.complete(
                talks,
                max_tokens=limit,
                temperature=temperature,
                top_p=max(top_p, 1e-6),
                seed=_group_seed(run.seed, first),
            )
            if talks
            else ()
        )
        for sample in found:
            if sample["error"] is not None:
                continue
            piece = next(pieces)
            if guard != "off":
                piece = asyncio.run(_let_through(guard, piece, sample["input"]))
            prompt = sampler.prompt_tokens(sample["input"])
            sample["output"] = [{"role": "assistant", "content": piece.text}]
            sample["finish_reason"] = piece.finish_reason or "stop"
            sample["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": piece.tokens,
                "total_tokens": prompt + piece.tokens,
                "cached_tokens": 0,
            }
        return found

    def _behind(self, name: str) -> tuple[str, str]:
        """Return which model answers under a name, and how its answers are guarded.

        An alias's is its production model of this moment: who is not in the canary is answered by
        it, and each sample says which model that was.
        """
        route = self.service.aliases.registry.routes().get(name)
        if route is None:
            return name, "off"
        if route.stopped or route.production is None:
            raise BankftError(f"The alias {name} answers nobody: it is stopped, or not released.")
        return route.production, route.guard

    def _sampler(self, name: str) -> Sampler:
        """Return a model for this thread alone: another thread's must not be used beside it."""
        with self.service.store.read() as session:
            found = find_model(self.service, session, name)
        if found is None:
            raise BankftError("The run's model was deleted before the run had ended.")
        if self._loaded is None or self._loaded[0] != found.digest:
            self._loaded = None  # before the next is loaded: not two at once
            self._loaded = (found.digest, Sampler(found.folder))
        return self._loaded[1]


def create_for_job(
    session: Session,
    *,
    job_id: str,
    name: str,
    grader: Mapping[str, Any],
    created_at: int,
    recording: str | None,
) -> str:
    """Make the eval of a reinforcement job, in the transaction that makes the job.

    Its criteria are the job's grader, or the members of a ``multi`` one, which evals do not have;
    a grader without a threshold passes from the middle of its range. It has no runs of its own:
    the rewards on the validation file stand in the job's events and checkpoints
    (``full_valid_mean_reward``), where OpenAI also shows each validation as a run. Who wants the
    answers of a checkpoint one by one makes a run of this eval with it as the model.

    Args:
        session: one that writes.
        job_id: the job's.
        name: what the eval is called.
        grader: as the job was given it; already checked.
        created_at: when the job was made.
        recording: the job's.

    Returns:
        The eval's id, for the job's ``eval_id``; it follows from the job's.
    """
    members = grader.get("graders") if grader.get("type") == "multi" else None
    named = members.items() if isinstance(members, Mapping) else ()
    criteria = [{**one, "name": one.get("name") or key} for key, one in named] or [dict(grader)]
    for one in criteria:
        one.setdefault("name", one["type"])
        if one["type"] == "text_similarity":
            one.setdefault("pass_threshold", 0.5)
    row = Eval(
        id=stable("eval_", job_id, "eval", length=32),
        created_at=created_at,
        updated_at=created_at,
        name=name,
        meta={"fine_tuning_job_id": job_id},
        data_source={
            "type": "custom",
            "item_schema": {"type": "object"},
            "include_sample_schema": True,
        },
        criteria=criteria,
        job_id=job_id,
        recording=recording,
    )
    earlier = session.scalar(select(Eval).where(Eval.id == row.id))
    if earlier is not None:  # of an earlier take of the same recording
        remove(session, earlier)
        session.flush()
    session.add(row)
    return row.id


async def _let_through(guard: str, written: Piece, asked: Messages) -> Piece:
    """Return an answer as a guard shows it."""

    async def whole() -> AsyncIterator[Piece]:
        yield written

    questions = [one["content"] for one in asked if one["role"] == "user"]
    question = questions[-1] if questions else None
    pieces = guarded(guard, whole(), question, Decision(), threading.Event())
    shown = [piece async for piece in pieces]
    ends = [piece.finish_reason for piece in shown if piece.finish_reason]
    text, tokens = "".join(piece.text for piece in shown), sum(piece.tokens for piece in shown)
    return Piece(text, ends[-1] if ends else "stop", tokens)


def find_run(session: Session, run_id: str) -> EvalRun | None:
    """Return a run, locked against other writers where the database can."""
    return session.scalar(select(EvalRun).where(EvalRun.id == run_id).with_for_update())


def cancel(session: Session, run: EvalRun) -> None:
    """End a run; what was judged and not yet shown never happened."""
    run.phase, run.status = "done", "canceled"
    run.totals = dict(totals_of(session, run))
    session.execute(
        delete(OutputItem).where(OutputItem.run_id == run.id, OutputItem.number >= run.shown)
    )
    run.finished = run.shown


def remove(session: Session, row: Eval) -> None:
    """Delete an eval with its runs and their items."""
    for run in session.scalars(select(EvalRun).where(EvalRun.eval_id == row.id)):
        remove_run(session, run)
    session.flush()
    session.delete(row)


def remove_run(session: Session, run: EvalRun) -> None:
    """Delete a run with its items."""
    session.execute(delete(OutputItem).where(OutputItem.run_id == run.id))
    session.delete(run)


def has_more(run: EvalRun) -> bool:
    """Say whether a paced run can show its next items; if not, the runner must judge more first."""
    ready = run.phase == "done" or run.finished >= run.shown + ITEMS_A_POLL
    return run.status in ENDED or not run.polls or ready


def show_more(run: EvalRun) -> None:
    """Show the next items of a paced run."""
    if run.status in ENDED:
        return
    if not run.polls:  # the first poll shows that it has begun
        run.status = "in_progress"
    elif run.error is not None:
        run.status, run.shown = "failed", run.finished
    else:
        run.shown = min(run.finished, run.shown + ITEMS_A_POLL)
        if run.shown == run.total:
            run.status = "completed"
    run.polls += 1


def add_up(totals: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what items add up to, on top of others.

    Args:
        totals: of the others; empty at first.
        items: each with status, results and sample.

    Returns:
        ``status``, ``passed``, ``failed``: counts by status or criterion; ``usage``: tokens by
        model.
    """
    status, passed, failed = (Counter(totals.get(k, {})) for k in ("status", "passed", "failed"))
    usage = {model: Counter(used) for model, used in totals.get("usage", {}).items()}
    for item in items:
        status[item["status"]] += 1
        for one in item["results"]:
            (passed if one["passed"] else failed)[one["name"]] += 1
            for model, tokens in one.get("token_usage", {}).items():
                usage.setdefault(model, Counter()).update({"invocation_count": 1, **tokens})
        sample = item["sample"]
        if sample["model"] and sample["output"]:
            spent = {"invocation_count": 1, **sample["usage"]}
            usage.setdefault(sample["model"], Counter()).update(spent)
    return {
        "status": dict(status),
        "passed": dict(passed),
        "failed": dict(failed),
        "usage": {model: dict(used) for model, used in usage.items()},
    }


def totals_of(session: Session, run: EvalRun) -> Mapping[str, Any]:
    """Return what the shown items of a run add up to."""
    if run.shown == run.finished:
        return run.totals
    columns = select(OutputItem.status, OutputItem.results, OutputItem.sample)
    mine = columns.where(OutputItem.run_id == run.id, OutputItem.number < run.shown)
    return add_up({}, (dict(row._mapping) for row in session.execute(mine)))


def labels(criteria: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what each criterion's results are called: its name, with a number where it is shared.

    >>> labels([{"name": "exact"}, {"name": "exact"}, {"name": "tone"}])
    ['exact', 'exact-2', 'tone']
    """
    found: list[str] = []
    for number, spec in enumerate(criteria, 1):
        name = str(spec["name"])
        found.append(name if name not in found else f"{name}-{number}")
    return found


def messages_of(wanted: Completions, item: Mapping[str, Any]) -> Messages:
    """Return the messages that a model is sent for an item.

    Raises:
        BankftError: the item lacks what the template names, or holds no messages there.
    """
    from bankft.graders.template import NotJson, Unknown

    asked = wanted.input_messages
    values = {"item": item, "sample": {}}
    try:
        if asked.type == "template":
            made = [(one.role, render(one.text(), values)) for one in asked.template]
        else:
            found = look_up(_steps(asked.item_reference), values)
            listed = found if isinstance(found, list) and found else None
            if listed is None:
                raise BankftError(f"'{asked.item_reference}' is no list of messages.")
            read = [TemplateMessage.model_validate(_plain(one)) for one in listed]
            made = [(one.role, one.text()) for one in read]
    except (Unknown, NotJson) as missing:
        raise BankftError(f"The item has no '{missing}', which the messages name.") from None
    except ValueError:
        raise BankftError("The item's messages are not messages with role and content.") from None
    return [
        {"role": "system" if role == "developer" else role, "content": text} for role, text in made
    ]


def _plain(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict):
        raise ValueError
    return {key: message[key] for key in ("role", "content") if key in message}


def _steps(path: str) -> list[str | int]:
    return list(path.strip().removeprefix("{{").removesuffix("}}").strip().split("."))


def _fail(run: EvalRun, message: str) -> None:
    run.phase, run.error = "done", {"code": "server_error", "message": message}
    if not run.paced:
        run.status = "failed"


def _group_seed(seed: int, first: int) -> int:
    """Return the seed of a group: of the run's seed and the group's place."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{first}".encode()).digest()[:4]) % 2**31


def _sample(head: Mapping[str, Any]) -> dict[str, Any]:
    usage = dict.fromkeys(
        ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens"), 0
    )
    empty: dict[str, Any] = {
        "input": [],
        "output": [],
        "finish_reason": "",
        "usage": usage,
        "error": None,
    }
    return {**empty, **head}


def _given(row: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return the sample that a line brings itself, as an output item shows it."""
    head = {"model": "", "seed": seed, "temperature": 1.0, "top_p": 1.0, "max_completion_tokens": 0}
    text = (row.get("sample") or {}).get("output_text")
    sample = _sample(head)
    if isinstance(text, str):
        sample["output"] = [{"role": "assistant", "content": text}]
        sample["finish_reason"] = "stop"
    return sample


def _graded_sample(row: Mapping[str, Any], sample: Mapping[str, Any]) -> Any:
    if row.get("sample"):
        return {"output_text": "", **row["sample"]}
    return sample["output"][0]["content"] if sample["output"] else ""


def _result(label: str, spec: Mapping[str, Any], result: graders.Result) -> dict[str, Any]:
    passed = result.passed
    if passed is None:  # without a threshold: from the middle of the range
        low, high = spec.get("range") or (0.0, 1.0)
        passed = result.reward >= (low + high) / 2
    found: dict[str, Any] = {
        "name": label,
        "type": result.type,
        "score": result.reward,
        "passed": bool(passed) and not result.errors,
        "sample": None,
    }
    wrong = {
        one.name: value
        for one in fields(result.errors)
        if (value := getattr(result.errors, one.name))
    }
    if wrong:
        found["errors"] = json.loads(json.dumps(wrong))
    if result.label is not None:
        found["label"] = result.label
    if result.token_usage:
        found["token_usage"] = {name: dict(used) for name, used in result.token_usage.items()}
    return found
