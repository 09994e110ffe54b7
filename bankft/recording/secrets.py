"""Keep secrets and personal data out of recordings."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bankft.data import find_personal, formats, personal
from bankft.errors import SecretFound
from bankft.recording import events

# Names reserved for examples (RFC 2606, RFC 6761): an address there is nobody's.
_NOBODY = re.compile(r"@(?:.*\.)?(?:example(?:\.com|\.net|\.org)?|test|invalid|localhost)$")

_SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY",
    "an API key": "|".join(
        (
            r"\bsk-[A-Za-z0-9_-]{20,}",  # OpenAI and the many who copied its shape
            r"\bsess-[A-Za-z0-9]{20,}",
            r"\bABSK[A-Za-z0-9+/=]{40,}",  # Bedrock
            r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS
            r"\bAIza[A-Za-z0-9_-]{35}",  # Google
            r"\bLTAI[A-Za-z0-9]{12,24}\b",  # Aliyun
            r"\bAKID[A-Za-z0-9]{32}\b",  # Tencent Cloud
            r"\bhf_[A-Za-z0-9]{30,}",  # Hugging Face
            r"\bgh[pousr]_[A-Za-z0-9]{36,}",  # GitHub
            r"\bgithub_pat_[A-Za-z0-9_]{40,}",
            r"\bglpat-[A-Za-z0-9_-]{20,}",  # GitLab
            r"\bxox[abprs]-[A-Za-z0-9-]{10,}",  # Slack
            r"\bnvapi-[A-Za-z0-9_-]{40,}",
            r"\bpypi-[A-Za-z0-9_-]{50,}",
            r"\bnpm_[A-Za-z0-9]{36}",
        )
    ),
    "a bearer token": r"(?i:\bbearer )[ ]*(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{16,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.",
    "a password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,64}:[^\s/@]{1,64}@",
    "a password or key": (
        r"(?i:password|passwd|api[_-]?key|secret|access[_-]?token)[\"']? ?[:=] ?[\"']?"
        r"(?=[A-Za-z_+/.-]*[0-9])[A-Za-z0-9_+/.-]{16,}"
    ),
}
_PATTERNS = {kind: re.compile(pattern, re.ASCII) for kind, pattern in _SECRETS.items()}


@dataclass(frozen=True)
class Found:
    """Something that must not be recorded: what it looks like, and where; never its value."""

    kind: str
    place: str


def scan(
    interaction: Mapping[str, Any],
    *,
    uploads: Iterable[tuple[str, bytes]] = (),
    secrets: Sequence[str] = (),
) -> list[Found]:
    """Look through an interaction for secrets and personal data.

    The text that a stream gives piece by piece is looked through in one piece as well.

    Args:
        interaction: ``request`` or ``response`` or both, as a recording keeps them.
        uploads: Name and content of uploaded files, of which a recording keeps only the hash.
        secrets: Values that must not appear anywhere, such as the client's own key.

    >>> scan({"request": {"json": {"user": "13800138000"}}})
    [Found(kind='a mobile number', place='request.json.user')]
    """
    found: list[Found] = []
    for place, text in _texts(interaction, uploads):
        found += [Found(kind, place) for kind in _kinds(text, secrets)]
    return list(dict.fromkeys(found))


def refuse(
    name: str,
    place: int,
    interaction: Mapping[str, Any],
    *,
    uploads: Iterable[tuple[str, bytes]] = (),
    secrets: Sequence[str] = (),
) -> None:
    """Raise SecretFound if there is something in an interaction that must not be recorded."""
    if found := scan(interaction, uploads=uploads, secrets=secrets):
        asked = interaction["request"]
        raise SecretFound(
            f"{name}, call {place + 1} ({asked['method']} {asked['path']}): {found[0].place} holds "
            f"what looks like {found[0].kind}, which a recording must not keep. Use invented data "
            "(an address ending in .example, a number that fails its check digit)."
        )


_PERSONAL = {
    "id_card": "an identity card number",
    "bank_card": "a bank card number",
    "mobile": "a mobile number",
    "email": "an e-mail address",
}


def _kinds(text: str, secrets: Sequence[str]) -> Iterator[str]:
    for kind, pattern in _PATTERNS.items():
        if pattern.search(text):
            yield kind
    if any(secret in text for secret in secrets):
        yield "the key that this client calls with"
    # Names and addresses in a recording are invented: only what has a firm shape is refused.
    for finding in find_personal(text, kinds=personal.FIRM, labels=False):
        if not _NOBODY.search(text[finding.start : finding.end]):
            yield _PERSONAL.get(finding.kind, finding.kind)


def _texts(
    interaction: Mapping[str, Any], uploads: Iterable[tuple[str, bytes]]
) -> Iterator[tuple[str, str]]:
    """Yield every text of an interaction with its place."""
    response = dict(interaction.get("response", {}))
    stream = response.pop("events", [])
    yield from _leaves(interaction.get("request", {}), "request")
    yield from _leaves(response, "response")
    pieces: dict[str, list[str]] = {}
    for event in events.unpack(stream):
        for place, text in _leaves(event, "response.events"):
            pieces.setdefault(place, []).append(text)
    for place, texts in pieces.items():
        different = dict.fromkeys(texts)
        yield place, "\n".join(different)
        if len(different) > 1:  # an answer's text comes in pieces; an id is the same each time
            yield place, "".join(texts)
    for name, content in uploads:
        yield from _file(f"request.parts.{name}", content.decode(errors="replace"))


def _file(place: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield a file's lines: as the strings in it where a line is JSON, which may escape text."""
    for number, line in enumerate(text.split("\n"), 1):
        try:
            value = formats.loads(line)
        except formats.JSONProblem:
            yield f"{place} line {number}", line
        else:
            yield from _leaves(value, f"{place} line {number}")


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield strings, whole numbers (a card may be written as one) and names of fields."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield place, str(value)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield f"a name in {place}", name
            # A place is shown to people, so a name that is no plain word stays out of it.
            plain = re.fullmatch("[a-z_]{1,40}", name)
            yield from _leaves(item, f"{place}.{name}" if plain else f"{place}.…")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{place}[{index}]")
