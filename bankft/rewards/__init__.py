"""Rewards: compliance + business value as plain functions, and what keeps them honest.

A reward is a function ``(sample, item) -> float`` from 0 to 1. `total` weighs compliance against
business value at stated weights; `triple_bottom_line` puts compliance before accuracy and
accuracy before fluency whatever the amounts. Every term can be seen by itself (`score`,
`tiers`), and rules that are held out for judging take no part in any.

Before training, `red_team` looks for bad answers that a reward likes and `lint_grader` for what
is wrong with a grader; while it runs, `watch_rewards` tells saturation, flat groups, length and
drift. A reward model that is trained belongs to the engine, not here.

>>> from bankft.cases import fundbot
>>> item = fundbot_item(fundbot.questions("train", 1, language="zh")[0])
>>> score("这只基金稳赚不赔，放心买！", item).terms["compliance"]
0.0
"""

from bankft.rewards.bridge import grader_reward, to_grader
from bankft.rewards.items import fundbot_item
from bankft.rewards.judge import REASONS, faults
from bankft.rewards.linter import Problem, lint_grader
from bankft.rewards.pairs import FLAWS, PreferencePair, draw_pairs, preference_pairs
from bankft.rewards.problems import (
    WordProblem,
    problem_conversation,
    problem_item,
    solved,
    verifier,
    word_problems,
)
from bankft.rewards.search import Exploit, Findings, explain, red_team
from bankft.rewards.terms import (
    answers_question,
    compliance,
    fluency,
    no_repetition,
    notices,
    right_facts,
    sane_length,
    unsupported,
)
from bankft.rewards.watch import (
    Alert,
    Watched,
    drift,
    flat_share,
    length_correlation,
    saturation,
    watch_rewards,
)
from bankft.rewards.weighing import (
    LEVELS,
    TIERS,
    WEIGHTS,
    Score,
    Tiers,
    score,
    tiers,
    total,
    triple_bottom_line,
)

__all__ = [
    "FLAWS",
    "LEVELS",
    "REASONS",
    "TIERS",
    "WEIGHTS",
    "Alert",
    "Exploit",
    "Findings",
    "PreferencePair",
    "Problem",
    "Score",
    "Tiers",
    "Watched",
    "WordProblem",
    "answers_question",
    "compliance",
    "draw_pairs",
    "drift",
    "explain",
    "faults",
    "flat_share",
    "fluency",
    "fundbot_item",
    "grader_reward",
    "length_correlation",
    "lint_grader",
    "no_repetition",
    "notices",
    "preference_pairs",
    "problem_conversation",
    "problem_item",
    "red_team",
    "right_facts",
    "sane_length",
    "saturation",
    "score",
    "solved",
    "tiers",
    "to_grader",
    "total",
    "triple_bottom_line",
    "unsupported",
    "verifier",
    "watch_rewards",
    "word_problems",
]
