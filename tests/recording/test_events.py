import json

import httpx2
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bankft.recording import events
from bankft.recording.lines import dump

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=3,
)
# Few keys, so that neighbours often have the same ones.
entries = st.lists(
    st.fixed_dictionaries(
        {"ms": st.integers(0)}, optional={"id": st.text("12", min_size=1)}
    ).flatmap(
        lambda entry: st.one_of(
            st.dictionaries(st.sampled_from("abc"), values).map(
                lambda data: entry | {"data": data}
            ),
            values.map(lambda data: entry | {"data": data}),
            st.text().map(lambda text: entry | {"text": text}),
        )
    ),
    max_size=4,
)
# A loaded machine makes no test fail.
relaxed = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(entries)
@example([{"ms": 0, "data": {"a": 1}}, {"ms": 1, "data": {"a": True}}])  # equal only to Python
@example([{"ms": 0, "data": {"a": 1}}, {"ms": 1, "data": {"a": 1.0}}])
@example([{"ms": 0, "data": {"a": 1, "b": 2}}, {"ms": 1, "data": {"b": 2, "a": 1}}])  # key order
@example([{"ms": 0, "data": {"a": {"b": 1, "c": 2}}}, {"ms": 1, "data": {"a": {"c": 2, "b": 1}}}])
@example([{"ms": 0, "data": {"a": 1}}, {"ms": 1, "text": "x"}, {"ms": 2, "data": {"a": 1}}])
def test_nothing_is_lost_by_keeping_only_changes(given_entries):
    packed = json.loads(dump(list(events.pack(given_entries))))
    assert dump(list(events.unpack(packed))) == dump(given_entries)


def test_an_event_keeps_only_what_differs_from_the_one_before():
    stream = [{"ms": i, "data": {"id": "x", "n": i // 2, "last": False}} for i in range(3)]
    assert list(events.pack(stream)) == [
        {"ms": 0, "data": {"id": "x", "n": 0, "last": False}},
        {"ms": 1, "change": {}},
        {"ms": 2, "change": {"n": 1}},
    ]


def received(wire):
    response = httpx2.Response(
        200,
        headers={"content-type": "text/event-stream"},
        content=wire,
        request=httpx2.Request("GET", "http://host.example"),
    )
    return list(httpx2.EventSource(response))


@relaxed
@given(st.lists(values, min_size=1, max_size=4))
def test_an_event_is_read_back_from_its_bytes(data):
    kept = [events.read(event, 0) for event in received(b"".join(map(line, data)))]
    assert [dump(entry["data"]) for entry in kept] == [dump(value) for value in data]
    assert received(b"".join(map(events.write, kept))) == received(b"".join(map(line, data)))


def line(value):
    return f"data: {dump(value)}\n\n".encode()


def test_names_ids_and_text_of_several_lines_survive():
    wire = b": a comment\nevent: tool\nid: 7\nretry: 10\ndata: one\ndata: two\n\ndata: [DONE]\n\n"
    kept = [events.read(event, 5) for event in received(wire)]
    assert kept[0] == {"ms": 5, "event": "tool", "id": "7", "retry": 10, "text": "one\ntwo"}
    assert received(b"".join(map(events.write, kept))) == received(wire)


def test_json_that_would_change_by_being_parsed_stays_text():
    for data in ('{"a": 1, "a": 2}', "NaN", "1e999", "[DONE]", ""):
        assert events.read(httpx2.ServerSentEvent(data=data), 0)["text"] == data
