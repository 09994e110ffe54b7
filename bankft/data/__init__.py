"""Training data: its formats, its problems, its parts, and the personal data in it."""

from bankft.data.checks import Problem, Report, check
from bankft.data.formats import read_jsonl, write_jsonl
from bankft.data.parts import split
from bankft.data.personal import Finding, find_personal

__all__ = [
    "Finding",
    "Problem",
    "Report",
    "check",
    "find_personal",
    "read_jsonl",
    "split",
    "write_jsonl",
]
