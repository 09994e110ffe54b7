"""A step's metrics, from its answers and from what the update of the weights returned."""

from collections import Counter
from dataclasses import replace
from typing import Any

from bankft.engine.control import Monitor, look
from bankft.engine.reward import Asking
from bankft.engine.rft_step import USED, RLStep, Usage
from bankft.engine.rollouts import Answer


def report(
    answers: list[Answer],
    found: dict[str, Any],
    monitor: Monitor,
    done: int,
    total_steps: int,
    rate: float,
) -> RLStep:
    """The metrics of a step.

    Args:
        answers: distinct ones, with the reference's log-probabilities.
        found: what the algorithm's update returned.
        monitor: is told of the step.
        done: steps done, this one included.
        total_steps: of the run.
        rate: the learning rate.

    """
    looks = look(answers)
    scores, errors = _means(answers)
    return RLStep(
        step=done,
        total_steps=total_steps,
        train_mean_reward=looks.reward,
        completion_tokens_mean=looks.length,
        reward_std=looks.reward_std,
        flat_share=looks.flat_share,
        at_ceiling=looks.at_ceiling,
        kl=looks.kl,
        entropy=looks.entropy,
        truncated=looks.truncated,
        repetition=looks.repetition,
        sameness=looks.sameness,
        length_correlation=looks.length_correlation,
        learning_rate=rate,
        mean_unresponsive_rewards=errors.get("unresponsive_reward_error", 0.0),
        scores=scores,
        errors=errors,
        tokens=_tokens(answers),
        warnings=monitor.warnings(looks),
        **found,
    )


def validated(step: RLStep, answers: list[Answer]) -> RLStep:
    """Put the means over answers to the validation prompts beside a step's metrics."""
    scores, errors = _means(answers)
    return replace(
        step,
        full_valid_mean_reward=sum(one.graded.reward for one in answers) / len(answers),
        full_valid_mean_parse_error=errors.get("sample_parse_error", 0.0),
        valid_completion_tokens_mean=sum(len(one.ids) for one in answers) / len(answers),
        valid_reasoning_tokens_mean=0.0,
        valid_scores=scores,
        valid_errors=errors,
        valid_tokens=_tokens(answers),
    )


def _tokens(answers: list[Answer]) -> dict[Asking, Usage]:
    """Tokens of the models that graders asked: means over the answers, and sums."""
    sums: dict[Asking, Counter[str]] = {}
    for one in answers:
        for asking, used in one.graded.tokens.items():
            sums.setdefault(asking, Counter()).update({k: used.get(k, 0) * one.count for k in USED})
    n = sum(one.count for one in answers)
    return {
        asking: {f"{k}_mean": total / n for k, total in used.items()}
        | {f"{k}_count": float(total) for k, total in used.items()}
        for asking, used in sums.items()
    }


def _means(answers: list[Answer]) -> tuple[dict[str, float], dict[str, float]]:
    """Means of the grader's parts, and shares of the errors that are plain flags."""
    scores: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for one in answers:
        for name, score in one.graded.scores.items():
            scores[name] += score * one.count  # type: ignore[assignment]
        flags = [name for name, what in one.graded.errors.items() if what is True]
        errors.update(dict.fromkeys(flags, one.count))
    n = sum(one.count for one in answers)
    return ({k: v / n for k, v in scores.items()}, {k: v / n for k, v in errors.items()})
