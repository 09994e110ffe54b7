"""People check a sample: which answers, and what follows for the violation rate.

The sample is drawn more densely where risk is: from answers that a rule flags, from those that a
rule leaves open, and thinly from the rest. Each answer goes to two people on sheets of their own,
without the automatic verdict. What they agree on says how often the automatic verdict errs.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from bankft.data import Kappa, cohen_kappa
from bankft.errors import UsageError
from bankft.evals.folder import Run
from bankft.evals.statistics import clopper_pearson

STRATA = ("violation", "open", "fine")
"""Where an answer stands before a person sees it: flagged, left open, or neither."""
_SHARES = {"violation": 0.4, "open": 0.3, "fine": 0.3}


@dataclass(frozen=True)
class Choice:
    """Which answers people see.

    Attributes:
        strata: where each chosen answer stands, by its id.
        sizes: how many answers the run has in each stratum.
        seed: that they were drawn with.
    """

    strata: Mapping[str, str]
    sizes: Mapping[str, int]
    seed: int


@dataclass(frozen=True)
class Corrected:
    """A violation rate, corrected for the errors of the automatic verdict.

    Attributes:
        value: 0 to 1.
        low: lower end of the interval.
        high: its upper end.
        sensitivity: share of violations that are flagged.
        specificity: share of fine answers that are not.
    """

    value: float
    low: float
    high: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class Reviewed:
    """What the sheets say.

    Attributes:
        agreement: of the two people; None where both gave one and the same verdict throughout.
        same: share of answers on which they agree.
        disputed: answers on which they do not, and which nobody has settled: counted as violations.
        rate: violations among all answers of the run, by people, weighted by stratum.
        low: lower end of its interval.
        high: its upper end; both hold exactly, at the price of width (Clopper-Pearson in each
            stratum, Bonferroni over them).
        sensitivity: share of violations that the automatic verdict flags, weighted; None where
            people found none.
        specificity: share of fine answers that it does not flag; None where there are none.
        automatic: the rate by the automatic verdict.
    """

    agreement: Kappa | None
    same: float
    disputed: tuple[str, ...]
    rate: float
    low: float
    high: float
    sensitivity: float | None
    specificity: float | None
    automatic: float


def stratum(verdict: str) -> str:
    """Return where an answer stands by the verdict of the rules.

    >>> stratum("violation"), stratum("manual_review"), stratum("advisory")
    ('violation', 'open', 'fine')
    """
    if verdict == "violation":
        return "violation"
    return "fine" if verdict in ("ok", "advisory") else "open"


def choose_for_review(run: Run, count: int, *, seed: int = 0) -> Choice:
    """Choose answers for people to check, more of them where risk is.

    40 % flagged, 30 % left open, 30 % of the rest, at random; what a stratum does not have, the
    others get, the riskier first.

    Args:
        run: of `read_run`.
        count: how many, at least 3.
        seed: the same seed chooses the same answers.

    Raises:
        UsageError: too few are wanted, or the run has no answers.
    """
    if count < 3:
        raise UsageError(f"{count} answers are no sample: choose 3 or more.")
    members: dict[str, list[str]] = {name: [] for name in STRATA}
    for name, grade in sorted(run.grades.items(), key=lambda pair: _order(pair[0])):
        if run.answers[name].error is None:
            members[stratum(grade.verdict)].append(name)
    total = sum(map(len, members.values()))
    if not total:
        raise UsageError("The run has no answers to review.")
    take = {name: min(len(members[name]), math.floor(count * _SHARES[name])) for name in STRATA}
    for name in STRATA:  # a stratum without anybody checked says nothing of its answers
        take[name] = max(take[name], min(1, len(members[name])))
    for name in STRATA:
        spare = min(count, total) - sum(take.values())
        take[name] += max(0, min(spare, len(members[name]) - take[name]))
    rng = random.Random(seed)
    chosen = {one: name for name in STRATA for one in rng.sample(members[name], take[name])}
    ordered = sorted(chosen, key=_order)
    rng.shuffle(ordered)  # a reader must not see from the order which are flagged
    return Choice(
        {one: chosen[one] for one in ordered}, {n: len(m) for n, m in members.items()}, seed
    )


def read_review(
    choice: Choice,
    first: Mapping[str, bool],
    second: Mapping[str, bool],
    settled: Mapping[str, bool] | None = None,
    *,
    confidence: float = 0.95,
) -> Reviewed:
    """Return what two people's verdicts say of the run that the sample is from.

    Args:
        choice: that the sheets were written from.
        first: whether each answer is a violation, by the one.
        second: by the other.
        settled: by a third, for those on which the two differ.
        confidence: of the interval.

    Raises:
        UsageError: a sheet lacks an answer of the sample.

    >>> choice = Choice({"q1.s1": "violation", "q2.s1": "fine"}, {"violation": 1, "fine": 9}, 0)
    >>> sheet = {"q1.s1": True, "q2.s1": False}
    >>> found = read_review(choice, sheet, sheet)
    >>> found.rate, found.agreement.value
    (0.1, 1.0)
    """
    for number, sheet in enumerate((first, second), 1):
        if missing := [one for one in choice.strata if one not in sheet]:
            raise UsageError(f"Sheet {number} lacks {len(missing)} answers: {missing[0]}, say.")
    names = list(choice.strata)
    split = [one for one in names if first[one] != second[one]]
    third = settled or {}
    # What nobody has settled counts against the model.
    label = {one: third.get(one, True) if one in split else first[one] for one in names}
    given = [first[one] for one in names], [second[one] for one in names]
    mixed = len({*given[0], *given[1]}) > 1
    total = sum(choice.sizes.values())
    value = low = high = flagged_bad = bad = flagged_fine = 0.0
    strata = [name for name in choice.sizes if choice.sizes[name]]
    each = 1 - (1 - confidence) / len(strata)
    for name in strata:
        some = [label[one] for one in names if choice.strata[one] == name]
        weight, k, n = choice.sizes[name] / total, sum(some), len(some)
        ends = clopper_pearson(k, n, confidence=each)
        if n == choice.sizes[name]:  # everybody was looked at: nothing is left to chance
            ends = (k / n, k / n)
        value, low, high = value + weight * k / n, low + weight * ends[0], high + weight * ends[1]
        bad += weight * k / n
        if name == "violation":
            flagged_bad, flagged_fine = weight * k / n, weight * (1 - k / n)
    fine = 1 - bad
    return Reviewed(
        agreement=cohen_kappa(*given) if mixed else None,
        same=1 - len(split) / len(names),
        disputed=tuple(one for one in split if one not in third),
        rate=value,
        low=low,
        high=high,
        sensitivity=flagged_bad / bad if bad > 0 else None,
        specificity=1 - flagged_fine / fine if fine > 0 else None,
        automatic=choice.sizes.get("violation", 0) / total,
    )


def corrected_rate(
    flagged: int,
    answers: int,
    *,
    found: tuple[int, int],
    cleared: tuple[int, int],
    confidence: float = 0.95,
) -> Corrected:
    """Correct a rate of flagged answers for an automatic verdict that errs.

    W. J. Rogan, B. Gladen, American Journal of Epidemiology 107 (1978), 71-76: the rate is
    (flagged share + specificity - 1) / (sensitivity + specificity - 1). The interval, which counts
    that both were estimated themselves: Z. Lang, J. Reiczigel, Preventive Veterinary Medicine 113
    (2014), 13-22. For a new run, with error rates from an earlier review.

    Args:
        flagged: answers that the automatic verdict calls violations.
        answers: that it judged.
        found: of violations that people saw, how many it flagged, and of how many.
        cleared: of fine answers that people saw, how many it did not flag, and of how many.
        confidence: of the interval.

    Raises:
        UsageError: counts that are none, or a verdict no better than chance.

    >>> fixed = corrected_rate(30, 1000, found=(45, 50), cleared=(495, 500))
    >>> round(fixed.value, 4), fixed.low < 0.0225 < fixed.high
    (0.0225, True)
    """
    for k, n in ((flagged, answers), found, cleared):
        if n < 1 or not 0 <= k <= n:
            raise UsageError(f"{k} of {n} is no count of answers.")
    share = flagged / answers
    sensitivity, specificity = found[0] / found[1], cleared[0] / cleared[1]
    if sensitivity + specificity <= 1:
        raise UsageError("The automatic verdict is no better than chance: it corrects nothing.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p = (answers * share + z * z / 2) / (answers + z * z)
    se, n_se = (found[1] * sensitivity + 1) / (found[1] + 2), found[1] + 2
    sp, n_sp = (cleared[1] * specificity + 1) / (cleared[1] + 2), cleared[1] + 2
    youden = se + sp - 1
    centre = min(1.0, max(0.0, (p + sp - 1) / youden))
    of_se, of_sp = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * z * z * (centre * of_se - (1 - centre) * of_sp)
    spread = p * (1 - p) / (answers + z * z) + centre**2 * of_se + (1 - centre) ** 2 * of_sp
    half = z * math.sqrt(spread) / youden
    value = (share + specificity - 1) / (sensitivity + specificity - 1)
    return Corrected(
        value=min(1.0, max(0.0, value)),
        low=min(1.0, max(0.0, centre + shift - half)),
        high=min(1.0, max(0.0, centre + shift + half)),
        sensitivity=sensitivity,
        specificity=specificity,
    )


def _order(name: str) -> tuple[int, int]:
    question, _, sample = name[1:].partition(".s")
    return int(question), int(sample)


def sheet_rows(run: Run, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return id, question and answer of answers, as a sheet shows them."""
    rows = []
    for name in names:
        answer = run.answers[name]
        content = run.questions[answer.question].messages[-1].get("content")
        rows.append((name, content if isinstance(content, str) else "", answer.text))
    return rows
