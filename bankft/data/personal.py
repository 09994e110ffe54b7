r"""Find personal data in Chinese and English text.

Only kinds with a firm shape are found: identity cards and bank cards by their check digits,
mobile numbers and e-mail addresses by their form. Names and addresses have no check digit and
are not looked for. Full-width digits, invisible characters, and single spaces or hyphens
between groups of digits do not hide a number.

A word boundary (``\b``) never fires between a Chinese character and a digit, because both are
word characters to a regular expression; ASCII lookarounds stand in its place.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Finding:
    """One piece of personal data: what it is, and where it stands in the raw text.

    Attributes:
        kind: ``"id_card"``, ``"bank_card"``, ``"mobile"`` or ``"email"``.
        start: Offset of its first character.
        end: Offset after its last character.
    """

    kind: str
    start: int
    end: int


def find_personal(text: str) -> list[Finding]:
    """Return the personal data in a text, in order, without overlaps.

    Rules: identity cards after GB 11643-1999 (province, real date, check digit by ISO 7064
    MOD 11-2); bank cards after ISO/IEC 7812 (13 to 19 digits, a payment network's first digits,
    Luhn check digit); mainland mobile numbers (11 digits, 1[3-9], +86 or not); e-mail addresses.
    A number with decimals is an amount or a measurement, never one of them.

    >>> find_personal("电话１３８ ００１３ ８０００，谢谢")
    [Finding(kind='mobile', start=2, end=15)]
    """
    view, offsets = _see_through(text)
    found: list[Finding] = []
    taken = bytearray(len(view))  # an identity card may hold what looks like another number
    for kind, pattern, is_real in _KINDS:
        for match in pattern.finditer(view):
            start, end = match.span()
            if not any(taken[start:end]) and is_real(match[0]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Finding(kind, offsets[start], offsets[end - 1] + 1))
    return sorted(found, key=lambda finding: finding.start)


def _see_through(text: str) -> tuple[str, "list[int] | range"]:
    """Return the text as a reader sees it (NFKC, nothing invisible), and raw offsets for it."""
    if text.isascii():
        return text, range(len(text))
    view: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        if char.isascii() or "\u4e00" <= char <= "\u9fff":
            seen = char
        elif unicodedata.category(char) == "Cf":  # zero-width characters, soft hyphens, marks
            continue
        else:
            seen = unicodedata.normalize("NFKC", char)
        view.append(seen)
        offsets.extend([offset] * len(seen))
    return "".join(view), offsets


# First two digits of an identity card: the provinces, and the regions numbered like them.
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_WEIGHTS = [pow(2, 17 - i, 11) for i in range(17)]  # 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2
_NETWORKS = re.compile("62|4|5[1-5]|35|3[47]")


def _is_id_card(text: str) -> bool:
    number = re.sub("[ -]", "", text).upper()
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return (
        bool(_PROVINCE.match(number))
        and date(1900, 1, 1) <= born <= date.today()
        and number[17] == "10X98765432"[total % 11]
    )


def _is_bank_card(text: str) -> bool:
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (
        bool(_NETWORKS.match(re.sub("[ -]", "", text)))
        and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    )


def _number(shape: str) -> "re.Pattern[str]":
    """Compile a number's shape so that it neither continues nor belongs to a decimal number."""
    return re.compile(rf"(?<![0-9A-Za-z])(?<![0-9]\.)(?:{shape})(?![0-9A-Za-z])(?!\.[0-9])")


# In order: what comes first takes its characters. Long cards stand before short ones.
_KINDS: list[tuple[str, "re.Pattern[str]", Callable[[str], bool]]] = [
    ("id_card", _number("[1-9][0-9]{5}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx]"), _is_id_card),
    ("bank_card", _number("[0-9]{13,19}|[0-9]{6}[ -][0-9]{13}"), _is_bank_card),
    ("bank_card", _number("[0-9]{4}(?:[ -][0-9]{4}){3}[ -][0-9]{1,3}"), _is_bank_card),
    (
        "bank_card",
        _number("[0-9]{4}(?:[ -][0-9]{4}){2}[ -][0-9]{1,4}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}"),
        _is_bank_card,
    ),
    (
        "mobile",
        _number(r"(?:(?:\+|00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"),
        lambda _: True,
    ),
    (
        "email",
        re.compile(
            r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}"
            r"(?![A-Za-z0-9])"
        ),
        lambda _: True,
    ),
]
