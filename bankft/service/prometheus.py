"""What the aliases' answers add up to, by model, as Prometheus reads it."""

import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bankft.release import Profile, drift

_QUESTIONS = 500  # of a model's newest that its drift is measured over
_LEAST = 50  # with fewer, an index says nothing
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
# How an answer begins that declines to answer: a sign for a chart, no judgement.
_DECLINES = re.compile(
    "(很?抱歉|对不起|不好意思|恕|(我|本行|我们)(无法|不能|没有办法)|无法(回答|提供|答复)"
    "|(i'?m )?sorry|i (can(no|')t|am (unable|not able))|we can(no|')t|unfortunately)",
    re.IGNORECASE,
)
_OPENING = 40  # characters of an answer that are looked at for it


def declines(answer: str) -> bool:
    """Say whether an answer begins by declining to answer.

    >>> declines("很抱歉，我无法预测收益。"), declines("管理费率是0.30%。")
    (True, False)
    """
    return _DECLINES.search(answer[:_OPENING]) is not None


class Monitoring:
    """Counts of answers by model and arm, and how far questions have drifted.

    Args:
        profile: what the questions that a model was trained on look like; None where its
            training file is gone, or it was not trained here.

    """

    def __init__(self, profile: Callable[[str], Profile | None]) -> None:
        self._registry = CollectorRegistry()
        labels = ("alias", "model", "arm")

        def counter(name: str, told: str) -> Counter:
            return Counter(f"bankft_{name}", told, labels, registry=self._registry)

        self._answers = counter("answers", "Answers that were written to their end.")
        self._violations = counter("violations", "Answers in which the rules found a violation.")
        self._refusals = counter("refusals", "Answers that begin by declining to answer.")
        self._failures = counter("failures", "Answers that ended in an error of the service.")
        self._guarded = Counter(
            "bankft_guarded",
            "Answers that a guard changed.",
            (*labels, "action"),
            registry=self._registry,
        )
        self._latency = Histogram(
            "bankft_answer_seconds",
            "Time until an answer was written.",
            labels,
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._drift = Gauge(
            "bankft_question_drift",
            "Population stability index of the newest questions against those of training; "
            "above 0.25 they have shifted.",
            ("model", "feature"),
            registry=self._registry,
        )
        self._profile = profile
        self._profiles: dict[str, Profile | None] = {}
        self._questions: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_QUESTIONS))
        self._lock = threading.Lock()

    def answered(
        self,
        where: tuple[str, str, str],
        *,
        question: str | None,
        answer: str,
        seconds: float,
        violating: bool,
        action: str,
    ) -> None:
        """Count an answer.

        Args:
            where: alias, model, arm.
            question: what the client asked.
            answer: as the model wrote it.
            seconds: until it was written.
            violating: whether the rules found a violation in it.
            action: what the guard did.

        """
        self._answers.labels(*where).inc()
        self._violations.labels(*where).inc(violating)
        self._refusals.labels(*where).inc(declines(answer))
        self._latency.labels(*where).observe(seconds)
        if action != "none":
            self._guarded.labels(*where, action).inc()
        if question:
            with self._lock:
                self._questions[where[1]].append(question)

    def failed(self, where: tuple[str, str, str]) -> None:
        """Count an answer that ended in an error."""
        self._failures.labels(*where).inc()

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        for model, feature, index in self._drifts():
            self._drift.labels(model, feature).set(index)
        return generate_latest(self._registry)

    def _drifts(self) -> Iterator[tuple[str, str, float]]:
        with self._lock:
            asked = {model: list(some) for model, some in self._questions.items()}
        for model, questions in asked.items():
            if len(questions) < _LEAST:
                continue
            if model not in self._profiles:
                self._profiles[model] = self._profile(model)
            if (trained := self._profiles[model]) is not None:
                found = drift(trained, questions)
                for feature in ("length", "language", "pairs"):
                    yield model, feature, getattr(found, feature)
