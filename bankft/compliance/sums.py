"""What `tenor` sums, compiled by numba: the same whole numbers, some fifty times sooner.

The parts of a sentence are looked up as numbers: a character or a word has a number of its own,
and a part of several is their numbers side by side, so that no two parts are mistaken for each
other. Importing this module compiles it, or reads what an earlier process compiled; `tenor` does so
only where many texts are judged.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

njit: Any = import_module("numba").njit  # without types of its own

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Numbers = Any  # an array of whole numbers; numba knows its type

_BITS = 15  # of a character's or word's number; none is 0
_NUMBER = (1 << _BITS) - 1
_SPACE = 1 << _BITS
_CODES = 0x20000  # characters beyond are in no part
_BEGIN, _END, _NEAR = 1, 2, 3  # the numbers of ^, $ and ~
_ZH, _EN, _PAIR = 1, 2, 3  # what the key of a part begins with
_SPREAD = 0x1E3779B97F4A7C15
_APART = 6  # tenor.NEAR


def _kept(function: _Function) -> _Function:
    """Compile a function, and keep what was compiled for the next process."""
    try:
        made: _Function = njit(cache=True)(function)
    except RuntimeError:  # nowhere to keep it
        made = njit(function)
    return made


def _compiled(function: _Function) -> _Function:
    made: _Function = njit(function)
    return made


@_compiled
def _slot(table: _Numbers, key: int) -> int:
    """Return the row of a key, or the free one for it. The last row is not one of them."""
    mask = table.shape[0] - 2
    at = ((key * _SPREAD) >> 29) & mask
    while table[at, 0] != 0 and table[at, 0] != key:
        at = (at + 1) & mask
    return at  # type: ignore[no-any-return]


@_kept
def _fill(table: _Numbers, keys: _Numbers, values: _Numbers) -> None:
    for number in range(keys.shape[0]):
        at = _slot(table, keys[number])
        table[at, 0] = keys[number]
        table[at, 1] = values[number]


@_compiled
def _once(table: _Numbers, key: int, now: int) -> int:
    """Return a part's weight, the first time that it is met in this text."""
    at = _slot(table, key)
    if table[at, 0] == 0 or table[at, 2] == now:
        return 0
    table[at, 2] = now
    return table[at, 1]  # type: ignore[no-any-return]


@_compiled
def _digit(code: int) -> bool:
    return 48 <= code <= 57


@_compiled
def _letter(code: int) -> bool:
    return 97 <= code <= 122


@_compiled
def _chinese(code: int) -> bool:
    return 0x4E00 <= code <= 0x9FFF


@_compiled
def _space(code: int, chars: _Numbers) -> bool:
    return code < chars.shape[0] and (chars[code] & _SPACE) != 0  # type: ignore[no-any-return]


@_compiled
def _plain(
    codes: _Numbers, begin: int, end: int, chars: _Numbers, plain: _Numbers
) -> tuple[int, bool]:
    """Write a stretch without blanked notices and outer blanks, each number as 0.

    Returns:
        Its length, and whether it holds a Chinese character.
    """
    size = 0
    chinese = False
    at = begin
    while at < end:
        code = codes[at]
        at += 1
        if code == 0:
            stop = at
            while stop < end and codes[stop] == 0:
                stop += 1
            if stop < end:
                at = stop + 1
                continue
        chinese = chinese or _chinese(code)
        plain[size] = code
        size += 1
    while size > 0 and _space(plain[size - 1], chars):
        size -= 1
    at = 0
    while at < size and _space(plain[at], chars):
        at += 1
    kept = 0
    while at < size:
        code = plain[at]
        at += 1
        if _digit(code):
            while at < size and _digit(plain[at]):
                at += 1
            if at + 1 < size and plain[at] == 46 and _digit(plain[at + 1]):
                at += 2
                while at < size and _digit(plain[at]):
                    at += 1
            code = 48
        plain[kept] = code
        kept += 1
    return kept, chinese


@_compiled
def _stem(plain: _Numbers, begin: int, end: int) -> int:
    """Return where the stem of a word ends."""
    if end - begin > 4:
        z, y, x = plain[end - 3], plain[end - 2], plain[end - 1]
        cut = 0
        if (z == 105 and y == 101 and x == 115) or (z == 105 and y == 110 and x == 103):
            cut = 3  # ies, ing
        elif (x == 115 and (y == 101 or y == 39)) or (y == 101 and x == 100):
            cut = 2  # es, 's, ed
        elif y == 108 and x == 121:
            cut = 2  # ly
        elif x == 115:
            cut = 1  # s
        if end - begin - cut > 2:
            return end - cut
    return end


@_compiled
def _hash(letters: _Numbers, begin: int, end: int) -> int:
    found = end - begin
    for at in range(begin, end):
        found = found * 1000003 + letters[at]
    return (found & 0x7FFFFFFFFFFFFFFF) | 1


@_compiled
def _word(plain: _Numbers, begin: int, end: int, words: _Numbers, letters: _Numbers) -> int:
    """Return a word's number, 0 where it is in no part."""
    mask = words.shape[0] - 1
    key = _hash(plain, begin, end)
    at = (key >> 7) & mask
    while words[at, 0] != 0:
        if words[at, 0] == key and words[at, 2] - words[at, 1] == end - begin:
            same = True
            for step in range(end - begin):
                if letters[words[at, 1] + step] != plain[begin + step]:
                    same = False
                    break
            if same:
                return words[at, 3]  # type: ignore[no-any-return]
        at = (at + 1) & mask
    return 0


@_kept
def _file(words: _Numbers, letters: _Numbers, places: _Numbers) -> None:
    """File the words, which stand in letters one after the other, under their numbers."""
    mask = words.shape[0] - 1
    for number in range(places.shape[0] - 1):
        begin, end = places[number], places[number + 1]
        key = _hash(letters, begin, end)
        at = (key >> 7) & mask
        while words[at, 0] != 0:
            at = (at + 1) & mask
        words[at, 0] = key
        words[at, 1] = begin
        words[at, 2] = end
        words[at, 3] = number + 1


@_compiled
def _weighed(
    codes: _Numbers,
    begin: int,
    end: int,
    chars: _Numbers,
    table: _Numbers,
    words: _Numbers,
    letters: _Numbers,
    plain: _Numbers,
    ids: _Numbers,
    zh: int,
    en: int,
) -> int:
    """Return what the parts of a stretch weigh, above what its language begins with."""
    size, chinese = _plain(codes, begin, end, chars, plain)
    table[table.shape[0] - 1, 2] += 1
    now = table[table.shape[0] - 1, 2]
    ids[0] = _BEGIN
    if chinese:
        for at in range(size):
            code = plain[at]
            ids[at + 1] = chars[code] & _NUMBER if code < chars.shape[0] else 0
        ids[size + 1] = _END
        count = size + 2
        total = zh
        for first in range(count):
            key = _ZH
            for at in range(first, min(first + 4, count)):
                if ids[at] == 0:
                    break
                key = key << _BITS | ids[at]
                row = _slot(table, key)
                if table[row, 0] == 0:
                    break  # nothing longer begins with it
                if table[row, 2] != now:
                    table[row, 2] = now
                    total += table[row, 1]
        return total
    count = 1
    at = 0
    while at < size:
        code = plain[at]
        stop = at + 1
        if _letter(code):
            while stop < size and _letter(plain[stop]):
                stop += 1
            if stop + 1 < size and plain[stop] == 39 and _letter(plain[stop + 1]):
                stop += 2
                while stop < size and _letter(plain[stop]):
                    stop += 1
            ids[count] = _word(plain, at, _stem(plain, at, stop), words, letters)
            count += 1
        elif not _space(code, chars):
            ids[count] = _word(plain, at, stop, words, letters)
            count += 1
        at = stop
    ids[count] = _END
    count += 1
    total = en
    for at in range(count):
        one = ids[at]
        if one == 0:
            continue
        total += _once(table, _EN << _BITS | one, now)
        for then in range(at + 1, min(at + _APART, count)):
            if ids[then] != 0:
                total += _once(table, (_PAIR << _BITS | one) << _BITS | ids[then], now)
        if at + 1 < count and ids[at + 1] != 0:
            two = ids[at + 1]
            key = (_EN << _BITS | one) << _BITS | two
            total += _once(table, key, now)
            if at + 2 < count and ids[at + 2] != 0:
                key = key << _BITS | ids[at + 2]
                if two == _NEAR:  # "a ~ b" is written as the pair is
                    key = (_PAIR << _BITS | one) << _BITS | ids[at + 2]
                total += _once(table, key, now)
    return total


@_compiled
def _stops(code: int) -> bool:
    """Tell whether a character ends a sentence."""
    return code == 0x3002 or code == 33 or code == 63 or code == 10 or code == 46 or code == 0


@_compiled
def _closes(code: int) -> bool:
    """Tell whether a character belongs to the sentence before it: ” " ’ 」 』 )."""
    return (
        code == 0x201D
        or code == 34
        or code == 0x2019
        or code == 0x300D
        or code == 0x300F
        or code == 41
    )


@_compiled
def _sentences(codes: _Numbers, places: _Numbers) -> int:
    """Write where the sentences begin and end, as tenor's expression finds them."""
    length = codes.shape[0]
    count = at = 0
    while at < length:
        if _stops(codes[at]):
            at += 1
            continue
        begin = at
        while at < length:
            code = codes[at]
            if _stops(code):
                if code != 46 or at + 1 >= length:
                    break
                if not (_digit(codes[at + 1]) or _letter(codes[at + 1])):
                    break
            at += 1
        if at < length and codes[at] != 0:
            while at < length and _stops(codes[at]) and codes[at] != 0:
                at += 1
            while at < length and _closes(codes[at]):
                at += 1
        places[count, 0] = begin
        places[count, 1] = at
        count += 1
    return count


@_kept
def _sum(
    codes: _Numbers,
    chars: _Numbers,
    table: _Numbers,
    words: _Numbers,
    letters: _Numbers,
    zh: int,
    en: int,
) -> int:
    length = codes.shape[0]
    plain = np.empty(length + 2, np.int32)
    ids = np.empty(length + 2, np.int64)
    return _weighed(codes, 0, length, chars, table, words, letters, plain, ids, zh, en)


@_kept
def _above(
    codes: _Numbers,
    chars: _Numbers,
    table: _Numbers,
    words: _Numbers,
    letters: _Numbers,
    zh: int,
    en: int,
    zh_alone: int,
    en_alone: int,
    zh_most: int,
    en_most: int,
) -> bool:
    """Tell whether a passage, or a sentence of one of several, weighs more than nothing.

    Passages begin with ``zh`` or ``en``, and the sentences with ``zh_alone`` or ``en_alone``.
    """
    length = codes.shape[0]
    plain = np.empty(length + 2, np.int32)
    ids = np.empty(length + 2, np.int64)
    places = np.empty((length + 1, 2), np.int64)
    most = en_most
    for code in codes:
        if _chinese(code):
            most = zh_most
            break
    count = _sentences(codes, places)
    begin = end = first = 0
    for number in range(count + 1):
        if end > begin and (number == count or places[number, 1] - begin > most):
            found = _weighed(codes, begin, end, chars, table, words, letters, plain, ids, zh, en)
            if found > 0:
                return True
            if number - first > 1:
                for one in range(first, number):
                    found = _weighed(
                        codes,
                        places[one, 0],
                        places[one, 1],
                        chars,
                        table,
                        words,
                        letters,
                        plain,
                        ids,
                        zh_alone,
                        en_alone,
                    )
                    if found > 0:
                        return True
            begin = end
            first = number
        if number < count:
            end = places[number, 1]
    return False


class Sums:
    """The weights of both languages, ready to sum.

    Args:
        learned: As ``words/tenor.json`` holds it.
        said: By language how much a passage must weigh to be a violation.
        alone: The same for a sentence of a passage of several.
        most: By language the most characters of a passage.

    Raises:
        ValueError: There are more characters or words than numbers for them.
    """

    def __init__(
        self,
        learned: Mapping[str, Any],
        said: Mapping[str, int],
        alone: Mapping[str, int],
        most: Mapping[str, int],
    ) -> None:
        zh, en = (learned[language]["weights"] for language in ("zh", "en"))
        known = sorted({char for part in zh for char in part} - {"^", "$"})
        char = {one: number for number, one in enumerate(["^", "$", *known], 1)}
        known = sorted({word for part in en for word in part.split(" ") if word} - {"^", "$", "~"})
        listed = ["^", "$", "~", *known]
        word = {one: number for number, one in enumerate(listed, 1)}
        if max(len(char), len(word)) > _NUMBER or ord(max(char)) >= _CODES:
            raise ValueError("The weights have more characters or words than can be numbered.")
        self._chars = np.zeros(_CODES, np.int32)
        for one, number in char.items():
            self._chars[ord(one)] = number
        for code in range(_CODES):
            if chr(code).isspace():
                self._chars[code] |= _SPACE
        parts = dict(_keys_zh(zh, char))
        parts.update(_keys_en(en, word))
        self._table = np.zeros((_room(len(parts)) + 1, 3), np.int64)
        keys, values = (np.array(list(some), np.int64) for some in (parts, parts.values()))
        _fill(self._table, keys, values)
        self._letters = np.array([ord(one) for some in listed for one in some], np.int32)
        self._words = np.zeros((_room(len(listed)), 4), np.int64)
        places = np.cumsum([0, *map(len, listed)])
        _file(self._words, self._letters, places.astype(np.int64))
        self._tables = (self._chars, self._table, self._words, self._letters)
        self._begin = (zh[""], en[""])
        self._limits = (
            *(zh[""] - said["zh"], en[""] - said["en"]),
            *(zh[""] - alone["zh"], en[""] - alone["en"]),
            *(most["zh"], most["en"]),
        )

    def weigh(self, text: str) -> int:
        """Return what `tenor.weigh` does."""
        return int(_sum(_codes(text), *self._tables, *self._begin))

    def above(self, text: str) -> bool:
        """Tell whether a passage of a text, or a sentence, weighs so much as a violation does."""
        return bool(_above(_codes(text), *self._tables, *self._limits))


def _codes(text: str) -> _Numbers:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)


def _room(many: int) -> int:
    """Return the power of two that leaves two rows of three free."""
    return 1 << (3 * many).bit_length()


def _keys_zh(weights: Mapping[str, int], char: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Yield the keys of the Chinese parts, and of what they begin with, which weighs nothing."""
    beginnings = {part[:size] for part in weights for size in range(1, min(len(part), 4) + 1)}
    for part in beginnings:
        key = _ZH
        for one in part:
            key = key << _BITS | char[one]
        yield key, weights.get(part, 0)


def _keys_en(weights: Mapping[str, int], word: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    for part, weight in weights.items():
        some = part.split(" ")
        if all(some) and len(some) <= 3:
            key = _EN
            if len(some) == 3 and some[1] == "~":
                key, some = _PAIR, [some[0], some[2]]
            for one in some:
                key = key << _BITS | word[one]
            yield key, weight
