"""A published result belongs to the code beside it: change one, make the other again."""

import json
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks" / "experiments"
sys.path.insert(0, str(FOLDER))

from result import digest  # noqa: E402  (a script's neighbour, not a package)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_result_matches_the_code_that_made_it(path):
    result = json.loads(path.read_text(encoding="utf-8"))
    assert result["code"] == digest(result["sources"]), (
        f"{path.name} was made by other code: run nox -s experiments"
    )
