import json

import httpx2
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bankft.recording import call

BASE = httpx2.URL("http://127.0.0.1:8765/v1")

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
values = st.recursive(
    scalars.filter(lambda v: v not in (float("inf"), float("-inf"))),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)

# A loaded machine makes no test fail.
relaxed = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def key(body, **options):
    return call.key(call.describe(httpx2.Request("POST", f"{BASE}/x", content=body), BASE))


def shuffled(value, order):
    """The same JSON with the keys of every object in another order."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (hash((order, name)), name))
        return {name: shuffled(value[name], order) for name in names}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@relaxed
@given(values, st.integers())
@example({"content": "保\ud83d\ude00 \u2028\x00"}, 1)
def test_the_key_does_not_see_order_spaces_or_escapes(value, order):
    assume(encodable(value))
    plain = json.dumps(value).encode()
    other = json.dumps(shuffled(value, order), ensure_ascii=False, indent=3).encode()
    assert key(plain) == key(other)


@relaxed
@given(values, values)
@example(1, True)  # equal to Python, not in JSON
@example(0, False)
@example({"a": [1]}, {"a": [[1]]})
@example("1", 1)
@example({}, [])
@example(None, "null")
def test_different_json_has_different_keys(one, other):
    assume(encodable(one) and encodable(other))
    same = call.canonical(one) == call.canonical(other)
    assert (key(json.dumps(one).encode()) == key(json.dumps(other).encode())) == same
    if same:  # only a whole number may be written in two ways
        assert one == other


def encodable(value):
    """Lone surrogates cannot be sent."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def test_a_whole_number_may_be_written_either_way():
    assert key(b'{"temperature": 1.0}') == key(b'{"temperature":1}')
    assert key(b'{"temperature": 1.5}') != key(b'{"temperature": 1}')


def test_a_key_is_tagged_and_stable():
    """Changing how keys are made invalidates every recording: this pins it."""
    described = {"method": "GET", "path": "/models"}
    assert call.key(described) == (
        "sha256:2b0fa399544daf7ce57d08214b75a08c82064d3b98d34ffd655436e038e97240"
    )


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("http://127.0.0.1:8765/v1/models", "/models", None),
        (
            "http://127.0.0.1:8765/v1/files?limit=2&after=b",
            "/files",
            [["after", "b"], ["limit", "2"]],
        ),
        ("http://127.0.0.1:8765/v1/files?a=2&a=1", "/files", [["a", "1"], ["a", "2"]]),
        ("http://127.0.0.1:8765/v2/models", "/v2/models", None),  # not below the base URL
        ("http://127.0.0.1:8765/v1beta", "/v1beta", None),  # nor is this
    ],
)
def test_the_path_is_relative_and_the_query_sorted(url, path, query):
    described = call.describe(httpx2.Request("GET", url), BASE)
    assert described == {"method": "GET", "path": path} | ({"query": query} if query else {})


@relaxed
@given(
    st.binary(max_size=200),
    st.text(st.characters(codec="utf-8", exclude_characters='\r\n"'), min_size=1, max_size=20),
)
@example(b"--", "a")  # looks like a delimiter
@example(b"\r\n--boundary\r\n", "a")
@example(b"\r\n\r\n", "; name=x")
def test_a_multipart_body_is_taken_apart_whatever_is_in_it(content, name):
    def described():
        request = httpx2.Request(
            "POST", f"{BASE}/files", data={"purpose": "fine-tune"}, files={"file": (name, content)}
        )
        request.read()
        parts = call.read_parts(request)
        assert [(part.name, part.content) for part in parts] == [
            ("purpose", b"fine-tune"),
            ("file", content),
        ]
        return call.describe(request, BASE)

    assert call.key(described()) == call.key(described())  # two random boundaries


def test_a_body_that_is_neither_json_nor_multipart_is_hashed():
    request = httpx2.Request("PUT", f"{BASE}/x", content=b"\xff\x00")
    assert call.describe(request, BASE)["body"].startswith("sha256:")
