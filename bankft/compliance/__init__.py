"""Rules on fund marketing as data, and the checker that holds answers against them.

>>> from bankft import compliance
>>> compliance.check("This fund is risk-free. For reference only; not investment advice.").verdict
'violation'

Rules come in packs (``packs/*.toml``), each rule with its clause, the days it is in force, and
what it applies to; a bank adds its own (`load_pack`). What the checker says is for a person to
look at: the conclusion is always human.
"""

from bankft.compliance.checker import Exempted, Finding, Judgement, check, digest, rules
from bankft.compliance.rule import Clause, Pack, Rule, load_pack
from bankft.compliance.stream import ProhibitedWording, guard
from bankft.compliance.suitability import suitable

__all__ = [
    "Clause",
    "Exempted",
    "Finding",
    "Judgement",
    "Pack",
    "ProhibitedWording",
    "Rule",
    "check",
    "digest",
    "guard",
    "load_pack",
    "rules",
    "suitable",
]
