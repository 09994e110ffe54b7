"""GRPO: advantages by hand, the loss TRL's to the digit, and what it learns is what is rewarded."""

import pytest

pytestmark = pytest.mark.service


def answer(group, prompt, ids, reward, logprobs=None, reference=None):
    from bankft.engine.reward import Graded
    from bankft.engine.rollouts import Answer, Prompt

    zeros = [0.0] * len(ids)
    return Answer(
        Prompt({}, prompt),
        group,
        ids,
        logprobs or zeros,
        True,
        " ".join(map(str, ids)),
        Graded(reward),
        reference or zeros,
    )


@pytest.mark.parametrize(
    ("rewards", "groups", "wanted"),
    [
        ([1.0, 0.0], [0, 0], [0.70701, -0.70701]),
        ([2.0, 0.0, 1.0], [0, 0, 0], [0.9999, -0.9999, 0.0]),
        ([1.0, 1.0, 1.0], [0, 0, 0], [0.0, 0.0, 0.0]),  # all alike teach nothing
        ([0.3, 0.3 + 1e-9], [0, 0], [0.0, 0.0]),  # a difference of rounding is none
        ([5.0], [0], [0.0]),  # alone, there is nothing to compare with
        ([0.0, 1.0, 5.0], [0, 0, 1], [-0.70701, 0.70701, 0.0]),  # nor does it change the scale
        # A comma beside a violation stays small …
        ([1.0, 0.0, 0.9, 1.0], [0, 0, 1, 1], [1.21837, -1.21837, -0.12184, 0.12184]),
        # … and the other group's level does not matter, but how far its answers are apart.
        ([1.0, 0.0, 8.9, 9.0], [0, 0, 1, 1], [1.21837, -1.21837, -0.12184, 0.12184]),
    ],
)
def test_advantages_are_within_the_group_on_one_scale(rewards, groups, wanted):
    from bankft.engine.grpo import advantages

    assert advantages(rewards, groups) == pytest.approx(wanted, abs=1e-4)


def test_loss_and_gradient_are_trls(tiny, tmp_path):
    """One batch, off-policy enough that some ratios are clipped, with the KL term."""
    import torch
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    from bankft.engine import grpo, packing
    from bankft.engine.folder import load

    model, tokenizer = load(tiny)
    generator = torch.Generator().manual_seed(0)

    def some(n):
        return torch.randint(5, 600, (n,), generator=generator).tolist()

    prompts = [some(4), some(7)]
    answers = []
    for group, reward, length in ((0, 1.0, 5), (0, 0.0, 3), (1, 0.2, 6), (1, 0.7, 2)):
        old, reference = (torch.rand(length, generator=generator) * -12 for _ in range(2))
        one = answer(group, prompts[group], some(length), reward, old.tolist(), reference.tolist())
        answers.append(one)
    better = grpo.advantages([1.0, 0.0, 0.2, 0.7], [0, 0, 1, 1])
    batch = packing.lay_out(model, answers, 0)
    tokens = sum(len(one.ids) for one in answers)
    logp, _ = packing.logprobs(model, batch)
    ours, clipped = grpo.loss(logp, batch, torch.tensor(better), clip=0.2, kl=0.04, tokens=tokens)
    ours.backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()

    config = GRPOConfig(
        output_dir=str(tmp_path),
        loss_type="dapo",
        epsilon=0.2,
        beta=0.04,
        per_device_train_batch_size=4,
        num_generations=2,
        report_to="none",
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
    )
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=lambda **kwargs: [0.0],
        args=config,
        train_dataset=Dataset.from_list([{"prompt": "a"}] * 4),
        processing_class=tokenizer,
    )
    trainer.current_gradient_accumulation_steps = 1

    def padded(rows, left):
        width = max(map(len, rows))
        fill = [[0] * (width - len(row)) for row in rows]
        ids = [f + r if left else r + f for f, r in zip(fill, rows, strict=True)]
        ones = [[1] * len(row) for row in rows]
        mask = [f + o if left else o + f for f, o in zip(fill, ones, strict=True)]
        return torch.tensor(ids), torch.tensor(mask)

    prompt_ids, prompt_mask = padded([one.prompt.ids for one in answers], left=True)
    ids, mask = padded([one.ids for one in answers], left=False)
    inputs = {
        "prompt_ids": prompt_ids,
        "prompt_mask": prompt_mask,
        "completion_ids": ids,
        "completion_mask": mask,
        "advantages": torch.tensor(better),
        "old_per_token_logps": padded([one.logprobs for one in answers], left=False)[0],
        "ref_per_token_logps": padded([one.reference for one in answers], left=False)[0],
        "num_items_in_batch": torch.tensor(float(tokens)),
    }
    model.train()
    theirs = trainer._compute_loss(model, inputs)
    assert 0 < float(clipped.sum()) < tokens
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    theirs.backward()
    for ours_, theirs_ in zip(gradients, model.parameters(), strict=True):
        assert torch.allclose(ours_, theirs_.grad, rtol=1e-3, atol=1e-5)


def test_equal_answers_learnt_at_once_give_the_same_step(tiny):
    import torch

    from bankft.engine import grpo, rollouts
    from bankft.engine.folder import load

    answers = [answer(0, [5, 6, 7], [8, 9], 1.0) for _ in range(3)]
    answers += [answer(0, [5, 6, 7], [10], 0.0), answer(1, [5, 6], [11, 12], 0.4)]
    answers += [answer(1, [5, 6], [11, 12], 0.4)]  # a flat group
    weights = []
    for given in (answers, rollouts.merge(answers)):
        model, _ = load(tiny)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        grpo.update(model, optimizer, given, pad=0, clip=0.2, kl=0.1, grad_clip=1e9)
        weights.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    assert [one.count for one in rollouts.merge(answers)] == [3, 1, 2]
    assert torch.allclose(*weights, atol=1e-4)
    assert not torch.equal(
        weights[0], torch.cat([p.detach().flatten() for p in load(tiny)[0].parameters()])
    )


def test_a_step_makes_the_better_answer_likelier(tiny):
    import torch

    from bankft.engine import grpo, packing
    from bankft.engine.folder import load

    model, _ = load(tiny)
    answers = [answer(0, [5, 6, 7], [8, 9], 1.0), answer(0, [5, 6, 7], [10, 11], 0.0)]

    def chances():
        with torch.no_grad():
            batch = packing.lay_out(model, answers, 0)
            logp, _ = packing.logprobs(model, batch)
            return (logp * batch.learnt).sum(-1)

    before = chances()
    answers = [
        answer(0, one.prompt.ids, one.ids, one.graded.reward, [float(p) / 2] * 2)
        for one, p in zip(answers, before, strict=True)
    ]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    found = grpo.update(model, optimizer, answers, pad=0, clip=0.9, kl=0.0, grad_clip=1.0)
    after = chances()
    assert after[0] > before[0]
    assert after[1] < before[1]
    assert found["grad_norm"] > 0
