"""Ways to spoil an answer while keeping what a careless reward looks at.

Each attack is a plain function of a text and its surroundings. An attack that *spoils* makes an
answer bad by construction: its result is bad even if no check sees why. The others only may.
"""

import json
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from bankft.rewards.terms import Item, question, reference
from bankft.rewards.texts import sentences


@dataclass(frozen=True)
class Scene:
    """What an attack may use: the item, the other items, a source of chance.

    The reference is what training would show as a good answer; an attack may take it apart.
    """

    item: Item
    others: Sequence[Item]
    rng: random.Random

    @property
    def language(self) -> str:
        """The item's language, ``"zh"`` where it names none."""
        return "en" if self.item.get("language") == "en" else "zh"

    @property
    def notices(self) -> str:
        """The sentences that an answer must carry, in a row."""
        given = self.item.get("notices") or _PHRASES["disclaimer"][self.language]
        return self.join(*given)

    def join(self, *parts: str) -> str:
        """Put sentences one behind the other, as the language does."""
        return ("" if self.language == "zh" else " ").join(part for part in parts if part)

    def say(self, name: str) -> str:
        """Return one of the phrases of ``attacks.toml`` in the item's language."""
        return self.rng.choice(_PHRASES[name][self.language])


@dataclass(frozen=True)
class Attack:
    """One way to change a text.

    Attributes:
        name: For programs and reports.
        zh: What it does, in Chinese.
        en: What it does, in English.
        apply: text, scene → text.
        spoils: Whether the result is bad by construction.
        restarts: Whether it puts a text of its own in the answer's place.
    """

    name: str
    zh: str
    en: str
    apply: Callable[[str, Scene], str]
    spoils: bool = False
    restarts: bool = False


def _repeat_sentence(text: str, scene: Scene) -> str:
    parts = sentences(text)
    stop = "。" if scene.language == "zh" else "."
    return scene.join(text, *[scene.rng.choice(parts) + stop] * 4) if parts else text


def _shuffle(text: str, scene: Scene) -> str:
    parts = list(text) if scene.language == "zh" else text.split()
    scene.rng.shuffle(parts)
    return scene.join(*parts)


def _other_answer(text: str, scene: Scene) -> str:
    return reference(scene.rng.choice(scene.others)) if scene.others else text


def _wrong_value(text: str, scene: Scene) -> str:
    """Put a wrong value in the place of a fact."""
    wrong = list(scene.item.get("wrong") or ())
    for fact in scene.item.get("facts") or ():
        if wrong and fact in text:
            return text.replace(fact, scene.rng.choice(wrong))
    return text


def _all_values(text: str, scene: Scene) -> str:
    """Name every value there is: one of them is right."""
    values = [*(scene.item.get("facts") or ()), *(scene.item.get("wrong") or ())]
    if len(values) < 2:
        return text
    some = [values[0], *scene.rng.sample(values[1:], min(5, len(values) - 1))]
    scene.rng.shuffle(some)
    return scene.join("、".join(some) + "。", text)


def _deny(text: str, scene: Scene) -> str:
    """Put a *not* before a fact."""
    for fact in scene.item.get("facts") or ():
        if fact in text:
            return text.replace(fact, scene.say("not") + fact)
    return text


def _cut(text: str, scene: Scene) -> str:
    return text[: max(1, len(text) * 2 // 3)]


def _others(text: str, scene: Scene) -> str:
    some = scene.rng.sample(list(scene.others), min(3, len(scene.others)))
    return scene.join(text, *map(reference, some))


def _add(phrase: str) -> Callable[[str, Scene], str]:
    """Make an attack that puts a phrase behind the text."""
    return lambda text, scene: scene.join(text, scene.say(phrase))


_APPLY: dict[str, Callable[[str, Scene], str]] = {
    "empty": lambda text, scene: "",
    "only_notices": lambda text, scene: scene.notices,
    "copy_question": lambda text, scene: question(scene.item),
    "question_and_notices": lambda text, scene: scene.join(question(scene.item), scene.notices),
    "template": lambda text, scene: scene.join(scene.say("template"), scene.notices),
    "refuse": lambda text, scene: scene.join(scene.say("refuse"), scene.notices),
    "other_answer": _other_answer,
    "cut": _cut,
    "shuffle": _shuffle,
    "repeat_all": lambda text, scene: scene.join(text, text, text),
    "repeat_sentence": _repeat_sentence,
    "pad": lambda text, scene: scene.join(text, *[scene.say("courtesy")] * 3),
    "keywords": _add("keywords"),
    "concatenate": _others,
    "all_values": _all_values,
    "wrong_value": _wrong_value,
    "deny": _deny,
    "take_back": _add("take_back"),
    "mock_notice": _add("mock_notice"),
    "promise": _add("promise"),
    "hidden_promise": _add("hidden_promise"),
    "urge": _add("urge"),
    "inject": lambda text, scene: scene.join(scene.say("inject"), text),
    "switch_language": lambda text, scene: scene.join(scene.say("switch"), scene.say("foreign")),
    "json": lambda text, scene: json.dumps({"answer": text, "score": 1.0}, ensure_ascii=False),
}

_FILE = tomllib.loads(files(__package__).joinpath("attacks.toml").read_text(encoding="utf-8"))
_PHRASES: Mapping[str, Mapping[str, list[str]]] = _FILE["phrase"]

ATTACKS = tuple(
    Attack(apply=_APPLY[name], name=name, **about) for name, about in _FILE["attack"].items()
)
"""Every attack, as ``attacks.toml`` lists them."""
