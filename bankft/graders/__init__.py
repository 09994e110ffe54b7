"""OpenAI's grader objects, executed: on your machine, with the models that you serve.

A grader object is JSON, as ``client.fine_tuning.jobs.create`` and ``client.evals.create`` take it:

>>> exact = {"type": "string_check", "name": "exact", "operation": "eq",
...     "input": "{{ sample.output_text }}", "reference": "{{ item.answer }}"}
>>> validate(exact)
[]
>>> grade(exact, "R2", {"answer": "R2"}).reward
1.0
"""

from bankft.graders.grading import abatch, agrade, asks_a_model, batch, grade
from bankft.graders.raters import Agreement, agreement
from bankft.graders.results import Errors, Result
from bankft.graders.sandbox import Limits, Run, Unavailable, available, run_python
from bankft.graders.specs import (
    Grader,
    LabelModelGrader,
    MultiGrader,
    PythonGrader,
    ScoreModelGrader,
    SingleGrader,
    StringCheckGrader,
    TextSimilarityGrader,
    from_spec,
    to_spec,
    validate,
)

__all__ = [
    "Agreement",
    "Errors",
    "Grader",
    "LabelModelGrader",
    "Limits",
    "MultiGrader",
    "PythonGrader",
    "Result",
    "Run",
    "ScoreModelGrader",
    "SingleGrader",
    "StringCheckGrader",
    "TextSimilarityGrader",
    "Unavailable",
    "abatch",
    "agrade",
    "agreement",
    "asks_a_model",
    "available",
    "batch",
    "from_spec",
    "grade",
    "run_python",
    "to_spec",
    "validate",
]
