"""The tables of the compliance rules, and the names in the tables of how often they are right."""

import json
from html import escape
from pathlib import Path

import pytest

from bankft import compliance
from bankft.compliance.rule import shipped
from bankft.site.results import NAMES, read_names
from bankft.site.rulebook import tables

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "benchmarks/experiments/compliance_accuracy.json"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_is_shown_with_its_clause(language):
    html = tables(shipped(), language)
    for rule in compliance.rules():
        assert f"<code>{rule.id}</code>" in html
        assert escape(rule.title[language]) in html


def test_an_unverified_citation_says_so():
    html = tables(shipped(), "zh")
    assert html.count("未核实") == sum(rule.clause.standing == "U" for rule in compliance.rules())
    assert html.count("二手来源") == sum(rule.clause.standing == "S" for rule in compliance.rules())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_key_and_value_that_was_measured_has_a_name(language):
    names = read_names(ROOT / NAMES, language)
    result = json.loads(MEASURED.read_text("utf-8"))
    tables_of = [value for value in result.values() if isinstance(value, list)]
    records = [one for table in tables_of for one in table if isinstance(one, dict)]
    assert set(result) | {key for one in records for key in one} <= set(names.keys)
    named = ("half", "counted", "judge", "hard", "kind")
    words = {one[key] for one in records for key in named if key in one}
    assert words <= set(names.values)


def test_the_page_s_own_pack_does_what_its_examples_say(tmp_path):
    page = (ROOT / "docs/reference/compliance.md").read_text("utf-8")
    path = tmp_path / "my_bank.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], "utf-8")
    (rule,) = compliance.load_pack(path).rules
    for text in rule.match:
        assert rule.id in {one.rule for one in compliance.check(text, packs=[path]).findings}
    for text in rule.no_match:
        assert rule.id not in {one.rule for one in compliance.check(text, packs=[path]).findings}
