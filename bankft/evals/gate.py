"""The regression gate: what a new model may not do worse, and how a build learns of it.

A gate is a TOML file::

    confidence = 0.95            # of the bounds and of "beyond chance"

    [violations]
    max_bound = 0.001            # the bound of the new run's violation rate, one-sided, exact
    bound_may_rise = 0.0         # by how much it may lie above the old run's

    [quality.exact_match]        # any metric or grader of the runs
    min = 0.90                   # of the new run's mean
    max_fall = 0.02              # how far it may lie below the old run's; 0 if not given
    beyond_chance = true         # only a fall that is not chance counts (paired, Holm)

    [quality.omission]           # the less, the better
    max = 0.05

    [latency]
    max_p90 = 2.0                # seconds

    [runs]                       # for pytest, which runs the gate without arguments
    before = "runs/v1"
    after = "runs/v2"
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bankft.errors import DataError
from bankft.evals.comparison import Comparison, Moved, less_is_better
from bankft.evals.likelihood import latency

_TOP = {"confidence": float, "violations": dict, "quality": dict, "latency": dict, "runs": dict}
_KEYS: Mapping[str, Mapping[str, type]] = {
    "violations": {"max_bound": float, "bound_may_rise": float},
    "quality": {"min": float, "max": float, "max_fall": float, "beyond_chance": bool},
    "latency": {"max_p50": float, "max_p90": float, "max_p99": float},
    "runs": {"before": str, "after": str},
}


@dataclass(frozen=True)
class Gate:
    """What a new run is held against; see the module for the file."""

    violations: Mapping[str, float] = field(default_factory=lambda: {"bound_may_rise": 0.0})
    quality: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    latency: Mapping[str, float] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.95


@dataclass(frozen=True)
class Check:
    """One thing that a gate asks for, and whether it holds; ``said`` tells it with its numbers."""

    name: str
    passed: bool
    said: str


def read_gate(path: str | Path) -> Gate:
    """Read a gate.

    Raises:
        DataError: the file cannot be read, or holds what no gate has; with the key.
    """
    try:
        value = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path} cannot be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path} is not TOML: {error}.") from None
    return gate_of(value, str(path))


def gate_of(value: Mapping[str, Any], name: str = "gate") -> Gate:
    """Return the gate that a parsed file describes.

    Raises:
        DataError: it holds what no gate has, or asks for nothing.

    >>> gate_of({"violations": {"max_bound": 0.001}}).violations
    {'max_bound': 0.001}
    """
    _require(value, _TOP, name, "")
    for part in ("violations", "latency", "runs"):
        _require(value.get(part, {}), _KEYS[part], name, part)
    for metric, limits in value.get("quality", {}).items():
        if not isinstance(limits, dict):
            raise DataError(f"{name}, quality.{metric}: write it as a table [quality.{metric}].")
        _require(limits, _KEYS["quality"], name, f"quality.{metric}")
    if not any(value.get(part) for part in ("violations", "quality", "latency")):
        raise DataError(f"{name} asks for nothing: add [violations] or [quality.…].")
    if not 0 < value.get("confidence", 0.95) < 1:
        raise DataError(f"{name}, confidence: it lies between 0 and 1, as 0.95.")
    return Gate(
        violations=value.get("violations", {}),
        quality=value.get("quality", {}),
        latency=value.get("latency", {}),
        runs=value.get("runs", {}),
        confidence=value.get("confidence", 0.95),
    )


def check_gate(comparison: Comparison, gate: Gate) -> list[Check]:
    """Hold a comparison against a gate; without a check that failed, the gate is passed.

    Args:
        comparison: of `compare_runs`, with the gate's confidence.
        gate: of `read_gate`.

    Raises:
        DataError: the gate names a figure that the runs do not have.
    """
    return [
        *_violations(comparison, gate),
        *_quality(comparison, gate),
        *_latency(comparison, gate),
    ]


def to_junit(checks: Sequence[Check], *, name: str = "bankft eval compare") -> str:
    """Return checks as JUnit XML, as build servers read it.

    >>> 'failures="1"' in to_junit([Check("violations.max_bound", False, "0.2 > 0.1")])
    True
    """
    failed = [check for check in checks if not check.passed]
    counts = {"tests": str(len(checks)), "failures": str(len(failed)), "errors": "0"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": name, **counts, "skipped": "0"})
    for check in checks:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "gate", "name": check.name})
        if not check.passed:
            ElementTree.SubElement(case, "failure", {"message": check.said}).text = check.said
        else:
            ElementTree.SubElement(case, "system-out").text = check.said
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _violations(comparison: Comparison, gate: Gate) -> list[Check]:
    old, new = (one.upper for one in comparison.violations)
    counted = comparison.violations[1]
    from_what = f"{counted.questions_hit} of {counted.questions} questions with a violation"
    found = []
    if (limit := gate.violations.get("max_bound")) is not None:
        said = f"bound of the violation rate {new:.5f}, at most {limit:g} ({from_what})"
        found.append(Check("violations.max_bound", new <= limit, said))
    if (rise := gate.violations.get("bound_may_rise")) is not None:
        said = f"bound of the violation rate {old:.5f} -> {new:.5f}, may rise by {rise:g}"
        found.append(Check("violations.bound_may_rise", new <= old + rise + 1e-12, said))
    return found


def _quality(comparison: Comparison, gate: Gate) -> list[Check]:
    by_name = {one.name: one for one in comparison.moved}
    found = []
    for name, limits in gate.quality.items():
        if name not in by_name:
            have = ", ".join(by_name)
            raise DataError(f"The gate asks for {name}, which the runs do not have: {have}.")
        one = by_name[name]
        mean = one.difference.after
        if (least := limits.get("min")) is not None:
            said = f"{name} {mean:.4f}, at least {least:g}"
            found.append(Check(f"quality.{name}.min", mean >= least, said))
        if (most := limits.get("max")) is not None:
            said = f"{name} {mean:.4f}, at most {most:g}"
            found.append(Check(f"quality.{name}.max", mean <= most, said))
        if "max_fall" in limits or not {"min", "max"} & limits.keys():
            found.append(_fall(one, limits))
    return found


def _fall(one: Moved, limits: Mapping[str, Any]) -> Check:
    """Hold a figure's fall against what it may; where less is better, its rise."""
    fall = one.difference.value if less_is_better(one.name) else -one.difference.value
    allowed = limits.get("max_fall", 0.0)
    fine = fall <= allowed + 1e-12
    if limits.get("beyond_chance") and one.direction != "worse":
        fine = True
    said = (
        f"{one.name} {one.difference.before:.4f} -> {one.difference.after:.4f} "
        f"(difference {one.difference.low:+.4f} to {one.difference.high:+.4f}, p {one.p:.3g}), "
        f"may get worse by {allowed:g}"
    )
    return Check(f"quality.{one.name}.max_fall", fine, said)


def _latency(comparison: Comparison, gate: Gate) -> list[Check]:
    if not gate.latency:
        return []
    taken = latency([a.seconds for a in comparison.after.answers.values() if a.error is None])
    return [
        Check(
            f"latency.{name}",
            getattr(taken, name.removeprefix("max_")) <= limit,
            f"{name.removeprefix('max_')} {getattr(taken, name.removeprefix('max_')):.3f} s, "
            f"at most {limit:g} s",
        )
        for name, limit in gate.latency.items()
    ]


def _require(value: Any, keys: Mapping[str, type], name: str, part: str) -> None:
    """Refuse what a gate has no word for: a misspelt limit must not pass for one that holds."""
    for key, given in value.items():
        full = f"{part}.{key}" if part else key
        if key not in keys:
            raise DataError(f"{name}: {full} is unknown; known are {', '.join(keys)}.")
        kind: Any = (int, float) if keys[key] is float else keys[key]
        if not isinstance(given, kind) or (keys[key] is float and isinstance(given, bool)):
            words = {float: "a number", bool: "true or false", dict: "a table", str: "a text"}
            raise DataError(f"{name}: {full} must be {words[keys[key]]}.")
