"""The running cases of the course: invented products, customers' questions and true answers.

`fundbot` is the fund assistant of an invented bank. Import it by name:
``from bankft.cases import fundbot``.
"""

__all__ = ["fundbot"]

from bankft.cases import fundbot
