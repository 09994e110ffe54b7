"""Learning curves, read: is a model underfitted, overfitted, saturated, and by what sign?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bankft.errors import UsageError
from bankft.lang import LANGUAGES

if TYPE_CHECKING:
    import openai

CURVES: Mapping[str, tuple[str, ...]] = {
    "train_loss": ("train_loss",),
    "valid_loss": ("full_valid_loss", "valid_loss"),
    "train_accuracy": ("train_mean_token_accuracy", "train_accuracy"),
    "valid_accuracy": ("full_valid_mean_token_accuracy", "valid_mean_token_accuracy"),
    "train_reward": ("train_mean_reward", "train_reward_mean"),
    "valid_reward": ("full_valid_mean_reward", "valid_reward_mean"),
    "kl": ("kl",),
    "entropy": ("entropy",),
}
"""Which fields of a job's events each curve is drawn from; of several, the first that is there."""

_RISE = 0.03  # of the lowest validation loss: less is noise
_FALLING = 0.05  # of the loss, over the last quarter: then it is not done yet
_CEILING = 0.95  # of a reward from 0 to 1
_FLAT = 0.01  # of a reward, over the last third
_COLLAPSED = 0.2  # of the entropy at the start
_FAR = 10.0  # nats a token or an answer: far from where training began

_SAID = {
    "overfitted": (
        "过拟合：验证损失在第 {step} 步最低（{best}），此后升到 {last}，"
        "训练损失却从 {a} 降到 {b}。用第 {step} 步的检查点。",
        "Overfitted: validation loss is lowest at step {step} ({best}) and then rises to {last}, "
        "while training loss falls from {a} to {b}. Use the checkpoint of step {step}.",
    ),
    "underfitted": (
        "欠拟合：最后四分之一里{which}损失还在从 {a} 降到 {b}。多训练几轮，或调高学习率。",
        "Underfitted: over the last quarter {which} loss still falls from {a} to {b}. Train "
        "longer, or raise the learning rate.",
    ),
    "not_learning": (
        "没有学到：训练损失从 {a} 到 {b}，几乎没有下降。检查数据和学习率。",
        "Not learning: training loss went from {a} to {b}, hardly down. Look at the data and the "
        "learning rate.",
    ),
    "fitted": (
        "没有过拟合或欠拟合的迹象：验证损失在最后（{last}）接近最低（{best}）。",
        "No sign of over- or underfitting: validation loss ends ({last}) near its lowest ({best}).",
    ),
    "saturated": (
        "饱和：奖励最后三分之一的均值为 {last}，接近满分，再训练也提高不了。"
        "换更难的题或更细的评分。",
        "Saturated: over the last third the reward is {last} on average, near its ceiling; nothing "
        "is left to improve. Use harder questions or a finer reward.",
    ),
    "plateau": (
        "停滞：奖励最后三分之一停在 {last} 附近（变化 {change}），还没到满分。"
        "看看有没有同组同分或学习率太低。",
        "Plateau: over the last third the reward stays near {last} (change {change}), below its "
        "ceiling. Look for groups with one and the same reward, or a learning rate too low.",
    ),
    "overoptimised": (
        "奖励过优化：训练奖励升到 {a}，验证奖励却从第 {step} 步的 {best} 降到 {last}。",
        "Over-optimised: training reward rises to {a}, while validation reward falls from {best} "
        "at step {step} to {last}.",
    ),
    "entropy_collapse": (
        "熵塌缩：从 {a} 降到 {b}，回答几乎不再变化，探索停止了。",
        "Entropy collapse: from {a} down to {b}; answers hardly vary, exploration has ended.",
    ),
    "kl_drift": (
        "偏离参考模型：KL 在第 {step} 步达到 {last}。加大 KL 系数，或早些停。",
        "Far from the reference model: KL reaches {last} at step {step}. Raise its coefficient, "
        "or stop earlier.",
    ),
}
_TRAINING = {"zh": ("验证", "训练"), "en": ("validation", "training")}


@dataclass(frozen=True)
class Sign:
    """What a curve shows.

    Attributes:
        name: as ``overfitted``; ``fitted`` is the one good sign.
        reason: why, with the numbers, in the language asked for.
        step: where it shows; None where it is the whole curve.
        values: the numbers of the reason.
    """

    name: str
    reason: str
    step: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def job_rows(client: "openai.OpenAI", job_id: str) -> list[dict[str, Any]]:
    """Return the measured steps of any job, running or ended, oldest first, from its events."""
    found = [
        event.data
        for event in client.fine_tuning.jobs.list_events(job_id)
        if isinstance(event.data, dict) and "step" in event.data
    ]
    return sorted(found, key=lambda row: row["step"])


def curve(rows: Sequence[Mapping[str, Any]], name: str) -> list[tuple[int, float]]:
    """Return one curve of `CURVES`: (step, value) where it was measured.

    Raises:
        UsageError: there is no such curve.

    >>> curve([{"step": 1, "train_loss": 2.0}, {"step": 2, "train_loss": None}], "train_loss")
    [(1, 2.0)]
    """
    if name not in CURVES:
        raise UsageError(f"There is no curve {name!r}: use one of {', '.join(CURVES)}.")
    for key in CURVES[name]:
        points = [
            (int(row["step"]), float(row[key]))
            for row in rows
            if isinstance(row.get(key), int | float) and math.isfinite(row[key])
        ]
        if points:
            return points
    return []


def diagnose(rows: Sequence[Mapping[str, Any]], *, language: str = "zh") -> list[Sign]:
    """Return what the curves of a job show, each with its reason.

    Rules of thumb with stated limits, on curves that are smoothed by a running mean: validation
    loss 3 % above its lowest is overfitting where training loss goes on falling; a loss that
    still falls by 5 % over the last quarter is underfitting; a reward of 0.95 over the last third
    is saturation. Curves shorter than 4 points say nothing.

    Args:
        rows: steps as `job_rows` or ``bankft.jobs.metrics`` gives them.
        language: of the reasons: ``zh`` or ``en``.

    Raises:
        UsageError: no such language, or no step was measured.

    >>> rows = [{"step": n, "train_loss": 2 / n, "valid_loss": 1 + (n - 5) ** 2 / 20}
    ...         for n in range(1, 13)]
    >>> [sign.name for sign in diagnose(rows, language="en")]
    ['overfitted']
    """
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}: use zh or en.")
    if not rows:
        raise UsageError("There is no step to read: the job has measured nothing yet.")
    curves = {name: curve(rows, name) for name in CURVES}
    return [
        sign
        for sign in (
            _loss(curves["train_loss"], curves["valid_loss"], language),
            *_reward(curves["train_reward"], curves["valid_reward"], language),
            _entropy(curves["entropy"], language),
            _kl(curves["kl"], language),
        )
        if sign is not None
    ]


Points = list[tuple[int, float]]


def _loss(train: Points, valid: Points, language: str) -> Sign | None:
    smooth = _smooth(train)
    if len(smooth) < 4:
        return None
    measured = len(valid) >= 3
    if measured:
        step, best = min(valid, key=lambda point: point[1])
        last = valid[-1][1]
        a, b = _at(smooth, step), smooth[-1][1]
        if last > best * (1 + _RISE) and b < a:
            return _sign("overfitted", language, step, best=best, last=last, a=a, b=b)
    if smooth[-1][1] > smooth[0][1] * (1 - _FALLING):
        return _sign("not_learning", language, None, a=smooth[0][1], b=smooth[-1][1])
    falling = valid if len(valid) >= 4 else smooth
    start = falling[(3 * len(falling)) // 4 - 1][1]
    if falling[-1][1] < start * (1 - _FALLING):
        which = _TRAINING[language][falling is smooth]
        return _sign("underfitted", language, None, a=start, b=falling[-1][1], which=which)
    if measured:
        return _sign("fitted", language, None, best=best, last=last)
    return None


def _reward(train: Points, valid: Points, language: str) -> list[Sign | None]:
    smooth = _smooth(train)
    if len(smooth) < 4:
        return []
    third = [value for _, value in smooth[-max(2, len(smooth) // 3) :]]
    last, change = math.fsum(third) / len(third), third[-1] - third[0]
    found: list[Sign | None] = []
    if last >= _CEILING:
        found.append(_sign("saturated", language, None, last=last))
    elif abs(change) < _FLAT and len(smooth) >= 8:
        found.append(_sign("plateau", language, None, last=last, change=change))
    if len(valid) >= 3:
        step, best = max(valid, key=lambda point: point[1])
        if valid[-1][1] < best - _RISE and smooth[-1][1] > _at(smooth, step) + _FLAT:
            found.append(
                _sign(
                    "overoptimised",
                    language,
                    step,
                    best=best,
                    last=valid[-1][1],
                    a=smooth[-1][1],
                )
            )
    return found


def _entropy(points: Points, language: str) -> Sign | None:
    smooth = _smooth(points)
    if len(smooth) < 4 or smooth[0][1] <= 0 or smooth[-1][1] > _COLLAPSED * smooth[0][1]:
        return None
    return _sign("entropy_collapse", language, smooth[-1][0], a=smooth[0][1], b=smooth[-1][1])


def _kl(points: Points, language: str) -> Sign | None:
    far = next(((step, value) for step, value in _smooth(points) if value > _FAR), None)
    return _sign("kl_drift", language, far[0], last=far[1]) if far else None


def _smooth(points: Points) -> Points:
    """Return running means over a tenth of the curve: single batches are noisy."""
    width = max(1, len(points) // 10)
    found = []
    for n in range(len(points)):
        some = [value for _, value in points[max(0, n - width + 1) : n + 1]]
        found.append((points[n][0], math.fsum(some) / len(some)))
    return found


def _at(points: Points, step: int) -> float:
    return min(points, key=lambda point: abs(point[0] - step))[1]


def _sign(name: str, language: str, step: int | None, **values: Any) -> Sign:
    shown = {k: f"{v:.3f}" if isinstance(v, float) else v for k, v in values.items()}
    sentence = _SAID[name][language == "en"].format(step=step, **shown)
    numbers = {k: v for k, v in values.items() if isinstance(v, float)}
    return Sign(name, sentence, step, numbers)
