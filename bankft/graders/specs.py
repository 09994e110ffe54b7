"""Grader objects: OpenAI's six types as frozen dataclasses, and their way to and from JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from bankft.errors import DataError
from bankft.graders import keys
from bankft.graders.formula import Formula, read_formula

Spec = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StringCheckGrader:
    """1 where a comparison of two texts holds, else 0: ``eq``, ``ne``, ``like`` or ``ilike``."""

    type: ClassVar[str] = "string_check"
    name: str
    input: str
    reference: str
    operation: str
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class TextSimilarityGrader:
    """How alike two texts are, 0 to 1, by a named measure."""

    type: ClassVar[str] = "text_similarity"
    name: str
    input: str
    reference: str
    evaluation_metric: str
    pass_threshold: float | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScoreModelGrader:
    """A number that a model gives, cut to ``range`` (0 to 1 where none is given)."""

    type: ClassVar[str] = "score_model"
    name: str
    input: list[Any]
    model: str
    range: list[float] | None = None
    sampling_params: Spec | None = None
    pass_threshold: float | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LabelModelGrader:
    """1 where a model chooses a label that passes, else 0."""

    type: ClassVar[str] = "label_model"
    name: str
    input: list[Any]
    model: str
    labels: list[str]
    passing_labels: list[str]
    sampling_params: Spec | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PythonGrader:
    """What ``grade(sample, item)`` of a Python source returns, run in a sandbox."""

    type: ClassVar[str] = "python"
    source: str
    name: str | None = None
    image_tag: str | None = None
    pass_threshold: float | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class MultiGrader:
    """Several graders, and a formula over their rewards."""

    type: ClassVar[str] = "multi"
    graders: Mapping[str, "SingleGrader"]
    calculate_output: str
    name: str | None = None
    id: str | None = None
    # How the graders were written: OpenAI's guide uses an object with names, its description of
    # the API an array, and its types a single grader.
    written: str = field(default="object", compare=False)

    @property
    def formula(self) -> Formula:
        """The formula, ready to compute."""
        return _formula(self.calculate_output, self.written)


SingleGrader = (
    StringCheckGrader | TextSimilarityGrader | ScoreModelGrader | LabelModelGrader | PythonGrader
)
Grader = SingleGrader | MultiGrader
_KINDS: Mapping[str, Any] = {
    kind.type: kind
    for kind in (
        StringCheckGrader,
        TextSimilarityGrader,
        ScoreModelGrader,
        LabelModelGrader,
        PythonGrader,
        MultiGrader,
    )
}


def from_spec(spec: Spec) -> Grader:
    """Return the grader that a grader object of OpenAI's API describes.

    Raises:
        DataError: it describes none; the message names each field that is wrong.

    >>> grader = from_spec({"type": "string_check", "name": "exact", "operation": "eq",
    ...     "input": "{{ sample.output_text }}", "reference": "{{ item.answer }}"})
    >>> grader.operation
    'eq'
    """
    if wrong := validate(spec):
        raise DataError(" ".join(wrong))
    grader: Grader = _built(spec)
    return grader


def to_spec(grader: Grader) -> dict[str, Any]:
    """Return the grader object that describes a grader; ``from_spec``'s inverse.

    >>> to_spec(PythonGrader(source="def grade(sample, item): return 1.0"))
    {'type': 'python', 'source': 'def grade(sample, item): return 1.0'}
    """
    spec: dict[str, Any] = {"type": grader.type}
    for one in fields(grader):
        value = getattr(grader, one.name)
        if value is not None and one.name != "written":
            spec[one.name] = value
    if isinstance(grader, MultiGrader):
        written = {name: to_spec(one) for name, one in grader.graders.items()}
        as_written: dict[str, Any] = {
            "object": written,
            "array": list(written.values()),
            "single": next(iter(written.values()), None),
        }
        spec["graders"] = as_written[grader.written]
    return spec


def validate(spec: Any) -> list[str]:
    """Return what is wrong with a grader object, a sentence each; nothing where it is fine.

    >>> validate({"type": "string_check", "name": "exact", "operation": "same",
    ...     "input": "{{ sample.output_text }}", "reference": "yes"})
    ["The grader's field 'operation' must be one of eq, ne, like, ilike."]
    """
    found = list(keys.problems(spec, "The grader"))
    if found or spec["type"] != "multi":
        return found
    members, written = _members(spec["graders"])
    for name, member in members.items():
        found += keys.problems(member, f"The grader's member {name}", inside=True)
    if found:
        return found
    try:
        unknown = _formula(spec["calculate_output"], written).variables
    except DataError as error:
        return [f"The grader's field 'calculate_output' is no formula: {error}"]
    known = _variables(members, written)
    return [
        f"The grader's field 'calculate_output' names {keys.shown(name)}, which is none of the "
        f"graders ({', '.join(known)})."
        for name in sorted(unknown - known.keys())
    ]


def variables(grader: MultiGrader) -> dict[str, str]:
    """Return the names that a formula may use, and whose reward each stands for."""
    members = {name: {"type": one.type} for name, one in grader.graders.items()}
    return _variables(members, grader.written)


def _variables(members: Mapping[str, Spec], written: str) -> dict[str, str]:
    known = {name: name for name in members}
    if written != "object":  # OpenAI's own example of an array calls them by their type
        for name, member in members.items():
            known.setdefault(f"{member['type']}_score", name)
    return known


def _members(graders: Any) -> tuple[dict[str, Spec], str]:
    """Return a multi grader's graders by name, and how they were written."""
    if isinstance(graders, list):
        named: dict[str, Spec] = {}
        for number, member in enumerate(graders, 1):
            name = "_".join(str(member.get("name") or f"grader_{number}").split())
            named[name if name not in named else f"{name}_{number}"] = member
        return named, "array"
    if isinstance(graders.get("type"), str):
        return {"_".join(str(graders.get("name") or "grader").split()): graders}, "single"
    return dict(graders), "object"


def _formula(text: str, written: str) -> Formula:
    if written == "array" and text.count(")") == text.count("(") + 1 and text.endswith(")"):
        text = text[:-1]  # OpenAI's own example of an array has one too many at its end
    return read_formula(text)


def _built(spec: Spec) -> Any:
    given = {name: value for name, value in spec.items() if name != "type" and value is not None}
    if spec["type"] == "multi":
        members, written = _members(spec["graders"])
        given["graders"] = {name: _built(member) for name, member in members.items()}
        given["written"] = written
    return _KINDS[spec["type"]](**given)
