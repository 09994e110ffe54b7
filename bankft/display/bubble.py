"""A model's answer, shown while it streams."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from bankft.display import page
from bankft.errors import UsageError
from bankft.lang import language

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk

Verdict = tuple[str, str]
"""A word and its tone: ``good`` (compliant), ``bad`` (a finding), ``warn`` or ``note``."""

Judge = Callable[[str], Verdict | None]

LONG = 400  # characters; a longer answer scrolls in a box of its own
TONES = ("good", "bad", "warn", "note")

WORDS = {
    "zh": {
        "same": "与标准回答一致",
        "other": "与标准回答不同",
        "reference": "标准回答",
        "length": "到长度上限为止",
        "broken": "中断",
        "empty": "（空）",
    },
    "en": {
        "same": "same as the reference",
        "other": "differs from the reference",
        "reference": "Reference",
        "length": "cut at the length limit",
        "broken": "interrupted",
        "empty": "(empty)",
    },
}

# Often enough to look continuous, seldom enough that a fast replay does not flood the notebook.
_SECONDS_BETWEEN_UPDATES = 0.04


@dataclass
class _Bubble:
    """What is known of one answer so far."""

    model: str
    verdict: Verdict | Judge | None
    reference: str | None
    words: dict[str, str]
    times: tuple[int, ...] = ()  # of the chunks, in milliseconds; none for an answer that stands
    text: str = ""
    finish: str | None = None
    broken: bool = False
    done: bool = False
    tags: list[Verdict] = field(default_factory=list)
    beats: list[str] = field(default_factory=list)  # of the pieces: "time:characters"
    taken: int = 0

    def take(self, chunk: "ChatCompletionChunk") -> str:
        """Add a chunk and return its piece of text; a chunk without a choice has none."""
        piece = ""
        for choice in chunk.choices[:1]:
            piece = choice.delta.content or ""
            self.finish = choice.finish_reason or self.finish
        self.text += piece
        if piece and self.taken < len(self.times):
            self.beats.append(f"{self.times[self.taken]}:{len(piece)}")
        self.taken += 1
        return piece

    def end(self, *, broken: bool = False) -> None:
        """Close the answer: from here on it has its tags and no caret."""
        self.done, self.broken = True, broken
        if broken:
            self.tags.append((self.words["broken"], "warn"))
            return
        if self.finish == "length":
            self.tags.append((self.words["length"], "warn"))
        verdict = self.verdict(self.text) if callable(self.verdict) else self.verdict
        if verdict is None and self.reference is not None:
            same = self.text.strip() == self.reference.strip()
            verdict = (self.words["same"], "note") if same else (self.words["other"], "warn")
        if verdict is not None:
            word, tone = verdict
            if tone not in TONES:
                raise UsageError(f"The verdict's tone is {tone!r}: use one of {', '.join(TONES)}.")
            self.tags.append((word, tone))

    def html(self) -> str:
        tags = "".join(page.tag(word, tone) for word, tone in self.tags)
        text = escape(self.text)
        if self.done and not self.text.strip():
            text = f'<span class="bft-muted">{self.words["empty"]}</span>'
        caret = "" if self.done else '<span class="bft-caret" aria-hidden="true"></span>'
        reference = ""
        if self.done and self.reference is not None and self.text.strip() != self.reference.strip():
            reference = (
                f'<div class="bft-reference"><span class="bft-small">{self.words["reference"]}'
                f'</span><div class="bft-text">{escape(self.reference)}</div></div>'
            )
        beats = f' data-bft-beats="{" ".join(self.beats)}"' if self.done and self.beats else ""
        kind = ' class="bft-text"'
        if self.done and len(self.text) > LONG:  # it scrolls by itself, and by keyboard too
            name = escape(self.model)
            kind = f' class="bft-text bft-long" role="region" tabindex="0" aria-label="{name}"'
        return (
            f'<div class="bft-bubble"><div class="bft-who"><b>{escape(self.model)}</b>{tags}</div>'
            f"<div{kind}{beats}>{text}{caret}</div>{reference}</div>"
        )

    def footer(self) -> str:
        """Return what a terminal prints below the text: tags, and a reference that differs."""
        lines = ["  ".join(f"[{word}]" for word, _ in self.tags)]
        if self.reference is not None and self.text.strip() != self.reference.strip():
            lines.append(f"{self.words['reference']}: {self.reference}")
        return "\n".join(line for line in lines if line)

    def plain(self) -> str:
        return "\n".join(part for part in (f"{self.model}:", self.text, self.footer()) if part)


def answer(
    stream: "Iterable[ChatCompletionChunk]",
    *,
    model: str,
    verdict: Verdict | Judge | None = None,
    reference: str | None = None,
    play: bool = False,
) -> str:
    """Show a streamed chat as a bubble that grows in place, and return the whole text.

    Args:
        stream: what ``client.chat.completions.create(..., stream=True)`` returns.
        model: the name shown above the answer.
        verdict: a word and its tone (``("合规", "good")``), or a function that gives one for the
            whole text; tones are ``good`` (compliant), ``bad`` (a finding), ``warn``, ``note``.
        reference: the right answer. It is shown when the model's differs, and without a
            ``verdict`` a tag says whether the two are the same (spaces around them aside).
        play: on the site, let the reader watch a replayed answer come at its recorded pace. The
            output then says when each piece came; anywhere else it looks the same.

    Raises:
        UsageError: ``stream`` is a finished completion, or a tone is unknown.
        openai.APIError: the stream broke; what had come stays on the page, marked so.

    Example:
        >>> stream = client.chat.completions.create(
        ...     model=v1, messages=messages, stream=True)       # doctest: +SKIP
        >>> text = answer(stream, model="v1", reference=question.answer)  # doctest: +SKIP

    """
    _refuse_finished(stream)
    bubble = _Bubble(model, verdict, reference, WORDS[language()], _times(stream, play))
    if page.in_notebook():
        _show_growing([bubble], [stream], lambda: bubble.html())
    else:
        _print_growing(bubble, stream)
    return bubble.text


def compare(
    streams: "Mapping[str, Iterable[ChatCompletionChunk]]",
    *,
    verdict: Judge | None = None,
    reference: str | None = None,
    play: bool = False,
) -> dict[str, str]:
    """Show several models' streamed answers side by side, and return the texts by name.

    In a notebook they grow together, in a terminal they are printed one after another.

    Args:
        streams: name shown above the answer → stream, as for :func:`answer`.
        verdict: a function from an answer's text to its verdict, or None.
        reference: the right answer, as for :func:`answer`.
        play: as for :func:`answer`; all answers play together.

    Raises:
        UsageError: a stream is a finished completion, or a tone is unknown.
        openai.APIError: a stream broke.

    Example:
        >>> compare({"base": ask(base), "v1": ask(v1)}, reference=question.answer)  # doctest: +SKIP

    """
    for stream in streams.values():
        _refuse_finished(stream)
    words = WORDS[language()]
    bubbles = [
        _Bubble(name, verdict, reference, words, _times(stream, play))
        for name, stream in streams.items()
    ]
    if page.in_notebook():

        def html() -> str:
            return f'<div class="bft-duo">{"".join(bubble.html() for bubble in bubbles)}</div>'

        _show_growing(bubbles, list(streams.values()), html)
    else:
        for bubble, stream in zip(bubbles, streams.values(), strict=True):
            _print_growing(bubble, stream)
    return {bubble.model: bubble.text for bubble in bubbles}


def _times(stream: "Iterable[ChatCompletionChunk]", play: bool) -> tuple[int, ...]:
    if not play:
        return ()
    from bankft.recording import offsets  # here, so that a chart alone needs no HTTP library

    return offsets(stream) or ()


def _refuse_finished(stream: object) -> None:
    if hasattr(stream, "choices"):
        raise UsageError(
            "This is a finished completion, not a stream: pass stream=True to "
            "client.chat.completions.create()."
        )


def _in_turn(
    bubbles: list[_Bubble], streams: "list[Iterable[ChatCompletionChunk]]"
) -> Iterator[None]:
    """Take a chunk from each stream in turn until all have ended."""
    open_ends = [(bubble, iter(stream)) for bubble, stream in zip(bubbles, streams, strict=True)]
    while open_ends:
        for bubble, chunks in list(open_ends):
            chunk = next(chunks, None)
            if chunk is None:
                bubble.end()
                open_ends.remove((bubble, chunks))
            else:
                bubble.take(chunk)
        yield


def _show_growing(
    bubbles: list[_Bubble],
    streams: "list[Iterable[ChatCompletionChunk]]",
    html: Callable[[], str],
) -> None:
    def text() -> str:
        return "\n\n".join(bubble.plain() for bubble in bubbles)

    update = page.live(html(), text())
    shown = time.monotonic()
    try:
        for _ in _in_turn(bubbles, streams):
            if time.monotonic() - shown >= _SECONDS_BETWEEN_UPDATES:
                update(html(), text())
                shown = time.monotonic()
    finally:
        for bubble in bubbles:
            if not bubble.done:
                bubble.end(broken=True)
        update(html(), text())


def _print_growing(bubble: _Bubble, stream: "Iterable[ChatCompletionChunk]") -> None:
    print(f"{bubble.model}:")
    try:
        for chunk in stream:
            print(bubble.take(chunk), end="", flush=True)
        bubble.end()
    finally:
        if not bubble.done:
            bubble.end(broken=True)
        footer = bubble.footer()
        print(f"\n{footer}\n" if footer else "\n", flush=True)
