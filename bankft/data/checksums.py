"""The check digits of the numbers that people and companies are known by."""

from datetime import date

# GB/T 2260: the first two digits of a region, and of those that are numbered like provinces.
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)
_ID_WEIGHTS = [pow(2, 17 - i, 11) for i in range(17)]  # 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_USCC_WEIGHTS = [pow(3, i, 31) for i in range(17)]  # 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28
# First digits and lengths of payment cards: UnionPay (62, 81, older domestic ones), Visa,
# Mastercard, JCB, American Express, Diners, Discover.
_ISSUERS: tuple[tuple[tuple[str, ...], range | tuple[int, ...]], ...] = (
    (("62", "81", "9558", "603", "690", "685"), range(13, 20)),
    (("4",), (13, 16, 19)),
    (("51", "52", "53", "54", "55", *map(str, range(23, 27)), "222", "223", "224", "225", "226",
      "227", "228", "229", "270", "271", "2720"), (16,)),
    (("352", "353", "354", "355", "356", "357", "358"), range(16, 20)),
    (("34", "37"), (15,)),
    (("300", "301", "302", "303", "304", "305", "36", "38"), (14,)),
    (("6011", "65", "644", "645", "646", "647", "648", "649"), (16, 19)),
)  # fmt: skip


def id_card_digit(first: str) -> str:
    """Return the check character of an identity card's first 17 digits.

    GB 11643-1999, by ISO 7064 MOD 11-2.

    >>> id_card_digit("11010519491231002")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, first, strict=True))
    return "10X98765432"[total % 11]


def born(digits: str) -> bool:
    """Return whether YYYYMMDD, or YYMMDD of the 20th century, is a day on which one was born.

    >>> born("19490230")
    False
    """
    digits = digits if len(digits) == 8 else "19" + digits
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= day <= date.today()


def luhn(digits: str) -> bool:
    """Return whether the last digit fits the others (ISO/IEC 7812-1, annex B).

    >>> luhn("4111111111111111")
    True
    """
    doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
    backwards = [int(digit) for digit in reversed(digits)]
    return (sum(backwards[::2]) + sum(doubled[digit] for digit in backwards[1::2])) % 10 == 0


def is_issued(digits: str) -> bool:
    """Return whether a payment network has cards with these first digits and this length.

    >>> is_issued("6222021234567890128"), is_issued("9780306406157")
    (True, False)
    """
    return any(digits.startswith(first) and len(digits) in lengths for first, lengths in _ISSUERS)


def uscc_digit(first: str) -> str:
    """Return the check character of a unified social credit code's first 17 (GB 32100-2015).

    >>> uscc_digit("91110108551385082")
    'Q'
    """
    total = sum(
        weight * _USCC.index(char) for weight, char in zip(_USCC_WEIGHTS, first, strict=True)
    )
    return _USCC[-total % 31]


# ISO 13616: the countries' own lengths; mainland China has none.
_IBAN_LENGTHS = {
    "AE": 23, "AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "HU": 28, "IE": 22, "IL": 23, "IT": 27, "KZ": 20, "LU": 20,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "SA": 24, "SE": 24, "TR": 26,
}  # fmt: skip


def is_iban(text: str) -> bool:
    """Return whether an international bank account number's check digits fit (ISO 13616).

    >>> is_iban("GB82WEST12345698765432")
    True
    """
    if _IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1
