import json

import bankft
from bankft import recording
from recording.talk import ask, text


def test_a_replayed_stream_says_when_its_events_came(record):
    path = record(lambda client: text(ask(client, stream=True)))
    (line,) = (json.loads(line) for line in path.read_text("utf-8").splitlines()[1:])
    with bankft.connect("page") as client:
        stream = ask(client, stream=True)
        assert recording.offsets(stream) == tuple(e["ms"] for e in line["response"]["events"])
        # one event a chunk, and one for the end
        assert len(list(stream)) + 1 == len(recording.offsets(stream))


def test_a_live_stream_has_no_such_times(record):
    found = []
    record(lambda client: found.append(recording.offsets(ask(client, stream=True))))
    assert found == [None]
    assert recording.offsets([]) is None
