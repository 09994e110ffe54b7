"""Training data: its formats, its problems, its parts, and the personal data in it."""

from bankft.data.checks import Problem, Report, check
from bankft.data.formats import read_jsonl, write_jsonl
from bankft.data.leaks import Leak, find_leaks
from bankft.data.part_files import Parts, fingerprint, split_file
from bankft.data.parts import split, together
from bankft.data.personal import Finding, find_personal

__all__ = [
    "Finding",
    "Leak",
    "Parts",
    "Problem",
    "Report",
    "check",
    "find_leaks",
    "find_personal",
    "fingerprint",
    "read_jsonl",
    "split",
    "split_file",
    "together",
    "write_jsonl",
]
