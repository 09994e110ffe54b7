"""The shelf: the funds that the invented bank sells, read from ``funds.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ATTRIBUTES = (
    "code",
    "type",
    "risk",
    "manager",
    "management_fee",
    "custody_fee",
    "subscription_fee",
    "minimum",
    "redemption",
    "benchmark",
    "inception",
)

RISK_NAMES = {
    "zh": {"R1": "低风险", "R2": "中低风险", "R3": "中风险", "R4": "中高风险", "R5": "高风险"},
    "en": {"R1": "low", "R2": "medium-low", "R3": "medium", "R4": "medium-high", "R5": "high"},
}

MONTHS = ["January", "February", "March", "April", "May", "June"]
MONTHS += ["July", "August", "September", "October", "November", "December"]


@dataclass(frozen=True)
class Fund:
    """One invented fund.

    ``name``, ``type``, ``manager`` and ``benchmark`` are given by language (``zh``, ``en``);
    ``risk`` is R1 (low) to R5 (high); fees are per cent as printed (management and custody a
    year, subscription once); ``minimum`` is in yuan; ``redemption`` is working days after the
    order, as ``T+1``; ``inception`` is ``YYYY-MM``.
    """

    code: str
    name: dict[str, str]
    type: dict[str, str]
    risk: str
    manager: dict[str, str]
    management_fee: str
    custody_fee: str
    subscription_fee: str
    minimum: int
    redemption: str
    benchmark: dict[str, str]
    inception: str

    def value(self, attribute: str, language: str) -> str:
        """Write the attribute as an answer prints it, in ``zh`` or ``en``.

        >>> funds()[0].value("risk", "en")
        'R1 (low)'
        """
        raw = getattr(self, attribute)
        if attribute == "risk":
            name = RISK_NAMES[language][raw]
            return f"{raw}（{name}）" if language == "zh" else f"{raw} ({name})"
        if attribute == "minimum":
            return f"{raw}元" if language == "zh" else f"{raw:,} yuan"
        if attribute == "inception":
            year, month = raw.split("-")
            if language == "zh":
                return f"{year}年{int(month)}月"
            return f"{MONTHS[int(month) - 1]} {year}"
        return str(raw[language] if isinstance(raw, dict) else raw)


@cache
def funds() -> tuple[Fund, ...]:
    """Every fund of the shelf, in the file's order."""
    text = files(__package__).joinpath("funds.toml").read_text(encoding="utf-8")
    return tuple(Fund(**entry) for entry in tomllib.loads(text)["fund"])
