"""What stands more than once: copies, contradictions, and questions that other parts share.

Of each example three short hashes are kept, 90 bytes a line in all with those of
`bankft.data.near`; they are put in order when all lines are read.
"""

import json
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from bankft.data import near
from bankft.data.comparing import Comparing
from bankft.data.talks import Talk
from bankft.text import see_through

_AT_ONCE = 1024  # examples that are put into the form to compare, or fewer of so many characters
_CHARACTERS = 2**18
_MASK = 2**64 - 1

Found = tuple[int, str, str, dict[str, Any]]  # line, field, code, values


class Repeats:
    """The hashes of a file's examples, and of those that it must share nothing with."""

    def __init__(self, method: str) -> None:
        self._method = method
        self._np = near.numpy()
        self._index = near.Index()
        self._lines = array("I")
        self._last = array("H")  # the last message's number
        self._whole = array("Q")
        self._questions = array("Q")
        self._answers = array("Q")
        self._comparing = Comparing(self._np)
        self._waiting: list[tuple[str, str, str, str]] = []  # asked, said, more of each
        self._characters = 0  # of these
        self._parts: list[tuple[str, int]] = []  # another part, and where its lines begin
        self.examples = 0
        self.copies = bytearray()

    def see(self, line: int, example: Mapping[str, Any], talk: Talk) -> None:
        """Take an example that is well-formed."""
        answer = question = ""
        if self._method == "reinforcement":
            answer = _canonical(talk.reference)
        elif self._method == "dpo":
            question = _canonical(sorted((talk.answer, talk.rejected)))
        whole = tuple(talk.turns) if talk.plain else _canonical(example)
        self._lines.append(line)
        self._last.append(max(0, min(len(talk.turns), 65_535) - 1))
        # Python's own hash: 64 bits, the same for a text as long as the program runs.
        self._whole.append(hash(whole) & _MASK)
        self._waiting.append((talk.asked, talk.said, question, answer))
        self._characters += len(talk.asked) + len(talk.said)
        if len(self._waiting) == _AT_ONCE or self._characters > _CHARACTERS:
            self._compare()

    def _compare(self) -> None:
        """Hash what has come since the last time."""
        asked = self._comparing.forms([one[0] for one in self._waiting])
        said = self._comparing.forms([one[1] for one in self._waiting])
        for (raw, _, more, answer), question, answered in zip(
            self._waiting, asked, said, strict=True
        ):
            key = question.letters or see_through(raw).text.strip()
            self._questions.append(hash((key, more) if more else key) & _MASK if key or more else 0)
            self._answers.append(hash(answer or answered.bare) & _MASK)
            self._index.add_words(f"{question.words} {answered.words}")
        self._waiting.clear()
        self._characters = 0

    def next_part(self, name: str) -> None:
        """Say that what follows is another part, such as ``"validation"``."""
        if not self._parts:
            self.examples = len(self._lines)
        self._parts.append((name, len(self._lines)))

    def found(self) -> Iterator[Found]:
        """Yield what stands twice in the file itself, then what other parts share with it."""
        self._compare()
        if not self._parts:
            self.examples = len(self._lines)
        own = self.examples
        self.copies = copies = bytearray(len(self._lines))
        for places in near.same(self._whole, self._np):
            for place in places[1:]:
                copies[place] = 1
                if place < own:
                    yield self._say(place, "", "duplicate_example", first=self._lines[places[0]])
        disagree = bytearray(len(self._lines))
        yield from self._questions_again(copies, disagree)
        if self._method == "reinforcement" and self._parts:
            yield from self._answers_again()
        for earlier, later in self._index.pairs():
            if copies[later]:
                continue
            if later < own:
                if not disagree[later]:
                    first = self._lines[earlier]
                    yield self._say(later, "", "near_duplicate", first=first)
            elif earlier < own and not self._same_question(earlier, later):
                part, line = self._place(later)
                yield self._say(earlier, "", "near_leak", part=part, other=line)

    def close(self) -> None:
        """Give the temporary file back."""
        self._index.close()

    def _questions_again(self, copies: bytearray, disagree: bytearray) -> Iterator[Found]:
        own = self.examples
        for places in near.same(self._questions, self._np):
            first = places[0]
            if not self._questions[first] or first >= own:
                continue
            elsewhere = [place for place in places if place >= own]
            for place in places:
                if place >= own:
                    break
                if self._answers[place] != self._answers[first] and not copies[place]:
                    disagree[place] = 1
                    dpo = self._method == "dpo"
                    code = "contradicting_preference" if dpo else "contradicting_answers"
                    yield self._say(place, self._answer(place), code, first=self._lines[first])
                for name, other in self._first_of_parts(elsewhere):
                    field = "input.messages" if self._method == "dpo" else "messages"
                    yield self._say(place, field, "leaked_question", part=name, other=other)

    def _answers_again(self) -> Iterator[Found]:
        for places in near.same(self._answers, self._np):
            if places[0] < self.examples:
                elsewhere = [place for place in places if place >= self.examples]
                for name, other in self._first_of_parts(elsewhere):
                    yield self._say(places[0], "", "leaked_answer", part=name, other=other)

    def _same_question(self, one: int, other: int) -> bool:
        return self._questions[one] == self._questions[other] != 0

    def _first_of_parts(self, places: list[int]) -> Iterator[tuple[str, int]]:
        told = set()
        for place in places:
            name, line = self._place(place)
            if name not in told:
                told.add(name)
                yield name, line

    def _place(self, number: int) -> tuple[str, int]:
        name = next(name for name, start in reversed(self._parts) if start <= number)
        return name, self._lines[number]

    def _answer(self, place: int) -> str:
        """Return the field of an example's answer."""
        if self._method == "supervised":
            return f"messages[{self._last[place]}].content"
        return "preferred_output" if self._method == "dpo" else ""

    def _say(self, place: int, field: str, code: str, **values: Any) -> Found:
        return self._lines[place], field, code, values


def _canonical(value: Any) -> str:
    """Return the same text for the same value, whatever the order of its keys."""
    try:
        return json.dumps(value, sort_keys=True, default=repr)
    except TypeError:  # keys that are no text, which a file cannot hold but a list can
        return repr(value)
