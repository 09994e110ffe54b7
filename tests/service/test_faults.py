"""The words of the log for errors that nobody foresaw."""

import pytest

from bankft.service.faults import where


def test_errors_are_located_without_their_values():
    with pytest.raises(KeyError) as problem:
        {}["6222021234567890123"]
    assert where(problem.value).startswith("KeyError at test_faults.py:")
    assert "6222" not in where(problem.value)
