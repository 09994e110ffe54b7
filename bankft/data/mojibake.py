"""Text that was read in the wrong encoding: found, and put right where no byte was lost.

Three accidents make nearly all of it. UTF-8 read as a Western code page turns 基金 into åŸºé‡‘,
UTF-8 read as GBK turns it into 鍩洪噾, and GBK read as a Western code page into »ù½ð. Each can be
undone by writing the text in the wrong encoding and reading it in the right one, as long as
every byte is still there. A code page has holes, though: what fell into one is gone, and shows as
U+FFFD here. The test of a guess is what it gives: characters that people use, in UTF-8's own
strict pattern of bytes, which ordinary text meets by chance in no measurable number.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LOST = "\ufffd"  # stands where a character cannot be known any more


@dataclass(frozen=True)
class Repair:
    """What repairing a text gave.

    Attributes:
        text: The text, put right as far as its bytes are still there.
        restored: How many characters were put right.
        lost: How many places stay unreadable, each one U+FFFD in ``text``.
    """

    text: str
    restored: int
    lost: int

    @property
    def whole(self) -> bool:
        """Whether nothing of the text is lost."""
        return self.lost == 0


def is_mojibake(text: str) -> bool:
    """Tell whether part of a text was read in the wrong encoding, or holds lost characters.

    >>> is_mojibake("鍩洪噾"), is_mojibake("基金"), is_mojibake("café")
    (True, False, False)
    """
    if LOST in text or "锟斤" in text:  # 锟斤拷: two U+FFFD in UTF-8, read as GBK
        return True
    return any(find(text) for find, _ in _ACCIDENTS)


def repair(text: str) -> Repair:
    """Put right what was read in the wrong encoding, twice or three times over if need be.

    >>> repair("åŸºé‡‘")
    Repair(text='基金', restored=2, lost=0)
    >>> repair("æ•°æ®")  # a byte of 据 had no character in the code page
    Repair(text='数\ufffd', restored=1, lost=1)
    """
    restored = 0
    for _ in range(3):
        undo = next((undo for find, undo in _ACCIDENTS if find(text)), None)
        if undo is None:
            break
        text, restored = undo(text)
    text = re.sub("(?:锟斤拷)+锟?斤?|锟斤", LOST, text)
    return Repair(text, restored, text.count(LOST))


def _reverse_western() -> dict[str, int]:
    """Return the byte of each character in windows-1252, windows-1254 and Latin-1."""
    table = {chr(code): code for code in range(0x80, 0x100)}
    for name in ("cp1252", "cp1254"):
        for code in range(0x80, 0x100):
            table.setdefault(bytes([code]).decode(name, "ignore") or chr(code), code)
    return table


_BYTE = _reverse_western()


def _class(low: int, high: int) -> str:
    return "[" + "".join(re.escape(char) for char, n in _BYTE.items() if low <= n <= high) + "]"


_NEXT = _class(0x80, 0xBF)
_WESTERN = re.compile(_class(0x80, 0xFF) + "+")
# A lead byte and what follows it: three or four bytes are nearly proof. With two, the usual
# letters of Western Europe only, since "Ã©" is no text but "É‘" might be.
_LONG = re.compile(f"{_class(0xE2, 0xEF)}{_NEXT}{{2}}|{_class(0xF0, 0xF4)}{_NEXT}{{3}}")
_SHORT = re.compile(f"[ÃÂ]{_NEXT}")
_STUB = re.compile(f"{_class(0xE2, 0xF4)}{_NEXT}")  # of a character that lost a byte


def _chars(encoding: str, leads: range, trails: Iterable[int]) -> frozenset[str]:
    trails = list(trails)
    rows = (bytes(byte for trail in trails for byte in (lead, trail)) for lead in leads)
    return frozenset("".join(row.decode(encoding, "ignore") for row in rows))


# What Chinese and Japanese text is made of: level 1 of GB 2312 and of Big5, kana, marks.
SIMPLIFIED = _chars("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))
COMMON = (
    SIMPLIFIED
    | _chars("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    | {chr(code) for code in (*range(0x3000, 0x3100), *range(0xFF00, 0xFF66))}
    | {chr(code) for code in (*range(0x2010, 0x2040), *range(0x2100, 0x2800), 0x20AC)}
)


def _readable(text: str) -> bool:
    """Tell whether what a guess gave can be meant: characters in use, emoji, Latin letters."""
    good = sum(char in COMMON or char >= "\U0001f000" or char < "\u0250" for char in text)
    return good >= 0.8 * len(text)


def _find_western(text: str) -> bool:
    longs = [one for one in _LONG.findall(text) if not one.endswith("\u00a0»")]  # « fermé »
    decoded = [_western_bytes(one).decode("utf-8", "ignore") for one in longs]
    if (found := "".join(decoded)) and _readable(found):
        return True
    return bool(_SHORT.search(text))


def _western_bytes(text: str) -> bytes:
    return bytes(_BYTE[char] for char in text)


def _undo_western(text: str) -> tuple[str, int]:
    restored = 0

    def put_right(match: re.Match[str]) -> str:
        nonlocal restored
        run = match.group()
        if not (_LONG.search(run) or _SHORT.search(run) or _STUB.search(run)):
            return run  # an accent that was read rightly
        decoded = _western_bytes(run).decode("utf-8", "replace")
        restored += len(decoded) - decoded.count(LOST)
        return decoded

    return _WESTERN.sub(put_right, text), restored


# GBK read as Western: pairs of a lead byte B0–F7 (or A1–A3 for marks) and a byte A1–FE.
_PAIR = f"(?:{_class(0xA1, 0xA3)}|{_class(0xB0, 0xF7)}){_class(0xA1, 0xFE)}"
_PAIRS = re.compile(f"(?:{_PAIR})+")


def _pairs_right(run: str) -> str:
    """Return the Chinese of a run of pairs, or nothing where it is none."""
    decoded = _western_bytes(run).decode("gb2312", "ignore")
    if len(decoded) * 2 != len(run):
        return ""
    usual = sum(char in SIMPLIFIED or char < "\u4e00" or char > "\uff00" for char in decoded)
    return decoded if usual == len(decoded) or usual > max(3, 0.8 * len(decoded)) else ""


def _find_pairs(text: str) -> bool:
    """Tell whether pairs of Western characters make Chinese words, and are no UTF-8."""
    right = [_pairs_right(match.group()) for match in _PAIRS.finditer(text)]
    hanzi = sum("\u4e00" <= char <= "\u9fff" for char in "".join(right))
    if hanzi < 2 or max(len(set(one)) for one in right) < 2:
        return False
    foreign = sum(map(len, _WESTERN.findall(text)))
    as_utf8 = sum(map(len, _LONG.findall(text) + _SHORT.findall(text)))
    return 2 * hanzi > max(as_utf8, 0.6 * foreign)


def _undo_pairs(text: str) -> tuple[str, int]:
    right = "".join(_pairs_right(match.group()) for match in _PAIRS.finditer(text))
    return _PAIRS.sub(lambda match: _pairs_right(match.group()) or match.group(), text), len(right)


def _leads() -> str:
    """Return what the first two bytes of common UTF-8 characters look like in GBK."""
    leads = [(0xE2, range(0x80, 0x81)), (0xE3, range(0x80, 0x84)), (0xEF, range(0xBC, 0xBE))]
    leads += [(first, range(0x80, 0xC0)) for first in range(0xE4, 0xEA)]
    pairs = (bytes([first, second]) for first, seconds in leads for second in seconds)
    return "".join(pair.decode("gb18030") for pair in pairs)


GBK_LEADS = _leads()
# A run starts where a lead stands, and goes on over whatever GBK may have made of UTF-8.
_GBK_RUN = re.compile(f"[{GBK_LEADS}][\u0080-\uffff]+\\??")


def _gbk_bytes(run: str) -> bytes:
    """Return the bytes that were read as GBK; windows-936 knows a lone 0x80 as the euro sign."""
    parts = re.split(f"([€{LOST}])", run)
    as_byte = {"€": b"\x80", LOST: b"\xff"}
    return b"".join(as_byte.get(part) or part.encode("gb18030", "replace") for part in parts)


def _gbk_right(run: str) -> str:
    """Return what a run was in UTF-8, or nothing if it is fine as it stands."""
    raw = _gbk_bytes(run)
    # A byte without its partner at the end of a run was written as a question mark.
    decoded = re.sub(f"{LOST}+[?]?", LOST, raw.decode("utf-8", "replace"))
    fits = [(char in COMMON and char >= "\u2000") or char == "?" for char in decoded]
    good = sum(fits)
    # By chance the first characters of a fine text fit now and then: four in a row do not.
    least = 2 if LOST in run or all(fits[:-1]) else 4
    share = 0.6 if LOST in run else 0.9
    if good >= least and (good >= share * len(decoded) or all(fits[:-1])):
        return decoded
    if all(fits[:4]) and len(fits) > 4:
        start = decoded[: fits.index(False)]
        rest = raw[len(start.encode()) :].decode("gb18030", "replace")
        return start + _GBK_RUN.sub(lambda match: _gbk_right(match.group()) or match.group(), rest)
    return ""


def _find_gbk(text: str) -> bool:
    return any(_gbk_right(match.group()) for match in _GBK_RUN.finditer(text))


def _undo_gbk(text: str) -> tuple[str, int]:
    restored = 0

    def put_right(match: re.Match[str]) -> str:
        nonlocal restored
        right = _gbk_right(match.group())
        restored += len(right) - right.count(LOST)
        return right or match.group()

    return _GBK_RUN.sub(put_right, text), restored


_ACCIDENTS: tuple[tuple[Callable[[str], bool], Callable[[str], tuple[str, int]]], ...] = (
    (_find_pairs, _undo_pairs),
    (_find_western, _undo_western),
    (_find_gbk, _undo_gbk),
)
