"""The command line: one module a command group, each imported when its command runs.

What a command found goes to stdout, what it says meanwhile to stderr. Exit codes: 0 fine; 1 what
was asked about is not fine (a job failed, a file was refused, a model is unknown, the service
does not answer); 2 used wrongly; 130 interrupted.
"""

from bankft.cli.root import main

__all__ = ["main"]
