"""Against forgetting: general examples mixed in, and weights held near where they began.

Four means, each by itself or together: a share of general data; smaller steps for lower layers;
L2-SP (X. Li et al., arXiv 1802.01483, 2018), which pulls every weight back alike; EWC
(J. Kirkpatrick et al., arXiv 1612.00796, 2017), which pulls those back that general data need.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bankft.cases import fundbot
from bankft.errors import UsageError
from bankft.lang import LANGUAGES

GENERAL = ("intent", "arithmetic", "copy")  # what bankft-nano can do beside the fund's facts
FISHER = 96  # general examples that the importance of weights is estimated on


@dataclass(frozen=True)
class Keep:
    """How the base's abilities are kept; the default keeps nothing.

    ``general`` is the share (0–0.5) of general examples in the mixed data. ``layer_decay`` (above
    0, at most 1) multiplies the learning rate once for each layer below the top. ``l2_sp`` and
    ``ewc`` are weights (from 0) of the two penalties. ``examples`` are the general ones, in the
    form of the training data; None takes bankft-nano's own: intents, sums, figures from a text.
    """

    general: float = 0.0
    layer_decay: float = 1.0
    l2_sp: float = 0.0
    ewc: float = 0.0
    examples: Sequence[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if not 0 <= self.general <= 0.5:
            raise UsageError(f"keep's general is {self.general!r}: use a share from 0 to 0.5.")
        if not 0 < self.layer_decay <= 1:
            raise UsageError(f"keep's layer_decay is {self.layer_decay!r}: use 1 or less, above 0.")
        if self.l2_sp < 0 or self.ewc < 0:
            raise UsageError("keep's l2_sp and ewc are weights of penalties: use 0 or more.")

    @property
    def penalty(self) -> bool:
        """Whether weights are held near where they began."""
        return bool(self.l2_sp or self.ewc)


def general_examples(n: int, seed: int) -> list[dict[str, Any]]:
    """Draw ``n`` of the examples that are general for bankft-nano, in both languages.

    >>> len(general_examples(10, seed=0))
    10
    """
    mixed = []
    kinds = [(kind, language) for kind in GENERAL for language in LANGUAGES]
    for place, (kind, language) in enumerate(kinds):
        share = n // len(kinds) + (place < n % len(kinds))
        mixed += fundbot.conversations("train", share, kind=kind, seed=seed, language=language)
    random.Random(f"general {seed}").shuffle(mixed)
    return mixed


def chosen_general(keep: Keep, n: int, own: bool, seed: int) -> list[dict[str, Any]]:
    """Return ``n`` general examples for a base.

    Raises:
        UsageError: the base is not bankft-nano and no examples are given, or too few.

    """
    if keep.examples is None:
        if not own:
            raise UsageError(
                "keep needs general examples of what this base can do: give them as `examples`."
            )
        return general_examples(n, seed)
    if len(keep.examples) < n:
        raise UsageError(
            f"keep needs {n} general examples and has {len(keep.examples)}: "
            "give more of them, or a smaller share."
        )
    return random.Random(f"general {seed}").sample(list(keep.examples), n)


def how_many(general: float, examples: int) -> int:
    """Return how many general examples make up the share ``general`` beside so many others.

    >>> how_many(0.2, 400)
    100
    """
    return round(examples * general / (1 - general))


def layer_rates(model: Any, rate: float, decay: float) -> list[dict[str, Any]]:
    """Group a model's weights for an optimiser: each layer's rate is a bit below the next one's.

    The embeddings are below the first layer, also where the output shares them; what stands
    above the layers has the whole rate.
    """
    layers = int(model.config.get_text_config().num_hidden_layers)
    shared = model.get_input_embeddings().weight
    groups: dict[int, list[torch.nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        found = re.search(r"\.(?:layers|h)\.(\d+)\.", name)
        depth = layers if weight is shared else layers - 1 - int(found[1]) if found else 0
        groups.setdefault(depth, []).append(weight)
    return [
        {"params": weights, "lr": rate * decay**depth} for depth, weights in sorted(groups.items())
    ]


def importance(
    model: Any, examples: Sequence[Any], loss: Callable[[Any], torch.Tensor]
) -> list[torch.Tensor]:
    """Diagonal of the empirical Fisher information: mean of the squared gradients of examples.

    Scaled to a mean of 1 over all weights, so that ``ewc`` means the same for every base, and
    equals ``l2_sp`` where all weights matter alike.
    """
    found = [torch.zeros_like(p) for p in model.parameters()]
    for example in examples:
        model.zero_grad()
        loss(example).backward()  # type: ignore[no-untyped-call]
        for total, p in zip(found, model.parameters(), strict=True):
            if p.grad is not None:
                total.addcmul_(p.grad, p.grad)
    model.zero_grad()
    mean = sum(float(one.sum()) for one in found) / sum(one.numel() for one in found)
    return [one / mean for one in found]


class Anchor:
    """Where the weights began, and how hard each is pulled back there.

    The penalty is (l2_sp + ewc · importance) / 2 · (weight - beginning)²; its gradient is added
    to that of the data.

    Args:
        model: at its beginning.
        l2_sp: weight of the pull on all.
        ewc: weight of the pull by importance.
        important: of `importance`; None where ``ewc`` is 0.

    """

    def __init__(
        self, model: Any, l2_sp: float, ewc: float, important: list[torch.Tensor] | None
    ) -> None:
        self.begin = [p.detach().clone() for p in model.parameters()]
        self.pull: list[Any] = [l2_sp] * len(self.begin)
        if important is not None:
            self.pull = [l2_sp + ewc * one for one in important]

    @torch.no_grad()
    def add_gradient(self, model: Any) -> None:
        """Add the penalty's gradient to that which the weights have."""
        for p, begin, pull in zip(model.parameters(), self.begin, self.pull, strict=True):
            if p.grad is not None:
                p.grad.add_((p - begin).mul_(pull))
