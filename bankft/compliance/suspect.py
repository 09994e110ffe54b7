"""What makes a text worth rewriting: signs of a disguise, and the characters that it is made of.

A text without any is what it shows. A few regular expressions look for the signs, each at every
place of the text; RE2 of the ``fast`` extra reads a text once for all of them, and only what it
lets through is looked at by these.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

CHINESE = "一-鿿〇"
LEETS = "0-9@$!|€£¢"
LATIN = f"a-z{LEETS}"
EMOJI = r"\u2190-\u2bff\U0001f000-\U0001faff"
# Between two characters of a word nobody writes these, unless to hide it.
SOFT = r" 丶/@\t\u3000·•.*_~^`'+=#&\-…°\u2190-\u2bff\U0001f000-\U0001faff|\\"
HARD = r",、;:。!()\[\]{}<>《》“”\"‘’「」『』【】〈〉\n"


@cache
def tables() -> dict[str, dict[str, str]]:
    """Return the tables of ``words/disguise.toml``."""
    text = files(__package__).joinpath("words/disguise.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    return found


_RARE = "亻禾贝氵讠"  # parts of split characters
REWRITTEN = "|".join(sorted(tables()["rewrites"], key=len, reverse=True))
_STEMS = ("guarant", "risk", "profit", "princip", "capital", "cannot", "protect")


def suspicious(text: str, *, native: bool | None = None) -> bool:
    """Tell whether a text has something of a disguise.

    Args:
        text: Lower case, NFKC.
        native: False: without the help of the ``fast`` extra. The answer is the same.

    >>> suspicious("稳zuan"), suspicious("稳健")
    (True, False)
    """
    sieve = None if native is False else _sieve(text.isascii())
    if sieve is not None:
        try:
            if not sieve(text):
                return False
        except UnicodeEncodeError:  # a lone surrogate: look at each place
            pass
    return _signs(text) or _split_word(text)


@cache
def _sieve(latin: bool) -> Callable[[str], Sequence[int] | None] | None:
    """Return what finds nothing in a text without signs, None where RE2 is not installed."""
    try:
        import re2
    except ImportError:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    one = re2.Set.SearchSet(options)
    one.Add("|".join(map(_plainly, _SIEVE_LATIN if latin else _SIEVE)))
    one.Compile()
    return one.Match  # type: ignore[no-any-return]


def _plainly(expression: str) -> str:
    """Write escaped code points as characters, which RE2 understands."""
    return re.sub(
        r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})", lambda m: chr(int(m[1] or m[2], 16)), expression
    )


def _signs(text: str) -> bool:
    """Tell whether a sign stands somewhere in the text."""
    if text.isascii():
        return any(suspect.search(text) for suspect in _SUSPECT_LATIN)
    if any(suspect.search(text) for suspect in _SUSPECT):
        return True
    return bool(_LETTER.search(text)) and any(s.search(text) for s in _SUSPECT_MIXED)


def _split_word(text: str) -> bool:
    """Tell whether a word may be written with blanks inside: guaran teed."""
    if " " not in text:
        return False
    together = text.replace(" ", "")
    return any(together.count(stem) > text.count(stem) for stem in _STEMS)


# What makes a text worth rewriting. Each begins with one class of characters, or with literals:
# most places of a text are left at once.
_DIGITS = (
    rf"(?:(?<=[a-z].)[{LEETS}]{{0,2}}[a-z]|(?<![a-z0-9].)(?<=[{LEETS}])[{LEETS}]?[a-z]{{1,2}}"
    r"|(?<=[li|]0)[o0]|(?<=1)(?:o[o0]|0o)"  # l00%
    r"|(?<=n0)(?![0-9a-z.,%]))"  # n0
)
_LETTERS_APART = rf"(?=['{SOFT}]*[a-z'][{SOFT}]{{1,3}}[a-z'](?![a-z]))"  # r-i-s-k
_MARKED = r"[/|=+*_!#.](?:(?<=[a-z][^.])[/|=+*_!#.]{0,2}|(?<=[a-z].)\.{1,2})[a-z]"
_SPELT = (
    "b(?:ao ?(?:ben|xi|di|zheng)|u ?(?:kui|pei)|i ?zh(?:ang|uan))|w(?:en ?zh?uan|u ?feng)"
    "|ling ?(?:feng|kui)|shou ?yi|cheng ?nuo|gang ?dui|dou ?di"
)
_SUSPECT_LATIN = (
    re.compile(rf"[{LEETS}]{_DIGITS}"),
    re.compile(rf"[.\-_*·•/~](?:{_LETTERS_APART}|(?<=[a-z][*_~·•])[a-z]|(?<=r-)anteed)"),
    re.compile(r" (?:[a-z'] {1,3}[a-z'](?![a-z])| +[a-z]|- ?[a-z])"),
    re.compile(_SPELT),
    re.compile(r"[\[({<](?:(?<=[a-z].)[a-z]|[a-z][\])}>][-_. ]{0,2}[\[({<][a-z][\])}>])"),
    re.compile(_MARKED),
)
_SUSPECT = (
    re.compile(
        rf"[{SOFT}](?:(?:(?<=[{CHINESE}].)|(?<=% ))[{SOFT}]*[{CHINESE}]|(?<=0.)[{SOFT}]*[风亏损]"
        rf"|{_LETTERS_APART}|(?<=[a-z][*_~·•])[a-z]|(?<=r-)anteed)"
    ),
    re.compile(
        rf"[{HARD}](?:(?<=[{CHINESE}].)(?<![{CHINESE}][{CHINESE}].)(?=[{CHINESE}](?![{CHINESE}]))"
        rf"|(?<=[\[【(「『“\"'<《{{])(?=[{CHINESE}][^{CHINESE}]))"
    ),
    re.compile(f"[{_RARE}]|[{EMOJI}](?=[a-z0%])"),
    re.compile(REWRITTEN),
)
_LETTER = re.compile("[a-z|]")
_SUSPECT_MIXED = (  # where Latin letters stand among Chinese characters
    re.compile(rf"[{LEETS}]{_DIGITS}"),
    re.compile(r"[a-z](?<![a-z0-9].)[a-z]{1,15}(?![a-z0-9])"),
    re.compile(r"[\[({<【][a-z][\])}>】][-_. ]{0,2}[\[({<【][a-z][\])}>】]"),
    re.compile(_MARKED),
)

# The same signs for RE2, which looks neither ahead nor back: with what must stand before and
# behind them. It may find more, never less; a test holds one against the other.
_APART = rf"['{SOFT}]*[a-z'][{SOFT}]{{1,3}}[a-z'](?:[^a-z]|$)"
_IN_BRACKETS = r"[\[({<【][a-z][\])}>】][-_. ]{0,2}[\[({<【][a-z][\])}>】]"
_SIEVE_BOTH = (
    rf"[a-z][{LEETS}]{{1,3}}[a-z]|(?:^|[^a-z0-9])[{LEETS}]{{1,2}}[a-z]",
    r"[li|]0[o0]|1o[o0]|10o|n0(?:[^0-9a-z.,%]|$)",
    r"[a-z][/|=+*_!#][/|=+*_!#.]{0,2}[a-z]|[a-z][/|=+*_!#.]\.{1,2}[a-z]",
    _IN_BRACKETS,
    r"[a-z][*_~·•][a-z]|r-anteed",
    *(
        " *".join(stem[:at]) + " +" + " *".join(stem[at:])
        for stem in _STEMS
        for at in range(1, len(stem))
    ),
)
_SIEVE_LATIN = (
    *_SIEVE_BOTH,
    rf"[.\-_*·•/~]{_APART}",
    r" [a-z'] {1,3}[a-z'](?:[^a-z]|$)|  +[a-z]| - ?[a-z]",
    _SPELT,
    r"[a-z][\[({<][a-z]",
)
_SIEVE = (
    *_SIEVE_BOTH,
    rf"[{CHINESE}][{SOFT}]+[{CHINESE}]|% [{SOFT}]*[{CHINESE}]|0[{SOFT}]+[风亏损]",
    rf"[{SOFT}]{_APART}",
    rf"(?:^|[^{CHINESE}])[{CHINESE}][{HARD}][{CHINESE}](?:[^{CHINESE}]|$)",
    rf"[\[【(「『“\"'<《{{][{CHINESE}][^{CHINESE}]",
    f"[{_RARE}]|[{EMOJI}][a-z0%]",
    REWRITTEN,
    r"(?:^|[^a-z0-9])[a-z]{2,16}(?:[^a-z0-9]|$)",
)
