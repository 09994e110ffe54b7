"""Result tables: each number once, named in the page's language, nothing taken for markup."""

import json
import re
from pathlib import Path

import pytest

from bankft.site.results import NAMES, UNSHOWN, Names, read_names, tables

ROOT = Path(__file__).parents[2]

PAGES = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "tutorials").rglob("*.md"), ROOT / "index.md"]
PUBLISHED = sorted(
    ROOT / shown
    for page in PAGES
    for shown in re.findall(r"^```\{results\} (\S+\.json)$", page.read_text("utf-8"), re.MULTILINE)
)
PLAIN = Names({"exact": "Exact"}, {"zh": "Chinese", "true": "yes"}, frozenset({"exact"}))


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        ({"rows": [{"exact": 0.974}]}, "97.4\u202f%"),  # a share, as per cent
        ({"tokens": 3_633_836}, "3,633,836"),  # a large count, set apart
        ({"steps": 950}, ">950<"),  # a small one, as it is
        ({"seed": 20261121}, ">20261121<"),  # a name rather than a number
        ({"rows": [{"valid_json": None}]}, ">–<"),  # not measured
        ({"rows": [{"language": "zh"}]}, ">Chinese<"),  # a value that has a name
        ({"bf16": True}, ">yes<"),
        ({"name": "<b>"}, "&lt;b&gt;"),  # text, never markup
    ],
)
def test_a_number_is_shown(result, shown):
    assert shown in tables(result, PLAIN)


def test_lists_of_plain_values_are_left_out():
    assert "secret.py" not in tables({"sources": ["secret.py"]}, PLAIN)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_every_key_of_a_published_result_has_a_name(path, language):
    names = read_names(ROOT / NAMES, language)
    result = json.loads(path.read_text("utf-8"))
    keys = set(result) - set(UNSHOWN)
    for value in (one for key, one in result.items() if key in keys):
        for record in value if isinstance(value, list) else [value]:
            keys |= set(record) if isinstance(record, dict) else set()
    libraries = set(result.get("versions", {}))  # have names of their own
    assert keys - libraries <= set(names.keys)
