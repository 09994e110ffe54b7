"""Agreement with people: the published values, and what cannot be compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankft.data import cohen_kappa
from bankft.errors import UsageError
from bankft.graders import Errors, Result, agreement


def scored(*rewards, **more):
    return [Result(reward=reward, name="g", type="score_model", **more) for reward in rewards]


def labelled(*labels):
    return [Result(reward=1.0, name="g", type="label_model", label=label) for label in labels]


def test_labels():
    # 45 of 50, the textbook table of two raters
    given = labelled(*["yes"] * 20, *["no"] * 5, *["yes"] * 10, *["no"] * 15)
    human = ["yes"] * 25 + ["no"] * 25
    found = agreement(given, human)
    assert (round(found.kappa, 2), found.weighted, found.same, found.items) == (0.4, False, 0.7, 50)
    assert found.interval[0] < found.kappa < found.interval[1]


def test_passing():
    results = [
        Result(reward=0, name="g", type="string_check", passed=passed)
        for passed in (True, True, False, False)
    ]
    assert agreement(results, [True, True, False, False]).kappa == 1
    assert agreement(results, [False, False, True, True]).kappa == -1


def test_scores_near_the_truth_count_for_more():
    human = [0, 0.25, 0.5, 0.75, 1] * 6
    near = [min(1, score + 0.25) for score in human]
    far = [1 - score for score in human]
    assert agreement(scored(*human), human).kappa == 1
    assert 0.7 < agreement(scored(*near), human).kappa < 1
    assert agreement(scored(*far), human).kappa == pytest.approx(-1)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_of_two_values_both_kappas_are_one(pairs):
    one, other = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    try:
        plain = cohen_kappa(one, other)
    except UsageError:
        with pytest.raises(UsageError):
            agreement(scored(*one), other)
        return
    found = agreement(scored(*one), other)
    assert found.kappa == pytest.approx(plain.value)
    assert found.interval == pytest.approx(plain.interval, abs=1e-6)


def test_what_failed_is_counted_and_not_compared():
    broken = scored(0.0, errors=Errors(model_grader_parse_error=True))
    found = agreement([*scored(0, 1), *broken], [0, 1, 1])
    assert (found.items, found.failed, found.kappa) == (2, 1, 1)


@pytest.mark.parametrize(
    ("results", "human", "said"),
    [
        (scored(1), [], "1 results, but 0 human labels"),
        ([], [], "no result to compare"),
        (scored(1, 0), [1, "no"], "all texts"),
        (scored(1, 0), [1, float("nan")], "finite"),
        (scored(1, 0), [1, None], "all texts"),
        (scored(1, 0), ["yes", "no"], "gives no label"),
        (scored(1, 0), [True, False], "pass_threshold"),
        (scored(1, 1), [1, 1], "one and the same"),
        (labelled("a", "a"), ["a", "a"], "one and the same"),
    ],
)
def test_what_cannot_be_compared(results, human, said):
    with pytest.raises(UsageError, match=said):
        agreement(results, human)
