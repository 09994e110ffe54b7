import pytest

from bankft.errors import UsageError
from bankft.evals import curve, diagnose


def steps(n, **curves):
    return [{"step": s, **{k: f(s) for k, f in curves.items()}} for s in range(1, n + 1)]


@pytest.mark.parametrize(
    ("rows", "signs"),
    [
        # Validation turns up while training goes on falling.
        (
            steps(20, train_loss=lambda s: 2 / s, valid_loss=lambda s: 1 + (s - 8) ** 2 / 100),
            ["overfitted"],
        ),
        # Both still fall when it ends.
        (
            steps(20, train_loss=lambda s: 3 - s / 10, valid_loss=lambda s: 3.2 - s / 10),
            ["underfitted"],
        ),
        (steps(20, train_loss=lambda s: 3 - s / 10), ["underfitted"]),  # without validation, too
        (steps(20, train_loss=lambda s: 2.0), ["not_learning"]),
        # Down, then level, both.
        (
            steps(
                40,
                train_loss=lambda s: max(0.5, 2 - s / 10),
                full_valid_loss=lambda s: max(0.6, 2 - s / 10) if s % 4 == 0 else None,
            ),
            ["fitted"],
        ),
        (steps(30, train_mean_reward=lambda s: min(1.0, 0.3 + s / 20)), ["saturated"]),
        (steps(30, train_mean_reward=lambda s: 0.5), ["plateau"]),
        (steps(30, train_mean_reward=lambda s: s / 60), []),  # it rises: nothing to say
        # Training reward goes up, held-out reward down: the grader is being gamed.
        (
            steps(
                30,
                train_mean_reward=lambda s: 0.4 + s / 60,
                full_valid_mean_reward=lambda s: 0.6 - abs(s - 10) / 60 if s % 5 == 0 else None,
            ),
            ["overoptimised"],
        ),
        (steps(20, entropy=lambda s: 2.0 * 0.8**s), ["entropy_collapse"]),
        (steps(20, kl=lambda s: s * 1.0), ["kl_drift"]),
        (steps(2, train_loss=lambda s: 1 / s), []),  # too short
    ],
)
def test_signs(rows, signs):
    found = diagnose(rows, language="en")
    assert [sign.name for sign in found] == signs
    for sign, chinese in zip(found, diagnose(rows, language="zh"), strict=True):
        assert sign.reason != chinese.reason
        assert sign.values == chinese.values


def test_the_reason_names_the_step_and_the_numbers():
    rows = steps(20, train_loss=lambda s: 2 / s, valid_loss=lambda s: 1 + (s - 8) ** 2 / 100)
    (sign,) = diagnose(rows, language="en")
    assert sign.step == 8
    assert "step 8 (1.000)" in sign.reason
    assert "2.440" in sign.reason


def test_curves():
    rows = [{"step": 2, "train_loss": 1.5, "kl": None}, {"step": 4, "train_loss": 1.0}]
    assert curve(rows, "train_loss") == [(2, 1.5), (4, 1.0)]
    assert curve(rows, "kl") == []
    for call in (
        lambda: curve(rows, "x"),
        lambda: diagnose([]),
        lambda: diagnose(rows, language="fr"),
    ):
        with pytest.raises(UsageError):
            call()
