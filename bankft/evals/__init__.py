"""Evaluation: numbers that a risk committee accepts.

A *run* asks a model a test set and keeps each answer (`run_eval`, `read_run`); its figures come
with intervals, counted by question (`summarise`). Two runs are compared pairwise
(`compare_runs`), held against a gate (`check_gate`) and shown on a page (`render_runs`).
What an experiment needs beforehand is `answers_needed` and `answers_to_compare`; one that is
looked at while it runs is an `ABTest`. People check a sample (`choose_for_review`), which says
how wrong the automatic judgement is (`corrected_rate`). `diagnose` reads learning curves.

>>> found = rate([False] * 3000, [n // 10 for n in range(3000)])
>>> f"{found.upper:.2%}"  # 300 questions, 10 answers each, prove no 0.1 %
'0.99%'
"""

from bankft.evals.comparison import Comparison, Moved, compare_runs, violation_rate
from bankft.evals.curves import CURVES, Sign, curve, diagnose, job_rows
from bankft.evals.folder import Answer, Grade, Run, read_run
from bankft.evals.gate import Check, Gate, check_gate, gate_of, read_gate, to_junit
from bankft.evals.likelihood import (
    Bin,
    Calibration,
    Latency,
    calibration,
    latency,
    perplexity,
    token_use,
)
from bankft.evals.marking import grade_answer
from bankft.evals.metrics import (
    exact_match,
    fact_recall,
    field_accuracy,
    omissions,
    similarity,
    step_agreement,
    steps,
    token_f1,
)
from bankft.evals.pairs import Difference, holm, mcnemar, paired
from bankft.evals.questions import Question, TestSet, make_test_set, read_test_set
from bankft.evals.report import render_runs
from bankft.evals.review import (
    STRATA,
    Choice,
    Corrected,
    Reviewed,
    choose_for_review,
    corrected_rate,
    read_review,
    sheet_rows,
    stratum,
)
from bankft.evals.runs import Sampling, arun_eval, cost_of, request_seed, run_eval
from bankft.evals.sequential import ABTest, log_above, log_evidence, log_harm, odds_interval
from bankft.evals.sheets import LABELS, read_sheet, sheet_texts, write_sheet
from bankft.evals.statistics import (
    Mean,
    Rate,
    answers_needed,
    answers_to_compare,
    clopper_pearson,
    clustered_bound,
    design_effect,
    mean,
    power_of,
    rate,
)
from bankft.evals.summary import metric_names, summarise, value_of, values_by_question

__all__ = [
    "CURVES",
    "LABELS",
    "STRATA",
    "ABTest",
    "Answer",
    "Bin",
    "Calibration",
    "Check",
    "Choice",
    "Comparison",
    "Corrected",
    "Difference",
    "Gate",
    "Grade",
    "Latency",
    "Mean",
    "Moved",
    "Question",
    "Rate",
    "Reviewed",
    "Run",
    "Sampling",
    "Sign",
    "TestSet",
    "answers_needed",
    "answers_to_compare",
    "arun_eval",
    "calibration",
    "check_gate",
    "choose_for_review",
    "clopper_pearson",
    "clustered_bound",
    "compare_runs",
    "corrected_rate",
    "cost_of",
    "curve",
    "design_effect",
    "diagnose",
    "exact_match",
    "fact_recall",
    "field_accuracy",
    "gate_of",
    "grade_answer",
    "holm",
    "job_rows",
    "latency",
    "log_above",
    "log_evidence",
    "log_harm",
    "make_test_set",
    "mcnemar",
    "mean",
    "metric_names",
    "odds_interval",
    "omissions",
    "paired",
    "perplexity",
    "power_of",
    "rate",
    "read_gate",
    "read_review",
    "read_run",
    "read_sheet",
    "read_test_set",
    "render_runs",
    "request_seed",
    "run_eval",
    "sheet_rows",
    "sheet_texts",
    "similarity",
    "step_agreement",
    "steps",
    "stratum",
    "summarise",
    "to_junit",
    "token_f1",
    "token_use",
    "value_of",
    "values_by_question",
    "violation_rate",
    "write_sheet",
]
