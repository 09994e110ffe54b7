"""Bodies: whatever comes in, the answer is a request or a refusal, never an accident."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankft.service.body import check, parse
from bankft.service.envelope import ApiError
from bankft.service.wire import CreateJob
from bankft.service.wire_chat import CreateChat

pytestmark = pytest.mark.service

JOB = {"model": "bankft-nano", "training_file": "file-x"}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


def refused(call, *arguments) -> ApiError | None:
    try:
        call(*arguments)
    except ApiError as refusal:
        return refusal
    return None


@given(st.binary(max_size=200))
def test_any_bytes(raw):
    refusal = refused(parse, raw)
    assert refusal is None or refusal.status == 400


@settings(max_examples=300)
@given(
    st.sampled_from([CreateChat, CreateJob]),
    st.dictionaries(
        st.sampled_from([*CreateChat.model_fields, *CreateJob.model_fields, "n", "tools", "x y"]),
        VALUES,
        max_size=6,
    ),
)
def test_any_values_in_any_field(kind, body):
    """Refused with a sentence that names a field and repeats nothing, or taken."""
    secret = "6222021234567890123"
    body = json.loads(json.dumps(body).replace('"x y"', f'"{secret} y"'))
    if (refusal := refused(check, body, kind)) is None:
        return
    assert refusal.status == 400
    assert set(refusal.error) == {"message", "type", "param", "code"}
    assert secret not in json.dumps(refusal.error)
    json.dumps(refusal.error, ensure_ascii=False).encode()


def test_auto_and_numbers():
    settings = check({**JOB, "hyperparameters": {"n_epochs": 2}}, CreateJob).settings()
    assert settings.model_dump() == {
        "batch_size": "auto",
        "learning_rate_multiplier": "auto",
        "n_epochs": 2,
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"method": {"type": "supervised"}}, "auto"),
        ({"method": {"type": "supervised", "supervised": {}}}, "auto"),
        ({"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 4}}}}, 4),
        ({"hyperparameters": {"n_epochs": 4}}, 4),
        ({}, "auto"),
    ],
    ids=str,
)
def test_settings_are_found_where_they_are(where, expected):
    assert check({**JOB, **where}, CreateJob).settings().n_epochs == expected


def test_message_parts_become_one_text():
    parts = [{"type": "text", "text": "管理"}, {"type": "text", "text": "费？"}]
    body = {"model": "m", "messages": [{"role": "developer", "content": parts}]}
    assert check(body, CreateChat).messages[0].plain() == {"role": "system", "content": "管理费？"}
