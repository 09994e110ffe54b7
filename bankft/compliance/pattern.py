r"""The small language that rules are written in, and what it compiles to.

::

    保(本|息)          literal text, alternatives in parentheses, ? after what may be left out
    {promise}          any word of a group
    ..   ..12          up to 6 (up to 12) characters of the same clause
    #                  a number, in digits or Chinese numerals
    [确担]             one of these characters;  [^的] one other than these, in the same clause
    (?!人)  (?<!确)    not followed by, not preceded by
    a space            a blank; readings have one where a line ends or a hyphen joins words
    \                  takes the next character as it is

It is a subset of regular expressions without anything that repeats without bound, so no rule can
make a search slow, the longest match is known, and a stream knows how much to hold back.
Texts are searched in lower case and in NFKC; a Latin word is never found inside another.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

# Characters that end a clause. NFKC has turned ，；！？： into their ASCII forms already.
_CLAUSE = ",;:!?。\\n"
_NUMBER = "(?:[0-9]{1,7}(?:\\.[0-9]{1,4})?|[一二两三四五六七八九十百千万半几]{1,4})"
_NOT_INSIDE = "(?:(?<![a-z])|(?![a-z]))"  # not inside a Latin word
_BEGIN = {
    _NUMBER: frozenset("0123456789一二两三四五六七八九十百千万半几"),
}
_MOST_ANCHORS = 640


@dataclass(frozen=True, slots=True)
class Node:
    """One part of a pattern.

    Attributes:
        regex: What it is as a regular expression.
        width: The most characters that it matches.
        words: All texts that it may match, where they are few and known; else None.
        choices: For a part in parentheses its alternatives, each a sequence; else empty.
        optional: Whether it may be left out.
    """

    regex: str
    width: int
    words: tuple[str, ...] | None = None
    choices: tuple[tuple["Node", ...], ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern.

    Attributes:
        source: As the rule has it.
        expression: It as a regular expression.
        anchors: Words of which every match holds at least one; the automaton looks for these.
        lead: The most characters of a match that stand before its anchor.
        partners: Further words of which every match holds at least one, elsewhere in it; empty
            where it has no second part of known words.
        firsts: The characters that a match can begin with.
        beginning: A regular expression for what may yet become a match: a non-empty beginning
            of one, up to the end of the text.
        width: The most characters that a match takes.
    """

    source: str
    expression: str
    anchors: frozenset[str]
    lead: int
    partners: frozenset[str]
    firsts: frozenset[str]
    beginning: str
    width: int

    # Compiled when first needed: most answers need few of all patterns.
    @cached_property
    def regex(self) -> "re.Pattern[str]":
        """Finds it in a reading."""
        return re.compile(self.expression)

    @cached_property
    def sieve(self) -> Callable[[str], Sequence[int] | None] | None:
        """Tells quickly where it does not match: nothing is returned; None where that is no gain.

        A long pattern tries many words at each place. RE2 of the ``fast`` extra reads a text once
        for all of them; it has no lookaround, so what it lets through is searched again.
        """
        if len(self.expression) < _LONG:
            return None
        try:
            import re2
        except ImportError:
            return None
        options = re2.Options()
        options.log_errors = False
        one = re2.Set.SearchSet(options)
        try:
            one.Add(_without_looks(self.expression))
            one.Compile()
        except re2.error:
            return None
        return one.Match  # type: ignore[no-any-return]

    @cached_property
    def ending(self) -> "re.Pattern[str]":
        """Finds it where it ends with the text."""
        return re.compile(f"{self.expression}\\Z")


_LONG = 1000  # characters of an expression
_PLAIN = re.compile(r"[^(){}\[\].#?\\|]+(?!\?)")  # what stands for itself


def _without_looks(expression: str) -> str:
    """Leave every lookaround out, so that the expression matches all that it did, and more."""
    kept: list[str] = []
    depth = at = 0
    inside: int | None = None  # the depth of the lookaround that is being left out
    while at < len(expression):
        step = 1
        if expression[at] == "\\":
            step = 2
        elif expression[at] == "[":
            step = _CLASS.match(expression, at).end() - at  # type: ignore[union-attr]
        elif expression[at] == "(":
            if inside is None and _LOOK.match(expression, at):
                inside = depth
            depth += 1
        elif expression[at] == ")":
            depth -= 1
        if inside is None:
            kept.append(expression[at : at + step])
        elif depth == inside:
            inside = None
        at += step
    return "".join(kept).replace("(?:)", "")


_CLASS = re.compile(r"\[\^?(?:\\.|[^\\\]])*\]", re.DOTALL)
_LOOK = re.compile(r"\(\?<?[=!]")


def compile_patterns(
    source: str,
    groups: Mapping[str, Sequence[str]],
    common: frozenset[str] = frozenset(),
    *,
    anchored: bool = True,
    parsed: dict[str, Node] | None = None,
) -> tuple[Pattern, ...]:
    """Compile a pattern; one that is a choice becomes one for each alternative.

    Each has anchors of its own then, and is looked for only where one of them stands.

    Args:
        source: The pattern.
        groups: The words of each group that it may name; they may be patterns themselves.
        common: Words too frequent to wait for; others of the pattern are preferred.
        anchored: Whether it is searched for by the words that it holds; not so a context.
        parsed: Groups that were read for a pattern before; those of this one are added.

    Raises:
        ValueError: It cannot be read, or is anchored and holds no literal text to look for;
            the message says what is wrong.

    >>> (pattern,) = compile_patterns("{good}..4风险", {"good": ["零", "没有"]})
    >>> pattern.regex.search("这是没有任何风险的")[0]
    '没有任何风险'
    >>> len(compile_patterns("{good}", {"good": ["零风险", "没有..4风险"]}))
    2
    """
    return tuple(
        _compiled(source, nodes, common, anchored)
        for nodes in _alternatives(
            _Parser(source, groups, {} if parsed is None else parsed).whole()
        )
    )


def _compiled(
    source: str, nodes: tuple[Node, ...], common: frozenset[str], anchored: bool
) -> Pattern:
    regex = _join(nodes)
    sets = _word_sets(nodes, common)
    lead, anchors = _best(sets, common)
    others = [one for one in sets if one[1] is not anchors and not _frequent(one[1])]
    partners = _best(others, common)[1]
    if anchored and not anchors:
        raise ValueError("it has no literal text to look for: add a word")
    latin = re.search("[a-z]", re.sub(r"\\[a-z]", "", regex)) is not None
    behind = _NOT_INSIDE if latin else ""
    firsts = _firsts(nodes)
    if anchored and firsts is None:
        raise ValueError("it may begin with any character: let it begin with a word")
    # The cheapest test that does: most patterns begin with letters only, or with none.
    letters = {char.isascii() and char.isalpha() for char in firsts} if firsts else {True, False}
    before = "" if letters == {False} else "(?<![a-z])" if letters == {True} else behind
    return Pattern(
        source,
        f"{before}{regex}{behind}",
        frozenset(anchors),
        lead,
        frozenset(partners),
        firsts or frozenset(),
        f"{before}(?=[\\s\\S]){_begun(nodes)}",
        sum(node.width for node in nodes),
    )


class _Parser:
    """A recursive descent over one pattern."""

    def __init__(
        self,
        source: str,
        groups: Mapping[str, Sequence[str]],
        parsed: dict[str, Node],
        depth: int = 0,
    ) -> None:
        self.source, self.groups, self.parsed, self.depth, self.at = (
            source,
            groups,
            parsed,
            depth,
            0,
        )
        if depth > 8:
            raise ValueError("its groups name each other in a circle")

    def whole(self) -> tuple[Node, ...]:
        choices = self.choices()
        if self.at < len(self.source):
            raise ValueError(f"a ) has no ( before it at character {self.at + 1}")
        return choices[0] if len(choices) == 1 else (_choice(choices),)

    def choices(self) -> tuple[tuple[Node, ...], ...]:
        found = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            found.append(self.sequence())
        return tuple(found)

    def sequence(self) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while self.peek() and self.peek() not in "|)":
            if run := _PLAIN.match(self.source, self.at):  # most of a pattern, read in one go
                nodes += map(_plain, run[0])
                self.at = run.end()
                continue
            node = self.part()
            if self.peek() == "?":
                self.at += 1
                words = None if node.words is None else ("", *node.words)
                inside = node.choices or ((node,),)
                node = Node(f"(?:{node.regex})?", node.width, words, inside, optional=True)
            nodes.append(node)
        return tuple(nodes)

    def peek(self, length: int = 1) -> str:
        return self.source[self.at : self.at + length]

    def until(self, closing: str) -> str:
        end = self.source.find(closing, self.at)
        if end < 0:
            raise ValueError(f"{closing} is missing after character {self.at}")
        inside, self.at = self.source[self.at : end], end + 1
        return inside

    def part(self) -> Node:
        for opening in ("(?!", "(?<!"):
            if self.peek(len(opening)) == opening:
                self.at += len(opening)
                return self.look(opening)
        char = self.peek()
        self.at += 1
        if char == "(":
            choices = self.choices()
            if self.peek() != ")":
                raise ValueError(f") is missing after character {self.at}")
            self.at += 1
            return _choice(choices)
        if char == "{":
            return self.group(self.until("}"))
        if char == "[":
            return _one_of(self.until("]"))
        if char == "." and self.peek() == ".":
            return self.gap()
        if char == "#":
            return Node(_NUMBER, 12)
        if char == "?":
            raise ValueError("a ? has nothing before it")
        if char == "\\":
            char = self.peek()
            self.at += 1
        return _plain(char)

    def look(self, opening: str) -> Node:
        choices = self.choices()
        if self.peek() != ")":
            raise ValueError(f") is missing after character {self.at}")
        self.at += 1
        if opening == "(?!":
            return Node(f"(?!{'|'.join(map(_join, choices))})", 0, ("",))
        if any("{" in node.regex or node.optional for choice in choices for node in choice):
            raise ValueError("what (?<! looks for must be plain words, without a gap")
        # Python's look-behind has one width: one for each alternative, and one for all characters.
        sources = [_join(choice) for choice in choices]
        single = [source for source in sources if len(source.removeprefix("\\")) == 1]
        looks = [f"(?<!{source})" for source in sources if source not in single]
        if single:
            looks.append(f"(?<![{''.join(single)}])")
        return Node("".join(looks), 0, ("",))

    def gap(self) -> Node:
        self.at += 1
        digits = re.match("[0-9]{1,2}", self.source[self.at :])
        self.at += len(digits[0]) if digits else 0
        most = int(digits[0]) if digits else 6
        # A full stop ends an English clause as well; a Chinese one may hold it, in a number.
        clause = f"{_CLAUSE}." if self.source.isascii() else _CLAUSE
        return Node(f"[^{clause}]{{0,{most}}}?", most)

    def group(self, name: str) -> Node:
        if name not in self.groups:
            raise ValueError(f"there is no group of words called {name!r}")
        if name not in self.parsed:  # hundreds of patterns name the same groups
            words = (
                _Parser(word, self.groups, self.parsed, self.depth + 1).whole()
                for word in self.groups[name]
            )
            self.parsed[name] = _choice(tuple(words))
        return self.parsed[name]


@cache
def _plain(char: str) -> Node:
    return Node(re.escape(char), 1, (char,))


def _one_of(inside: str) -> Node:
    if not inside.strip("^"):
        raise ValueError("[] holds no character")
    if inside.startswith("^"):
        return Node(f"[^{re.escape(inside[1:])}{_CLAUSE}]", 1)
    return Node(f"[{re.escape(inside)}]", 1, tuple(inside) if len(inside) <= 12 else None)


def _choice(choices: tuple[tuple[Node, ...], ...]) -> Node:
    words: list[str] | None = []
    for choice in choices:
        told = _words(choice)
        words = None if words is None or told is None else [*words, *told]
    ordered = sorted(choices, key=lambda choice: -sum(node.width for node in choice))
    return Node(
        f"(?:{'|'.join(map(_join, ordered))})",
        max(sum(node.width for node in choice) for choice in choices),
        tuple(dict.fromkeys(words)) if words is not None and len(words) <= _MOST_ANCHORS else None,
        choices,
    )


def _words(nodes: Sequence[Node]) -> list[str] | None:
    """Return all texts that a sequence matches, None where they are not few and known."""
    parts: list[tuple[str, ...]] = []
    count = 1
    for node in nodes:
        if node.words is None:
            return None
        parts.append(node.words)
        count *= len(node.words)
        if count > _MOST_ANCHORS:
            return None
    return ["".join(words) for words in product(*parts)]


def _join(nodes: Sequence[Node]) -> str:
    return "".join(node.regex for node in nodes)


def _begun(nodes: Sequence[Node]) -> str:
    """Return a regular expression for a beginning of the sequence that ends with the text."""
    pattern = "\\Z"
    for node in reversed(nodes):
        inside = "".join(f"|{_begun(choice)}" for choice in node.choices)
        pattern = f"(?:\\Z|{node.regex}{pattern}{inside})"
    return pattern


def _alternatives(nodes: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    """Yield the sequences of which a pattern that is one choice is made."""
    if len(nodes) == 1 and nodes[0].choices and not nodes[0].optional:
        for choice in nodes[0].choices:
            yield from _alternatives(choice)
    else:
        yield nodes


def _firsts(nodes: Sequence[Node]) -> frozenset[str] | None:
    """Return the characters that a match can begin with, None for any."""
    found: set[str] = set()
    for node in nodes:
        if node.width == 0:
            continue
        if node.words is not None:
            of_node: frozenset[str] | None = frozenset(word[0] for word in node.words if word)
        elif node.choices:
            of_choices = [_firsts(choice) for choice in node.choices]
            if None in of_choices:
                return None
            of_node = frozenset().union(*(one for one in of_choices if one is not None))
        else:
            of_node = _BEGIN.get(node.regex)
        if of_node is None:
            return None
        found |= of_node
        if not (node.optional or (node.words is not None and "" in node.words)):
            break
    return frozenset(found)


# How far before the words a match may begin, and words of which each match holds one.
_Words = tuple[int, set[str]]


def _word_sets(nodes: Sequence[Node], common: frozenset[str]) -> list[_Words]:
    """Return sets of words, of each of which each match of the sequence holds at least one.

    The sets are of different places of a match, so it holds a word of each.
    """
    found: list[_Words] = []
    run, lead, width = {""}, 0, 0
    for node in nodes:
        words = node.words
        if words is not None:
            if len(run) * len(words) <= _MOST_ANCHORS:
                run = {before + word for before in run for word in words}
            else:
                found.append((lead, run))
                run, lead = set(words), width
        elif node.width:
            found.append((lead, run))
            if node.choices and not node.optional:
                inner = [_best(_word_sets(choice, common), common) for choice in node.choices]
                if all(words for _, words in inner):
                    deepest = width + max(before for before, _ in inner)
                    found.append((deepest, {word for _, words in inner for word in words}))
            run, lead = {""}, width + node.width
        width += node.width
    found.append((lead, run))
    return [one for one in found if "" not in one[1]]


def _best(sets: Sequence[_Words], common: frozenset[str]) -> _Words:
    return max(sets, key=lambda one: _worth(one[1], common), default=(0, set()))


def _frequent(words: set[str]) -> bool:
    """Tell whether every other text has one of the words: to look for them would tell nothing."""
    return any(len(word.strip()) <= (3 if word.isascii() else 1) for word in words - {"%", " %"})


def _worth(words: set[str], common: frozenset[str]) -> tuple[bool, int, int]:
    shortest = min(len(word) * (1 if word.isascii() else 2) for word in words)
    # "the" and "it" stand in every answer, whatever stands around them in the pattern.
    small = "".join(words).isascii() and min(len(word.strip()) for word in words) <= 3
    return not (small or words & common), min(shortest, 8), -len(words)
