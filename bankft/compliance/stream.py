"""Stop a stream before a prohibited phrase is shown."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache, partial

from bankft.compliance import checker, context, disguise
from bankft.compliance.book import Book, PackLike, book_of, in_force
from bankft.compliance.checker import Finding
from bankft.compliance.rule import check_scope
from bankft.errors import BankftError


class ProhibitedWording(BankftError):
    """A stream was stopped: what it was about to say breaks a rule.

    Attributes:
        finding: The rule and where the phrase stands in the whole text of the stream.
        shown: The text that was let through: everything before the phrase.
    """

    def __init__(self, finding: Finding, shown: str) -> None:
        super().__init__(
            f"The answer was stopped at character {finding.start + 1}: "
            f"{finding.title['en']} ({finding.rule}, {finding.clause})."
        )
        self.finding = finding
        self.shown = shown


_BEHIND = 300  # how much of what was shown is read again, for its context
_DENIED = context.EXCEPTED + 1  # what may still take a negation back stands before this


def guard(
    pieces: Iterable[str],
    *,
    on: date | None = None,
    product: str = "public_fund",
    audience: str = "public",
    medium: str = "online",
    speaker: str = "bot",
    packs: Sequence[PackLike] = (),
) -> Iterator[str]:
    """Pass a stream of text on, and stop it before a phrase that is a violation.

    Text goes on at once, but for what may be the beginning of a phrase: that is held back until
    it is known to be none, and a phrase until what follows can no longer excuse it (at most 60
    characters). How the text is cut into pieces changes nothing. What must stand in the whole
    answer (disclaimer, risk notice) and offers against risk classes are for `check`, once the
    answer is whole.

    Args:
        pieces: The stream, as ``delta.content`` of a streamed chat gives it.
        on: As in `check`.
        product: As in `check`.
        audience: As in `check`.
        medium: As in `check`.
        speaker: As in `check`.
        packs: As in `check`.

    Yields:
        Pieces of the same text.

    Raises:
        ProhibitedWording: The stream holds a violation; nothing of it was passed on.
        UsageError: As `check`.

    >>> said = []
    >>> try:
    ...     for piece in guard(["本基金", "的代码是", "QH1。稳", "赚不赔", "！"]):
    ...         said.append(piece)
    ... except ProhibitedWording as stopped:
    ...     "".join(said), stopped.finding.text
    ('本基金的代码是QH1。', '稳赚不赔')
    """
    check_scope(product=product, audience=audience, medium=medium, speaker=speaker)
    watch = _Watch(on or date.today(), product, audience, medium, speaker, packs)
    for piece in pieces:
        shown = watch.shown
        for character in piece:
            watch.add(character)
        if watch.shown > shown:
            yield watch.text[shown : watch.shown]
        if watch.stopped is not None:
            raise ProhibitedWording(watch.stopped, watch.text[: watch.shown])
    shown = watch.shown
    watch.finish()
    if watch.shown > shown:
        yield watch.text[shown : watch.shown]
    if watch.stopped is not None:
        raise ProhibitedWording(watch.stopped, watch.text[: watch.shown])


class _Watch:
    """The text so far, and how much of it may be shown.

    It takes one character at a time, so that its state depends on the text alone.
    """

    def __init__(
        self,
        on: date,
        product: str,
        audience: str,
        medium: str,
        speaker: str,
        packs: Sequence[PackLike],
    ) -> None:
        self.book = book_of(packs)
        self.rules = frozenset(
            index
            for index in in_force(self.book, on, product, audience, medium, speaker)
            if self.book.rules[index].kind == "phrase"
            and self.book.rules[index].verdict == "violation"
        )
        self.speaker = speaker
        self.text = ""
        self.shown = 0
        self.stopped: Finding | None = None

    def add(self, character: str) -> None:
        if self.stopped is None:
            self.text += character
            self._look(over=False)

    def finish(self) -> None:
        if self.stopped is None:
            self._look(over=True)

    def _look(self, *, over: bool) -> None:
        base = max(0, self.shown - _BEHIND)
        reading = disguise.read(self.text[base:])
        hold = (
            len(self.text) if over else min(len(self.text), base + _unfinished(self.book, reading))
        )
        candidates = self.book.matcher.candidates(reading.text)
        for index, start, end in self.book.matches(reading.text, candidates, self.rules):
            where = reading.span(start, end)
            if base + where[0] < self.shown or base + where[0] >= hold:
                continue
            excuse = checker.excused(self.book.rules[index], reading.text, start, end, self.speaker)
            left = len(reading.text) - end
            denied = excuse is not None and excuse[0] == "negation"
            if not (over or left >= context.AFTER or (denied and left >= _DENIED)):
                hold = base + where[0]  # what follows may still change it
                break
            if excuse is None:
                self.stopped = checker.finding(self.book.rules[index], reading, *where, base=base)
                hold = base + where[0]
                break
        self.shown = max(self.shown, hold)


def _unfinished(book: Book, reading: disguise.Reading) -> int:
    """Return where in the raw text something begins that may yet become a phrase."""
    text = reading.text
    held = [_begun(book, text)]
    # Behind marks and unfinished words may follow what makes them part of a phrase.
    stripped = text
    if word := _WORD.search(text):
        held.append(word.start())
        stripped = text[: word.start()]
    stripped = _LOOSE.sub("", stripped)
    if (begun := _begun(book, stripped)) < len(stripped):
        held.append(begun)
    if spelling := disguise.unfinished_spelling().search(text):
        held.append(spelling.start())
    listed = disguise.beginnings()
    held += [len(text) - size for size in range(1, min(3, len(text)) + 1) if text[-size:] in listed]
    first = min(held)
    return len(reading.raw) if first >= len(text) else reading.span(first, first + 1)[0]


def _begun(book: Book, text: str) -> int:
    """Return where the first pattern begins of which the text ends with a part."""
    widest, begin = _beginnings(book)
    for start in range(max(0, len(text) - widest), len(text)):
        if any(regex().match(text, start) for regex in begin.get(text[start], ())):
            return start
    return len(text)


# Blanks and marks at the end, which may turn out to stand inside a word; also 保[本 unclosed.
_LOOSE = re.compile(r"[^0-9a-z一-鿿]{1,6}(?:(?<=[\[【(「『“\"'<《{])[一-鿿])?\Z")
# A Latin word that is not finished; it may be one spelt out in letters.
_WORD = re.compile(r"(?:[0-9@$!|]*[a-z][a-z0-9@$!|]*|[a-z](?:[ .\-_*·][a-z]){1,40})[ .\-_*·]?\Z")


@lru_cache(maxsize=16)
def _beginnings(book: Book) -> tuple[int, dict[str, list[Callable[[], "re.Pattern[str]"]]]]:
    """Return the widest pattern, and by first character what finds the beginnings of patterns."""
    by_character: dict[str, list[Callable[[], re.Pattern[str]]]] = {}
    for number, pattern in enumerate(book.patterns):
        if not any(book.rules[index].kind == "phrase" for index in book.users[number]):
            continue
        compiled = lru_cache(maxsize=1)(partial(re.compile, pattern.beginning))  # few are needed
        for character in pattern.firsts:
            by_character.setdefault(character, []).append(compiled)
    return max(pattern.width for pattern in book.patterns), by_character
