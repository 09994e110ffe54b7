"""The regression gate in pytest: a ``gate.toml`` with ``[runs]`` is a test file.

``pytest gate.toml`` (or any folder that holds one) runs each check of the gate as a test, on the
runs that it names, relative to the file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bankft.evals.gate import Check


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> "GateFile | None":
    """Take files named ``gate.toml`` that say which runs to compare."""
    if file_path.name != "gate.toml":
        return None
    import tomllib

    try:
        wanted = "runs" in tomllib.loads(file_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        wanted = True  # let it fail where it is read, with a sentence
    return GateFile.from_parent(parent, path=file_path) if wanted else None


class GateFile(pytest.File):
    """A gate, whose checks are tests."""

    def collect(self) -> Iterator["GateCheck"]:
        """Compare the runs and give a test a check."""
        from bankft.errors import BankftError
        from bankft.evals.comparison import compare_runs
        from bankft.evals.folder import read_run
        from bankft.evals.gate import check_gate, read_gate

        try:
            gate = read_gate(self.path)
            runs = [read_run(self.path.parent / gate.runs[key]) for key in ("before", "after")]
            checks = check_gate(compare_runs(*runs, confidence=gate.confidence), gate)
        except KeyError as missing:
            raise self.CollectError(f"{self.path}: [runs] lacks {missing}.") from None
        except BankftError as problem:
            raise self.CollectError(str(problem)) from None
        for check in checks:
            yield GateCheck.from_parent(self, name=check.name, check=check)


class GateCheck(pytest.Item):
    """One check of a gate."""

    def __init__(self, *, check: "Check", **given: Any) -> None:
        super().__init__(**given)
        self.check = check

    def runtest(self) -> None:
        """Fail where the check did."""
        if not self.check.passed:
            raise GateFailed(self.check.said)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> str:
        """Say it in a sentence, without a traceback."""
        if isinstance(excinfo.value, GateFailed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where the test comes from."""
        return self.path, None, f"gate: {self.name}"


class GateFailed(Exception):
    """A check of the gate does not hold."""
