"""Names of people in English text, by rules: a title, a label, or a name that is well known."""

import re
from collections.abc import Collection, Iterator

from bankft.data.lexicon import any_of, words

_GIVEN = frozenset(words("english", "given"))
_SURNAMES = frozenset(words("english", "surnames"))
_NEVER = frozenset(words("english", "never"))
_WEAK = frozenset(words("english", "weak"))
_RARE = frozenset(words("english", "rare"))
_NOT_GIVEN = frozenset(words("english", "not_given"))
_SAID_OF = frozenset(words("english", "said_of"))
_LABELS = words("english", "labels", by="|")
_SYLLABLE = (
    "(?:a|ai|ang?|ao|eng?|ei?|er|i|iang?|iao|ie|ing?|iong|iu|ong|ou?|u|uai?|uang?|ue|ui|un|uo|v|ve)"
)
_BEGIN = "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)"
_PINYIN = re.compile(rf"(?:{_BEGIN}?{_SYLLABLE}['-]?){{1,3}}", re.IGNORECASE)
# Xiaoming, Xiao-Ming, Hsiao-Ming: a given name of two syllables
_TWO = re.compile(
    rf"{_BEGIN}{_SYLLABLE}{_BEGIN}{_SYLLABLE}|[a-z]{{2,6}}-[a-z]{{2,6}}", re.IGNORECASE
)
_L = "a-zß-öø-ɏ"  # small letters, with their marks: ü, ł, ı
_W = rf"(?:(?:O['’]|Ma?c|D['’])?[A-ZÀ-ÖØ-ÞŁŠŽŚŻ][{_L}]+(?:[-'’](?!s\b)[A-ZÀ-ÖØ-Þ{_L}]+)*|[A-Z]\.)"
_CAPITALS = r"[A-Z]{2,}(?:[-'’][A-Z]+)*"
_PARTICLE = r"(?:(?:van|von|der|den|de|da|di|del|la|bin|al|el|ben) ){0,2}"
_FULL = rf"{_W}(?: +{_PARTICLE}{_W}){{0,3}}"
_EDGE = "(?<![A-Za-z0-9_@./-])"
_TITLED = re.compile(
    rf"{_EDGE}(?:{any_of(words('english', 'titles'))}|MR|MRS|MS\.|DR\.)\.? ?"
    rf"(?P<name>{_FULL}|{_CAPITALS}(?: {_CAPITALS}){{0,2}})(?![A-Za-z])"
)
_LOW_TITLED = re.compile(
    rf"{_EDGE}(?:mr|mrs|ms|dr|miss|prof)\.? +(?P<name>[a-z]{{2,}}(?: +[a-z]{{2,}})?)(?![A-Za-z])"
)
_LABELLED = re.compile(any_of(_LABELS))
_AFTER_LABEL = re.compile(
    rf"(?P<link>(?:['’]s)?(?: *[:=|\t] *\"?| *- | +(?:is|was|named|called|will be|:) "
    rf"+|, *\n? *| *\n+ *| +\"?|\"))"
    rf"(?:(?:{any_of(words('english', 'titles'))})\.? +)?"
    rf"(?P<name>{_W}, {_W}(?= *(?:$|[\n;|]))|{_FULL}|{_CAPITALS}(?:,? "
    rf"+{_CAPITALS}){{0,3}}|(?P<low>[a-z]{{2,}} [a-z]{{2,}}))(?![A-Za-z0-9@_])"
)
_BEFORE_LABEL = re.compile("[A-Za-z0-9_@./-]")
_I_AM = re.compile(rf"{_EDGE}(?:I am|I'm|I’m|i am|i'm) +(?P<name>{_FULL})(?![A-Za-z])")
_OWNED = re.compile(
    rf"{_EDGE}(?P<name>{_W}(?: +{_PARTICLE}{_W}){{1,2}})(?:['’]s?)? +(?:account|card"
    rf"|passport|address|phone|mobile|balance|statement|loan|policy|signature|email"
    rf"|ID\b)"
)
_BARE = re.compile(rf"{_EDGE}{_W}(?: +{_PARTICLE}{_W}){{1,3}}(?![A-Za-z0-9@_])")
# What only people do or own: who does it may have any name.
_DOES = re.compile(
    r" (?:just |has |had )?(?:called|phoned|rang|complained|visited|emailed|forgot|asked|applied"
    r"|signed|died|lives|wants|wanted|came (?:in|to|by)|passed away|is my"
    r"|lost (?:his|her|the|a))\b|['’]s? (?:account|card|passport|address|phone|mobile|balance"
    r"|statement|loan|policy|signature|email|ID)\b"
)
_CAPITAL_PAIR = re.compile(rf"{_EDGE}([A-Z]{{2,8}}),? ([A-Z]{{4,12}})(?![A-Za-z0-9@_])")
_MIXED = re.compile(rf"{_EDGE}([A-Z]{{2,}}),? ([A-Z][a-z]+(?:-[A-Za-z][a-z]+)?)(?![A-Za-z0-9@_])")
_PART = re.compile("[^ ,]+")
_ONE = re.compile(rf"{_PARTICLE}{_W}")
_PUBLIC = re.compile(
    r"(?:(?:^|[.;?!,\n]) *Manager: *|\"manager\": *\"|(?<![A-Za-z])"
    rf"(?i:{any_of(words('english', 'public', by='|'))})(?:,? (?:is|was"
    rf"|of [^,.]{{1,40}},?|for [^,.]{{1,40}},?|by|since [0-9]+))?[ :,]*)(?:{_FULL}(?:,"
    rf"| and) )*$"
)
_PUBLIC_AFTER = re.compile(
    r",? (?:who )?(?:has )?(?:manages?|managed|runs?|ran|co-manages?) (?:the\b|our\b"
    r"|this\b|it\b|[A-Z])|,? (?:is |was )?(?:the |our |its )?(?:new |lead |former )?(?:fund"
    r"|portfolio) manager"
)


_LETTERS = re.compile("[A-Z][A-Za-z]|[md](?:rs?|s|iss)[. ]|name")
_APART = "[^A-Za-z0-9_@./-]"  # what `_EDGE` asks for, as a character
_LABEL_LINK = '(?:[\'’]s)?[ :=|\\t\\n,"-]+(?:(?:is|was|named|called|will be|:) +)?["]?'

# By what may give a name away, as in `bankft.data.names`.
SIGNS = {
    "en_titles": (
        rf"{_APART}(?:{any_of(words('english', 'titles'))}|MR|MRS|MS|DR)\.? ?[A-Z]",
        rf"{_APART}(?:mr|mrs|ms|dr|miss|prof)\.? +[a-z]",
    ),
    "en_labels": (
        rf"{_APART}(?i:{any_of(_LABELS)}){_LABEL_LINK}[A-Z]",
        rf"{_APART}(?i:my name is|name is|name's|i am called){_LABEL_LINK}[a-z]",
        rf"{_APART}(?i:{any_of(_LABELS)})(?:['’]s)? *: *\"?[a-z]",
    ),
    "en_said": (rf"{_APART}(?:[Ii] am|[Ii]['’]m) +[A-Z]",),
    "en_pairs": (rf"{_APART}{_W} +{_PARTICLE}{_W}",),
    "en_capitals": (rf"{_APART}[A-Z]{{2,}},? [A-Z][A-Za-z]",),
}


def find(
    text: str, *, public: Collection[str] = (), signs: Collection[str] = frozenset(SIGNS)
) -> list[tuple[int, int]]:
    """Return where English names stand in a text seen through, in order.

    Args:
        text: The text.
        public: Names that are public.
        signs: Which of ``SIGNS`` the text shows, perhaps.
    """
    spans: list[tuple[int, int]] = []
    if not _LETTERS.search(text):
        return spans
    for start, end in sorted(_candidates(text, signs), key=lambda span: (span[0], -span[1])):
        if spans and start < spans[-1][1]:
            continue
        if text[start:end] in public or _is_public(text, start, end):
            continue
        spans.append((start, end))
    for name in {text[start:end] for start, end in spans if " " in text[start:end]}:
        at = text.find(name, text.find(name) + 1)
        while at >= 0:
            end = at + len(name)
            whole = not text[at - 1 : at].isalpha() and not text[end : end + 1].isalpha()
            if whole and all(end <= other or at >= last for other, last in spans):
                spans.append((at, end))
            at = text.find(name, at + 1)
    return sorted(spans)


def _is_public(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 80) : start]
    return bool(_PUBLIC.search(before) or _PUBLIC_AFTER.match(text, end))


def _candidates(text: str, signs: Collection[str]) -> Iterator[tuple[int, int]]:
    if "en_titles" in signs:
        yield from _titled(text)
    if "en_labels" in signs:
        yield from _labelled(text)
    for match in _I_AM.finditer(text) if "en_said" in signs else ():
        span = _trim(text, *match.span("name"))
        if span:
            parts = text[span[0] : span[1]].split()
            if len(parts) > 1 or parts[0] in _GIVEN:
                yield span
    for match in _MIXED.finditer(text) if "en_capitals" in signs else ():
        if _is_pinyin([match[1].capitalize(), match[2]]) and match[1].capitalize() in _SURNAMES:
            yield match.span()
    for match in _CAPITAL_PAIR.finditer(text) if "en_capitals" in signs else ():
        if _is_two([match[1].capitalize(), match[2].capitalize()]):
            yield match.span()
    if "en_pairs" in signs:
        yield from _pairs(text)


def _titled(text: str) -> Iterator[tuple[int, int]]:
    for match in _TITLED.finditer(text):
        if span := _trim(text, *match.span("name")):
            yield span
    for match in _LOW_TITLED.finditer(text):
        parts = [part.capitalize() for part in match["name"].split()]
        if parts[0] in _GIVEN or parts[0] in _SURNAMES:
            known = len(parts) == 2 and (parts[1] in _SURNAMES | _GIVEN or _is_pinyin(parts))
            start = match.start("name")
            yield start, match.end("name") if known else start + len(parts[0])


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    low = text.lower()
    for said in _LABELLED.finditer(low) if len(low) == len(text) else ():
        label = said[0]
        if said.start() and _BEFORE_LABEL.match(text, said.start() - 1):
            continue
        named = _AFTER_LABEL.match(text, said.end())
        if named is None:
            continue
        link = named["link"].strip()
        if named["low"]:
            parts = [part.capitalize() for part in named["name"].split()]
            strong = label in ("my name is", "name is", "name's", "i am called") or ":" in link
            own = label in ("my name is", "i am called") and _SAID_OF.isdisjoint(parts)
            if own or (strong and _is_known(parts)):
                yield named.span("name")
            continue
        span = _trim(text, *named.span("name"))
        if not span:
            continue
        parts = text[span[0] : span[1]].replace(",", "").split()
        sure = ":" in link or "=" in link or "|" in link or label not in _WEAK
        if (
            text[span[0] : span[1]].isupper()
            and ":" not in link
            and not _is_known([p.capitalize() for p in parts])
        ):
            continue
        if label in ("from", "to", "by", "with", "for", "and", "between") and not _is_known(parts):
            continue
        if (
            len(parts) == 1
            and not (
                sure
                and (
                    parts[0] in _GIVEN | _SURNAMES
                    or label.endswith("name is")
                    or (label == "name" and ":" in link)
                )
            )
            and not (
                parts[0] in _GIVEN
                and label
                in (
                    "dear",
                    "hi",
                    "hello",
                    "hey",
                    "this is",
                    "thanks",
                    "regards",
                    "call",
                    "ask for",
                    "tell",
                    "email",
                    "text",
                    "message",
                    "remind",
                    "inform",
                    "notify",
                    "call",
                    "ask for",
                    "tell",
                    "email",
                    "text",
                    "message",
                    "remind",
                    "inform",
                    "notify",
                )
            )
        ):
            continue
        if len(parts) > 1 and not sure and not _is_known(parts):
            ends = label in ("contact", "customer", "client", "with") and _REACHED.match(
                text, span[1]
            )
            if not ends:
                continue
        yield span


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    for match in _OWNED.finditer(text):
        span = _trim(text, *match.span("name"))
        if span and span[1] == match.end("name") and _is_known(text[span[0] : span[1]].split()):
            yield span
    for match in _BARE.finditer(text):
        if _DOES.match(text, match.end()):
            span = _trim(text, *match.span())
            if span and span[1] == match.end():
                yield span
                continue
        found = list(_ONE.finditer(match[0]))
        for i in range(len(found) - 1):
            start = match.start() + found[i].start()
            span = _trim(text, start, match.end())
            if span and _is_known(text[span[0] : span[1]].split()):
                # a longer string of capitals is a company's: keep to names of two or three words
                after = text[span[1] : span[1] + 14].split()
                if span[1] < match.end() and after and after[0].strip(".,") in _ORGANISATIONS:
                    break
                yield span
                break


_REACHED = re.compile(
    r" (?:on|at|via|by|for|about|called|asked|wants|would|has|visited|complained)\b|['’]s\b"
)
_ORGANISATIONS = frozenset(
    [
        "Bank",
        "Fund",
        "Funds",
        "Capital",
        "Group",
        "Inc",
        "Ltd",
        "Limited",
        "LLC",
        "Plc",
        "Corp",
        "Corporation",
        "Company",
        "Securities",
        "Asset",
        "Management",
        "Partners",
        "Holdings",
        "Trust",
        "Street",
        "Road",
        "Avenue",
        "Index",
        "Award",
        "University",
        "College",
        "School",
        "Hospital",
        "Hotel",
        "Airport",
        "Station",
        "Plaza",
        "Tower",
        "Building",
        "Investment",
        "Investments",
        "Insurance",
        "Lane",
        "Drive",
    ]
)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Cut a string of capitalised words before the first that no name has."""
    last = start
    for match in _PART.finditer(text[start:end]):
        word = match[0]
        if (word in _NEVER or (word.isupper() and word.capitalize() in _NEVER)) and word not in (
            "May",
            "Grant",
        ):
            break
        last = start + match.end()
    if last == start:
        return None
    cut = text[start:last]
    if text[last:end].strip().split(" ")[0].strip(".,") in _ORGANISATIONS:
        return None
    cut = cut.rstrip(" ,")
    if cut.endswith(".") and len(cut.split()[-1]) > 2:
        cut = cut[:-1]
    return start, start + len(cut)


def _is_known(parts: list[str]) -> bool:
    """Whether the words are a given name and a surname, in either order."""
    initials = len(parts)
    parts = [part.strip(".,") for part in parts if len(part.strip(".,")) > 1]
    if len(parts) == 1 and initials > 1:  # J. Smith, but not A. Long position
        return parts[0] in _SURNAMES and parts[0] not in _ORDINARY
    if len(parts) < 2:
        return False
    return (
        parts[0] in _GIVEN
        or (parts[-1] in _GIVEN and parts[0] in _SURNAMES)
        or _is_pinyin(parts)
        or _is_two(parts)
    )


_ORDINARY = frozenset(words("english", "ordinary"))
_BEFORE_TWO = _RARE | (_SURNAMES - _ORDINARY)


def _is_pinyin(parts: list[str]) -> bool:
    if len(parts) not in (2, 3) or not _NOT_GIVEN.isdisjoint(parts):
        return False
    names = all(_PINYIN.fullmatch(part) for part in parts)
    return names and (parts[0] in _SURNAMES or parts[-1] in _SURNAMES)


def _is_two(parts: list[str]) -> bool:
    """Whether the words are a Chinese surname and a given name of two syllables: Nie Haibo."""
    if len(parts) != 2 or parts[1] in _NOT_GIVEN:
        return False
    return parts[0] in _BEFORE_TWO and bool(_TWO.fullmatch(parts[1]))
