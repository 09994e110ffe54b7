"""Which models there are, how far each has come, and where an alias leads."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bankft.errors import UsageError
from bankft.release.database import Database
from bankft.release.routing import Route
from bankft.release.tables import AliasRow, ChangeRow, ModelRow, Table
from bankft.release.window import Limits

STATUSES = ("draft", "candidate", "canary", "production", "retired")


@dataclass(frozen=True)
class Released:
    """A model in the registry.

    Attributes:
        id: Its name, ``ft:bankft-nano:bankft:fund-bot:Ab3dE5gH``.
        status: ``draft``, ``candidate``, ``canary``, ``production`` or ``retired``.
        card: What is known of it: ``digest``, ``base``, ``base_digest``, ``training_file``,
            ``validation_file`` (digests), ``recipe``, ``seed``, ``metrics`` (with intervals),
            ``gate`` (its result), ``evaluation`` (what it rests on), ``shutdown_date``.
        added_by: Whose key put it in.
        proposed_by: Whose key proposed it.
        approved_by: Whose key approved it: never the one that proposed it.
        changed_at: When its status last changed, UTC.
    """

    id: str
    status: str
    card: Mapping[str, Any] = field(default_factory=dict)
    added_by: str = ""
    proposed_by: str | None = None
    approved_by: str | None = None
    changed_at: str = ""

    def shut_down(self, on: date | None = None) -> bool:
        """Say whether its base may no longer be used on a day (``shutdown_date``)."""
        ends = self.card.get("shutdown_date")
        return ends is not None and date.fromisoformat(ends) <= (on or datetime.now(UTC).date())


class Registry:
    """The registry in a database.

    Every change names the key that made it and stands in `changes`. Two processes may use one
    registry; each change happens whole or not at all.

    Args:
        url: SQLAlchemy's address: ``sqlite:///releases.db``, ``postgresql+psycopg://…``.

    >>> registry = Registry("sqlite://")
    >>> registry.add("v1", {"digest": "sha256:…"}, by="engineer")
    >>> registry.propose("v1", by="engineer")
    >>> registry.approve("v1", by="engineer")
    Traceback (most recent call last):
    bankft.errors.UsageError: The key that proposed v1 cannot approve it: another person must.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, name="releases")
        with self._database.write() as session:
            Table.metadata.create_all(session.connection())

    def add(self, model: str, card: Mapping[str, Any], *, by: str) -> None:
        """Put a model in, as a draft.

        Raises:
            UsageError: it is there already, or its ``shutdown_date`` is no day.

        """
        try:
            Released(model, "draft", card).shut_down()
        except (TypeError, ValueError):
            raise UsageError(
                "The shutdown_date is no day of the calendar: write it as 2027-06-30."
            ) from None
        with self._change("add", by, model) as session:
            if session.get(ModelRow, model) is not None:
                raise UsageError(f"The model {model} is in the registry already.")
            session.add(
                ModelRow(id=model, status="draft", card=dict(card), added_by=by, changed_at=_now())
            )

    def propose(
        self,
        model: str,
        *,
        by: str,
        gate: Mapping[str, Any] | None = None,
        evaluation: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a draft a candidate; a candidate, anew: what was approved before counts no more.

        Args:
            model: Its name.
            by: Whose key.
            gate: The result of the regression gate, kept in its card: ``{"passed": …}``.
            evaluation: The metrics that it rests on, with intervals; kept in its card, too.

        Raises:
            UsageError: it is released already, or its gate failed.

        """
        with self._change("propose", by, model) as session:
            row = _row(session, model, "draft", "candidate")
            known = {"gate": gate, "evaluation": evaluation}
            row.card = {**row.card, **{name: dict(one) for name, one in known.items() if one}}
            if not row.card.get("gate", {}).get("passed", True):
                raise UsageError(f"The model {model} failed its regression gate: mend it first.")
            row.status, row.proposed_by, row.changed_at = "candidate", by, _now()
            row.approved_by = None

    def approve(self, model: str, *, by: str) -> None:
        """Let a candidate be released: four eyes.

        Raises:
            UsageError: it is no candidate, or the same key proposed it.

        """
        with self._change("approve", by, model) as session:
            row = _row(session, model, "candidate")
            if row.proposed_by == by:
                raise UsageError(
                    f"The key that proposed {model} cannot approve it: another person must."
                )
            row.approved_by, row.changed_at = by, _now()

    def canary(
        self,
        alias: str,
        model: str | None = None,
        *,
        by: str,
        percent: float,
        allow: tuple[str, ...] | None = None,
        shadow: bool = False,
        limits: Limits | None = None,
    ) -> None:
        """Let an approved candidate answer a share of an alias's users, or change the share.

        Args:
            alias: Of the alias; made when it is new.
            model: The candidate; None is the canary that is there.
            by: Whose key.
            percent: 0–100 of the users.
            allow: Users who are in it in any case; None leaves them as they are.
            shadow: Whether it answers unseen, to be compared.
            limits: What takes it back by itself; None leaves them as they are.

        Raises:
            UsageError: the model is not approved, or another canary is there.

        """
        if not 0 <= percent <= 100:
            raise UsageError(f"A canary of {percent} % is none: use 0 to 100.")
        with self._change("canary", by, model or "", alias, f"{percent:g} %") as session:
            row, route = _alias(session, alias, made=True)
            model = model or route.canary
            if model is None:
                raise UsageError(f"The alias {alias} has no canary: name the model.")
            if route.canary not in (None, model):
                raise UsageError(
                    f"The alias {alias} has the canary {route.canary}: promote it or roll it back."
                )
            if route.canary is None:
                found = _row(session, model, "candidate")
                if found.approved_by is None:
                    raise UsageError(f"The model {model} was not approved: another key must.")
                found.status, found.changed_at = "canary", _now()
            _lead(
                row,
                route,
                canary=model,
                percent=percent,
                allow=route.allow if allow is None else allow,
                shadow=shadow,
                limits=limits or route.limits,
            )

    def promote(self, alias: str, *, by: str) -> None:
        """Let the canary answer everybody; what answered before is retired.

        Raises:
            UsageError: there is no canary, or its base is shut down.

        """
        with self._change("promote", by, "", alias) as session:
            row, route = _alias(session, alias)
            if route.canary is None:
                raise UsageError(f"The alias {alias} has no canary to promote.")
            model = _row(session, route.canary, "canary")
            if _released(model).shut_down():
                raise UsageError(f"The base of {model.id} is shut down: retrain on another.")
            if route.production is not None:
                before = _row(session, route.production, "production")
                before.status, before.changed_at = "retired", _now()
                row.before = [*row.before, route.production]
            model.status, model.changed_at = "production", _now()
            _lead(row, route, production=model.id, canary=None, percent=0.0, shadow=False, allow=())

    def rollback(
        self, alias: str, *, by: str, reason: str, only_canary: str | None = None
    ) -> str | None:
        """Take the canary back; without one, return to the production model before this one.

        What is taken back is a draft again: it must be proposed and approved anew.

        Args:
            alias: Of the alias.
            by: Whose key; the service's own watch says ``watch``.
            reason: Why, for the log.
            only_canary: Take back this model, and nothing if it is not the canary any more.

        Returns:
            The model that was taken back, None when there was nothing to do.

        Raises:
            UsageError: there is nothing to return to.

        """
        gone: str | None = None
        with self._change("rollback", by, only_canary or "", alias, reason) as session:
            row, route = _alias(session, alias)
            if only_canary is not None and route.canary != only_canary:
                raise _NothingToDo
            gone = route.canary or route.production
            if route.canary is None:
                if not row.before or gone is None:
                    raise UsageError(f"The alias {alias} has nothing to be rolled back to.")
                again = _row(session, row.before[-1], "retired")
                again.status, again.changed_at = "production", _now()
                row.before = row.before[:-1]
                _lead(row, route, production=again.id)
            else:
                _lead(row, route, canary=None, percent=0.0, shadow=False, allow=())
            model = _row(session, str(gone))
            model.status, model.changed_at = "draft", _now()
            model.proposed_by = model.approved_by = None
        return gone

    def stop(self, alias: str, *, by: str, reason: str, stopped: bool = True) -> None:
        """Turn an alias off, so that it answers nobody, or on again."""
        with self._change("stop" if stopped else "start", by, "", alias, reason) as session:
            row, route = _alias(session, alias)
            _lead(row, route, stopped=stopped)

    def guard(self, alias: str, how: str, *, by: str) -> None:
        """Set what is done with an answer that breaks a rule.

        Raises:
            UsageError: it is none of ``off``, ``append``, ``block``, ``hand_over``.

        """
        if how not in ("off", "append", "block", "hand_over"):
            raise UsageError(f"There is no guard {how!r}: use off, append, block or hand_over.")
        with self._change("guard", by, "", alias, how) as session:
            row, route = _alias(session, alias)
            _lead(row, route, guard=how)

    def models(self) -> list[Released]:
        """Return every model, by name."""
        with self._database.read() as session:
            return [
                _released(row) for row in session.scalars(select(ModelRow).order_by(ModelRow.id))
            ]

    def routes(self) -> dict[str, Route]:
        """Return where every alias leads now."""
        with self._database.read() as session:
            return {row.alias: _route(row) for row in session.scalars(select(AliasRow))}

    def changes(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the changes in order, from the one after a number."""
        with self._database.read() as session:
            rows = session.scalars(
                select(ChangeRow).where(ChangeRow.n > after).order_by(ChangeRow.n)
            )
            names = ("n", "at", "by", "action", "alias", "model", "reason")
            return [{name: getattr(row, name) for name in names} for row in rows]

    def forget(self) -> None:
        """Forget every model, alias and change: where lessons are recorded, each begins anew."""
        with self._database.write() as session:
            for row in (ChangeRow, AliasRow, ModelRow):
                session.execute(delete(row))

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    @contextmanager
    def _change(
        self, action: str, by: str, model: str, alias: str | None = None, reason: str = ""
    ) -> Iterator[Session]:
        if not by:
            raise UsageError("A change of the registry needs to know whose key makes it.")
        with self._database.write() as session:
            was = _known(session, alias)
            try:
                yield session
            except _NothingToDo:
                return
            session.flush()
            changed = model or _moved(was, _known(session, alias))
            session.add(
                ChangeRow(
                    at=_now(), by=by, action=action, alias=alias, model=changed, reason=reason
                )
            )


class _NothingToDo(Exception):
    """There is nothing to change, and nothing to note."""


def _known(session: Session, alias: str | None) -> Route | None:
    row = None if alias is None else session.get(AliasRow, alias)
    return None if row is None else _route(row)


def _moved(was: Route | None, now: Route | None) -> str:
    """Return the model that a change is about."""
    if now is None:
        return ""
    return (was and was.canary) or now.canary or (was and was.production) or now.production or ""


def _row(session: Session, model: str, *statuses: str) -> ModelRow:
    row = session.get(ModelRow, model)
    if row is None:
        raise UsageError(f"The model {model} is not in the registry: add it first.")
    if statuses and row.status not in statuses:
        raise UsageError(
            f"The model {model} is {row.status}, and must be {' or '.join(statuses)} for this."
        )
    return row


def _alias(session: Session, alias: str, *, made: bool = False) -> tuple[AliasRow, Route]:
    """Return an alias; one that is new is made where that is asked for."""
    if not alias or alias != alias.strip() or ":" in alias or "/" in alias:
        raise UsageError(f"{alias!r} is no alias: use letters, digits and hyphens, fund-bot.")
    row = session.get(AliasRow, alias)
    if row is None and not made:
        raise UsageError(f"There is no alias {alias}: a canary makes one.")
    if row is None:
        fresh = Route(alias, salt=secrets.token_hex(16))
        row = AliasRow(alias=alias, route=_kept(fresh), before=[], version=0)
        session.add(row)
    return row, _route(row)


def _lead(row: AliasRow, route: Route, **changes: Any) -> None:
    row.version += 1
    row.route = _kept(Route(**{**_fields(route), **changes, "version": row.version}))


def _fields(route: Route) -> dict[str, Any]:
    return {name: getattr(route, name) for name in route.__dataclass_fields__}


def _kept(route: Route) -> dict[str, Any]:
    return asdict(route)


def _route(row: AliasRow) -> Route:
    kept = dict(row.route)
    return Route(
        **{**kept, "allow": tuple(kept["allow"]), "limits": Limits(**kept["limits"])},
    )


def _released(row: ModelRow) -> Released:
    names = ("id", "status", "card", "added_by", "proposed_by", "approved_by", "changed_at")
    return Released(**{name: getattr(row, name) for name in names})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
