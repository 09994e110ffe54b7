"""Grading: what a sample is worth, and by which name it is told that something went wrong."""

import asyncio
import json
from dataclasses import asdict

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft import graders
from bankft.errors import UsageError
from bankft.graders import abatch, agrade, batch, grade

from .host import running
from .test_specs import DOCUMENTED, EXACT, LABEL, LIKE, MULTI, PYTHON, SCORE

python = pytest.mark.skipif(not graders.available(), reason="no sandbox works here")


@pytest.fixture(scope="module")
def host():
    with running() as server:
        yield server


@pytest.fixture
def client(host):
    url = f"http://127.0.0.1:{host.server_port}/v1"
    with openai.OpenAI(base_url=url, api_key="any", max_retries=0) as client:
        yield client


def wrong(result):
    return {name for name, value in asdict(result.errors).items() if value}


def but(spec, **changes):
    return {**spec, **changes}


# -- Without a model -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "sample", "answer", "reward"),
    [
        ("eq", "R2", "R2", 1),
        ("eq", "R2", "r2", 0),
        ("eq", "R2 ", "R2", 0),  # nothing is trimmed
        ("ne", "R2", "R3", 1),
        ("ne", "R2", "R2", 0),
        ("like", "该基金属于中低风险（R2）。", "R2", 1),
        ("like", "R2", "该基金属于中低风险（R2）。", 0),  # the input holds the reference
        ("like", "r2", "R2", 0),
        ("like", "anything", "", 1),
        ("ilike", "grade r2", "R2", 1),
        ("ilike", "STRASSE", "straße", 1),
        ("ilike", "grade r3", "R2", 0),
        ("eq", "1.0", 1.0, 1),  # a number stands as JSON has it
        ("eq", "true", True, 1),
    ],
)
def test_string_check(operation, sample, answer, reward):
    result = grade(but(EXACT, operation=operation), sample, {"answer": answer})
    assert (result.reward, result.passed) == (reward, bool(reward))
    assert not result.errors


def test_text_similarity_passes_at_its_threshold():
    for threshold, passed in [(0.5, True), (2 / 3, True), (0.7, False), (None, None)]:
        spec = but(LIKE, pass_threshold=threshold)
        result = grade(spec, "a c b", {"answer": "a b c"})
        assert result.reward == pytest.approx(2 / 3)
        assert result.passed is passed


@pytest.mark.parametrize(
    ("reference", "sample", "error"),
    [
        ("{{ item.other }}", "x", {"invalid_variable_error"}),
        ("{{ sample.output_tools[0].function.name }}", "x", {"invalid_variable_error"}),
        ("{{ sample.output_audio.transcript }}", "x", {"invalid_variable_error"}),
        ("{{ sample.output_json.risk }}", "no JSON", {"sample_parse_error"}),
        ("{{ sample.output_json.risk }}", "NaN", {"sample_parse_error"}),
        ("{{ sample.output_json.risk }}", "[" * 10**5, {"sample_parse_error"}),
        ("{{ sample.output_json.risk }}", '{"grade": 1}', {"invalid_variable_error"}),
        ("{{ sample.output_json.risk }}", "1", {"invalid_variable_error"}),
    ],
)
def test_what_a_template_misses_is_told(reference, sample, error):
    for spec in (but(EXACT, reference=reference), but(LIKE, reference=reference)):
        result = grade(spec, sample, {"answer": "x"})
        assert (result.reward, wrong(result)) == (0.0, error)
        assert not result.passed


def test_a_sample_of_tool_calls():
    call = {"id": "call_1", "type": "function", "function": {"name": "fee", "arguments": "{}"}}
    sample = {"output_text": "", "output_tools": [call]}
    reference = "{{ sample.output_tools[0].function.name }}"
    spec = but(EXACT, input="fee", reference=reference)
    assert grade(spec, sample).reward == 1.0
    spec = but(spec, reference="{{ sample.choices[0].message.tool_calls[0].function.name }}")
    assert grade(spec, sample).reward == 1.0


def test_multi():
    result = grade(MULTI, "a b c", {"answer": "a b d"})
    assert result.sub_rewards == {"exact": 0.0, "alike": pytest.approx(2 / 3)}
    assert result.reward == pytest.approx(1 / 3)
    assert (result.type, result.name) == ("multi", "multi")
    assert result.metadata["scores"] == result.sub_rewards


def test_multi_with_an_error_in_one_part():
    parts = {"exact": EXACT, "alike": but(LIKE, reference="{{ item.other }}")}
    result = grade(but(MULTI, graders=parts), "R2", {"answer": "R2"})
    assert result.reward == 0.5
    assert wrong(result) == {"invalid_variable_error"}


def test_multi_whose_formula_has_no_value():
    result = grade(but(MULTI, calculate_output="1 / exact"), "R2", {"answer": "R3"})
    assert (result.reward, wrong(result)) == (0.0, {"formula_parse_error"})


@python
def test_python():
    source = "def grade(sample, item):\n    return len(sample['output_text']) / item['most']"
    result = grade(but(PYTHON, source=source, pass_threshold=0.5), "R2", {"most": 4})
    assert (result.reward, result.passed) == (0.5, True)
    assert result.sandbox == graders.available()[0]
    assert result.metadata["bankft"]["sandbox"] == result.sandbox


@python
def test_python_that_fails():
    source = "def grade(sample, item):\n    return sample['x']"
    result = grade(but(PYTHON, source=source), "R2")
    assert (result.reward, wrong(result)) == (
        0.0,
        {"python_grader_runtime_error", "python_grader_runtime_error_details"},
    )
    assert (
        result.errors.python_grader_runtime_error_details == "KeyError: 'x' (line 2 of the source)"
    )


@python
def test_a_batch_in_one_sandbox():
    source = "def grade(sample, item):\n    return 1 / item['n']"
    spec = {"type": "multi", "calculate_output": "p + 0 * e"}
    spec["graders"] = {"p": but(PYTHON, source=source), "e": but(EXACT, reference="x")}
    done = batch(spec, ["x"] * 5, [{"n": n} for n in range(5)])
    assert [r.reward for r in done] == [0, 1, 1 / 2, pytest.approx(1 / 3), 1 / 4]
    assert [bool(r.errors) for r in done] == [True, False, False, False, False]


def test_the_answer_has_openai_s_fields():
    from openai.types.fine_tuning.alpha import GraderRunResponse

    row = next(row for row in DOCUMENTED if row["spec"]["type"] == "multi" and "cases" in row)
    result = grade(row["spec"], row["cases"][0]["sample"], row["cases"][0]["item"])
    answer = GraderRunResponse.model_validate(json.loads(json.dumps(result.to_dict())))
    assert answer.reward == result.reward
    theirs = type(answer.metadata.errors).model_fields
    assert set(asdict(result.errors)) == {one.alias or name for name, one in theirs.items()}


def test_texts_too_long_to_compare():
    result = grade(LIKE, "x" * 10_001, {"answer": "x"})
    assert (result.reward, wrong(result)) == (0.0, {"truncated_observation_error"})
    many = but(EXACT, input="{{ sample.output_text }}" * 1000)
    assert wrong(grade(many, "x" * 10**5, {"answer": "x"})) == {"other_error"}


@given(
    st.sampled_from([EXACT, LIKE, but(LIKE, evaluation_metric="fuzzy_match"), MULTI]),
    st.text(st.characters()) | st.text(),
    st.dictionaries(st.sampled_from(["answer", "x"]), st.text(st.characters()) | st.floats()),
)
def test_no_sample_and_no_item_raises(spec, sample, item):
    assert 0 <= grade(spec, sample, item).reward <= 1 + 1e-9


# -- With a model ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "reward", "error"),
    [
        ("says-0.7", 0.7, set()),
        ("says-json", 0.25, set()),
        ("says-fenced", 1.0, set()),
        ("says-text-number", 0.5, set()),
        # cut to the range
        ("says-2", 1.0, set()),
        ("says-minus", 0.0, set()),
        # no numbers
        ("says-words", 0.0, {"model_grader_parse_error"}),
        ("says-nan", 0.0, {"model_grader_parse_error"}),
        ("says-true", 0.0, {"model_grader_parse_error"}),
        ("says-nothing", 0.0, {"model_grader_parse_error"}),
        ("refuses", 0.0, {"model_grader_refusal_error"}),
        ("missing", 0.0, {"model_grader_server_error", "model_grader_server_error_details"}),
        ("strange", 0.0, {"model_grader_server_error", "model_grader_server_error_details"}),
        # a host without structured outputs
        ("plain", 0.5, set()),
    ],
)
def test_score_model(client, model, reward, error):
    result = grade(but(SCORE, pass_threshold=0.5), "R2", client=client, models={"gpt-4o": model})
    assert (result.reward, wrong(result)) == (reward, error)
    assert result.passed is (None if error else reward >= 0.5)
    assert result.sampled_model_name == model
    if not result.errors:
        used = {"prompt_tokens": 10, "total_tokens": 13, "completion_tokens": 3, "cached_tokens": 0}
        assert result.to_dict()["model_grader_token_usage_per_model"] == {model: used}
        assert result.metadata["token_usage"] == 13


def test_the_range_of_a_score(client):
    ask = {"client": client, "models": {"gpt-4o": "says-2"}}
    assert grade(but(SCORE, range=[0, 10]), "R2", **ask).reward == 2.5
    assert grade(but(SCORE, range=[3, 5]), "R2", **ask).reward == 3.0


@pytest.mark.parametrize(
    ("model", "reward", "label", "error"),
    [
        ("says-good", 1.0, "good", set()),
        ("says-bad", 0.0, "bad", set()),
        ("says-Good", 0.0, None, {"model_grader_parse_error"}),
        ("says-words", 0.0, None, {"model_grader_parse_error"}),
    ],
)
def test_label_model(client, model, reward, label, error):
    result = grade(LABEL, "R2", client=client, models={"gpt-4o": model})
    assert (result.reward, result.label, wrong(result)) == (reward, label, error)
    assert result.passed is bool(reward)


def test_a_text_that_cannot_be_sent(client):
    result = grade(SCORE, "\ud800", client=client)
    assert result.errors.model_grader_server_error


def test_what_a_model_is_asked(client, host):
    spec = but(
        SCORE,
        sampling_params={"seed": 42, "temperature": 0, "max_completions_tokens": 9},
        input=[
            {"role": "developer", "content": "Grade {{ item.fund }}."},
            {
                "role": "user",
                "type": "message",
                "content": [
                    {"type": "input_text", "text": "{{ sample.output_text }}"},
                    {"type": "input_image", "image_url": "{{ item.url }}", "file_id": None},
                ],
            },
        ],
    )
    item = {"fund": "稳健一号", "url": "https://example.com/chart.png"}
    grade(spec, "R2", item, client=client)
    asked = host.asked[-1]
    form = asked.pop("response_format")["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["required"] == ["steps", "result"]
    assert asked == {
        "model": "gpt-4o",
        "seed": 42,
        "temperature": 0,
        "max_completion_tokens": 9,
        "messages": [
            {"role": "developer", "content": "Grade 稳健一号."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "R2"},
                    {"type": "image_url", "image_url": {"url": "https://example.com/chart.png"}},
                ],
            },
        ],
    }


@pytest.mark.parametrize(
    "row", [row for row in DOCUMENTED if "cases" not in row], ids=lambda row: row["source"]
)
def test_documented_graders_take_any_served_model(client, row):
    item = dict.fromkeys(("reference_answer", "input", "response", "label", "compliant"), "x")
    item |= {
        "explanation": "x",
        "target_phrase": "x",
        "audio_clip_b64": "eA==",
        "correct_label": "x",
    }
    one = graders.from_spec(row["spec"])
    parts = one.graders.values() if isinstance(one, graders.MultiGrader) else [one]
    scores = any(isinstance(part, graders.ScoreModelGrader) for part in parts)
    served = "says-0.7" if scores else "says-words"
    models = {part.model: served for part in parts if hasattr(part, "model")}
    result = grade(one, '{"compliant": "x"}', item, client=client, models=models)
    if scores:
        assert not result.errors, result
        assert result.reward == pytest.approx(0.85 if len(parts) > 1 else 0.7)
    else:  # the answer is none of the grader's labels
        assert wrong(result) == {"model_grader_parse_error"}


def test_cosine_by_a_served_model(client):
    spec = but(LIKE, evaluation_metric="cosine", pass_threshold=0.9)
    served = {"text-embedding-3-large": "letters"}
    assert grade(spec, "abc", {"answer": "cba"}, client=client, models=served).reward == 1.0
    result = grade(spec, "a", {"answer": "b"}, client=client, models=served)
    assert (result.reward, result.passed, result.sampled_model_name) == (0.0, False, "letters")


@pytest.mark.parametrize("spec", [SCORE, LABEL, but(LIKE, evaluation_metric="cosine")])
def test_without_a_client_is_used_wrongly(spec):
    with pytest.raises(UsageError, match="asks a model: give a client"):
        grade(spec, "R2", {"answer": "x"})


def test_a_batch_asks_side_by_side(client, host):
    host.most = 0
    host.gate.clear()

    async def run():
        async with openai.AsyncOpenAI(base_url=str(client.base_url), api_key="any") as aclient:
            task = asyncio.create_task(abatch(SCORE, ["x"] * 12, client=aclient, limit=4))
            while host.now < 4:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            host.gate.set()
            return await task

    assert [r.reward for r in asyncio.run(run())] == [0.5] * 12
    assert host.most == 4
    assert [r.reward for r in batch(SCORE, ["x"] * 3, client=client)] == [0.5] * 3


def test_a_template_that_fails_asks_nothing(client, host):
    before = len(host.asked)
    spec = but(SCORE, input=[{"role": "user", "content": "{{ item.a }}"}])
    done = batch(spec, ["x", "x"], [{}, {"a": 1}], client=client, models={"gpt-4o": "says-0.7"})
    assert [r.reward for r in done] == [0.0, 0.7]
    assert wrong(done[0]) == {"invalid_variable_error"}
    assert len(host.asked) == before + 1


def test_async(client):
    async def run():
        ask = {"models": {"gpt-4o": "says-json"}}
        async with openai.AsyncOpenAI(base_url=str(client.base_url), api_key="any") as aclient:
            awaited = await agrade(SCORE, "R2", client=aclient, **ask)
        threaded = await agrade(SCORE, "R2", client=client, **ask)
        return awaited, threaded, await agrade(EXACT, "R2", {"answer": "R2"})

    assert [r.reward for r in asyncio.run(run())] == [0.25, 0.25, 1.0]


def test_an_async_client_is_awaited():
    with pytest.raises(UsageError, match="agrade"):
        grade(SCORE, "R2", client=openai.AsyncOpenAI(api_key="any", base_url="http://127.0.0.1:1"))


def test_progress_is_shown_on_request(client, capsys):
    batch(SCORE, ["x"] * 3, client=client, progress=True)
    assert "3/3" in capsys.readouterr().err
    batch(EXACT, ["x"] * 3, [{"answer": "x"}] * 3, progress=True)
    assert capsys.readouterr().err == ""


def test_used_wrongly():
    with pytest.raises(UsageError, match="2 samples, but 1 items"):
        batch(EXACT, ["a", "b"], [{}])
    with pytest.raises(UsageError, match="limit is 0"):
        batch(EXACT, ["a"], limit=0)
    assert batch(EXACT, []) == []
