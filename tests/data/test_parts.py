import itertools
import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bankft import data
from bankft.cases import fundbot
from bankft.errors import BankftError, DataError, UsageError

relaxed = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(st.integers(10, 2000), st.integers())
@example(400, 7)
@example(10, 0)
def test_every_example_lands_in_one_part_and_sizes_are_exact(n, seed):
    examples = list(range(n))
    parts = data.split(examples, seed=seed)
    assert examples == list(range(n))  # the caller's list stays as it is
    assert sorted(itertools.chain(*parts.values())) == examples
    for name, share in {"train": 0.8, "valid": 0.1, "test": 0.1}.items():
        assert abs(len(parts[name]) - n * share) < 1


@pytest.mark.parametrize(
    ("n", "shares", "sizes"),
    [
        (400, (0.8, 0.1, 0.1), (320, 40, 40)),
        (25, (0.8, 0.1, 0.1), (20, 3, 2)),  # what is left over goes to the first that lost most
        (10, (0.8, 0.1, 0.1), (8, 1, 1)),
        (3, (1 / 3, 1 / 3, 1 / 3), (1, 1, 1)),
        (100, (0.29, 0.29, 0.42), (29, 29, 42)),  # 0.29 * 100 is 28.999… in binary
    ],
)
def test_sizes(n, shares, sizes):
    parts = data.split(range(n), parts=dict(zip("abc", shares, strict=True)))
    assert tuple(map(len, parts.values())) == sizes


def test_the_same_seed_gives_the_same_parts_anywhere():
    before = random.getstate()
    assert data.split(range(20), seed=7) == {
        "train": [7, 12, 5, 6, 3, 9, 13, 8, 16, 18, 15, 0, 17, 19, 14, 11],
        "valid": [4, 2],
        "test": [10, 1],
    }
    assert data.split(range(20), seed=8) != data.split(range(20), seed=7)
    assert random.getstate() == before  # nobody else's random numbers change


@relaxed
@given(st.lists(st.integers(0, 30), max_size=300), st.integers(0, 9))
def test_a_group_is_never_torn(groups, seed):
    groups = [*range(31), *groups]
    parts = data.split(list(enumerate(groups)), seed=seed, group=lambda example: example[1])
    homes = [{group for _, group in part} for part in parts.values()]
    assert sum(map(len, homes)) == len(set(groups))
    assert sum(map(len, parts.values())) == len(groups)


def test_paraphrases_stay_together_and_sizes_stay_near():
    questions = fundbot.questions("train", 400)
    parts = data.split(questions, seed=7, group=lambda question: question.answer)
    answers = {name: {q.answer for q in part} for name, part in parts.items()}
    assert not answers["train"] & answers["test"]
    assert not answers["train"] & answers["valid"]
    assert abs(len(parts["train"]) - 320) <= 4


@pytest.mark.parametrize(
    "parts",
    [
        {"train": float("nan")},
        {"train": 0.8, "test": 0.3},
        {"train": 1.5, "test": -0.5},
        {"train": 1, "test": 0},
        {},
    ],
)
def test_shares_that_do_not_add_up_are_refused(parts):
    with pytest.raises(UsageError, match="add up to 1"):
        data.split(range(100), parts=parts)


def test_an_empty_part_is_never_given_in_silence():
    with pytest.raises(DataError, match="leave the part 'valid' empty"):
        data.split(range(3))
    with pytest.raises(DataError, match=r"in 2 group\(s\) leave the part"):
        data.split(range(100), group=lambda n: n % 2)


shares = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(
    lambda weights: {f"p{i}": w / sum(weights) for i, w in enumerate(weights)}
)


@relaxed
@given(st.lists(st.sampled_from("abcde"), min_size=40, max_size=400), shares, st.integers(0, 9))
@example(list("a" * 36 + "bcde"), {"train": 0.8, "valid": 0.1, "test": 0.1}, 0)
def test_each_stratum_is_shared_out_to_the_exact_example(strata, parts, seed):
    examples = list(enumerate(strata))
    try:
        made = data.split(examples, parts=parts, seed=seed, by=lambda example: example[1])
    except DataError:  # a share so small that rounding leaves nothing
        assert min(parts.values()) * len(strata) < 2
        return
    assert sorted(itertools.chain(*made.values())) == examples
    for name, share in parts.items():
        for stratum in set(strata):
            n = sum(s == stratum for _, s in made[name])
            assert abs(n - share * strata.count(stratum)) < 1
        assert abs(len(made[name]) - share * len(strata)) < 1.5  # small strata do not add up


def test_many_small_strata_leave_no_part_short():
    # 48 funds with 4 questions each: rounded fund by fund, the test part would get none.
    made = data.split(range(192), by=lambda n: n % 48)
    assert {name: len(part) for name, part in made.items()} == {
        "train": 154,
        "valid": 19,
        "test": 19,
    }


@relaxed
@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc")), max_size=200),
    st.integers(0, 9),
)
def test_groups_stay_whole_whatever_the_strata(pairs, seed):
    try:
        made = data.split(
            pairs, seed=seed, group=lambda pair: pair[0], by=[stratum for _, stratum in pairs]
        )
    except DataError:
        assert len({group for group, _ in pairs}) < 40  # only where groups are few
        return
    assert sorted(itertools.chain(*made.values())) == sorted(pairs)
    homes = [{group for group, _ in part} for part in made.values()]
    assert sum(map(len, homes)) == len({group for group, _ in pairs})


def test_strata_stay_near_when_customers_stay_whole():
    # 300 customers with one to five questions of three kinds, the rarest one question in ten.
    rng = random.Random(3)
    rows = [
        (customer, rng.choices("abc", [60, 30, 10])[0])
        for customer in range(300)
        for _ in range(rng.randint(1, 5))
    ]
    made = data.split(rows, seed=1, group=lambda row: row[0], by=lambda row: row[1])
    for name, share in {"train": 0.8, "valid": 0.1, "test": 0.1}.items():
        for kind in "abc":
            wanted = share * sum(k == kind for _, k in rows)
            assert abs(sum(k == kind for _, k in made[name]) - wanted) <= 2


def test_what_shares_any_label_stays_together():
    #            same customer    same question     alone        joined through the second
    customers = ["An", "An", "Bo", "Bo", "Cy", None, "Di"]
    questions = ["fee", "risk", "risk", "buy", "sell", "sell", None]
    assert data.together(customers, questions) == [0, 0, 0, 0, 4, 4, 6]
    assert data.together() == []
    with pytest.raises(UsageError, match="differ in length"):
        data.together([1], [1, 2])


def test_a_list_of_labels_has_one_for_each_example():
    with pytest.raises(UsageError, match=r"by has 2 label\(s\) for 10"):
        data.split(range(10), by=["a", "b"])


def test_labels_that_cannot_be_compared_are_refused():
    with pytest.raises(UsageError, match="by gives example 2 a list"):
        data.split("abc", by=["a", ["b"], "c"])


@relaxed
@given(
    st.lists(st.integers(0, 20), max_size=60),
    st.dictionaries(st.sampled_from("abc"), st.floats(), max_size=3),
    st.integers(),
)
def test_whatever_is_given_a_partition_or_a_sentence(labels, parts, seed):
    try:
        made = data.split(labels, parts=parts, seed=seed, group=labels, by=lambda n: n % 3)
    except BankftError:
        return
    assert sorted(itertools.chain(*made.values())) == sorted(labels)
