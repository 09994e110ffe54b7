"""Packs: the examples that they bring, and what is said of one that is not fine."""

import re

import pytest

from bankft import compliance
from bankft.compliance.rule import PRODUCTS
from bankft.errors import DataError

RULES = compliance.rules()


def product_of(rule):
    return next(product for product in PRODUCTS if product in rule.scope["product"])


def _id(one):
    return one if isinstance(one, str) else one.id


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.match], ids=_id
)
def test_a_rule_finds_its_own_examples(rule, text):
    judgement = compliance.check(text, product=product_of(rule))
    assert rule.id in {one.rule for one in judgement.findings}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.no_match], ids=_id
)
def test_a_rule_lets_its_own_counterexamples_pass(rule, text):
    judgement = compliance.check(text, product=product_of(rule))
    assert rule.id not in {one.rule for one in judgement.findings}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_told_in_both_languages_with_examples_and_its_source(rule):
    assert set(rule.title) == {"zh", "en"}
    assert rule.match
    assert rule.no_match
    if rule.basis == "industry_practice":
        assert not rule.clause.article
    else:
        assert rule.clause.law
        assert rule.clause.checked
        # No article number is taken from a secondary or unverified source.
        assert rule.clause.standing in ("V", "V2", "R") or not rule.clause.article


def test_a_part_of_the_rules_is_held_out():
    assert 0 < sum(rule.held_out for rule in RULES) < len(RULES) / 2


OWN = """
[pack]
id = "own"
version = "1"

[[rule]]
id = "own-word"
title = { zh = "本行禁用词", en = "A word that our bank does not use" }
basis = "industry_practice"
severity = "low"
verdict = "violation"
patterns = ["财神(爷)?到"]
match = ["财神到！"]
no_match = ["基金"]
"""


def test_a_bank_adds_its_own_pack_by_a_path(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    found = compliance.check("财神爷到！", packs=[path]).findings
    assert found[0].rule == "own-word"
    assert compliance.check("财神爷到！").findings[0].rule != "own-word"
    assert compliance.digest(packs=[path]) != compliance.digest()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('verdict = "violation"', 'verdict = "bad"', "own-word, field verdict"),
        ('severity = "low"', 'severity = "huge"', "own-word, field severity"),
        ('basis = "industry_practice"', 'law = "X"', "own-word, field law"),
        ('severity = "low"', 'severity = "low"\nlaw = "A"', "may not cite a clause"),
        ('"财神(爷)?到"', '"财神(爷"', r"own-word, field patterns.*\) is missing"),
        ('"财神(爷)?到"', '"{none}"', "no group of words called 'none'"),
        ('"财神(爷)?到"', '"#"', "no literal text"),
        ('"财神(爷)?到"', '"(?<!很..)财神"', "must be plain words"),
        ('id = "own-word"', 'id = "missing-word"', "own|missing"),
        ('id = "own-word"', "", "field id"),
        ('severity = "low"', 'severity = "low"\nscope = { product = ["gold"] }', "field scope"),
        ('severity = "low"', 'severity = "low"\neffective = { from = "2026" }', "field effective"),
        ('severity = "low"', 'severity = "low"\nseverty = 1', "field severty"),
        ('severity = "low"', 'severity = "low"\nheld_out = 1', "field held_out"),
        ('severity = "low"', 'severity = "low"\nexemptions = ["all"]', "field exemptions"),
        ('severity = "low"', 'severity = "low"\nunless = [{ reason = "x" }]', "field unless"),
        ('id = "own"', "", r"\[pack\] has no id"),
        ("[[rule]]", "[[rule]", "not valid TOML"),
        ('title = { zh = "本行禁用词", en = "A word that our bank does not use" }', "", "title"),
    ],
)
def test_a_pack_that_is_not_fine_is_refused_with_file_rule_and_field(tmp_path, old, new, told):
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=told) as refusal:
        compliance.load_pack(path)
    assert "own.toml" in str(refusal.value)


def test_a_rule_may_not_have_the_id_of_a_shipped_one(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace("own-word", "fund-principal"), encoding="utf-8")
    with pytest.raises(DataError, match="fund-principal"):
        compliance.check("基金", packs=[path])


def test_a_pack_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        compliance.load_pack(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("article", "cited"),
    [
        ("第九条第（三）项", "Some Law, art. 9(3)"),
        ("第二十四条第（十二）项", "Some Law, art. 24(12)"),
        ("第五十六条第三款", "Some Law, art. 56, para. 3"),
        ("第一百零二条第一款第（一）项", "Some Law, art. 102, para. 1(1)"),
        ("", "Some Law"),
    ],
)
def test_an_article_is_cited_in_english(article, cited):
    clause = compliance.Clause("某法", article, english="Some Law")
    assert (clause.cite("en"), clause.cite("zh")) == (cited, f"某法{article}")


def test_every_shipped_clause_is_cited_in_english():
    cited = [rule.clause.cite("en") for rule in compliance.rules()]
    assert not re.search("[一-鿿]", " ".join(cited))
