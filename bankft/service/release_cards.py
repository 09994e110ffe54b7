"""What the service knows of a model that is to be released: its card."""

import hashlib
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bankft.release import Profile, profile
from bankft.service.known import BaseModel, find, root
from bankft.service.store import Store
from bankft.service.tables import Checkpoint, Job, Model

_MOST = 20_000  # lines of a training file that its profile is made of


def file_digest(path: Path) -> str | None:
    """Return ``sha256:…`` of a file; None where it was deleted."""
    try:
        with path.open("rb") as opened:
            return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"
    except FileNotFoundError:
        return None


def card_of(store: Store, bases: Sequence[BaseModel], name: str) -> dict[str, Any] | None:
    """Return the card of a model from the job that made it; None where there is no such model."""
    with store.read() as session:
        found = find(store, session, bases, name)
        if found is None or found.kind == "reward":
            return None
        base = next((one for one in bases if one.name == root(name)), None)
        card: dict[str, Any] = {
            "digest": found.digest,
            "base": root(name),
            "base_digest": base.digest if base else None,
        }
        job = _job(session, name)
        if job is None:
            return card
        at = session.scalar(select(Checkpoint).where(Checkpoint.model == name)) or session.scalar(
            select(Checkpoint).where(Checkpoint.job_id == job.id).order_by(Checkpoint.step.desc())
        )
        card |= {
            "job": job.id,
            "recipe": {
                "method": job.method,
                "hyperparameters": job.hyperparameters,
                "asked": job.asked,
                "options": job.options,
            },
            "seed": job.seed,
            "metrics": dict(at.metrics) if at else {},
        }
        files = {"training_file": job.training_file, "validation_file": job.validation_file}
    for key, file_id in files.items():
        card[key] = None if file_id is None else file_digest(store.file_path(file_id))
    return card


def _job(session: Session, name: str) -> Job | None:
    """Return the job that made a model; None for a base."""
    model = session.scalar(select(Model).where(Model.id == name))
    return None if model is None else session.scalar(select(Job).where(Job.id == model.job_id))


def profile_of(store: Store, name: str) -> Profile | None:
    """Return what the questions look like that a model was trained on.

    None for a base, and where the training file was deleted.
    """
    with store.read() as session:
        job = _job(session, name)
    path = None if job is None else store.file_path(job.training_file)
    if path is None or not path.exists():
        return None
    with path.open(encoding="utf-8-sig") as lines:
        asked = [
            message.get("content")
            for line in islice(lines, _MOST)
            for message in _messages(line)
            if message.get("role") == "user"
        ]
    questions = [one for one in asked if isinstance(one, str)]
    return profile(questions) if questions else None


def _messages(line: str) -> list[dict[str, Any]]:
    """Return the messages of a line of any method's training file."""
    example = json.loads(line) if line.strip() else {}
    found = example.get("messages") or example.get("input", {}).get("messages") or []
    return [message for message in found if isinstance(message, dict)]
