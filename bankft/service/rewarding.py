"""The grader of a job: may it be used here, and what it makes of the answers while training."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bankft import graders
from bankft.engine import Graded, Reward, Sample, as_reward
from bankft.rewards.bridge import own_reward
from bankft.service.envelope import ApiError, shown
from bankft.service.judges import Judges
from bankft.service.known import Known


def check(
    spec: Mapping[str, Any], find: Callable[[str], Known | None], param: str = "grader"
) -> graders.Grader:
    """Return the grader that a grader object describes, if it can be used here.

    Args:
        spec: the grader object.
        find: returns the model of a name, None where there is none.
        param: where the object stands in the request.

    Raises:
        ApiError: 400, with a sentence on what is wrong.

    """
    if problems := graders.validate(spec):
        raise _refusal(param, " ".join(problems), "invalid_grader")
    one = graders.from_spec(spec)
    for part in parts(one).values():
        if isinstance(part, graders.TextSimilarityGrader) and part.evaluation_metric == "cosine":
            raise _refusal(
                param,
                "'cosine' needs embeddings, which this service does not make; "
                "OpenAI has it for evals alone. Choose another evaluation_metric.",
                "unsupported_value",
            )
        if isinstance(part, graders.ScoreModelGrader | graders.LabelModelGrader):
            _check_model(part, find(part.model), param)
    return one


def check_job(
    spec: Mapping[str, Any], find: Callable[[str], Known | None], param: str
) -> graders.Grader:
    """Return the grader of a job, as ``check`` does, if one can be trained on it.

    Raises:
        ApiError: 400, as of ``check``; or OpenAI has such a grader for evals alone; or no sandbox
            works on this machine.

    """
    one = check(spec, find, param)
    if isinstance(one, graders.LabelModelGrader):
        raise _refusal(
            param,
            "a job's grader cannot be a label_model, which OpenAI has for evals: use a "
            "score_model, or put it into a multi grader.",
            "unsupported_value",
        )
    sources = [part for part in parts(one).values() if isinstance(part, graders.PythonGrader)]
    strange = [part for part in sources if own_reward(graders.to_spec(part)) is None]
    if strange and not graders.available():
        raise _refusal(
            param,
            "python graders run in a sandbox, and none works on this machine: install bubblewrap.",
            "unsupported_value",
        )
    return one


def parts(grader: graders.Grader) -> dict[str, Any]:
    """Return the graders of a multi grader by name, else the grader itself."""
    if isinstance(grader, graders.MultiGrader):
        return dict(grader.graders)
    return {grader.name or grader.type: grader}


def _check_model(part: Any, found: Known | None, param: str) -> None:
    if found is None:
        raise _refusal(
            param,
            f"it asks the model '{shown(part.model)}', which this service does not have: name one "
            "of those that GET /v1/models lists.",
            "model_not_found",
        )
    if found.kind != "reward":
        return
    if isinstance(part, graders.LabelModelGrader):
        raise _refusal(
            param,
            f"the reward model '{shown(part.model)}' gives scores, no labels: ask it by a "
            "score_model grader.",
            "unsupported_value",
        )
    if part.input[-1]["role"] != "assistant":
        raise _refusal(
            param,
            f"the reward model '{shown(part.model)}' scores an assistant's message: let the last "
            "message of 'input' be one, as {{ sample.output_text }}.",
            "invalid_grader",
        )


def _refusal(param: str, what: str, code: str) -> ApiError:
    return ApiError(400, f"Invalid '{param}': {what}", param=param, code=code)


def reward_of(
    spec: Mapping[str, Any], response_format: Mapping[str, Any] | None, judges: Judges
) -> Reward:
    """Return a job's grader as the reward of its training.

    Args:
        spec: the grader object.
        response_format: where it is given, an answer that is no JSON object is a parse error and
            earns 0.
        judges: answer for the models that the grader asks.

    """
    one = graders.from_spec(spec)
    reward = _asking(one, judges) if graders.asks_a_model(one) else as_reward(one)
    return reward if response_format is None else _formed(reward)


def _asking(grader: graders.Grader, judges: Judges) -> Reward:
    def reward(samples: Sequence[Sample]) -> list[Graded]:
        results = judges.batch(grader, [one.text for one in samples], [one.item for one in samples])
        return [
            Graded(
                one.reward,
                dict(one.sub_rewards) or {one.name: one.reward},
                {name: value for name, value in vars(one.errors).items() if value},
            )
            for one in results
        ]

    return reward


def _formed(reward: Reward) -> Reward:
    def formed(samples: Sequence[Sample]) -> list[Graded]:
        right = [_is_object(one.text) for one in samples]
        graded = iter(reward([one for one, is_ in zip(samples, right, strict=True) if is_]))
        wrong = Graded(0.0, {}, {"sample_parse_error": True})
        return [next(graded) if is_ else wrong for is_ in right]

    return formed


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
