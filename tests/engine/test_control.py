"""The monitors: what they see in a step, and that a gamed reward sets them off."""

from collections import Counter

import pytest

pytestmark = pytest.mark.service


def looks(**changes):
    from bankft.engine.control import Looks

    usual = {
        "reward": 0.5,
        "reward_std": 0.3,
        "flat_share": 0.2,
        "at_ceiling": 0.3,
        "length": 20.0,
        "truncated": 0.0,
        "repetition": 0.0,
        "sameness": 0.1,
        "kl": 0.02,
        "entropy": 0.5,
        "length_correlation": 0.0,
    }
    return Looks(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"entropy": 0.04}, ["entropy_collapse"]),
        ({"entropy": 0.1}, []),  # surer is not collapsed
        ({"repetition": 0.3}, ["repetition"]),
        ({"sameness": 0.5}, ["mode_collapse"]),
        ({"length": 31.0}, ["length_hacking"]),
        ({"length": 9.0}, ["length_hacking"]),
        ({"length": 25.0}, []),
        ({"kl": 0.5}, ["kl_runaway"]),
        ({"at_ceiling": 0.97}, ["saturated"]),
        ({"flat_share": 1.0}, ["flat_groups"]),
        ({"kl": 2.0, "length": 100.0, "repetition": 0.9}, ["repetition", "length_hacking", "kl_"]),
    ],
)
def test_each_warning_has_its_cause(changes, codes):
    from bankft.engine.control import Monitor

    monitor = Monitor()
    for _ in range(3):
        assert monitor.warnings(looks()) == ()
    found = monitor.warnings(looks(**changes))
    assert len(found) == len(codes)
    assert all(one.startswith(code) for one, code in zip(found, codes, strict=True))


def test_a_warning_comes_once_a_run():
    from bankft.engine.control import Monitor

    monitor = Monitor()
    for _ in range(3):
        monitor.warnings(looks())
    assert monitor.warnings(looks(kl=1.0))
    again = Monitor(**monitor.state())  # as a resumed run has it
    assert not again.warnings(looks(kl=1.0))
    assert not again.warnings(looks())
    assert not again.warnings(looks(kl=1.0))


def test_a_step_is_described():
    from bankft.engine.control import look
    from bankft.engine.reward import Graded
    from bankft.engine.rollouts import Answer, Prompt

    def one(group, ids, reward, text, ended=True, count=1):
        old, reference = [-1.0] * len(ids), [-1.5] * len(ids)
        prompt = Prompt({}, [1])
        return Answer(prompt, group, ids, old, ended, text, Graded(reward), reference, count)

    found = look([one(0, [1, 2], 1.0, "a", count=2), one(1, [5] * 8, 0.0, "b", ended=False)])
    assert (found.length, found.truncated, found.sameness) == (4.0, 1 / 3, 2 / 3)
    assert found.repetition == pytest.approx(0.8 / 3)
    assert found.entropy == pytest.approx(1.0)
    assert found.kl == pytest.approx(0.1065, abs=1e-3)  # e^-0.5 + 0.5 - 1
    assert (found.flat_share, found.at_ceiling) == (1.0, 2 / 3)


ITEMS = [{"messages": [{"role": "user", "content": f"{i}?"}]} for i in range(8)]


def hacked(tiny, out, reward, **options):
    from bankft.engine import train_rft

    steps = []
    train_rft(
        tiny,
        ITEMS,
        None,
        out,
        reward=reward,
        n_epochs=50,
        batch_size=8,
        learning_rate_multiplier=30.0,
        max_tokens=24,
        seed=1,
        threads=1,
        on_step=steps.append,
        **options,
    )
    return steps, {one.split(":")[0] for step in steps for one in step.warnings}


def test_a_bad_reward_without_kl_collapses_and_is_flagged(tiny, tmp_path):
    """A reward for saying one thing again: the model does, and the monitors say so."""
    from bankft.engine import Graded

    def again(samples):
        return [Graded(max(Counter(s.ids).values()) / 24) for s in samples]

    steps, codes = hacked(tiny, tmp_path, again, kl=0.0)
    assert steps[-1].train_mean_reward > steps[0].train_mean_reward + 0.3
    assert steps[-1].repetition > steps[0].repetition + 0.3
    assert steps[-1].entropy < steps[0].entropy / 2
    assert {"repetition", "kl_runaway"} <= codes, codes
    # Held to the reference, the same reward does less harm.
    held, _ = hacked(tiny, tmp_path / "held", again, kl=1.0)
    assert held[-1].kl < steps[-1].kl / 3
