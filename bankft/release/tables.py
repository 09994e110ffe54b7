"""What the registry remembers: models, aliases, and every change of them."""

from typing import Any

from sqlalchemy import JSON, Integer, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Base of the registry's tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON, str: Text}  # noqa: RUF012


class ModelRow(Table):
    """A model that may be released."""

    __tablename__ = "release_models"

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    card: Mapped[dict[str, Any]]
    added_by: Mapped[str]
    proposed_by: Mapped[str | None]
    approved_by: Mapped[str | None]
    changed_at: Mapped[str]


class AliasRow(Table):
    """Where an alias leads."""

    __tablename__ = "release_aliases"

    alias: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[dict[str, Any]]
    before: Mapped[list[str]] = mapped_column(default=list)  # earlier production models
    version: Mapped[int] = mapped_column(Integer, default=0)


class ChangeRow(Table):
    """Who changed what, and why."""

    __tablename__ = "release_changes"

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[str]
    by: Mapped[str]
    action: Mapped[str]
    alias: Mapped[str | None]
    model: Mapped[str]
    reason: Mapped[str]
