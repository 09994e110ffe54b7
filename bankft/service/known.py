"""Which models there are: the bases that the service was started with, and what was trained."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bankft.engine import digest, nano_path
from bankft.errors import UsageError
from bankft.service.store import Store
from bankft.service.tables import Model

Kind = Literal["chat", "reward"]
NANO = "bankft-nano"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class BaseModel:
    """A model that is there before any training."""

    name: str
    folder: Path
    digest: str
    created: int  # Unix time
    shipped: bool = True  # with the package: small enough to train all of its weights


@dataclass(frozen=True)
class Known:
    """A model that can be used: a base, a fine-tuned one or a checkpoint.

    A ``reward`` model scores whole conversations; a ``chat`` model answers them.
    """

    name: str
    folder: Path
    digest: str
    created: int
    kind: Kind = "chat"
    base: BaseModel | None = None  # itself, where it is one


def base_models(named: Sequence[str | Path]) -> list[BaseModel]:
    """Return the base models that a service is started with, the main one first.

    Args:
        named: ``NAME=FOLDER`` or a folder each; see ``bankft.service.serve``.

    Raises:
        BaseModelUnreadable: a folder is not a model's.
        UsageError: a name is no plain word, or given twice.

    """
    folders: dict[str, Path] = {}
    main = NANO
    for one in map(str, named):
        name, sign, folder = one.partition("=")
        path = Path(folder if sign else one).expanduser().resolve()
        if not sign:
            name = main = path.name
        if not _NAME.fullmatch(name) or name in folders:
            raise UsageError(
                f"The base {one!r} cannot be called so: give each another name of letters, digits, "
                "'.', '_' and '-', as in NAME=FOLDER."
            )
        folders[name] = path
    folders.setdefault(main, nano_path())
    order = sorted(folders, key=lambda name: name != main)
    return [
        BaseModel(
            name=name,
            folder=folders[name],
            digest=digest(folders[name]),
            created=int((folders[name] / "config.json").stat().st_mtime),
            shipped=folders[name] == nano_path(),
        )
        for name in order
    ]


def find(store: Store, session: Session, bases: Sequence[BaseModel], name: str) -> Known | None:
    """Return the model of a name, None where there is none."""
    for base in bases:
        if base.name == name:
            return Known(name, base.folder, base.digest, base.created, "chat", base)
    row = session.scalar(select(Model).where(Model.id == name))
    if row is None:
        return None
    kind: Kind = "reward" if row.kind == "reward" else "chat"
    return Known(name, store.model_folder(row), row.digest, row.created_at, kind)


def root(name: str) -> str:
    """Return the name of the base that a model was trained from, its own where it is a base.

    >>> root("ft:bankft-nano:bankft:v1:a1b2c3d4:ckpt-step-6")
    'bankft-nano'
    """
    return name.split(":")[1] if name.startswith("ft:") else name
