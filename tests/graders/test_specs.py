"""Grader objects: every documented one loads and scores, and what is not fine is told by name."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import graders
from bankft.errors import DataError
from bankft.graders.keys import EFFORTS, METRICS, OPERATIONS, ROLES, SAMPLING, TYPES

DOCUMENTED = json.loads(Path(__file__).with_name("documented.json").read_text("utf-8"))["graders"]
EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "operation": "eq",
}
LIKE = {
    "type": "text_similarity",
    "name": "alike",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.answer }}",
    "evaluation_metric": "rouge_l",
}
SCORE = {
    "type": "score_model",
    "name": "judge",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": "Score: {{ sample.output_text }}"}],
}
LABEL = {**SCORE, "type": "label_model", "labels": ["good", "bad"], "passing_labels": ["good"]}
PYTHON = {"type": "python", "source": "def grade(sample, item): return 1.0"}
MULTI = {
    "type": "multi",
    "graders": {"exact": EXACT, "alike": LIKE},
    "calculate_output": "0.5 * exact + 0.5 * alike",
}
EACH = [EXACT, LIKE, SCORE, LABEL, PYTHON, MULTI]


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row["source"])
def test_documented_graders_load_and_stay_what_they_are(row):
    spec = row["spec"]
    assert graders.validate(spec) == []
    back = graders.to_spec(graders.from_spec(spec))
    assert back == {name: value for name, value in spec.items() if value is not None}
    assert graders.from_spec(back) == graders.from_spec(spec)


@pytest.mark.parametrize(
    ("spec", "case"),
    [(row["spec"], case) for row in DOCUMENTED for case in row.get("cases", ())],
    ids=lambda value: value.get("name", value.get("type")) if "type" in value else None,
)
def test_documented_graders_score(spec, case):
    source = json.dumps(spec)
    if '"python"' in source and not graders.available():
        pytest.skip("no sandbox works here")
    if "rapidfuzz" in source and not find_spec("rapidfuzz"):
        pytest.skip("OpenAI's example needs rapidfuzz")
    result = graders.grade(spec, case["sample"], case["item"])
    assert not result.errors
    assert result.reward == pytest.approx(case["reward"])


def test_those_without_a_score_need_a_model():
    for row in DOCUMENTED:
        if "cases" not in row:
            assert graders.asks_a_model(graders.from_spec(row["spec"])), row["source"]


def but(spec, **changes):
    return {**spec, **changes}


def without(spec, *names):
    return {name: value for name, value in spec.items() if name not in names}


def inside(member):
    return {"type": "multi", "graders": {"one": member}, "calculate_output": "one"}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        # no object, no type
        ([], "The grader must be an object"),
        ("exact", "The grader must be an object"),
        ({}, "field 'type' must be one of string_check"),
        (but(EXACT, type="regex"), "field 'type' must be one of string_check"),
        (but(EXACT, type=["multi"]), "field 'type' must be one of"),
        # unknown fields
        (but(EXACT, threshold=1), "unknown field 'threshold': a string_check grader has"),
        (but(EXACT, pass_threshold=1), "unknown field 'pass_threshold'"),
        (but(EXACT, **{"x" * 99: 1}), "unknown field with an unusual name"),
        (but(SCORE, sampling_params={"temprature": 1}), "unknown field 'temprature'"),
        # missing fields
        (without(EXACT, "name"), "lacks the field 'name'"),
        (without(LABEL, "labels"), "lacks the field 'labels'"),
        (without(PYTHON, "source"), "lacks the field 'source'"),
        (without(MULTI, "calculate_output"), "lacks the field 'calculate_output'"),
        # wrong types and values
        (but(EXACT, name=""), "field 'name' must be a text, not empty"),
        (but(EXACT, name=None), "field 'name' must be a text, not empty"),
        (but(EXACT, input=1), "field 'input' must be a text"),
        (but(EXACT, operation="neq"), "field 'operation' must be one of eq, ne, like, ilike"),
        (but(LIKE, evaluation_metric="rouge"), "field 'evaluation_metric' must be one of"),
        (but(LIKE, pass_threshold="0.5"), "field 'pass_threshold' must be a number"),
        (but(LIKE, pass_threshold=True), "field 'pass_threshold' must be a number"),
        (but(LIKE, pass_threshold=float("nan")), "field 'pass_threshold' must be a number"),
        (but(SCORE, range=[1, 0]), "field 'range' must begin with the lesser"),
        (but(SCORE, range=[0]), "field 'range' must hold two numbers"),
        (but(SCORE, range=[0, 10**400]), "field 'range' must hold two numbers"),
        (but(SCORE, input="Score it"), "field 'input' must be a list of messages"),
        (but(SCORE, input=[]), "field 'input' must be a list of messages"),
        (but(SCORE, input=["x"]), "message 1 must be an object"),
        (but(SCORE, input=[{"role": "tool", "content": "x"}]), "message 1 needs a role"),
        (but(SCORE, input=[{"role": "user"}]), "message 1 has a content that is neither"),
        (but(SCORE, input=[{"role": "user", "content": []}]), "message 1 has no content"),
        (
            but(SCORE, input=[{"role": "user", "content": {"type": "text", "text": "x"}}]),
            "message 1 has a content that is neither",
        ),
        (but(SCORE, sampling_params={"seed": 0.5}), "'seed' must be a whole number"),
        (but(LABEL, labels=["a", "a"]), "field 'labels' names a label twice"),
        (but(LABEL, passing_labels=["ok"]), "'passing_labels' must hold labels of 'labels' only"),
        # templates
        (but(EXACT, reference="{{ answer }}"), "placeholder 1 names no variable"),
        (but(EXACT, reference="{{ item }}"), "placeholder 1 names no variable"),
        (but(EXACT, reference="{{ item.a b }}"), "names no variable"),
        (
            but(SCORE, input=[{"role": "user", "content": "{{ output.text }}"}]),
            "message 1 cannot be read: placeholder 1 names no variable",
        ),
        # python
        (but(PYTHON, source="def grade(sample, item)"), "field 'source' is not Python: line 1"),
        (but(PYTHON, source="x = 1"), "must define a function grade(sample, item)"),
        (but(PYTHON, source="def grade(sample): return 1"), "exactly two arguments"),
        (but(PYTHON, source="def grade(a, b, c): return 1"), "exactly two arguments"),
        (but(PYTHON, source="async def grade(a, b): return 1"), "a plain function"),
        (but(PYTHON, source="#" * 256 * 1024), "too long: less than 256 kB"),
        (but(PYTHON, source="\0"), "is not Python"),
        (but(PYTHON, source="(" * 5000), "is not Python"),
        (but(PYTHON, image_tag=2025), "field 'image_tag' must be a text"),
        # multi
        (inside(MULTI), "a multi grader may not stand inside another"),
        (inside(but(EXACT, operation="is")), "member one's field 'operation' must be"),
        (but(MULTI, graders={}), "field 'graders' must be an object of graders"),
        (but(MULTI, graders=[1]), "field 'graders' must hold grader objects only"),
        (but(MULTI, graders={"a b": EXACT}), "a grader 'a b', which no formula can name"),
        (but(MULTI, calculate_output="exact + close"), "names 'close', which is none of"),
        (but(MULTI, calculate_output="exact +"), "is no formula: The formula ends too early"),
        (but(MULTI, calculate_output="exact * alike)"), "is no formula"),
        (but(MULTI, calculate_output="__import__('os')"), "is no formula"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_what_is_wrong_is_told(spec, said):
    problems = graders.validate(spec)
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("The grader") and problem.endswith(".") for problem in problems)
    with pytest.raises(DataError):
        graders.from_spec(spec)


def test_every_problem_is_told_at_once():
    problems = graders.validate({"type": "string_check", "input": 1, "operation": "is", "x": 0})
    assert len(problems) == 5  # an unknown field, two that lack, two that are wrong


@pytest.mark.parametrize("spec", EACH, ids=lambda spec: spec["type"])
def test_each_kind_survives_json(spec):
    one = graders.from_spec(json.loads(json.dumps(spec)))
    assert graders.to_spec(one) == spec
    assert graders.from_spec(graders.to_spec(one)) == one


@pytest.mark.parametrize(
    "source",
    [
        "def grade(sample, item=None): return 1",
        "def grade(*both): return 1",
        "grade = lambda sample, item: 1",
        "if True:\n    def grade(a, b): return 1",
        "from json import loads as grade",
        'def grade(a, b):\n    "\\d"\n    return 1',  # an escape that Python warns of
    ],
)
def test_a_source_may_define_grade_in_other_ways(source):
    assert graders.validate(but(PYTHON, source=source)) == []


def test_a_multi_grader_as_the_types_of_the_sdk_have_it():
    spec = {"type": "multi", "name": "m", "graders": EXACT, "calculate_output": "exact"}
    one = graders.from_spec(spec)
    assert graders.to_spec(one) == spec
    assert graders.grade(one, "R2", {"answer": "R2"}).reward == 1.0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)
FIELDS = sorted({name for spec in EACH for name in spec} | {"range", "pass_threshold", "id"})


@given(
    st.sampled_from(EACH),
    st.dictionaries(st.sampled_from(FIELDS), json_values | st.sampled_from(EACH), max_size=3),
)
def test_no_object_raises_anything_else(spec, changes):
    changed = {**spec, **changes}
    problems = graders.validate(changed)
    if problems:
        assert all(isinstance(problem, str) for problem in problems)
    else:
        assert graders.validate(graders.to_spec(graders.from_spec(changed))) == []


# -- OpenAI's own description ----------------------------------------------------------------------

SCHEMAS = json.loads(Path(__file__).with_name("openai-schemas.json").read_text("utf-8"))["schemas"]
# What the guide and the answers of evals have beyond the description.
BEYOND = {
    "string_check": {"id"},
    "text_similarity": {"id"},
    "score_model": {"id"},
    "label_model": {"id", "sampling_params"},
    "python": {"id"},
    "multi": {"id"},
}
LEFT_OUT = {"python": {"name"}, "multi": {"name"}}  # by the guide's examples


@pytest.mark.parametrize("kind", TYPES)
def test_fields_are_openai_s(kind):
    base = "Grader" + "".join(word.title() for word in kind.split("_"))
    schema = SCHEMAS[base]
    evals = SCHEMAS.get(f"Eval{base}", {"allOf": []})
    of_evals = {name for part in evals["allOf"] for name in part.get("properties", {})}
    must, may = TYPES[kind]
    assert {"type", *must, *may} == {*schema["properties"], *of_evals} | BEYOND[kind]
    assert {"type", *must} == set(schema["required"]) - LEFT_OUT.get(kind, set())


def test_values_are_openai_s():
    assert list(OPERATIONS) == SCHEMAS["GraderStringCheck"]["properties"]["operation"]["enum"]
    metrics = SCHEMAS["GraderTextSimilarity"]["properties"]["evaluation_metric"]["enum"]
    assert set(METRICS) == set(metrics)
    assert set(ROLES) == set(SCHEMAS["EvalItem"]["properties"]["role"]["enum"])
    sampling = SCHEMAS["GraderScoreModel"]["properties"]["sampling_params"]["properties"]
    assert set(SAMPLING) == {*sampling, "max_tokens"}
    efforts = {
        value for part in SCHEMAS["ReasoningEffort"]["anyOf"] for value in part.get("enum", ())
    }
    assert set(EFFORTS) == efforts
