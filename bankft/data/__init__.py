"""Training data: its formats, its problems, its parts, and the personal data in it.

Everything is imported on first use: the rules for personal data alone are thousands of words.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankft.data.augment import Generated, expand_context, paraphrase, write_generated
    from bankft.data.checks import check
    from bankft.data.findings import Problem, Report
    from bankft.data.formats import read_jsonl, write_jsonl
    from bankft.data.kappa import Kappa, cohen_kappa, fleiss_kappa
    from bankft.data.leaks import Leak, find_leaks
    from bankft.data.mojibake import Repair, is_mojibake, repair
    from bankft.data.part_files import Parts, split_file
    from bankft.data.parts import split, together
    from bankft.data.personal import Finding, find_personal
    from bankft.data.quality import (
        BackAnnotation,
        BackRow,
        Unsure,
        ask_least_sure,
        back_annotate,
        disagreement,
        least_sure,
        similarity,
        to_ask_back,
    )
    from bankft.data.readers import read_examples
    from bankft.data.redaction import (
        Placed,
        Redacted,
        Tokens,
        new_key,
        redact,
        redact_example,
        restore,
        seal,
    )
    from bankft.data.redaction_files import RedactedLine, redact_jsonl, redact_text
    from bankft.data.tasks import (
        Classification,
        Extraction,
        Intents,
        QuestionAnswering,
        check_task,
    )

_HOMES = {
    "BackAnnotation": "quality",
    "BackRow": "quality",
    "Classification": "tasks",
    "Extraction": "tasks",
    "Finding": "personal",
    "Generated": "augment",
    "Intents": "tasks",
    "Kappa": "kappa",
    "Leak": "leaks",
    "Parts": "part_files",
    "Placed": "redaction",
    "Problem": "findings",
    "QuestionAnswering": "tasks",
    "Redacted": "redaction",
    "RedactedLine": "redaction_files",
    "Repair": "mojibake",
    "Report": "findings",
    "Tokens": "redaction",
    "Unsure": "quality",
    "ask_least_sure": "quality",
    "back_annotate": "quality",
    "check": "checks",
    "check_task": "tasks",
    "cohen_kappa": "kappa",
    "disagreement": "quality",
    "expand_context": "augment",
    "find_leaks": "leaks",
    "find_personal": "personal",
    "fleiss_kappa": "kappa",
    "is_mojibake": "mojibake",
    "least_sure": "quality",
    "new_key": "redaction",
    "paraphrase": "augment",
    "read_examples": "readers",
    "read_jsonl": "formats",
    "redact": "redaction",
    "redact_example": "redaction",
    "redact_jsonl": "redaction_files",
    "redact_text": "redaction_files",
    "repair": "mojibake",
    "restore": "redaction",
    "seal": "redaction",
    "similarity": "quality",
    "split": "parts",
    "split_file": "part_files",
    "to_ask_back": "quality",
    "together": "parts",
    "write_generated": "augment",
    "write_jsonl": "formats",
}

__all__ = [
    "BackAnnotation",
    "BackRow",
    "Classification",
    "Extraction",
    "Finding",
    "Generated",
    "Intents",
    "Kappa",
    "Leak",
    "Parts",
    "Placed",
    "Problem",
    "QuestionAnswering",
    "Redacted",
    "RedactedLine",
    "Repair",
    "Report",
    "Tokens",
    "Unsure",
    "ask_least_sure",
    "back_annotate",
    "check",
    "check_task",
    "cohen_kappa",
    "disagreement",
    "expand_context",
    "find_leaks",
    "find_personal",
    "fleiss_kappa",
    "is_mojibake",
    "least_sure",
    "new_key",
    "paraphrase",
    "read_examples",
    "read_jsonl",
    "redact",
    "redact_example",
    "redact_jsonl",
    "redact_text",
    "repair",
    "restore",
    "seal",
    "similarity",
    "split",
    "split_file",
    "to_ask_back",
    "together",
    "write_generated",
    "write_jsonl",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bankft.data' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"bankft.data.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
