"""What to tell a user whose call is not in the recording."""

from collections.abc import Mapping
from typing import Any

from bankft.data import find_personal, personal
from bankft.recording import store
from bankft.recording.lines import dump

SHOWN = 3  # differences; more would hide the one that matters
WIDTH = 48  # characters of a value


def explain(asked: Mapping[str, Any], recording: store.Recording) -> str:
    """Return one message: what was asked, the nearest recording, the difference, what to do."""
    name = recording.path.name
    message = f"{name} holds no answer to {asked['method']} {asked['path']}."
    if recording.interactions:
        nearest = min(recording.interactions, key=lambda known: _distance(asked, known.request))
        different = _differences(asked, nearest.request)
        message += f"\nThe nearest call that it holds is on line {nearest.line}; the difference:"
        for place, here, there in different[:SHOWN]:
            message += f"\n  {place}: asked {here}, recorded {there}"
        if len(different) > SHOWN:
            message += f"\n  … and {len(different) - SHOWN} more"
    todo = store.how_to_record(recording.path)
    return f"{message}\nTo go on, {todo}."


def _distance(asked: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Order recorded calls by how near they are: same call first, then least different."""
    differences = _differences(asked, known)
    one, other = asked["path"].split("/"), known["path"].split("/")
    length = sum(len(here) + len(there) for _, here, there in differences)
    return (
        asked["method"] != known["method"],
        abs(len(one) - len(other)) + sum(a != b for a, b in zip(one, other, strict=False)),
        len(differences),
        length,
    )


def _differences(asked: Any, known: Any) -> list[tuple[str, str, str]]:
    one, other = dict(_leaves(asked)), dict(_leaves(known))
    return [
        (place, *_show(one.get(place), other.get(place)))
        for place in [*one, *(place for place in other if place not in one)]
        if one.get(place) != other.get(place)
    ]


def _leaves(value: Any, place: str = "") -> list[tuple[str, str]]:
    """Return every scalar with its place, such as ``json.messages[1].content``, as JSON."""
    if isinstance(value, dict) and value:
        return [
            leaf
            for name, item in value.items()
            for leaf in _leaves(item, f"{place}.{name}" if place else name)
        ]
    if isinstance(value, list) and value:
        return [leaf for i, item in enumerate(value) for leaf in _leaves(item, f"{place}[{i}]")]
    return [(place, dump(value))]


def _show(here: str | None, there: str | None) -> tuple[str, str]:
    """Cut two values to where they begin to differ; what may be personal stays hidden."""
    start = 0
    if here is not None and there is not None:
        while start < min(len(here), len(there)) and here[start] == there[start]:
            start += 1
    return _cut(here, start), _cut(there, start)


def _cut(text: str | None, start: int) -> str:
    if text is None:
        return "nothing"
    for finding in reversed(find_personal(text, kinds=personal.FIRM, labels=False)):
        text = text[: finding.start] + f"〈{finding.kind}〉" + text[finding.end :]
    if len(text) <= WIDTH:
        return text
    begin = max(0, min(start - WIDTH // 3, len(text) - WIDTH))
    end = begin + WIDTH
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")
