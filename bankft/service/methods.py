"""A job's method, called by its settings: what was asked for, and what came of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bankft import engine
from bankft.service import rewarding
from bankft.service.judges import Judges
from bankft.service.tables import Job

Example = dict[str, Any]
_OLD = {  # OpenAI's first names for a pair's answers
    "preferred_completion": "preferred_output",
    "non_preferred_completion": "non_preferred_output",
}


def train(
    job: Job,
    base: Path,
    examples: tuple[Sequence[Example], Sequence[Example]],
    out: Path,
    judges: Judges,
    **how: Any,
) -> Any:
    """Train a model as a job asks; return the engine's result.

    Args:
        job: with its method's settings.
        base: folder of the model to start from.
        examples: to learn from, and to measure on.
        out: folder for the result and the checkpoints.
        judges: answer for the models that the job's grader asks.
        how: the engine's other arguments, the same for every method.

    """
    asked_for = job.options or {}
    options = {name: value for name, value in asked_for.items() if value is not None}
    if "lora" in asked_for:  # null asks for all weights
        options["lora"] = engine.LoRA(**options["lora"]) if "lora" in options else None
    if "keep" in options:
        options["keep"] = engine.Keep(**options["keep"])
    settings = {**job.hyperparameters, **options, **how}
    learn, held = examples
    if job.method == "reinforcement":
        asked = job.asked or {}
        reward = rewarding.reward_of(asked["grader"], asked.get("response_format"), judges)
        return engine.train_rft(base, learn, held, out, reward=reward, **settings)
    if job.method == "dpo":
        learn, held = ([_named(one) for one in part] for part in examples)
        if settings.pop("objective", "dpo") == "reward_model":
            del settings["beta"]
            return engine.train_reward_model(base, learn, held, out, **settings)
        return engine.train_dpo(base, learn, held, out, **settings)
    return engine.train_sft(base, learn, held, out, **settings)


def kind(job: Job) -> str:
    """Return what kind of model a job makes."""
    return "reward" if (job.options or {}).get("objective") == "reward_model" else "chat"


def resolved(job: Job, result: Any) -> dict[str, Any]:
    """Return a job's hyperparameters, with what was left to the service as it was chosen."""
    found = getattr(result, "settings", result)
    return {name: getattr(found, name, value) for name, value in job.hyperparameters.items()}


def _named(pair: Example) -> Example:
    return {_OLD.get(name, name): value for name, value in pair.items()}
