"""Formulas: computed as written, and nothing but a formula is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft.errors import DataError
from bankft.graders.formula import FUNCTIONS, Undefined, read_formula

REWARDS = {"a": 0.5, "b": 2.0, "min": 7.0, "合规": 1.0, "a_1": 3.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        (".5", 0.5),
        ("1e-1", 0.1),
        ("2.", 2),
        ("a", 0.5),
        ("合规 * 2", 2),
        ("a_1", 3),
        ("0.5 * a + 0.5 * b", 1.25),
        ("(a + b) / 2", 1.25),
        # precedence and side
        ("1 + 2 * 3", 7),
        ("10 - 2 - 3", 5),
        ("8 / 2 / 2", 2),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("2 ^ -1", 0.5),
        ("2 * -3", -6),
        ("--1", 1),
        ("+a", 0.5),
        # functions
        ("min(a, b, 1)", 0.5),
        ("max(a, b)", 2),
        ("min(a)", 0.5),
        ("abs(-3)", 3),
        ("floor(2.9)", 2),
        ("ceil(2.1)", 3),
        ("exp(0)", 1),
        ("sqrt(16)", 4),
        ("log(exp(2))", 2),
        ("min", 7),  # a grader may be called so
        ("min(min, 1)", 1),
    ],
)
def test_value(text, value):
    assert read_formula(text)(REWARDS) == pytest.approx(value)


@pytest.mark.parametrize("text", ["1/0", "0^-1", "log(0)", "sqrt(-1)", "(-8)^0.5", "exp(9999)"])
def test_without_a_value(text):
    with pytest.raises(Undefined):
        read_formula(text)(REWARDS)


def test_not_finite():
    with pytest.raises(Undefined):
        read_formula("a")({"a": math.inf})
    with pytest.raises(Undefined):
        read_formula("1e308 * 10")({})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends too early"),
        ("a +", "ends too early"),
        ("a b", "character 3: an operator was expected"),
        ("a)", "character 2"),
        ("(a", "ends too early"),
        ("a ** b", "character 4"),
        ("a % b", "character 3"),
        ("a // b", "character 4"),
        ("a.b", "character 2"),
        ("a[0]", "character 2"),
        ("a == b", "character 3"),
        ("a if b else 1", "character 3"),
        ("lambda: 1", "character 7"),
        ("'a'", "character 1"),
        ("round(a)", "no such function"),
        ("eval(a)", "no such function"),
        ("sqrt(a, b)", "sqrt takes one value"),
        ("min()", "a number, a grader's name"),
        ("1 2", "character 3"),
        ("(" * 60 + "a" + ")" * 60, "nested 50 deep"),
        ("-" * 60 + "a", "nested 50 deep"),
        ("^".join("a" * 60), "nested 50 deep"),
        ("a+" * 3000 + "a", "4096 characters"),
    ],
)
def test_what_is_no_formula(text, said):
    with pytest.raises(DataError) as caught:
        read_formula(text)
    assert said in str(caught.value)


def test_variables():
    assert read_formula("a + min(b, 1) * a").variables == {"a", "b"}


pieces = st.sampled_from([*"+-*/^(),. ", "1", "0.5", "1e9", "a", "b", "x", *FUNCTIONS, "__class__"])


@given(st.lists(pieces, max_size=30).map("".join) | st.text(max_size=20))
def test_nothing_else_is_raised(text):
    try:
        formula = read_formula(text)
        formula(dict.fromkeys(formula.variables, 0.3))
    except (DataError, Undefined):
        return


numbers = st.floats(0.1, 9).map(lambda x: f"{x:.3f}") | st.integers(1, 9).map(str)
sums = st.recursive(
    numbers,
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda t: f"({t[0]} {t[1]} {t[2]})"
    ),
    max_leaves=10,
)


@given(sums)
def test_as_python_computes_it(text):
    """Python's own arithmetic on formulas that we wrote is the measure here."""
    try:
        wanted = eval(text)
    except ZeroDivisionError:
        return
    assert read_formula(text)({}) == pytest.approx(wanted)
