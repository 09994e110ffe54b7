"""Replace personal data by tokens that say what stood there: 〈手机1〉, 〈mobile 1〉.

In one conversation the same value gives the same token, in whichever form it was written, so
that a dialogue stays coherent. What leads from a token back to its value is kept in a ``Tokens``
and nowhere else; sealed with a key it can be kept apart from the text (``seal``, ``restore``).

While such a map exists, the text is de-identified (去标识化), not anonymised (匿名化): Personal
Information Protection Law, article 73, items 3 and 4.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bankft.data.personal import FIRM, LOOK_ALIKE, TOKEN, Finding, Recogniser, find_personal
from bankft.errors import MissingExtra, UsageError
from bankft.lang import language as current_language
from bankft.text import see_through

# kind: what its token is called in Chinese and in English.
TOKEN_NAMES = {
    "id_card": ("身份证", "id card "),
    "bank_card": ("银行卡", "bank card "),
    "mobile": ("手机", "mobile "),
    "landline": ("座机", "landline "),
    "passport": ("护照", "passport "),
    "uscc": ("企业代码", "company code "),
    "email": ("邮箱", "email "),
    "plate": ("车牌", "plate "),
    "wechat": ("微信", "WeChat "),
    "qq": ("QQ", "QQ "),
    "account": ("账号", "account "),
    "name": ("姓名", "name "),
    "address": ("地址", "address "),
}
_REMEMBERED = 100_000  # values of one conversation; a text of a million lines may be one


@dataclass
class Tokens:
    """The tokens of one conversation.

    Attributes:
        language: ``"zh"`` or ``"en"``: what the tokens are written in.
        values: Token to the value it first stood for, as it was written. Personal data.
    """

    language: str = field(default_factory=current_language)
    values: dict[str, str] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _last: dict[str, int] = field(default_factory=dict, repr=False)

    def of(self, kind: str, value: str) -> str:
        """Return the token of a value: the same one whenever it comes again.

        >>> tokens = Tokens("zh")
        >>> tokens.of("mobile", "13800138000"), tokens.of("mobile", "138-0013-8000")
        ('〈手机1〉', '〈手机1〉')
        """
        same = (kind, _canonical(kind, value))
        if (token := self._known.get(same)) is None:
            number = self._last[kind] = self._last.get(kind, 0) + 1
            token = f"〈{TOKEN_NAMES[kind][self.language != 'zh']}{number}〉"
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
                self.values.clear()
            self._known[same] = token
            self.values[token] = value
        return token

    def reserve(self, text: str) -> None:
        """Keep clear of the tokens that a text has already: their numbers are not given again."""
        if "〈" not in text:
            return
        for match in TOKEN.finditer(text):
            label, number = re.fullmatch(r"〈(.*?)([0-9]+)〉", match[0]).groups()  # type: ignore[union-attr]
            for kind, names in TOKEN_NAMES.items():
                if label in names:
                    self._last[kind] = max(self._last.get(kind, 0), int(number[:9]))


def _canonical(kind: str, value: str) -> str:
    """Return what two ways of writing the same value have in common."""
    if kind in _NUMBERS and value.isascii() and value.isdigit():
        return _own(value) if kind == "mobile" else value
    seen = see_through(value, also=LOOK_ALIKE).text
    if kind in ("name", "address"):
        return re.sub(r"[\s,，]", "", seen).casefold()
    if kind in ("email", "wechat"):
        return re.sub(
            r" |艾特|[\[({<]at[\])}>]", lambda m: "" if m[0] == " " else "@", seen
        ).casefold()
    plain = re.sub(r"[^0-9A-Za-z\u4e00-\u9fff]", "", seen.translate(_NUMERALS)).upper()
    return _own(plain) if kind == "mobile" else plain


def _own(number: str) -> str:
    """Return a mobile number without the country's code."""
    return re.sub("^(?:0{0,2}86|0)", "", number) if len(number) > 11 else number


_NUMBERS = frozenset(("id_card", "bank_card", "mobile", "landline", "account", "qq", "uscc"))
_NUMERALS = str.maketrans(
    "〇零○一壹幺二贰两三叁四肆五伍六陆七柒八捌九玖×", "00011122233445566778899X"
)


@dataclass(frozen=True)
class Redacted:
    """A text without its personal data, and what stood where in the raw text."""

    text: str
    findings: tuple[Finding, ...]


def redact(
    text: str,
    *,
    tokens: Tokens | None = None,
    kinds: Collection[str] | None = None,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
) -> Redacted:
    """Replace the personal data in a text by tokens.

    The result is looked through again, until nothing is found: ``find_personal`` with the same
    arguments finds nothing in it, and redacting it once more changes nothing. Nothing outside the
    findings is changed.

    Args:
        text: Any text.
        tokens: The tokens of the conversation so far; None for a conversation of its own.
        kinds: As for ``find_personal``; so are ``public`` and ``ner``.
        public: Names that are public.
        ner: A model that finds more.

    >>> redact("客户王小明，手机13800138000", tokens=Tokens("zh")).text
    '客户〈姓名1〉，手机〈手机1〉'
    """
    found = find_personal(text, kinds=kinds, public=public, ner=ner)
    if not found:
        return Redacted(text, ())
    tokens = Tokens() if tokens is None else tokens
    tokens.reserve(text)
    while True:
        shown, starts, raws = _replace(text, found, tokens)
        again = find_personal(shown, kinds=kinds, public=public, ner=ner)
        if not again:
            return Redacted(shown, tuple(found))
        for one in again:
            piece = bisect_right(starts, one.start) - 1
            shift = raws[piece] - starts[piece]
            found.append(Finding(one.kind, one.start + shift, one.end + shift))
        found.sort(key=lambda finding: finding.start)


def _replace(text: str, found: list[Finding], tokens: Tokens) -> tuple[str, list[int], list[int]]:
    """Return the text with tokens, and where its unchanged pieces stand in it and in the raw."""
    pieces: list[str] = []
    starts, raws = [0], [0]
    at = length = 0
    for one in found:
        token = tokens.of(one.kind, text[one.start : one.end])
        pieces += [text[at : one.start], token]
        length += one.start - at + len(token)
        at = one.end
        starts.append(length)
        raws.append(at)
    pieces.append(text[at:])
    return "".join(pieces), starts, raws


@dataclass(frozen=True)
class Placed:
    """A finding and the field it stands in, such as ``messages[1].content``."""

    field: str
    finding: Finding


# What ties an example together; other programs look for these values to the letter.
_FIXED = frozenset(("role", "type", "object", "model", "weight", "strict", "finish_reason"))
_TIES = frozenset(("id", "tool_call_id", "call_id", "name"))
_FIELD_SAYS: tuple[tuple["re.Pattern[str]", str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), label)
    for pattern, label in (
        ("fund|product|file|function|tool|branch|model|field|event|bank_?name|公司|产品|基金", ""),
        ("address|addr$|住址|地址", "地址："),
        ("id_?card|identity|id_?(?:no|number)$|身份证|证件", "身份证号："),
        ("bank_?card|card_?(?:no|num)|^card$|卡号|银行卡", "卡号："),
        ("account_?(?:no|num|id)|^account$|账号|帐号", "账号："),
        ("mobile|phone|^tel|手机|电话|contact_?number", "手机："),
        ("passport|护照", "护照："),
        ("wechat|weixin|微信", "微信号："),
        ("^qq|QQ", "QQ："),
        ("credit_?code|uscc|税号|信用代码", "统一社会信用代码："),
        ("^name$|_name$|姓名|^customer$|^client$|payee|holder|联系人|收款人|户名|客户$", "姓名："),
    )
)


def redact_example(
    example: Mapping[str, Any],
    *,
    tokens: Tokens | None = None,
    kinds: Collection[str] | None = None,
    public: Collection[str] = (),
    ner: Recogniser | None = None,
) -> tuple[dict[str, Any], list[Placed]]:
    """Redact every text of an example, which is one conversation; return it, and what was found.

    Texts are the string values, wherever they stand, JSON written inside a string too (the
    arguments of a tool call); what a field is called counts as a label (``{"姓名": "…"}``). A name
    that one message gives away is found in the others. Roles, types, models and numbers of at
    most ten digits stay; ids and the names of functions too, unless they hold what a check
    digit or its form gives away, which then becomes the same token everywhere.

    >>> example = {"messages": [{"role": "user", "content": "我是王小明，13800138000"}]}
    >>> redacted, found = redact_example(example, tokens=Tokens("zh"))
    >>> redacted["messages"][0]["content"], [one.field for one in found]
    ('我是〈姓名1〉，〈手机1〉', ['messages[0].content', 'messages[0].content'])
    """
    tokens = Tokens() if tokens is None else tokens
    if ner is None and not public and (plain := _plain_messages(example, tokens, kinds)):
        return plain
    for text in _strings(example):
        tokens.reserve(text)
    walk = _Walk(tokens, kinds, public, ner)
    redacted = walk.value(example, "", "")
    # A name given away in one message is known in all of them.
    if walk.names and any(name in text for text in _strings(redacted) for name in walk.names):
        walk = _Walk(tokens, kinds, public, _also_names(walk.names, ner))
        redacted = walk.value(example, "", "")
    return redacted, walk.found


def _plain_messages(
    example: Mapping[str, Any], tokens: Tokens, kinds: Collection[str] | None
) -> tuple[dict[str, Any], list[Placed]] | None:
    """Redact an example of nothing but roles and texts, as most are; None if it is another.

    What this does the walk over all fields does too, and finds the same.
    """
    messages = example.get("messages")
    if len(example) != 1 or type(messages) is not list:
        return None
    texts: list[str] = []
    for message in messages:
        if type(message) is not dict or len(message) != 2:
            return None
        text = message.get("content")
        if type(text) is not str or type(role := message.get("role")) is not str:
            return None
        if "〈" in text or "〈" in role:
            return None
        start = text[:1]
        if start in ("{", "[") or (start.isspace() and text.lstrip()[:1] in ("{", "[")):
            return None
        texts.append(text)
    copies: list[dict[str, Any]] = []
    found: list[Placed] = []
    if not any(find_personal(text, kinds=kinds) for text in texts):
        return {"messages": [message.copy() for message in messages]}, found
    names: set[str] = set()
    for number, (message, text) in enumerate(zip(messages, texts, strict=True)):
        copy = message.copy()
        copies.append(copy)
        redacted = redact(text, tokens=tokens, kinds=kinds)
        if not redacted.findings:
            continue
        copy["content"] = redacted.text
        place = f"messages[{number}].content"
        for one in redacted.findings:
            found.append(Placed(place, one))
            if one.kind == "name" and _is_telling(name := text[one.start : one.end]):
                names.add(name)
    # A name given away in one message is known in all of them.
    if names and any(name in one["content"] for one in copies for name in names):
        found = []
        recognise = _also_names(names, None)
        for number, (copy, text) in enumerate(zip(copies, texts, strict=True)):
            redacted = redact(text, tokens=tokens, kinds=kinds, ner=recognise)
            copy["content"] = redacted.text
            found += [Placed(f"messages[{number}].content", one) for one in redacted.findings]
    return {"messages": copies}, found


def _is_telling(name: str) -> bool:
    """Whether a name is long enough to be looked for where nothing else tells of it."""
    return len(name) > (2 if name.isascii() else 1)


def _also_names(names: Collection[str], ner: Recogniser | None) -> Recogniser:
    def recognise(text: str) -> Iterator[Finding]:
        for name in sorted(names, key=lambda name: -len(name)):
            at = text.find(name)
            while at >= 0:
                yield Finding("name", at, at + len(name))
                at = text.find(name, at + 1)
        if ner is not None:
            yield from ner(text)

    return recognise


def _strings(value: Any) -> Iterator[str]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)


class _Walk:
    """Redacts a JSON value, field by field."""

    def __init__(
        self,
        tokens: Tokens,
        kinds: Collection[str] | None,
        public: Collection[str],
        ner: Recogniser | None,
    ) -> None:
        self.tokens = tokens
        self.kinds = kinds
        self.firm = FIRM if kinds is None else FIRM & set(kinds)
        self.options: dict[str, Any] = {"public": public, "ner": ner}
        self.found: list[Placed] = []
        self.names: set[str] = set()

    def value(self, value: Any, place: str, key: str) -> Any:
        if isinstance(value, str):
            return value if key in _FIXED else self._text(value, place, key)
        if isinstance(value, Mapping):
            return {
                self._key(name, place): self.value(
                    item, f"{place}.{_shown(name)}" if place else _shown(name), name
                )
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, f"{place}[{i}]", key) for i, item in enumerate(value)]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**10:
            text = self._plain(str(value), place, key)
            return value if text == str(value) else text
        return value

    def _key(self, name: str, place: str) -> str:
        """A field's name stays, unless it is itself a number or an address of somebody."""
        if _is_plain(name):
            return name
        redacted = redact(name, tokens=self.tokens, kinds=self.firm)
        self.found += [Placed(f"a name in {place or 'the line'}", one) for one in redacted.findings]
        return redacted.text

    def _text(self, text: str, place: str, key: str) -> str:
        inner = text.lstrip()[:1]
        if inner in ("{", "["):
            try:
                inside = json.loads(text)
            except (ValueError, RecursionError):
                return self._plain(text, place, key)
            before = len(self.found)
            redacted = self.value(inside, place, key)
            if len(self.found) == before:
                return text
            return json.dumps(redacted, ensure_ascii=False)
        return self._plain(text, place, key)

    def _plain(self, text: str, place: str, key: str) -> str:
        kinds = self.firm if key in _TIES and not _is_person(key, place) else self.kinds
        label = "" if key in ("content", "text") else _label(key)
        if label:
            lead = redact(label + text, tokens=self.tokens, kinds=kinds, **self.options)
            if lead.text.startswith(label):
                found = [
                    Finding(one.kind, one.start - len(label), one.end - len(label))
                    for one in lead.findings
                ]
                self._keep(found, text, place)
                return lead.text[len(label) :]
        redacted = redact(text, tokens=self.tokens, kinds=kinds, **self.options)
        self._keep(redacted.findings, text, place)
        return redacted.text

    def _keep(self, found: Collection[Finding], text: str, place: str) -> None:
        for one in found:
            self.found.append(Placed(place, one))
            value = text[one.start : one.end]
            if one.kind == "name" and _is_telling(value):
                self.names.add(value)


def _is_person(key: str, place: str) -> bool:
    """Whether ``name`` is a person's: not of a function, a tool, a schema or a speaker."""
    if key != "name":
        return False
    return not re.search(
        r"(?:messages\[[0-9]+\]|function|json_schema|tools\[[0-9]+\]|tool_choice)\.name$", place
    )


@lru_cache(4096)
def _label(key: str) -> str:
    for pattern, label in _FIELD_SAYS:
        if pattern.search(key):
            return label
    return ""


@lru_cache(4096)
def _is_plain(name: str) -> bool:
    return not find_personal(name, kinds=FIRM)


@lru_cache(4096)
def _shown(name: str) -> str:
    """A place is shown to people, so a field's name that is no plain word stays out of it."""
    return (
        name
        if re.fullmatch(r"[A-Za-z_\u4e00-\u9fff]{1,40}", name) and not find_personal(name)
        else "…"
    )


def new_key() -> str:
    """Return a new key for ``seal``: keep it apart from the data, in a vault or a key file.

    Raises:
        MissingExtra: The package cryptography is not installed.
    """
    return str(_fernet().Fernet.generate_key().decode())


def seal(values: Mapping[str, str], key: str) -> str:
    """Return what the tokens stand for, encrypted (Fernet: AES-128-CBC with HMAC-SHA256).

    Raises:
        UsageError: It is not a key that ``new_key`` made.
        MissingExtra: The package cryptography is not installed.
    """
    plain = json.dumps(dict(values), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return str(_box(key).encrypt(plain).decode())


def restore(text: str, sealed: str, key: str) -> str:
    """Put the values back in place of their tokens, as each was first written.

    Raises:
        UsageError: The key is not the one that the values were sealed with.
        MissingExtra: The package cryptography is not installed.

    >>> tokens, key = Tokens("zh"), new_key()
    >>> redacted = redact("致电13800138000", tokens=tokens)
    >>> restore(redacted.text, seal(tokens.values, key), key)
    '致电13800138000'
    """
    box = _box(key)
    try:
        plain = box.decrypt(sealed.encode())
    except _fernet().InvalidToken:
        raise UsageError("The key does not open this map: it was sealed with another.") from None
    values: dict[str, str] = json.loads(plain.decode("utf-8", "surrogatepass"))
    return TOKEN.sub(lambda match: values.get(match[0], match[0]), text)


def _box(key: str) -> Any:
    try:
        return _fernet().Fernet(key.strip().encode())
    except ValueError:
        raise UsageError(
            "The key is not one that seals a map: it has 44 characters, as data.new_key() makes it."
        ) from None


def _fernet() -> Any:
    try:
        from cryptography import fernet
    except ImportError:
        raise MissingExtra(
            "The map from tokens to values", package="cryptography", extra="data"
        ) from None
    return fernet
