"""What a lesson shows: a model's answer as it streams, tables, charts, exercises.

Each function shows its output where the code runs and needs no ``print`` or ``display`` around
it: in a notebook (and on the site) as HTML that follows the reader's light or dark theme, in a
terminal as plain text. Labels come in the language of :func:`bankft.language`. The HTML of the
same data is the same to the last byte.
"""

from bankft.display.bars import bars
from bankft.display.bubble import Verdict, answer, compare
from bankft.display.charts import accuracy_chart, kl_chart, loss_chart, reward_chart
from bankft.display.exercise import check
from bankft.display.intervals import interval_chart
from bankft.display.runs import runs_chart
from bankft.display.shares import shares
from bankft.display.tables import table, text_table

__all__ = [
    "Verdict",
    "accuracy_chart",
    "answer",
    "bars",
    "check",
    "compare",
    "interval_chart",
    "kl_chart",
    "loss_chart",
    "reward_chart",
    "runs_chart",
    "shares",
    "table",
    "text_table",
]
