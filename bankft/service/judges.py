"""Models that graders ask, answered in this process: chat models, and reward models directly.

A ``score_model`` grader that names a reward model gets its score of the conversation that the
grader's messages make, the last of them the answer; a range cuts it, and without one it stays as
it is, since a reward model's scores have no bounds.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from openai.types.chat import ChatCompletion

from bankft import graders
from bankft.engine import Sampler
from bankft.errors import BankftError
from bankft.graders.needs import Requests, Said, Source, plan, rows_of
from bankft.rewards.bridge import own_reward
from bankft.service.clock import stable
from bankft.service.known import Known

if TYPE_CHECKING:
    from bankft.engine import RewardModel

_KEPT = 2  # models in memory
_LONGEST = 256  # tokens of an answer where the grader says nothing
_UNBOUNDED = [-1e308, 1e308]

Request = Mapping[str, Any]  # the body of a chat


class Judges:
    """The models that graders name, loaded when they are asked.

    Args:
        find: returns the model of a name, None where there is none.
        threads: CPU threads for torch (for the whole process); None leaves them.

    """

    def __init__(self, find: Callable[[str], Known | None], threads: int | None = None) -> None:
        self._find, self._threads = find, threads
        self._loaded: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def ready(self, grader: graders.Grader) -> graders.Grader:
        """Return a grader whose scores by reward models are cut by its own range alone."""
        if isinstance(grader, graders.MultiGrader):
            parts = {name: self._free(part) for name, part in grader.graders.items()}
            return replace(grader, graders=parts)
        return self._free(grader)

    def _free(self, grader: graders.SingleGrader) -> graders.SingleGrader:
        if isinstance(grader, graders.ScoreModelGrader) and grader.range is None:
            found = self._find(grader.model)
            if found is not None and found.kind == "reward":
                return replace(grader, range=_UNBOUNDED)
        return grader

    def batch(
        self, grader: graders.Grader, samples: Sequence[Any], items: Sequence[Mapping[str, Any]]
    ) -> list[graders.Result]:
        """Grade samples as ``bankft.graders.batch`` does, each model asked once for all of them."""
        steps = plan(self.ready(grader), rows_of(samples, items), {})
        came: Any = None
        while True:
            try:
                need = steps.send(came)
            except StopIteration as end:
                found: list[graders.Result] = end.value
                return found
            came = _run(need) if isinstance(need, Source) else self._answer(need)

    def _answer(self, need: Requests) -> list[Said]:
        if need.resource != "chat.completions":
            error = BankftError("This service makes no embeddings.")
            return [Said(0.0, error=error) for _ in need.arguments]
        try:
            return [Said(0.0, answer) for answer in self.complete(need.arguments)]
        except BankftError as problem:
            return [Said(0.0, error=problem) for _ in need.arguments]

    def complete(self, asked: Sequence[Request]) -> list[ChatCompletion]:
        """Answer chats that name one model with the same settings, together.

        The answers depend on nothing but what was asked: without a seed it is the seed.

        Raises:
            BankftError: there is no such model, or a conversation is too long for it.

        """
        if not asked:
            return []
        with self._lock:
            model, name = self._get(asked[0]["model"]), asked[0]["model"]
            talks = [list(one["messages"]) for one in asked]
            if not isinstance(model, Sampler):
                scores = [json.dumps({"steps": [], "result": s}) for s in model.score(talks)]
                return [_completion(name, text, 0, 0, "stop") for text in scores]
            first = asked[0]
            seed = first.get("seed")
            pieces = model.complete(
                talks,
                max_tokens=first.get("max_completion_tokens") or _LONGEST,
                temperature=_or(first.get("temperature"), 1.0),
                top_p=max(_or(first.get("top_p"), 1.0), 1e-6),
                seed=_seed(asked) if seed is None else seed,
            )
            prompts = [model.prompt_tokens(talk) for talk in talks]
        return [
            _completion(name, piece.text, prompt, piece.tokens, piece.finish_reason or "stop")
            for piece, prompt in zip(pieces, prompts, strict=True)
        ]

    def _get(self, name: str) -> "Sampler | RewardModel":
        from bankft.engine import RewardModel

        found = self._find(name)
        if found is None:
            raise BankftError(f"The model {name} does not exist: it may have been deleted.")
        if name not in self._loaded:
            self._loaded[name] = (
                RewardModel(found.folder)
                if found.kind == "reward"
                else Sampler(found.folder, threads=self._threads)
            )
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(name)
        model: Sampler | RewardModel = self._loaded[name]
        return model


def _run(need: Source) -> list[graders.Run]:
    """Run a python grader's source; a reward of this package itself is called, as in training.

    So it needs no sandbox, which not every machine has; what it cannot score, the sandbox says.
    """
    own = own_reward({"type": "python", "source": need.text})
    if own is not None:
        with suppress(Exception):
            scores = [own(sample["output_text"], item) for sample, item in need.pairs]
            return [graders.Run(score, None, None, 0.0, "none") for score in scores]
    return graders.run_python(need.text, need.pairs)


def _or(value: float | None, default: float) -> float:
    return default if value is None else float(value)


def _seed(asked: Sequence[Request]) -> int:
    text = json.dumps([dict(one) for one in asked], sort_keys=True, ensure_ascii=False)
    return int.from_bytes(stable("", text).encode()[:4]) % 2**31


def _completion(name: str, text: str, prompt: int, written: int, reason: str) -> ChatCompletion:
    message = {"role": "assistant", "content": text, "refusal": None}
    return ChatCompletion.model_validate(
        {
            "id": stable("chatcmpl-", name, text, length=29),
            "object": "chat.completion",
            "created": 0,
            "model": name,
            "choices": [
                {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": written,
                "total_tokens": prompt + written,
            },
        }
    )
