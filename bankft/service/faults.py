"""Errors that nobody foresaw, as the log may name them."""

import traceback


def where(problem: BaseException) -> str:
    """Return what an error is and where it was raised, without its message or any value.

    >>> try:
    ...     {}["6222 0000 0000 0000"]
    ... except KeyError as problem:
    ...     where(problem).split(":")[0]
    'KeyError at <doctest bankft.service.faults.where[0]>'
    """
    frames = traceback.extract_tb(problem.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(problem).__name__}{place}"
