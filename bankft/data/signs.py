"""Which finders a text gives anything to do: one native pass for the signs of all of them.

Each finder says by which patterns it begins (its ``SIGNS``): a text in which none of them matches
holds nothing for it. They are put together, less strict than they are (RE2 has no lookaround, so
that is left out), into one automaton that reads a text once, in the time of one search. Ordinary
text shows few signs, and most finders are spared it. Without the package of the extra ``fast``
every finder looks at every text, and finds the same.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Possible = Callable[[str], frozenset[str]]
_MEMORY = 2**25  # bytes for the automaton's states


def reader(signs: Mapping[str, Iterable["re.Pattern[str] | str"]]) -> Possible | None:
    """Return the function that says who may find something in a text.

    Args:
        signs: For each finder its patterns. They are held against a new line and the text.

    Returns:
        The function; None without the package.

    >>> possible = reader({"mail": [re.compile("@")], "name": [re.compile("姓名(?=：)")]})
    >>> {"mail"} <= possible("a@b.cn")
    True
    """
    every = frozenset(signs)
    try:
        re2 = import_module("re2")
    except ImportError:
        return None
    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    together = re2.Set.SearchSet(options)
    owners = [name for name, patterns in signs.items() for _ in patterns]
    for patterns in signs.values():
        for pattern in patterns:
            together.Add(looser(pattern))
    together.Compile()
    match = together.Match
    nobody: frozenset[str] = frozenset()

    def possible(text: str) -> frozenset[str]:
        try:
            found = match(f"\n{text}".encode())
        except UnicodeEncodeError:  # half a character
            return every
        return frozenset([owners[number] for number in found]) if found else nobody

    return possible


def looser(pattern: "re.Pattern[str] | str") -> str:
    r"""Return a pattern for RE2 that matches wherever this one does, and perhaps elsewhere.

    >>> looser(re.compile("(?<!a)b(?=c)"))
    '\\x{62}(?:\\x{63})'
    """
    source, flags = (pattern, 0) if isinstance(pattern, str) else (pattern.pattern, pattern.flags)
    tree = _parser.parse(source, flags & ~re.UNICODE)
    return ("(?i)" if flags & re.IGNORECASE else "") + _loose(tree, last=True)


def _loose(tree: Any, *, last: bool = False) -> str:
    """Write a part of a pattern; what must follow the last one may be read, too."""
    end = len(tree) - 1
    return "".join(
        _one(what, value, last and number == end) for number, (what, value) in enumerate(tree)
    )


def _one(what: Any, value: Any, last: bool) -> str:
    if what is op.LITERAL:
        return _char(value)
    if what is op.NOT_LITERAL:
        return f"[^{_char(value)}]"
    if what is op.IN:
        return _class(value)
    if what is op.BRANCH:
        return f"(?:{'|'.join(_loose(branch, last=last) for branch in value[1])})"
    if what is op.SUBPATTERN:
        ignoring = "i" if value[1] & re.IGNORECASE else ""
        return f"(?{ignoring}:{_loose(value[3], last=last)})"
    if what in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, most, inner = value
        times = f"{{{least},}}" if most is op.MAXREPEAT else f"{{{least},{most}}}"
        return f"(?:{_loose(inner)}){times}"
    if what is op.ASSERT and value[0] > 0 and last:
        return f"(?:{_loose(value[1], last=True)})"
    if what in (op.ASSERT, op.ASSERT_NOT, op.AT):
        return ""
    return _ANY if what is op.ANY else _unknown(what)


_ANY = r"[\x00-\x{10ffff}]"


def _unknown(what: Any) -> str:
    raise ValueError(f"A sign cannot hold {what}.")


def _char(code: int) -> str:
    return f"\\x{{{code:x}}}"


def _class(items: list[tuple[Any, Any]]) -> str:
    shown = ""
    for what, value in items:
        if what is op.CATEGORY:  # \s, \w: wider in Python than in RE2
            return _ANY
        if what is op.NEGATE:
            shown += "^"
        elif what is op.RANGE:
            shown += f"{_char(value[0])}-{_char(value[1])}"
        else:
            shown += _char(value)
    return f"[{shown}]"
