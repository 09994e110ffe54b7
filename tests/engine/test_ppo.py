"""PPO: advantages by hand, and the reward rises on a tiny task, three seeds of three."""

import pytest

pytestmark = pytest.mark.service


@pytest.mark.parametrize(
    ("rewards", "values", "wanted"),
    [
        ([0, 0, 1], [0, 0, 0], [0.9025, 0.95, 1.0]),  # credit fades by λ towards the beginning
        ([0, 0, 1], [1, 1, 1], [0, 0, 0]),  # nothing new where the values knew it
        ([1, 0, 0], [0, 0, 0], [1, 0, 0]),  # what comes before is not blamed
        ([0, 0, 0], [0, 0.5, 0], [0.5 - 0.95 * 0.5, -0.5, 0]),
    ],
)
def test_advantages_by_hand(rewards, values, wanted):
    import torch

    from bankft.engine.ppo import gae

    # One position before the answer and one behind it are not learnt.
    wide = [torch.tensor([[9.0, *map(float, row), 9.0]]) for row in (rewards, values)]
    learnt = torch.tensor([[0.0, 1, 1, 1, 0]])
    better, returns = gae(*wide, learnt)
    assert better[0].tolist() == pytest.approx([0, *wanted, 0])
    assert returns[0, 1:4].tolist() == pytest.approx(
        [a + v for a, v in zip(wanted, values, strict=True)]
    )


def even_tokens(samples):
    from bankft.engine import Graded

    return [Graded(sum(i % 2 == 0 for i in s.ids) / max(1, len(s.ids))) for s in samples]


ITEMS = [{"messages": [{"role": "user", "content": f"{i}?"}]} for i in range(8)]


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reward_rises(tiny, tmp_path, algorithm, seed):
    """Half of a model's tokens have even numbers; it learns to prefer them."""
    from bankft.engine import train_rft

    steps = []
    train_rft(
        tiny,
        ITEMS,
        None,
        tmp_path,
        reward=even_tokens,
        algorithm=algorithm,
        n_epochs=50,
        batch_size=8,
        learning_rate_multiplier=30.0,
        max_tokens=8,
        kl=0.0,
        seed=seed,
        threads=1,
        on_step=steps.append,
    )
    first, last = (sum(s.train_mean_reward for s in part) / 3 for part in (steps[:3], steps[-3:]))
    assert last > first + 0.2, (first, last)
    if algorithm == "ppo":
        assert steps[-1].explained_variance is not None
        assert steps[-1].value_loss >= 0


def test_the_penalty_is_in_the_reward_token_by_token(tiny):
    import torch

    from bankft.engine import packing, ppo
    from bankft.engine.folder import load
    from bankft.engine.reward import Graded
    from bankft.engine.rollouts import Answer, Prompt

    one = Answer(Prompt({}, [5, 6]), 0, [7, 8], [-1.0, -2.0], True, "", Graded(1.0), [-1.5, -2.0])
    earned = ppo.token_rewards(packing.lay_out(load(tiny)[0], [one], 0), kl=0.1)
    assert torch.allclose(earned, torch.tensor([[-0.05, 1.0]]))
