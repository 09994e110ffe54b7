"""Where aliases lead now, and the watch over their canaries."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from starlette.concurrency import run_in_threadpool

from bankft.errors import BankftError
from bankft.release import Limits, Outcome, Registry, Route, Window
from bankft.service.faults import where
from bankft.service.store import Store

log = logging.getLogger("bankft.service")

_FRESH = 0.5  # seconds until the routes are read again: a change takes effect within a second
WATCH = "watch"  # who rolls back when nobody does


class Aliases:
    """The aliases of a registry, read at most twice a second, and a window for each canary.

    Args:
        registry: of the releases.

    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._routes: dict[str, Route] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[str, Limits, Window]] = {}  # by alias, of which canary
        # What follows an answer (its verdict, the window, the log) happens after it, in a thread.
        self._after = ThreadPoolExecutor(1, thread_name_prefix="after answers")

    async def find(self, name: str) -> Route | None:
        """Return where an alias leads; None where there is no such alias."""
        if time.monotonic() - self._read_at > _FRESH:
            await run_in_threadpool(self.refresh)
        return self._routes.get(name)

    async def routes(self) -> dict[str, Route]:
        """Return where every alias leads."""
        await self.find("")
        return self._routes

    def refresh(self) -> None:
        """Read the routes; a canary that is none any more is watched no longer."""
        self._read_at = time.monotonic()
        self._routes = self.registry.routes()
        with self._lock:
            for alias, (canary, _, _) in list(self._windows.items()):
                route = self._routes.get(alias)
                if route is None or route.canary != canary:
                    del self._windows[alias]

    def feed(self, alias: str, model: str, outcome: Outcome) -> None:
        """Take in what became of a canary's answer; roll back when there is reason to."""
        route = self._routes.get(alias)
        if route is None or route.canary != model:
            return  # it is the canary no longer
        with self._lock:
            kept = self._windows.get(alias)
            if kept is None or kept[:2] != (model, route.limits):
                kept = self._windows[alias] = (model, route.limits, Window(route.limits))
            kept[2].add(outcome)
            reason = kept[2].reason()
        if reason is None:
            return
        log.warning("the canary of %s is taken back: %s", alias, reason)
        try:
            self.registry.rollback(alias, by=WATCH, reason=reason, only_canary=model)
        except BankftError as problem:
            log.error("the canary of %s could not be taken back: %s", alias, problem)
        self.refresh()

    def counts(self, alias: str) -> dict[str, float] | None:
        """Return what the window of an alias's canary holds; None without answers."""
        with self._lock:
            kept = self._windows.get(alias)
            if kept is None:
                return None
            kept[2].forget(time.monotonic())
            return kept[2].counts()

    def later(self, work: Callable[[], Any], done: "Future[None] | None" = None) -> None:
        """Do something in the thread that sees to what follows answers.

        Args:
            work: what; where it goes wrong, the service's log says so.
            done: told, too, where it goes wrong.

        """

        def tried() -> None:
            try:
                work()
            except Exception as problem:
                log.error("what follows an answer failed: %s", where(problem))
                if done is not None:
                    done.set_exception(problem)

        try:
            self._after.submit(tried)
        except RuntimeError as problem:  # the service has ended meanwhile
            log.warning("an answer ended after the service: it is not in the log")
            if done is not None:
                done.set_exception(problem)

    def close(self) -> None:
        """Finish what follows the answers."""
        self._after.shutdown(wait=True)
        self.registry.close()


def registry_of(store: Store) -> Registry:
    """Open the registry of a service's releases, in the service's database or beside it."""
    return Registry(store.address("releases.db"))
