"""How an experiment's result is kept: JSON with a digest of the code that made it.

A result whose sources have changed since is stale; ``tests/test_experiments.py`` says which.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def digest(sources: list[str]) -> str:
    """Return one sha256 over the files that the patterns name, in order of their paths."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in sources for path in ROOT.glob(pattern)}):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return f"sha256:{total.hexdigest()}"


def loaded(*rooms: str) -> list[str]:
    """Return the modules of the rooms (``"bankft.engine"``) that this run has used, as paths.

    A room's ``__init__`` only hands names on, and is left out: a new name there changes nothing.
    """
    files = [
        Path(str(module.__file__)).resolve().relative_to(ROOT).as_posix()
        for name, module in list(sys.modules.items())
        if name.startswith(tuple(f"{room}." for room in rooms)) and module.__file__
    ]
    return sorted(file for file in files if not file.endswith("__init__.py"))


def write(script: str, sources: list[str], result: dict[str, Any]) -> Path:
    """Write ``<script>.json`` beside the script and return its path."""
    path = Path(script).with_suffix(".json")
    document = {"sources": sources, "code": digest(sources), **result}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
