"""Training data: its formats, its problems, its parts, and the personal data in it."""

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
