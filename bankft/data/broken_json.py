"""JSON that is not one object a line: what is wrong with it, and where its objects end."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

MAX_JOINED = 1_000  # lines of one object that was written over several

# A whole string, a bracket, or the quote of a string that does not end.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|"')
_BETWEEN = re.compile(r"[\s,]*")
_BETWEEN_ITEMS = re.compile(r"[\s,\]]*")
_FIRST_KEY = re.compile(r'\{\s*("[^"]*")')


class Text(NamedTuple):
    """A piece of a file: its line's number and text, what was wrong already, where to begin.

    Where the line was read as JSON at once, what it holds is there, too.
    """

    number: int
    text: str
    code: str | None = None
    start: int = 0
    example: dict[str, Any] | None = None


def diagnose(text: str, error: json.JSONDecodeError) -> str:
    """Return the code that says best why a text is no JSON.

    >>> def code(text):
    ...     try:
    ...         json.loads(text)
    ...     except json.JSONDecodeError as error:
    ...         return diagnose(text, error)
    >>> code('{"a": 1,}'), code("{'a': 1}"), code('{“a”: 1}'), code('{"a": [1, 2')
    ('trailing_comma', 'single_quotes', 'wrong_punctuation', 'cut_off')
    """
    here = text[error.pos :].lstrip()
    if "\0" in text:
        return "nul"
    if here.startswith(("//", "/*", "#")):
        return "comment"
    if here[:1] and here[0] in "“”„‟‘’＂＇「」『』，：；｛｝［］、":
        return "wrong_punctuation"
    if here.startswith(("'", "None", "True", "False")):
        return "single_quotes"
    if error.msg.startswith("Illegal trailing comma"):
        return "trailing_comma"
    if here[:1] in ("}", "]") and text[: error.pos].rstrip().endswith(","):
        return "trailing_comma"
    if error.msg.startswith("Unterminated string") or not here:
        # A bracket alone is no line that was cut off, but one of an object over several.
        return "cut_off" if text.strip("{[ \t\r\n") else "not_json"
    if error.msg.startswith("Invalid control character"):
        return "control_character"
    if error.msg.startswith("Invalid \\"):
        return "wrong_escape"
    if error.msg.startswith("Expecting ',' delimiter") and text[: error.pos].rstrip()[-1:] == '"':
        return "unescaped_quote"
    return "not_json"


class Pieces:
    """Takes lines one by one, and cuts or joins them into one object a piece."""

    def __init__(self, source: Iterable[Text]) -> None:
        self.source = iter(source)
        self.ahead: deque[Text] = deque()
        self.in_array = False
        self.unsaid: str | None = None  # of an array, until its first object
        self.single_until = 0  # lines that were tried to be joined already, in vain

    def __iter__(self) -> Iterator[Text]:
        while (line := self.take()) is not None:
            yield line

    def take(self) -> Text | None:
        """Return the next line, within an array without its brackets and commas."""
        while (line := self._next()) is not None:
            if not self.in_array or line.start:
                return line
            text = line.text.strip().lstrip(",").strip()
            code = line.code if line.code != "blank_line" else None
            if text not in ("", "]") or code is not None:
                said, self.unsaid = code or self.unsaid, None
                return Text(line.number, text.removesuffix(","), said)
        return None

    def _next(self) -> Text | None:
        return self.ahead.popleft() if self.ahead else next(self.source, None)

    def open_array(self, line: Text) -> None:
        """Go on inside the array that a line opens."""
        self.in_array = True
        self.unsaid = "json_array"
        inside = line.text.lstrip("\ufeff \t\r\n").removeprefix("[")
        self.ahead.appendleft(Text(line.number, inside))

    def whole(self, line: Text) -> Text | None:
        """Return the object that begins on a line, from several lines or part of this one.

        What stands behind it is taken next. None where no object ends: the line is cut off.
        """
        key = _FIRST_KEY.match(line.text, line.start)
        depth, used = 0, [line]
        while True:
            for token in _TOKEN.finditer(used[-1].text, used[-1].start):
                depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
                if depth == 0 and token.group() in "}]":
                    return self._found(used, token.end())
                if token.group() == '"':
                    self._give_up(used)
                    return None
            if line.number < self.single_until or len(used) == MAX_JOINED:
                self._give_up(used)
                return None
            if (piece := self._next()) is None:
                self._give_up(used)
                return None
            used.append(piece)
            # A line that could not be read is no part of an object; nor is the next object.
            if piece.code not in (None, "blank_line") or self._is_next(piece, key):
                self._give_up(used)
                return None

    def _give_up(self, used: list[Text]) -> None:
        self.single_until = max(self.single_until, used[-1].number)
        self.ahead.extendleft(reversed(used[1:]))

    def _is_next(self, piece: Text, key: re.Match[str] | None) -> bool:
        """Tell whether a line begins another object, as the first keys of examples are alike."""
        match = _FIRST_KEY.match(piece.text, piece.start)
        return bool(key and match and match.group(1) == key.group(1))

    def _found(self, used: list[Text], end: int) -> Text:
        first, last = used[0], used[-1]
        parts = [piece.text[piece.start :] for piece in used[:-1]]
        text = "\n".join([*parts, last.text[last.start if not parts else 0 : end]])
        between = _BETWEEN_ITEMS if self.in_array else _BETWEEN
        match = between.match(last.text, end)
        rest = match.end() if match else end
        more = rest < len(last.text)
        several = "several_objects" if more and not self.in_array else None
        if more:
            self.ahead.appendleft(Text(last.number, last.text, several, rest))
        spread = "spread_over_lines" if parts and not self.in_array else None
        return Text(first.number, text, first.code or several or spread)
