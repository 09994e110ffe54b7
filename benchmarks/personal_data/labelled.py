"""A labelled set of personal data in Chinese and English, written anew each time it is needed.

Nobody's data stands here: every number is drawn by a seeded generator. Identity cards have a
county that is not assigned (…99), mobile numbers a network code that is not in use after their
first four digits are drawn from a blocked range where one exists, e-mail addresses end in names
reserved for examples. Check digits are right, so that what finds real ones finds these.

A template is a line with slots: ``{mobile}`` is personal data of that kind, ``{=order}`` only
looks like some. Templates are dealt in turn into two halves: ``dev``, on which the rules were
made, and ``held_out``, on which they were only measured.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SEED = 20261121


@dataclass(frozen=True)
class Labelled:
    """A line, the language it is in, its half, and the kind and place of its personal data."""

    text: str
    language: str
    half: str
    template: int
    spans: tuple[tuple[str, int, int], ...]
    look_alikes: int


def build(*, each: int = 8, seed: int = SEED) -> list[Labelled]:
    """Return the set: ``each`` lines a template."""
    from values import LOOK_ALIKES, PERSONAL

    lines = []
    for language in ("zh", "en"):
        for number, template in enumerate(templates(language)):
            for turn in range(each):
                chance = random.Random(f"{seed}/{language}/{number}/{turn}")
                text, spans, other = "", [], 0
                rest = template
                while "{" in rest:
                    before, _, rest = rest.partition("{")
                    slot, _, rest = rest.partition("}")
                    text += before
                    if slot.startswith("="):
                        text += LOOK_ALIKES[slot[1:]](chance)
                        other += 1
                        continue
                    kind, _, form = slot.partition(":")
                    value = PERSONAL[kind](chance, language, form)
                    spans.append((kind, len(text), len(text) + len(value)))
                    text += value
                text += rest
                half = ("dev", "held_out")[number % 2]
                lines.append(Labelled(text, language, half, number, tuple(spans), other))
    return lines


def templates(language: str) -> Iterator[str]:
    """Yield the templates of a language, a line of the file each; # begins a comment."""
    for line in (HERE / f"templates.{language}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.replace("\\n", "\n")
