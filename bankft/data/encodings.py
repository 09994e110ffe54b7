"""Which encoding a file is in, and which characters of a text are not what they seem."""

import codecs
import re
from collections.abc import Iterable
from typing import BinaryIO

from bankft.data.mojibake import GBK_LEADS, LOST, SIMPLIFIED, is_mojibake
from bankft.errors import UsageError

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 2**20

_FULL_WIDTH = "０-９Ａ-Ｚａ-ｚ"
# Joiners belong into emoji and Indic scripts, not between Chinese characters, letters and digits.
_WORD = "0-9A-Za-z\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef"
_ZERO_WIDTH = (
    "\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb"
)
_JOINER = f"(?<=[{_WORD}])[\u200c\u200d]|[\u200c\u200d](?=[{_WORD}])"

_full_width = re.compile(f"[{_FULL_WIDTH}]")
_zero_width = re.compile(f"[{_ZERO_WIDTH}]|{_JOINER}")
_STRANGE = (
    f"{_FULL_WIDTH}{_ZERO_WIDTH}\u200c\u200d{LOST}锟\u0080-\u009f\u00c2-\u00d6\u00d8-\u00f6ğ"
    f"{GBK_LEADS}"
)
# ° and · are in ordinary texts: they are strange only before what may be a second byte of GBK.
_strange = re.compile(f"[{_STRANGE}\u00b0-\u00c1](?:(?<=[{_STRANGE}])|(?=[\u00a1-\u00feğıĞİşŞ]))")


def flaws(text: str) -> tuple[str, ...]:
    """Return what is wrong with the characters of a text, as codes of ``bankft.data.wording``.

    ``mojibake``: read in the wrong encoding, or holding lost characters. ``full_width``: letters
    or digits of double width. ``zero_width``: characters that nobody sees. Ordinary text, Chinese
    or English, costs one scan.

    >>> flaws("管理费每年 1.20%，仅供参考。")
    ()
    >>> flaws("管理费 １.20%"), flaws("保\u200b本"), flaws("åŸºé‡‘")
    (('full_width',), ('zero_width',), ('mojibake',))
    """
    if text.isascii() or not _strange.search(text):
        return ()
    found = []
    if is_mojibake(text):
        found.append("mojibake")
    if _full_width.search(text):
        found.append("full_width")
    if _zero_width.search(text):
        found.append("zero_width")
    return tuple(found)


def normalize(text: str) -> str:
    """Return a text with letters and digits of ordinary width and without invisible characters.

    Chinese punctuation stays as it is, and so do the joiners inside emoji.

    >>> normalize("（Ａ类）费率１.２０％\u200b")
    '（A类）费率1.20％'
    """
    if text.isascii() or not _strange.search(text):
        return text
    narrow = _full_width.sub(lambda match: chr(ord(match.group()) - 0xFEE0), text)
    # A dot between digits of double width is one, too.
    narrow = re.sub("(?<=[0-9])．(?=[0-9])", ".", narrow)
    return _zero_width.sub("", narrow)


def encoding(name: str) -> str:
    """Return Python's name of an encoding; GBK and GB 2312 are read as GB 18030, which holds both.

    Raises:
        UsageError: There is no such encoding.

    >>> encoding("GBK"), encoding("UTF8")
    ('gb18030', 'utf-8')
    """
    try:
        known = codecs.lookup(name.strip()).name
        "".encode(known)  # some codecs, such as rot13, make no bytes
    except (LookupError, ValueError):
        raise UsageError(
            f"There is no text encoding {name!r}: use utf-8, gb18030, big5, utf-16 or auto."
        ) from None
    return "gb18030" if known in ("gbk", "gb2312", "cp936", "hz") else known


def detect(file: BinaryIO) -> str | None:
    """Return the encoding of a file, or None if it is not text; the file is left at its start.

    A byte order mark is believed. Without one, what is UTF-8 throughout is UTF-8, unless it is so
    by accident, as two Chinese characters in GBK may be: then every character outside ASCII
    takes two bytes and is a common character in GB 2312. What is neither but mostly UTF-8 is
    damaged UTF-8. The whole file is read, a megabyte at a time.

    Args:
        file: Open for reading bytes, and able to seek.

    >>> import io
    >>> detect(io.BytesIO("基金".encode())), detect(io.BytesIO("基金".encode("gbk")))
    ('utf-8', 'gb18030')
    """
    file.seek(0)
    head = file.read(_CHUNK)
    found = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    found = found or _without_mark(file, head)
    file.seek(0)
    return found


def _without_mark(file: BinaryIO, head: bytes) -> str | None:
    if b"\0" in head:
        return _utf_16(head)
    if _decodes(file, "utf-8"):
        foreign = re.findall(b"[\x80-\xff]+", head)
        return "gb18030" if foreign and _by_accident(foreign, head) else "utf-8"
    sample = _sample(file)
    multibyte = re.findall(b"[\xe2-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", sample)
    high = sum(map(len, re.findall(b"[\x80-\xff]+", sample)))
    if sum(map(len, multibyte)) > 0.5 * high:
        return "utf-8"
    guesses = {name: _usual(sample.decode(name, "replace")) for name in ("gb18030", "big5")}
    best = max(guesses, key=guesses.__getitem__)
    return best if guesses[best] > 0.5 else None


def _decodes(file: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(file: BinaryIO) -> bytes:
    """Return up to a megabyte from where the first byte outside ASCII stands."""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        if match := re.search(b"[\x80-\xff]", chunk):
            return chunk[match.start() :] + file.read(match.start())
    return b""


def _by_accident(foreign: Iterable[bytes], head: bytes) -> bool:
    """Tell whether text that is valid UTF-8 is common Chinese in GB 2312."""
    runs = list(foreign)
    if re.search(b"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]", head):
        return False  # accents stand in words
    if any(len(run) % 2 or re.search(b"[\xe0-\xff]", run[::2]) for run in runs):
        return False
    text = b"".join(runs).decode("gb18030", "replace")
    return all(char in SIMPLIFIED for char in text)


def _usual(text: str) -> float:
    """Return which share of a text's foreign characters are in everyday use in Chinese."""
    from bankft.data.mojibake import COMMON

    foreign = [char for char in text if char >= "\x80"]
    return sum(char in COMMON for char in foreign) / len(foreign) if foreign else 0.0


def _utf_16(head: bytes) -> str | None:
    """Return which UTF-16 it is by where the zeros of its ASCII characters stand."""
    sample = head[: len(head) & ~1][:65_536]
    zeros = {"utf-16-be": sample[::2].count(0), "utf-16-le": sample[1::2].count(0)}
    most = max(zeros, key=zeros.__getitem__)
    if sum(zeros.values()) != zeros[most] or zeros[most] * 16 <= len(sample):
        return None
    try:
        codecs.getincrementaldecoder(most)().decode(sample)
    except UnicodeDecodeError:
        return None
    return most
